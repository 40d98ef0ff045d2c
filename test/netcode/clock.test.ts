/** The estimate of a peer's clock from exchanges over bad networks: jitter, loss, another way, jumps, drift. Seeded. */
import { describe, expect, test } from 'vitest';
import { PeerClock } from '../../src/netcode/clockEstimate.ts';
import { MonotonicClock } from '../../src/netcode/monotonicClock.ts';
import { TickTimes } from '../../src/netcode/tickTimes.ts';
import { Prng } from '../../src/testing/prng.ts';

const SEED = Number(process.env['FC_SEED'] ?? 1);

/** Exchanges each quarter of a second with a client whose clock is `clientMs` of the server's. */
class Exchanges {
  readonly clock = new PeerClock();
  readonly #random = Prng.labelled(SEED, 'exchanges');
  #now = 0;
  latencyMs = 150;
  jitterMs = 30;
  clientMs: (serverMs: number) => number = (serverMs) => serverMs;

  run(seconds: number): void {
    for (const end = this.#now + seconds * 1000; this.#now < end; this.#now += 250) {
      // A lost exchange is none.
      if (this.#random.unit() < 0.1) continue;
      const [down, up] = [this.#way(), this.#way()];
      // The server's answer is polled in ticks of 50 ms.
      const wait = this.#random.unit() * 50;
      const arrives = Math.round(this.#now + down + up + wait);
      this.clock.add(arrives, Math.round(this.clientMs(this.#now + down)), arrives - this.#now);
    }
  }

  get offsetError(): number {
    const offset = this.clock.estimate?.offsetMs ?? Number.NaN;
    return Math.abs(offset - (this.clientMs(this.#now) - this.#now));
  }

  #way(): number {
    return this.latencyMs + (2 * this.#random.unit() - 1) * this.jitterMs;
  }
}

describe(`seed ${SEED}`, () => {
  test('offset and round trip, with jitter, loss and ticks', () => {
    const exchanges = new Exchanges();
    exchanges.clientMs = (serverMs) => serverMs + 1e9;
    expect(exchanges.clock.estimate).toBeUndefined();
    exchanges.run(10);
    expect(exchanges.offsetError).toBeLessThan(30);
    const { estimate } = exchanges.clock;
    expect(estimate?.roundTripMs).toBeGreaterThan(280);
    expect(estimate?.roundTripMs).toBeLessThan(370);
    expect(estimate?.minRoundTripMs).toBeLessThan(estimate?.roundTripMs ?? 0);
    expect(estimate?.driftPpm).toBeUndefined();
  });

  test.each([-300, 0, 50, 300])('a drift of %d millionths, and the offset that goes with it', (ppm) => {
    const exchanges = new Exchanges();
    exchanges.clientMs = (serverMs) => serverMs * (1 + ppm / 1e6);
    exchanges.run(240);
    expect(Math.abs((exchanges.clock.estimate?.driftPpm ?? Number.NaN) - ppm)).toBeLessThan(40);
    expect(exchanges.offsetError).toBeLessThan(30);
  });

  test('another way: the round trip follows, the offset stays', () => {
    const exchanges = new Exchanges();
    exchanges.run(20);
    exchanges.latencyMs = 40;
    exchanges.run(5);
    expect(exchanges.clock.roundTripMs).toBeLessThan(150);
    expect(exchanges.offsetError).toBeLessThan(30);
    exchanges.latencyMs = 300;
    exchanges.run(5);
    expect(exchanges.clock.roundTripMs).toBeGreaterThan(550);
    expect(exchanges.offsetError).toBeLessThan(30);
  });

  test.each([-3_600_000, -2000, 500, 3_600_000])(
    'a clock that jumps by %d ms is followed at once',
    (jump) => {
      const exchanges = new Exchanges();
      exchanges.run(60);
      const before = exchanges.clientMs;
      exchanges.clientMs = (serverMs) => before(serverMs) + jump;
      exchanges.run(2);
      expect(exchanges.offsetError).toBeLessThan(60);
      // Minutes of the old clock say nothing about the new one.
      expect(exchanges.clock.estimate?.driftPpm).toBeUndefined();
      exchanges.run(200);
      expect(Math.abs(exchanges.clock.estimate?.driftPpm ?? Number.NaN)).toBeLessThan(40);
    },
  );
});

test('one sample that cannot be true changes nothing', () => {
  const clock = new PeerClock();
  for (let i = 0; i < 10; i++) clock.add(i * 250, i * 250 + 7000, 20);
  const before = clock.estimate;
  clock.add(2500, 99_999_999, 20);
  expect(clock.estimate).toEqual(before);
  clock.add(2750, 2750 + 7000, 20);
  clock.add(3000, 99_999_999, 20);
  expect(clock.estimate?.offsetMs).toBe(before?.offsetMs);
});

test('a clock that wraps goes on, and one that steps back stands still', () => {
  let now = 2 ** 32 - 100;
  const clock = new MonotonicClock(() => now);
  now = 50;
  expect(clock.now()).toBe(150);
  now = 40;
  expect(clock.now()).toBe(150);
  now = 60;
  expect(clock.now()).toBe(170);
});

test('the tick that was told by a time', () => {
  const times = new TickTimes(4);
  expect([times.at(0), times.newestMs]).toEqual([-1, 0]);
  for (let tick = 0; tick < 10; tick++) times.add(tick, 1000 + tick * 50);
  expect(times.newestMs).toBe(1450);
  expect([1450, 1449, 1400, 1301, 1300].map((ms) => times.at(ms))).toEqual([9, 8, 8, 6, 6]);
  // Older ones are forgotten.
  expect(times.at(0)).toBe(6);
});
