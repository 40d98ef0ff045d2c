/** Spawned nodes and states for clients of every version of Godot 4 in one room, and how the first versions are told apart. */
import { describe, expect, test } from 'vitest';
import {
  Color,
  type Dialect,
  NodePath,
  TypedArray,
  VariantType,
  Vector2,
  variantTypeOf,
} from '../../codec/index.ts';
import { type MirrorNode, type SceneMirror, SceneReplicationConfig } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Game, type Side } from './game.ts';
import { confirmPath, WireRoom } from './wireRoom.ts';

/** The keys by which editors say how a property is replicated. */
type Keys = Readonly<Record<string, boolean | number>>;

/** A project in which each version finds the keys that it knows, all with the same meaning. */
const EVERY: readonly [always: Keys, onChange: Keys] = [
  { spawn: true, sync: true, watch: false, replication_mode: 1 },
  { spawn: true, sync: true, watch: true, replication_mode: 2 },
];
/** As the editor of 4.0 and of 4.1 writes them. */
const BY_4_0: typeof EVERY = [
  { spawn: true, sync: true },
  { spawn: true, sync: true },
];
const BY_4_1: typeof EVERY = [
  { spawn: true, sync: true, watch: false },
  { spawn: true, sync: false, watch: true },
];

let calls: [unique: number, value: unknown][] = [];

class Mob extends NodeScript {
  static override readonly path: string = 'res://mob.gd';
  static override readonly rpcs = { hit: rpc().args('int') };

  hit(value: number): void {
    calls.push([this.multiplayer.getUniqueId(), value]);
  }

  override _enterTree(): void {
    this.node.getNode('Input')?.setMultiplayerAuthority(Number(this.node.name.slice(1)));
  }
}

describe('a room with a client of each version', () => {
  const VERSIONS: readonly Dialect[] = ['4.0', '4.1', '4.2', '4.3', '4.4', '4.6'];

  test('all see the same nodes, and in the end the same values', () => {
    const clients = new Map<number, Dialect>();
    const game = room(EVERY, { dialect: (id) => clients.get(id) });
    for (const dialect of VERSIONS) clients.set(idIn(join(game, dialect)), dialect);
    const mob = spawn(game, 'M7');
    mob.set('position', new Vector2(3, 4));
    game.run(40);
    const late = new Map(VERSIONS.map((dialect) => [dialect, join(game, dialect)]));
    for (const [dialect, side] of late) clients.set(idIn(side), dialect);
    game.run(40);
    mob.set('position', new Vector2(5, 6));
    mob.set('modulate', new Color(0.5, 0.25, 1, 1));
    mob.set('tags', new TypedArray(VariantType.INT, [4, 5, 6]));
    game.run(40);
    for (const side of game.clients) {
      const seen = mobIn(side, 'M7');
      expect(seen?.get('position')).toEqual(new Vector2(5, 6));
      expect(seen?.get('modulate')).toEqual(new Color(0.5, 0.25, 1, 1));
      expect([...((seen?.get('tags') ?? []) as Iterable<unknown>)]).toEqual([4, 5, 6]);
      expect(variantTypeOf(seen?.get('tags'))).toBe(VariantType.ARRAY);
      expect(side.lines).toEqual([]);
      expect(side.multiplayer.refusals()).toEqual({});
    }
    mob.free();
    game.run(20);
    expect(game.clients.map((side) => mobIn(side, 'M7'))).toEqual(game.clients.map(() => undefined));
  });

  test('a spawn waits until the version is known, and calls come behind it', () => {
    calls = [];
    const game = room(BY_4_0, {});
    const mob = spawn(game, 'M7');
    const client = join(game, '4.3');
    game.server.multiplayer.on('peerConnected', (id) => game.server.multiplayer.rpc(id, mob, 'hit', [1]));
    game.run(40);
    expect(mobIn(client, 'M7')?.get('position')).toEqual(new Vector2(1, 2));
    expect(calls).toEqual([[idIn(client), 1]]);
    expect(client.multiplayer.refusals()).toEqual({});
  });

  test('a node that is freed before the version is known never appears', () => {
    const game = room(BY_4_0, {});
    const mob = spawn(game, 'M7');
    const client = join(game, '4.3');
    game.server.multiplayer.on('peerConnected', () => mob.free());
    game.run(40);
    expect(mobIn(client, 'M7')).toBe(undefined);
    expect(client.multiplayer.refusals()).toEqual({});
  });
});

