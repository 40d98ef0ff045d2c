/** The command `init`: what it writes, and where it does not. That the project works: `firstGame.test.ts`. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';

const run = promisify(execFile);
const root = dirname(built('.'));
const main = built('src/cli/main.js');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-init-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `init`. */
async function init(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [main, 'init', ...args], { cwd: folder });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

describe('init', () => {
  test('writes the files of both sides, and says what comes next', async () => {
    const { code, out } = await init('My Game');
    expect([code, out]).toEqual([0, expect.stringContaining('cd "My Game"\n  npm install\n  npm test')]);
    const at = (path: string): string => join(folder, 'My Game', path);
    for (const path of ['.gitignore', '.dockerignore', '.github/workflows/ci.yml', 'game/project.godot'])
      expect([path, existsSync(at(path))]).toEqual([path, true]);
    const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'my-game', dependencies: { 'godot-enet': `^${version}` } });
    expect(readFileSync(at('README.md'), 'utf8')).toMatch(/^# my-game\n/);
  });

  test('writes into no folder that has files, unless it is told so', async () => {
    const there = mkdtempSync(join(folder, 'there-'));
    writeFileSync(join(there, 'mine.txt'), 'mine');
    expect(await init(there)).toMatchObject({ code: 2, err: expect.stringContaining('has files already') });
    expect(readdirSync(there)).toEqual(['mine.txt']);
    expect(await init(there, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(join(there, 'mine.txt'), 'utf8')).toBe('mine');
  });

  test('says what is wrong with a folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await init('file')).toMatchObject({ code: 2, err: expect.stringContaining('is no folder') });
    expect(await init('...')).toMatchObject({ code: 1, err: expect.stringContaining('letters or digits') });
    expect(await init()).toMatchObject({ code: 1 });
  });

  test('a path of the package counts from where it is given', async () => {
    const archive = join(folder, 'packed.tgz');
    writeFileSync(archive, '');
    const specWith = async (spec: string): Promise<string> => {
      const made = mkdtempSync(join(folder, 'spec-'));
      expect(await init(join(basename(made), 'game'), '--package', spec)).toMatchObject({ code: 0 });
      return JSON.parse(readFileSync(join(made, 'game', 'package.json'), 'utf8')).dependencies['godot-enet'];
    };
    for (const spec of ['packed.tgz', './packed.tgz', 'file:packed.tgz'])
      expect([spec, await specWith(spec)]).toEqual([spec, 'file:../../packed.tgz']);
    for (const spec of [archive, `file:${archive}`])
      expect([spec, await specWith(spec)]).toEqual([spec, `file:${archive}`]);
    for (const spec of ['0.1.0', 'https://example.org/packed.tgz', 'github:somebody/godot-enet'])
      expect(await specWith(spec)).toBe(spec);
    expect(await init('lacking', '--package', './none.tgz')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--package expected a file or folder that is there, got "./none.tgz"'),
    });
    expect(existsSync(join(folder, 'lacking'))).toBe(false);
  });

  test('the game is the one of the guide', () => {
    const guide = readFileSync(join(root, 'docs/guide/stock-game.md'), 'utf8');
    const game = join(root, 'templates/project/game');
    for (const file of readdirSync(game)) expect(guide).toContain(readFileSync(join(game, file), 'utf8'));
  });
});
