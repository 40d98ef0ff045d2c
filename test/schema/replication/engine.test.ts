/** The engine of replication by itself: budgets, interest, refusals, time. */
import { describe, expect, test } from 'vitest';
import { Vector2, Vector3 } from '../../../codec/index.ts';
import {
  ClassTable,
  encodeNode,
  type MirrorNode,
  type Replication,
  type ReplicationOptions,
  replicate,
  SceneFollower,
  SceneMirror,
} from '../../../schema/index.ts';
import { type FakePeer, FakeServer } from './fakeServer.ts';
import { treeText } from './world.ts';

interface Field {
  readonly mirror: SceneMirror;
  readonly server: FakeServer;
  readonly nodes: MirrorNode[];
  readonly replication: Replication<FakePeer>;
  ticks(count: number): void;
}

function field(count: number, options: ReplicationOptions<FakePeer> = {}): Field {
  const mirror = new SceneMirror();
  const server = new FakeServer();
  const nodes = Array.from({ length: count }, (_, i) =>
    mirror.root.addChild({ name: `N${i}`, class: 'Node2D' }),
  );
  const replication = mirror.replicate(server, { rate: 0, ...options });
  const ticks = (times: number): void => {
    for (let i = 0; i < times; i++) replication.tick();
  };
  return { mirror, server, nodes, replication, ticks };
}

function expectEqual({ mirror, server }: Field): void {
  for (const peer of server.peers) {
    expect(peer.refusals).toEqual([]);
    expect(treeText(peer.mirror)).toBe(treeText(mirror));
  }
  expect(server.errors).toEqual([]);
}

describe('options', () => {
  const mirror = new SceneMirror();
  const server = new FakeServer();
  test.each<[string, Record<string, unknown>]>([
    ['"rate" expected a number 0..1000, got -1', { rate: -1 }],
    ['"rate" expected a number 0..1000, got NaN', { rate: Number.NaN }],
    ['"rate" expected a number 0..1000, got "20"', { rate: '20' }],
    ['"channel" expected an integer 0..254, got 255', { channel: 255 }],
    ['"interestTicks" expected an integer 1..1000000, got 0', { interestTicks: 0 }],
    ['"restTicks" expected an integer 1..1000000, got 1.5', { restTicks: 1.5 }],
    ['"bytesPerTick" expected an integer 1..9007199254740991, got 0', { bytesPerTick: 0 }],
    ['"events" expected a boolean, got number', { events: 1 }],
    ['"root" expected a MirrorNode, got "Main"', { root: 'Main' }],
    ['"root" expected a node of this mirror', { root: new SceneMirror().root }],
    ['"interest" expected a function, a radius or a grid, got 5', { interest: 5 }],
    ['"interest.radius" expected a number that is not negative, got undefined', { interest: {} }],
    ['"interest.around" expected a function, got undefined', { interest: { radius: 5 } }],
    [
      '"interest.leaveRadius" expected a number not below the radius, got 4',
      { interest: { radius: 5, leaveRadius: 4, around: () => undefined } },
    ],
  ])('%s', (message, options) => {
    expect(() => mirror.replicate(server, options as ReplicationOptions<FakePeer>)).toThrow(message);
    expect(server.timers).toEqual([]);
  });

  test('no options object, no server', () => {
    expect(() => Reflect.apply(mirror.replicate, mirror, [server, null])).toThrow(
      '"options" expected an object',
    );
    for (const odd of [null, undefined, 5, {}]) {
      expect(() => Reflect.apply(mirror.replicate, mirror, [odd])).toThrow('"server" expected an ENetServer');
    }
  });
});

