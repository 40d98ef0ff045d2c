/** docs/errors.md explains what the sources can say. The codes of the codec have their own test, beside the codec. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BusErrorCode, ClusterErrorCode, HandoffErrorCode } from '../../src/cluster/index.ts';
import { DiagnosisCode } from '../../src/doctor/diagnosis.ts';
import { DisconnectCause } from '../../src/enet/disconnectCause.ts';
import { DropReason } from '../../src/enet/dropReason.ts';
import { AgonesErrorCode } from '../../src/fleet.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { LoginRefusal, TokenRefusalReason } from '../../src/identity/index.ts';
import { MatchRefusal } from '../../src/matchmaking/refusal.ts';
import { MultiplayerRefusal } from '../../src/multiplayer/refusals.ts';
import { RoomErrorCode, RoomRefusal } from '../../src/rooms/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** The rows of a section's tables, as cells. */
function rows(title: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Everything that a pattern finds in the sources below `folder`; the first group counts. */
function found(folder: string, pattern: RegExp): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [, name] of readFileSync(join(root, folder, file), 'utf8').matchAll(pattern)) {
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

test('each disconnect cause is explained, and used', () => {
  const explained = rows('Disconnect causes').filter(([name]) => name !== 'cause');
  const names = Object.values(DisconnectCause).sort();
  expect(explained.map(([name]) => name).sort()).toEqual(names.map((name) => `\`${name}\``));
  const used = found('src', /DisconnectCause\.([A-Z_]+)/g);
  expect(names.filter((name) => !used.has(name))).toEqual([]);
});

test('each refusal of SceneMultiplayer is explained, and used', () => {
  const explained = rows('Multiplayer refusals').filter(([name]) => name !== 'reason');
  const names = Object.values(MultiplayerRefusal).sort();
  expect(explained.map(([name]) => name).sort()).toEqual(names.map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/multiplayer', /MultiplayerRefusal\.([A-Z_]+)/g);
  expect([...used].sort()).toEqual(Object.keys(MultiplayerRefusal).sort());
});

test.each([
  ['Token refusals', TokenRefusalReason, 'TokenRefusalReason'],
  ['Login refusals', LoginRefusal, 'LoginRefusal'],
])('%s: each is explained, and used', (title, reasons, name) => {
  const explained = rows(title).filter(([first]) => first !== 'reason');
  expect(explained.map(([first]) => first)).toEqual(Object.values(reasons).map((reason) => `\`${reason}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/identity', new RegExp(`${name}\\.([A-Z_]+)`, 'g'));
  expect([...used].sort()).toEqual(Object.keys(reasons).sort());
});

test('each RoomErrorCode is explained, and used', () => {
  const explained = rows('Rooms').filter(([name]) => name !== 'code');
  expect(explained.map(([name]) => name)).toEqual(Object.keys(RoomErrorCode).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/rooms', /RoomError\('([A-Z_]+)'/g);
  expect([...used].sort()).toEqual(Object.keys(RoomErrorCode).sort());
});

test('each BusErrorCode is explained, and used', () => {
  const explained = rows('Clusters').filter(([name]) => name !== 'code');
  expect(explained.map(([name]) => name)).toEqual(Object.keys(BusErrorCode).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/cluster', /BusError\(\s*'([A-Z_]+)'/g);
  expect([...used].sort()).toEqual(Object.keys(BusErrorCode).sort());
});

test('each ClusterErrorCode is explained, and used', () => {
  const explained = rows('Cluster nodes').filter(([name]) => name !== 'code');
  expect(explained.map(([name]) => name)).toEqual(Object.keys(ClusterErrorCode).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/cluster/node', /(?:ClusterError\(|kind: 'cluster', code: )'([A-Z_]+)'/g);
  expect([...used].sort()).toEqual(Object.keys(ClusterErrorCode).sort());
});

test('each HandoffErrorCode is explained, and used', () => {
  const explained = rows('Handoffs').filter(([name]) => name !== 'code');
  expect(explained.map(([name]) => name)).toEqual(Object.keys(HandoffErrorCode).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/cluster/handoff', /HandoffError\(\s*'([A-Z_]+)'/g);
  expect([...used].sort()).toEqual(Object.keys(HandoffErrorCode).sort());
});

test('each AgonesErrorCode is explained, and used', () => {
  const explained = rows('Agones').filter(([name]) => name !== 'code');
  expect(explained.map(([name]) => name)).toEqual(Object.keys(AgonesErrorCode).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/fleet', /AgonesErrorCode\.([A-Z_]+)/g);
  expect([...used].sort()).toEqual(Object.keys(AgonesErrorCode).sort());
});

test('each refusal of a RoomServer is explained, and used', () => {
  const explained = rows('Room refusals').filter(([name]) => name !== 'reason');
  expect(explained.map(([name]) => name)).toEqual(Object.values(RoomRefusal).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/rooms', /(?:refuse\(\s*|refusals\.set\()'([a-z-]+)'/g);
  expect([...used].sort()).toEqual(Object.values(RoomRefusal).sort());
});

test('each refusal of a Matchmaker is explained, and used', () => {
  const explained = rows('Matchmaking refusals').filter(([name]) => name !== 'reason');
  expect(explained.map(([name]) => name)).toEqual(Object.values(MatchRefusal).map((name) => `\`${name}\``));
  for (const cells of explained) expect(cells, cells[0]).toHaveLength(3);
  const used = found('src/matchmaking', /MatchRefusal\.([A-Z_]+)/g);
  expect([...used].sort()).toEqual(Object.keys(MatchRefusal).sort());
});

test('each process warning is explained', () => {
  const explained = rows('Process warnings').filter(([name]) => name !== 'code');
  const codes = found('src', /'(GODOT_ENET_[A-Z_]+)'/g);
  codes.delete('GODOT_ENET_TRANSPORT');
  expect(explained.map(([name]) => name).sort()).toEqual([...codes].sort().map((code) => `\`${code}\``));
});

describe('drop reasons', () => {
  const explained = rows('Drop reasons').filter(([name]) => name !== 'reason');

  test('each is explained once, and nothing else', () => {
    expect(explained.map(([name]) => name).sort()).toEqual(
      Object.values(DropReason)
        .map((name) => `\`${name}\``)
        .sort(),
    );
  });

  test('each says what happened, what it means and what to do', () => {
    for (const cells of explained) {
      expect(cells, cells[0]).toHaveLength(4);
      for (const cell of cells.slice(1)) expect(cell.length, cells[0]).toBeGreaterThan(6);
    }
  });

  test('each is used by the host', () => {
    const used = found('src/enet', /DropReason\.([A-Z_]+)/g);
    expect([...used].sort()).toEqual(Object.keys(DropReason).sort());
  });
});

test('every stable code of src/ is listed', () => {
  const codes = found('src', /'(ERR_[A-Z0-9_]+)'/g);
  expect([...codes]).toContain('ERR_ZSTD_UNAVAILABLE');
  for (const code of codes) {
    // Godot's names are in the last section; others are Node's.
    if (code in GodotError || OF_NODE.has(code)) continue;
    expect(page, code).toContain(`\n| \`${code}\` |`);
  }
});

test('every code of an AttachError that the sources make is listed', () => {
  const listed = rows('Sockets').map(([code]) => code);
  const codes = new Set([
    ...found('src/io', /code: '(E[A-Z]+)'/g),
    ...found('src/dtls', /code: '(E[A-Z]+)'/g),
    ...found('src/node', /code: '(E[A-Z]+)'/g),
    ...found('src/thread', /code: '(E[A-Z]+)'/g),
    ...found('src/runtime', /code: '(E[A-Z]+)'/g),
    ...found('src/runtime', /\? '(E[A-Z]+)' : code/g),
    ...found('src/testing', /code: '(E[A-Z]+)'/g),
  ]);
  expect([...codes].sort()).toEqual([
    'EADDRINUSE',
    'EADDRNOTAVAIL',
    'EFAULT',
    'EINVAL',
    'EIO',
    'ENOENT',
    'ENOTSUP',
    'ETIMEDOUT',
  ]);
  for (const code of codes) expect(listed).toContain(`\`${code}\``);
});

test("Godot's error numbers: those in use are listed, with the engine's number", () => {
  const listed = new Map(rows("Godot's error numbers").map(([number, name]) => [name, number]));
  const names = new Set([
    ...found('src/godot', /GodotError\.([A-Z_]+)/g),
    ...found('src/server', /GodotError\.([A-Z_]+)/g),
    ...found('src/websocket', /GodotError\.([A-Z_]+)/g),
    ...found('codec', /GodotError\.([A-Z_]+)/g),
  ]);
  expect(names.size).toBeGreaterThan(8);
  for (const name of names) {
    const number = (GodotError as Readonly<Record<string, number>>)[name];
    expect(listed.get(`\`${name}\``), name).toBe(String(number));
  }
});

test('each diagnosis is explained once, with what arrived and what to do', () => {
  const explained = rows('Diagnoses').filter(([name]) => name !== 'code');
  expect(explained.map(([name]) => name)).toEqual(Object.values(DiagnosisCode).map((name) => `\`${name}\``));
  for (const cells of explained) {
    expect(cells, cells[0]).toHaveLength(3);
    for (const cell of cells.slice(1)) expect(cell.length, cells[0]).toBeGreaterThan(6);
  }
});

/** Codes of Node that are asked about: of modules that it cannot load. */
const OF_NODE: ReadonlySet<string> = new Set([
  'ERR_BUFFER_TOO_LARGE',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
]);
