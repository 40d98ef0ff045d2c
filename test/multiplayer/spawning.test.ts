/** Spawners and synchronizers beyond the engine: what is left out and sent again, interest, budgets, gates, late confirmations. */
import { describe, expect, test } from 'vitest';
import { Dictionary, NodePath, TypedArray, VariantType, Vector2 } from '../../codec/index.ts';
import { type MirrorNode, SceneReplicationConfig } from '../../schema/index.ts';
import { NodeScript } from '../../src/multiplayer/NodeScript.ts';
import type { SceneMultiplayerOptions } from '../../src/multiplayer/options.ts';
import type { MultiplayerSpawner } from '../../src/multiplayer/replication/MultiplayerSpawner.ts';
import { confirmId, idOf, simplify, WireRoom } from './wireRoom.ts';

interface Game {
  readonly room: WireRoom;
  readonly level: MirrorNode;
  readonly spawner: MultiplayerSpawner;
  /** Adds a node that is spawned; `mode`: 1 always, 2 on change. */
  add(name: string, x?: number, mode?: 1 | 2): MirrorNode;
}

function gameWith(options: Partial<SceneMultiplayerOptions> = {}): Game {
  const room = new WireRoom({ dialect: '4.6', ...options });
  const level = room.mirror.root.addChild({ name: 'Level', class: 'Node' });
  const spawner = room.multiplayer.spawner(
    room.mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' }),
  );
  spawner.addSpawnableScene('res://mob.tscn');
  spawner.spawnPath = '../Level';
  const add = (name: string, x = 0, mode: 1 | 2 = 1): MirrorNode => {
    const config = new SceneReplicationConfig();
    config.addProperty('.:position');
    config.propertySetReplicationMode('.:position', mode);
    return level.addChild(
      room.mirror.createNode({
        name,
        class: 'Node2D',
        instance: 'res://mob.tscn',
        properties: { position: new Vector2(x, 0) },
        children: [
          { name: 'Sync', class: 'MultiplayerSynchronizer', properties: { replication_config: config } },
        ],
      }),
    );
  };
  return { room, level, spawner, add };
}

/** The peers know every node that they were told of. */
function confirmAll(room: WireRoom): void {
  for (const [to, hex] of room.sent()) if (hex.startsWith('01')) room.receive(to, confirmId(idOf(hex)));
  room.sent();
}

/** What was sent, by peer and command. */
function heads(room: WireRoom): string[] {
  return room.sent().map(([to, hex]) => `${to}:${hex.slice(0, 2)}`);
}

