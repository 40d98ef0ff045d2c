/** ENetPacketPeer: sending, ending, settings. godot-enet-classes 3. */
import { expect, test } from 'vitest';
import { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { bytes, CLIENT_IP, ConnectionWorld, RELIABLE, SERVER_IP, text } from './support.ts';

const { OK, FAILED, ERR_INVALID_PARAMETER, ERR_UNAVAILABLE, ERR_UNCONFIGURED } = GodotError;
const { FLAG_UNSEQUENCED, FLAG_UNRELIABLE_FRAGMENT } = ENetPacketPeer;

test('it cannot be made with new', () => {
  const Constructor: unknown = ENetPacketPeer;
  expect(() => Reflect.construct(Constructor as () => void, [])).toThrow(TypeError);
});

test.each([
  [0, 0, OK],
  [3, RELIABLE, OK],
  [0, 11, OK],
  [-1, 0, ERR_INVALID_PARAMETER],
  [5, 0, ERR_INVALID_PARAMETER],
  [256, 0, ERR_INVALID_PARAMETER],
  [Number.NaN, 0, ERR_INVALID_PARAMETER],
  [0, 4, ERR_INVALID_PARAMETER],
  [0, 16, ERR_INVALID_PARAMETER],
  [0, -1, ERR_INVALID_PARAMETER],
  // Equal to the count: past the first check, stopped by the second, which comes after the flags.
  [4, 4, ERR_INVALID_PARAMETER],
  [4, 0, FAILED],
])('send on channel %j of 4 with flags %j gives %j', (channel, flags, error) => {
  const { server, toClient } = new ConnectionWorld().pair({ channels: 4 });
  expect(toClient.send(channel, bytes('x'), flags)).toBe(error);
  expect(server.lines).toHaveLength(error === OK ? 0 : 1);
});

test('send: what is no Uint8Array is refused', () => {
  const { toClient } = new ConnectionWorld().pair();
  for (const packet of ['text', undefined, [1, 2], new ArrayBuffer(4)]) {
    // Scripts in plain JavaScript can pass anything.
    expect(toClient.send(0, packet as unknown as Uint8Array, 0)).toBe(ERR_INVALID_PARAMETER);
    expect(toClient.putPacket(packet as unknown as Uint8Array)).toBe(ERR_INVALID_PARAMETER);
  }
});

test('send: more than 32 MiB is refused', () => {
  const { toClient } = new ConnectionWorld().pair();
  expect(toClient.send(0, new Uint8Array(32 * 1024 * 1024 + 1), RELIABLE)).toBe(FAILED);
});

test('send copies: the caller may change its array, a Buffer too', () => {
  const world = new ConnectionWorld();
  const { toServer, toClient } = world.pair();
  const packet = Buffer.from('before');
  toServer.send(0, packet, RELIABLE);
  packet.fill('x');
  world.run(20);
  expect(text(toClient.getPacket())).toBe('before');
});

test.each([
  ['reliable', 10, 1, 1],
  ['reliable wins over unsequenced', 10, 3, 1],
  ['unreliable', 10, 0, 0],
  ['unsequenced', 10, 2, 2],
  ['unsequenced, fragment flag unused', 10, 10, 2],
  ['large reliable', 5000, 1, 1],
  ['large unreliable becomes reliable', 5000, 0, 1],
  ['large unsequenced becomes reliable', 5000, 2, 1],
  ['large with the fragment flag', 5000, 8, 8],
  ['large unsequenced with the fragment flag', 5000, 10, 8],
  ['large reliable with the fragment flag', 5000, 9, 1],
  ['empty', 0, 1, 1],
])('2.4 %s: %i bytes with flags %i arrive with flags %i', (_name, length, flags, arrives) => {
  const world = new ConnectionWorld();
  const { toServer, toClient } = world.pair();
  const packet = Uint8Array.from({ length }, (_, index) => index * 7);
  expect(toServer.send(1, packet, flags)).toBe(OK);
  world.run(100);
  expect(toClient.getPacketFlags()).toBe(arrives);
  expect(toClient.getPacket()).toEqual(packet);
  expect(toClient.getPacketError()).toBe(OK);
});

test('the queue: flags of the next packet, order, errors', () => {
  const world = new ConnectionWorld();
  const { server, toServer, toClient } = world.pair();
  expect(toClient.getPacketFlags()).toBe(0);
  expect(toClient.getPacket()).toEqual(new Uint8Array(0));
  expect(toClient.getPacketError()).toBe(ERR_UNAVAILABLE);
  expect(server.lines).toEqual([
    expect.stringContaining('ENetPacketPeer.getPacketFlags: no packet'),
    expect.stringContaining('ERR_UNAVAILABLE'),
  ]);
  const count = 200;
  for (let index = 0; index < count; index++) toServer.send(0, bytes(`p${index}`), RELIABLE);
  toServer.send(0, bytes('u'), 0);
  world.run(100);
  expect(toClient.getAvailablePacketCount()).toBe(count + 1);
  for (let index = 0; index < count; index++) {
    expect(toClient.getPacketFlags()).toBe(1);
    expect(text(toClient.getPacket())).toBe(`p${index}`);
    expect(toClient.getAvailablePacketCount()).toBe(count - index);
  }
  expect(toClient.getPacketFlags()).toBe(0);
  expect(text(toClient.getPacket())).toBe('u');
  expect(toClient.getAvailablePacketCount()).toBe(0);
});

test('putPacket: reliable on channel 0; an empty one is not sent; errors', () => {
  const world = new ConnectionWorld();
  const { server, toServer, toClient } = world.pair();
  expect(toServer.putPacket(new Uint8Array(0))).toBe(OK);
  expect(toServer.putPacket(bytes('hi'))).toBe(OK);
  world.run(20);
  expect(server.events).toEqual([[3, toClient, 0, 0]]);
  expect(toClient.getPacketFlags()).toBe(1);
  toServer.peerDisconnectLater();
  expect(toServer.putPacket(bytes('late'))).toBe(FAILED);
  toServer.reset();
  expect(toServer.putPacket(bytes('later'))).toBe(ERR_UNCONFIGURED);
  expect(toServer.putPacket(new Uint8Array(0))).toBe(OK);
});

test('everything on an ended peer: an error number or nothing, with a line, and nothing throws', () => {
  const { server, toClient } = new ConnectionWorld().pair();
  toClient.reset();
  server.lines.length = 0;
  expect(toClient.isActive()).toBe(false);
  expect(toClient.getState()).toBe(ENetPacketPeer.STATE_DISCONNECTED);
  expect(toClient.getChannels()).toBe(0);
  expect(toClient.getStatistic(3)).toBe(0);
  // The inactive check comes first.
  expect(toClient.send(-1, bytes('x'), 99)).toBe(ERR_UNCONFIGURED);
  expect(toClient.getPacket()).toEqual(new Uint8Array(0));
  expect(toClient.getPacketError()).toBe(ERR_UNCONFIGURED);
  expect(toClient.getVar()).toBeNull();
  expect(toClient.getPacketError()).toBe(ERR_UNCONFIGURED);
  toClient.peerDisconnect();
  toClient.peerDisconnectLater();
  toClient.peerDisconnectNow();
  toClient.reset();
  toClient.ping();
  toClient.pingInterval(5);
  toClient.setTimeout(9, 5, 1);
  toClient.throttleConfigure(1, 1, 1);
  expect(server.lines.map((line) => line.replace(/^ENetPacketPeer\.(\w+): .*/, '$1'))).toEqual([
    'getStatistic',
    'send',
    'getPacket',
    'getVar',
    'peerDisconnect',
    'peerDisconnectLater',
    'peerDisconnectNow',
    'reset',
    'ping',
    'pingInterval',
    'setTimeout',
    'throttleConfigure',
  ]);
});

test('peerDisconnect drops what is queued; data is unsigned', () => {
  const world = new ConnectionWorld();
  const { server, toServer, toClient } = world.pair();
  toServer.send(0, bytes('lost'), RELIABLE);
  toServer.peerDisconnect(-1);
  expect(toServer.send(0, bytes('x'), RELIABLE)).toBe(FAILED);
  world.run(50);
  expect(server.events).toEqual([[2, toClient, 4294967295, 0]]);
});

test('peerDisconnectLater sends what is queued first', () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  toServer.send(0, bytes('first'), RELIABLE);
  toServer.peerDisconnectLater(3);
  expect(toServer.getState()).toBe(ENetPacketPeer.STATE_DISCONNECT_LATER);
  expect(toServer.send(0, bytes('x'), RELIABLE)).toBe(FAILED);
  world.run(100);
  expect(server.events).toEqual([
    [3, toClient, 0, 0],
    [2, toClient, 3, 0],
  ]);
  expect(client.events).toEqual([[2, toServer, 0, 0]]);
});

