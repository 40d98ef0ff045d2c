/** What a run must keep to, for CI: limits, and whether they were kept. What was not measured is not kept. */
import type { Judgement } from './judgement.ts';
import type { LoadReport } from './report.ts';

/** The limits of a run. Each is optional. */
export interface LoadThresholds {
  /** Transport round trips: half of them, in ms. */
  readonly maxRttP50?: number | undefined;
  /** 95 of 100 of them, in ms. */
  readonly maxRttP95?: number | undefined;
  /** 99 of 100 of them, in ms. */
  readonly maxRttP99?: number | undefined;
  /** Reliable commands that were sent again, in percent. */
  readonly maxLoss?: number | undefined;
  /** Players that did not join or were lost. */
  readonly maxFailed?: number | undefined;
  /** Errors of the bot script. */
  readonly maxScriptErrors?: number | undefined;
  /** Processor time of the server in the last stage, in percent of one core. */
  readonly maxCpu?: number | undefined;
  /** The most memory of the server, in MiB. */
  readonly maxMemory?: number | undefined;
  /** Round trips that the script measures: 99 of 100 of each name, in ms. */
  readonly maxMeasures?: Readonly<Record<string, number>> | undefined;
}

/** What of a report is judged. */
export type Judged = Pick<
  LoadReport,
  'roundTrips' | 'loss' | 'players' | 'scriptErrors' | 'server' | 'measures'
>;

/** Judges a report by each limit that was given. */
export function judge(thresholds: LoadThresholds, report: Judged): Judgement[] {
  const { roundTrips, loss, players, scriptErrors, server, measures } = report;
  const rows: (readonly [
    name: string,
    Judgement['unit'],
    limit: number | undefined,
    value: number | null | undefined,
  ])[] = [
    ['rtt p50', 'ms', thresholds.maxRttP50, roundTrips?.p50],
    ['rtt p95', 'ms', thresholds.maxRttP95, roundTrips?.p95],
    ['rtt p99', 'ms', thresholds.maxRttP99, roundTrips?.p99],
    ['loss', '%', thresholds.maxLoss, loss?.percent],
    ['failed and lost players', '', thresholds.maxFailed, players.failed + players.lost],
    ['script errors', '', thresholds.maxScriptErrors, sum(scriptErrors.map(({ count }) => count))],
    ['server cpu', '%', thresholds.maxCpu, server.lastStageCpuPercent],
    ['server memory', 'MiB', thresholds.maxMemory, mebibytes(server.mostMemoryBytes)],
    ...Object.entries(thresholds.maxMeasures ?? {}).map(([name, limit]) => {
      const times = measures.find((measure) => measure.name === name)?.times;
      return [`${name} p99`, 'ms', limit, times?.p99] as const;
    }),
  ];
  return rows.flatMap(([name, unit, limit, value]) =>
    limit === undefined
      ? []
      : [{ name, unit, limit, value: value ?? null, isKept: typeof value === 'number' && value <= limit }],
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mebibytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 1_048_576;
}