describe('bytes per tick', () => {
  test('are kept to on average, and every mover gets its turn', () => {
    const all = field(40, { bytesPerTick: 1000 });
    const { server, nodes, ticks, replication } = all;
    const peer = server.join();
    ticks(200);
    expectEqual(all);
    peer.sent.length = 0;
    const times = nodes.map(() => 0);
    for (let step = 1; step <= 100; step++) {
      for (const node of nodes) node.set('position', new Vector2(step, 0));
      replication.tick();
      for (const { bytes } of peer.sent.splice(0)) {
        for (const [i, node] of nodes.entries())
          if (bytes.length === encodeNode(node, 4).length && holds(bytes, node)) times[i]!++;
      }
    }
    // 1000 bytes are four transforms, or five once in a while: 40 movers take ten ticks at most.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(9);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(2);
    ticks(60);
    expectEqual(all);
    expect(replication.isSettled).toBe(true);
  });

  test('a packet that is larger goes alone, and the next ticks pay for it', () => {
    const all = field(1, { bytesPerTick: 100, events: false });
    const peer = all.server.join();
    all.ticks(1);
    expect(peer.sent).toHaveLength(1);
    const size = peer.sent[0]?.bytes.length ?? 0;
    all.nodes[0]?.set('visible', false);
    const wait = Math.floor((size - 100) / 100);
    all.ticks(wait);
    expect(peer.sent).toHaveLength(1);
    all.ticks(1);
    expect(peer.sent).toHaveLength(2);
  });

  test('what waits is sent as it is then', () => {
    const all = field(10, { bytesPerTick: 200 });
    const peer = all.server.join();
    all.ticks(200);
    peer.sent.length = 0;
    let total = 0;
    for (let step = 1; step <= 20; step++) {
      for (const node of all.nodes) node.set('position', new Vector2(step, 0));
      all.ticks(1);
      const now = new Set(all.nodes.map((node) => encodeNode(node, 4).join()));
      for (const { bytes } of peer.sent) expect(now.has(bytes.join())).toBe(true);
      total += peer.sent.splice(0).length;
    }
    expect(total).toBeGreaterThan(10);
  });
});

test('encoded once for many peers', () => {
  const counts = [1, 50].map((peers) => {
    const { server, nodes, ticks, replication } = field(20);
    for (let i = 0; i < peers; i++) server.join();
    ticks(30);
    for (const node of nodes) node.set('position', new Vector2(5, 5));
    nodes[3]?.set('visible', false);
    ticks(10);
    return replication.getCounters().encoded;
  });
  expect(counts[1]).toBe(counts[0]);
});

describe('refusals', () => {
  test('of any packet are made up for', () => {
    for (let room = 0; room < 12; room++) {
      const all = field(3);
      const peer = all.server.join();
      peer.room = room;
      all.ticks(2);
      all.nodes[0]?.rename('First');
      all.nodes[1]?.remove();
      all.nodes[2]?.addToGroup('g');
      all.mirror.root.addChild({ name: 'New', class: 'Timer' });
      all.ticks(2);
      expect(peer.sent).toHaveLength(room);
      expect(all.replication.isSettled).toBe(false);
      peer.room = Number.POSITIVE_INFINITY;
      all.ticks(8);
      expectEqual(all);
      expect(all.replication.isSettled).toBe(true);
    }
  });

  test('a peer that acknowledges nothing gets no states, but keeps up with the tree', () => {
    const all = field(1, { bytesPerTick: 1000 });
    const peer = all.server.join();
    all.ticks(5);
    peer.sent.length = 0;
    peer.queued = 8000;
    all.nodes[0]?.set('visible', false);
    all.ticks(5);
    expect(peer.sent).toEqual([]);
    all.nodes[0]?.rename('Other');
    all.ticks(1);
    expect(peer.sent).toHaveLength(1);
    peer.queued = 0;
    all.ticks(5);
    expectEqual(all);
  });
});

