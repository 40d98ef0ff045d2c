/** The smaller methods of ENetConnection. godot-enet-classes 2.2, 2.4, 2.5, 6. */
import { expect, test } from 'vitest';
import type { CompressionMode, HostStatistic } from '../../src/godot/constants.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { GodotError } from '../../src/godot/errors.ts';
import { TLSOptions } from '../../src/godot/tlsOptions.ts';
import { createCompressor, prepareZstd } from '../../src/io/compression.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { bytes, CLIENT_IP, ConnectionWorld, RELIABLE, SERVER_IP, text } from './support.ts';

expectDiagnoses('channel limits, one-sided compression and raw datagrams are tested');

const { ERR_INVALID_PARAMETER, ERR_UNCONFIGURED, FAILED, OK } = GodotError;

test('flush sends what is queued and takes nothing in', () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  toServer.send(0, bytes('now'), RELIABLE);
  client.enet.flush();
  world.net.advance(10);
  server.enet.flush();
  expect(toClient.getAvailablePacketCount()).toBe(0);
  expect(server.enet.service()).toEqual([3, toClient, 0, 0]);
});

test('bandwidthLimit reaches the remote within about a second', () => {
  const world = new ConnectionWorld();
  const { server, toServer } = world.pair();
  const limited: Uint8Array[] = [];
  world.net.onDatagram(({ from, bytes: datagram, fate }) => {
    // A BANDWIDTH_LIMIT that wants an acknowledgement starts with 8a, behind the four bytes of the header.
    if (fate === 'sent' && from.ip === SERVER_IP && datagram[4] === 0x8a) limited.push(datagram);
  });
  world.run(1500);
  limited.length = 0;
  server.enet.bandwidthLimit(100_000, 50_000);
  world.run(1500);
  expect(limited).toHaveLength(1);
  const view = new DataView(limited[0]?.buffer ?? new ArrayBuffer(0), limited[0]?.byteOffset);
  expect(view.getUint32(12)).toBe(50_000);
  expect(toServer.getState()).toBe(5);
});

test.each([
  [1, 1],
  [255, 255],
  [0, 255],
  [-1, 255],
  [256, 255],
  [Number.NaN, 255],
  [7.9, 7],
])('channelLimit(%j) gives %j', (limit, gives) => {
  const world = new ConnectionWorld();
  const { enet } = world.connection(SERVER_IP);
  enet.createHostBound('*', 4000, 4, 10);
  expect(enet.getMaxChannels()).toBe(10);
  enet.channelLimit(limit);
  expect(enet.getMaxChannels()).toBe(gives);
});

test('channelLimit holds for later connections only', () => {
  const world = new ConnectionWorld();
  const { server, toClient } = world.pair({ channels: 6 });
  server.enet.channelLimit(2);
  const late = world.connection('10.0.0.3');
  late.enet.createHost(1);
  const peer = late.enet.connectToHost(SERVER_IP, server.enet.getLocalPort(), 6);
  world.run(100);
  expect(toClient.getChannels()).toBe(6);
  expect(peer?.getChannels()).toBe(2);
});

test('maxChannels 0 is 255', () => {
  const { enet } = new ConnectionWorld().connection(SERVER_IP);
  enet.createHost();
  expect(enet.getMaxChannels()).toBe(255);
});

test('broadcast goes to every connected peer that has the channel', () => {
  const world = new ConnectionWorld();
  const server = world.connection(SERVER_IP);
  server.enet.createHostBound('*', 4000, 8);
  const clients = [1, 4, 4].map((channels, index) => {
    const client = world.connection(`10.0.0.${3 + index}`);
    client.enet.createHost(1);
    const peer = client.enet.connectToHost(SERVER_IP, 4000, channels);
    return { client, peer };
  });
  world.run(100);
  const message = bytes('to all');
  server.enet.broadcast(3, message, RELIABLE);
  message.fill(0);
  world.run(50);
  expect(clients.map(({ peer }) => text(peer?.getPacket() ?? bytes('')))).toEqual(['', 'to all', 'to all']);
});

