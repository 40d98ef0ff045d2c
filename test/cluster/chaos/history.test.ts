/** The checks of histories find what they look for. */
import { expect, test } from 'vitest';
import { faultsOf, type Line } from './history.ts';

const BOUNDS = { noticeMs: 6000, recoverMs: 10_000 };
const faults = (...lines: Line[]): string[] => faultsOf(lines, BOUNDS);
const open = (t: number, node: string, epoch: number, seats = 2): Line => ({
  t,
  node,
  what: 'open',
  room: 'r',
  epoch,
  seats,
});
const admit = (t: number, node: string, epoch: number, player: string): Line => ({
  t,
  node,
  what: 'admit',
  room: 'r',
  epoch,
  player,
});

test('a history without faults', () => {
  expect(
    faults(
      open(1, 'a', 1),
      admit(2, 'a', 1, 'p'),
      { t: 3, node: 'a', what: 'leave', room: 'r', epoch: 1, player: 'p' },
      admit(4, 'a', 1, 'p'),
      admit(5, 'a', 1, 'q'),
      { t: 6, node: 'a', what: 'end', room: 'r', epoch: 1 },
      open(7, 'b', 2),
      admit(8, 'b', 2, 'p'),
    ),
  ).toEqual([]);
});

test('twins', () => {
  expect(faults(open(1, 'a', 1), open(2, 'b', 2), admit(3, 'a', 1, 'p'))).toEqual([
    expect.stringMatching(/^twin: a has admit/),
  ]);
  expect(faults(open(1, 'a', 2), open(2, 'b', 1))).toEqual([expect.stringMatching(/^twin: b has open/)]);
  expect(faults(open(1, 'a', 1), open(2, 'b', 1))).toEqual([expect.stringMatching(/^twin: b has open/)]);
});

test('seats', () => {
  expect(faults(open(1, 'a', 1, 1), admit(2, 'a', 1, 'p'), admit(3, 'a', 1, 'q'))).toEqual([
    'r has sold 2 of 1 seats',
  ]);
  expect(faults(open(1, 'a', 1), admit(2, 'a', 1, 'p'), admit(3, 'a', 1, 'p'))).toEqual([
    'p has two seats in r',
  ]);
  expect(faults(admit(2, 'a', 1, 'p'))).toEqual(['p is let into r, which is not open']);
});

test('listings', () => {
  const place = { room: 'r', node: 'a', epoch: 1 };
  const census = (has: readonly (typeof place)[], listed: readonly (typeof place)[]): Line => ({
    t: 1,
    node: 'driver',
    what: 'census',
    has,
    listed,
  });
  expect(faults(census([place], [place]))).toEqual([]);
  expect(faults(census([place], []))).toEqual(['lost listing: r on a as 1']);
  expect(faults(census([], [place]))).toEqual(['stale listing: r on a as 1']);
  const twin = { ...place, node: 'b', epoch: 2 };
  expect(faults(census([place, twin], [place, twin]))).toEqual(['twin: r is open on a and on b']);
});

test('the dead are seen in time', () => {
  const before: Line[] = [
    { t: 0, node: 'a', what: 'unfenced' },
    { t: 0, node: 'b', what: 'unfenced' },
    { t: 1, node: 'a', what: 'sees', other: 'b' },
    { t: 1000, node: 'b', what: 'killed' },
  ];
  const after: Line = { t: 20_000, node: 'a', what: 'unfenced' };
  const seen = (t: number): Line => ({ t, node: 'a', what: 'misses', other: 'b' });
  expect(faults(...before, seen(6900), after)).toEqual([]);
  expect(faults(...before, seen(7100), after)).toEqual(['a sees after 6100 ms that b is dead']);
  expect(faults(...before, after)).toHaveLength(1);
  // It was stopped itself, or the bus was away.
  expect(
    faults(
      ...before,
      { t: 1500, node: 'a', what: 'stopped' },
      { t: 9000, node: 'a', what: 'continued' },
      seen(9500),
      after,
    ),
  ).toEqual([]);
  expect(
    faults(
      ...before,
      { t: 3000, node: 'driver', what: 'bus-gone' },
      { t: 6000, node: 'driver', what: 'bus-back' },
      seen(12_000),
      after,
    ),
  ).toEqual([]);
  // The bus was away for it alone; for another one, that is no excuse.
  const outageOf = (node: string): Line[] => [
    { t: 3000, node, what: 'bus-down' },
    { t: 3500, node, what: 'bus-up' },
  ];
  expect(faults(...before, ...outageOf('a'), seen(7600), after)).toEqual([]);
  expect(faults(...before, ...outageOf('c'), seen(7600), after)).toEqual([
    'a sees after 6600 ms that b is dead',
  ]);
});

test('survivors recover in time', () => {
  const bus: Line[] = [
    { t: 0, node: 'a', what: 'unfenced' },
    { t: 100, node: 'driver', what: 'bus-gone' },
    { t: 5000, node: 'a', what: 'fenced' },
    { t: 8000, node: 'driver', what: 'bus-back' },
  ];
  const end: Line = { t: 30_000, node: 'driver', what: 'bus-back' };
  expect(faults(...bus, { t: 17_900, node: 'a', what: 'unfenced' }, end)).toEqual([]);
  expect(faults(...bus, { t: 18_100, node: 'a', what: 'unfenced' }, end)).toEqual([
    'a takes no players 10000 ms after the bus is back',
  ]);
  expect(faults(...bus, { t: 9000, node: 'a', what: 'killed' }, end)).toEqual([]);
  // The bus was away for it once more; an outage that began before is the one it recovers from.
  const late: Line[] = [
    { t: 19_000, node: 'a', what: 'bus-up' },
    { t: 19_100, node: 'a', what: 'unfenced' },
  ];
  expect(faults(...bus, { t: 12_000, node: 'a', what: 'bus-down' }, ...late, end)).toEqual([]);
  expect(faults(...bus, { t: 200, node: 'a', what: 'bus-down' }, ...late, end)).toHaveLength(1);
});
