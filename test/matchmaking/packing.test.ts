/** Parties into teams: a way is found exactly when there is one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packTeams } from '../../src/matchmaking/packing.ts';
import { canPack } from '../reference/slowMatchmaker.ts';
import { fcParameters } from '../support/fc.ts';

/** Whether some of the parties, with the first among them, fill the teams. */
function isThereAWay(parties: readonly number[], teams: number, size: number): boolean {
  const [own = 0, ...others] = parties;
  for (let bits = 0; bits < 1 << others.length; bits++)
    if (canPack([own, ...others.filter((_, i) => (bits >> i) & 1)], teams, size)) return true;
  return false;
}

test('against all ways that there are', () => {
  let found = 0;
  const parameters = fcParameters(500);
  const sizes = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      sizes,
      fc.array(sizes, { minLength: 1, maxLength: 9 }),
      (teams, size, all) => {
        const parties = [Math.min(all[0] ?? 1, size), ...all.slice(1)];
        const counts = new Int32Array(6);
        for (const party of parties) counts[party] = (counts[party] ?? 0) + 1;
        const before = counts.slice();
        const packed = packTeams(counts, teams, size, parties[0] ?? 1);
        expect(counts).toEqual(before);
        expect(packed !== undefined).toBe(isThereAWay(parties, teams, size));
        if (packed === undefined) return;
        found++;
        expect(packed[0]).toBe(parties[0]);
        let free = teams * size;
        for (const party of packed) {
          // None reaches over the end of its team.
          expect(party).toBeLessThanOrEqual(free % size === 0 ? size : free % size);
          free -= party;
          counts[party] = (counts[party] ?? 0) - 1;
        }
        expect(free).toBe(0);
        for (const left of counts) expect(left).toBeGreaterThanOrEqual(0);
      },
    ),
    parameters,
  );
  expect(found).toBeGreaterThan(parameters.numRuns / 10);
});

test('what cannot be told in so many tries counts as no way, and costs no more', () => {
  const steps = { taken: 0 };
  const counts = new Int32Array(129);
  // Even parties alone never fill an odd team, in millions of ways.
  for (let party = 2; party <= 40; party += 2) counts[party] = 100;
  counts[3] = 1;
  expect(packTeams(counts, 64, 127, 3, steps)).toBeUndefined();
  expect(steps.taken).toBeGreaterThan(1000);
  expect(steps.taken).toBeLessThanOrEqual(2001 + 64);
});
