/**
 * Our core against libenet on real sockets: the same seeded traffic through the same seeded bad network, in every
 * pairing of roles. What must be equal is compared exactly (reliable deliveries, how packets are cut and numbered);
 * what depends on the scheduler of the machine within the limits of `figures.ts`. All runs of a comparison go side by
 * side, so that a busy machine is equally busy for all.
 *
 * DIFFERENTIAL_SEEDS=n runs n seeds instead of 4; DIFFERENTIAL_TABLE=1 prints the figures.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { transports } from '../interop/libenet/transports.ts';
import { peer } from '../support/peers.ts';
import { type Conditions, plannedReport, type RunResult, runConnection } from './connectionRun.ts';
import { FIGURES, formatTable } from './figures.ts';
import { pairingNames, REFERENCE, startCast } from './pairings.ts';
import type { Direction } from './path.ts';

/** Long enough for one interval of the packet loss statistic, which is 10 s. */
const SENDING_MS = 11_000;

const PLAIN: Conditions = {
  path: { loss: 0.05, duplicates: 0.03, reordered: 0.05, holdMs: 25, delayMs: 20, jitterMs: 10 },
  hasChecksum: false,
  hasRangeCoder: false,
  channels: 3,
  rate: 25,
  sendingMs: SENDING_MS,
};

const CODED: Conditions = {
  ...PLAIN,
  path: { loss: 0.1, duplicates: 0.05, reordered: 0.1, holdMs: 25, delayMs: 20, jitterMs: 10 },
  hasChecksum: true,
  hasRangeCoder: true,
};

const SEEDS = Array.from({ length: Number(process.env['DIFFERENTIAL_SEEDS'] ?? 4) }, (_, i) => i + 1);
const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient'];

const { isMissing, note } = peer('libenet');

describe.skipIf(isMissing).each([
  ['5 % loss', PLAIN],
  ['10 % loss, with range coder and checksum', CODED],
] as const)(`%s${note}`, (title, conditions) => {
  const runs = new Map<string, readonly RunResult[]>();
  let lateMs = 0;
  const runsOf = (name: string): readonly RunResult[] => runs.get(name) ?? [];

  beforeAll(async () => {
    const cast = await startCast(LIFE_SECONDS);
    const timers = monitorEventLoopDelay({ resolution: TIMER_MS });
    timers.enable();
    try {
      await Promise.all(
        cast.pairings.map(async (pair) => {
          const results = await Promise.all(SEEDS.map((seed) => runConnection(pair, conditions, seed)));
          runs.set(pair.name, results);
        }),
      );
    } finally {
      await cast.close();
    }
    timers.disable();
    lateMs = Math.max(timers.mean / 1e6 - TIMER_MS, 0);
    if (process.env['DIFFERENTIAL_TABLE'] === '1') {
      const rows = cast.pairings.flatMap(({ name }) =>
        DIRECTIONS.map((direction) => ({
          name: `${name} ${direction}`,
          ways: runsOf(name).map((run) => run[direction]),
        })),
      );
      console.log(
        `${title}, ${SEEDS.length} seeds, timers late by ${lateMs.toFixed(2)} ms\n${formatTable(rows)}`,
      );
    }
  }, LIFE_SECONDS * 1000);

  describe.each(pairingNames())('%s', (name) => {
    test.each(DIRECTIONS)('%s: every reliable packet arrives once, in order and unchanged', (direction) => {
      for (const [index, run] of runsOf(name).entries()) {
        const { report } = run[direction];
        const planned = plannedReport(conditions, SEEDS[index] ?? 0, direction);
        expect(report.violations).toBe(0);
        expect(report.announced).toEqual(planned.announced);
        expect(report.received[1]).toBe(planned.received[1]);
        expect(report.hash).toBe(planned.hash);
        for (const kind of [0, 2, 3]) {
          expect(report.received[kind]).toBeLessThanOrEqual(planned.received[kind] ?? 0);
        }
      }
      expect(runsOf(name)).toHaveLength(SEEDS.length);
    });

    test.each(DIRECTIONS)('%s: packets become the same commands, and each datagram is sound', (direction) => {
      for (const [index, run] of runsOf(name).entries()) {
        const { counts } = run[direction];
        expect(counts.reliable).toBe(runsOf(REFERENCE)[index]?.[direction].counts.reliable);
        expect(counts.unreadable).toBe(0);
        expect(counts.compressed > 0).toBe(conditions.hasRangeCoder);
      }
    });

    // The reference is not compared with itself.
    const comparisons =
      name === REFERENCE
        ? []
        : DIRECTIONS.flatMap((direction) =>
            FIGURES.map((figure) => ({ direction, figure, title: figure.name })),
          );
    test.for(comparisons)('$direction: $title', ({ direction, figure }, context) => {
      // Judged by the reference alone: then neither program shows what it can, and lockstep.test.ts has to do.
      const referenceRtts = runsOf(REFERENCE).flatMap((run) => DIRECTIONS.map((way) => run[way].rttMs));
      context.skip(Math.max(...referenceRtts) > BUSY_RTT_MS, 'the machine is too busy for libenet itself');
      const of = (pairing: string): number => figure.of(runsOf(pairing).map((run) => run[direction]));
      const reference = of(REFERENCE);
      const allowed = figure.tolerance(reference, lateMs);
      const value = of(name);
      expect(value, `${value} against ${reference} of ${REFERENCE}`).toBeGreaterThanOrEqual(
        reference - allowed,
      );
      expect(value, `${value} against ${reference} of ${REFERENCE}`).toBeLessThanOrEqual(reference + allowed);
    });
  });

  test(`${REFERENCE}: the network was bad`, () => {
    for (const run of runsOf(REFERENCE)) {
      for (const direction of DIRECTIONS) {
        expect(run[direction].counts.retransmissions).toBeGreaterThan(0);
        expect(run[direction].packetLoss).toBeGreaterThan(0);
      }
    }
  });

  test('our side was used over every transport', () => {
    expect([...runs.keys()]).toHaveLength(1 + 3 * transports.length);
  });
});

const LIFE_SECONDS = 80;
const TIMER_MS = 10;
/** Half as much again as on an idle machine. */
const BUSY_RTT_MS = 85;
