/**
 * Three node processes over a real Redis: creates and joins while nodes are stopped and killed and the bus is started anew, stopped and
 * filled. CHAOS_ORDERS and CHAOS_FAULTS say how much (`npm run test:long`: 10,000 and 32), FC_SEED with what; the history is judged by
 * history.ts, and stays in the folder CHAOS_HISTORY if that is given.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RedisBus } from '../../../src/cluster.ts';
import { startReport } from '../../support/longRun.ts';
import { peer } from '../../support/peers.ts';
import { RedisServer } from '../redisServer.ts';
import { type BusServer, Chaos, FAULTS, NOTICE_MS } from './Chaos.ts';
import { faultsOf } from './history.ts';

const ORDERS = Number(process.env['CHAOS_ORDERS'] ?? 3000);
const FAULT_COUNT = Number(process.env['CHAOS_FAULTS'] ?? FAULTS.length);
const SEED = Number(process.env['FC_SEED'] ?? 1);
const { isMissing, note } = peer('redis');

test.skipIf(isMissing)(
  `no twins, no seat sold twice, no listing lost${note}`,
  async () => {
    const report = startReport('creates and joins in three nodes', SEED);
    const kept = process.env['CHAOS_HISTORY'];
    const folder = kept ?? mkdtempSync(join(tmpdir(), 'chaos-'));
    const redis = await RedisServer.start();
    // That it loses its connection is what is played.
    const bus = await RedisBus.connect({ url: redis.url, prefix: 'chaos', onError: () => undefined });
    const server: BusServer = {
      url: redis.url,
      async restart(keepsData, afterMs) {
        await redis.kill();
        await sleep(afterMs);
        await redis.restart(keepsData ? 'kept' : 'none');
      },
      stop: () => redis.pause(),
      continue: () => redis.resume(),
      async fill(isFull) {
        await redis.command(`CONFIG SET maxmemory ${isFull ? '1mb' : '0'}`);
      },
    };
    const chaos = new Chaos(SEED, server, bus, folder);
    try {
      const history = await chaos.run(ORDERS, FAULT_COUNT);
      const counts = Object.fromEntries([...chaos.counts].sort());
      if (process.env['LONG_RUN'] === '1') console.log(counts);
      expect({ seed: SEED, faults: faultsOf(history, { noticeMs: NOTICE_MS, recoverMs: 10_000 }) }).toEqual({
        seed: SEED,
        faults: [],
      });
      const { create = 0, join: joins = 0, came = 0 } = counts;
      expect(create + joins, JSON.stringify(counts)).toBeGreaterThan(ORDERS / 3);
      const admitted = history.filter(({ what }) => what === 'admit').length;
      expect(admitted, JSON.stringify(counts)).toBeGreaterThan(came / 2);
      expect(came).toBeGreaterThan(ORDERS / 100);
      report(ORDERS);
    } finally {
      await chaos.end();
      await bus.close();
      await redis.close();
      if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000 + FAULT_COUNT * 45_000 + ORDERS * 50,
);
