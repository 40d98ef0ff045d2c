/**
 * Scripts that `godot-enet gdscript` writes, in Godot 4.6 stable: it loads them, and has the same RPCs, numbers, checksum and
 * parameters as the classes in TypeScript.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { variantTypeByString } from '../../../codec/internal.ts';
import type { RpcDeclarations, ScriptRpc } from '../../../schema/index.ts';
import { writeStubs } from '../../../src/cli/runGdscript.ts';
import { prepareZstd } from '../../../src/io/internal.ts';
import { checksumOf, inCallOrder } from '../../../src/multiplayer/rpcTable.ts';
import { KEYWORDS, writeGdscript } from '../../../src/project/write/writeGdscript.ts';
import { binaryScript, zstd } from '../../project/binaryScript.ts';
import { fcParameters } from '../../support/fc.ts';
import { peer } from '../../support/peers.ts';
import { rpcDeclarations, rpcsOf, scriptWith } from '../../support/rpcDeclarations.ts';
import { Godot4 } from './engine.ts';

/** What stubs.gd says of a script; without a configuration the engine refuses it. */
interface About {
  readonly path: string;
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly parameters?: Readonly<
    Record<
      string,
      readonly [
        parameters: readonly (readonly [name: string, type: number])[],
        defaults: number,
        isOpen: boolean,
      ]
    >
  >;
  readonly checksum?: string;
  /** The number on the wire, the transfer mode, the channel. */
  readonly sent?: Readonly<Record<string, readonly [number, number, number]>>;
}

const engine = peer('godot4');
const SEED = fcParameters().seed ?? 460;
const BUILD = fileURLToPath(new URL('../../../.build', import.meta.url));
const MAIN = readFileSync(new URL('stubs.gd', import.meta.url), 'utf8');
/** Something of every kind of token that declarations have. */
const MORE = `@tool
class_name More extends Node

signal hit(by: Node, damage: int)
enum State { IDLE, RUN = 5 }
const SPEED := 10.5 * 2 ** 3 / 4 - 7 % 3
@export var hp: int = 5:
	set(value):
		hp = value if value >= 0 and not value == 7 else -value
@export var path := ^"a/b:c"
var table := {"a": [1, -2.5, true, null], &"b": Vector2(1, 2), "pi": PI + TAU}
var bits := (1 << 4 | 3 & ~1) ^ 2 >> 1
@rpc("any_peer", "call_remote",
	"reliable", 2)
func take(damage: int, by := "é😀", ...rest: Array) -> void:
	if damage > 0 or hp <= 0 || rest.is_empty():
		hp -= damage
	elif damage != 1:
		for i in range(3):
			while false: break
	match damage:
		1 when by != "": pass
		_: return
	var late = func(x): return x as int
	assert(late.call(1) is int)
static func never(): pass
class Inner extends Node:
	@rpc func deep(): await get_tree().process_frame
`;
const MODULE = `export class Player {
  static path = 'res://player.gd';
  static rpcs = {
    hit: { rpcMode: 'any_peer', argumentTypes: ['int', 'Vector2'], leastArguments: 1 },
    Zed: { rpcMode: 'authority', transferMode: 'unreliable', channel: 3 },
    _own: { rpcMode: 'any_peer', callLocal: true, argumentTypes: [] },
  };
  hit(damage, to) {}
}
export class Boss extends Player {
  static path = 'res://units/boss.gd';
  static rpcs = { roar: { rpcMode: 'any_peer', argumentTypes: ['float'] } };
}
`;

