/** The promises of the protocol hold on every path. FC_RUNS and FC_SEED set how many runs and which. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import { crc32, PacketFlag } from '../../src/enet.ts';
import { fcParameters } from '../support/fc.ts';
import { CHANNELS, HEADER, type Plan, runPlan } from './traffic.ts';

const flags = fc.constantFrom(
  PacketFlag.NONE,
  PacketFlag.RELIABLE,
  PacketFlag.UNSEQUENCED,
  PacketFlag.UNRELIABLE_FRAGMENT,
  PacketFlag.UNSEQUENCED | PacketFlag.UNRELIABLE_FRAGMENT,
);
const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: HEADER, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 540, max: 1400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1401, max: 20_000 }) },
);
const packet = (clients: number) =>
  fc.record({
    atMs: fc.integer({ min: 0, max: 3000 }),
    client: fc.integer({ min: 0, max: clients - 1 }),
    isUpward: fc.boolean(),
    channel: fc.integer({ min: 0, max: CHANNELS - 1 }),
    flags,
    length,
  });
const plan: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 3 }).chain((clients) =>
  fc.record({
    seed: fc.integer({ min: 0, max: 0x7fffffff }),
    clients: fc.constant(clients),
    clockOffsetMs: fc.constantFrom(1000, 0x7fffff00, 0xffff_f000, 0xffff_ff38, 65_000),
    conditions: fc.record({
      latencyMs: fc.integer({ min: 0, max: 120 }),
      jitterMs: fc.integer({ min: 0, max: 60 }),
      loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
      duplicate: fc.double({ min: 0, max: 0.3, noNaN: true }),
      reorder: fc.double({ min: 0, max: 0.3, noNaN: true }),
      reorderMs: fc.integer({ min: 0, max: 200 }),
    }),
    host: fc.record({
      mtuBytes: fc.constantFrom(576, 1392, 4096),
      checksum: fc.constantFrom(undefined, crc32),
      compressor: fc.constantFrom(undefined, undefined, createRangeCoder()),
    }),
    packets: fc.array(packet(clients), { minLength: 1, maxLength: 120 }),
  }),
);

describe('traffic over bad paths', () => {
  test('reliable exactly once in order, sequenced in order, unsequenced once, all intact, all slots free again', () => {
    fc.assert(
      fc.property(plan, (p) => {
        expect(runPlan(p).delivered).toBeGreaterThan(0);
      }),
      fcParameters(2000),
    );
  }, 600_000);

  test('a run replays exactly from its seed', () => {
    const { numRuns, ...seed } = fcParameters(2000);
    fc.assert(
      fc.property(plan, (p) => {
        expect(runPlan(p)).toEqual(runPlan(p));
      }),
      { numRuns: Math.ceil(numRuns / 20), ...seed },
    );
  }, 600_000);
});
