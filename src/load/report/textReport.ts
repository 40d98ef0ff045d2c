/** A run as text: a line while it goes on, and all of it at its end. */
import { bytes, digits, milliseconds, percent, seconds, whole } from './format.ts';
import type { Judgement } from './judgement.ts';
import type { LoadReport, LoadSample } from './report.ts';

/** One line about a second of a run. */
export function progressLine(
  sample: LoadSample,
  rttSoFar: { readonly p50: number; readonly p99: number } | undefined,
): string {
  const { atMs, playing, joining, failed, lossPercent, cpuPercent, memoryBytes } = sample;
  const parts = [
    seconds(atMs),
    `${whole(playing)} players${joining > 0 ? ` + ${whole(joining)} joining` : ''}`,
    `${whole(failed)} failed`,
    `rtt p50 ${milliseconds(rttSoFar?.p50)} p99 ${milliseconds(rttSoFar?.p99)}`,
  ];
  if (lossPercent !== null) parts.push(`loss ${percent(lossPercent)}`);
  if (cpuPercent !== null) parts.push(`server cpu ${percent(cpuPercent)}, ${bytes(memoryBytes)}`);
  return parts.join(' | ');
}

/**
 * The lines about a whole run. What others have said is in them as it is.
 *
 * @param table - Makes lines of rows.
 */
export function textReport(
  report: LoadReport,
  table: (rows: readonly (readonly string[])[]) => readonly string[],
): string[] {
  const { measures, counts, stages, thresholds, warnings } = report;
  return [
    `${report.target}, ${report.protocol}, ${seconds(report.durationMs)}: ${outcomeText(report)}`,
    '',
    ...table(summaryRows(report)),
    ...(stages.length > 1 ? ['', ...table([STAGE_HEAD, ...stageRows(report)])] : []),
    ...(measures.length > 0 ? ['', ...table([MEASURE_HEAD, ...measureRows(report)])] : []),
    ...titled(
      'Counted by the script:',
      Object.entries(counts).map(([name, times]) => `${name}: ${whole(times)}`),
    ),
    ...titled(
      'Players that did not join:',
      report.failures.map(({ count, message }) => `${whole(count)} x ${message}`),
    ),
    ...titled(
      'Players that were lost:',
      report.losses.map(({ count, message }) => `${whole(count)} x ${message}`),
    ),
    ...titled(
      'Errors of the script:',
      report.scriptErrors.flatMap(({ count, where, message, first }) => [
        `${whole(count)} x ${where}: ${message}`,
        ...stackOf(first),
      ]),
    ),
    ...titled('Limits:', thresholds.map(judgementText)),
    ...titled('Note:', warnings),
  ];
}

/** How a run ended, in words. */
export function outcomeText({ outcome, reason }: Pick<LoadReport, 'outcome' | 'reason'>): string {
  return reason === '' ? outcome : `${outcome} (${reason})`;
}

/** Whether a limit was kept, in words. */
export function judgementText({ name, unit, limit, value, isKept }: Judgement): string {
  const behind = unit === '' ? '' : ` ${unit}`;
  const got = value === null ? 'not measured' : `${digits(value)}${behind}`;
  return `${isKept ? 'kept' : 'EXCEEDED'}: ${name} ${got}, at most ${digits(limit)}${behind}`;
}

/** What is told of a whole run, a name and a text each. */
export function summaryRows(report: LoadReport): [string, string][] {
  const { players, joining, roundTrips, loss, traffic, server, generator } = report;
  return [
    [
      'players',
      `${whole(players.wanted)} wanted, ${whole(players.joined)} joined, ${whole(players.failed)} failed, ` +
        `${whole(players.lost)} lost; ${whole(players.most)} at once`,
    ],
    ['joining', joining === null ? '-' : timesText(joining)],
    [
      'rtt',
      roundTrips === null
        ? 'not measured'
        : `${timesText(roundTrips)}; ${whole(roundTrips.count)} round trips`,
    ],
    [
      'loss',
      loss === null
        ? 'not measured'
        : `${percent(loss.percent)}: ${whole(loss.resent)} of ${whole(loss.sent + loss.resent)}`,
    ],
    ['traffic', `${bytes(traffic.sentBytes)} sent, ${bytes(traffic.receivedBytes)} received`],
    [
      'server',
      server.cpuPercent === null
        ? `not measured: ${server.notMeasured === '' ? 'the run was too short' : server.notMeasured}`
        : `process ${server.pid}: cpu ${percent(server.cpuPercent)} of a core, in the last stage ` +
          `${percent(server.lastStageCpuPercent)}; at most ${bytes(server.mostMemoryBytes)}`,
    ],
    [
      'this side',
      `cpu ${percent(generator.cpuPercent)} of a core, timers late by ${milliseconds(generator.lagP99Ms)} (p99), ` +
        bytes(generator.memoryBytes),
    ],
  ];
}

/** The heads of {@link stageRows}. */
export const STAGE_HEAD: readonly string[] = [
  'players',
  'playing',
  'rtt p50',
  'p95',
  'p99',
  'loss',
  'cpu',
  'memory',
  'failed',
];

/** The stages, a text for each head. */
export function stageRows({ stages }: LoadReport): string[][] {
  return stages.map(({ players, playing, roundTrips, lossPercent, cpuPercent, memoryBytes, failed }) => [
    whole(players),
    whole(playing),
    milliseconds(roundTrips?.p50),
    milliseconds(roundTrips?.p95),
    milliseconds(roundTrips?.p99),
    percent(lossPercent),
    percent(cpuPercent),
    bytes(memoryBytes),
    whole(failed),
  ]);
}

/** The heads of {@link measureRows}. */
export const MEASURE_HEAD: readonly string[] = [
  'measured',
  'times',
  'p50',
  'p95',
  'p99',
  'longest',
  'failed',
  'unanswered',
];

/** What the script measured, a text for each head. */
export function measureRows({ measures }: LoadReport): string[][] {
  return measures.map(({ name, times, failed, unanswered }) => [
    name,
    whole(times?.count ?? 0),
    milliseconds(times?.p50),
    milliseconds(times?.p95),
    milliseconds(times?.p99),
    milliseconds(times?.max),
    whole(failed),
    whole(unanswered),
  ]);
}

function timesText({ p50, p95, p99, max }: NonNullable<LoadReport['joining']>): string {
  return `p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}, longest ${milliseconds(max)}`;
}

/** The first lines: what follows are the insides of this package. */
function stackOf(stack: string): string[] {
  return stack
    .split('\n')
    .slice(1, 4)
    .map((line) => `    ${line.trim()}`);
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
