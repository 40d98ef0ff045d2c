/** Events without polling: the iterator and the wake callback. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import type { PeerEvent } from '../../src/godot/eventStream.ts';
import { bytes, CLIENT_IP, ConnectionWorld, type Pair, RELIABLE, SERVER_IP, text } from './support.ts';

/** Lets promises settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Lets virtual time pass in steps, with promises settling in between. */
async function runAsync(world: ConnectionWorld, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    world.net.advance(5);
    await settle();
  }
}

/** A consumer that only notes the events. */
function collect(iterator: AsyncIterable<PeerEvent>): { events: PeerEvent[]; done: Promise<void> } {
  const events: PeerEvent[] = [];
  const done = (async () => {
    for await (const event of iterator) events.push(event);
  })();
  return { events, done };
}

/** An echo server that is only driven by its events, and a client that is polled by nobody. */
function quietPair(world: ConnectionWorld): Pair {
  return world.pair();
}

test('a whole conversation is driven by events alone', async () => {
  const world = new ConnectionWorld();
  const server = world.connection(SERVER_IP);
  const client = world.connection(CLIENT_IP);
  server.enet.createHostBound('*', 4000);
  client.enet.createHost(1);
  const log: string[] = [];
  const serving = (async () => {
    for await (const [type, peer, data, channel] of server.enet) {
      log.push(`server ${type} ${data} ${channel}`);
      if (type === ENetConnection.EVENT_RECEIVE) peer.send(channel, peer.getPacket(), RELIABLE);
    }
    log.push('server ended');
  })();
  const playing = (async () => {
    for await (const [type, peer, , channel] of client.enet.events()) {
      log.push(`client ${type} ${channel}`);
      if (type === ENetConnection.EVENT_CONNECT) peer.send(2, bytes('echo'), RELIABLE);
      if (type === ENetConnection.EVENT_RECEIVE) {
        log.push(text(peer.getPacket()));
        peer.peerDisconnect(6);
      }
      if (type === ENetConnection.EVENT_DISCONNECT) break;
    }
    client.enet.destroy();
  })();
  client.enet.connectToHost(SERVER_IP, 4000, 3, 5);
  await runAsync(world, 200);
  await playing;
  server.enet.destroy();
  await serving;
  expect(log).toEqual([
    'client 1 0',
    'server 1 5 0',
    'server 3 0 2',
    'client 3 2',
    'echo',
    'server 2 6 0',
    'client 2 0',
    'server ended',
  ]);
});

test('pings are answered and nothing times out while the consumer is busy', async () => {
  const world = new ConnectionWorld();
  const { server, client } = quietPair(world);
  const stream = server.enet.events();
  const other = collect(client.enet.events());
  await runAsync(world, 60_000);
  expect(server.enet.getPeers()).toHaveLength(1);
  expect(other.events).toEqual([]);
  await stream.return?.();
  client.enet.destroy();
  await other.done;
});

test('a full buffer holds the network back and loses nothing', async () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair({ server: { maxBufferedEvents: 3 } });
  const stream = server.enet.events();
  for (let index = 0; index < 20; index++) toServer.send(0, bytes(`${index}`), RELIABLE);
  client.enet.flush();
  await runAsync(world, 100);
  expect(toClient.getAvailablePacketCount()).toBe(3);
  const got: string[] = [];
  while (got.length < 20) {
    const next = stream.next();
    await runAsync(world, 10);
    const { value } = await next;
    got.push(text(value?.[1].getPacket() ?? bytes('')));
    // The place that became free is filled while the consumer is busy.
    await runAsync(world, 20);
    expect(toClient.getAvailablePacketCount()).toBe(Math.min(3, 20 - got.length));
  }
  expect(got).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  await stream.return?.();
});

test('what was not consumed when an iteration ends comes with the next service', async () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  for (const word of ['a', 'b', 'c']) toServer.send(0, bytes(word), RELIABLE);
  client.enet.flush();
  const stream = server.enet.events();
  await runAsync(world, 20);
  for await (const event of stream) {
    expect(event).toEqual([3, toClient, 0, 0]);
    break;
  }
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(server.enet.service()).toEqual([3, toClient, 0, 0]);
  const again = server.enet.events();
  expect(await again.next()).toEqual({ done: false, value: [3, toClient, 0, 0] });
  await again.return?.();
  expect(server.enet.service()).toEqual([0, null, 0, 0]);
});

test('service gives buffered events first, and forgets ended peers all the same', async () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  toServer.send(0, bytes('a'), RELIABLE);
  client.enet.flush();
  const stream = server.enet.events();
  await runAsync(world, 20);
  await stream.return?.();
  toClient.reset();
  expect(server.enet.getPeers()).toEqual([toClient]);
  expect(server.enet.service()).toEqual([3, toClient, 0, 0]);
  expect(server.enet.getPeers()).toEqual([]);
});