describe('a whole state that does not change', () => {
  test('is sent once more, reliably, when it rests; then no more', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    const mob = add('Mob');
    room.multiplayer.poll();
    confirmAll(room);
    room.wait(10_000);
    room.sent();
    mob.set('position', new Vector2(5, 6));
    const at: [seconds: number, mode: number][] = [];
    for (let tenths = 0; tenths <= 600; tenths++) {
      room.multiplayer.poll();
      for (const [, hex, mode] of room.sentModes()) if (hex.startsWith('06')) at.push([tenths / 10, mode]);
      room.nowMs += 100;
    }
    expect(at).toEqual([
      [0, 0],
      [0.3, 2],
    ]);
  });

  test('is sent unreliably only as long as it changes', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    const mob = add('Mob');
    room.multiplayer.poll();
    confirmAll(room);
    const modes = new Set<number>();
    for (let step = 1; step <= 100; step++) {
      mob.set('position', new Vector2(step, 0));
      room.wait(100);
      for (const [, hex, mode] of room.sentModes()) if (hex.startsWith('06')) modes.add(mode);
    }
    expect([...modes]).toEqual([0]);
  });

  test('is sent again before its time is so old that the next one would be older', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    add('Rests');
    const moves = add('Moves');
    room.multiplayer.poll();
    confirmAll(room);
    let last = 0;
    let rested = 0;
    for (let step = 1; step <= 70_000; step++) {
      moves.set('position', new Vector2(step, 0));
      room.nowMs += 20;
      room.multiplayer.poll();
      for (const [, hex] of room.sent()) {
        if (!hex.startsWith('06')) continue;
        const bytes = Buffer.from(hex, 'hex');
        const time = bytes.readUInt16LE(1);
        for (let i = 0; i < (bytes.length - 3) / 20; i++) {
          if (bytes.readUInt32LE(3 + 20 * i) !== 2) continue;
          rested++;
          expect((time - last) & 0xffff).toBeLessThan(32_767);
          last = time;
        }
      }
    }
    expect(rested).toBeGreaterThan(4);
  }, 60_000);

  test('is sent in every step by an engine', () => {
    const { room, add } = gameWith({ compatibility: 'engine' });
    room.peer.join(2);
    add('Mob');
    room.sent();
    room.wait(5000);
    expect(heads(room).filter((head) => head === '2:06')).toHaveLength(50);
  });

  test.each(['that was spawned', 'of the scene'])(
    'is sent to a newcomer once, reliably, and to nobody else because of that: of a node %s',
    (kind) => {
      const { room, add } = gameWith();
      const config = new SceneReplicationConfig();
      config.addProperty('.:position');
      room.peer.join(2);
      if (kind === 'that was spawned') add('Mob');
      else
        room.mirror.root.addChild({
          name: 'Board',
          class: 'Node2D',
          children: [
            { name: 'Sync', class: 'MultiplayerSynchronizer', properties: { replication_config: config } },
          ],
        });
      room.multiplayer.poll();
      confirmAll(room);
      room.wait(10_000);
      room.peer.join(3);
      room.multiplayer.poll();
      const before = room.sentModes();
      for (const [to, hex] of before) if (hex.startsWith('01')) room.receive(to, confirmId(idOf(hex)));
      room.wait(5000);
      const states = [...before, ...room.sentModes()].filter(([, hex]) => hex.startsWith('06'));
      expect(states.map(([to, , mode]) => [to, mode])).toEqual([[3, 2]]);
    },
  );
});

describe('a state that was hidden', () => {
  test('is sent reliably once it is shown, though its node came long ago', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    const mob = add('Mob');
    // The node stays because of this one.
    mob.addChild({ name: 'Other', class: 'MultiplayerSynchronizer' });
    const sync = room.multiplayer.synchronizer(mob.getChild(0) ?? mob);
    room.wait(1000);
    sync.setVisibilityFor(0, false);
    mob.set('position', new Vector2(5, 6));
    room.wait(10_000);
    expect(heads(room)).not.toContain('2:05');
    sync.setVisibilityFor(0, true);
    room.wait(1900);
    const states = room.sentModes().filter(([, hex]) => hex.startsWith('06'));
    expect(states.map(([, , mode]) => mode)).toEqual([2]);
    expect(states[0]?.[1].endsWith('050000000000a0400000c040')).toBe(true);
  });
});

describe('changes', () => {
  test('are sent once, in the step in which they are seen, to all who see the node', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    room.peer.join(3);
    const mob = add('Mob', 0, 2);
    room.multiplayer.poll();
    confirmAll(room);
    mob.set('position', new Vector2(1, 1));
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:16', '3:16']);
    room.wait(5000);
    expect(heads(room)).toEqual([]);
    mob.set('position', new Vector2(1, 1));
    room.multiplayer.poll();
    expect(heads(room)).toEqual([]);
  });

  test('of the type of an Array or Dictionary alone are changes; not for an engine', () => {
    for (const compatibility of ['safe', 'engine'] as const) {
      const { room, add } = gameWith({ compatibility });
      room.peer.join(2);
      const mob = add('Mob', 0, 2);
      const config = new SceneReplicationConfig();
      config.addProperty('.:metadata/list');
      config.propertySetReplicationMode('.:metadata/list', 2);
      mob.setMeta('list', []);
      room.multiplayer.synchronizer(mob.getChild(0) ?? mob).replicationConfig = config;
      room.multiplayer.poll();
      confirmAll(room);
      const counts = [
        new TypedArray(VariantType.INT),
        new TypedArray(VariantType.STRING),
        new Dictionary(),
        new Dictionary([], { keyType: VariantType.INT }),
        new Dictionary([], { keyType: VariantType.INT }),
      ].map((value) => {
        mob.setMeta('list', value);
        room.multiplayer.poll();
        return heads(room).filter((head) => head === '2:16').length;
      });
      expect([compatibility, counts]).toEqual([
        compatibility,
        compatibility === 'safe' ? [1, 1, 1, 1, 0] : [0, 0, 1, 0, 0],
      ]);
    }
  });

  test('wait for the interval and then leave together', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    const mob = add('Mob', 0, 2);
    room.multiplayer.synchronizer(mob.getChild(0) ?? mob).deltaInterval = 1;
    room.multiplayer.poll();
    confirmAll(room);
    mob.set('position', new Vector2(1, 1));
    room.wait(500);
    mob.set('position', new Vector2(2, 2));
    expect(heads(room)).toEqual([]);
    room.wait(500);
    const [packet] = room.sent();
    expect(packet?.[1].endsWith('050000000000004000000040')).toBe(true);
  });
});

