/**
 * The figures by which two implementations are compared, medians over several seeds, and how far they may differ.
 *
 * Each limit comes from libenet compared with itself, as docs/differential.md tells: it is at least four times the
 * standard deviation of the difference of two medians over four seeds, because a run makes over a hundred
 * comparisons. Late timers lengthen round trips and so close the throttle, by different amounts for programs that
 * share the processors; limits grow with them. What does not depend on the machine is compared exactly, in
 * lockstep.test.ts.
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
    of: (ways) => median(ways, ({ counts }) => counts.retransmissions / (counts.reliable + counts.control)),
    tolerance: (reference, lateMs) => 0.6 * reference + 0.02 * lateMs,
    digits: 3,
  },
  {
    name: 'share of unreliable and unsequenced packets that arrive',
    of: (ways) => median(ways, (way) => small(way.report.received) / small(way.report.announced)),
    tolerance: (_, lateMs) => 0.25 + 0.04 * lateMs,
    digits: 3,
  },
  {
    name: 'median RTT, ms',
    of: (ways) => median(ways, (way) => way.rttMs),
    tolerance: (reference, lateMs) => 4 + 0.1 * reference + 10 * lateMs,
    digits: 1,
  },
  {
    name: 'median RTT variance, ms',
    of: (ways) => median(ways, (way) => way.rttVarianceMs),
    tolerance: (reference, lateMs) => 3 + 0.3 * reference + 6 * lateMs,
    digits: 1,
  },
  {
    name: 'median throttle, of 32',
    of: (ways) => median(ways, (way) => way.throttle),
    tolerance: (_, lateMs) => 8 + 2 * lateMs,
    digits: 1,
  },
  {
    // 7/8 of it is still the initial 0 after the one interval of 10 s that a run lasts (enet-protocol 5.10).
    name: 'packet loss statistic, of 65536',
    of: (ways) => median(ways, (way) => way.packetLoss),
    tolerance: (reference, lateMs) => 0.6 * reference + 800 * lateMs,
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

/** Unreliable and unsequenced packets that are not fragmented. */
function small(counts: readonly number[]): number {
  return (counts[0] ?? 0) + (counts[2] ?? 0);
}

function median(ways: readonly WayResult[], value: (way: WayResult) => number): number {
  const values = ways.map(value).sort((a, b) => a - b);
  const upper = values.length >> 1;
  return ((values[upper] ?? Number.NaN) + (values[(values.length - 1) >> 1] ?? Number.NaN)) / 2;
}
