/** The soak in small; `npm run test:soak` runs 1,000 clients 20 times, in virtual time and over UDP in both modes. */
import { expect, test } from 'vitest';
import { growthOf } from '../soak/growth.ts';
import { type SoakRound, soak } from '../soak/soak.ts';
import { createVirtualGround } from '../soak/virtual.ts';

test('clients join within the connection limits, log in, chat and leave: no peer, timer or listener is left', async () => {
  const errors: unknown[] = [];
  const ground = createVirtualGround(400, errors);
  const rounds = await soak(ground, 3);
  expect(errors).toEqual([]);
  // At most the server's timer, which is there while it has somebody to look after.
  expect(rounds).toHaveLength(3);
  for (const { resources } of rounds) expect(resources).toBeLessThanOrEqual(1);
  expect(rounds.map(({ listeners }) => listeners)).toEqual([0, 0, 0]);
  expect(ground.server.getPeers()).toEqual([]);
  const { connections, disconnections, authentications, refusals } = ground.server.ops.metrics();
  expect([connections, authentications]).toEqual([1200, 1200]);
  expect(disconnections).toBe(connections);
  // More came at once than the limits allow, and came in later.
  expect(refusals.get('CONNECT_RATE')).toBeGreaterThan(0);
  await ground.server[Symbol.asyncDispose]();
  expect(await ground.resources()).toBe(0);
}, 60_000);

test('the judgement of a soak: what the table of addresses may take is no leak, a little more is', () => {
  const rounds = (heapPerRound: number, threadPerRound: number): SoakRound[] =>
    Array.from({ length: 20 }, (_, index) => ({
      heapBytes: 12e6 + index * heapPerRound,
      threadHeapBytes: 7e6 + index * threadPerRound,
      rssBytes: 2e8,
      resources: 1,
      listeners: 0,
    }));
  expect(growthOf(rounds(300_000, 0), 1000)).toBeUndefined();
  expect(growthOf(rounds(0, 300_000), 1000)).toBeUndefined();
  // What one Promise, timer or closure for each connection would add to the addresses.
  expect(growthOf(rounds(700_000, 0), 1000)).toMatch(/^the heap grew by/);
  expect(growthOf(rounds(0, 700_000), 1000)).toMatch(/^the heap of the thread grew by/);
  const last = { ...(rounds(0, 0)[0] as SoakRound), resources: 2 };
  expect(growthOf([...rounds(0, 0), last], 1000)).toBe('resources 1 became 2');
});