test('destroy forgets buffered events: a new host does not get them', async () => {
  const world = new ConnectionWorld();
  const { server, client, toServer } = world.pair();
  toServer.send(0, bytes('a'), RELIABLE);
  client.enet.flush();
  const stream = server.enet.events();
  await runAsync(world, 20);
  server.enet.destroy();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  server.enet.createHostBound('*', 0);
  expect(server.enet.service()).toEqual([0, null, 0, 0]);
});

test('an iteration that has ended leaves no listener at the signal', async () => {
  const { server } = new ConnectionWorld().pair();
  const { signal } = new AbortController();
  const stream = server.enet.events({ signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await stream.return?.();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('abort ends the iteration without an error, waiting or not, and without losing events', async () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  const controller = new AbortController();
  const { done } = collect(server.enet.events({ signal: controller.signal }));
  await runAsync(world, 20);
  controller.abort();
  await done;
  toServer.send(0, bytes('after'), RELIABLE);
  client.enet.flush();
  world.run(20);
  expect(server.events).toEqual([[3, toClient, 0, 0]]);
  const aborted = server.enet.events({ signal: controller.signal });
  expect(await aborted.next()).toEqual({ done: true, value: undefined });
});

test('destroy ends the iteration, and an inactive connection has none', async () => {
  const world = new ConnectionWorld();
  const { server } = world.pair();
  const stream = server.enet.events();
  const waiting = [stream.next(), stream.next()];
  await runAsync(world, 20);
  server.enet.destroy();
  expect(await Promise.all(waiting)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  expect(await server.enet.events().next()).toEqual({ done: true, value: undefined });
  expect(server.lines.at(-1)).toContain('events: there is no host');
});

test('several next() calls are answered in their order', async () => {
  const world = new ConnectionWorld();
  const { server, client, toServer } = world.pair();
  const stream = server.enet.events();
  const first = stream.next();
  const second = stream.next();
  toServer.send(1, bytes('one'), RELIABLE);
  toServer.send(2, bytes('two'), RELIABLE);
  client.enet.flush();
  await runAsync(world, 20);
  expect([(await first).value?.[3], (await second).value?.[3]]).toEqual([1, 2]);
  await stream.return?.();
});

test('one iteration at a time', async () => {
  const { server } = new ConnectionWorld().pair();
  const stream = server.enet.events();
  expect(() => server.enet.events()).toThrow(TypeError);
  await stream.return?.();
  await server.enet.events().return?.();
});

test('a failing host rejects the iteration once, after the events before it', async () => {
  const failure = new Error('broken compressor');
  const broken = {
    name: 'broken',
    compress: (): number => {
      throw failure;
    },
    decompress: (): number => 0,
  };
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair({ server: { createCompressor: () => broken } });
  toServer.send(0, bytes('before'), RELIABLE);
  client.enet.flush();
  const stream = server.enet.events();
  world.net.advance(1);
  await runAsync(world, 5);
  server.enet.compress(ENetConnection.COMPRESS_ZLIB);
  toClient.send(0, bytes('boom'), RELIABLE);
  await runAsync(world, 50);
  expect((await stream.next()).value).toEqual([3, toClient, 0, 0]);
  await expect(stream.next()).rejects.toBe(failure);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test('a name without address wakes the iteration', async () => {
  const world = new ConnectionWorld();
  const client = world.connection(CLIENT_IP);
  client.enet.createHost(1);
  const next = client.enet.events().next();
  const peer = client.enet.connectToHost('nowhere.example', 5);
  await runAsync(world, 10);
  expect((await next).value).toEqual([2, peer, 0, 0]);
  client.enet.destroy();
});

test('onWake is called when something is to be done, but not during an iteration', async () => {
  let wakes = 0;
  const world = new ConnectionWorld();
  const server = world.connection(SERVER_IP, { onWake: () => wakes++ });
  server.enet.createHostBound('*', 4000);
  const client = world.connection(CLIENT_IP);
  client.enet.createHost(1);
  client.enet.connectToHost(SERVER_IP, 4000);
  world.run(100);
  expect(wakes).toBeGreaterThan(0);
  const [peer] = server.enet.getPeers();
  world.net.advance(1);
  server.tick();
  world.net.advance(1);
  wakes = 0;
  peer?.send(0, bytes('x'), RELIABLE);
  world.net.advance(1);
  expect(wakes).toBeGreaterThan(0);
  const stream = server.enet.events();
  await runAsync(world, 20);
  wakes = 0;
  await runAsync(world, 2000);
  expect(wakes).toBe(0);
  await stream.return?.();
  client.tick();
  await runAsync(world, 2000);
  expect(wakes).toBeGreaterThan(0);
  server.enet.destroy();
});
