/** How a run is told while it goes on: a line that changes on a terminal, lines elsewhere, problems in between. */
import { expect, test } from 'vitest';
import { ProgressTeller } from '../../src/cli/load/ProgressTeller.ts';
import type { LoadSample } from '../../src/load/internal.ts';

const sample = (atMs: number): LoadSample => ({
  atMs,
  spanMs: 1000,
  playing: 2,
  joining: 0,
  failed: 0,
  rttP50: 1,
  rttP99: 2,
  lossPercent: null,
  cpuPercent: null,
  memoryBytes: null,
  sentPerSec: 0,
  receivedPerSec: 0,
});

function teller(columns: number | undefined): { teller: ProgressTeller; told: string[] } {
  const told: string[] = [];
  return { teller: new ProgressTeller({ columns, tell: (text) => told.push(text) }), told };
}

test('on a terminal: one line, no wider than it is; a problem takes its place, and nothing stays', () => {
  const { teller: progress, told } = teller(20);
  progress.sample(sample(1000), { p50: 1, p99: 2 });
  progress.sample(sample(2000), { p50: 1, p99: 2 });
  progress.problem('script', 'onTick: Error: no\u001b[31m\n    at bot.js');
  progress.sample(sample(3000), undefined);
  progress.end();
  expect(told).toEqual([
    '\r\u001b[K1.0 s | 2 players |',
    '\r\u001b[K2.0 s | 2 players |',
    '\r\u001b[K',
    'the script threw in: onTick: Error: no\\u{1b}[31m\n    at bot.js\n',
    '\r\u001b[K3.0 s | 2 players |',
    '\r\u001b[K',
  ]);
});

test('elsewhere: a line every five seconds', () => {
  const { teller: progress, told } = teller(undefined);
  for (let second = 1; second <= 12; second++) progress.sample(sample(1000 * second), { p50: 1, p99: 2 });
  progress.problem('failed', 'REFUSED');
  progress.end();
  expect(told).toEqual([
    '1.0 s | 2 players | 0 failed | rtt p50 1 ms p99 2 ms\n',
    '6.0 s | 2 players | 0 failed | rtt p50 1 ms p99 2 ms\n',
    '11.0 s | 2 players | 0 failed | rtt p50 1 ms p99 2 ms\n',
    'a player did not join: REFUSED\n',
  ]);
});
