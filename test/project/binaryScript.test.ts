/** Binary scripts (`.gdc`): everything that their texts declare, and damaged ones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePack } from '../../examples/arena/packFile.ts';
import { prepareZstd } from '../../src/io/internal.ts';
import { BinaryScriptError, readBinaryTokens } from '../../src/project/gdscript/binaryTokens.ts';
import { tokenize } from '../../src/project/gdscript/tokens.ts';
import { loadProject, type Project } from '../../src/project.ts';
import { fcParameters } from '../support/fc.ts';
import { binaryScript, zstd } from './binaryScript.ts';

const GOLDEN = fileURLToPath(new URL('../../golden/multiplayer/project/scripts', import.meta.url));
/** Those without what has no binary form. */
const SOURCES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(GOLDEN)
    .filter((name) => name.endsWith('.gd'))
    .map((name) => [name, readFileSync(join(GOLDEN, name), 'utf8')] as const)
    .filter(([, text]) => tokenize(text).errors.length === 0),
);
const MORE = `@tool
class_name Player extends CharacterBody2D

signal hit(by: Node, damage: int)
enum State { IDLE, RUN = 5 }
const SPEED := 10.5 * 2
@export var hp: int = 5:
	set(value):
		hp = value
@export var path := ^"a/b:c"
@export var name_of := &"x"
var table := {"a": [1, -2.5, true, null], 2: Vector2(1, 2)}
@rpc("any_peer", "call_local",
	"reliable", 2)
func take(damage: int, by := "é😀", ...rest: Array) -> void:
	if damage > 0 and not hp <= 0:
		hp -= damage
	match State.IDLE:
		1: pass
class Inner:
	@rpc func deep(): pass
`;

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-binary-'));
  await prepareZstd();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(files: Readonly<Record<string, string | Uint8Array>>): Promise<Project> {
  const path = join(folder, 'game.pck');
  writeFileSync(path, writePack({ 'project.godot': '', ...files }));
  return loadProject(path);
}

/** The files of scripts that an export has made binary. */
function exported(scripts: Readonly<Record<string, Uint8Array>>): Record<string, string | Uint8Array> {
  return Object.fromEntries(
    Object.entries(scripts).flatMap(([name, bytes]) => [
      [`scripts/${name}.remap`, `[remap]\n\npath="res://scripts/${name}c"\n`],
      [`scripts/${name}c`, bytes],
    ]),
  );
}

/** What is known of scripts, without columns, which binary ones have of the beginnings of lines alone. */
function known(project: Project): unknown {
  return JSON.parse(
    JSON.stringify(
      [...project.scripts.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
      (key, value: unknown) =>
        key === 'column' || key === 'message'
          ? undefined
          : typeof value === 'bigint'
            ? `${value}n`
            : value instanceof Map
              ? [...value]
              : value,
    ),
  );
}

describe.each([
  ['plain', false],
  ['compressed', true],
])('%s', (_, isCompressed) => {
  test('all scripts of the engine, and one of everything, declare what their texts do', async () => {
    const sources = { ...SOURCES, 'more.gd': MORE };
    expect(Object.keys(sources).length).toBeGreaterThan(40);
    const text = await load(
      Object.fromEntries(Object.entries(sources).map(([name, source]) => [`scripts/${name}`, source])),
    );
    const binary = await load(
      exported(
        Object.fromEntries(
          Object.entries(sources).map(([name, source]) => [
            name,
            binaryScript(source, isCompressed ? zstd : undefined),
          ]),
        ),
      ),
    );
    expect(known(binary)).toEqual(known(text));
    expect(binary.scriptOfClass('Player')?.rpcs.get('take')).toMatchObject({ callLocal: true, channel: 2 });
    expect(binary.scriptOfClass('Player')?.variables.get('hp')).toMatchObject({ line: 7, default: 5n });
  });
});

test.each<[string, () => Uint8Array, string]>([
  ['another file', () => new Uint8Array(40), 'Expected "GDSC" first'],
  [
    'one of another format',
    () => binaryScript(MORE, undefined, 100),
    'Binary tokens of the format 100, expected 101 (Godot 4.5 and later)',
  ],
  ['a cut one', () => binaryScript(MORE).subarray(0, 500), 'It is damaged at the byte'],
  [
    'one whose compressed bytes are damaged',
    () => binaryScript(MORE, zstd).subarray(0, 100),
    'What is compressed in it is damaged',
  ],
  [
    'one that becomes very much',
    () =>
      Buffer.concat([
        binaryScript('extends Node\n').subarray(0, 8),
        new Uint8Array([0, 0, 0, 1]),
        zstd(new Uint8Array(16_777_216)),
      ]),
    'It has 16777216 bytes of tokens in',
  ],
  [
    'one of very many bytes',
    () => binaryScript(MORE, zstd).fill(0xff, 8, 12),
    'It has 4294967295 bytes of tokens in',
  ],
])('%s is told, and the others are read', async (_, bytes, expected) => {
  const project = await load(exported({ 'bad.gd': bytes(), 'good.gd': binaryScript(MORE) }));
  expect(project.issues.map(({ kind, file, message }) => [kind, file, message])).toEqual([
    ['unread', 'res://scripts/bad.gd', expect.stringContaining(expected)],
  ]);
  expect([...project.scripts.keys()]).toEqual(['res://scripts/good.gd']);
});

test('without zstd a compressed one says what reads it', () => {
  expect(() => readBinaryTokens(binaryScript(MORE, zstd), undefined)).toThrow('Node 22.15 and later');
});

test('damaged bytes: tokens or an error with a reason, and no more tokens than bytes', () => {
  const whole = binaryScript(MORE);
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(changes, fc.oneof(fc.constant(whole.length), fc.nat(whole.length)), (list, length) => {
      const bytes = whole.slice(0, length);
      for (const [at, value] of list) if (at < length) bytes[at] = value;
      try {
        expect(readBinaryTokens(bytes, undefined).tokens.length).toBeLessThanOrEqual(length);
      } catch (error) {
        expect(error).toBeInstanceOf(BinaryScriptError);
      }
    }),
    fcParameters(1000),
  );
});
