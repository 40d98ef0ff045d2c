/** How the set-up of a checkout tells that it goes on, and why it failed. */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

const MODULE = new URL('../../scripts/progress.mjs', import.meta.url).href;

/** Runs a program of Node with progress, in a process whose output is no terminal. */
function run(program: string): Promise<{ code: number; out: string; err: string }> {
  const code = `
    import { runWithProgress } from ${JSON.stringify(MODULE)};
    process.exitCode = await runWithProgress('setup: trying', process.execPath, ['-e', ${JSON.stringify(program)}], {}, () => '3 of 5');`;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--input-type=module', '-e', code], (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

test('what goes well is told in two lines, whatever it says', async () => {
  const { code, out, err } = await run('console.log("chatter"); console.error("more")');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^setup: trying\nsetup: trying, \d+ s: done\n$/);
});

test('what fails shows what it has said, and has its exit code', async () => {
  const { code, out, err } = await run('console.log("one"); console.error("two"); process.exit(7)');
  expect(code).toBe(7);
  expect(out).toMatch(/: FAILED\n$/);
  expect(err.split('\n').toSorted()).toEqual(['', 'one', 'two']);
});
