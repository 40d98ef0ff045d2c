/** The numbers of a run: histograms against sorted lists, the plan of the ramp, samples and problems in bounded memory. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../src/load/statistics/histogram.ts';
import { Measures } from '../../src/load/statistics/measures.ts';
import { Problems } from '../../src/load/statistics/problems.ts';
import { Ramp } from '../../src/load/statistics/ramp.ts';
import { Timeline } from '../../src/load/statistics/timeline.ts';
import { fcParameters } from '../support/fc.ts';

describe('Histogram', () => {
  /** The slow twin: the nearest rank in all times, sorted. */
  const exact = (times: readonly number[], percent: number): number => {
    const sorted = [...times].sort((a, b) => a - b);
    return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? Number.NaN;
  };
  const times = fc.array(
    fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 4_000_000, noNaN: true })),
    { minLength: 1, maxLength: 300 },
  );

  test('each percentile is within 1 % and half a microsecond of that of a sorted list; ends, count and mean are exact', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const histogram = new Histogram();
        for (const time of list) histogram.add(time);
        const want = exact(list, percent);
        expect(Math.abs((histogram.percentile(percent) ?? Number.NaN) - want)).toBeLessThanOrEqual(
          want * 0.01 + 0.000_51,
        );
        const { count, min, max, mean } = histogram.summary() ?? {};
        expect([count, min, max]).toEqual([list.length, Math.min(...list), Math.max(...list)]);
        expect(mean).toBeCloseTo(list.reduce((sum, time) => sum + time, 0) / list.length, 6);
      }),
      fcParameters(),
    );
  });

  test('p50, p95 and p99 never fall, and lie between the ends', () => {
    fc.assert(
      fc.property(times, (list) => {
        const histogram = new Histogram();
        for (const time of list) histogram.add(time);
        const { min = 0, p50 = 0, p95 = 0, p99 = 0, max = 0 } = histogram.summary() ?? {};
        const row = [min, p50, p95, p99, max];
        expect(row).toEqual([...row].sort((a, b) => a - b));
      }),
      fcParameters(),
    );
  });

  test('nothing, what is out of range, and forgetting', () => {
    const histogram = new Histogram();
    expect([histogram.summary(), histogram.percentile(50)]).toEqual([undefined, undefined]);
    histogram.add(-3);
    histogram.add(1e12);
    expect(histogram.summary()).toMatchObject({ count: 2, min: 0, max: 1e12 });
    histogram.clear();
    expect([histogram.count, histogram.summary()]).toEqual([0, undefined]);
  });
});

describe('Ramp', () => {
  const spec = fc.record({
    stages: fc
      .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })
      .map((stages) => stages.sort((a, b) => a - b)),
    rampMs: fc.integer({ min: 0, max: 20_000 }),
    holdMs: fc.integer({ min: 1, max: 20_000 }),
  });

  test('players join in order, each in the rise of its stage', () => {
    fc.assert(
      fc.property(spec, (given) => {
        const ramp = new Ramp(given);
        let last = 0;
        for (let number = 1; number <= ramp.players; number++) {
          const at = ramp.joinMs(number);
          expect(at).toBeGreaterThanOrEqual(last);
          last = at;
          const stage = given.stages.findIndex((players) => number <= players);
          const from = stage * (given.rampMs + given.holdMs);
          expect(at).toBeGreaterThanOrEqual(from);
          // The last of a stage joins before its rise is over, so that it counts in it.
          expect(at).toBeLessThanOrEqual(from + given.rampMs);
        }
        expect(ramp.joinMs(1)).toBe(0);
        expect(ramp.durationMs).toBe(given.stages.length * (given.rampMs + given.holdMs));
      }),
      fcParameters(),
    );
  });

  test('ten players in one second: one every 100 ms', () => {
    const ramp = new Ramp({ stages: [10], rampMs: 1000, holdMs: 0 });
    expect(Array.from({ length: 10 }, (_, index) => ramp.joinMs(index + 1))).toEqual([
      0, 100, 200, 300, 400, 500, 600, 700, 800, 900,
    ]);
  });

  test.each([
    [{ stages: [] }, '"stages" expected at least one number of players, got none'],
    [{ stages: [0] }, `"stages" expected integer 1..${Number.MAX_SAFE_INTEGER}, got 0`],
    [{ stages: [5, 5] }, '"stages" expected numbers that rise, got 5 after 5'],
    [{ rampMs: -1 }, '"rampMs" expected milliseconds from 0 on, got -1'],
    [{ holdMs: Number.NaN }, '"holdMs" expected milliseconds from 0 on, got NaN'],
  ])('%j is refused', (wrong, message) => {
    expect(() => new Ramp({ stages: [1], rampMs: 0, holdMs: 0, ...wrong })).toThrow(message);
  });
});

describe('Timeline', () => {
  test('any number of samples is kept in bounded memory, in order, and none is left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), (count) => {
        const timeline = new Timeline<[from: number, to: number]>(16, ([from], [, to]) => [from, to]);
        for (let index = 0; index < count; index++) timeline.add([index, index]);
        const samples = timeline.samples();
        expect(samples.length).toBeLessThanOrEqual(17);
        let next = 0;
        for (const [from, to] of samples) {
          expect(from).toBe(next);
          next = to + 1;
        }
        expect(next).toBe(count);
      }),
      fcParameters(),
    );
  });
});

describe('Problems', () => {
  test('the same text counts once, the first of it in full; what is beyond the bound counts together', () => {
    const problems = new Problems(2);
    expect(problems.add('onTick', new TypeError('a\n is  b'))).toBe(true);
    expect(problems.add('onTick', new TypeError('a is b'))).toBe(false);
    expect(problems.add('join', 'refused')).toBe(true);
    expect(problems.add('join', 'other')).toBe(false);
    expect(problems.add('join', 'another')).toBe(false);
    expect(problems.count).toBe(5);
    expect(problems.list().map(({ where, message, count }) => [where, message, count])).toEqual([
      ['onTick', 'TypeError: a is b', 2],
      ['...', 'others', 2],
      ['join', 'refused', 1],
    ]);
    expect(problems.list()[0]?.first).toContain('statistics.test.ts');
  });

  test('what has no text is a problem all the same', () => {
    const problems = new Problems();
    problems.add('onTick', Object.create(null));
    problems.add('onTick', undefined);
    expect(problems.list().map(({ message }) => message)).toEqual(['object', 'undefined']);
  });
});

test('Measures: failed and unanswered round trips, counters, and a bound of names', () => {
  const measures = new Measures();
  measures.begin('ask')(12);
  measures.begin('ask')(undefined);
  measures.begin('ask');
  expect(measures.measures()).toMatchObject([
    { name: 'ask', failed: 1, unanswered: 1, times: { count: 1, p99: 12 } },
  ]);
  for (let index = 0; index < 100; index++) {
    measures.count(`name ${index}`, 2);
    measures.begin(`name ${index}`)(1);
  }
  const counters = measures.counters();
  expect(Object.keys(counters)).toHaveLength(65);
  expect(counters['...']).toBe(72);
  expect(measures.measures()).toHaveLength(65);
});