describe('interest', () => {
  test.each(['radius', 'grid'] as const)('by %s lets nodes appear and disappear', (kind) => {
    const center = new Vector2(0, 0);
    const around = (): Vector2 => center;
    const interest = kind === 'radius' ? { radius: 100, around } : { cell: 100, around };
    const { room, add } = gameWith({ replication: { interest, interestTicks: 1 } });
    room.peer.join(2);
    const near = add('Near', 50);
    add('Far', 500);
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:01', '2:04', '2:06']);
    near.set('position', new Vector2(900, 0));
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:05']);
    near.set('position', new Vector2(10, 0));
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:04', '2:06']);
  });

  test('by a function hides states and calls, too', () => {
    const { room, add } = gameWith({
      replication: { interest: (peer, node) => peer === 3 || node.name === 'Open', interestTicks: 1 },
    });
    room.peer.join(2);
    room.peer.join(3);
    const hidden = add('Hidden');
    add('Open');
    hidden.rpcConfig('hit', { rpcMode: 'any_peer' });
    room.multiplayer.poll();
    const spawns = room.sent().filter(([, hex]) => hex.startsWith('04'));
    expect(spawns.map(([to]) => to)).toEqual([3, 2, 3]);
    hidden.rpc('hit');
    expect(room.sent().map(([to]) => to)).toEqual([3, 3]);
  });
});

describe('a budget', () => {
  test('lets what waits longest go first, and nothing is lost', () => {
    const { room, add } = gameWith({ replication: { bytesPerTick: 40 } });
    room.peer.join(2);
    const mobs = Array.from({ length: 10 }, (_, i) => add(`M${i}`));
    room.wait(10_000);
    room.sent();
    for (const mob of mobs) mob.set('position', new Vector2(7, 7));
    const seen = new Set<string>();
    for (let step = 0; step < 6; step++) {
      room.nowMs += 10;
      room.multiplayer.poll();
      for (const [, hex] of room.sent()) {
        const entries = (hex.length / 2 - 3) / 20;
        expect(entries).toBeLessThanOrEqual(2);
        for (let i = 0; i < entries; i++) seen.add(hex.slice(6 + i * 40, 14 + i * 40));
      }
      if (step === 0)
        expect(room.multiplayer.metrics()).toMatchObject({ spawnedNodes: 10, waitingStates: 8 });
    }
    expect(seen.size).toBe(10);
  });

  test('lets what matters more go first', () => {
    const { room, add } = gameWith({
      replication: { bytesPerTick: 20, priority: (_, node) => (node.name === 'Boss' ? 10 : 1) },
    });
    room.peer.join(2);
    const mobs = ['A', 'B', 'Boss'].map((name) => add(name));
    room.wait(10_000);
    room.sent();
    for (const mob of mobs) mob.set('position', new Vector2(7, 7));
    room.multiplayer.poll();
    const [[, hex = ''] = []] = room.sent();
    // A has the number 2, B 4, Boss 6.
    expect(hex.slice(6, 14)).toBe('06000000');
  });
});