test('peerDisconnectLater with nothing queued disconnects at once', () => {
  const world = new ConnectionWorld();
  const { toServer } = world.pair();
  world.run(50);
  toServer.peerDisconnectLater(3);
  expect(toServer.getState()).toBe(ENetPacketPeer.STATE_DISCONNECTING);
});

test('peerDisconnectNow sends its datagram at once', () => {
  const world = new ConnectionWorld();
  const { toServer } = world.pair();
  let sent = 0;
  world.net.onDatagram(({ from, fate }) => {
    if (from.ip === CLIENT_IP && fate === 'sent') sent++;
  });
  toServer.peerDisconnectNow(1);
  expect(sent).toBe(1);
});

test('disconnecting before the connection is complete: inactive at once, no event on either side', () => {
  for (const call of ['peerDisconnect', 'peerDisconnectLater', 'peerDisconnectNow', 'reset'] as const) {
    const world = new ConnectionWorld();
    const server = world.connection(SERVER_IP);
    server.enet.createHostBound('*', 4000);
    const client = world.connection(CLIENT_IP);
    client.enet.createHost(1);
    const peer = client.enet.connectToHost(SERVER_IP, 4000);
    client.enet.flush();
    peer?.[call](4);
    expect(peer?.isActive()).toBe(false);
    expect(peer?.getState()).toBe(0);
    world.run(200);
    expect(client.events).toEqual([]);
    expect(server.events).toEqual([]);
  }
});

