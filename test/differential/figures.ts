/**
 * The figures by which two implementations are compared, pooled over several seeds, and how far they may differ.
 *
 * Each limit comes from libenet compared with itself. 48 ways of C-C (24 seeds, both directions) under the first of
 * the conditions gave per way: retransmissions per reliable command 0.148 ± 0.025 (standard deviation), share of
 * unreliable packets that arrive 0.92 ± 0.06, mean RTT 59.5 ± 0.9 ms, mean variance 9.9 ± 0.7 ms, mean throttle
 * 31.3 ± 1.2, packet loss statistic 700 ± 100. Two averages over the same four seeds differ by a standard deviation
 * of about 0.7 of these. Limits are at least five such deviations, because a run makes over a hundred comparisons,
 * and wider where a busy machine adds its own delays: those lengthen round trips and so close the throttle.
 */
import type { WayResult } from './connectionRun.ts';

/** One figure. */
export interface Figure {
  readonly name: string;
  /** Its value over all seeds of one pairing and direction. */
  readonly of: (ways: readonly WayResult[]) => number;
  /**
   * The largest allowed difference from the reference value, when timers of the test's process were late by
   * `lateMs` milliseconds on average.
   */
  readonly tolerance: (reference: number, lateMs: number) => number;
  /** How many digits to show. */
  readonly digits: number;
}

/** All of them. */
export const FIGURES: readonly Figure[] = [
  {
    // Losses hit by index, but which command sits in the datagram of an index depends on the scheduler.
    name: 'retransmissions per reliable command',
    of: (ways) =>
      ratio(
        ways,
        (way) => way.counts.retransmissions,
        (way) => way.counts.reliable + way.counts.control,
      ),
    tolerance: (reference, lateMs) => 0.45 * reference + 0.02 * lateMs,
    digits: 3,
  },
  {
    name: 'share of unreliable and unsequenced packets that arrive',
    of: (ways) => ratio(ways, smallOf('received'), smallOf('announced')),
    tolerance: (_, lateMs) => 0.2 + 0.03 * lateMs,
    digits: 3,
  },
  {
    name: 'median RTT, ms',
    of: (ways) => mean(ways, (way) => way.rttMs),
    tolerance: (reference, lateMs) => 4 + 0.1 * reference + 10 * lateMs,
    digits: 1,
  },
  {
    name: 'median RTT variance, ms',
    of: (ways) => mean(ways, (way) => way.rttVarianceMs),
    tolerance: (reference, lateMs) => 2 + 0.3 * reference + 6 * lateMs,
    digits: 1,
  },
  {
    name: 'median throttle, of 32',
    of: (ways) => mean(ways, (way) => way.throttle),
    tolerance: (_, lateMs) => 5 + lateMs,
    digits: 1,
  },
  {
    // 7/8 of it is still the initial 0 after the one interval of 10 s that a run lasts (enet-protocol 5.10).
    name: 'packet loss statistic, of 65536',
    of: (ways) => mean(ways, (way) => way.packetLoss),
    tolerance: (reference, lateMs) => 0.5 * reference + 80 * lateMs,
    digits: 0,
  },
];

/** Formats a comparison for people: one row per pairing and direction. */
export function formatTable(rows: readonly { name: string; ways: readonly WayResult[] }[]): string {
  const heads = ['pairing and direction', ...FIGURES.map(({ name }) => name)];
  const lines = rows.map(({ name, ways }) => [
    name,
    ...FIGURES.map((figure) => figure.of(ways).toFixed(figure.digits)),
  ]);
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function smallOf(what: 'received' | 'announced'): (way: WayResult) => number {
  return ({ report }) => (report[what][0] ?? 0) + (report[what][2] ?? 0);
}

function ratio(
  ways: readonly WayResult[],
  top: (way: WayResult) => number,
  bottom: (way: WayResult) => number,
): number {
  return mean(ways, top) / mean(ways, bottom);
}

function mean(ways: readonly WayResult[], value: (way: WayResult) => number): number {
  return ways.reduce((sum, way) => sum + value(way), 0) / ways.length;
}
