/**
 * Over a bad network (150 ms +- 30 ms each way, 5 % loss) 64 players say what they see, and the server finds the world as they saw
 * it: with the helper exactly, without it to within what the round trip tells. Measured against what the clients had set.
 */
import { describe, expect, test } from 'vitest';
import { BAD_NETWORK, placeOf, Shooters } from './shooters.ts';

const SEED = Number(process.env['FC_SEED'] ?? 1);
const PLAYERS = 64;

/** The value that a part of all are not above. */
function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

describe.each([20, 60])(`${PLAYERS} players at %d Hz, seed ${SEED}`, { timeout: 300_000 }, (tickHz) => {
  test('with the helper: the very tick, and every target where the player saw it', () => {
    const arena = new Shooters({ tickHz, targets: PLAYERS, network: { ...BAD_NETWORK, seed: SEED } });
    for (let i = 0; i < PLAYERS; i++) arena.join((now) => now * (1 + (i - 32) * 1e-6) + i * 1000);
    arena.run(3000);
    const errors: number[] = [];
    let wrongPlaces = 0;
    const { targets } = arena;
    arena.onInput = ({ peer, sequence, tick, value }) => {
      // One that came late has nothing yet.
      if (value < 0) return;
      errors.push(Math.abs(tick - value));
      const target = sequence % PLAYERS;
      const node = targets[target];
      const place = node && arena.world.rewind(peer, tick).positionOf(node);
      if (place?.equals(placeOf(target, value) as never) !== true) wrongPlaces++;
    };
    arena.run(3000);
    arena.close();
    expect(errors.length).toBeGreaterThan(PLAYERS * 150);
    expect(percentile(errors, 0.99)).toBe(0);
    expect(wrongPlaces).toBe(0);
    expect(arena.time.refusals()).toEqual({});
    expect(arena.game.server.errors).toEqual([]);
    tell({
      tickHz,
      inputs: errors.length,
      p99: percentile(errors, 0.99),
      max: percentile(errors, 1),
      wrongPlaces,
    });
  });

  test('from the round trip alone: near it', () => {
    const arena = new Shooters({ tickHz, network: { ...BAD_NETWORK, seed: SEED }, hasHelper: false });
    for (let i = 0; i < PLAYERS; i++) arena.join();
    arena.run(5000);
    const errors: number[] = [];
    arena.onShot = (peer, seenTick) => errors.push(Math.abs(arena.time.estimateTick(peer) - seenTick));
    arena.run(3000);
    arena.close();
    expect(errors.length).toBeGreaterThan(PLAYERS * 150);
    expect(percentile(errors, 0.95) * (20 / tickHz)).toBeLessThanOrEqual(2);
    tell({ tickHz, shots: errors.length, p50: percentile(errors, 0.5), p95: percentile(errors, 0.95) });
  });
});

function tell(figures: object): void {
  if (process.env['NETCODE_FIGURES'] === '1') console.log(JSON.stringify(figures));
}
