/** The soak in small; `npm run test:soak` runs 1,000 clients 20 times, and 200 over UDP. */
import { expect, test } from 'vitest';
import { soak } from '../soak/soak.ts';
import { createVirtualGround } from '../soak/virtual.ts';

test('clients join within the connection limits, log in, chat and leave: no peer, timer or listener is left', async () => {
  const errors: unknown[] = [];
  const ground = createVirtualGround(400, errors);
  const rounds = await soak(ground, 3);
  expect(errors).toEqual([]);
  // The server's poll timer, and nothing else.
  expect(rounds.map(({ resources }) => resources)).toEqual([1, 1, 1]);
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
