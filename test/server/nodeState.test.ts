/** sendNodeState and sendNodeToAll: enet-server-module sections 3 and 5. */
import { expect, test, vi } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import { encodeNode, type MirrorNode, NodeSyncFlags, SceneMirror } from '../../schema/index.ts';
import { ODD_VALUES } from '../support/oddValues.ts';
import { createWorld, type ServerWorld } from './world.ts';

function nodeWorld(): { world: ServerWorld; node: MirrorNode; mirror: SceneMirror } {
  const mirror = new SceneMirror();
  const node = mirror.root.addChild({
    name: 'P',
    class: 'Node2D',
    properties: { position: new Vector2(100, 200) },
  });
  return { world: createWorld(), node, mirror };
}

test('server to client: the bytes that the engine sends, delivered as a Dictionary', () => {
  const { world, node } = nodeWorld();
  const { client, log } = world.connect();
  const received: Uint8Array[] = [];
  client.on('rawPacketReceived', (bytes) => received.push(bytes));
  expect(world.server.sendNodeState(1, node, NodeSyncFlags.SYNC_TRANSFORM_ONLY)).toBe(0);
  world.net.advance(100);
  expect(received).toEqual([encodeNode(node, 4)]);
  expect(log.find(([name]) => name === 'packetReceived')?.[1]).toMatchObject({
    _type: 'node_transform',
    _class: 'Node2D',
  });
});

test('to all authenticated peers, encoded once', () => {
  const { world, node } = nodeWorld();
  const clients = [world.connect(), world.connect()];
  const serialize = vi.fn(() => ({ hp: 3 }));
  node._serializeForNetwork = serialize;
  world.server.sendNodeToAll(node, NodeSyncFlags.SYNC_CUSTOM, 1);
  world.net.advance(100);
  expect(serialize).toHaveBeenCalledOnce();
  for (const { log } of clients) expect(log.filter(([name]) => name === 'packetReceived')).toHaveLength(1);
});

test('client to server, applied to a mirror there', () => {
  const { world, node } = nodeWorld();
  const mirror = new SceneMirror();
  const copy = mirror.root.addChild({ name: 'P', class: 'Node2D' });
  world.server.on('rawPacketReceived', (_peer, bytes) => {
    expect(mirror.apply(bytes, { paths: ['/root/P'], properties: ['position'] })).toMatchObject({
      applied: true,
    });
  });
  const { client } = world.connect();
  expect(client.sendNodeState(node, NodeSyncFlags.SYNC_PROPERTIES)).toBe(0);
  world.net.advance(100);
  expect(copy.get('position')).toEqual(new Vector2(100, 200));
});

test('a node is sent by sendPacket as encode_auto does', () => {
  const { world, node } = nodeWorld();
  const { log } = world.connect();
  expect(world.server.sendPacket(1, node)).toBe(0);
  world.net.advance(100);
  expect(log.find(([name]) => name === 'packetReceived')?.[1]).toMatchObject({ _type: 'node' });
});

test('errors: no node 31, unknown peer 33, a hook that throws 30, a bad channel 31, not connected 3', () => {
  const { world, node } = nodeWorld();
  const { client } = world.connect();
  const loose = world.createClient().client;
  expect(world.server.sendNodeState(1, null, 1)).toBe(31);
  expect(world.server.sendNodeState(99, node, 1)).toBe(33);
  expect(world.server.sendNodeState(99, null, 1)).toBe(31);
  expect(world.server.sendNodeState(1, node, 1, 7)).toBe(31);
  expect(client.sendNodeState(null, 1)).toBe(31);
  expect(loose.sendNodeState(node, 1)).toBe(loose.sendPacket('x'));
  node._serializeForNetwork = () => {
    throw new Error('mine');
  };
  expect(world.server.sendNodeState(1, node, 8)).toBe(30);
  world.server.sendNodeToAll(node, 8);
  world.server.sendNodeToAll(null, 8);
  expect(world.traces.join('\n')).toContain('mine');
});

test.each(ODD_VALUES)('%s never throws', (_name, odd) => {
  const { world, node } = nodeWorld();
  const { client } = world.connect();
  for (const target of [world.server, client]) {
    for (const method of ['sendNodeState', 'sendNodeToAll']) {
      const call: unknown = Reflect.get(target, method);
      if (typeof call !== 'function') continue;
      for (const args of [[odd], [1, odd, odd], [1, node, odd, odd], [node, odd], [node, 1, odd]]) {
        expect(() => Reflect.apply(call, target, args)).not.toThrow();
      }
    }
  }
});
