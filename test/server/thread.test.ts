/** What only a server with a network thread does: it goes on while this thread is busy, holds back, dies, starts anew. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { AuthMode, ENetClient, ENetServer } from '../../src/server.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { Live, namesOf, saw, TRANSPORTS, until } from './live.ts';

const DYING = new URL('../thread/dyingWorker.mjs', import.meta.url);
const HUNGRY = new URL('../thread/hungryWorker.mjs', import.meta.url);
const LEAVING = new URL('../thread/leavingWorker.mjs', import.meta.url);

let live: Live;
beforeEach(() => {
  live = new Live({ name: 'thread', options: { thread: true } });
});
afterEach(async () => {
  await live[Symbol.asyncDispose]();
});

/** Stops this thread. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('options', () => {
  test('a runtime without threads and functions of the host are refused by name', () => {
    const runtime = new SimNetwork().createRuntime('10.0.0.1');
    expect(() => new ENetServer({ thread: true, runtime })).toThrow(
      /"thread" expected a runtime with threads/,
    );
    expect(() => new ENetServer({ thread: true, host: { checksum: () => 7 } })).toThrow(/"host.checksum"/);
    expect(() => new ENetServer({ thread: true, host: { intercept: () => false } })).toThrow(
      /"host.intercept"/,
    );
  });

  test('limits out of range are refused', () => {
    for (const thread of [
      { ringBytes: 1000 },
      { ringBytes: 3_000_000 },
      { maxQueuedBytes: 1 },
      { maxHeapMib: 8 },
    ]) {
      expect(() => new ENetServer({ thread })).toThrow(RangeError);
      expect(() => new ENetServer({ thread })).toThrow(
        /"thread\.(ringBytes|maxQueuedBytes|maxHeapMib)" expected/,
      );
    }
    const thread = { ringBytes: 65_536, ringBites: 1 };
    expect(() => new ENetServer({ thread })).toThrow('"thread.ringBites" is no limit');
    // As from JavaScript.
    for (const thread of ['yes', null, 1]) {
      expect(() => new ENetServer(JSON.parse(JSON.stringify({ thread })))).toThrow(
        /"thread" expected boolean or an object/,
      );
    }
  });
});

test('packets cross in batches: far fewer messages than packets', async () => {
  const { server, log, port } = live.start();
  const { client, log: clientLog } = await live.connect(port);
  await saw(log, 'peerAuthenticated');
  for (let i = 0; i < 2000; i++) server.sendPacket(1, i);
  for (let i = 0; i < 2000; i++) client.sendPacket(i);
  await saw(log, 'packetReceived', 2000);
  await saw(clientLog, 'packetReceived', 2000);
  const counters = server.getThreadCounters();
  expect(counters?.wakes).toBeLessThan(1000);
  expect(counters?.pings).toBeLessThan(1000);
  expect(counters?.failedPackets).toBe(0);
});

describe('while the application is busy', () => {
  test('a slow reader loses nothing that is reliable: the ring fills, the host holds back, and counts it', async () => {
    const { server, log, port } = live.start({
      thread: { ringBytes: 65_536 },
      limits: { packetsPerSec: 0, bytesPerSec: 0 },
    });
    const client = new ENetClient();
    client.connectToServer('127.0.0.1', port);
    await client.connected();
    await saw(log, 'peerAuthenticated');
    // All of them fit into ENet's window, but their records do not fit into the ring.
    const total = 3000;
    for (let i = 0; i < total; i++) client.sendPacket(i);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    block(300);
    await saw(log, 'packetReceived', total);
    const values = log.filter(([name]) => name === 'packetReceived').map(([, , value]) => value);
    expect(values).toEqual(Array.from({ length: total }, (_, i) => i));
    const counters = server.getThreadCounters();
    expect(counters?.holds).toBeGreaterThan(0);
    await until(() => server.getThreadCounters()?.isHolding === false);
    client.disconnectFromServer();
  });

  test('sends are refused when the thread takes no more, and taken again afterwards', async () => {
    const { server, log, port } = live.start({ thread: { ringBytes: 65_536, maxQueuedBytes: 65_536 } });
    const { log: clientLog } = await live.connect(port);
    await saw(log, 'peerAuthenticated');
    const results: number[] = [];
    for (let i = 0; i < 3000; i++) results.push(server.sendPacket(1, `${i} ${'y'.repeat(100)}`));
    const accepted = results.filter((error) => error === 0).length;
    expect(results).toContain(1);
    expect(accepted).toBeGreaterThan(100);
    await saw(clientLog, 'packetReceived', accepted);
    expect(server.getThreadCounters()?.refusedSends).toBe(3000 - accepted);
    expect(server.sendPacket(1, 'after')).toBe(0);
    await until(() => clientLog.some(([, value]) => value === 'after'));
  });

  test('the authentication timeout runs, but a login that waits to be read is not too late', async () => {
    const { server, log, port } = live.start();
    server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    server.setCustomAuthenticator(() => true);
    server.setAuthenticationTimeout(0.3);
    const [silent, punctual] = [await live.connect(port), await live.connect(port)];
    await saw(log, 'peerConnecting', 2);
    punctual.client.sendPacket({ login: 1 });
    // Two turns bring the packet on its way; then this thread is busy until long after the timeout.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    block(900);
    await saw(log, 'peerDisconnected');
    await saw(log, 'peerAuthenticated');
    expect(log).toContainEqual(['peerAuthenticated', 2]);
    expect(log).toContainEqual(['peerDisconnected', 1, 'Authentication timeout']);
    await saw(silent.log, 'disconnectedFromServer');
    expect(punctual.client.isConnectedToServer()).toBe(true);
  });
});

describe('while the application is busy, the thread', () => {
  test('tells a peer that has not logged in why it is disconnected', async () => {
    const { server, log, port } = live.start({ kickReasonEvent: 'kicked' });
    server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    server.setAuthenticationTimeout(0.2);
    const { log: clientLog } = await live.connect(port);
    await saw(log, 'peerConnecting');
    // 0.2 s for the login and 0.25 s for the server's own answer are over when this thread goes on.
    block(1000);
    await saw(clientLog, 'unknownEventReceived');
    expect(clientLog).toContainEqual([
      'unknownEventReceived',
      'kicked',
      { reason: 'Authentication timeout' },
      0,
    ]);
    await saw(log, 'peerDisconnected');
    expect(log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication timeout']);
    expect(server.ops.refusals().get('LOGIN_TIMEOUT')).toBe(1);
  });

  test('lets strangers wait until admit has answered', async () => {
    const asked: number[] = [];
    const { log, port } = live.start({
      admit: (_address, data) => {
        asked.push(data);
        return true;
      },
    });
    const { client } = live.client(port);
    // Two turns bring the attempt on its way.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    block(700);
    await client.connected();
    await saw(log, 'peerAuthenticated');
    expect(asked).toEqual([0]);
  });
});

describe('a thread that dies', () => {
  test.each(
    TRANSPORTS.flatMap((transport) => [
      [transport, 'of an exception', DYING, 'struck by lightning'] as const,
      [transport, 'of hunger', HUNGRY, 'ERR_WORKER_OUT_OF_MEMORY'] as const,
      [transport, 'by its own hand', LEAVING, 'the network thread ended with code 7'] as const,
    ]),
  )(
    '%s, %s: is reported, ends every peer and the server once, frees the port, and the server starts again',
    async (transport, _how, threadScript, message) => {
      const runtime = createNodeRuntime({ threadScript, transport });
      const { server, log, port } = live.start({ runtime, thread: { maxHeapMib: 32 } });
      const [first] = [await live.connect(port), await live.connect(port)];
      await saw(log, 'peerAuthenticated', 2);
      first.client.sendPacket('x'.repeat(500));
      await saw(log, 'serverStopped');
      expect(namesOf(log).slice(-3)).toEqual(['peerDisconnected', 'peerDisconnected', 'serverStopped']);
      expect(log.filter(([name]) => name === 'peerDisconnected')).toEqual([
        ['peerDisconnected', 1, 'Network thread failed'],
        ['peerDisconnected', 2, 'Network thread failed'],
      ]);
      expect(live.errors).toHaveLength(1);
      expect(live.errors[0]?.where).toBe('network thread');
      const error = live.errors[0]?.error;
      expect(
        `${String(error)} ${error instanceof Error && 'code' in error ? String(error.code) : ''}`,
      ).toContain(message);
      expect([server.isServerActive(), server.getLocalPort(), server.getPeerCount()]).toEqual([false, 0, 0]);
      expect(server.sendPacket(1, 'gone')).toBe(31);
      // What was counted until then stays.
      expect(server.ops.metrics().datagramsReceived).toBeGreaterThan(4);
      expect(server.createServer(port)).toBe(0);
      const { client } = await live.connect(port);
      await saw(log, 'peerAuthenticated', 3);
      expect(client.isConnectedToServer()).toBe(true);
      server.stopServer();
      await saw(log, 'serverStopped', 2);
    },
  );

  test('before it has started: the program is missing', () => {
    const threadScript = new URL('./nowhere.js', import.meta.url);
    const { server } = live.server({ runtime: createNodeRuntime({ threadScript }) });
    expect(server.createServer(0)).toBe(20);
    expect(live.traces.at(-1)).toContain('the program of the network thread is missing');
    expect(server.isServerActive()).toBe(false);
  });
});
