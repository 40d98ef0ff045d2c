/** The rules of docs/decisions/0001-sans-io-layers.md fail when they should: each forbidden line, in a copy. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let copy = '';

/** A rule of `npm run layers`, and a line that breaks it. */
const LAYERS: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['codec-alone', 'codec/fromNode.ts', "import 'node:fs';"],
  ['codec-alone', 'codec/fromSchema.ts', "import '../schema/index.ts';"],
  ['codec-alone', 'codec/fromEnet.ts', "import '../src/enet/index.ts';"],
  ['codec-alone', 'codec/fromPackage.ts', "import 'commander';"],
  ['codec-alone', 'codec/fromTypes.ts', "export type { E } from '../src/enet/index.ts';"],
  ['schema-on-codec', 'schema/fromTimers.ts', "import 'node:timers';"],
  ['schema-on-codec', 'schema/fromEnet.ts', "import '../src/enet/index.ts';"],
  ['enet-alone', 'src/enet/fromNode.ts', "import 'node:dgram';"],
  ['enet-alone', 'src/enet/fromClock.ts', "import 'node:perf_hooks';"],
  ['enet-alone', 'src/enet/fromCodec.ts', "import '../../codec/index.ts';"],
  ['enet-alone', 'src/enet/fromIo.ts', "import '../io/index.ts';"],
  ['io-on-enet', 'src/io/fromCodec.ts', "import '../../codec/index.ts';"],
  ['godot-below-server', 'src/godot/fromServer.ts', "import '../server/index.ts';"],
  ['godot-below-server', 'src/godot/fromIo.ts', "import '../io/index.ts';"],
  ['godot-below-server', 'src/godot/fromNode.ts', "import 'node:dgram';"],
  ['multiplayer-above-godot', 'src/multiplayer/fromServer.ts', "import '../server/index.ts';"],
  ['multiplayer-above-godot', 'src/multiplayer/fromIo.ts', "import '../io/index.ts';"],
  ['server-above-godot', 'src/server/fromIo.ts', "import '../io/index.ts';"],
  ['server-above-godot', 'src/server/fromOps.ts', "import '../ops/index.ts';"],
  ['ops-above-server', 'src/ops/fromCli.ts', "import '../cli/index.ts';"],
  ['no-orphan-imports', 'src/io/fromNowhere.ts', "import './missing.ts';"],
];

/** What a pure file may not name. */
const NAMES = [
  'Date.now()',
  'performance.now()',
  'setTimeout(f, 1)',
  'setInterval(f, 1)',
  'setImmediate(f)',
  'queueMicrotask(f)',
  'process.pid',
  'Buffer.alloc(1)',
  'crypto.randomUUID()',
  'globalThis.f',
  'Math.random()',
  "console.log('')",
];
const PURE_FOLDERS = ['codec', 'schema', 'src/enet'];

function write(file: string, text: string): void {
  const path = join(copy, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(tool: string, ...args: string[]): string {
  const result = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return result.stdout + result.stderr;
}

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'godot-enet-layers-')));
  for (const file of [
    '.dependency-cruiser.cjs',
    'biome.json',
    'tsconfig.json',
    '.gitignore',
    'package.json',
  ]) {
    copyFileSync(join(root, file), join(copy, file));
  }
  mkdirSync(join(copy, 'scripts'));
  copyFileSync(join(root, 'scripts/noRandom.grit'), join(copy, 'scripts/noRandom.grit'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  for (const folder of [
    'codec',
    'schema',
    'src/enet',
    'src/godot',
    'src/io',
    'src/server',
    'src/ops',
    'src/cli',
  ]) {
    write(`${folder}/index.ts`, 'export type E = 1;\n');
  }
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('npm run layers', () => {
  let report: { summary: { violations: { from: string; rule: { name: string } }[] } };

  beforeAll(() => {
    for (const [, file, line] of LAYERS) write(file, `${line}\n`);
    write('src/io/a.ts', "import { b } from './b.ts';\nexport const a = 1 + b;\n");
    write('src/io/b.ts', "import { a } from './a.ts';\nexport const b = 1 + a;\n");
    write('src/server/allowed.ts', "import '../../codec/index.ts';\nimport '../godot/index.ts';\n");
    write('src/io/allowed.ts', "import 'node:dgram';\nimport '../enet/index.ts';\n");
    report = JSON.parse(
      run(
        'dependency-cruiser/bin/dependency-cruise.mjs',
        ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'codec', 'schema', 'src'],
      ),
    );
  }, 60_000);

  const brokenBy = (file: string): string[] =>
    report.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

  test.each(LAYERS)('%s refuses %s', (rule, file) => {
    expect(brokenBy(file)).toContain(rule);
  });

  test('no-cycles refuses two files that import each other', () => {
    expect(brokenBy('src/io/a.ts')).toContain('no-cycles');
  });

  test.each(['src/server/allowed.ts', 'src/io/allowed.ts', 'codec/index.ts'])('%s is allowed', (file) => {
    expect(brokenBy(file)).toEqual([]);
  });
});

describe('the linter', () => {
  const fileOf = (folder: string, index: number): string => `${folder}/name${index}.ts`;
  const found = new Set<string>();

  beforeAll(() => {
    for (const folder of [...PURE_FOLDERS, 'src/io']) {
      for (const [index, name] of NAMES.entries()) {
        write(
          fileOf(folder, index),
          `const f = (): void => undefined;\nexport const used: unknown = [f, ${name}];\n`,
        );
      }
      write(fileOf(folder, NAMES.length), "import 'node:fs';\n");
    }
    const output = run(
      '@biomejs/biome/bin/biome',
      ...['lint', '--max-diagnostics=none', '--reporter=github', '.'],
    );
    for (const [, file = ''] of output.matchAll(/^::error .*?file=([^,\n]+)/gm)) {
      found.add(relative(copy, file).replaceAll('\\', '/'));
    }
  }, 60_000);

  const rows = PURE_FOLDERS.flatMap((folder) =>
    [...NAMES, "import 'node:fs'"].map((name, index) => [folder, name, index] as const),
  );

  test.each(rows)('%s may not use %s', (folder, _name, index) => {
    expect([...found]).toContain(fileOf(folder, index));
  });

  test('an adapter may use all of them', () => {
    expect([...found].filter((file) => file.startsWith('src/io/name'))).toEqual([]);
  });
});
