/** connectToHost. godot-enet-classes 2.2 and 2.6. */
import { expect, test } from 'vitest';
import { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { bytes, CLIENT_IP, ConnectionWorld, type Probe, SERVER_IP, text } from './support.ts';

expectDiagnoses('a client asks for more channels than there are');

function clientOf(world: ConnectionWorld, maxPeers = 1): Probe {
  const client = world.connection(CLIENT_IP);
  client.enet.createHost(maxPeers);
  return client;
}

function serverOf(world: ConnectionWorld, maxChannels = 0): Probe {
  const server = world.connection(SERVER_IP);
  server.enet.createHostBound('*', 4000, 8, maxChannels);
  return server;
}

test.each([
  [SERVER_IP, 0, 'port expected 1..65535, got 0'],
  [SERVER_IP, -1, 'port expected 1..65535, got -1'],
  [SERVER_IP, 65536, 'port expected 1..65535, got 65536'],
  [SERVER_IP, Number.NaN, 'port expected 1..65535, got NaN'],
  // The port is checked before the address.
  ['', 0, 'port expected'],
  ['', 4000, 'address expected'],
])('connectToHost(%j, %j) is refused', (address, port, reason) => {
  const client = clientOf(new ConnectionWorld());
  expect(client.enet.connectToHost(address, port)).toBeNull();
  expect(client.lines).toEqual([expect.stringContaining(`ENetConnection.connectToHost: ${reason}`)]);
  expect(client.enet.getPeers()).toEqual([]);
});

test('a second peer is refused in any state of the first, before its port is looked at', () => {
  const world = new ConnectionWorld();
  serverOf(world);
  const client = clientOf(world, 4);
  const first = client.enet.connectToHost(SERVER_IP, 4000);
  expect(client.enet.connectToHost(SERVER_IP, -1)).toBeNull();
  expect(client.lines.at(-1)).toContain('has 1 peers already');
  first?.reset();
  expect(client.enet.connectToHost(SERVER_IP, 4000)).toBeNull();
  client.enet.service();
  expect(client.enet.connectToHost(SERVER_IP, 4000)).not.toBeNull();
});

test('the peer is there at once, in STATE_CONNECTING; nothing is sent before the next service', () => {
  const world = new ConnectionWorld();
  const client = clientOf(world);
  let sent = 0;
  world.net.onDatagram(() => sent++);
  const peer = client.enet.connectToHost(SERVER_IP, 4000, 3);
  expect(peer).toBeInstanceOf(ENetPacketPeer);
  expect(peer?.getState()).toBe(ENetPacketPeer.STATE_CONNECTING);
  expect(peer?.isActive()).toBe(true);
  expect(peer?.getChannels()).toBe(3);
  expect(peer?.getRemoteAddress()).toBe(SERVER_IP);
  expect(peer?.getRemotePort()).toBe(4000);
  expect(client.enet.getPeers()).toEqual([peer]);
  world.net.advance(10);
  expect(sent).toBe(0);
  client.enet.flush();
  expect(sent).toBe(1);
});

test.each([
  [undefined, 255],
  [0, 255],
  [-5, 255],
  [1, 1],
  [255, 255],
  [300, 255],
])('%j channels are %j', (asked, got) => {
  const world = new ConnectionWorld();
  const server = serverOf(world);
  const client = clientOf(world);
  const peer = client.enet.connectToHost(SERVER_IP, 4000, asked);
  world.run(100);
  expect(peer?.getChannels()).toBe(got);
  expect(server.enet.getPeers()[0]?.getChannels()).toBe(got);
});

test('the server can lower the channels', () => {
  const world = new ConnectionWorld();
  serverOf(world, 2);
  const peer = clientOf(world).enet.connectToHost(SERVER_IP, 4000, 10);
  world.run(100);
  expect(peer?.getChannels()).toBe(2);
});

test.each([
  [undefined, 0],
  [7, 7],
  [-1, 4294967295],
  [4294967296, 0],
  [Number.NaN, 0],
])('data %j arrives as %j; the own event has 0', (data, arrives) => {
  const world = new ConnectionWorld();
  const server = serverOf(world);
  const client = clientOf(world);
  const peer = client.enet.connectToHost(SERVER_IP, 4000, 1, data);
  world.run(100);
  expect(server.summary).toEqual([[1, arrives, 0]]);
  expect(client.summary).toEqual([[1, 0, 0]]);
  expect(client.events[0]?.[1]).toBe(peer);
});

test('nobody answers: EVENT_DISCONNECT after 31.5 s', () => {
  const world = new ConnectionWorld();
  const client = clientOf(world);
  const peer = client.enet.connectToHost(SERVER_IP, 4000);
  world.run(31_000);
  expect(client.events).toEqual([]);
  world.run(1000);
  expect(client.events).toEqual([[2, peer, 0, 0]]);
  expect(peer?.isActive()).toBe(false);
  expect(client.enet.getPeers()).toEqual([]);
});

test('a name: STATE_CONNECTING at once, connected once it is resolved', () => {
  const world = new ConnectionWorld();
  const server = serverOf(world);
  world.net.addName('game.example', SERVER_IP);
  const client = clientOf(world);
  const peer = client.enet.connectToHost('game.example', 4000, 3, 9);
  expect(peer?.getState()).toBe(ENetPacketPeer.STATE_CONNECTING);
  expect(peer?.isActive()).toBe(true);
  expect(peer?.getChannels()).toBe(3);
  expect(peer?.getRemoteAddress()).toBe('');
  expect(peer?.getRemotePort()).toBe(4000);
  expect(peer?.getStatistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME)).toBe(500);
  expect(peer?.getStatistic(14)).toBe(0);
  expect(peer?.send(0, bytes('x'), 1)).toBe(1);
  expect(peer?.send(4, bytes('x'), 1)).toBe(31);
  expect(peer?.putPacket(bytes('x'))).toBe(1);
  expect(client.enet.connectToHost(SERVER_IP, 4000)).toBeNull();
  world.run(100);
  expect(client.events).toEqual([[1, peer, 0, 0]]);
  expect(server.summary).toEqual([[1, 9, 0]]);
  expect(peer?.getRemoteAddress()).toBe(SERVER_IP);
  expect(peer?.send(0, bytes('hello'), 1)).toBe(0);
  world.run(50);
  expect(text(server.enet.getPeers()[0]?.getPacket() ?? bytes(''))).toBe('hello');
});

