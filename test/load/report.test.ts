/** A report as text and as a page: what is in it, and that texts of others are only texts there. */
import { describe, expect, test } from 'vitest';
import { table } from '../../src/cli/look/index.ts';
import { htmlReport } from '../../src/load/report/htmlReport.ts';
import { type LoadReport, type LoadSample, mergeSamples } from '../../src/load/report/report.ts';
import { progressLine, textReport } from '../../src/load/report/textReport.ts';

const TIMES = { count: 1234, min: 0.2, mean: 3, p50: 2.345, p95: 12.34, p99: 123.4, max: 2500 };
const SAMPLE: LoadSample = {
  atMs: 1000,
  spanMs: 1000,
  playing: 5,
  joining: 1,
  failed: 2,
  rttP50: 1,
  rttP99: 4,
  lossPercent: 0,
  cpuPercent: 50,
  memoryBytes: 2 ** 26,
  sentPerSec: 1000,
  receivedPerSec: 3000,
};
const REPORT: LoadReport = {
  format: 1,
  target: 'enet://127.0.0.1:7777',
  protocol: 'scene',
  script: 'bot.js',
  seed: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 3000,
  outcome: 'done',
  reason: '',
  players: { wanted: 1200, begun: 1200, joined: 1198, failed: 2, lost: 0, left: 0, most: 1198 },
  joining: TIMES,
  failures: [{ where: 'join', message: 'REFUSED: nobody listens there', count: 2, first: '' }],
  losses: [],
  roundTrips: TIMES,
  roundTripsOf: 'somehow',
  loss: { sent: 999, resent: 1, percent: 0.1 },
  traffic: { sentBytes: 512, receivedBytes: 3_500_000 },
  measures: [{ name: 'ask', times: TIMES, failed: 1, unanswered: 2 }],
  counts: { shots: 70_000 },
  scriptErrors: [
    { where: 'onTick', message: 'TypeError: no', count: 3, first: 'TypeError: no\n    at Bot (bot.js:1:1)' },
  ],
  server: {
    pid: 42,
    notMeasured: '',
    cpuPercent: 40.5,
    lastStageCpuPercent: 61.25,
    mostMemoryBytes: 2 ** 26,
  },
  generator: { cpuPercent: 20, lagP99Ms: 1.5, memoryBytes: 2 ** 27 },
  stages: [600, 1200].map((players, index) => ({
    players,
    fromMs: 1500 * index,
    toMs: 1500 * (index + 1),
    playing: players,
    failed: index,
    roundTrips: TIMES,
    lossPercent: 0.1,
    cpuPercent: 50,
    memoryBytes: 2 ** 26,
  })),
  timeline: [
    SAMPLE,
    { ...SAMPLE, atMs: 2000, rttP50: null, rttP99: null, cpuPercent: null },
    { ...SAMPLE, atMs: 3000 },
  ],
  thresholds: [
    { name: 'rtt p99', unit: 'ms', limit: 50, value: 123.4, isKept: false },
    { name: 'server cpu', unit: '%', limit: 80, value: 61.25, isKept: true },
    { name: 'ask p99', unit: 'ms', limit: 5, value: null, isKept: false },
  ],
  warnings: ['take care'],
};

test('all of it as text', () => {
  expect(textReport(REPORT, (rows) => table(rows))).toEqual([
    'enet://127.0.0.1:7777, scene, 3.0 s: done',
    '',
    'players    1,200 wanted, 1,198 joined, 2 failed, 0 lost; 1,198 at once',
    'joining    p50 2.35 ms, p95 12.3 ms, p99 123 ms, longest 2,500 ms',
    'rtt        p50 2.35 ms, p95 12.3 ms, p99 123 ms, longest 2,500 ms; 1,234 round trips',
    'loss       0.1 %: 1 of 1,000',
    'traffic    512 B sent, 3.34 MiB received',
    'server     process 42: cpu 40.5 % of a core, in the last stage 61.3 %; at most 64 MiB',
    'this side  cpu 20 % of a core, timers late by 1.5 ms (p99), 128 MiB',
    '',
    'players  playing  rtt p50  p95      p99     loss   cpu   memory  failed',
    '600      600      2.35 ms  12.3 ms  123 ms  0.1 %  50 %  64 MiB  0',
    '1,200    1,200    2.35 ms  12.3 ms  123 ms  0.1 %  50 %  64 MiB  1',
    '',
    'measured  times  p50      p95      p99     longest   failed  unanswered',
    'ask       1,234  2.35 ms  12.3 ms  123 ms  2,500 ms  1       2',
    '',
    'Counted by the script:',
    '  shots: 70,000',
    '',
    'Players that did not join:',
    '  2 x REFUSED: nobody listens there',
    '',
    'Errors of the script:',
    '  3 x onTick: TypeError: no',
    '      at Bot (bot.js:1:1)',
    '',
    'Limits:',
    '  EXCEEDED: rtt p99 123 ms, at most 50 ms',
    '  kept: server cpu 61.3 %, at most 80 %',
    '  EXCEEDED: ask p99 not measured, at most 5 ms',
    '',
    'Note:',
    '  take care',
  ]);
});