test.each([
  [-1, 0, 'channel expected'],
  [5, 0, 'channel expected'],
  [Number.NaN, 0, 'channel expected'],
  // The channel is checked before the flags; the limit itself after them.
  [5, 4, 'channel expected'],
  [4, 4, 'flags expected'],
  [0, 16, 'flags expected'],
  [0, -1, 'flags expected'],
  [4, 0, 'channel 4 does not exist'],
])('broadcast to channel %j with flags %j is refused', (channel, flags, reason) => {
  const world = new ConnectionWorld();
  const { server, client } = world.pair();
  server.enet.channelLimit(4);
  server.enet.broadcast(channel, bytes('x'), flags);
  world.run(50);
  expect(server.lines).toEqual([expect.stringContaining(`ENetConnection.broadcast: ${reason}`)]);
  expect(client.events).toEqual([]);
});

const hasZstd = await prepareZstd().then(
  () => true,
  () => false,
);

test.for([
  ['COMPRESS_NONE', 0, 1],
  ['COMPRESS_RANGE_CODER', 1, 0.2],
  ['COMPRESS_FASTLZ', 2, 0.2],
  ['COMPRESS_ZLIB', 3, 0.2],
  ['COMPRESS_ZSTD', 4, 0.2],
] as const)('compress(%s): both ends understand each other', ([, mode, size], { skip }) => {
  skip(mode === 4 && !hasZstd, 'this process has no zstd');
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  server.enet.compress(mode);
  client.enet.compress(mode);
  expect(client.lines).toEqual([]);
  client.enet.popStatistic(ENetConnection.HOST_TOTAL_SENT_DATA);
  const message = 'abcd'.repeat(250);
  toServer.send(0, bytes(message), RELIABLE);
  world.run(20);
  expect(text(toClient.getPacket())).toBe(message);
  expect(client.enet.popStatistic(ENetConnection.HOST_TOTAL_SENT_DATA)).toBeLessThan(1000 * size + 100);
});

test('compress: marked datagrams are dropped without the compressor, until it is set', () => {
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair();
  client.enet.compress(ENetConnection.COMPRESS_ZLIB);
  toServer.send(0, bytes('z'.repeat(500)), RELIABLE);
  world.run(100);
  expect(toClient.getAvailablePacketCount()).toBe(0);
  server.enet.compress(ENetConnection.COMPRESS_ZLIB);
  world.run(1500);
  expect(toClient.getAvailablePacketCount()).toBe(1);
  client.enet.compress(ENetConnection.COMPRESS_NONE);
  toServer.send(0, bytes('z'.repeat(500)), RELIABLE);
  world.run(50);
  expect(toClient.getAvailablePacketCount()).toBe(2);
});

test.each([-1, 5, 1.5, Number.NaN])('compress(%j) is ignored with a line', (mode) => {
  const { server } = new ConnectionWorld().pair();
  // A script can pass any number, whatever the type says.
  server.enet.compress(mode as CompressionMode);
  expect(server.lines).toEqual([expect.stringContaining('is unknown, expected 0..4; ignored')]);
});

test('compress: a mode that this process does not have changes nothing, and a line tells the remedy', () => {
  const errors: unknown[] = [];
  const world = new ConnectionWorld();
  const { server, client, toServer, toClient } = world.pair({
    server: {
      onError: (error) => errors.push(error),
      createCompressor: (mode) => {
        if (mode === 4) throw new Error('install zstd');
        return mode === 2 ? createCompressor(mode) : undefined;
      },
    },
  });
  server.enet.compress(ENetConnection.COMPRESS_FASTLZ);
  server.enet.compress(ENetConnection.COMPRESS_ZSTD);
  server.enet.compress(ENetConnection.COMPRESS_ZLIB);
  expect(server.lines).toEqual([
    expect.stringContaining('mode 4 is not available here (install zstd); ignored'),
    expect.stringContaining('mode 3 is not available here; ignored'),
  ]);
  expect(errors).toEqual([]);
  client.enet.compress(ENetConnection.COMPRESS_FASTLZ);
  toServer.send(0, bytes('z'.repeat(500)), RELIABLE);
  world.run(50);
  expect(toClient.getAvailablePacketCount()).toBe(1);
});

