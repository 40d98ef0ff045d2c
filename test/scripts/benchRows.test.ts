/** What is said of the figures of benches: ratios, goals, and changes since a release. */
import { expect, test } from 'vitest';
import { compareResults, type Results } from '../../bench/compare.ts';
import { describeRow, judge, type Row } from '../../bench/row.ts';

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
  return { node: 'v20', machine: '2 cores', date: '2026-11-29', rows };
}