describe('nodes of a client', () => {
  test('are counted, and gone with it', () => {
    const { room, level, spawner } = gameWith();
    spawner.node.setMultiplayerAuthority(2);
    spawner.spawnFunction = () => room.mirror.createNode({ name: 'Made', class: 'Node' });
    room.peer.join(2);
    room.receive(2, simplify(1, 'Spawner'));
    // Its node 7, named N, of the data 7.
    room.receive(2, '04ff010000000700000000000000020000004e00020000000207');
    expect(room.multiplayer.refusals()).toEqual({});
    expect(level.getChildren().map(({ name }) => name)).toEqual(['N']);
    expect(room.multiplayer.metrics()).toMatchObject({ peerNodes: 1, spawnedNodes: 0 });
    room.peer.leave(2);
    room.multiplayer.poll();
    room.mirror.process(0.1);
    expect(level.getChildCount()).toBe(0);
    expect(room.multiplayer.metrics()).toMatchObject({ peerNodes: 0 });
  });
});

describe('a client that loads', () => {
  test('gets nothing of a closed subtree, and all of it once it is open; calls come behind', () => {
    const { room, add } = gameWith({ initialGates: ['/root/Level'] });
    room.peer.join(2);
    const mob = add('Mob');
    mob.rpcConfig('hit', { rpcMode: 'any_peer' });
    expect(mob.rpcId(2, 'hit')).toBe(0);
    room.wait(5000);
    expect(heads(room)).toEqual([]);
    room.multiplayer.open(2, '/root/Level');
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:01', '2:04', '2:01', '2:e0', '2:06']);
  });

  test('gets again what it was spawned before it knew the spawner', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    add('Mob');
    const [first] = room.sent();
    // It had not loaded the spawner: no answer. A second later it is told another number.
    room.wait(1000);
    const [again] = room.sent().filter(([, hex]) => hex.startsWith('01'));
    expect(idOf(again?.[1] ?? '')).not.toBe(idOf(first?.[1] ?? ''));
    room.receive(2, confirmId(idOf(again?.[1] ?? '')));
    const spawns = room.sent().filter(([, hex]) => hex.startsWith('04'));
    expect(spawns).toHaveLength(1);
    expect(Buffer.from(spawns[0]?.[1] ?? '', 'hex').readUInt32LE(2)).toBe(idOf(again?.[1] ?? ''));
  });

  test('gets nothing twice when it answers late', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    add('Mob');
    const [first] = room.sent();
    room.wait(1000);
    const [again] = room.sent().filter(([, hex]) => hex.startsWith('01'));
    room.receive(2, confirmId(idOf(first?.[1] ?? '')));
    room.receive(2, confirmId(idOf(again?.[1] ?? '')));
    expect(heads(room).filter((head) => head === '2:04')).toEqual([]);
  });

  test('gets nothing twice of what was spawned after it was asked again', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    add('First');
    const [first] = room.sent();
    room.wait(1000);
    const [again] = room.sent().filter(([, hex]) => hex.startsWith('01'));
    add('Second');
    room.receive(2, confirmId(idOf(first?.[1] ?? '')));
    room.receive(2, confirmId(idOf(again?.[1] ?? '')));
    expect(heads(room).filter((head) => head === '2:04')).toHaveLength(1);
  });
});

