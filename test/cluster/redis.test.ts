/** The bus over a real Redis: the suite that all engines pass. What is of Redis alone: redisOnly.test.ts. */
import { setTimeout } from 'node:timers/promises';
import { describe } from 'vitest';
import { RedisBus } from '../../src/cluster.ts';
import { peer } from '../support/peers.ts';
import type { Engine } from './conformance/engine.ts';
import { conformance } from './conformance.ts';
import { RedisServer } from './redisServer.ts';

const { isMissing, note } = peer('redis');

async function openRedisEngine(): Promise<Engine> {
  const server = await RedisServer.start();
  const reported: unknown[] = [];
  const leaseMs = 1000;
  return {
    leaseMs,
    reported,
    connect: () =>
      RedisBus.connect({
        url: server.url,
        leaseMs,
        commandTimeoutMs: 600,
        onError: (error) => void reported.push(error),
      }),
    later: (ms) => setTimeout(ms),
    pause: async () => server.pause(),
    resume: async () => server.resume(),
    save: async () => server.save(),
    restart: (data) => server.restart(data),
    spoil: async (key, text) => {
      const [kind = '', name = ''] = key.split('/');
      const quoted = JSON.stringify(text);
      await server.command(`HSET {godot-enet}:kind:${kind} ${name} ${quoted}`);
      if (kind === 'node') await server.command(`HSET {godot-enet}:roots ${key} ${quoted}`);
    },
    close: () => server.close(),
  };
}

describe.skipIf(isMissing)(`a bus over Redis${note}`, () => conformance('redis', openRedisEngine));
