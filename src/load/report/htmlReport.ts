/** A run as one HTML page: charts, tables, light and dark, nothing that is fetched from anywhere and no script. */

import type { Problem } from '../statistics/problems.ts';
import { type ChartSpec, chart } from './chart.ts';
import { bytes, digits, milliseconds, percent, seconds, whole } from './format.ts';
import { escapeHtml } from './html.ts';
import { PAGE_STYLE } from './pageStyle.ts';
import type { LoadReport, LoadSample } from './report.ts';
import {
  judgementText,
  MEASURE_HEAD,
  measureRows,
  outcomeText,
  STAGE_HEAD,
  stageRows,
  summaryRows,
} from './textReport.ts';

/** The page. */
export function htmlReport(report: LoadReport): string {
  const { thresholds, stages, measures, counts, warnings, players, roundTrips, loss, server } = report;
  const areKept = thresholds.every(({ isKept }) => isKept);
  const isGood = report.outcome === 'done' && areKept;
  const told = [
    `protocol ${report.protocol}`,
    `script ${report.script ?? 'none'}`,
    `seed ${report.seed}`,
    report.startedAt,
    seconds(report.durationMs),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Load test of ${escapeHtml(report.target)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>Load test of ${escapeHtml(report.target)}</h1>
<p><strong class="${isGood ? 'good' : 'bad'}">${escapeHtml(outcomeText(report))}${areKept ? '' : ', a limit was exceeded'}</strong> <span class="soft">${told.map(escapeHtml).join(' · ')}</span></p>
</header>
<div class="tiles">
${tile('players at once', whole(players.most), `${whole(players.failed)} failed, ${whole(players.lost)} lost`)}
${tile('round trip p50', milliseconds(roundTrips?.p50), `p95 ${milliseconds(roundTrips?.p95)}`)}
${tile('round trip p99', milliseconds(roundTrips?.p99), `longest ${milliseconds(roundTrips?.max)}`)}
${tile('loss', percent(loss?.percent), loss === null ? 'not measured' : `${whole(loss.resent)} sent again`)}
${tile('server cpu', percent(server.lastStageCpuPercent), 'of a core, in the last stage')}
${tile('server memory', bytes(server.mostMemoryBytes), 'at most')}
</div>
${list(
  'Limits',
  thresholds.map((one) => [one.isKept ? 'good' : 'bad', judgementText(one)]),
)}
${list(
  'Note',
  warnings.map((text) => ['warn', text]),
)}
<section class="charts">
${charts(report).map(chart).join('\n')}
</section>
${stages.length > 1 ? section('Stages', grid(STAGE_HEAD, stageRows(report))) : ''}
${measures.length > 0 ? section('Measured by the script', grid(MEASURE_HEAD, measureRows(report))) : ''}
${list(
  'Counted by the script',
  Object.entries(counts).map(([name, times]) => ['', `${name}: ${whole(times)}`]),
)}
${problems('Players that did not join', report.failures, false)}
${problems('Players that were lost', report.losses, false)}
${problems('Errors of the script', report.scriptErrors, true)}
${section('All of it', `${grid([], summaryRows(report))}<p class="soft">Round trips are measured ${escapeHtml(report.roundTripsOf)}.</p>`)}
<details><summary>Each second</summary>${grid(SAMPLE_HEAD, report.timeline.map(sampleRow))}</details>
</main>
</body>
</html>
`;
}

function charts({ timeline, stages, loss }: LoadReport): ChartSpec[] {
  const of = (take: (sample: LoadSample) => number | null): (number | null)[] => timeline.map(take);
  const common = {
    timesMs: timeline.map(({ atMs }) => atMs),
    marksMs: stages.slice(1).map(({ fromMs }) => fromMs),
  };
  const first = (name: string, values: (number | null)[]) => ({ name, color: 'first' as const, values });
  const second = (name: string, values: (number | null)[]) => ({ name, color: 'second' as const, values });
  const perSecond = (value: number): string => `${bytes(value)}/s`;
  const specs: ChartSpec[] = [
    {
      ...common,
      title: 'Players',
      text: digits,
      isWhole: true,
      lines: [
        first(
          'playing',
          of((sample) => sample.playing),
        ),
        second(
          'failed or lost',
          of((sample) => sample.failed),
        ),
      ],
    },
    {
      ...common,
      title: 'Round trips',
      text: milliseconds,
      lines: [
        first(
          'p50',
          of((sample) => sample.rttP50),
        ),
        second(
          'p99',
          of((sample) => sample.rttP99),
        ),
      ],
    },
    {
      ...common,
      title: 'Server: processor, of a core',
      text: percent,
      lines: [
        first(
          'cpu',
          of((sample) => sample.cpuPercent),
        ),
      ],
    },
    {
      ...common,
      title: 'Server: memory',
      text: bytes,
      binary: true,
      lines: [
        first(
          'memory',
          of((sample) => sample.memoryBytes),
        ),
      ],
    },
    {
      ...common,
      title: 'Traffic',
      text: perSecond,
      binary: true,
      lines: [
        first(
          'received',
          of((sample) => sample.receivedPerSec),
        ),
        second(
          'sent',
          of((sample) => sample.sentPerSec),
        ),
      ],
    },
  ];
  if (loss !== null) {
    specs.push({
      ...common,
      title: 'Loss',
      text: percent,
      lines: [
        first(
          'loss',
          of((sample) => sample.lossPercent),
        ),
      ],
    });
  }
  return specs;
}

const SAMPLE_HEAD = [
  'time',
  'playing',
  'joining',
  'failed',
  'rtt p50',
  'p99',
  'loss',
  'cpu',
  'memory',
  'sent',
  'received',
];

function sampleRow(sample: LoadSample): string[] {
  return [
    seconds(sample.atMs),
    whole(sample.playing),
    whole(sample.joining),
    whole(sample.failed),
    milliseconds(sample.rttP50),
    milliseconds(sample.rttP99),
    percent(sample.lossPercent),
    percent(sample.cpuPercent),
    bytes(sample.memoryBytes),
    `${bytes(sample.sentPerSec)}/s`,
    `${bytes(sample.receivedPerSec)}/s`,
  ];
}

function tile(name: string, value: string, below: string): string {
  return `<div class="tile"><span>${escapeHtml(name)}</span><b>${escapeHtml(value)}</b><span>${escapeHtml(below)}</span></div>`;
}

function section(title: string, content: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

function list(title: string, rows: readonly (readonly [kind: string, text: string])[]): string {
  if (rows.length === 0) return '';
  const items = rows.map(
    ([kind, text]) => `<li${kind === '' ? '' : ` class="${kind}"`}>${escapeHtml(text)}</li>`,
  );
  return section(title, `<ul>${items.join('')}</ul>`);
}

function problems(title: string, kinds: readonly Problem[], hasStacks: boolean): string {
  if (kinds.length === 0) return '';
  const items = kinds.map(({ count, where, message, first }) => {
    const text = hasStacks ? `${where}: ${message}` : message;
    const stack = first === '' ? '' : `<pre>${escapeHtml(first)}</pre>`;
    return `<li><b>${whole(count)}</b> × ${escapeHtml(text)}${stack}</li>`;
  });
  return section(title, `<ul>${items.join('')}</ul>`);
}

function grid(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]): string =>
    row.map((text) => `<td>${escapeHtml(text)}</td>`).join('');
  const titles =
    head.length === 0
      ? ''
      : `<thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('')}</tr></thead>`;
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join('');
  return `<div class="wide"><table${head.length === 0 ? ' class="words"' : ''}>${titles}<tbody>${body}</tbody></table></div>`;
}