describe('interest', () => {
  test('within a radius: comes, stays a little longer, goes', () => {
    let center: Vector2 | MirrorNode | undefined = new Vector2(0, 0);
    const all = field(1, { interest: { radius: 100, around: () => center }, interestTicks: 1 });
    const { mirror, server, nodes, ticks } = all;
    const [node] = nodes;
    const peer = server.join();
    mirror.root.addChild({ name: 'Ui', class: 'Control' });
    mirror.root.addChild({
      name: 'Solid',
      class: 'Node3D',
      properties: { position: new Vector3(1e6, 0, 0) },
    });
    const seen = (x: number): boolean => {
      node?.set('position', new Vector2(x, 0));
      ticks(3);
      return peer.mirror.getNode('N0') !== undefined;
    };
    expect([101, 100, 109, 111, 109, 99].map(seen)).toEqual([false, true, true, false, false, true]);
    expect(peer.mirror.getNode('Ui')).toBeDefined();
    // The point is in two dimensions, so a place in three does not count.
    expect(peer.mirror.getNode('Solid')).toBeDefined();
    center = undefined;
    expect(seen(0)).toBe(false);
    center = node;
    expect(seen(5000)).toBe(true);
    expect(peer.refusals).toEqual([]);
    expect(server.errors).toEqual([]);
  });

  test('global positions count: below nodes of the same kind, below controls, and alone', () => {
    const all = field(0, { interest: { radius: 10, around: () => new Vector2(100, 0) }, interestTicks: 1 });
    const { root } = all.mirror;
    const peer = all.server.join();
    const at = (x: number): { position: Vector2 } => ({ position: new Vector2(x, 0) });
    const parents = [
      root.addChild({ name: 'Flat', class: 'Node2D', properties: at(95) }),
      root.addChild({ name: 'Box', class: 'Control', properties: at(60) }),
      root.addChild({ name: 'Plain', class: 'Node' }),
    ];
    for (const parent of parents) {
      for (const x of [5, 40, 100]) parent.addChild({ name: `At${x}`, class: 'Node2D', properties: at(x) });
    }
    all.ticks(3);
    const seen = parents.map(({ name }) =>
      peer.mirror
        .getNode(name)
        ?.getChildren()
        .map((node) => node.name),
    );
    expect(seen).toEqual([['At5'], ['At40'], ['At100']]);
  });

  test('a child only with its parent; both come back whole', () => {
    let isOpen = true;
    const all = field(0, { interest: (_peer, node) => isOpen || node.name !== 'House', interestTicks: 1 });
    const peer = all.server.join();
    const house = all.mirror.root.addChild({
      name: 'House',
      class: 'Node',
      children: [{ name: 'Room', class: 'Node2D' }],
    });
    all.ticks(2);
    expectEqual(all);
    isOpen = false;
    all.ticks(1);
    expect(treeText(peer.mirror)).toBe('');
    house.findChild('Room')?.set('position', new Vector2(1, 1));
    house.addChild({ name: 'Attic', class: 'Node' });
    all.ticks(3);
    expect(treeText(peer.mirror)).toBe('');
    isOpen = true;
    all.ticks(3);
    expectEqual(all);
  });

  test('differs by peer, and what a function throws is reported', () => {
    const all = field(2, {
      interestTicks: 1,
      interest: (peer, node) => {
        if (peer.peerId === 3) throw new Error('mine');
        return node.name === `N${peer.peerId - 1}`;
      },
    });
    const peers = [all.server.join(), all.server.join(), all.server.join()];
    all.ticks(3);
    expect(peers.map(({ mirror }) => mirror.root.getChildren().map(({ name }) => name))).toEqual([
      ['N0'],
      ['N1'],
      [],
    ]);
    expect(all.server.errors[0]).toMatchObject({ where: 'replication interest', error: new Error('mine') });
  });

  test('a point that is none is reported', () => {
    const all = field(1, { interest: { radius: 1, around: (): Vector2 => 'here' as unknown as Vector2 } });
    all.server.join();
    all.ticks(1);
    expect(String(all.server.errors[0]?.error)).toContain('"around" expected a node, a Vector2, a Vector3');
  });
});

describe('the root', () => {
  test('of a part of the tree: it, what is below, and nothing else', () => {
    const mirror = new SceneMirror();
    const other = mirror.root.addChild({ name: 'Other', class: 'Node' });
    const root = mirror.root.addChild({
      name: 'Level',
      class: 'Node',
      children: [{ name: 'A', class: 'Node' }],
    });
    const server = new FakeServer();
    const replication = mirror.replicate(server, { rate: 0, root });
    const peer = server.join();
    peer.mirror.root.addChild({ name: 'Other', class: 'Node' });
    replication.tick();
    expect(treeText(peer.mirror)).toBe(treeText(mirror));
    root.rename('Level2');
    other.set('process_priority', 5);
    replication.tick();
    expect(peer.mirror.root.getChildren().map(({ name }) => name)).toEqual(['Other', 'Level2']);
    expect(peer.mirror.getNode('Other')?.get('process_priority')).toBe(0);
    // What lies above changes: everything is made anew at its new place.
    root.reparent(other);
    replication.tick();
    expect(String(peer.mirror.getNode('Other/Level2/A')?.getPath())).toBe('/root/Other/Level2/A');
    expect(peer.mirror.getNode('Level2')).toBeUndefined();
    root.remove();
    replication.tick();
    expect(peer.mirror.getNode('Other/Level2')).toBeUndefined();
    other.attach(root);
    replication.tick();
    expect(peer.mirror.getNode('Other/Level2/A')).toBeDefined();
    expect(peer.refusals).toEqual([]);
  });
});

