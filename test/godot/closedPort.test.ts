/** A closed UDP port ends an attempt to connect at once, where the system tells; and what else limits an attempt. */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createNodeRuntime,
  DisconnectCause,
  ENetConnection,
  ENetMultiplayerPeer,
  GodotThreeMultiplayerPeer,
  TLSOptions,
} from '../../src/godot.ts';
import { mmsgProblem } from '../../src/io/mmsg.ts';
import { ENetClient } from '../../src/server.ts';
import { until } from '../server/live.ts';

const TRANSPORTS = mmsgProblem() === undefined ? (['dgram', 'mmsg'] as const) : (['dgram'] as const);
/** ENet itself would try for 31.5 s. */
const SOON_MS = 5000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** A port where nobody listens, which a moment ago was free. */
async function closedPort(): Promise<number> {
  const socket = await bound();
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

describe.each(TRANSPORTS)('%s', { timeout: 15_000 }, (transport) => {
  const runtime = createNodeRuntime({ transport });

  test.each([
    ['plain', undefined],
    ['DTLS', TLSOptions.clientUnsafe()],
  ])('ENetClient, %s', async (_name, tls) => {
    const client = new ENetClient({ runtime, ...(tls === undefined ? {} : { tls }) });
    ends.push(() => client.disconnectFromServer());
    const started = performance.now();
    client.connectToServer('127.0.0.1', await closedPort());
    await expect(client.connected()).rejects.toThrow('Connection failed');
    expect(performance.now() - started).toBeLessThan(SOON_MS);
    expect(client.disconnectCause).toBe(DisconnectCause.REFUSED);
  });

  test.each([ENetMultiplayerPeer, GodotThreeMultiplayerPeer])('%o', async (Class) => {
    const peer = new Class({ runtime });
    ends.push(() => peer.close());
    expect(peer.createClient('127.0.0.1', await closedPort())).toBe(0);
    const started = performance.now();
    await until(() => {
      if (peer.getConnectionStatus() !== 0) peer.poll();
      return peer.getConnectionStatus() === 0;
    });
    expect(performance.now() - started).toBeLessThan(SOON_MS);
    expect(peer.disconnectCause).toBe(DisconnectCause.REFUSED);
  });

  test('a bare ENetConnection and detectsClosedPort: false keep trying', async () => {
    const connection = new ENetConnection({ runtime });
    connection.createHost(1);
    const peer = connection.connectToHost('127.0.0.1', await closedPort());
    const client = new ENetClient({ runtime, detectsClosedPort: false });
    client.connectToServer('127.0.0.1', await closedPort());
    ends.push(
      () => connection.destroy(),
      () => client.disconnectFromServer(),
    );
    // Two more attempts of ENet have gone out by then.
    const started = performance.now();
    await until(() => {
      connection.service();
      return performance.now() - started > 1200;
    });
    expect([peer?.isActive(), client.getConnectionStatus()]).toEqual([true, 1]);
  });

  test('connected, and after the server has gone without a word: ENet decides, not ICMP', async () => {
    const server = new ENetConnection({ runtime });
    server.createHostBound('127.0.0.1', 0, 2);
    const client = new ENetClient({ runtime });
    ends.push(
      () => server.destroy(),
      () => client.disconnectFromServer('', 0),
    );
    client.connectToServer('127.0.0.1', server.getLocalPort());
    await until(() => {
      server.service();
      return client.isConnectedToServer();
    });
    server.destroy();
    client.sendPacket('into the void');
    const started = performance.now();
    await until(() => performance.now() - started > 1000);
    expect(client.isConnectedToServer()).toBe(true);
  });

  test('connectTimeoutMs counts a DTLS handshake', async () => {
    const silent = await bound();
    const client = new ENetClient({ runtime, connectTimeoutMs: 300, tls: TLSOptions.clientUnsafe() });
    ends.push(
      () => silent.close(),
      () => client.disconnectFromServer(),
    );
    const started = performance.now();
    client.connectToServer('127.0.0.1', silent.address().port);
    await expect(client.connected()).rejects.toThrow('Connection failed');
    expect(performance.now() - started).toBeLessThan(SOON_MS);
    expect(client.disconnectCause).toBe(DisconnectCause.NO_ANSWER);
  });
});
