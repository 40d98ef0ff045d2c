import type { TestProject } from 'vitest/node';
import { whyStale } from '../../scripts/sourceStamp.mjs';
import { reportPeers } from './peers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why `dist` is not what the sources would give, as `watchBuild.ts` tells it; empty: it is. */
    staleBuild: string;
  }
}

/** Before a run: which live peers are missing and how to install them, and whether `dist` is up to date. */
export default function setup(project: TestProject): void {
  reportPeers();
  const look = (): void => project.provide('staleBuild', whyStale(project.config.root) ?? '');
  look();
  project.onTestsRerun(() => Promise.resolve(look()));
}