describe('nodes that come and go', () => {
  test('one that comes back is spawned again; an engine waits for ever', () => {
    for (const compatibility of ['safe', 'engine'] as const) {
      const { room, level, add } = gameWith({ compatibility });
      room.peer.join(2);
      const mob = add('Mob');
      mob.remove();
      room.sent();
      level.addChild(mob);
      room.multiplayer.poll();
      const spawns = heads(room).filter((head) => head === '2:04');
      expect([compatibility, spawns.length]).toEqual([compatibility, compatibility === 'safe' ? 1 : 0]);
    }
  });

  test('a node in the place of one that was despawned is announced anew', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    const mob = add('Mob');
    const sync = room.multiplayer.synchronizer(mob.getChild(0) ?? mob);
    mob.rpcConfig('hit', { rpcMode: 'any_peer' });
    mob.rpcId(2, 'hit');
    const [, , told] = room.sent();
    room.receive(2, confirmId(idOf(told?.[1] ?? '')));
    room.sent();
    sync.setVisibilityFor(0, false);
    sync.setVisibilityFor(0, true);
    mob.rpcId(2, 'hit');
    const sent = room.sent().map(([, hex]) => hex);
    expect(sent.map((hex) => hex.slice(0, 2))).toEqual(['05', '04', '01', 'e0']);
    expect(idOf(sent[2] ?? '')).not.toBe(idOf(told?.[1] ?? ''));
  });

  test('a synchronizer that is ours again speaks to each peer under a number that this one knows', () => {
    for (const compatibility of ['safe', 'engine'] as const) {
      const { room, add } = gameWith({ compatibility });
      room.peer.join(2);
      const mob = add('Mob', 0, 2);
      room.multiplayer.poll();
      confirmAll(room);
      mob.getChild(0)?.setMultiplayerAuthority(2);
      mob.getChild(0)?.setMultiplayerAuthority(1);
      room.peer.join(3);
      room.multiplayer.poll();
      // The newcomer got another number with the node; the first peer is told of the path.
      const states = (): string[] =>
        room.sent().flatMap(([to, hex]) => (hex.startsWith('16') ? [`${to}: ${hex.slice(2, 10)}`] : []));
      const sent = room.sent();
      const [, told] = sent.find(([to, hex]) => to === 2 && hex.startsWith('01')) ?? [];
      expect([compatibility, told === undefined]).toEqual([compatibility, compatibility === 'engine']);
      if (told === undefined) continue;
      room.receive(2, confirmId(idOf(told)));
      mob.set('position', new Vector2(5, 5));
      room.multiplayer.poll();
      expect(states()).toEqual(['2: 02000080', '2: 02000080', '3: 03000000']);
    }
  });

  test('filters hide from each peer what they say, also when all are asked', () => {
    const { room, add } = gameWith();
    room.peer.join(2);
    room.peer.join(3);
    const mob = add('Mob');
    room.sent();
    const sync = room.multiplayer.synchronizer(mob.getChild(0) ?? mob);
    sync.addVisibilityFilter((peer) => peer !== 3);
    room.mirror.process(0.1);
    expect(heads(room)).toEqual(['3:05']);
  });
});

describe('a node whose spawner is freed', () => {
  test('disappears at the others, and speaks to nobody: neither to those who had it, nor to those who come later', () => {
    const { room, spawner, add } = gameWith();
    room.peer.join(2);
    const mob = add('Mob', 0, 2);
    mob.rpcConfig('hit', { rpcMode: 'any_peer' });
    room.multiplayer.poll();
    confirmAll(room);
    spawner.node.free();
    expect(heads(room)).toEqual(['2:05']);
    room.peer.join(3);
    mob.set('position', new Vector2(7, 7));
    mob.rpc('hit');
    room.wait(3000);
    expect(heads(room)).toEqual([]);
  });

  test('goes on under its old numbers in an engine', () => {
    const { room, spawner, add } = gameWith({ compatibility: 'engine' });
    room.peer.join(2);
    const mob = add('Mob', 0, 2);
    room.multiplayer.poll();
    confirmAll(room);
    spawner.node.free();
    mob.set('position', new Vector2(7, 7));
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:05', '2:16']);
  });
});