test('a line about a second', () => {
  expect(progressLine(SAMPLE, { p50: 1.5, p99: 20 })).toBe(
    '1.0 s | 5 players + 1 joining | 2 failed | rtt p50 1.5 ms p99 20 ms | loss 0 % | server cpu 50 %, 64 MiB',
  );
  expect(progressLine({ ...SAMPLE, joining: 0, lossPercent: null, cpuPercent: null }, undefined)).toBe(
    '1.0 s | 5 players | 2 failed | rtt p50 - p99 -',
  );
});

describe('the page', () => {
  test('has the numbers, six charts, and fetches nothing', () => {
    const page = htmlReport(REPORT);
    for (const text of ['1,198', '2.35 ms', '61.3 %', 'shots: 70,000', 'take care', 'EXCEEDED: rtt p99']) {
      expect(page).toContain(text);
    }
    expect(page.match(/<svg /g)).toHaveLength(6);
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|https?:/i);
  });

  test('an end without numbers is a page, too', () => {
    const page = htmlReport({
      ...REPORT,
      outcome: 'nobody-joined',
      joining: null,
      roundTrips: null,
      loss: null,
      measures: [],
      counts: {},
      timeline: [],
      stages: [],
      server: {
        pid: null,
        notMeasured: 'why',
        cpuPercent: null,
        lastStageCpuPercent: null,
        mostMemoryBytes: null,
      },
    });
    expect(page).not.toContain('<svg ');
    expect(page.match(/<p class="soft">not measured<\/p>/g)).toHaveLength(5);
    expect(page).toContain('not measured: why');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('lines break where nothing was measured', () => {
    const page = htmlReport(REPORT);
    const [, trips = ''] = /Round trips <.*?<svg (.*?)<\/svg>/.exec(page.replaceAll('\n', '')) ?? [];
    // Two lines, each in two parts of one point.
    expect(trips.match(/<circle /g)).toHaveLength(4);
    expect(trips).not.toContain('<polyline');
  });

  test('what others wrote is text in it', () => {
    const evil = `</title><script>alert(1)</script>"'&`;
    const page = htmlReport({
      ...REPORT,
      target: evil,
      script: evil,
      reason: evil,
      failures: [{ where: evil, message: evil, count: 1, first: evil }],
      losses: [{ where: evil, message: evil, count: 1, first: evil }],
      scriptErrors: [{ where: evil, message: evil, count: 1, first: evil }],
      measures: [{ name: evil, times: null, failed: 0, unanswered: 0 }],
      counts: { [evil]: 1 },
      warnings: [evil],
      server: { ...REPORT.server, notMeasured: evil, cpuPercent: null },
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain(`"'&`);
    expect(page.match(/<\/title>/g)?.length).toBe(1 + (page.match(/<rect /g)?.length ?? 0));
  });
});

test('samples that were put together: means of rates by their time, the worst of round trips and loss', () => {
  const later = {
    ...SAMPLE,
    atMs: 4000,
    spanMs: 3000,
    playing: 9,
    rttP50: null,
    rttP99: 2,
    cpuPercent: 10,
    lossPercent: null,
  };
  expect(mergeSamples(SAMPLE, { ...later, memoryBytes: 7, sentPerSec: 5000 })).toEqual({
    ...later,
    spanMs: 4000,
    rttP50: 1,
    rttP99: 4,
    lossPercent: 0,
    cpuPercent: 20,
    memoryBytes: 2 ** 26,
    sentPerSec: 4000,
    receivedPerSec: 3000,
  });
});
