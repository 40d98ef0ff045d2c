/**
 * What the engine reads of spawners, synchronizers, replication configurations and RPCs in text scenes, of 4.6 and of each older
 * version (golden/multiplayer/README.md, golden/dialects/README.md). GOLDEN_MULTIPLAYER and GOLDEN_DIALECTS name other folders.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Dialect, NodePath, PackedStringArray } from '../../../codec/index.ts';
import {
  type MirrorNode,
  type ReplicationLists,
  replicationConfigOf,
  SceneMirror,
} from '../../../schema/index.ts';
import { readFromFolder } from '../../../src/multiplayer.ts';
import { readProject } from '../../../src/project.ts';
import { written } from './rpcConfig.ts';

/** A property of a configuration: path, whether it spawns, mode. */
type GoldenProperty = readonly [path: string, spawn: boolean, mode: number];

interface GoldenLists {
  readonly spawn: readonly string[];
  readonly sync: readonly string[];
  readonly watch?: readonly string[];
}

interface GoldenNode {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly script?: string;
  readonly instance?: string;
  /** The RPCs of its script. */
  readonly rpc?: Readonly<Record<string, unknown>>;
  readonly spawner?: {
    readonly spawn_path: string;
    readonly spawn_limit: number;
    readonly scenes: readonly string[];
  };
  readonly synchronizer?: {
    readonly config: readonly GoldenProperty[] | null;
    readonly lists?: GoldenLists;
    readonly [property: string]: unknown;
  };
}

interface GoldenScene {
  readonly file: string;
  readonly ok: boolean;
  readonly nodes: readonly GoldenNode[];
}

/** What an older version reads otherwise of a node. */
interface GoldenDifference {
  readonly file: string;
  readonly node: string;
  readonly config?: readonly GoldenProperty[];
  readonly lists?: GoldenLists;
  readonly scenes?: readonly string[];
}

const OWN = process.env['GOLDEN_MULTIPLAYER'] === undefined;
const folder =
  process.env['GOLDEN_MULTIPLAYER'] ?? fileURLToPath(new URL('../../../golden/multiplayer', import.meta.url));
const dialects =
  process.env['GOLDEN_DIALECTS'] ?? fileURLToPath(new URL('../../../golden/dialects', import.meta.url));

/** Scenes and scripts. */
const project = readProject(readFromFolder(join(folder, 'project')));

const scenesFile = join(folder, 'scenes.json');
// Another folder may lack scenes; our own may not.
const rows = !OWN && !existsSync(scenesFile) ? [] : read<{ scenes: GoldenScene[] }>(scenesFile).scenes;

describe('scenes of 4.6', () => {
  test.skipIf(!OWN)('are there', () => expect(rows.length).toBe(14));

  test.each(rows.map((row) => [row.file, row] as const))('%s', (file, row) => {
    if (!row.ok) {
      expect(() => instantiate(file)).toThrow();
      return;
    }
    const { mirror, root } = instantiate(file);
    expect([...root.walk()].map((node) => described(root, node))).toEqual(
      row.nodes.map(({ path, name, type, script = '', instance }) => ({
        path,
        name,
        type,
        script,
        ...(path === '.' || instance === undefined ? {} : { instance }),
      })),
    );
    for (const golden of row.nodes) {
      const node = at(root, golden.path);
      const script = project.scripts.get(node.scriptPath);
      const rpcs = [...(script?.rpcs ?? [])].map(([name, rpc]) => [name, written(rpc)] as const);
      expect(Object.fromEntries(rpcs)).toEqual(golden.rpc ?? {});
      expect([...mirror.scriptRpcsOf(node).keys()]).toEqual(rpcs.map(([name]) => name));
      if (golden.spawner !== undefined) expect(spawnerOf(node)).toEqual(golden.spawner);
      if (golden.synchronizer !== undefined) expect(synchronizerOf(node)).toEqual(golden.synchronizer);
    }
  });
});

