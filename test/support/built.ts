/** What tests use of the built package in `dist`. The sources may have changed since: a test never runs a stale build. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/**
 * The path of a file in `dist`, for tests that run programs of the package as its users do.
 *
 * @param path from `dist`, e.g. `src/cli/main.js`.
 * @throws Error when the build is stale.
 */
export function built(path: string): string {
  checkBuild(inject('staleBuild'));
  return join(DIST, path);
}

/**
 * The path of a program of a test that imports the built package.
 *
 * @throws Error when the build is stale.
 */
export function onBuilt(program: URL): string {
  checkBuild(inject('staleBuild'));
  return fileURLToPath(program);
}

/** @throws Error when there is a reason `why` the build is stale. */
export function checkBuild(why: string): void {
  if (why !== '') throw new Error(`${why}: npm run build`);
}

/** Notes whether a thread is started from now on: its program is in `dist`, also when the sources run. */
export function watchThreads(): { readonly count: number; end(): void } {
  const watch = {
    count: 0,
    end: (): void => {
      process.off('worker', note);
    },
  };
  const note = (): void => {
    watch.count++;
  };
  process.on('worker', note);
  return watch;
}
