/** The rules of docs/architecture.md fail when they should: each forbidden line, in a copy. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let copy = '';

/** A rule of `npm run layers`, and a line that breaks it. */
const LAYERS: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['options-knows', 'options/fromCodec.ts', "import '../codec/index.ts';"],
  ['options-knows', 'options/fromNode.ts', "import 'node:fs';"],
  ['codec-knows', 'codec/fromNode.ts', "import 'node:fs';"],
  ['codec-knows', 'codec/fromSchema.ts', "import '../schema/index.ts';"],
  ['codec-knows', 'codec/fromEnet.ts', "import '../src/enet/index.ts';"],
  ['codec-knows', 'codec/fromPackage.ts', "import 'koffi';"],
  ['codec-knows', 'codec/fromTypes.ts', "export type { E } from '../src/enet/index.ts';"],
  ['codec/values-knows', 'codec/values/fromVariant.ts', "export type { E } from '../variant/deep.ts';"],
  ['codec/lexical-knows', 'codec/lexical/fromVariant.ts', "export type { E } from '../variant/deep.ts';"],
  ['codec/variant-knows', 'codec/variant/fromText.ts', "export type { E } from '../text/deep.ts';"],
  ['codec/json-knows', 'codec/json/fromText.ts', "export type { E } from '../text/deep.ts';"],
  ['codec/text-knows', 'codec/text/fromJson.ts', "export type { E } from '../json/deep.ts';"],
  ['codec/packet-knows', 'codec/packet/fromText.ts', "export type { E } from '../text/deep.ts';"],
  ['codec/multiplayer-knows', 'codec/multiplayer/fromJson.ts', "export type { E } from '../json/deep.ts';"],
  ['schema-knows', 'schema/fromTimers.ts', "import 'node:timers';"],
  ['schema-knows', 'schema/fromEnet.ts', "import '../src/enet/index.ts';"],
  ['schema/values-knows', 'schema/values/fromClasses.ts', "export type { E } from '../classes/deep.ts';"],
  ['schema/classes-knows', 'schema/classes/fromMirror.ts', "export type { E } from '../mirror/deep.ts';"],
  [
    'schema/mirror-knows',
    'schema/mirror/fromReplication.ts',
    "export type { E } from '../replication/deep.ts';",
  ],
  ['schema/mirror-knows', 'schema/mirror/fromDocument.ts', "import '../document/deep.ts';"],
  ['schema/mirror-knows', 'schema/mirror/fromTscn.ts', "import '../tscn/deep.ts';"],
  ['schema/mirror-knows', 'schema/mirror/fromAbove.ts', "export type { E } from '../deep.ts';"],
  ['schema/document-knows', 'schema/document/fromTscn.ts', "import '../tscn/deep.ts';"],
  ['schema/tscn-knows', 'schema/tscn/fromProject.ts', "import '../project/deep.ts';"],
  ['schema/project-knows', 'schema/project/fromReplication.ts', "import '../replication/deep.ts';"],
  ['schema/tscn-knows', 'schema/tscn/fromReplication.ts', "import '../replication/deep.ts';"],
  ['schema/replication-knows', 'schema/replication/fromAbove.ts', "import '../deep.ts';"],
  ['enet-knows', 'src/enet/fromNode.ts', "import 'node:dgram';"],
  ['enet-knows', 'src/enet/fromClock.ts', "import 'node:perf_hooks';"],
  ['enet-knows', 'src/enet/fromCodec.ts', "import '../../codec/index.ts';"],
  ['enet-knows', 'src/enet/fromIo.ts', "import '../io/index.ts';"],
  ['enet/state-knows', 'src/enet/state/fromConnection.ts', "export type { E } from '../connection.ts';"],
  ['enet/send-knows', 'src/enet/send/fromReceive.ts', "export type { E } from '../receive/deep.ts';"],
  ['enet/receive-knows', 'src/enet/receive/fromHost.ts', "export type { E } from '../host.ts';"],
  ['enet/compress-knows', 'src/enet/compress/fromState.ts', "export type { E } from '../state/deep.ts';"],
  ['dtls/record-knows', 'src/dtls/record/fromHandshake.ts', "export type { E } from '../handshake/deep.ts';"],
  ['dtls/identity-knows', 'src/dtls/identity/fromRecord.ts', "export type { E } from '../record/deep.ts';"],
  ['dtls/handshake-knows', 'src/dtls/handshake/fromSession.ts', "export type { E } from '../session.ts';"],
  ['io-knows', 'src/io/fromCodec.ts', "import '../../codec/index.ts';"],
  ['godot-knows', 'src/godot/fromServer.ts', "import '../server/index.ts';"],
  ['godot-knows', 'src/godot/fromIo.ts', "import '../io/index.ts';"],
  ['godot-knows', 'src/godot/fromNode.ts', "import 'node:dgram';"],
  ['multiplayer-knows', 'src/multiplayer/fromServer.ts', "import '../server/index.ts';"],
  ['multiplayer-knows', 'src/multiplayer/fromIo.ts', "import '../io/index.ts';"],
  ['multiplayer-knows', 'src/multiplayer/fromOps.ts', "export type { E } from '../ops/index.ts';"],
  ['netcode-knows', 'src/netcode/fromServer.ts', "import '../server/index.ts';"],
  ['rooms-knows', 'src/rooms/fromNode.ts', "import 'node:timers';"],
  ['rooms-knows', 'src/rooms/fromWebSocket.ts', "export type { E } from '../websocket/index.ts';"],
  ['matchmaking-knows', 'src/matchmaking/fromGodot.ts', "export type { E } from '../godot/index.ts';"],
  ['matchmaking-knows', 'src/matchmaking/fromNode.ts', "import 'node:timers';"],
  ['websocket-knows', 'src/websocket/fromServer.ts', "import '../server/index.ts';"],
  ['websocket-knows', 'src/websocket/fromPackage.ts', "import 'ws';"],
  ['telemetry-knows', 'src/telemetry/fromInspector.ts', "export type { E } from '../inspector/internal.ts';"],
  ['ops-knows', 'src/ops/fromTelemetry.ts', "export type { E } from '../telemetry/internal.ts';"],
  ['identity-knows', 'src/identity/fromPackage.ts', "import 'ws';"],
  ['identity/directory-knows', 'src/identity/directory/fromNode.ts', "import 'node:crypto';"],
  ['identity-knows', 'src/identity/fromGodot.ts', "import '../godot/index.ts';"],
  ['project-knows', 'src/project/fromServer.ts', "import '../server/index.ts';"],
  ['project/gdscript-knows', 'src/project/gdscript/fromNode.ts', "import 'node:fs';"],
  ['project/scripts-knows', 'src/project/scripts/fromNode.ts', "import 'node:fs';"],
  ['server-knows', 'src/server/fromIo.ts', "import '../io/index.ts';"],
  ['server-knows', 'src/server/fromOps.ts', "import '../ops/index.ts';"],
  ['ops-knows', 'src/ops/fromCli.ts', "import '../cli/index.ts';"],
  ['doctor-knows', 'src/doctor/fromNode.ts', "import 'node:fs';"],
  ['runtime-knows', 'src/runtime/fromIo.ts', "import '../io/index.ts';"],
  ['dtls-knows', 'src/dtls/fromIo.ts', "import '../io/index.ts';"],
  ['thread-knows', 'src/thread/fromServer.ts', "import '../server/index.ts';"],
  ['node-knows', 'src/node/fromGodot.ts', "import '../godot/index.ts';"],
  ['testing-knows', 'src/testing/fromOps.ts', "import '../ops/index.ts';"],
  ['load-knows', 'src/load/fromOps.ts', "import '../ops/index.ts';"],
  ['load-knows', 'src/load/fromPackage.ts', "import 'ws';"],
  ['fleet-knows', 'src/fleet/fromRooms.ts', "export type { E } from '../rooms/index.ts';"],
  ['dissect-knows', 'src/dissect/fromCli.ts', "import '../cli/index.ts';"],
  ['inspector-knows', 'src/inspector/fromCli.ts', "import '../cli/index.ts';"],
  ['inspector-knows', 'src/inspector/fromPackage.ts', "import 'koffi';"],
  ['cli-knows', 'src/cli/fromPackage.ts', "import 'vitest';"],
  ['through-the-door', 'codec/pastTheDoor.ts', "import '../options/names.ts';"],
  ['through-the-door', 'src/server/pastTheDoor.ts', "import '../godot/deep.ts';"],
  ['through-the-door', 'schema/pastTheDoor.ts', "import '../codec/variant/deep.ts';"],
  ['through-the-door', 'src/multiplayer/pastTheDoor.ts', "export type { E } from '../../schema/deep.ts';"],
  ['entries-through-the-door', 'src/entry.ts', "import './godot/deep.ts';"],
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
const PURE_FOLDERS = ['options', 'codec', 'schema', 'src/enet', 'src/matchmaking', 'src/identity/directory'];

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
  for (const folder of ['options', 'codec', 'src/enet', 'src/godot']) {
    write(`${folder}/index.ts`, 'export type E = 1;\n');
  }
  // What a forbidden line imports is there, so that nothing but its direction is wrong with it.
  for (const [rule, file, line] of LAYERS) {
    const target = rule === 'no-orphan-imports' ? undefined : /'(\.[^']+)'/.exec(line)?.[1];
    if (target !== undefined) write(join(dirname(file), target), 'export type E = 1;\n');
  }
  write('src/godot/internal.ts', "export type { E } from './deep.ts';\n");
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('npm run layers', () => {
  let report: { summary: { violations: { from: string; rule: { name: string } }[] } };

  beforeAll(() => {
    for (const [, file, line] of LAYERS) write(file, `${line}\n`);
    write('src/io/a.ts', "import { b } from './b.ts';\nexport const a = 1 + b;\n");
    write('src/io/b.ts', "import { a } from './a.ts';\nexport const b = 1 + a;\n");
    write('codec/variant/allowed.ts', "import '../values/allowed.ts';\nimport '../errors.ts';\n");
    write('codec/values/allowed.ts', 'export type E = 1;\n');
    write('codec/errors.ts', 'export type E = 1;\n');
    write('src/enet/receive/allowed.ts', "export type { E } from '../state/deep.ts';\n");
    write('src/server/allowed.ts', "import '../../codec/index.ts';\nimport '../godot/internal.ts';\n");
    write('src/io/allowed.ts', "import 'node:dgram';\nimport '../enet/index.ts';\n");
    report = JSON.parse(
      run(
        'dependency-cruiser/bin/dependency-cruise.mjs',
        ...[
          '--config',
          '.dependency-cruiser.cjs',
          '--output-type',
          'json',
          'options',
          'codec',
          'schema',
          'src',
        ],
      ),
    );
  }, 60_000);

  const brokenBy = (file: string): string[] =>
    report.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

  test.each(LAYERS)('%s refuses %s', (rule, file) => {
    expect(brokenBy(file)).toContain(rule);
  });

  test('every room has a line that says what it may know', () => {
    const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
    const ruled = forbidden.map((rule: { from: { path?: string } }) => rule.from.path);
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `src/${name}`);
    expect(rooms.length).toBeGreaterThan(10);
    for (const room of ['options', 'codec', 'schema', ...rooms]) expect(ruled).toContain(`^${room}/`);
  });

  test('no-cycles refuses two files that import each other', () => {
    expect(brokenBy('src/io/a.ts')).toContain('no-cycles');
  });

  test.each([
    'src/server/allowed.ts',
    'src/io/allowed.ts',
    'codec/index.ts',
    'codec/variant/allowed.ts',
    'src/enet/receive/allowed.ts',
  ])('%s is allowed', (file) => {
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
