/** What a server holds for an open session of DTLS after some datagrams each way: heap and buffers after a collection. */
import { DtlsClientEndpoint } from '../src/dtls/clientEndpoint.ts';
import type { ServerCredentials } from '../src/dtls/identity/credentials.ts';
import { DtlsServerEndpoint } from '../src/dtls/serverEndpoint.ts';
import { heapBytes } from '../test/support/heap.ts';

/** Bytes for each session. What node:crypto's own objects hold outside of the heap is not among them. */
export function measureSessionBytes(credentials: ServerCredentials, sessions: number): number {
  let toClient: Uint8Array[] = [];
  let now = 0;
  const server = new DtlsServerEndpoint({
    world: { now: () => now, transmit: (bytes) => toClient.push(bytes), deliver: () => undefined },
    credentials,
    limits: { maxSessions: 2 * sessions, maxSessionsPerIp: 2 * sessions },
  });
  const openSession = (port: number): void => {
    // Far enough apart that no rate refuses them.
    now += 200;
    const from = { ip: '127.0.0.1', port };
    let toServer: Uint8Array[] = [];
    const client = new DtlsClientEndpoint({
      world: { now: () => now, transmit: (bytes) => toServer.push(bytes), deliver: () => undefined },
      verifyServer: () => undefined,
    });
    const run = (): void => {
      while (toServer.length + toClient.length > 0) {
        const [there, back] = [toServer, toClient];
        toServer = [];
        toClient = [];
        for (const bytes of there) server.receive(bytes, from);
        for (const bytes of back) client.receive(bytes, from);
      }
    };
    client.send(new Uint8Array(1), from);
    run();
    for (let index = 0; index < 4; index += 1) {
      client.send(new Uint8Array(20), from);
      server.send(new Uint8Array(20), from);
      run();
    }
  };
  // The first ones compile the code.
  for (let index = 0; index < sessions / 4; index += 1) openSession(1000 + index);
  const before = heapBytes();
  for (let index = 0; index < sessions; index += 1) openSession(10_000 + index);
  const bytes = (heapBytes() - before) / sessions;
  if (server.counters.openSessions < 1.25 * sessions) throw new Error('sessions are missing');
  return bytes;
}
