/** service(): events, disconnections, the list of peers. godot-enet-classes 2.3. */
import { expect, test } from 'vitest';
import { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { bytes, CLIENT_IP, ConnectionWorld, RELIABLE, SERVER_IP, text } from './support.ts';

test('nothing happened', () => {
  const { enet } = new ConnectionWorld().pair().server;
  expect(enet.service()).toEqual([0, null, 0, 0]);
  expect(enet.service(50)).toEqual([0, null, 0, 0]);
});

test('a packet is queued at its peer before the event is returned', () => {
  const world = new ConnectionWorld();
  const { server, toServer, toClient } = world.pair();
  expect(toServer.send(3, bytes('hello'), RELIABLE)).toBe(0);
  world.run(20);
  expect(server.events).toEqual([[3, toClient, 0, 3]]);
  expect(toClient.getAvailablePacketCount()).toBe(1);
  expect(text(toClient.getPacket())).toBe('hello');
});

test('one event per call; packets of several peers come round-robin', () => {
  const world = new ConnectionWorld();
  const { server, toServer } = world.pair();
  const other = world.connection('10.0.0.3');
  other.enet.createHost(1);
  const fromOther = other.enet.connectToHost(SERVER_IP, server.enet.getLocalPort(), 4);
  world.run(100);
  server.events.length = 0;
  for (const number of [1, 2, 3]) {
    toServer.send(0, bytes(`a${number}`), RELIABLE);
    fromOther?.send(0, bytes(`b${number}`), RELIABLE);
  }
  world.run(50);
  const [first, second] = server.enet.getPeers();
  expect(server.events.map(([, peer]) => peer)).toEqual([first, second, first, second, first, second]);
});

test('a disconnection of the remote: its data, the peer inactive before the array is returned', () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  toServer.peerDisconnect(99);
  expect(toServer.getState()).toBe(ENetPacketPeer.STATE_DISCONNECTING);
  expect(toServer.isActive()).toBe(true);
  world.net.advance(5);
  client.enet.service();
  world.net.advance(5);
  const event = server.enet.service();
  expect(event).toEqual([2, toClient, 99, 0]);
  expect(toClient.isActive()).toBe(false);
  expect(toClient.getState()).toBe(0);
  expect(toClient.getChannels()).toBe(0);
  expect(toClient.getStatistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME)).toBe(0);
  expect(server.enet.getPeers()).toEqual([]);
  world.run(50);
  expect(client.events).toEqual([[2, toServer, 0, 0]]);
});

test('an ended peer keeps address, port and packets readable', () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  const port = client.enet.getLocalPort();
  toServer.send(0, bytes('last words'), RELIABLE);
  world.run(20);
  toServer.peerDisconnect();
  world.run(50);
  expect(server.events.at(-1)).toEqual([2, toClient, 0, 0]);
  expect(toClient.getRemoteAddress()).toBe(CLIENT_IP);
  expect(toClient.getRemotePort()).toBe(port);
  expect(text(toClient.getPacket())).toBe('last words');
  expect(toClient.getPacketError()).toBe(0);
  expect(toClient.getPacket()).toEqual(new Uint8Array(0));
  expect(toClient.getPacketError()).toBe(3);
});

test('keepsEndedPeers: false is what Godot does', () => {
  const world = new ConnectionWorld();
  const { toServer, toClient } = world.pair({ server: { keepsEndedPeers: false } });
  toServer.send(0, bytes('last words'), RELIABLE);
  world.run(20);
  toServer.peerDisconnect();
  world.run(50);
  expect(toClient.getRemoteAddress()).toBe('');
  expect(toClient.getRemotePort()).toBe(0);
  expect(toClient.getAvailablePacketCount()).toBe(1);
  expect(toClient.getPacket()).toEqual(new Uint8Array(0));
  expect(toClient.getPacketError()).toBe(3);
});

test('a timeout: EVENT_DISCONNECT with data 0', () => {
  const world = new ConnectionWorld();
  const { server, toClient } = world.pair();
  world.net.partition([SERVER_IP], [CLIENT_IP]);
  world.run(31_000);
  expect(server.events).toEqual([[2, toClient, 0, 0]]);
});

test('no event for peerDisconnectNow and reset; the peer stays in the list until the next service', () => {
  for (const call of ['peerDisconnectNow', 'reset'] as const) {
    const world = new ConnectionWorld();
    const { server, client, toServer, toClient } = world.pair();
    toClient[call](5);
    expect(toClient.isActive()).toBe(false);
    expect(server.enet.getPeers()).toEqual([toClient]);
    server.enet.service();
    expect(server.enet.getPeers()).toEqual([]);
    world.run(100);
    expect(server.events).toEqual([]);
    expect(client.events).toEqual(call === 'reset' ? [] : [[2, toServer, 5, 0]]);
  }
});

test('a slot that is used again belongs to a new peer; the old one stays inactive', () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  toServer.peerDisconnectNow();
  world.run(20);
  expect(toClient.isActive()).toBe(false);
  const again = client.enet.connectToHost(SERVER_IP, server.enet.getLocalPort(), 4, 8);
  world.run(100);
  const [newer] = server.enet.getPeers();
  expect(newer).not.toBe(toClient);
  expect(newer?.isActive()).toBe(true);
  expect([toClient.isActive(), toServer.isActive()]).toEqual([false, false]);
  expect(toServer.send(0, bytes('x'), 1)).toBe(3);
  toClient.reset();
  expect(again?.send(0, bytes('hi'), RELIABLE)).toBe(0);
  world.run(20);
  expect(text(newer?.getPacket() ?? bytes(''))).toBe('hi');
});

test('getPeers: the order of their coming, and a copy', () => {
  const world = new ConnectionWorld();
  const server = world.connection(SERVER_IP);
  server.enet.createHostBound('*', 4000, 8);
  const ips = ['10.0.0.5', '10.0.0.3', '10.0.0.4'];
  for (const ip of ips) {
    const client = world.connection(ip);
    client.enet.createHost(1);
    client.enet.connectToHost(SERVER_IP, 4000);
    world.run(50);
  }
  expect(server.enet.getPeers().map((peer) => peer.getRemoteAddress())).toEqual(ips);
  server.enet.getPeers().pop();
  expect(server.enet.getPeers()).toHaveLength(3);
});

test('a half-done incoming handshake is no peer yet', () => {
  const world = new ConnectionWorld();
  const server = world.connection(SERVER_IP);
  server.enet.createHostBound('*', 4000, 8);
  const client = world.connection(CLIENT_IP);
  client.enet.createHost(1);
  client.enet.connectToHost(SERVER_IP, 4000);
  client.enet.flush();
  world.net.block(SERVER_IP, CLIENT_IP);
  world.run(2000);
  expect(server.events).toEqual([]);
  expect(server.enet.getPeers()).toEqual([]);
});

test('a failing host gives EVENT_ERROR, a line and the error; nothing throws', () => {
  const world = new ConnectionWorld();
  const errors: unknown[] = [];
  const failure = new Error('broken compressor');
  const broken = {
    name: 'broken',
    compress: (): number => {
      throw failure;
    },
    decompress: (): number => 0,
  };
  const client = world.connection(CLIENT_IP, {
    createCompressor: () => broken,
    onError: (error) => errors.push(error),
  });
  client.enet.createHost(1);
  client.enet.compress(3);
  client.enet.connectToHost(SERVER_IP, 4000);
  expect(client.enet.service()).toEqual([-1, null, 0, 0]);
  expect(errors).toEqual([failure]);
  expect(client.lines.at(-1)).toContain('broken compressor');
});
