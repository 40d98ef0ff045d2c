/** What all commands look like: colours where somebody looks and nowhere else, columns, a line of progress, JSON of every report. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasColours, Look } from '../../src/cli/look/Look.ts';
import { ProgressLine } from '../../src/cli/look/ProgressLine.ts';
import { table } from '../../src/cli/look/table.ts';
import { built } from '../support/built.ts';

const main = built('src/cli/main.js');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-look-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the built program. */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const all = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env };
    const child = execFile(process.execPath, [main, ...args], { cwd: folder, env: all }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

describe('colours', () => {
  test.each<[string, boolean | undefined, Record<string, string>, boolean]>([
    ['a terminal', true, { TERM: 'xterm' }, true],
    ['a file', undefined, { TERM: 'xterm' }, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR, which says nothing', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
    ['FORCE_COLOR in a file', undefined, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR before NO_COLOR', true, { FORCE_COLOR: '', NO_COLOR: '1' }, true],
    ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['FORCE_COLOR=false', true, { FORCE_COLOR: 'false' }, false],
  ])('%s', (_, isTTY, env, expected) => {
    expect(hasColours({ isTTY }, env)).toBe(expected);
  });

  test('the first rule that matches decides, and nothing is lost', () => {
    const look = new Look(true);
    const rules = [
      [/b+/, 'bad'],
      [/[a-c]+/, 'good'],
    ] as const;
    expect(look.highlight('abbc d\nd', rules)).toBe(
      '\u001b[32ma\u001b[0m\u001b[31mbb\u001b[0m\u001b[32mc\u001b[0m d\nd',
    );
    expect(new Look(false).highlight('abbc', rules)).toBe('abbc');
    expect(look.paint('title', '')).toBe('');
  });

  test('the program has none in a pipe, and what is captured cannot bring its own', async () => {
    const datagram = ['dissect', '--hex', '8000022a86000008000a04050000001b5b33316d21'];
    const plain = await run(datagram);
    const painted = await run(datagram, { FORCE_COLOR: '1' });
    expect(plain.out).not.toContain('\u001b');
    expect(painted.out).toContain('\u001b[1m[1]\u001b[0m');
    // The text of the packet, not a colour.
    expect(painted.out).not.toContain('\u001b[31m!');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(painted.out.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain.out);
    const json = await run([...datagram, '--json'], { FORCE_COLOR: '1' });
    expect(json.out).not.toContain('\u001b');
    expect((await run(['dissct'], { FORCE_COLOR: '1' })).err).toBe(
      "\u001b[31merror:\u001b[0m unknown command 'dissct'\n(Did you mean \u001b[32mdissect\u001b[0m?)\n(see --help)\n",
    );
  });
});

test('columns are as wide as what is in them', () => {
  expect(table([['a', 'bb'], ['ccc', '', 'd'], []], '  ')).toEqual(['  a    bb', '  ccc      d', '']);
});

test('a line that shall never stay is told on terminals alone', () => {
  const told: string[] = [];
  const tell = (text: string): unknown => told.push(text);
  const elsewhere = new ProgressLine({ columns: undefined, tell }, Number.POSITIVE_INFINITY);
  elsewhere.show('1', 0);
  elsewhere.end('done');
  const terminal = new ProgressLine({ columns: 4, tell }, Number.POSITIVE_INFINITY);
  terminal.show('12345', 0);
  terminal.end();
  expect(told).toEqual(['done\n', '\r\u001b[K123', '\r\u001b[K']);
});

test('a choice that there is not is told what was meant', async () => {
  const { code, err } = await run(['dissect', '--hex', '00', '--compression', 'zlip']);
  expect(code).toBe(1);
  expect(err.split('\n')[1]).toBe('(Did you mean zlib?)');
});

describe('--json', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const json = async (args: readonly string[]): Promise<{ code: number; value: unknown }> => {
    const { code, out } = await run([...args, '--json']);
    expect(out.split('\n')).toHaveLength(2);
    return { code, value: JSON.parse(out) };
  };

  test('init: what was made', async () => {
    expect(await json(['init', 'game'])).toMatchObject({
      code: 0,
      value: {
        directory: 'game',
        name: 'game',
        files: expect.arrayContaining(['.gitignore', 'package.json', 'game/project.godot']),
        next: ['cd game', 'npm install', 'npm test', 'npm start'],
      },
    });
  });

  test('cert: the files, for whom, and how long', async () => {
    const { value } = await json(['cert', '--out', 'own', '--name', 'game.example']);
    expect(value).toMatchObject({
      keyFile: 'own.key',
      certificateFile: 'own.crt',
      names: ['game.example'],
      notAfter: expect.stringMatching(/^20\d\d-.*Z$/),
      fingerprint256: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}/),
    });
    expect(readFileSync(join(folder, 'own.key'), 'utf8')).toContain('PRIVATE KEY');
  });

  test('validate: valid or not, with the same exit codes', async () => {
    const good = file('good.tscn', '[gd_scene format=3]\n\n[node name="A" type="Node"]\n');
    expect(await json(['validate', good])).toEqual({
      code: 0,
      value: { file: good, isValid: true, content: '1 node', problems: [], issues: [] },
    });
    const bad = file('bad.json', '{"format":"x"}');
    const { code, value } = await json(['validate', bad]);
    expect(code).toBe(2);
    expect(value).toMatchObject({ file: bad, isValid: false, content: null });
    expect((value as { problems: string[] }).problems[0]).toContain('bad.json');
  });

  test('types and gdscript: what was written, or would be', async () => {
    const module = file(
      'scripts.mjs',
      `import { NodeScript, rpc } from ${JSON.stringify(built('src/multiplayer.js'))};
      export class Player extends NodeScript {
        static path = 'res://player.gd';
        static rpcs = { hit: rpc('any_peer').args('int') };
        hit(damage) {}
      }`,
    );
    expect(await json(['gdscript', module])).toMatchObject({
      code: 0,
      value: { scripts: [{ path: 'res://player.gd', text: expect.stringContaining('func hit(') }] },
    });
    const { value } = await json(['gdscript', module, '--out', 'project']);
    expect(value).toMatchObject({ scripts: [{ target: join(folder, 'project/player.gd') }] });
    file('project/project.godot', 'config_version=5\n');
    const types = { file: join('server', 'godot.ts'), changed: [], problems: [] };
    expect(await json(['types', 'project', '--out', 'server', '--check'])).toEqual({
      code: 4,
      value: { ...types, isFresh: false, isWritten: false },
    });
    expect(await json(['types', 'project', '--out', 'server'])).toEqual({
      code: 0,
      value: { ...types, isFresh: true, isWritten: true },
    });
  });

  test('each command that reports something takes it', async () => {
    const { out } = await run(['--help']);
    const names = [...out.matchAll(/^ {2}([a-z]+) (?![[]command)/gm)].map(([, name = '']) => name);
    // A scene is JSON, and a script for a shell is nothing else.
    const others = ['scene', 'completion', 'help'];
    expect(names).toEqual(
      expect.arrayContaining(['init', 'dissect', 'doctor', 'load', 'validate', 'types', 'gdscript', 'cert']),
    );
    for (const name of names.filter((one) => !others.includes(one)))
      expect([name, (await run([name, '--help'])).out.includes('--json')]).toEqual([name, true]);
  });
});
