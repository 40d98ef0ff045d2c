/** Packets that `service()` delivered and nobody fetches stay charged to the limits of the host. enet-protocol 12.2 G. */
import { describe, expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import type { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';

const PORT = 7777;
const LIMIT = 100_000;

function world(host: { readonly maxWaitingBytes?: number; readonly maxHeldBytes?: number }) {
  const network = new SimNetwork({ latencyMs: 5 });
  const server = new ENetConnection({ runtime: network.createRuntime('10.0.0.1'), host });
  expect(server.createHostBound('10.0.0.1', PORT, 1)).toBe(0);
  const client = new ENetConnection({ runtime: network.createRuntime('10.0.0.2') });
  expect(client.createHost(1)).toBe(0);
  const toServer = client.connectToHost('10.0.0.1', PORT, 1);
  let received = 0;
  const run = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 10) {
      network.advance(10);
      for (const side of [server, client]) {
        for (let [type] = side.service(); type > 0; [type] = side.service()) if (type === 3) received++;
      }
    }
  };
  run(200);
  const toClient = server.getPeers()[0];
  if (toServer === null || toClient === undefined) throw new Error('not connected');
  return { toServer, toClient, run, received: () => received };
}

function flood(toServer: ENetPacketPeer, size: number, count: number): void {
  for (let number = 0; number < count; number++) {
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer).setUint32(0, number);
    expect(toServer.putPacket(bytes)).toBe(0);
  }
}

describe.each([
  ['maxWaitingBytes', { maxWaitingBytes: LIMIT }, 64],
  ['maxHeldBytes', { maxHeldBytes: LIMIT }, 384],
] as const)('%s', (_name, host, overhead) => {
  test.each([4, 1000])(
    'a flood of packets of %d bytes that nobody fetches stops there, and none is lost',
    (size) => {
      const { toServer, toClient, run } = world(host);
      const count = Math.ceil((1.5 * LIMIT) / (size + overhead));
      flood(toServer, size, count);
      run(3000);
      const waiting = toClient.getAvailablePacketCount();
      expect(waiting * (size + overhead)).toBeGreaterThan(LIMIT / 2);
      expect((waiting - 1) * (size + overhead)).toBeLessThanOrEqual(LIMIT);
      let next = 0;
      for (let rounds = 0; next < count && rounds < 400; rounds++) {
        while (toClient.getAvailablePacketCount() > 0) {
          const bytes = toClient.getPacket();
          expect(new DataView(bytes.buffer).getUint32(0)).toBe(next++);
        }
        run(100);
      }
      expect(next).toBe(count);
      expect(toClient.isActive()).toBe(true);
    },
  );
});

test('what was not fetched when the connection ended can still be, and the slot starts with nothing charged', () => {
  const { toServer, toClient, run } = world({ maxWaitingBytes: LIMIT });
  flood(toServer, 10, 2000);
  run(1000);
  const waiting = toClient.getAvailablePacketCount();
  expect(waiting).toBeGreaterThan(0);
  toServer.peerDisconnectNow(0);
  run(200);
  expect(toClient.isActive()).toBe(false);
  let fetched = 0;
  while (toClient.getPacketError() === 0 && toClient.getAvailablePacketCount() > 0) {
    toClient.getPacket();
    fetched++;
  }
  expect(fetched).toBe(waiting);
});