describe('the state of what a client owns', () => {
  const owned = (): { room: WireRoom; input: MirrorNode } => {
    const room = new WireRoom({ dialect: '4.6' });
    const config = new SceneReplicationConfig();
    config.addProperty('.:action');
    const input = room.mirror.root.addChild({
      name: 'Input',
      class: 'MultiplayerSynchronizer',
      properties: { root_path: new NodePath('.'), replication_config: config },
      scriptVariables: [{ name: 'action', type: 'int' }],
    });
    room.peer.join(2);
    input.setMultiplayerAuthority(2);
    room.receive(2, simplify(7, 'Input'));
    room.receive(2, '06010007000080020000000209');
    expect(input.get('action')).toBe(9);
    return { room, input };
  };

  test('is no mistake when it arrives after the node was freed', () => {
    const { room, input } = owned();
    input.free();
    room.receive(2, '0602000700008002000000020a');
    room.receive(2, '1607000080010000000000000002000000020a');
    expect(room.multiplayer.refusals()).toEqual({});
  });

  test('is one when it was never announced', () => {
    const { room } = owned();
    room.receive(2, '0602000800008002000000020a');
    expect(room.multiplayer.refusals()).toEqual({ 'unknown-node': 1 });
  });
});

describe('what clients send to somebody whose nodes wait for the version', () => {
  /** A room with the peer 2, which has a node whose SPAWN is not the same for every version, and 3, which is being asked. */
  const asking = (options: Partial<SceneMultiplayerOptions> = {}): { room: WireRoom; answer(): void } => {
    const { room, add } = gameWith({ dialect: undefined, serverRelay: true, ...options });
    const mob = add('Mob');
    const config = new SceneReplicationConfig();
    config.addProperty('.:position:x');
    mob.getChild(0)?.set('replication_config', config);
    const questionTo = (peer: number): string =>
      room.sent().find(([to, hex]) => to === peer && hex.startsWith('01') && hex.endsWith('2e00'))?.[1] ?? '';
    room.peer.join(2);
    room.receive(2, confirmId(idOf(questionTo(2))));
    confirmAll(room);
    room.peer.join(3);
    const question = questionTo(3);
    return { room, answer: () => room.receive(3, confirmId(idOf(question))) };
  };
  const RELAY_TO_3 = '070303000000';
  const toThree = (room: WireRoom): string[] =>
    room
      .sent()
      .filter(([to, hex]) => to === 3 && !hex.startsWith('06'))
      .map(([, hex]) => (hex.startsWith('0703') ? 'relayed' : hex.slice(0, 2)));

  test('follows them: an engine that has no such node yet would never know it', () => {
    const { room, answer } = asking();
    room.receive(2, RELAY_TO_3 + simplify(1, 'Level/Mob/Input'));
    room.receive(2, `${RELAY_TO_3}03aa`);
    expect(toThree(room)).toEqual([]);
    answer();
    expect(toThree(room)).toEqual(['01', '04', 'relayed', 'relayed']);
    room.receive(2, `${RELAY_TO_3}03bb`);
    expect(toThree(room)).toEqual(['relayed']);
  });

  test('comes behind the calls that waited as well', () => {
    const { room, answer } = asking();
    const level = room.mirror.getNode('/root/Level');
    level?.rpcConfig('hit', { rpcMode: 'authority' });
    expect(level?.rpcId(3, 'hit')).toBe(0);
    room.receive(2, `${RELAY_TO_3}03aa`);
    answer();
    expect(toThree(room)).toEqual(['01', '04', '01', 'e0', 'relayed']);
  });

  test('is forgotten when its sender leaves, of whose end the receiver hears at once', () => {
    const { room, answer } = asking();
    room.peer.join(4);
    room.receive(2, `${RELAY_TO_3}03aa`);
    room.receive(4, `${RELAY_TO_3}03bb`);
    room.peer.leave(2);
    expect(toThree(room)).toEqual(['07', '07']);
    answer();
    expect(toThree(room)).toEqual(['01', '04', 'relayed']);
  });

  test('is bounded, and forgotten when it leaves', () => {
    const { room } = asking({ maxHeldBytes: 1000 });
    for (let i = 0; i < 5; i++) room.receive(2, `${RELAY_TO_3}03aa`);
    expect(room.multiplayer.refusals()).toEqual({ 'relay-budget': 3 });
    room.peer.leave(3);
    room.multiplayer.poll();
    room.sent();
    room.peer.join(3);
    room.wait(5000);
    expect(toThree(room)).not.toContain('relayed');
  });
});

