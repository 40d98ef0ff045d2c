/** The tree and the scenes of the simulation of replication: the same at the server and at all clients. */
import { NodePath, PackedStringArray, type VariantValue, Vector2 } from '../../../codec/index.ts';
import {
  type MirrorNode,
  type NodeInput,
  type ReplicationMode,
  SceneReplicationConfig,
} from '../../../schema/index.ts';
import type { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';

/** What is in the lists of the spawners. A `nest` has a spawner of its own, and a `pair` two synchronizers. */
export const SCENES = ['res://mob.tscn', 'res://box.tscn', 'res://nest.tscn', 'res://pair.tscn'] as const;

export const LEVEL = '/root/Main/Level';
/** Where nodes are spawned automatically; the first one is loaded late by some clients. */
export const PENS = [`${LEVEL}/Mobs`, '/root/Main/Arena/Mobs'] as const;
export const PLAYERS = `${LEVEL}/Players`;
/** Scene nodes with a synchronizer, which nobody spawns. */
export const DOORS = [`${LEVEL}/Door`, '/root/Main/Arena/Door'] as const;
/** Where a client spawns; the spawner is beside it. */
export const YARD = '/root/Main/Arena/Yard';
/** What a synchronizer of this name lets travel after the spawn. */
export const VALUES_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ['Sync', ['always', 'watched', 'watched2', 'position']],
  ['Sync2', ['second']],
  ['Owner', ['owner']],
  ['Input', ['move', 'aim']],
]);

/** What is synchronized always, on change, and with the spawn alone. */
const MODES = [
  ['.:metadata/uid', 0],
  ['.:metadata/born', 0],
  ['.:position', 1],
  ['.:metadata/always', 1],
  ['.:metadata/watched', 2],
  ['.:metadata/watched2', 2],
] as const satisfies readonly (readonly [string, ReplicationMode])[];

function configOf(modes: readonly (readonly [string, ReplicationMode])[]): SceneReplicationConfig {
  const config = new SceneReplicationConfig();
  for (const [path, mode] of modes) {
    config.addProperty(path);
    config.propertySetReplicationMode(path, mode);
  }
  return config;
}

const STATE = configOf(MODES);
const SECOND = configOf([['.:metadata/second', 2]]);
const OWNER = configOf([['.:metadata/owner', 2]]);
const INPUT = configOf([
  ['.:metadata/move', 1],
  ['.:metadata/aim', 2],
]);

function synchronizer(name: string, config: SceneReplicationConfig, isPublic = true): NodeInput {
  const properties = { replication_config: config, public_visibility: isPublic };
  return { name, class: 'MultiplayerSynchronizer', properties };
}

function spawner(name: string, path: string): NodeInput {
  const properties = {
    spawn_path: new NodePath(path),
    _spawnable_scenes: new PackedStringArray([...SCENES]),
  };
  return { name, class: 'MultiplayerSpawner', properties };
}

const METADATA: Readonly<Record<string, VariantValue>> = {
  uid: 0n,
  born: 0n,
  always: 0n,
  watched: 0n,
  watched2: 0n,
};
const AT = { position: new Vector2(0, 0) };

function inputOf(path: string): NodeInput {
  const name = 'Mob';
  const base = { name, class: 'Node2D', instance: path, properties: AT, metadata: METADATA };
  switch (path) {
    case 'res://box.tscn':
      return { name, class: 'Node2D', instance: path, metadata: { uid: 0n } };
    case 'res://nest.tscn':
      return {
        ...base,
        children: [
          synchronizer('Sync', STATE),
          { name: 'Brood', class: 'Node2D' },
          spawner('Spawner', '../Brood'),
        ],
      };
    case 'res://pair.tscn':
      return {
        ...base,
        metadata: { ...METADATA, second: 0n },
        children: [synchronizer('Sync', STATE), synchronizer('Sync2', SECOND)],
      };
    default:
      return { ...base, children: [synchronizer('Sync', STATE)] };
  }
}

/** Makes the node of a scene, with its calls. */
export function makeScene(multiplayer: SceneMultiplayer, path: string): MirrorNode {
  return withCalls(multiplayer.mirror.createNode(inputOf(path)));
}