const differencesFile = join(dialects, 'scenes.json');
const differences =
  process.env['GOLDEN_DIALECTS'] !== undefined && !existsSync(differencesFile)
    ? {}
    : read<Record<string, GoldenDifference[]>>(differencesFile);

describe.each(Object.keys(differences))('scenes as %s reads them', (version) => {
  // All nodes of all scenes: what is not listed is as in 4.6.
  const synchronizers = rows.flatMap(({ file, nodes }) =>
    nodes.flatMap((node) => (node.synchronizer === undefined ? [] : [{ file, node }])),
  );

  test.each(synchronizers.map(({ file, node }) => [file, node.path, node] as const))(
    '%s: %s',
    (file, path, node) => {
      const golden = differences[version]?.find((row) => row.file === file && row.node === path);
      const config = replicationConfigOf(at(instantiate(file).root, path));
      const lists = golden?.lists ?? node.synchronizer?.lists;
      if (config === null || lists === undefined) {
        expect(config).toBe(null);
        expect(node.synchronizer?.config).toBe(null);
        return;
      }
      const { watch, ...rest } = texts(config.listsFor(version as Dialect));
      expect(version === '4.0' ? rest : { ...rest, watch }).toEqual(
        version === '4.0' ? { spawn: lists.spawn, sync: lists.sync } : lists,
      );
      expect(version === '4.0' ? watch : []).toEqual([]);
    },
  );

  test('uid:// texts of spawners stay what they are in the node', () => {
    const known = new Set(rows.map(({ file }) => file));
    for (const { file, node, scenes } of differences[version] ?? []) {
      if (scenes === undefined || !known.has(file)) continue;
      expect(spawnable(at(instantiate(file).root, node))).toEqual(scenes);
    }
  });
});

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function instantiate(file: string): { mirror: SceneMirror; root: MirrorNode } {
  const mirror = new SceneMirror({ resources: project.files });
  project.register(mirror);
  const root = mirror.instantiate(`res://scenes/${file}`);
  mirror.root.addChild(root);
  return { mirror, root };
}

function at(root: MirrorNode, path: string): MirrorNode {
  const node = path === '.' ? root : root.getNode(new NodePath(path));
  if (node === undefined) throw new Error(`no node at ${path}`);
  return node;
}

function described(root: MirrorNode, node: MirrorNode): object {
  const names: string[] = [];
  for (
    let above: MirrorNode | undefined = node;
    above !== undefined && above !== root;
    above = above.getParent()
  )
    names.unshift(above.name);
  return {
    path: names.length === 0 ? '.' : names.join('/'),
    name: node.name,
    type: node.class,
    script: node.scriptPath,
    ...(node === root || node.instance === undefined ? {} : { instance: node.instance }),
  };
}

function spawnable(node: MirrorNode): string[] {
  const scenes = node.get('_spawnable_scenes');
  return scenes instanceof PackedStringArray ? [...scenes.values] : [];
}

function spawnerOf(node: MirrorNode): object {
  const { mirror } = node;
  if (!(mirror instanceof SceneMirror)) throw new Error('no scene mirror');
  return {
    spawn_path: String(node.get('spawn_path')),
    spawn_limit: node.get('spawn_limit'),
    scenes: spawnable(node).map((scene) => mirror.ensurePath(scene)),
  };
}

function synchronizerOf(node: MirrorNode): object {
  const config = replicationConfigOf(node);
  return {
    root_path: String(node.get('root_path')),
    replication_interval: node.get('replication_interval'),
    delta_interval: node.get('delta_interval'),
    visibility_update_mode: node.get('visibility_update_mode'),
    public_visibility: node.get('public_visibility'),
    config:
      config === null
        ? null
        : config
            .getProperties()
            .map((path) => [
              String(path),
              config.propertyGetSpawn(path),
              config.propertyGetReplicationMode(path),
            ]),
    ...(config === null ? {} : { lists: texts(config.listsFor('4.6')) }),
  };
}

function texts({ spawn, sync, watch }: ReplicationLists): Required<GoldenLists> {
  return { spawn: spawn.map(String), sync: sync.map(String), watch: watch.map(String) };
}