describe('4.0 and 4.1, which answer alike', () => {
  test.each([
    ['4.0', BY_4_0],
    ['4.1', BY_4_1],
  ] as const)('a client of %s has the version of the project', (dialect, keys) => {
    const game = room(keys, {});
    const mob = spawn(game, 'M7');
    const client = join(game, dialect);
    game.run(40);
    expect(mobIn(client, 'M7')?.get('position')).toEqual(new Vector2(1, 2));
    mob.set('position', new Vector2(5, 6));
    mob.set('modulate', new Color(0.5, 0.25, 1, 1));
    game.run(40);
    expect(mobIn(client, 'M7')?.get('position')).toEqual(new Vector2(5, 6));
    expect(mobIn(client, 'M7')?.get('modulate')).toEqual(new Color(0.5, 0.25, 1, 1));
    expect(client.lines).toEqual([]);
    expect(client.multiplayer.refusals()).toEqual({});
  });

  test('a client of 4.1 with scenes that 4.0 has saved is found out by the first state that it sends', () => {
    const game = room(BY_4_0, {});
    const client = join(game, '4.1');
    game.run(40);
    expect(game.server.multiplayer.dialectOf(idIn(client))).toBe('4.0');
    const name = `M${idIn(client)}`;
    const mob = spawn(game, name);
    game.run(20);
    mobIn(client, name)?.set('rotation', 0.5);
    game.run(40);
    expect(mob.get('rotation')).toBe(0.5);
    expect(game.server.multiplayer.dialectOf(idIn(client))).toBe('4.1');
    mob.set('position', new Vector2(5, 6));
    mob.set('modulate', new Color(0.5, 0.25, 1, 1));
    game.run(40);
    expect(mobIn(client, name)?.get('position')).toEqual(new Vector2(5, 6));
    expect(mobIn(client, name)?.get('modulate')).toEqual(new Color(0.5, 0.25, 1, 1));
    expect(game.server.multiplayer.refusals()).toEqual({});
  });

  test('one of which nothing but its answer is known, as 4.2 over WebSockets, has the version of the project too', () => {
    for (const [mode, times] of [
      ['replication_mode', 1],
      ['sync', 2],
    ] as const) {
      const wire = new WireRoom();
      const body = wire.mirror.createNode({ name: 'Body', class: 'Node2D' });
      body.instance = 'res://body.tscn';
      const sync = body.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
      wire.multiplayer.synchronizer(sync).replicationConfig = SceneReplicationConfig.fromProperties([
        ['properties/0/path', new NodePath('.:position')],
        ['properties/0/spawn', true],
        [`properties/0/${mode}`, mode === 'sync' ? true : 1],
      ]);
      const level = wire.mirror.root.addChild({ name: 'Level', class: 'Node' });
      wire.mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' });
      const spawner = wire.multiplayer.spawner('/root/Spawner');
      spawner.addSpawnableScene('res://body.tscn');
      spawner.spawnPath = '../Level';
      level.addChild(body);
      wire.peer.join(2);
      expect(wire.sent().map(([, hex]) => hex.slice(0, 2))).toEqual(['01']);
      wire.receive(2, confirmPath('.'));
      const spawn = wire.sent().find(([, hex]) => hex.startsWith('04'))?.[1] ?? '';
      const state = spawn.slice(spawn.indexOf(Buffer.from('Body\0').toString('hex')) + 10);
      expect(state).toBe('050000000000000000000000'.repeat(times));
    }
  });

  test('that they do not set parts of properties is told once', () => {
    const game = room(BY_4_1, {}, '.:position:x');
    spawn(game, 'M7');
    const client = join(game, '4.1');
    game.run(40);
    expect(mobIn(client, 'M7')?.get('modulate')).toEqual(new Color(1, 1, 1, 1));
    expect(game.server.lines.filter((line) => line.includes('parts of properties'))).toHaveLength(1);
  });
});

function room(
  keys: typeof EVERY,
  options: ConstructorParameters<typeof Game>[2] = {},
  moved = '.:position',
): Game {
  const files = { 'res://main.tscn': MAIN, 'res://mob.tscn': mobScene(keys, moved) };
  const grow = (mirror: SceneMirror): void => {
    mirror.root.addChild(mirror.instantiate('res://main.tscn'));
  };
  return new Game([Mob], grow, options, { seed: 1 }, files);
}

function join(game: Game, dialect: Dialect): Side {
  return game.join({ dialect, compatibility: 'engine' });
}

function spawn({ server }: Game, name: string): MirrorNode {
  const mob = server.mirror.instantiate('res://mob.tscn', { name });
  server.mirror.getNode('/root/Main/Level')?.addChild(mob);
  return mob;
}

function mobIn({ mirror }: Side, name: string): MirrorNode | undefined {
  return mirror.getNode(`/root/Main/Level/${name}`);
}

function idIn({ multiplayer }: Side): number {
  return multiplayer.getUniqueId();
}

function mobScene([always, onChange]: typeof EVERY, moved: string): string {
  const config = (id: string, properties: readonly (readonly [path: string, keys: Keys])[]): string =>
    [
      `[sub_resource type="SceneReplicationConfig" id="${id}"]`,
      ...properties.flatMap(([path, keys], i) => [
        `properties/${i}/path = NodePath("${path}")`,
        ...Object.entries(keys).map(([name, value]) => `properties/${i}/${name} = ${value}`),
      ]),
      '',
    ].join('\n');
  return `[gd_scene load_steps=4 format=3]

[ext_resource type="Script" path="res://mob.gd" id="1"]

${config('state', [
  [moved, always],
  ['.:modulate', onChange],
  ['.:tags', onChange],
])}
${config('input', [['.:rotation', always]])}
[node name="Mob" type="Node2D"]
position = Vector2(1, 2)
script = ExtResource("1")
tags = Array[int]([1, 2])

[node name="State" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("state")

[node name="Input" type="MultiplayerSynchronizer" parent="."]
replication_config = SubResource("input")
`;
}

const MAIN = `[gd_scene format=3]

[node name="Main" type="Node"]

[node name="Level" type="Node" parent="."]

[node name="Spawner" type="MultiplayerSpawner" parent="."]
_spawnable_scenes = PackedStringArray("res://mob.tscn")
spawn_path = NodePath("../Level")
`;
