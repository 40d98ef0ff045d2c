/** Whatever a client calls: nothing throws, memory stays bounded, and others play on as if it were not there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NETWORK_TIME_DEFAULTS } from '../../src/multiplayer.ts';
import { fcParameters } from '../support/fc.ts';
import { exactVariant } from '../support/variantArbitrary.ts';
import { Shooters } from './shooters.ts';

const odd = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53), 2n ** 63n - 1n, -(2n ** 63n)),
  fc.integer({ min: 0, max: 5000 }),
);
const ticks = fc.array(fc.oneof(fc.double(), fc.integer({ min: -1, max: 30 })), { maxLength: 20 });
const call = fc.oneof(
  fc.tuple(fc.constant('ask_time' as const), odd, odd, odd),
  fc.tuple(
    fc.constant('take_inputs' as const),
    odd,
    ticks.map((list) => Float64Array.from(list)),
    fc.array(exactVariant, { maxLength: 20 }),
  ),
);

test('calls of all kinds', { timeout: 120_000 }, () => {
  const arena = new Shooters({ tickHz: 20, time: { readInput: (value) => Number(value !== null) } });
  const [liar] = [arena.join(), arena.join()];
  arena.run(1000);
  const node = liar.side.mirror.getNode('/root/NetworkTime');
  liar.helper.isOn = false;
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 5 }), (calls) => {
      for (const [method, ...args] of calls) node?.rpcId(1, method, ...args);
      const from = arena.inputs.length;
      arena.run(100);
      const fresh = arena.inputs.slice(from);
      expect(arena.game.server.errors).toEqual([]);
      const { tick, world } = { tick: arena.time.tick, world: arena.world };
      for (const input of fresh) {
        expect(input.tick).toBeGreaterThanOrEqual(-1);
        expect(input.tick).toBeLessThan(tick);
        const view = world.rewind(input.peer, input.tick);
        expect(view.tick).toBeGreaterThanOrEqual(world.oldestTick);
        expect(view.tick).toBeLessThanOrEqual(world.newestTick);
      }
      for (const peer of arena.game.server.multiplayer.getPeers())
        expect(arena.time.recentInputs(peer).length).toBeLessThanOrEqual(NETWORK_TIME_DEFAULTS.keptInputs);
      // Six frames of the honest one.
      const honest = fresh.filter(({ peer, missed }) => peer !== liarId(arena) && missed === 0);
      expect(honest.length).toBeGreaterThanOrEqual(4);
    }),
    fcParameters(300),
  );
  expect(Object.keys(arena.time.refusals()).length).toBeGreaterThan(3);
  arena.close();
});

/** The first who joined. */
function liarId(arena: Shooters): number {
  return arena.players[0]?.side.multiplayer.getUniqueId() ?? 0;
}