test('a name without address: EVENT_DISCONNECT with data 0, once', () => {
  const world = new ConnectionWorld();
  const client = clientOf(world);
  const peer = client.enet.connectToHost('nowhere.example', 4000);
  expect(peer?.isActive()).toBe(true);
  world.run(100);
  expect(client.events).toEqual([[2, peer, 0, 0]]);
  expect(peer?.isActive()).toBe(false);
  expect(client.lines.at(-1)).toContain('no address');
  expect(client.enet.connectToHost(SERVER_IP, 4000)).not.toBeNull();
});

test.each(['peerDisconnect', 'peerDisconnectLater', 'peerDisconnectNow', 'reset'] as const)(
  'giving up with %s while the name is resolved: inactive at once, no event, no datagram',
  (call) => {
    const world = new ConnectionWorld();
    world.net.addName('game.example', SERVER_IP);
    let sent = 0;
    world.net.onDatagram(() => sent++);
    const client = clientOf(world);
    const peer = client.enet.connectToHost('game.example', 4000);
    peer?.[call]();
    expect(peer?.isActive()).toBe(false);
    expect(client.enet.getPeers()).toEqual([peer]);
    world.run(100);
    expect(client.events).toEqual([]);
    expect(client.enet.getPeers()).toEqual([]);
    expect(sent).toBe(0);
  },
);

test('destroying the host while a name is resolved is harmless, also when a new host is there by then', () => {
  const world = new ConnectionWorld();
  world.net.addName('game.example', SERVER_IP);
  const client = clientOf(world);
  const peer = client.enet.connectToHost('game.example', 4000);
  client.enet.destroy();
  client.enet.createHost(1);
  world.run(100);
  expect(peer?.isActive()).toBe(false);
  expect(client.events).toEqual([]);
  expect(client.enet.getPeers()).toEqual([]);
});

test('settings made while a name is resolved are kept', () => {
  const world = new ConnectionWorld();
  serverOf(world);
  world.net.addName('game.example', SERVER_IP);
  const client = clientOf(world);
  const peer = client.enet.connectToHost('game.example', 4000);
  peer?.pingInterval(20_000);
  peer?.pingInterval(50);
  world.run(200);
  let datagrams = 0;
  world.net.onDatagram(({ from, fate }) => {
    if (from.ip === CLIENT_IP && fate === 'sent') datagrams++;
  });
  world.run(400);
  expect(peer?.getState()).toBe(5);
  expect(datagrams).toBeGreaterThanOrEqual(4);
});

test('giving up after the name turned out to have no address: no event', () => {
  const world = new ConnectionWorld();
  const client = clientOf(world);
  const peer = client.enet.connectToHost('nowhere.example', 4000);
  world.net.advance(10);
  peer?.reset();
  world.run(50);
  expect(client.events).toEqual([]);
  expect(client.enet.getPeers()).toEqual([]);
});

test('no free slot: null', () => {
  const world = new ConnectionWorld();
  const client = world.connection(CLIENT_IP);
  client.enet.createHostBound('*', 5000, 1);
  const stranger = world.connection('10.0.0.3');
  stranger.enet.createHost(1);
  stranger.enet.connectToHost(CLIENT_IP, 5000);
  stranger.enet.flush();
  world.net.advance(10);
  client.enet.service();
  expect(client.enet.getPeers()).toEqual([]);
  expect(client.enet.connectToHost(SERVER_IP, 4000)).toBeNull();
  expect(client.lines).toEqual(['ENetConnection.connectToHost: no slot is free']);
});

test('a name that cannot get a slot any more: EVENT_DISCONNECT', () => {
  const world = new ConnectionWorld();
  serverOf(world);
  world.net.addName('game.example', SERVER_IP);
  const client = world.connection(CLIENT_IP);
  client.enet.createHostBound('*', 5000, 1);
  const stranger = world.connection('10.0.0.3');
  stranger.enet.createHost(1);
  stranger.enet.connectToHost(CLIENT_IP, 5000);
  world.run(5);
  // The stranger's CONNECT waits at the client's socket and takes the only slot before the name is resolved.
  world.net.advance(5);
  client.enet.service();
  expect(client.enet.getPeers()).toEqual([]);
  const peer = client.enet.connectToHost('game.example', 4000);
  expect(peer?.getState()).toBe(ENetPacketPeer.STATE_CONNECTING);
  world.run(10);
  expect(client.events).toContainEqual([2, peer, 0, 0]);
});