describe.skipIf(engine.isMissing)(
  `scripts for Godot 4.6 stable, seed ${SEED}${engine.note}`,
  { timeout: 120_000 },
  () => {
    let godot: Godot4;
    let folder = '';
    beforeAll(async () => {
      godot = await Godot4.open();
      mkdirSync(BUILD, { recursive: true });
      folder = mkdtempSync(join(BUILD, 'stubs-'));
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true, force: true });
      await godot.close();
    });

    /** What the engine makes of scripts, by their paths without `res://`. */
    async function ask(scripts: Readonly<Record<string, string>>): Promise<About[]> {
      const list = Object.keys(scripts).map((path) => `res://${path}\n`);
      const { reports } = await godot.run({
        files: { ...scripts, 'main.gd': MAIN, 'stubs.txt': list.join('') },
      });
      return reports.map((report) => JSON.parse(report) as About);
    }

    test('those of a module: files where res:// is', async () => {
      const file = join(folder, 'scripts.mjs');
      writeFileSync(file, MODULE);
      const out = join(folder, 'game');
      await writeStubs(file, out, false);
      const read = (path: string): string => readFileSync(join(out, path), 'utf8');
      const [player, boss] = await ask({
        'player.gd': read('player.gd'),
        'units/boss.gd': read('units/boss.gd'),
      });
      expect(player).toEqual({
        path: 'res://player.gd',
        config: {
          hit: { rpc_mode: 1, call_local: false, transfer_mode: 2 },
          Zed: { rpc_mode: 2, call_local: false, transfer_mode: 0, channel: 3 },
          _own: { rpc_mode: 1, call_local: true, transfer_mode: 2 },
        },
        parameters: {
          hit: [
            [
              ['damage', 2],
              ['to', 5],
            ],
            1,
            false,
          ],
          Zed: [[], 0, true],
          _own: [[], 0, false],
        },
        checksum: checksumOf(inCallOrder(['hit', 'Zed', '_own'])),
        sent: { Zed: [0, 0, 3], _own: [1, 2, 0], hit: [2, 2, 0] },
      });
      expect(Object.keys(boss?.config ?? {})).toContain('roar');
      expect(boss?.checksum).toBe(checksumOf(inCallOrder(['hit', 'Zed', '_own', 'roar'])));
    });

    test('60 scripts with any declarations', async () => {
      const all = fc.sample(rpcDeclarations, { numRuns: 60, seed: SEED });
      const scripts = all.map((rpcs, i) => ({ rpcs: declared(rpcs), path: `stub${i}.gd` }));
      const answers = await ask(
        Object.fromEntries(
          scripts.map(({ rpcs, path }) => [
            path,
            writeGdscript({ path: `res://${path}`, rpcs, argumentNames: () => [] }),
          ]),
        ),
      );
      expect(answers).toHaveLength(all.length);
      for (const [i, { rpcs, path }] of scripts.entries())
        expect(answers[i], JSON.stringify(all[i])).toEqual({ path: `res://${path}`, ...expected(rpcs) });
    });

    test('binary scripts (.gdc) are what the tests of projects take them for', async () => {
      const all = fc.sample(rpcDeclarations, { numRuns: 30, seed: SEED });
      const texts = Object.fromEntries([
        ...all.map((rpcs, i) => {
          const path = `stub${i}.gd`;
          return [path, writeGdscript({ path, rpcs: declared(rpcs), argumentNames: () => [] })] as const;
        }),
        ['more.gd', MORE],
      ]);
      await prepareZstd();
      // Half of them are compressed.
      const binary = Object.entries(texts).flatMap(([path, text], i) => [
        [`${path}.remap`, `[remap]\n\npath="res://${path}c"\n`] as const,
        [`${path}c`, binaryScript(text, i % 2 === 0 ? zstd : undefined)] as const,
      ]);
      const ofTexts = await ask(texts);
      expect(ofTexts.filter(({ config }) => config === undefined)).toEqual([]);
      const list = Object.keys(texts).map((path) => `res://${path}\n`);
      const { reports } = await godot.run({
        files: { ...Object.fromEntries(binary), 'main.gd': MAIN, 'stubs.txt': list.join('') },
      });
      expect(reports.map((report) => JSON.parse(report) as About)).toEqual(ofTexts);
    });

    test('words that are no names: the same as in the engine', async () => {
      const words = [...KEYWORDS, 'match', 'when', 'PI', 'get', 'set', 'int', 'Node', 'print'];
      const text = (word: string): string =>
        `extends Node\n@rpc("any_peer")\nfunc ${word}(a: int):\n\tpass\n`;
      const answers = await ask(Object.fromEntries(words.map((word) => [`${word}.gd`, text(word)])));
      const refused = words.filter((_, i) => answers[i]?.config === undefined);
      expect(refused).toEqual([...KEYWORDS]);
    });
  },
);

function declared(rpcs: RpcDeclarations): ReadonlyMap<string, ScriptRpc> {
  return rpcsOf(scriptWith(rpcs, 'res://a.gd'));
}

/** What the engine should say. */
function expected(rpcs: ReadonlyMap<string, ScriptRpc>): Omit<About, 'path'> {
  const order = inCallOrder(rpcs.keys());
  const of = <T>(make: (rpc: ScriptRpc, name: string) => T): Record<string, T> =>
    Object.fromEntries([...rpcs].map(([name, rpc]) => [name, make(rpc, name)]));
  return {
    config: of(({ rpcMode, callLocal, transferMode, channel }) => ({
      rpc_mode: rpcMode,
      call_local: callLocal,
      transfer_mode: transferMode,
      // Written only when it is another one.
      ...(channel === 0 ? {} : { channel }),
    })),
    parameters: of(({ argumentTypes, leastArguments, mostArguments }) => [
      argumentTypes.map((type, i) => [`arg${i}`, typeId(type)]),
      argumentTypes.length - leastArguments,
      mostArguments === Number.POSITIVE_INFINITY,
    ]),
    checksum: rpcs.size === 0 ? '' : checksumOf(order),
    sent: of(({ transferMode, channel }, name) => [order.indexOf(name), transferMode, channel]),
  };
}

/** The number of a type; 0 for any, 24 for objects. */
function typeId(type: string): number {
  if (type === 'Variant') return 0;
  return variantTypeByString(type.replace(/\[.*/, '')) ?? 24;
}
