/**
 * Whatever hostile peers send, the heap grows by at most 1.25 of `maxHeldBytes`: measured after a collection, with the host
 * here and in its thread.
 */
import type { Socket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import { Host } from '../../src/enet.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { ENetServer } from '../../src/server.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { GAP_TRAFFIC, type GapTraffic, gapDatagram } from '../support/gapTraffic.ts';
import { askThread, heapBytes, MEASURED_THREAD } from '../support/heap.ts';
import { measureHeld } from '../support/heldMemory.ts';
import { until } from './live.ts';
import { stranger } from './livePlay.ts';

expectDiagnoses('datagrams that nobody sends in earnest are what it is about');

const MIB = 2 ** 20;
const BUDGET = 2 * MIB;
const PEERS = 2;
const BYTES_EACH = 1.5 * MIB;

describe('a host inline', () => {
  test.each(Object.entries(GAP_TRAFFIC))('%s', { timeout: 60_000 }, (_name, traffic) => {
    const { sent, grown, counted } = measureHeld(traffic, PEERS, BYTES_EACH, BUDGET);
    expect(sent).toBeGreaterThanOrEqual(PEERS * BYTES_EACH);
    expect(counted).toBeLessThanOrEqual(BUDGET);
    expect(grown).toBeLessThanOrEqual(1.25 * BUDGET);
  });
});

describe('a server whose host is in its thread', () => {
  test.each(Object.entries(GAP_TRAFFIC))('%s', { timeout: 60_000 }, async (_name, traffic) => {
    const runtime = createNodeRuntime({ threadScript: MEASURED_THREAD });
    // Nobody listens to it: what a log of the test kept would count.
    await using server = new ENetServer({
      thread: true,
      runtime,
      bindAddress: '127.0.0.1',
      host: { maxHeldBytes: BUDGET, maxStrangerHeldBytes: BUDGET },
      limits: { packetsPerSec: 1e6, packetBurst: 1e6, bytesPerSec: 1e9, byteBurst: 1e9 },
    });
    expect(server.createServer(0)).toBe(0);
    const port = server.getLocalPort();
    const attackers = await Promise.all(Array.from({ length: PEERS }, () => attacker(port)));
    await until(() => server.getPeerCount() === PEERS);
    const [here, thread] = [heapBytes(), await askThread()];
    for (const { send, slot } of attackers) await flood(send, traffic, slot);
    // What waits at the socket comes on top, until the thread has looked at it.
    await settled(() => server.ops.metrics().datagramsReceived);
    expect((await askThread()).heldBytes - thread.heldBytes).toBeLessThanOrEqual(1.25 * BUDGET);
    expect(heapBytes() - here).toBeLessThanOrEqual(1.25 * BUDGET);
    expect(server.isServerActive()).toBe(true);
    for (const { socket } of attackers) socket.close();
  });
});

/** Waits until a number has not changed for a while. */
async function settled(read: () => number): Promise<void> {
  for (let [last, seen] = [-1, 0]; seen < 5; ) {
    const now = read();
    seen = now === last ? seen + 1 : 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

interface Attacker {
  readonly socket: Socket;
  readonly slot: number;
  readonly send: (bytes: Uint8Array) => Promise<void>;
}

/** A peer whose handshake is complete, at a bare socket. */
async function attacker(port: number): Promise<Attacker> {
  const socket = await stranger();
  const send = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', () => resolve()));
  const server = { ip: '127.0.0.1', port };
  const client = new Host({ peerCount: 1, random32: () => (Math.random() * 2 ** 32) >>> 0 });
  let slot: number | undefined;
  socket.on('message', (bytes) => {
    client.receive(new Uint8Array(bytes), server);
    while (client.service(5000) !== undefined);
    for (const { bytes: answer } of client.drainOutbox()) {
      slot = (((answer[0] ?? 0) & 0x0f) << 8) | (answer[1] ?? 0);
      void send(answer);
    }
  });
  client.connect(server, 255, 0);
  while (client.service(5000) !== undefined);
  for (const { bytes } of client.drainOutbox()) await send(bytes);
  await until(() => slot !== undefined);
  socket.removeAllListeners('message');
  return { socket, slot: slot ?? 0, send };
}

/** Sends, with a pause now and then in which the thread keeps up. */
async function flood(
  send: (bytes: Uint8Array) => Promise<void>,
  traffic: GapTraffic,
  slot: number,
): Promise<void> {
  let sent = 0;
  for (let index = 0; sent < BYTES_EACH; index++) {
    const datagram = gapDatagram(traffic, index, slot);
    sent += datagram.length;
    await send(datagram);
    if (index % 32 === 31) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
