/**
 * The packed package on Bun and Deno, as docs/guide/runtimes.md says; with the programs of the folder `runtimes`, which run on this Node as
 * well. Runtimes that are not installed are skipped by name.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';
import { install, type Project } from './installed.ts';

const ROOT = dirname(built('.'));
const PROGRAMS = fileURLToPath(new URL('runtimes/', import.meta.url));
const RUNTIMES = {
  node: [process.execPath],
  bun: ['bun'],
  deno: ['deno', 'run', '--allow-all', '--no-remote', '--node-modules-dir=manual'],
} as const;
/** What is run, and what it proves. */
const CASES: readonly (readonly string[])[] = [
  ['codec.mjs'],
  ['virtual.mjs'],
  ['play.mjs'],
  ['play.mjs', 'COMPRESS_RANGE_CODER'],
  ['play.mjs', 'COMPRESS_ZLIB'],
  ['play.mjs', 'COMPRESS_FASTLZ'],
  ['play.mjs', 'dtls'],
  ['play.mjs', 'thread'],
  ['multiplayer.mjs'],
  ['websocket.mjs'],
];
/** Node 20 has none. */
const ZSTD = ['play.mjs', 'COMPRESS_ZSTD'];

let project: Project;
beforeAll(() => {
  project = install();
  for (const name of readdirSync(PROGRAMS)) copyFileSync(join(PROGRAMS, name), join(project.folder, name));
  // A number of packages that others look for on the way up, as npm would install them.
  for (const name of ['ws', 'koffi']) {
    const to = join(project.folder, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), to);
  }
  project.file('package.json', '{ "type": "module" }');
  const cert = [built('src/cli/main.js'), 'cert', '--out', join(project.folder, 't')];
  execFileSync(process.execPath, cert, { stdio: 'pipe' });
}, 60_000);
afterAll(() => {
  project.remove();
});

function run(command: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [program = '', ...args] = command;
  const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd: project.folder, timeout: 20_000, env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe.each(Object.entries(RUNTIMES))('%s', (name, command) => {
  const isThere = spawnSync(command[0], ['--version']).status === 0;
  const note = isThere ? '' : ` [skipped: needs ${name} in the PATH]`;

  test.skipIf(!isThere)(`programs end with ok${note}`, { timeout: 60_000 }, async () => {
    const cases = name === 'node' ? CASES : [...CASES, ZSTD];
    for (const args of cases) {
      const { code, out, err } = await run([...command, ...args]);
      expect([args.join(' '), code, out], err).toEqual([args.join(' '), 0, 'ok\n']);
    }
  });

  test.skipIf(!isThere)(`the command line${note}`, { timeout: 60_000 }, async () => {
    const main = join(project.folder, 'node_modules/godot-enet/dist/src/cli/main.js');
    const { code, out, err } = await run([...command, main, 'dissect', '--hex', '8000022a85ff0003']);
    expect([code, out.split('\n')[1]], err).toEqual([0, '    PING #3']);
  });
});

test('the guide says which versions were tried', () => {
  const guide = readFileSync(join(ROOT, 'docs/guide/runtimes.md'), 'utf8');
  for (const name of ['Node', 'Bun', 'Deno']) expect(guide).toMatch(new RegExp(`^\\| ${name} \\d`, 'm'));
});
