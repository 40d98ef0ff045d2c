/**
 * The network thread runs its program from `dist`, also when a test runs the sources (Node 20 has no TypeScript in workers).
 * A file that starts a thread while the build is stale fails, and says how to build.
 */
import { afterAll, inject } from 'vitest';
import { checkBuild, watchThreads } from './built.ts';

const watch = watchThreads();

afterAll(() => {
  watch.end();
  if (watch.count > 0) checkBuild(inject('staleBuild'));
});