describe('nodes', () => {
  test('that are not in the class table bring their properties', () => {
    const all = field(0);
    all.server.join();
    all.mirror.root.addChild({
      name: 'S',
      class: 'MySpinner',
      base: 'Node2D',
      declared: [{ name: 'turns', type: 'float', value: 2 }],
    });
    all.mirror.root.addChild({
      name: 'T',
      class: 'Other',
      declared: [{ name: 'a', type: 'Array[int]', value: [1] }],
    });
    all.ticks(2);
    expectEqual(all);
  });

  test('with names that the engine made up', () => {
    const all = field(0);
    all.server.join();
    for (let i = 0; i < 3; i++) all.mirror.root.addChild({ name: 'A', class: 'Node' });
    all.ticks(2);
    expectEqual(all);
    expect(all.server.peers[0]?.mirror.root.getChildren().map(({ name }) => name)).toEqual(
      all.mirror.root.getChildren().map(({ name }) => name),
    );
  });

  test('that a client has already are kept', () => {
    const all = field(1);
    const peer = all.server.join();
    const own = peer.mirror.root.addChild({
      name: 'N0',
      class: 'Node2D',
      metadata: { stale: 1 },
      groups: ['stale'],
    });
    peer.mirror.root.addChild({ name: 'Late', class: 'Node2D' });
    all.mirror.root.addChild({ name: 'Late', class: 'Timer' });
    all.ticks(2);
    expect(peer.mirror.getNode('N0')).toBe(own);
    expectEqual(all);
  });

  test('of scripts that the table knows, on both sides', () => {
    const classes = ClassTable.from(
      { scripts: { 'res://a.gd': { properties: [['hp', '0200000005000000']] } } },
      ClassTable.GODOT_4_6,
    );
    const mirror = new SceneMirror({ classes });
    const server = new FakeServer();
    const node = mirror.root.addChild({ name: 'A', class: 'Node', script: 'res://a.gd' });
    const replication = mirror.replicate(server, { rate: 0 });
    const peer = server.join();
    replication.tick();
    node.set('hp', 7);
    replication.tick();
    expect(peer.mirror.getNode('A')?.get('hp')).toBe(7);
    expect(treeText(peer.mirror)).toBe(treeText(mirror));
  });

  test('without events: states alone', () => {
    const all = field(1, { events: false, channel: 3 });
    const peer = all.server.join();
    all.ticks(1);
    all.nodes[0]?.rename('Other');
    all.nodes[0]?.set('visible', false);
    all.ticks(1);
    expect(peer.sent.map(({ bytes, channel }) => [bytes[0], channel])).toEqual([
      [5, 3],
      [5, 3],
    ]);
  });
});