describe('states of a client', () => {
  const authorityOf2 = (options: Partial<SceneMultiplayerOptions> = {}) => {
    const room = new WireRoom({ dialect: '4.6', ...options });
    const seen: unknown[] = [];
    room.mirror.registerScript(
      class extends NodeScript {
        static override readonly path: string = 'res://body.gd';
        override _synchronized(values: ReadonlyMap<string, unknown>, sender: number): void {
          seen.push([sender, String(values.get('.:position'))]);
        }
      },
    );
    const config = new SceneReplicationConfig();
    config.addProperty('.:position');
    const body = room.mirror.root.addChild({
      name: 'Body',
      class: 'Node2D',
      script: 'res://body.gd',
      children: [
        { name: 'Sync', class: 'MultiplayerSynchronizer', properties: { replication_config: config } },
      ],
    });
    body.getChild(0)?.setMultiplayerAuthority(2);
    room.peer.join(2);
    room.peer.join(3);
    for (const peer of [2, 3]) room.receive(peer, simplify(1, 'Body/Sync'));
    return { room, body, seen };
  };
  const state = (time: number): string =>
    `06${time.toString(16).padStart(2, '0')}00010000800c000000050000000000803f00000040`;

  test('reach the script of the node, with who sent them; from others they are refused', () => {
    const { room, body, seen } = authorityOf2();
    room.receive(2, state(1));
    room.receive(3, state(2));
    expect(seen).toEqual([[2, '(1.0, 2.0)']]);
    expect(String(body.get('position'))).toBe('(1.0, 2.0)');
    expect(room.multiplayer.refusals()).toEqual({ 'not-allowed': 1 });
  });

  test('are bounded per peer', () => {
    const { room, seen } = authorityOf2({ maxStatesPerSec: 10 });
    for (let time = 1; time <= 50; time++) room.receive(2, state(time));
    expect(seen).toHaveLength(20);
    expect(room.multiplayer.refusals()).toEqual({ 'state-budget': 30 });
    room.nowMs += 1000;
    room.receive(2, state(60));
    expect(seen).toHaveLength(21);
  });

  test('are not set when the validator says no, throws, or answers something else', () => {
    const { room, body, seen } = authorityOf2({ onError: () => undefined });
    const sync = room.multiplayer.synchronizer('/root/Body/Sync');
    const answers: unknown[] = [false, undefined, 1];
    sync.validate = (values, sender) => {
      expect([...values.keys(), sender]).toEqual(['.:position', 2]);
      return answers.shift() as boolean;
    };
    for (const time of [1, 2, 3]) room.receive(2, state(time));
    sync.validate = () => {
      throw new Error('no');
    };
    room.receive(2, state(4));
    expect([seen, String(body.get('position'))]).toEqual([[], '(0.0, 0.0)']);
    expect(room.multiplayer.refusals()).toEqual({ 'state-refused': 4 });
  });
});

describe('weeks later', () => {
  /** Half of the numbers of a clock are the past. */
  const WEEKS_MS = 30 * 86_400_000;

  function quietGame(mode: 1 | 2): WireRoom {
    const room = new WireRoom({ dialect: '4.6' });
    const config = new SceneReplicationConfig();
    config.addProperty('.:position');
    config.propertySetReplicationMode('.:position', mode);
    const node = room.mirror.root.addChild({ name: 'Mob', class: 'Node2D' });
    node.addChild({
      name: 'Sync',
      class: 'MultiplayerSynchronizer',
      properties: { replication_config: config },
    });
    room.peer.join(2);
    room.multiplayer.poll();
    confirmAll(room);
    room.wait(5000);
    room.sent();
    return room;
  }

  test('the first player after a long pause gets what has not changed since', () => {
    const room = quietGame(1);
    room.multiplayer.disconnectPeer(2);
    room.nowMs = (room.nowMs + WEEKS_MS) % 2 ** 32;
    room.peer.join(3);
    room.multiplayer.poll();
    for (const [to, hex] of room.sent()) if (hex.startsWith('01')) room.receive(to, confirmId(idOf(hex)));
    room.wait(2000);
    expect(heads(room).filter((head) => head === '3:06')).toHaveLength(1);
  });

  test('a change is told to who has been there all the time', () => {
    const room = quietGame(2);
    room.nowMs = (room.nowMs + WEEKS_MS) % 2 ** 32;
    room.mirror.getNode('/root/Mob')?.set('position', new Vector2(1, 2));
    room.multiplayer.poll();
    expect(heads(room)).toEqual(['2:16']);
  });
});

