/**
 * Three node processes over a real Redis, and over a real NATS: creates and joins while nodes are stopped and killed and the bus is started
 * anew, stopped and filled. CHAOS_ORDERS and CHAOS_FAULTS say how much (`npm run test:long`: 10,000 and 16; `.ci/run`: 10,000 and each fault
 * once, beside its other checks), CHAOS_ENGINES over what, FC_SEED with what. The history is judged by history.ts, and stays in the folder CHAOS_HISTORY
 * if that is given.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startReport } from '../../support/longRun.ts';
import { peer } from '../../support/peers.ts';
import { Chaos, NOTICE_MS } from './Chaos.ts';
import { connect, ENGINES } from './engines.ts';
import { faultsOf, type Line } from './history.ts';

const ORDERS = Number(process.env['CHAOS_ORDERS'] ?? 1000);
const FAULT_COUNT = Number(process.env['CHAOS_FAULTS'] ?? 2);
const WANTED = (process.env['CHAOS_ENGINES'] ?? 'redis,nats').split(',');
const SEED = Number(process.env['FC_SEED'] ?? 1);

for (const engine of ['redis', 'nats'] as const) {
  if (!WANTED.includes(engine)) continue;
  const { isMissing, note } = peer(engine);
  test.skipIf(isMissing)(
    `no twins, no seat sold twice, no listing lost, over ${engine}${note}`,
    () => play(engine),
    120_000 + FAULT_COUNT * 45_000 + ORDERS * 50,
  );
}

async function play(engine: keyof typeof ENGINES): Promise<void> {
  const report = startReport(`creates and joins in three nodes over ${engine}`, SEED);
  const kept = process.env['CHAOS_HISTORY'];
  const folder = kept === undefined ? mkdtempSync(join(tmpdir(), 'chaos-')) : join(kept, engine);
  mkdirSync(folder, { recursive: true });
  const server = await ENGINES[engine]();
  // That it loses its connection is what is played.
  const bus = await connect(server.url, () => undefined);
  const chaos = new Chaos(SEED, server, bus, folder);
  try {
    const history = await chaos.run(ORDERS, FAULT_COUNT);
    const counts = Object.fromEntries([...chaos.counts].sort());
    if (process.env['LONG_RUN'] === '1') console.log(counts);
    const faults = faultsOf(history, { noticeMs: NOTICE_MS, recoverMs: 10_000 });
    if (faults.length > 0) console.error(linesOf(history, faults));
    // One line, so that it is seen whole where only lines with errors are.
    if (faults.length > 0) throw new Error(`seed ${SEED}, ${faults.length} faults: ${faults.join('; ')}`);
    const { create = 0, join: joins = 0, came = 0 } = counts;
    expect(create + joins, JSON.stringify(counts)).toBeGreaterThan(ORDERS / 3);
    const admitted = history.filter(({ what }) => what === 'admit').length;
    expect(admitted, JSON.stringify(counts)).toBeGreaterThan(came / 2);
    expect(came).toBeGreaterThan(ORDERS / 100);
    report(ORDERS);
  } finally {
    await chaos.end();
    await bus.close();
    await server.close();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** What the history has of the rooms that faults name, and of nodes and the bus. */
function linesOf(history: readonly Line[], faults: readonly string[]): string {
  const rooms = new Set(faults.flatMap((fault) => fault.match(/room-\d+/g) ?? []));
  return history
    .filter(
      (line) => (line.what !== 'census' && !('room' in line)) || ('room' in line && rooms.has(line.room)),
    )
    .toSorted((a, b) => a.t - b.t)
    .map((line) => JSON.stringify(line))
    .join('\n');
}
