/** Limits and defence of a server: every refusal is counted with its reason. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AuthMode } from '../../src/server/constants.ts';
import { SERVER_LIMIT_DEFAULTS } from '../../src/server/limits.ts';
import type { ENetServerOptions } from '../../src/server/options.ts';
import { RefusalReason } from '../../src/server/refusals.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld } from './world.ts';

/** The refusals that occurred. */
function refusals(world: ServerWorld): Record<string, number> {
  return Object.fromEntries([...world.server.ops.refusals()].filter(([, count]) => count > 0));
}

/** How many datagrams the server has sent so far. */
function countAnswers(world: ServerWorld): () => number {
  let count = 0;
  world.net.onDatagram(({ from, fate }) => {
    if (from.ip === SERVER_IP && fate === 'sent') count++;
  });
  return () => count;
}

eachMode(() => {
  describe('before a slot is taken', () => {
    test.each([
      ['deny', { deny: ['10.0.1.0/24'] }, RefusalReason.ADDRESS_DENIED],
      ['deny wins over allow', { deny: ['10.0.1.1'], allow: ['10.0.0.0/8'] }, RefusalReason.ADDRESS_DENIED],
      ['allow', { allow: ['192.168.0.0/16'] }, RefusalReason.ADDRESS_NOT_ALLOWED],
      ['admit', { admit: () => false }, RefusalReason.NOT_ADMITTED],
    ])('%s: no answer, no slot, counted', (_name, server, reason) => {
      const world = createWorld({ server });
      const answers = countAnswers(world);
      world.createClient().client.connectToServer(SERVER_IP, PORT);
      world.net.advance(400);
      expect(answers()).toBe(0);
      expect(world.names()).toEqual([]);
      expect(refusals(world)).toEqual({ [reason]: 1 });
      expect(world.server.ops.metrics().drops.get('NOT_ADMITTED')).toBe(1);
    });

    test('admit sees address and connect data, and what it throws is reported and refuses', () => {
      const seen: unknown[] = [];
      const world = createWorld({
        server: {
          admit: (address, data) => {
            seen.push([address.ip, data]);
            if (seen.length === 1) throw new Error('broken');
            return true;
          },
        },
      });
      const { client } = world.createClient();
      client.connectToServer(SERVER_IP, PORT);
      world.net.advance(3000);
      expect(seen).toEqual([
        ['10.0.1.1', 0],
        ['10.0.1.1', 0],
      ]);
      expect(world.errors.map(({ where }) => where)).toEqual(['admit']);
      expect(client.isConnectedToServer()).toBe(true);
    });

    test('connections per address and from everywhere have a rate', () => {
      const world = createWorld({
        server: { limits: { connectBurstPerAddress: 2, connectsPerSecPerAddress: 0.001 } },
      });
      const crowd = Array.from({ length: 4 }, () =>
        world.createClient({ runtime: world.net.createRuntime('10.0.9.9') }),
      );
      for (const { client } of crowd) client.connectToServer(SERVER_IP, PORT);
      world.net.advance(300);
      expect(crowd.filter(({ client }) => client.isConnectedToServer())).toHaveLength(2);
      expect(refusals(world)).toEqual({ CONNECT_RATE_ADDRESS: 2 });
      world.connect();

      const all = createWorld({ server: { limits: { connectBurst: 3, connectsPerSec: 0.001 } } });
      const others = Array.from({ length: 5 }, () => all.createClient());
      for (const { client } of others) client.connectToServer(SERVER_IP, PORT);
      all.net.advance(300);
      expect(others.filter(({ client }) => client.isConnectedToServer())).toHaveLength(3);
      expect(refusals(all)).toEqual({ CONNECT_RATE: 2 });
    });

    test('a client that was over the rate comes in later by itself', () => {
      const world = createWorld({ server: { limits: { connectBurst: 1, connectsPerSec: 1 } } });
      const clients = [world.createClient(), world.createClient(), world.createClient()];
      for (const { client } of clients) client.connectToServer(SERVER_IP, PORT);
      world.net.advance(20_000);
      expect(clients.every(({ client }) => client.isConnectedToServer())).toBe(true);
    });

    test('slots, peers per address and half-open handshakes are limited and counted, also over a restart', async () => {
      const full = createWorld({ create: [PORT, 1] });
      full.connect();
      full.createClient().client.connectToServer(SERVER_IP, PORT);
      full.net.advance(300);
      expect(refusals(full)).toEqual({ HOST_FULL: 1 });
      full.server.stopServer();
      await Promise.resolve();
      full.server.createServer(PORT, 1);
      expect(refusals(full)).toEqual({ HOST_FULL: 1 });

      const perAddress = createWorld({ server: { limits: { maxPeersPerAddress: 1 } } });
      for (let i = 0; i < 2; i++) {
        const runtime = perAddress.net.createRuntime('10.0.9.9');
        perAddress.createClient({ runtime }).client.connectToServer(SERVER_IP, PORT);
      }
      perAddress.net.advance(300);
      expect(refusals(perAddress)).toEqual({ TOO_MANY_FROM_ADDRESS: 1 });

      const halfOpen = createWorld({ server: { limits: { maxHalfOpen: 2 } } });
      for (let i = 0; i < 3; i++) halfOpen.createClient().client.connectToServer(SERVER_IP, PORT);
      halfOpen.net.advance(15);
      expect(refusals(halfOpen)).toEqual({ TOO_MANY_HALF_OPEN: 1 });
    });

    test('a closed door', () => {
      const world = createWorld();
      const { client } = world.connect();
      world.server.ops.acceptsPeers = false;
      world.createClient().client.connectToServer(SERVER_IP, PORT);
      world.net.advance(300);
      expect(refusals(world)).toEqual({ DRAINING: 1 });
      expect(client.isConnectedToServer()).toBe(true);
    });
  });
  describe('before login', () => {
    const prelogin = (limits: object): ServerWorld => {
      const world = createWorld({ server: { limits, maxLoginAttempts: 1000, maxPreLoginPackets: 1000 } });
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      return world;
    };

    test('packets and bytes have a rate', () => {
      for (const limits of [
        { preLoginPacketBurst: 3, preLoginPacketsPerSec: 1 },
        { preLoginByteBurst: 100, preLoginBytesPerSec: 1 },
      ]) {
        const world = prelogin(limits);
        const { client } = world.connect();
        for (let i = 0; i < 10; i++) client.sendPacket({ name: 'Ada', attempt: i });
        world.net.advance(200);
        expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Too much data before authentication']);
        expect(refusals(world)).toEqual({ PRE_LOGIN_DATA: 1 });
      }
    });

    test('a packet larger than maxPreLoginPacketBytes is not put together; after login it is', () => {
      const world = prelogin({ maxPreLoginPacketBytes: 4096 });
      world.server.setAuthenticationTimeout(0);
      const { client } = world.connect();
      client.sendPacket(new Uint8Array(20_000));
      world.net.advance(300);
      expect(world.names()).toEqual(['peerConnecting']);
      expect(world.server.ops.metrics().drops.get('BAD_FRAGMENT')).toBeGreaterThan(0);

      const other = prelogin({ maxPreLoginPacketBytes: 4096 });
      other.server.on('peerPrelogin', (peer) => peer.authenticate());
      const second = other.connect();
      second.client.sendPacket({ name: 'Ada' });
      other.net.advance(100);
      second.client.sendPacket(new Uint8Array(20_000));
      other.net.advance(1000);
      expect(other.names().at(-1)).toBe('rawPacketReceived');
    });

    test('each way of failing has its reason', async () => {
      const timeout = prelogin({});
      timeout.server.setAuthenticationTimeout(0.5);
      timeout.connect();
      timeout.net.advance(1000);
      expect(refusals(timeout)).toEqual({ LOGIN_TIMEOUT: 1 });

      const format = prelogin({});
      format.connect().client.sendPacket('no Dictionary');
      format.net.advance(100);
      expect(refusals(format)).toEqual({ LOGIN_FORMAT: 1 });

      const rejected = createWorld();
      rejected.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      rejected.server.setCustomAuthenticator(() => false);
      rejected.connect().client.sendPacket({});
      rejected.net.advance(100);
      expect(refusals(rejected)).toEqual({ REJECTED: 1 });

      const attempts = createWorld({ server: { maxLoginAttempts: 2 } });
      attempts.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      const { client } = attempts.connect();
      for (let i = 0; i < 5; i++) client.sendPacket({ i });
      attempts.net.advance(100);
      expect(refusals(attempts)).toEqual({ LOGIN_ATTEMPTS: 3 });
    });
  });
  describe('after login', () => {
    test('above the rate unreliable packets are dropped and the peer stays', () => {
      const world = createWorld({ server: { limits: { packetsPerSec: 10, packetBurst: 5 } } });
      const { client } = world.connect();
      for (let i = 0; i < 20; i++) client.sendPacket(i, 0, false);
      world.net.advance(50);
      expect(world.names().filter((name) => name === 'packetReceived')).toHaveLength(5);
      expect(refusals(world)).toEqual({ RATE_DROPPED: 15 });
      expect(client.isConnectedToServer()).toBe(true);
    });

    test('above the rate a reliable packet ends the connection', () => {
      const world = createWorld({ server: { limits: { bytesPerSec: 10, byteBurst: 100 } } });
      const { client } = world.connect();
      client.sendPacket('x'.repeat(200));
      world.net.advance(200);
      expect(world.names()).not.toContain('packetReceived');
      expect(refusals(world)).toEqual({ RATE_EXCEEDED: 1 });
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Too much data']);
      expect(client.isConnectedToServer()).toBe(false);
    });

    test('a full queue drops unreliable packets and disconnects at a reliable one', () => {
      const world = createWorld({ server: { limits: { maxQueuedBytes: 20_000 } } });
      world.connect();
      // Nothing is acknowledged any more.
      world.net.block('10.0.1.1', SERVER_IP);
      for (let i = 0; i < 15; i++) world.server.sendPacket(1, new Uint8Array(1000));
      expect(world.server.sendPacket(1, new Uint8Array(1000), 0, true)).toBe(0);
      const filled = [0, 0, 0, 0, 0].map(() => world.server.sendPacket(1, new Uint8Array(1000), 0, false));
      expect(filled).toContain(1);
      expect(world.server.getPeerCount()).toBe(1);
      for (let i = 0; i < 5; i++) world.server.sendPacket(1, new Uint8Array(1000), 0, true);
      expect(world.server.getPeerCount()).toBe(0);
      world.net.advance(50);
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Send queue overflow']);
      const counted = refusals(world);
      expect(counted).toMatchObject({ QUEUE_OVERFLOW: 1 });
      expect(counted['QUEUE_DROPPED']).toBeGreaterThan(0);
    });

    test('a kick whose announcement finds the queue full ends the connection once, with the reason of the kick', () => {
      const world = createWorld({
        server: { limits: { maxQueuedBytes: 10_000 }, kickReasonEvent: 'kicked' },
      });
      world.connect();
      world.net.block('10.0.1.1', SERVER_IP);
      let isFull = false;
      // With 64 bytes of overhead each, until not even the event fits.
      while (!isFull) isFull = world.server.sendPacket(1, new Uint8Array(20), 0, false) !== 0;
      world.server.kickPeer(1, 'x'.repeat(100));
      world.net.advance(20_000);
      expect(world.log.filter(([name]) => name === 'peerDisconnected')).toEqual([
        ['peerDisconnected', 1, 'x'.repeat(100)],
      ]);
      expect(world.server.ops.metrics().disconnections).toBe(1);
    });

    test('a packet larger than the largest is refused without ending anything', () => {
      const world = createWorld({ server: { limits: { maxPacketBytes: 1000 } } });
      world.connect();
      expect(world.server.sendPacket(1, new Uint8Array(2000))).toBe(1);
      expect(world.server.getPeerCount()).toBe(1);
      expect(refusals(world)).toEqual({});
    });
  });
  describe('row 28: the reason of a kick', () => {
    test('goes ahead as an event, behind everything sent before', () => {
      const world = createWorld({ server: { kickReasonEvent: 'kicked' } });
      const { log } = world.connect();
      for (let i = 0; i < 50; i++) world.server.sendPacket(1, i);
      world.server.kickPeer(1, 'bad manners');
      world.net.advance(1000);
      const packets = log.filter(([name]) => name === 'packetReceived').map(([, packet]) => packet);
      expect(packets.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => i));
      expect(packets[50]).toEqual({ _event: 'kicked', reason: 'bad manners' });
      expect(log.at(-1)?.[0]).toBe('disconnectedFromServer');
      expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'bad manners']);
    });

    test('not without a reason, and not without the option', () => {
      for (const server of [{}, { kickReasonEvent: 'kicked' }]) {
        const world = createWorld({ server });
        const { log } = world.connect();
        world.server.kickPeer(1, server.kickReasonEvent === undefined ? 'secret' : '');
        world.net.advance(1000);
        expect(log.map(([name]) => name)).toEqual(['connectedToServer', 'disconnectedFromServer']);
      }
    });
  });
  test.each([
    [{ limits: { connectBurst: 0 } }, '"limits.connectBurst"'],
    [{ limits: { packetsPerSec: -1 } }, '"limits.packetsPerSec"'],
    [{ limits: { packetsPerSec: Number.NaN } }, '"limits.packetsPerSec"'],
    [{ limits: { nothing: 1 } }, '"limits.nothing"'],
    [{ allow: ['10.0.0.0/40'] }, '"allow"'],
    [{ kickReasonEvent: '' }, '"kickReasonEvent"'],
  ])('a bad option is refused by its name: %j', (options, name) => {
    // As from a caller without types.
    const server = options as ENetServerOptions;
    expect(() => createWorld({ server, create: false })).toThrow(name);
  });
});
test('the guide names every limit with its default, and every reason', () => {
  const page = readFileSync(new URL('../../docs/guide/production.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(SERVER_LIMIT_DEFAULTS))
    expect(page).toContain(`| \`${name}\` | ${value} |`);
  for (const reason of Object.values(RefusalReason)) expect(page).toContain(`| \`${reason}\` |`);
});