describe('the node of a synchronizer', () => {
  test('that is freed while the synchronizer stays has no state any more', () => {
    const room = new WireRoom({ dialect: '4.6' });
    const config = new SceneReplicationConfig();
    for (const [path, mode] of [
      ['.:position', 1],
      ['.:rotation', 2],
    ] as const) {
      config.addProperty(path);
      config.propertySetReplicationMode(path, mode);
    }
    const mob = room.mirror.root.addChild({ name: 'Mob', class: 'Node2D' });
    const properties = { replication_config: config, root_path: new NodePath('../Mob') };
    room.mirror.root.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer', properties });
    room.peer.join(2);
    room.multiplayer.poll();
    confirmAll(room);
    mob.set('position', new Vector2(1, 1));
    room.multiplayer.poll();
    expect(heads(room)).toContain('2:06');
    mob.free();
    room.wait(5000);
    expect(room.sent()).toEqual([]);
  });

  test('may be freed by a filter', () => {
    const { room, add } = gameWith();
    const mob = add('Mob');
    const sync = mob.getNode('Sync');
    if (sync === undefined) throw new Error('there is no Sync');
    room.multiplayer.synchronizer(sync).addVisibilityFilter((peer) => {
      if (peer !== 0 && !mob.isFreed) mob.free();
      return true;
    });
    room.peer.join(2);
    room.wait(5000);
    expect(heads(room).filter((head) => !head.endsWith('01'))).toEqual([]);
  });
});

describe('who was let see a node by its id, and leaves', () => {
  test.each([
    ['safe', []],
    ['engine', ['2:06']],
  ] as const)('%s: somebody else under this id', (compatibility, heard) => {
    const room = new WireRoom({ dialect: '4.6', compatibility });
    const config = new SceneReplicationConfig();
    config.addProperty('.:position');
    const mob = room.mirror.root.addChild({ name: 'Mob', class: 'Node2D' });
    const properties = { replication_config: config, public_visibility: false };
    const sync = room.multiplayer.synchronizer(
      mob.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer', properties }),
    );
    let moves = 0;
    const isHeard = (): string[] => {
      room.multiplayer.poll();
      confirmAll(room);
      mob.set('position', new Vector2(++moves, 0));
      room.multiplayer.poll();
      return heads(room).filter((head) => head === '2:06');
    };
    room.peer.join(2);
    sync.setVisibilityFor(2, true);
    expect(isHeard()).toEqual(['2:06']);
    room.peer.leave(2);
    expect(sync.getVisibilityFor(2)).toBe(heard.length > 0);
    room.peer.join(2);
    expect(isHeard()).toEqual(heard);
  });

  test('a client lets its server see it also after it has come again', () => {
    const room = new WireRoom({ dialect: '4.6' }, 77);
    const sync = room.multiplayer.synchronizer(
      room.mirror.root.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' }),
    );
    sync.publicVisibility = false;
    room.peer.join(1);
    sync.setVisibilityFor(1, true);
    room.peer.leave(1);
    expect(sync.getVisibilityFor(1)).toBe(true);
  });
});

test.each(['safe', 'engine'] as const)('interest is asked again: %s', (compatibility) => {
  let isWanted = false;
  const { room, add } = gameWith({
    compatibility,
    replication: { interest: () => isWanted, interestTicks: 1 },
  });
  room.peer.join(2);
  add('Mob');
  const spawns = (): string[] => {
    room.wait(200);
    return heads(room).filter((head) => ['2:04', '2:05'].includes(head));
  };
  expect(spawns()).toEqual([]);
  isWanted = true;
  expect(spawns()).toEqual(['2:04']);
  isWanted = false;
  expect(spawns()).toEqual(['2:05']);
});
