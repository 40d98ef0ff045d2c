/**
 * Our core against libenet under virtual time: given the same clock, the same packets and the same losses, every
 * datagram, every event and every estimate must be the same, byte for byte and step for step, in all pairings.
 */
import { describe, expect, test } from 'vitest';
import { peer } from '../support/peers.ts';
import { LockstepC, type LockstepHost, type LockstepOptions, LockstepOurs } from './lockstep.ts';
import { type LockstepPlan, runLockstep, type Transcript } from './lockstepRun.ts';
import type { PathOptions } from './path.ts';

const GOOD: PathOptions = { loss: 0, duplicates: 0, reordered: 0, holdMs: 0, delayMs: 20, jitterMs: 0 };
const BAD: PathOptions = {
  loss: 0.05,
  duplicates: 0.05,
  reordered: 0.05,
  holdMs: 30,
  delayMs: 20,
  jitterMs: 15,
};
const WORST: PathOptions = {
  loss: 0.25,
  duplicates: 0.2,
  reordered: 0.2,
  holdMs: 80,
  delayMs: 40,
  jitterMs: 40,
};

const ROWS: readonly {
  title: string;
  path: PathOptions;
  hasRangeCoder: boolean;
  seeds: readonly number[];
}[] = [
  { title: 'a good network', path: GOOD, hasRangeCoder: false, seeds: [1, 2] },
  { title: 'a bad network', path: BAD, hasRangeCoder: false, seeds: [1, 2, 3, 4] },
  { title: 'a bad network with range coder', path: BAD, hasRangeCoder: true, seeds: [5, 6] },
  { title: 'the worst network', path: WORST, hasRangeCoder: false, seeds: [7, 8, 9] },
];

const { isMissing, note } = peer('libenet');

describe.skipIf(isMissing)(`lockstep${note}`, () => {
  describe.each(ROWS)('$title', ({ path, hasRangeCoder, seeds }) => {
    test.each(seeds)('seed %i: all pairings do the same', async (seed) => {
      const plan: LockstepPlan = { seed, path, rate: 50, sendingMs: 12_000, startMs: 1_000_000 };
      const options = { connectId: 0x11223344, hasRangeCoder };
      const reference = await play(plan, options, LockstepC, LockstepC);
      expect(reference.client.filter((line) => line.includes(' receive ')).length).toBeGreaterThan(150);
      for (const [client, server] of [
        [LockstepOurs, LockstepC],
        [LockstepC, LockstepOurs],
        [LockstepOurs, LockstepOurs],
      ] as const) {
        const transcripts = await play(plan, options, client, server);
        for (const side of ['client', 'server'] as const) {
          expectSame(transcripts[side], reference[side], `${client.name}-${server.name}, ${side}`);
        }
      }
    });
  });
});

type Kind = new (options: LockstepOptions) => LockstepHost;

async function play(
  plan: LockstepPlan,
  options: LockstepOptions,
  Client: Kind,
  Server: Kind,
): ReturnType<typeof runLockstep> {
  const client = new Client(options);
  const server = new Server(options);
  try {
    return await runLockstep(client, server, plan);
  } finally {
    await Promise.all([client.close(), server.close()]);
  }
}

/** Fails with the first difference and what led to it; whole transcripts are too long to print. */
function expectSame(actual: Transcript, expected: Transcript, title: string): void {
  const at = expected.findIndex((line, index) => line !== actual[index]);
  if (at >= 0) {
    const excerpt = (all: Transcript): string[] =>
      all.slice(Math.max(at - 3, 0), at + 3).map((line) => line.slice(0, 160));
    expect(excerpt(actual), `${title}: line ${at}`).toEqual(excerpt(expected));
  }
  expect(actual.length, title).toBe(expected.length);
}
