/**
 * What a server does over real sockets, whether its host runs in this thread or in one of its own: rows and guarantees
 * of enet-server-module section 8, bad input and all compressions. The same table for both modes.
 */
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32 } from '../../src/enet/crc32.ts';
import { CompressionMode, ENetConnection } from '../../src/godot.ts';
import { prepareZstd } from '../../src/io/compression.ts';
import { AuthMode, ENetServer } from '../../src/server.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { Live, MODES, namesOf, saw, until } from './live.ts';

expectDiagnoses('rubbish is sent to a server');

/** Answers that are under way at once: their bytes fit into the queue, with those that wait for acknowledgement. */
const UNDER_WAY = 6;

describe.each(MODES)('$name', (mode) => {
  let live: Live;
  beforeEach(() => {
    live = new Live(mode);
  });
  afterEach(async () => {
    await live[Symbol.asyncDispose]();
  });

  test('rows 10 and 17, guarantees 1, 2 and 3: started, connecting, authenticated, packet, end, stopped', async () => {
    const { server, log, port } = live.start();
    const { client } = await live.connect(port);
    for (let i = 0; i < 50; i++) client.sendPacket(i, i % 2);
    await saw(log, 'packetReceived', 50);
    client.disconnectFromServer();
    await saw(log, 'peerDisconnected');
    expect(server.getLocalPort()).toBe(port);
    server.stopServer();
    await saw(log, 'serverStopped');
    expect(server.getLocalPort()).toBe(0);
    const names = namesOf(log);
    expect(names.slice(0, 3)).toEqual(['serverStarted', 'peerConnecting', 'peerAuthenticated']);
    expect(names.slice(-2)).toEqual(['peerDisconnected', 'serverStopped']);
    expect(log[0]).toEqual(['serverStarted', port]);
    // Guarantee 4: the order of each channel.
    for (const channel of [0, 1]) {
      const values = log.filter(([name, , , on]) => name === 'packetReceived' && on === channel);
      expect(values.map(([, , value]) => value)).toEqual(
        Array.from({ length: 25 }, (_, i) => 2 * i + channel),
      );
    }
  });

  test('row 3: who does not log in is disconnected after the authentication timeout, with that reason', async () => {
    const { server, log, port } = live.start({ kickReasonEvent: 'kicked' });
    server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    server.setAuthenticationTimeout(0.2);
    const { log: clientLog } = await live.connect(port);
    await saw(log, 'peerDisconnected');
    expect(log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication timeout']);
    await saw(clientLog, 'disconnectedFromServer');
    expect(clientLog).toContainEqual([
      'unknownEventReceived',
      'kicked',
      { reason: 'Authentication timeout' },
      0,
    ]);
  });

  test('row 3: whoever has logged in stays', async () => {
    const { server, log, port } = live.start();
    server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    server.setCustomAuthenticator(() => true);
    server.setAuthenticationTimeout(0.1);
    const { client } = await live.connect(port);
    client.sendPacket({ token: 1 });
    await saw(log, 'peerAuthenticated');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(namesOf(log)).toEqual(['serverStarted', 'peerConnecting', 'peerAuthenticated']);
  });

  test('rows 5, 6, 7 and 8: one decision, sync or async, with the packets that came meanwhile after it', async () => {
    const { server, log, port } = live.start();
    server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    server.setCustomAuthenticator(async (_peer, login) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return login.get('ok') === true;
    });
    const [good, bad] = [await live.connect(port), await live.connect(port)];
    good.client.sendPacket({ ok: true });
    good.client.sendPacket('early');
    bad.client.sendPacket({ ok: false });
    bad.client.sendPacket('never');
    await saw(log, 'packetReceived');
    await saw(log, 'peerDisconnected');
    expect(log.filter(([name]) => name === 'peerAuthenticated')).toHaveLength(1);
    expect(log).toContainEqual(['peerDisconnected', 2, 'Authentication failed']);
    expect(log.filter(([name]) => name === 'packetReceived')).toEqual([['packetReceived', 1, 'early', 0]]);
  });

  test('rows 11 and 13: disconnected while connecting is not promoted, and stays readable', async () => {
    const { server, log, port } = live.start();
    server.on('peerConnecting', (peer) => peer.disconnectPeer('no'));
    const { log: clientLog } = await live.connect(port);
    const peer = server.getPeers()[0];
    await saw(log, 'peerDisconnected');
    await saw(clientLog, 'disconnectedFromServer');
    expect(namesOf(log)).toEqual(['serverStarted', 'peerConnecting', 'peerDisconnected']);
    if (peer !== undefined) expect([peer.remoteAddress, peer.remotePort > 0]).toEqual(['127.0.0.1', true]);
    expect(server.getPeerCount()).toBe(0);
  });

  test('rows 12 and 38: stopServer inside a handler ends the batch; every peer once, then serverStopped', async () => {
    const { server, log, port } = live.start();
    const [first, second] = [await live.connect(port), await live.connect(port)];
    await saw(log, 'peerAuthenticated', 2);
    server.on('packetReceived', () => server.stopServer());
    for (let i = 0; i < 10; i++) first.client.sendPacket(i);
    await saw(log, 'serverStopped');
    await saw(second.log, 'disconnectedFromServer');
    expect(log.filter(([name]) => name === 'packetReceived')).toHaveLength(1);
    expect(log.slice(-3)).toEqual([
      ['peerDisconnected', 1, 'Server stopped'],
      ['peerDisconnected', 2, 'Server stopped'],
      ['serverStopped'],
    ]);
    // The port is free at once, and the server can start again on it.
    expect(server.createServer(port)).toBe(0);
    const again = await live.connect(port);
    again.client.sendPacket('again');
    await saw(log, 'packetReceived', 2);
  });

  test('rows 15 and 16, section 3: the error numbers', async () => {
    const { server, log, port } = live.start();
    expect(server.createServer(0)).toBe(22);
    const other = live.server().server;
    expect([other.createServer(-1), other.createServer(65_536)]).toEqual([31, 31]);
    expect([other.createServer(0, 0), other.createServer(0, 4096), other.createServer(0, 1, 256)]).toEqual([
      31, 31, 31,
    ]);
    expect(other.createServer(port)).toBe(20);
    await live.connect(port);
    await saw(log, 'peerAuthenticated');
    const peer = server.getPeer(1);
    expect(peer).not.toBeNull();
    if (peer === null) return;
    expect([server.sendPacket(1, 'a'), server.sendPacket(9, 'a')]).toEqual([0, 31]);
    expect([
      peer.sendPacket('a', 2, true),
      peer.sendPacket('a', 256, true),
      peer.sendPacket('a', -1, true),
    ]).toEqual([31, 31, 31]);
    expect(peer.sendRawPacket(new Uint8Array(0), 0, true)).toBe(30);
    // limits.maxPacketBytes is 8 MiB.
    expect(peer.sendRawPacket(new Uint8Array(9 * 1024 * 1024), 0, true)).toBe(1);
    expect(server.getPeerCount()).toBe(1);
    server.stopServer();
    expect(peer.sendPacket('a', 0, true)).toBe(3);
  });

  test('rows 18, 20 and 29: to all, to several, except some', async () => {
    const { server, log, port } = live.start();
    const clients = [await live.connect(port), await live.connect(port), await live.connect(port)];
    await saw(log, 'peerAuthenticated', 3);
    expect([server.getPeerCount(), server.getAuthenticatedPeerCount()]).toEqual([3, 3]);
    server.sendPacketToAll('all', 0, true, [2]);
    server.sendPacketToMultiple([2, 3, 3], 'some');
    server.broadcastPacket('end');
    for (const { log: clientLog } of clients) {
      await until(() => clientLog.some(([, value]) => value === 'end'));
    }
    const got = clients.map((one) =>
      one.log.filter(([name]) => name === 'packetReceived').map(([, value]) => value),
    );
    expect(got).toEqual([
      ['all', 'end'],
      ['some', 'end'],
      ['all', 'some', 'some', 'end'],
    ]);
  });

  test('row 28: everything sent before a kick arrives first, large packets too', async () => {
    const { server, log, port } = live.start();
    const { log: clientLog } = await live.connect(port);
    await saw(log, 'peerAuthenticated');
    const large = new Uint8Array(2_000_000).map((_, i) => i * 7);
    for (let i = 0; i < 20; i++) server.sendPacket(1, i);
    server.sendPacket(1, large);
    server.kickPeer(1, 'enough');
    expect(server.sendPacket(1, 'late')).toBe(1);
    await saw(clientLog, 'disconnectedFromServer');
    const values = clientLog.filter(([name]) => name === 'packetReceived').map(([, value]) => value);
    expect(values.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(Buffer.compare(values[20] as Uint8Array, large)).toBe(0);
    expect(values).toHaveLength(21);
    await saw(log, 'peerDisconnected');
    expect(log.at(-1)).toEqual(['peerDisconnected', 1, 'enough']);
  });

  test('a reliable packet for a peer with a full queue ends the connection, with that reason', async () => {
    const { server, log, port } = live.start({ limits: { maxQueuedBytes: 200_000 } });
    const { log: clientLog } = await live.connect(port);
    await saw(log, 'peerAuthenticated');
    for (let i = 0; i < 100 && server.getPeerCount() === 1; i++) server.sendPacket(1, new Uint8Array(10_000));
    await saw(log, 'peerDisconnected');
    expect(log.at(-1)).toEqual(['peerDisconnected', 1, 'Send queue overflow']);
    await saw(clientLog, 'disconnectedFromServer');
    expect(server.getPeerCount()).toBe(0);
  });

  test('a queue that is emptied as fast as it is filled is never full, however much goes through it', async () => {
    const { server, log, port } = live.start({
      limits: { maxQueuedBytes: 150_000, packetsPerSec: 0, bytesPerSec: 0 },
    });
    const { client } = await live.connect(port);
    await saw(log, 'peerAuthenticated');
    const answer = new Uint8Array(10_000);
    const total = 1500;
    let got = 0;
    server.on('packetReceived', (peer) => {
      expect(peer.sendRawPacket(answer, 0, true)).toBe(0);
    });
    client.on('rawPacketReceived', () => {
      got++;
      if (got + UNDER_WAY <= total) client.sendPacket(0);
    });
    for (let i = 0; i < UNDER_WAY; i++) client.sendPacket(0);
    await until(() => got === total || server.getPeerCount() === 0);
    expect([got, server.getPeerCount()]).toEqual([total, 1]);
    expect(live.errors).toEqual([]);
  });

  test('row 30: the data of a connection is unsigned; admit sees it and can refuse', async () => {
    const seen: number[] = [];
    const { log, port } = live.start({
      admit: (_address, data) => {
        seen.push(data);
        return data !== 13;
      },
    });
    const connections = [4_294_967_295, 13].map((data) => {
      const connection = new ENetConnection();
      connection.createHost(1);
      connection.connectToHost('127.0.0.1', port, 2, data);
      return connection;
    });
    try {
      await until(() => {
        for (const connection of connections) connection.service();
        return seen.includes(13) && log.some(([name]) => name === 'peerAuthenticated');
      });
    } finally {
      for (const connection of connections) connection.destroy();
    }
    expect(log.filter(([name]) => name === 'peerConnecting')).toEqual([['peerConnecting', 1, 4_294_967_295]]);
  });

  test.each([
    ['deny', { deny: ['127.0.0.0/8'] }, 'ADDRESS_DENIED'],
    ['allow', { allow: ['10.0.0.0/8'] }, 'ADDRESS_NOT_ALLOWED'],
    ['admit', { admit: () => false }, 'NOT_ADMITTED'],
    ['a rate', { limits: { connectBurst: 1, connectsPerSec: 0.001 } }, 'CONNECT_RATE'],
    ['a limit of the host', { limits: { maxPeersPerAddress: 1 } }, 'TOO_MANY_FROM_ADDRESS'],
  ] as const)('refused before a slot is taken, and counted: by %s', async (name, options, reason) => {
    const { server, log, port } = live.start(options);
    const isFirstWelcome = name === 'a rate' || name === 'a limit of the host';
    if (isFirstWelcome) await live.connect(port);
    const { client } = live.client(port);
    await until(() => (server.ops.refusals().get(reason) ?? 0) > 0);
    expect(client.isConnectedToServer()).toBe(false);
    expect(server.getPeerCount()).toBe(isFirstWelcome ? 1 : 0);
    // The host drops it a moment after admit has refused.
    const dropped = name === 'a limit of the host' ? reason : 'NOT_ADMITTED';
    await until(() => (server.ops.metrics().drops.get(dropped) ?? 0) > 0);
    const metrics = server.ops.metrics();
    expect(metrics.datagramsReceived).toBeGreaterThan(0);
    expect(metrics.thread === undefined).toBe(mode.name === 'inline');
    expect(namesOf(log).filter((signal) => signal === 'peerConnecting')).toHaveLength(isFirstWelcome ? 1 : 0);
  });

  test('a door that is closed and opened again', async () => {
    const { server, log, port } = live.start();
    server.ops.acceptsPeers = false;
    const { client } = live.client(port);
    await until(() => (server.ops.refusals().get('DRAINING') ?? 0) > 0);
    expect(client.isConnectedToServer()).toBe(false);
    server.ops.acceptsPeers = true;
    await saw(log, 'peerAuthenticated');
  });

  test('host.checksum and host.trace', async () => {
    const seen = { received: 0, sent: 0, dropped: 0 };
    const { server, log, port } = live.start({
      host: {
        checksum: crc32,
        trace: {
          received: () => seen.received++,
          sent: () => seen.sent++,
          dropped: () => seen.dropped++,
        },
      },
    });
    await live.connect(port, { host: { checksum: crc32 } });
    await saw(log, 'peerAuthenticated');
    live.client(port);
    await until(() => (server.ops.metrics().drops.get('BAD_CHECKSUM') ?? 0) > 0 && seen.dropped > 0);
    expect(seen.received).toBeGreaterThan(2);
    expect(seen.sent).toBeGreaterThan(0);
  });

  test('guarantee 5: a handler that throws harms nobody else', async () => {
    const { server, log, port } = live.start();
    server.on('packetReceived', () => {
      throw new Error('mine');
    });
    const { client } = await live.connect(port);
    client.sendPacket('a');
    client.sendPacket('b');
    await saw(log, 'packetReceived', 2);
    await until(() => live.errors.length >= 2);
    expect(live.errors.map(({ error }) => (error as Error).message)).toEqual(['mine', 'mine']);
  });

  test('section 6.3: events both ways, and an unknown one', async () => {
    const { server, log, port } = live.start();
    server.registerEvent('add', (peer, payload) => {
      server.triggerEvent(peer.peerId, 'sum', { sum: Number(payload.get('a')) + Number(payload.get('b')) });
    });
    const { client, log: clientLog } = await live.connect(port);
    const sums: unknown[] = [];
    client.registerEvent('sum', (payload) => {
      sums.push(payload.get('sum'));
    });
    client.triggerEvent('add', { a: 2, b: 3 });
    client.triggerEvent('__proto__', { a: 1 });
    await saw(clientLog, 'customEventReceived');
    await saw(log, 'packetReceived');
    expect(sums).toEqual([5]);
    expect(namesOf(log).slice(3)).toEqual(['customEventReceived', 'unknownEventReceived', 'packetReceived']);
  });

  test('bad input: garbage, damaged Variants and a login of the wrong shape', async () => {
    const { server, log, port } = live.start();
    const socket = createSocket('udp4');
    for (let length = 0; length < 200; length++) {
      socket.send(
        new Uint8Array(length).map((_, i) => i * 31 + length),
        port,
        '127.0.0.1',
      );
    }
    const { client } = await live.connect(port);
    client.sendRawPacket(Uint8Array.of(1, 255, 255, 255, 255));
    client.sendRawPacket(Uint8Array.of(9));
    await saw(log, 'packetReceived', 2);
    expect(log.filter(([name]) => name === 'packetReceived').map(([, , value]) => value)).toEqual([
      null,
      null,
    ]);
    server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    const stranger = await live.connect(port);
    stranger.client.sendPacket([1, 2, 3]);
    await saw(log, 'peerDisconnected');
    expect(log.at(-1)).toEqual(['peerDisconnected', 2, 'Invalid authentication packet format']);
    const flooder = await live.connect(port);
    for (let i = 0; i < 200; i++) flooder.client.sendPacket({ i });
    await saw(log, 'peerDisconnected', 2);
    expect(log.at(-1)).toEqual(['peerDisconnected', 3, 'Too much data before authentication']);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  });

  test('ping and statistics come from the host, and stay after the end', async () => {
    const { server, log, port } = live.start();
    const { client } = await live.connect(port);
    await saw(log, 'peerAuthenticated');
    const peer = server.getPeer(1);
    for (let i = 0; i < 30; i++) {
      server.sendPacket(1, i);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => (peer?.getPing() ?? 500) < 100);
    expect(peer?.getStatistic(7)).toBe(32);
    expect(peer?.getStatistic(99)).toBe(0);
    // The last values are kept once a second.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    client.disconnectFromServer();
    await saw(log, 'peerDisconnected');
    expect(peer?.getPing()).toBeLessThan(100);
  });

  test('setPollRate takes effect while running', async () => {
    const { server, log, port } = live.start();
    server.setPollRate(0);
    expect(server.getPollRate()).toBe(1);
    server.setPollRate(500);
    const { client } = await live.connect(port);
    await saw(log, 'peerAuthenticated');
    const started = performance.now();
    client.sendPacket('at once');
    await saw(log, 'packetReceived');
    // What arrives is dealt with at once, whatever the poll rate.
    expect(performance.now() - started).toBeLessThan(400);
  });

  test.each(Object.entries(CompressionMode))('%s against ENetClient', async (_name, compression) => {
    if (compression === CompressionMode.COMPRESS_ZSTD) await prepareZstd();
    const { server, log } = live.server();
    server.setCompressionMode(compression);
    // Row 26: remembered before the start.
    expect(server.createServer(0)).toBe(0);
    const { client, log: clientLog } = live.client(server.getLocalPort());
    client.setCompressionMode(compression);
    await client.connected();
    await saw(log, 'peerAuthenticated');
    const text = 'compress me '.repeat(500);
    client.sendPacket(text);
    client.sendPacket({ n: 1 }, 1, false);
    server.sendPacket(1, text);
    await saw(log, 'packetReceived', 2);
    await saw(clientLog, 'packetReceived');
    expect(log).toContainEqual(['packetReceived', 1, text, 0]);
    expect(log).toContainEqual(['packetReceived', 1, { n: 1 }, 1]);
    expect(clientLog).toContainEqual(['packetReceived', text, 0]);
  });

  test('two servers share nothing, and a stopped one frees its port at once', async () => {
    const [first, second] = [live.start(), live.start()];
    const { client } = await live.connect(second.port);
    client.sendPacket('to the second');
    await saw(second.log, 'packetReceived');
    expect(namesOf(first.log)).toEqual(['serverStarted']);
    first.server.stopServer();
    const third = live.server().server;
    expect(third).toBeInstanceOf(ENetServer);
    expect(third.createServer(first.port)).toBe(0);
  });
});