test('ping measures the round trip', () => {
  const world = new ConnectionWorld({ latencyMs: 20 });
  const { client, toServer } = world.pair();
  let sent = 0;
  world.net.onDatagram(({ from, fate }) => {
    if (from.ip === CLIENT_IP && fate === 'sent') sent++;
  });
  toServer.ping();
  client.enet.flush();
  expect(sent).toBe(1);
  world.run(100);
  expect(toServer.getStatistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME)).toBeLessThan(100);
});

test.each([-1, 14, 0.5, Number.NaN])('getStatistic(%j) is 0 with a line', (statistic) => {
  const { client, toServer } = new ConnectionWorld().pair();
  expect(toServer.getStatistic(statistic)).toBe(0);
  expect(client.lines).toEqual([expect.stringContaining(`getStatistic: ${statistic} is no statistic`)]);
});

test.each([
  [50, 20],
  [0, 2],
])('pingInterval(%i): about %i pings in a second', (interval, atLeast) => {
  const world = new ConnectionWorld();
  const { toServer, client } = world.pair();
  // The server's own pings must not be counted, so it has none.
  toServer.pingInterval(interval);
  client.enet.popStatistic(1);
  world.run(1100);
  const sent = client.enet.popStatistic(1);
  expect(sent).toBeGreaterThanOrEqual(Math.floor(atLeast * 0.7));
  expect(sent).toBeLessThanOrEqual(atLeast * 1.3 + 6);
});

test.each([
  [32, 5000, 30000, true],
  [0, 0, 0, true],
  [5, 5, 5, true],
  [32, 0, 0, false],
  [1, 3, 2, false],
  [4, 3, 9, false],
  [Number.NaN, 1, 2, false],
  [1, 2, Number.POSITIVE_INFINITY, false],
])('setTimeout(%j, %j, %j) is accepted: %j', (timeout, min, max, isAccepted) => {
  const { server, toClient } = new ConnectionWorld().pair();
  toClient.setTimeout(timeout, min, max);
  expect(server.lines).toHaveLength(isAccepted ? 0 : 1);
});

test('setTimeout decides when a silent remote is given up', () => {
  const world = new ConnectionWorld();
  const { server, toClient } = world.pair();
  toClient.setTimeout(1, 500, 1000);
  world.net.partition([SERVER_IP], [CLIENT_IP]);
  world.run(3000);
  expect(server.events).toEqual([[2, toClient, 0, 0]]);
});

test('throttleConfigure holds here and at the remote', () => {
  const world = new ConnectionWorld();
  const { toServer, toClient } = world.pair();
  toServer.throttleConfigure(4000, 3, 1);
  world.run(50);
  for (const peer of [toServer, toClient]) {
    expect([11, 12, 13].map((statistic) => peer.getStatistic(statistic))).toEqual([3, 1, 4000]);
  }
});

test('3.3 the statistics of a fresh connection', () => {
  const world = new ConnectionWorld();
  const client = world.connection(CLIENT_IP);
  client.enet.createHost(1);
  const peer = client.enet.connectToHost(SERVER_IP, 4000);
  const initial = [0, 0, 0, 500, 0, 500, 0, 32, 32, 0, 0, 2, 2, 5000];
  expect(initial.map((_, statistic) => peer?.getStatistic(statistic))).toEqual(initial);
  for (const statistic of [-1, 14, 0.5, Number.NaN]) expect(peer?.getStatistic(statistic)).toBe(0);
});

test('3.3 the statistics of a busy connection', () => {
  const world = new ConnectionWorld({ latencyMs: 20 });
  const { toServer } = world.pair();
  for (let index = 0; index < 20; index++) {
    toServer.send(0, bytes('x'), RELIABLE);
    toServer.send(0, bytes('y'), FLAG_UNSEQUENCED | FLAG_UNRELIABLE_FRAGMENT);
    world.run(50);
  }
  expect(toServer.getStatistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME)).toBeGreaterThanOrEqual(40);
  expect(toServer.getStatistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME)).toBeLessThan(60);
  expect(toServer.getStatistic(ENetPacketPeer.PEER_PACKET_LOSS_EPOCH)).toBeGreaterThan(0);
  expect(toServer.getStatistic(ENetPacketPeer.PEER_PACKET_THROTTLE_EPOCH)).toBeGreaterThan(0);
});

test('remote address and port', () => {
  const world = new ConnectionWorld();
  const server = world.connection('fd00::1');
  server.enet.createHostBound('*', 4000);
  const client = world.connection('fd00::2');
  client.enet.createHostBound('*', 5000, 1);
  client.enet.connectToHost('fd00:0::1', 4000);
  world.run(100);
  const [peer] = server.enet.getPeers();
  expect(peer?.getRemoteAddress()).toBe('fd00:0:0:0:0:0:0:2');
  expect(peer?.getRemotePort()).toBe(5000);
  expect(peer?.getMaxPacketSize()).toBe(16_777_216);
});
