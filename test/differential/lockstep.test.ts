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

interface Row extends Partial<LockstepPlan> {
  readonly title: string;
  readonly path: PathOptions;
  readonly seeds: readonly number[];
  readonly host?: Partial<LockstepOptions>;
}

const ROWS: readonly Row[] = [
  { title: 'a good network', path: GOOD, seeds: [1] },
  { title: 'a bad network', path: BAD, seeds: [1, 2, 3] },
  { title: 'a bad network with range coder', path: BAD, seeds: [5], host: { hasRangeCoder: true } },
  // The clocks wrap to 0 in the midst of it.
  { title: 'a bad network at the end of time', path: BAD, seeds: [6], startMs: 2 ** 32 - 5_000 },
  { title: 'a bad network and large packets', path: BAD, seeds: [7, 8], maxSize: 60_000, rate: 20 },
  // Each side sends more than it may, so the bandwidths limit its throttle and its window (enet-protocol 6.12).
  {
    title: 'a bad network and little bandwidth',
    path: BAD,
    seeds: [9, 10],
    host: { incomingBandwidth: 30_000, outgoingBandwidth: 20_000 },
    graceMs: 2_500,
  },
  // Two outages that a connection outlives by a little (enet-protocol 5.9), and one that ends it.
  {
    title: 'a good network with outages',
    path: GOOD,
    seeds: [11, 12],
    graceMs: 2_500,
    outagesMs: [
      [4_000, 6_700],
      [8_000, 10_700],
      [15_000, Number.POSITIVE_INFINITY],
    ],
  },
  /*
   * Where a control command that is sent again goes among data is a difference between versions (enet-protocol 11.1):
   * libenet 1.3.17 has one queue, 1.3.18 and we have two. So the one that each side sends a second after connecting
   * gets through before this network turns bad.
   */
  { title: 'the worst network', path: WORST, seeds: [9, 22, 23], graceMs: 2_500 },
];

const { isMissing, note } = peer('libenet');

describe.skipIf(isMissing)(`lockstep${note}`, () => {
  describe.each(ROWS)('$title', ({ seeds, host, title: _, ...row }) => {
    test.each(seeds)('seed %i: all pairings do the same', async (seed) => {
      const plan: LockstepPlan = { ...DEFAULTS, ...row, seed };
      const options = { ...HOST_DEFAULTS, ...host };
      const reference = await play(plan, options, LockstepC, LockstepC);
      expect(reference.client.filter((line) => line.includes(' receive ')).length).toBeGreaterThan(30);
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

const HOST_DEFAULTS: LockstepOptions = {
  connectId: 0x11223344,
  hasRangeCoder: false,
  incomingBandwidth: 0,
  outgoingBandwidth: 0,
};

const DEFAULTS = {
  rate: 50,
  maxSize: 4_000,
  sendingMs: 12_000,
  graceMs: 0,
  outagesMs: [],
  startMs: 1_000_000,
};

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
