/** The soak over UDP on 127.0.0.1. */
import { setTimeout } from 'node:timers/promises';
import { ENetClient, ENetServer } from '../../src/server.ts';
import type { SoakGround } from './soak.ts';

/** A server and clients in this process. */
export function createLoopbackGround(count: number, errors: unknown[]): SoakGround {
  const server = new ENetServer({
    bindAddress: '127.0.0.1',
    onError: (error) => errors.push(error),
    limits: { connectsPerSecPerAddress: 200, connectBurstPerAddress: 100 },
  });
  server.createServer(0, count);
  const clients = Array.from({ length: count }, () => new ENetClient({}));
  return {
    server,
    clients,
    address: '127.0.0.1',
    port: server.getLocalPort(),
    until: async (condition, limitMs, what) => {
      const start = performance.now();
      while (!condition()) {
        if (performance.now() - start > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
        await setTimeout(20);
      }
    },
    resources: async () => {
      // Timers that are about to fire are no left-overs: what counts is what stays.
      let least = Number.POSITIVE_INFINITY;
      for (let look = 0; look < 10; look++) {
        await setTimeout(50);
        const names = process.getActiveResourcesInfo().filter((name) => /UDP|Timeout/.test(name));
        least = Math.min(least, names.length);
      }
      return least;
    },
  };
}
