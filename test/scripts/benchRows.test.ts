/** What is said of the figures of benches: ratios, goals, and changes since a release. */
import { expect, test } from 'vitest';
import { compareResults, type Results } from '../../bench/compare.ts';
import { describeRow, judge, type Row } from '../../bench/row.ts';
import { absentRows, countGoals, formatTable } from '../../bench/table.ts';

const BASE = { name: 'echo, x', figure: 3, unit: 'us', peer: 'libenet', peerFigure: 2, repeats: 3 };

test.each([
  [{ of: 'ratio', atMost: 1.5 }, true],
  [{ of: 'ratio', atMost: 1.4 }, false],
  [{ of: 'difference', atMost: 1 }, true],
  [{ of: 'difference', atMost: 0.9 }, false],
  [{ of: 'figure', atMost: 3 }, true],
  [{ of: 'figure', atMost: 2.9 }, false],
] as const)('a goal %j: met %s', (goal, isMet) => {
  expect(judge(BASE, goal)).toMatchObject({ ratio: 1.5, isMet });
});

test('the ratio of rounds wins over that of the medians', () => {
  expect(judge({ ...BASE, ratio: 1.2 }, { of: 'ratio', atMost: 1.3 })).toMatchObject({
    ratio: 1.2,
    isMet: true,
  });
});

test('without its peer a goal about it is not judged, one of the figure is', () => {
  const alone = { name: 'x', figure: 3, unit: 'us', repeats: 1 };
  expect(judge(alone, { of: 'ratio', atMost: 1 }).isMet).toBeUndefined();
  expect(judge(alone, { of: 'difference', atMost: 1 }).isMet).toBeUndefined();
  expect(judge(alone, { of: 'figure', atMost: 3 }).isMet).toBe(true);
  expect(describeRow(judge(alone, { of: 'ratio', atMost: 1 }))).toBe('x: 3.00 us  goal <= 1 x  not judged');
});

test('the table has a row for each goal of a bench: measured, without its peer, skipped or failed', () => {
  const bench = { name: 'echo', prefix: 'echo, ' };
  const rows = [
    judge(BASE, { of: 'ratio', atMost: 1.5 }),
    judge({ ...BASE, name: 'echo, y' }, { of: 'ratio', atMost: 1 }),
    judge({ ...BASE, name: 'echo, z', peerFigure: undefined }, { of: 'ratio', atMost: 1 }),
    judge({ name: 'echo, free', figure: 1234, unit: 'us', repeats: 1 }, undefined),
  ];
  const expected = ['echo, x', 'echo, y', 'echo, z', 'echo, mmsg', 'idle, x'];
  const absent = absentRows(bench, expected, rows, (name) => `skipped: ${name} needs koffi`);
  expect(formatTable([...rows, ...absent])).toEqual([
    'what        figure    peer          ratio   goal',
    'echo, x     3.00 us   libenet 2.00  1.50 x  <= 1.5 x  met',
    'echo, y     3.00 us   libenet 2.00  1.50 x  <= 1 x    NOT MET',
    'echo, z     3.00 us                         <= 1 x    skipped: no libenet',
    'echo, free  1,234 us                                  no goal',
    'echo, mmsg                                            skipped: echo, mmsg needs koffi',
  ]);
  expect(countGoals([...rows, ...absent])).toBe('1 of 2 goals are met, 2 not judged');
});

test('a bench without goals that prints nothing has one line', () => {
  const bench = { name: 'other', prefix: 'other, ' };
  expect(absentRows(bench, ['echo, x'], [], () => 'failed: exit code 1')).toEqual([
    { name: 'other', why: 'failed: exit code 1' },
  ]);
  expect(absentRows(bench, ['echo, x'], [judge({ ...BASE, name: 'other, a' })], () => '')).toEqual([]);
});

test('changes: worse only beyond the noise; what one run lacks is shown and never worse', () => {
  const changes = compareResults(
    results([
      ['same', 1],
      ['noisy', 1],
      ['worse', 1],
      ['better', 1],
      ['gone', 1],
      ['alone', undefined],
    ]),
    results([
      ['same', 1],
      ['noisy', 1.25],
      ['worse', 1.26],
      ['better', 0.2],
      ['alone', 9],
      ['new', 9],
    ]),
    1.25,
  );
  expect(changes.map(({ name, factor, isWorse }) => [name, factor, isWorse])).toEqual([
    ['same', 1, false],
    ['noisy', 1.25, false],
    ['worse', 1.26, true],
    ['better', 0.2, false],
    ['gone', undefined, false],
    ['alone', undefined, false],
    ['new', undefined, false],
  ]);
});

function results(ratios: readonly (readonly [name: string, ratio: number | undefined])[]): Results {
  const rows = ratios.map(([name, ratio]): Row => ({ name, figure: 1, unit: 'us', ratio, repeats: 1 }));
  return { node: 'v20', machine: '2 cores', date: '2026-11-29', rows, absent: [] };
}