describe('time', () => {
  test('ticks come at the rate on average, through the wrap of the clock; missed ones are not made up for', () => {
    const mirror = new SceneMirror();
    const server = new FakeServer();
    const replication = mirror.replicate(server, { rate: 60 });
    const start = server.now;
    for (let i = 0; i < 600; i++) server.fire(i % 2);
    const passed = (server.now - start) >>> 0;
    expect(Math.abs(passed - 10_000)).toBeLessThanOrEqual(20);
    server.fire(5000);
    expect(server.timers).toHaveLength(1);
    server.fire();
    server.fire();
    expect(replication.getCounters().ticks).toBe(603);
    expect(server.timers[0]?.delayMs).toBeGreaterThan(10);
  });

  test('stopping, twice, and at the end of a block', async () => {
    const mirror = new SceneMirror();
    const server = new FakeServer();
    {
      await using replication = mirror.replicate(server);
      expect(server.timers[0]?.delayMs).toBe(50);
      replication.stop();
      expect(server.timers).toEqual([]);
    }
    const again = mirror.replicate(server);
    await again[Symbol.asyncDispose]();
    expect(server.timers).toEqual([]);
    again.tick();
    expect(again.getCounters().ticks).toBe(0);
  });

  test('a tick inside its own callbacks does nothing', () => {
    const all: Field = field(1, {
      interest: () => {
        all.replication.tick();
        return true;
      },
    });
    all.server.join();
    all.ticks(1);
    expect(all.replication.getCounters().ticks).toBe(1);
    expectEqual(all);
  });

  test('peers that come and go take no room', () => {
    const all = field(5);
    for (let i = 0; i < 50; i++) {
      all.server.join();
      all.ticks(1);
      if (i % 3 !== 0) all.server.peers.shift();
    }
    all.ticks(5);
    expectEqual(all);
  });
});

describe('SceneFollower', () => {
  test('leaves other packets alone, refuses what does not fit, and never throws because of a packet', () => {
    const mirror = new SceneMirror();
    const follower = new SceneFollower(mirror);
    const stranger = new SceneMirror().root.addChild({ name: 'A', class: 'Node2D' });
    expect(follower.receive(Uint8Array.of())).toEqual({ kind: 'other' });
    expect(follower.receive(Uint8Array.of(4, 1, 0, 0, 0, 65))).toEqual({ kind: 'other' });
    expect(follower.receive(Uint8Array.of(1, 0, 0, 0, 0))).toEqual({ kind: 'other' });
    expect(follower.receive(Uint8Array.of(5, 9))).toEqual({ kind: 'other' });
    expect(follower.receive(encodeNode(stranger, 1))).toEqual({
      kind: 'refused',
      message: 'there is no node at "/root/A"',
    });
    mirror.root.addChild({ name: 'A', class: 'Node3D' });
    expect(follower.receive(encodeNode(stranger, 1))).toEqual({
      kind: 'refused',
      message: '"/root/A" is of class Node3D, not Node2D',
    });
    expect(() => Reflect.apply(follower.receive, follower, ['x'])).toThrow('"packet" expected a Uint8Array');
  });

  test('damaged packets of all kinds', () => {
    const all = field(2);
    const peer = all.server.join();
    all.ticks(1);
    all.nodes[0]?.reparent(all.nodes[1] ?? all.mirror.root);
    all.nodes[1]?.addToGroup('g');
    all.ticks(1);
    all.nodes[0]?.remove();
    all.ticks(1);
    for (const { bytes } of peer.sent) {
      const follower = new SceneFollower(new SceneMirror());
      for (let i = 0; i < bytes.length; i++) {
        const damaged = bytes.slice();
        damaged[i] = (damaged[i] ?? 0) ^ (1 << (i % 8));
        expect(['applied', 'other', 'refused']).toContain(follower.receive(damaged).kind);
        expect(['applied', 'other', 'refused']).toContain(follower.receive(bytes.subarray(0, i)).kind);
      }
    }
  });
});

test('replicate() does what the method of a mirror does', () => {
  const { mirror, server, ticks } = field(3);
  const other = new FakeServer();
  const peer = server.join();
  const otherPeer = other.join();
  const replication = replicate(mirror, other, { rate: 0 });
  ticks(2);
  replication.tick();
  replication.tick();
  expect(peer.sent.length).toBeGreaterThan(3);
  expect(otherPeer.sent).toEqual(peer.sent);
  for (const nothing of [null, undefined, {}, 'server'])
    expect(() => Reflect.apply(replicate, undefined, [mirror, nothing])).toThrow(
      '"server" expected an ENetServer',
    );
});

/** Whether a packet is of a node: its name stands in it. */
function holds(bytes: Uint8Array, node: MirrorNode): boolean {
  return Buffer.from(bytes).includes(Buffer.from(encodeNode(node, 2).subarray(-8)));
}