/**
 * Makes the node of a player. Who owns its input is a property of it, and everybody lets him decide as soon as the input is in the
 * tree. `data`: the peer, its number among all nodes, its place.
 */
export function makePlayer(multiplayer: SceneMultiplayer, data: VariantValue): MirrorNode {
  const [id, uid = 0n, x = 0n] = Array.isArray(data) ? data : [];
  const node = multiplayer.mirror.createNode({
    name: `P${Number(id)}`,
    class: 'Node2D',
    properties: { position: new Vector2(Number(x), 0) },
    metadata: { ...METADATA, uid, owner: id, move: 0n, aim: 0n },
    children: [
      synchronizer('Sync', STATE),
      synchronizer('Owner', OWNER),
      synchronizer('Input', INPUT, false),
    ],
  });
  const input = node.findChild('Input');
  input?.setMultiplayerAuthority(Number(id));
  // What a client says is for the server alone.
  if (input !== undefined) multiplayer.synchronizer(input).setVisibilityFor(1, true);
  return withCalls(node);
}

/** Whether a node is that of a player. */
export function isPlayer(node: MirrorNode): boolean {
  return /^P\d+$/.test(node.name);
}

/** Lets the owners of inputs decide about them: those that come, and (`obey`) those that have got another owner. */
export function followOwners({ mirror }: SceneMultiplayer): { obey(): void } {
  const inputs = new Set<MirrorNode>();
  const obey = (input: MirrorNode): void => {
    const owner = Number(input.getParent()?.getMeta('owner'));
    if (input.getMultiplayerAuthority() !== owner) input.setMultiplayerAuthority(owner);
  };
  mirror.watchTree({
    entered: (node) => {
      if (node.name !== 'Input') return;
      inputs.add(node);
      obey(node);
    },
    exiting: (node) => inputs.delete(node),
  });
  return { obey: () => inputs.forEach(obey) };
}

/** What is there before any level is loaded. */
export function growMain(multiplayer: SceneMultiplayer): void {
  const main = multiplayer.mirror.root.addChild({ name: 'Main', class: 'Node' });
  for (const method of ['loaded', 'pong']) main.rpcConfig(method, { rpcMode: 'any_peer' });
  for (const method of ['reload', 'ping', 'yard']) main.rpcConfig(method, { rpcMode: 'authority' });
  const yard = { name: 'Yard', class: 'Node2D' };
  const parts = [...partsOf(), yard, spawner('YardSpawner', '../Yard')];
  grow(main, { name: 'Arena', class: 'Node2D', children: parts });
}

/** What clients load early or late. */
export function growLevel(multiplayer: SceneMultiplayer): void {
  const main = multiplayer.mirror.getNode('/root/Main');
  if (main === undefined) throw new Error('there is no Main');
  const players: NodeInput = {
    name: 'PlayerSpawner',
    class: 'MultiplayerSpawner',
    properties: { spawn_path: new NodePath('../Players') },
  };
  const level = multiplayer.mirror.createNode({
    name: 'Level',
    class: 'Node2D',
    children: [...partsOf(), { name: 'Players', class: 'Node2D' }, players],
  });
  const node = level.findChild('PlayerSpawner');
  if (node !== undefined) multiplayer.spawner(node).spawnFunction = (data) => makePlayer(multiplayer, data);
  main.attach(level);
  withCalls(level.findChild('Door'));
}

function partsOf(): NodeInput[] {
  return [
    { name: 'Mobs', class: 'Node2D' },
    spawner('Spawner', '../Mobs'),
    {
      name: 'Door',
      class: 'Node2D',
      properties: AT,
      metadata: METADATA,
      children: [synchronizer('Sync', STATE)],
    },
  ];
}

function grow(parent: MirrorNode, input: NodeInput): void {
  const node = parent.addChild(input);
  withCalls(node.findChild('Door'));
}

function withCalls<Node extends MirrorNode | undefined>(node: Node): Node {
  node?.rpcConfig('hit', { rpcMode: 'any_peer' });
  node?.onRpc('hit', () => undefined);
  return node;
}
