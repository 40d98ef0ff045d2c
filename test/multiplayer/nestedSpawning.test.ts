/** What is below a spawned node, and scene nodes with a synchronizer: nobody hears of what he does not see. */
import { describe, expect, test } from 'vitest';
import { NodePath, PackedStringArray } from '../../codec/index.ts';
import { type MirrorNode, SceneReplicationConfig } from '../../schema/index.ts';
import type { SceneMultiplayerOptions } from '../../src/multiplayer/options.ts';
import type { MultiplayerSynchronizer } from '../../src/multiplayer/replication/MultiplayerSynchronizer.ts';
import { confirmId, idOf, WireRoom } from './wireRoom.ts';

interface Nest {
  readonly room: WireRoom;
  readonly nest: MirrorNode;
  readonly brood: MirrorNode;
  readonly sync: MultiplayerSynchronizer;
  /** Adds a node to the brood. */
  add(name: string): MirrorNode;
}

const config = new SceneReplicationConfig();
config.addProperty('.:position');
const SYNC = {
  name: 'Sync',
  class: 'MultiplayerSynchronizer',
  properties: { replication_config: config },
} as const;

function spawnerFor(path: string) {
  return {
    name: 'Spawner',
    class: 'MultiplayerSpawner',
    properties: {
      spawn_path: new NodePath(path),
      _spawnable_scenes: new PackedStringArray(['res://nest.tscn', 'res://egg.tscn']),
    },
  };
}

/** A spawned node with a spawner of its own, and two peers: 2, and 3 who comes later. */
function nestFor(options: Partial<SceneMultiplayerOptions> = {}): Nest {
  const room = new WireRoom({ dialect: '4.6', ...options });
  const { mirror, multiplayer } = room;
  const level = mirror.root.addChild({ name: 'Level', class: 'Node' });
  mirror.root.addChild(spawnerFor('../Level'));
  room.peer.join(2);
  const nest = mirror.createNode({
    name: 'Nest',
    class: 'Node2D',
    instance: 'res://nest.tscn',
    children: [SYNC, { name: 'Brood', class: 'Node2D' }, spawnerFor('../Brood')],
  });
  level.attach(nest);
  const [node, brood] = nest.getChildren();
  if (node === undefined || brood === undefined) throw new Error('there is no nest');
  const add = (name: string): MirrorNode =>
    brood.addChild(
      mirror.createNode({ name, class: 'Node2D', instance: 'res://egg.tscn', children: [SYNC] }),
    );
  return { room, nest, brood, sync: multiplayer.synchronizer(node), add };
}

/** What was sent, by peer and command. */
function heads(room: WireRoom): string[] {
  return room.sent().map(([to, hex]) => `${to}:${hex.slice(0, 2)}`);
}

/** The peers know every node that they were told of. @returns what was sent. */
function confirmAll(room: WireRoom): string[] {
  const sent = room.sent();
  for (const [to, hex] of sent) if (hex.startsWith('01')) room.receive(to, confirmId(idOf(hex)));
  return sent.map(([to, hex]) => `${to}:${hex.slice(0, 2)}`);
}

describe('what is below a node', () => {
  test('goes before it and comes after it, for those who lose it and see it again', () => {
    const { room, sync, add } = nestFor();
    add('Egg');
    room.multiplayer.poll();
    expect(confirmAll(room)).toEqual(['2:01', '2:04', '2:01', '2:04', '2:06']);
    room.sent();
    sync.setVisibilityFor(0, false);
    const despawned = room.sent();
    expect(despawned.map(([, hex]) => hex)).toEqual(['0503000000', '0501000000']);
    room.wait(3000);
    expect(heads(room)).toEqual([]);
    sync.setVisibilityFor(0, true);
    room.multiplayer.poll();
    // The spawner of the nest is another one at the peer: it has another number.
    expect(heads(room)).toEqual(['2:04', '2:01', '2:04', '2:06']);
  });

  test('comes again at once with what is respawned, under its new name', () => {
    const { room, nest, add } = nestFor();
    const egg = add('Egg');
    room.multiplayer.poll();
    confirmAll(room);
    room.sent();
    const spawner = room.multiplayer.spawner(room.mirror.root.getChildren()[1] ?? nest);
    expect(spawner.respawn(egg)).toBe(false);
    expect(spawner.respawn(nest, { change: () => nest.rename('Other') })).toBe(true);
    nest.rpcConfig('hit', { rpcMode: 'any_peer' });
    nest.rpcId(2, 'hit');
    const sent = room.sent();
    expect(sent.map(([, hex]) => hex.slice(0, 2))).toEqual(['05', '05', '04', '01', '04', '01', 'e0']);
    expect(sent[2]?.[1]).toContain(Buffer.from('Other').toString('hex'));
    expect(egg.isInsideTree()).toBe(true);
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:06']);
  });

  test('is hidden from those who do not see it: no spawn, no state, no call, no path', () => {
    const { room, sync, brood, add } = nestFor();
    confirmAll(room);
    sync.setVisibilityFor(0, false);
    room.sent();
    const egg = add('Egg');
    for (const node of [egg, brood]) {
      node.rpcConfig('hit', { rpcMode: 'any_peer' });
      node.rpc('hit');
      node.rpcId(2, 'hit');
    }
    room.peer.join(3);
    room.wait(5000);
    expect(heads(room)).toEqual([]);
    sync.setVisibilityFor(3, true);
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['3:01', '3:04', '3:01', '3:04', '3:06']);
  });

  test('is sent all the same by an engine', () => {
    const { room, sync, add } = nestFor({ compatibility: 'engine' });
    sync.setVisibilityFor(0, false);
    room.sent();
    add('Egg');
    expect(heads(room)).toEqual(['2:01', '2:04']);
  });

  test('goes with a spawner that is taken away', () => {
    const { room, add } = nestFor();
    add('Egg');
    room.multiplayer.poll();
    room.sent();
    room.mirror.getNode('/root/Spawner')?.remove();
    expect(room.sent().map(([, hex]) => hex)).toEqual(['0503000000', '0501000000']);
  });
});

describe('a scene node with a synchronizer', () => {
  function doorFor(options: Partial<SceneMultiplayerOptions> = {}) {
    const room = new WireRoom({ dialect: '4.6', ...options });
    room.peer.join(2);
    const door = room.mirror.root.addChild({ name: 'Door', class: 'Node2D', children: [SYNC] });
    door.rpcConfig('hit', { rpcMode: 'any_peer' });
    return { room, door, sync: room.multiplayer.synchronizer('/root/Door/Sync') };
  }

  test('that is not of interest is not called', () => {
    let isWanted = false;
    const { room, door } = doorFor({
      replication: { interest: (_, node) => node.name !== 'Door' || isWanted, interestTicks: 1 },
    });
    door.rpc('hit');
    room.wait(1000);
    expect(heads(room)).toEqual([]);
    isWanted = true;
    room.multiplayer.poll();
    room.sent();
    door.rpc('hit');
    expect(heads(room)).toEqual(['2:01', '2:e0']);
  });

  test('that is hidden is not told again; when it is shown, it is', () => {
    const { room, sync } = doorFor();
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:01']);
    sync.setVisibilityFor(0, false);
    room.wait(5000);
    expect(heads(room)).toEqual([]);
    sync.setVisibilityFor(0, true);
    room.multiplayer.poll();
    const [told] = room.sent();
    room.receive(2, confirmId(idOf(told?.[1] ?? '')));
    expect(heads(room)).toEqual(['2:06']);
  });
});
