/**
 * Text scenes loaded by the real engine, against what the mirror makes of them: the scenes of test/schema/tscn and random ones.
 * Every value that the mirror stores is compared, and every stored property of the engine that the mirror lacks.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GodotObject, varToBytes } from '../../../codec/index.ts';
import {
  type MirrorNode,
  ResourceReference,
  SceneMirror,
  sceneTextToDocument,
} from '../../../schema/index.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { Godot4 } from './engine.ts';
import { randomScenes } from './randomScenes.ts';

const engine = peer('godot4');
const SEED = Number(process.env['SCENE_SEED'] ?? 20_260_101);
const COUNT = 150;

describe.skipIf(engine.isMissing)(`scenes in Godot 4.6${engine.note}`, { timeout: 240_000 }, () => {
  let godot: Godot4;
  beforeAll(async () => {
    godot = await Godot4.open();
  });
  afterAll(() => godot?.close());

  test('the scenes of the tests, and those from the field', async () => {
    const files = new Map([...folder('scenes'), ...folder('field')]);
    const names = [...files.keys()].filter((name) => !REFUSED.has(name) && !OTHERS.has(name));
    const { compared, differences } = await compare(godot, files, names);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(50);
  });

  test(`${COUNT} random scenes, seed ${SEED}`, async () => {
    const scenes = fc.sample(randomScenes(), { seed: SEED, numRuns: COUNT });
    const files = new Map<string, string>();
    for (const [i, { base, scene }] of scenes.entries()) {
      files.set(`base${i}.tscn`, base);
      files.set(`s${i}.tscn`, scene.replaceAll('res://base.tscn', `res://base${i}.tscn`));
    }
    const { compared, differences } = await compare(godot, files, [...files.keys()]);
    expect(differences, `seed ${SEED}`).toEqual([]);
    expect(compared).toBeGreaterThan(COUNT * 4);
  });
});

/** Not compared: what the engine itself refuses (a byte order mark; a scene whose instance is not there). */
const REFUSED = new Set(['bom.tscn', 'unresolved.tscn']);
/** Not compared: classes of another module; placeholders, which the mirror has as a Node. */
const OTHERS = new Set(['unknown_class.tscn', 'placeholder.tscn']);

function folder(name: string): [string, string][] {
  const url = new URL(`../../schema/tscn/${name}/`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith('.tscn'))
    .map((file) => [file, withoutAssets(readFileSync(new URL(file, url), 'utf8'))]);
}

/** Textures and the like are null, since they would have to be imported. */
function withoutAssets(text: string): string {
  // The mirror keeps the paths of exported nodes, not the nodes.
  let result = text
    .replaceAll(/ node_paths=PackedStringArray\([^)]*\)/g, '')
    .replaceAll(/\bResource\([^)]*\)/g, 'null');
  for (const [line = '', fields = ''] of text.matchAll(/\[ext_resource ([^\]]*)\]/g)) {
    if (/type="(Script|PackedScene)"/.test(fields)) continue;
    const id = /\bid="?([^"\s\]]+)"?/.exec(fields)?.[1] ?? '';
    result = result
      .replace(line, '')
      .replaceAll(new RegExp(`ExtResource\\(\\s*"?${id}"?\\s*\\)`, 'g'), 'null');
  }
  return result;
}

async function compare(
  godot: Godot4,
  files: ReadonlyMap<string, string>,
  names: readonly string[],
): Promise<{ compared: number; differences: string[] }> {
  const scripts = new Map<string, Set<string>>();
  const lines = names.map((name) => {
    const mirror = SceneMirror.fromJSON(
      sceneTextToDocument(files.get(name) ?? '', {
        file: `res://${name}`,
        resolve: (path) => files.get(path.slice('res://'.length)),
      }),
    );
    const root = mirror.root.getChild(0);
    if (root === undefined) throw new Error(`${name} has no root`);
    return JSON.stringify({ scene: `res://${name}`, root: expected(root, root, scripts) });
  });
  const sources = [...scripts].map(([path, variables]): [string, string] => [
    path.slice('res://'.length),
    `extends Node\n${[...variables].map((name) => `@export var ${name}: Variant\n`).join('')}`,
  ]);
  const run = await godot.run({
    files: {
      'main.gd': readFileSync(new URL('compare_scenes.gd', import.meta.url), 'utf8'),
      'expected.jsonl': lines.join('\n'),
      ...Object.fromEntries(files),
      ...Object.fromEntries(sources),
    },
    timeoutMs: 200_000,
  });
  const [last = ''] = run.reports.slice(-1);
  const [, nodes = '0', values = '0'] = /^compared (\d+) (\d+)$/.exec(last) ?? [];
  console.log(`${names.length} scenes, ${nodes} nodes, ${values} values compared with Godot 4.6`);
  return {
    compared: Number(nodes),
    differences: run.reports.slice(0, /^compared /.test(last) ? -1 : undefined),
  };
}

interface Expected {
  readonly name: string;
  readonly class: string;
  readonly owner: string;
  readonly groups: readonly string[];
  readonly instance: string;
  readonly names: Readonly<Record<string, true>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly children: readonly Expected[];
}

function expected(node: MirrorNode, root: MirrorNode, scripts: Map<string, Set<string>>): Expected {
  const properties: Record<string, string> = {};
  const names: Record<string, true> = {};
  for (const info of node.listed()) {
    names[info.name] = true;
    const value = node.storedValue(info);
    // Resources are compared by their absence alone: ids mean nothing elsewhere.
    if (typeof value === 'object' && value !== null && holdsObject(value)) continue;
    if (value !== null) properties[info.name] = hex(varToBytes(value as never));
  }
  for (const [name, value] of node.metadata) {
    names[`metadata/${name}`] = true;
    if (!holdsObject(value)) properties[`metadata/${name}`] = hex(varToBytes(value as never));
  }
  const script = node.get('script');
  if (script instanceof ResourceReference) {
    const known = scripts.get(script.path) ?? new Set();
    scripts.set(script.path, known);
    for (const { name } of node.scriptVariables()) if (/^\w+$/.test(name)) known.add(name);
  }
  return {
    name: node.name,
    class: node.class,
    owner: node.owner === undefined ? '' : pathFrom(root, node.owner),
    groups: node.getGroups().sort(),
    instance: node.instance ?? '',
    names,
    properties,
    children: node.getChildren().map((child) => expected(child, root, scripts)),
  };
}

function pathFrom(root: MirrorNode, node: MirrorNode): string {
  const names: string[] = [];
  for (let at: MirrorNode | undefined = node; at !== undefined && at !== root; at = at.getParent())
    names.push(at.name);
  return names.length === 0 ? '.' : names.reverse().join('/');
}

function holdsObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof ResourceReference || value instanceof GodotObject) return true;
  if (value instanceof Map) return [...value].some(([key, item]) => holdsObject(key) || holdsObject(item));
  return Array.isArray(value) && value.some(holdsObject);
}