const SERVER_OPTIONS = TLSOptions.server('key', 'certificate');

test('dtlsServerSetup: the checks in order', () => {
  const { enet } = new ConnectionWorld().connection(SERVER_IP);
  expect(enet.dtlsServerSetup(TLSOptions.client())).toBe(ERR_UNCONFIGURED);
  enet.createHostBound('*', 0);
  // Scripts in plain JavaScript can pass null.
  expect(enet.dtlsServerSetup(null as unknown as TLSOptions)).toBe(ERR_INVALID_PARAMETER);
  expect(enet.dtlsServerSetup(TLSOptions.client())).toBe(ERR_INVALID_PARAMETER);
  expect(enet.dtlsServerSetup(TLSOptions.clientUnsafe())).toBe(ERR_INVALID_PARAMETER);
  // There is no such key: it stays plain UDP.
  expect(enet.dtlsServerSetup(SERVER_OPTIONS)).toBe(FAILED);
  expect(enet.getDtlsCounters()).toBeUndefined();
  expect(enet.service()).toEqual([0, null, 0, 0]);
});

test('dtlsClientSetup: the checks in order; null stands for the default options', () => {
  const { enet } = new ConnectionWorld().connection(SERVER_IP);
  expect(enet.dtlsClientSetup('host', SERVER_OPTIONS)).toBe(ERR_UNCONFIGURED);
  enet.createHost(1);
  expect(enet.dtlsClientSetup('host', SERVER_OPTIONS)).toBe(ERR_INVALID_PARAMETER);
  expect(enet.dtlsClientSetup(7 as unknown as string)).toBe(ERR_INVALID_PARAMETER);
  expect(enet.dtlsClientSetup('host', TLSOptions.clientUnsafe('chain'))).toBe(FAILED);
  expect(enet.dtlsClientSetup('host', null)).toBe(OK);
  // It is DTLS already.
  expect(enet.dtlsClientSetup('host')).toBe(FAILED);
});

test('TLSOptions keep what they were made of', () => {
  expect([SERVER_OPTIONS.isServer(), SERVER_OPTIONS.isUnsafeClient()]).toEqual([true, false]);
  expect([SERVER_OPTIONS.getPrivateKey(), SERVER_OPTIONS.getOwnCertificate()]).toEqual([
    'key',
    'certificate',
  ]);
  const client = TLSOptions.client('chain', 'name');
  expect([client.isServer(), client.isUnsafeClient()]).toEqual([false, false]);
  expect([client.getTrustedCaChain(), client.getCommonNameOverride()]).toEqual(['chain', 'name']);
  expect([client.getPrivateKey(), client.getOwnCertificate()]).toEqual([null, null]);
  const unsafe = TLSOptions.clientUnsafe();
  expect([unsafe.isServer(), unsafe.isUnsafeClient(), unsafe.getTrustedCaChain()]).toEqual([
    false,
    true,
    null,
  ]);
});

test('refuseNewConnections has no effect on plain UDP', () => {
  const world = new ConnectionWorld();
  const server = world.connection(SERVER_IP);
  server.enet.createHostBound('*', 4000);
  server.enet.refuseNewConnections(true);
  const client = world.connection(CLIENT_IP);
  client.enet.createHost(1);
  client.enet.connectToHost(SERVER_IP, 4000);
  world.run(100);
  expect(server.summary).toEqual([[1, 0, 0]]);
});

