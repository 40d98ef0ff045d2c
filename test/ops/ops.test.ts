/** Draining, logs, metrics and health of a server on the virtual network. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { Counter, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { drain } from '../../src/ops/drain.ts';
import { healthHandler, healthOf } from '../../src/ops/health.ts';
import { loggingOptions, logServer } from '../../src/ops/logging.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import { drainOnSignals } from '../../src/ops/shutdown.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld, settle } from '../server/world.ts';

/** Lets virtual time pass until the promise has settled. */
async function resultOf<Result>(
  world: ServerWorld,
  promise: Promise<Result>,
  limitMs = 60_000,
): Promise<Result> {
  let isDone = false;
  const result = promise.finally(() => {
    isDone = true;
  });
  for (let ms = 0; ms < limitMs && !isDone; ms += 10) {
    world.net.advance(10);
    await settle();
  }
  expect(isDone).toBe(true);
  return result;
}

eachMode((mode) => {
  describe('drain', () => {
    test('tells the peers, takes no new ones, waits until they have left, and stops', async () => {
      const world = createWorld();
      const [ada, bob] = [world.connect(), world.connect()];
      const draining = drain(world.server, { event: { name: 'closing', payload: { seconds: 9 } } });
      for (const { client } of [ada, bob])
        client.registerEvent('closing', () => client.disconnectFromServer('bye'));
      const late = world.createClient();
      late.client.connectToServer(SERVER_IP, PORT);
      expect(healthOf(world.server).status).toBe('draining');
      const result = await resultOf(world, draining);
      expect(result).toMatchObject({ isEmpty: true, disconnected: 0 });
      expect(result.durationMs).toBeLessThan(200);
      expect(world.names().slice(-3)).toEqual(['peerDisconnected', 'peerDisconnected', 'serverStopped']);
      expect(late.client.isConnectedToServer()).toBe(false);
      expect(world.server.ops.refusals().get('DRAINING')).toBe(1);
      expect(world.server.listenerCount('peerDisconnected')).toBe(1);
    });

    test('those who stay are disconnected when the time is over', async () => {
      const world = createWorld();
      const { log } = world.connect();
      const result = await resultOf(world, drain(world.server, { timeoutMs: 3000 }));
      expect(result).toMatchObject({ isEmpty: false, disconnected: 1 });
      expect(result.durationMs).toBeGreaterThanOrEqual(3000);
      expect(result.durationMs).toBeLessThan(3100);
      world.net.advance(50);
      expect(log.at(-1)?.[0]).toBe('disconnectedFromServer');
    });

    test('with a kick everybody gets what was sent before', async () => {
      const world = createWorld();
      const { log } = world.connect();
      for (let i = 0; i < 100; i++) world.server.sendPacket(1, i);
      const result = await resultOf(world, drain(world.server, { kickReason: 'closing' }));
      expect(result).toMatchObject({ isEmpty: true });
      expect(log.filter(([name]) => name === 'packetReceived')).toHaveLength(100);
    });

    test('an empty server, one that is stopped meanwhile, one that is not active', async () => {
      expect(await resultOf(createWorld(), drain(createWorld().server))).toMatchObject({ isEmpty: true });
      const stopped = createWorld();
      stopped.connect();
      const draining = drain(stopped.server);
      stopped.server.stopServer();
      expect(await resultOf(stopped, draining)).toMatchObject({ isEmpty: true });
      const inactive = createWorld({ create: false });
      expect(await resultOf(inactive, drain(inactive.server))).toMatchObject({ isEmpty: true });
      expect(() => drain(inactive.server, { timeoutMs: -1 })).toThrow('"timeoutMs"');
    });

    test('after a drain the server can start again once the door is opened', async () => {
      const world = createWorld();
      await resultOf(world, drain(world.server));
      world.server.ops.acceptsPeers = true;
      world.server.setCompressionMode(mode.compression);
      expect(world.server.createServer(PORT)).toBe(0);
      world.connect();
      expect(world.server.getPeerCount()).toBe(1);
    });

    test('a signal drains; the listeners are taken back', async () => {
      const world = createWorld();
      const before = process.listenerCount('SIGTERM');
      const seen: unknown[] = [];
      drainOnSignals(world.server, {
        signals: ['SIGTERM'],
        onSignal: (signal) => seen.push(signal),
        onDrained: ({ isEmpty }) => seen.push(isEmpty),
      });
      expect(process.listenerCount('SIGTERM')).toBe(before + 1);
      process.emit('SIGTERM', 'SIGTERM');
      for (let i = 0; i < 5; i++) await settle();
      expect(seen).toEqual(['SIGTERM', true]);
      expect(process.listenerCount('SIGTERM')).toBe(before);
      expect(() => drainOnSignals(world.server, { timeoutMs: Number.NaN })).toThrow('"timeoutMs"');
      const cancel = drainOnSignals(world.server);
      cancel();
      expect(process.listenerCount('SIGTERM')).toBe(before);
    });
  });
  describe('logs', () => {
    test('pino gets one structured line for each thing, and no payload', async () => {
      const lines: Record<string, unknown>[] = [];
      const sink = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          lines.push(JSON.parse(chunk.toString()));
          done();
        },
      });
      const logger = pino({ level: 'debug', base: null, timestamp: false }, sink);
      const world = createWorld({ server: loggingOptions(logger) });
      const end = logServer(world.server, logger);
      world.server.on('packetReceived', () => {
        throw new Error('broken handler');
      });
      const { client } = world.connect();
      client.sendPacket({ password: 'hunter2' });
      world.net.advance(100);
      world.server.kickPeer(99);
      client.disconnectFromServer();
      world.net.advance(100);
      world.server.stopServer();
      await settle();
      const who = { peerId: 1, address: '10.0.1.1', peerPort: expect.any(Number) };
      expect(lines).toEqual([
        { level: 30, port: PORT, msg: 'server started' },
        { level: 20, ...who, msg: 'peer connected' },
        { level: 30, ...who, msg: 'peer authenticated' },
        {
          level: 50,
          err: expect.objectContaining({ message: 'broken handler' }),
          where: 'signal packetReceived',
          msg: 'application code failed',
        },
        { level: 20, msg: 'kickPeer: there is no peer 99' },
        {
          level: 30,
          ...who,
          reason: 'Connection lost',
          cause: 'GOODBYE',
          seconds: expect.any(Number),
          msg: 'peer disconnected',
        },
        { level: 30, msg: 'server stopped' },
      ]);
      expect(JSON.stringify(lines)).not.toContain('hunter2');
      end();
      expect(world.server.listenerCount('peerConnecting')).toBe(1);
    });
  });
  describe('metrics', () => {
    test('as numbers', () => {
      const world = createWorld({ create: [PORT, 2] });
      const { client } = world.connect();
      world.connect();
      world.createClient().client.connectToServer(SERVER_IP, PORT);
      world.server.registerEvent('jump', () => undefined);
      client.triggerEvent('jump', {});
      client.sendPacket('hello');
      world.net.advance(100);
      const metrics = world.server.ops.metrics();
      expect(metrics).toMatchObject({
        isActive: true,
        acceptsPeers: true,
        peers: 2,
        authenticatedPeers: 2,
        connections: 2,
        authentications: 2,
        disconnections: 0,
        packetsReceived: 2,
        eventsReceived: 1,
        handlerErrors: 0,
      });
      expect(metrics.bytesReceived).toBeGreaterThan(20);
      expect(metrics.datagramsReceived).toBeGreaterThan(4);
      expect(metrics.datagramBytesSent).toBeGreaterThan(50);
      expect(metrics.refusals.get('HOST_FULL')).toBe(1);
      expect(metrics.drops.get('HOST_FULL')).toBe(1);
      expect(metrics.thread?.wakes === undefined).toBe(!mode.thread);
      // The numbers of a run stay after its end.
      world.server.stopServer();
      const after = world.server.ops.metrics();
      expect(after.datagramsReceived).toBe(metrics.datagramsReceived);
      expect(after.datagramsSent).toBeGreaterThan(metrics.datagramsSent);
      expect(after.refusals.get('HOST_FULL')).toBe(1);
    });

    test('as Prometheus text, read at each scrape', async () => {
      const world = createWorld();
      const registry = new Registry();
      new Counter({ name: 'game_own_total', help: 'Of the game', registers: [registry] }).inc(3);
      const metrics = await createPrometheusMetrics(world.server, { registry, prefix: 'lobby_' });
      world.connect();
      const first = await metrics.text();
      for (const line of [
        'lobby_up 1',
        'lobby_peers 1',
        'lobby_connections_total 1',
        'lobby_refusals_total{reason="HOST_FULL"} 0',
        'game_own_total 3',
        '# TYPE lobby_datagrams_received_total counter',
      ]) {
        expect(first.split('\n')).toContain(line);
      }
      world.connect();
      const second = await metrics.text();
      expect(second).toContain('\nlobby_connections_total 2\n');
      expect(await metrics.text()).toBe(second);
      expect(metrics.contentType).toContain('text/plain');
      // The queues to the network thread, where there is one.
      const threadLines = second.split('\n').filter((line) => line.startsWith('lobby_thread_'));
      expect(threadLines).toHaveLength(mode.thread ? 10 : 0);
      if (mode.thread) expect(threadLines).toContain('lobby_thread_holding 0');
      await expect(createPrometheusMetrics(world.server, { registry, prefix: 'lobby_' })).rejects.toThrow(
        'lobby_up',
      );
    });
  });
  test('health over HTTP', async () => {
    const world = createWorld();
    const metrics = await createPrometheusMetrics(world.server);
    const http = createServer(healthHandler(world.server, metrics));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const ask = (path: string, method = 'GET'): Promise<readonly [number | undefined, string]> =>
      new Promise((resolve, reject) => {
        request({ port, path, method, host: '127.0.0.1', agent: false }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on('end', () => resolve([response.statusCode, text]));
        })
          .on('error', reject)
          .end();
      });
    try {
      const [status, text] = await ask('/ready');
      expect([status, JSON.parse(text)]).toEqual([
        200,
        { status: 'ok', peers: 0, authenticatedPeers: 0, port: PORT },
      ]);
      expect(await ask('/ready', 'HEAD')).toEqual([200, '']);
      expect((await ask('/metrics'))[1]).toContain('godot_enet_up 1');
      expect((await ask('/other'))[0]).toBe(404);
      expect((await ask('/live', 'POST'))[0]).toBe(405);
      world.server.ops.acceptsPeers = false;
      expect([(await ask('/live?x=1'))[0], (await ask('/ready'))[0]]).toEqual([200, 503]);
      world.server.stopServer();
      expect([(await ask('/live'))[0], (await ask('/ready'))[0]]).toEqual([503, 503]);
    } finally {
      await new Promise((resolve) => http.close(resolve));
    }
  });
});
