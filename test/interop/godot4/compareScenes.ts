/** Text scenes as the real engine loads them, against what the mirror makes of them: every value that the mirror stores, every stored property. */
import { readFileSync } from 'node:fs';
import { GodotObject, varToBytes } from '../../../codec/index.ts';
import {
  type MirrorNode,
  ResourceReference,
  SceneMirror,
  sceneTextToDocument,
} from '../../../schema/index.ts';
import { hex } from '../../support/hex.ts';
import type { Godot4 } from './engine.ts';

/**
 * Compares scenes of one project.
 *
 * @param files - the text scenes of the project by their paths below `res://`. Scripts are made up: they have the variables that scenes set.
 * @param names - those of them that are compared.
 * @returns how many nodes were compared, and what is not the same.
 */
export async function compareScenes(
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

/** Stored in scenes, but internal: in no list of properties. */
const INTERNAL = ['_spawnable_scenes'];

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
  for (const name of INTERNAL.filter((each) => node.has(each))) {
    names[name] = true;
    properties[name] = hex(varToBytes(node.get(name) as never));
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