test('popStatistic: the four counters, each read and cleared by itself', () => {
  const world = new ConnectionWorld();
  const { server, client } = world.pair();
  const all: HostStatistic[] = [0, 1, 2, 3];
  const counted = [0, 0, 0, 0];
  for (const statistic of all) client.enet.popStatistic(statistic);
  world.net.onDatagram(({ from, bytes: datagram, fate }) => {
    const offset =
      from.ip === CLIENT_IP && fate === 'sent' ? 0 : from.ip === SERVER_IP && fate === 'delivered' ? 2 : -1;
    if (offset < 0) return;
    counted[offset] = (counted[offset] ?? 0) + datagram.length;
    counted[offset + 1] = (counted[offset + 1] ?? 0) + 1;
  });
  server.enet.socketSend(CLIENT_IP, client.enet.getLocalPort(), bytes('garbage'));
  world.run(2000);
  expect(counted.every((count) => count > 0)).toBe(true);
  expect(all.map((statistic) => client.enet.popStatistic(statistic))).toEqual(counted);
  expect(all.map((statistic) => client.enet.popStatistic(statistic))).toEqual([0, 0, 0, 0]);
});

test.each([-1, 4, 0.5, Number.NaN])('popStatistic(%j) is 0 with a line', (statistic) => {
  const { server } = new ConnectionWorld().pair();
  // A script can pass any number, whatever the type says.
  expect(server.enet.popStatistic(statistic as HostStatistic)).toBe(0);
  expect(server.lines).toEqual([expect.stringContaining('is no statistic')]);
});

test('socketSend sends the bare bytes from the port of the host, outside the statistics', () => {
  const world = new ConnectionWorld();
  world.net.addName('nat.example', '10.0.0.9');
  const { enet } = world.connection(SERVER_IP);
  enet.createHostBound('*', 4000);
  const seen: [string, number, string, number][] = [];
  world.net.onDatagram(({ from, to, bytes: datagram, fate }) => {
    if (fate === 'sent') seen.push([text(datagram), from.port, to.ip, to.port]);
  });
  const message = bytes('punch');
  enet.socketSend('10.0.0.9', 77, message);
  message.fill(0);
  enet.socketSend('nat.example', 78, bytes('name'));
  world.run(10);
  expect(seen).toEqual([
    ['punch', 4000, '10.0.0.9', 77],
    ['name', 4000, '10.0.0.9', 78],
  ]);
  expect(enet.popStatistic(ENetConnection.HOST_TOTAL_SENT_PACKETS)).toBe(0);
});

test.each([
  ['10.0.0.9', 0, 'destinationPort expected'],
  ['10.0.0.9', 65536, 'destinationPort expected'],
  ['10.0.0.9', -1, 'destinationPort expected'],
  ['', 0, 'destinationPort expected'],
  ['', 5, 'destinationAddress expected'],
  ['nowhere.example', 5, 'nowhere.example has no address'],
])('socketSend(%j, %j) is refused', (address, port, reason) => {
  const world = new ConnectionWorld();
  const probe = world.connection(SERVER_IP);
  probe.enet.createHostBound('*', 4000);
  let sent = 0;
  world.net.onDatagram(() => sent++);
  probe.enet.socketSend(address, port, bytes('x'));
  world.run(10);
  expect(probe.lines).toEqual([expect.stringContaining(`ENetConnection.socketSend: ${reason}`)]);
  expect(sent).toBe(0);
});

test('broadcast and socketSend: what is no Uint8Array is refused', () => {
  const world = new ConnectionWorld();
  const { server } = world.pair();
  let sent = 0;
  world.net.onDatagram(() => sent++);
  // Scripts in plain JavaScript can pass anything.
  const packet = 'text' as unknown as Uint8Array;
  server.enet.broadcast(0, packet, 0);
  server.enet.socketSend(CLIENT_IP, 5, packet);
  server.enet.flush();
  expect(server.lines).toEqual([
    'ENetConnection.broadcast: the packet is no Uint8Array',
    'ENetConnection.socketSend: the packet is no Uint8Array',
  ]);
  expect(sent).toBe(0);
});
