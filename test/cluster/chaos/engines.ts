/** The engines that chaos is made with, each with its real server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterBus, NatsBus, RedisBus } from '../../../src/cluster.ts';
import { NatsServer } from '../natsServer.ts';
import { RedisServer } from '../redisServer.ts';
import type { BusServer } from './Chaos.ts';

/** A server that runs. */
export interface Engine extends BusServer {
  close(): Promise<void>;
}

/** Starts a server. */
export const ENGINES: Readonly<Record<'redis' | 'nats', () => Promise<Engine>>> = {
  async redis() {
    const redis = await RedisServer.start();
    return {
      url: redis.url,
      async restart(keepsData, afterMs) {
        await redis.kill();
        await sleep(afterMs);
        await redis.restart(keepsData ? 'kept' : 'none');
      },
      stop: async () => redis.pause(),
      continue: () => redis.resume(),
      async fill(isFull) {
        await redis.command(`CONFIG SET maxmemory ${isFull ? '1mb' : '0'}`);
      },
      close: () => redis.close(),
    };
  },
  async nats() {
    const nats = await NatsServer.start();
    return {
      url: `nats://${nats.address}`,
      async restart(keepsData, afterMs) {
        await nats.kill();
        await sleep(afterMs);
        if (!keepsData) nats.load();
        await nats.start();
      },
      stop: () => nats.pause(),
      continue: () => nats.resume(),
      // Its disk cannot be filled here: it stands still instead.
      fill: (isFull) => (isFull ? nats.pause() : Promise.resolve(nats.resume())),
      close: () => nats.close(),
    };
  },
};

/** A node's connection to a server. @param onError what it tells; default: it prints. */
export function connect(url: string, onError?: () => void): Promise<ClusterBus> {
  const options = { prefix: 'chaos', onError };
  return url.startsWith('redis:')
    ? RedisBus.connect({ ...options, url })
    : NatsBus.connect({ ...options, servers: url });
}
