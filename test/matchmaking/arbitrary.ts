/** Queues, and what happens to them, for random tests: small numbers, so that edges of ranges and ties are met often. */
import fc from 'fast-check';
import type { BackfillRequest, MatchNumberRule, MatchQueueOptions, MatchTicket } from '../../src/rooms.ts';

/** What happens to a matchmaker. */
export type Step =
  | { readonly kind: 'add'; readonly ticket: MatchTicket; readonly sinceMs: number | undefined }
  | { readonly kind: 'room'; readonly request: BackfillRequest }
  | { readonly kind: 'cancel'; readonly index: number }
  | { readonly kind: 'tick'; readonly afterMs: number };

/** A queue, and what happens to it in turn. */
export interface Story {
  readonly queue: MatchQueueOptions;
  readonly steps: readonly Step[];
}

const MAPS = ['x', 'y', 'z'];

const rule: fc.Arbitrary<MatchNumberRule> = fc.record({
  range: fc.integer({ min: 0, max: 4 }),
  widen: fc.oneof(
    fc.constant(undefined),
    fc.record({ by: fc.integer({ min: 1, max: 3 }), everyMs: fc.constantFrom(10, 20), max: fc.constant(8) }),
    fc.constant([
      { afterMs: 15, range: 5 },
      { afterMs: 40, range: Number.POSITIVE_INFINITY },
    ]),
  ),
});

const queues: fc.Arbitrary<MatchQueueOptions> = fc
  .record({
    teams: fc.integer({ min: 1, max: 3 }),
    playersPerTeam: fc.integer({ min: 1, max: 4 }),
    isSmaller: fc.boolean(),
    smallerAfterMs: fc.constantFrom(0, 25),
    countMultiple: fc.constantFrom(1, 2),
    strings: fc.constantFrom({}, { map: {} }, { map: { values: MAPS }, mode: {} }),
    numbers: fc.oneof(fc.constant({}), fc.record({ skill: rule }), fc.record({ skill: rule, ping: rule })),
    maxWaitMs: fc.constantFrom(undefined, 60),
    backfill: fc.constantFrom('first', 'last'),
    rangeOf: fc.constantFrom('each', 'oldest'),
  })
  .map(({ isSmaller, countMultiple, ...queue }) => ({
    ...queue,
    countMultiple: Math.min(countMultiple, queue.playersPerTeam),
    minPlayersPerTeam: isSmaller ? Math.ceil(queue.playersPerTeam / 2) : undefined,
    balance: 'skill' in queue.numbers ? 'skill' : undefined,
  }));

/** The properties of a ticket or room of a queue. */
function properties(queue: MatchQueueOptions): fc.Arbitrary<Pick<MatchTicket, 'strings' | 'numbers'>> {
  const value = fc.integer({ min: 0, max: 9 });
  const number = fc.oneof(
    { arbitrary: value, weight: 4 },
    { arbitrary: fc.record({ value, maxRange: value }), weight: 1 },
  );
  const strings = Object.entries(queue.strings ?? {}).map(([name, { values }]) => {
    const one = fc.constantFrom(...MAPS.slice(0, 2));
    const some = fc.uniqueArray(fc.constantFrom(...MAPS), { minLength: 1 });
    return [
      name,
      values === undefined ? fc.oneof(one, some) : fc.oneof(one, some, fc.constant(undefined)),
    ] as const;
  });
  return fc.record({
    strings: fc
      .record(Object.fromEntries(strings))
      .map((all) =>
        Object.fromEntries(Object.entries(all).flatMap(([name, v]) => (v === undefined ? [] : [[name, v]]))),
      ),
    numbers: fc.record(Object.fromEntries(Object.keys(queue.numbers ?? {}).map((name) => [name, number]))),
  });
}

function stepsOf(queue: MatchQueueOptions): fc.Arbitrary<Step> {
  const name = fc.integer({ min: 0, max: 25 });
  const { teams = 1, playersPerTeam } = queue;
  const add = fc
    .record({
      ...{ name, properties: properties(queue), size: fc.constantFrom(1, 1, 1, 2, 3) },
      sinceMs: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined, freq: 4 }),
    })
    .map(({ name, properties, size, sinceMs }): Step => {
      const id = `t${name}`;
      const players = Array.from({ length: Math.min(size, playersPerTeam) }, (_, i) => `${id}.${i}`);
      return { kind: 'add', ticket: { id, queue: 'game', players, ...properties }, sinceMs };
    });
  const free = fc.integer({ min: 0, max: playersPerTeam });
  const room = fc
    .record({
      name,
      properties: properties(queue),
      seats: fc.array(free, { minLength: teams, maxLength: teams }),
    })
    .map(({ name, properties, seats }): Step => {
      return { kind: 'room', request: { id: `r${name}`, queue: 'game', seats, ...properties } };
    });
  const cancel = fc.record({ kind: fc.constant('cancel' as const), index: name });
  const tick = fc.record({ kind: fc.constant('tick' as const), afterMs: fc.integer({ min: 0, max: 20 }) });
  return fc.oneof(
    { arbitrary: add, weight: 10 },
    { arbitrary: tick, weight: 4 },
    { arbitrary: cancel, weight: 1 },
    { arbitrary: room, weight: 1 },
  );
}

/** Stories of one queue. */
export const stories: fc.Arbitrary<Story> = queues.chain((queue) =>
  fc.record({
    queue: fc.constant(queue),
    steps: fc.array(stepsOf(queue), { minLength: 5, maxLength: 80, size: 'max' }),
  }),
);
