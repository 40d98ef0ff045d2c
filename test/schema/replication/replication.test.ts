/** SceneMirror.replicate over the virtual network. */
import { describe, expect, test } from 'vitest';
import { ENetPacketUtils, type VariantValue, Vector2, Vector3 } from '../../../codec/index.ts';
import { encodeNode, readNodeState, SceneMirror } from '../../../schema/index.ts';
import { createReplicatedWorld, type Follower, treeText } from './world.ts';

/** The types of the packets that a client got, in order. */
function kinds({ packets }: Follower): string[] {
  return packets.map((bytes) => {
    const packet = ENetPacketUtils.decodeAuto(bytes, { dictionaries: 'object' }) as Record<string, unknown>;
    return String(packet['_event'] ?? packet['_type']);
  });
}

function expectAllApplied(follower: Follower): void {
  expect(follower.results.filter(({ kind }) => kind !== 'applied')).toEqual([]);
}

describe('a newcomer', () => {
  test('gets every node: the event, then the packet of the engine, parents first', () => {
    const { mirror, follow, settle } = createReplicatedWorld();
    const main = mirror.root.addChild({
      name: 'Main',
      class: 'Node2D',
      children: [
        { name: 'A', class: 'Sprite2D', properties: { position: new Vector2(1, 2) }, groups: ['g'] },
        { name: 'B', class: 'Node3D', properties: { position: new Vector3(1, 2, 3) }, metadata: { m: 5 } },
      ],
    });
    const follower = follow();
    settle();
    expect(kinds(follower)).toEqual(['node_added', 'node', 'node_added', 'node', 'node_added', 'node']);
    expect(follower.packets[1]).toEqual(encodeNode(main, 1));
    expect(treeText(follower.mirror)).toBe(treeText(mirror));
    expectAllApplied(follower);
  });

  test('gets nothing before it is authenticated', () => {
    const { world, mirror, follow, settle } = createReplicatedWorld();
    mirror.root.addChild({ name: 'Main', class: 'Node' });
    world.server.setAuthenticationMode(1);
    world.server.setAuthenticationTimeout(0);
    const follower = follow();
    settle();
    expect(follower.packets).toEqual([]);
    world.server.getPeer(1)?.authenticate();
    settle();
    expect(treeText(follower.mirror)).toBe(treeText(mirror));
  });
});

describe('a mover', () => {
  test('is sent as transforms, unreliably, and once reliably when it rests', () => {
    const { world, replication, mirror, follow, settle } = createReplicatedWorld({ rate: 20, restTicks: 3 });
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D' });
    const follower = follow();
    settle();
    follower.packets.length = 0;
    const before = replication.getCounters();
    for (let i = 1; i <= 10; i++) {
      node.set('position', new Vector2(i, 0));
      world.net.advance(50);
    }
    settle();
    const after = replication.getCounters();
    expect(kinds(follower)).toEqual(Array(11).fill('node_transform'));
    expect(after.unreliablePackets - before.unreliablePackets).toBe(10);
    expect(after.packets - before.packets).toBe(11);
    expect(follower.mirror.getNode('A')?.get('position')).toEqual(new Vector2(10, 0));
  });
});

test('a property goes alone, reliably', () => {
  const { replication, mirror, follow, settle } = createReplicatedWorld();
  const node = mirror.root.addChild({ name: 'A', class: 'Sprite2D', metadata: { old: 1 } });
  const follower = follow();
  settle();
  follower.packets.length = 0;
  node.set('flip_h', true);
  node.removeMeta('old');
  settle();
  const states = follower.packets.map((bytes) =>
    readNodeState(ENetPacketUtils.decodeNodeMetadata(bytes) as VariantValue),
  );
  expect(states.map((state) => [state?.form, [...(state?.properties ?? [])]])).toEqual([
    [
      'properties',
      [
        ['flip_h', true],
        ['metadata/old', null],
      ],
    ],
  ]);
  expect(replication.getCounters().unreliablePackets).toBe(0);
  expect(treeText(follower.mirror)).toBe(treeText(mirror));
  expect(follower.mirror.getNode('A')?.hasMeta('old')).toBe(false);
});

test('nodes that come, go, change names, parents and order', () => {
  const { mirror, follow, settle } = createReplicatedWorld();
  const [a, b, c] = ['A', 'B', 'C'].map((name) => mirror.root.addChild({ name, class: 'Node2D' }));
  const follower = follow();
  settle();
  if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes');
  // A swap of names, and of places in the tree, between two ticks.
  a.rename('X');
  b.rename('A');
  a.rename('B');
  c.reparent(b);
  const inner = c.addChild({ name: 'Inner', class: 'Timer' });
  settle();
  expect(treeText(follower.mirror)).toBe(treeText(mirror));
  b.reparent(c.addChild({ name: 'Deep', class: 'Node' }).getParent()?.getParent() === b ? a : b);
  settle();
  expect(treeText(follower.mirror)).toBe(treeText(mirror));
  inner.reparent(mirror.root);
  mirror.root.moveChild(inner, 0);
  b.remove();
  settle();
  expect(treeText(follower.mirror)).toBe(treeText(mirror));
  expectAllApplied(follower);
});

test('what is removed and added below another parent between two ticks arrives too', () => {
  const mirror = new SceneMirror();
  const { follow, settle } = createReplicatedWorld({}, {}, mirror);
  const old = mirror.root.addChild({ name: 'Old', class: 'Node' });
  const child = old.addChild({ name: 'Child', class: 'Node2D', properties: { position: new Vector2(3, 4) } });
  const follower = follow();
  settle();
  const next = mirror.root.addChild({ name: 'Next', class: 'Node' });
  child.reparent(next);
  old.remove();
  settle();
  expect(treeText(follower.mirror)).toBe(treeText(mirror));
  expectAllApplied(follower);
});

test('a node that leaves a parent which has not been sent yet is sent nevertheless', () => {
  const { world, mirror, follow, settle } = createReplicatedWorld({ bytesPerTick: 200 });
  for (let i = 0; i < 5; i++) mirror.root.addChild({ name: `N${i}`, class: 'Node' });
  const late = mirror.root.addChild({ name: 'Late', class: 'Node' });
  const child = late.addChild({ name: 'Child', class: 'Node' });
  const follower = follow();
  world.net.advance(100);
  expect(follower.mirror.getNode('Late')).toBeUndefined();
  child.reparent(mirror.root);
  settle();
  expect(treeText(follower.mirror)).toBe(treeText(mirror));
  expectAllApplied(follower);
});

test('movers go on for ever: unreliable sequence numbers do not run out', () => {
  const { world, replication, mirror, follow } = createReplicatedWorld({
    rate: 0,
    bytesPerTick: Number.POSITIVE_INFINITY,
  });
  const nodes = Array.from({ length: 200 }, (_, i) =>
    mirror.root.addChild({ name: `N${i}`, class: 'Node2D' }),
  );
  const follower = follow();
  replication.tick();
  world.net.advance(100);
  // 80,000 packets: more than 16 bits count; ENet sends one of them reliably (enet-protocol 5.1).
  for (let step = 1; step <= 400; step++) {
    for (const node of nodes) node.set('position', new Vector2(step, 0));
    replication.tick();
    world.net.advance(50);
  }
  for (let i = 0; i < nodes.length; i++) {
    expect(follower.mirror.getNode(`N${i}`)?.get('position')).toEqual(new Vector2(400, 0));
  }
  expect(replication.getCounters().unreliablePackets).toBe(80_000);
}, 60_000);

test('a server that starts again: its new peers get everything, although their ids are old ones', () => {
  const { world, mirror, replication, follow, settle } = createReplicatedWorld();
  const node = mirror.root.addChild({ name: 'A', class: 'Node2D' });
  follow();
  settle();
  world.server.stopServer();
  world.net.advance(1000);
  node.set('position', new Vector2(1, 1));
  const sent = replication.getCounters().packets;
  world.net.advance(1000);
  expect(replication.getCounters().packets).toBe(sent);
  expect(world.server.createServer(7777)).toBe(0);
  const second = follow();
  world.net.advance(1000);
  expect(treeText(second.mirror)).toBe(treeText(mirror));
  expectAllApplied(second);
});
