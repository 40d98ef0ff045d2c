import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/testing/prng.ts';
import { VirtualClock } from '../../src/testing/virtualClock.ts';
import { fcParameters } from '../support/fc.ts';

describe('VirtualClock', () => {
  test('runs in the order of times, and of asking where times are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
        const clock = new VirtualClock();
        const ran: [number, number][] = [];
        for (const [index, at] of times.entries()) {
          clock.schedule(at, () => {
            expect(clock.time).toBe(at);
            ran.push([at, index]);
          });
        }
        clock.run(20);
        const expected = times.map((at, index): [number, number] => [at, index]);
        expect(ran).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
        expect(clock.time).toBe(20);
      }),
      fcParameters(),
    );
  });

  test('jumps from one callback to the next', () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const again = (): void => {
      times.push(clock.time);
      clock.schedule(clock.time + 1e9, again);
    };
    clock.schedule(0.5, again);
    clock.run(3e9);
    expect(times).toEqual([0.5, 1e9 + 0.5, 2e9 + 0.5]);
    expect(clock.time).toBe(3e9);
  });

  test('what was called off does not run', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const first = clock.schedule(1, () => {
      ran.push('first');
      second.cancel();
    });
    const second = clock.schedule(1, () => ran.push('second'));
    clock.run(10);
    first.cancel();
    expect(ran).toEqual(['first']);
  });

  test('a time that has passed means now', () => {
    const clock = new VirtualClock();
    clock.run(10);
    let at = -1;
    clock.schedule(3, () => {
      at = clock.time;
    });
    clock.run(10);
    expect(at).toBe(10);
    expect(() => clock.schedule(Number.NaN, () => {})).toThrow('"atMs" expected a number, got NaN');
  });

  test('stops as soon as the condition holds', () => {
    const clock = new VirtualClock();
    let count = 0;
    for (const at of [1, 2, 3]) {
      clock.schedule(at, () => {
        count += 1;
      });
    }
    expect(clock.run(10, () => count === 2)).toBe(true);
    expect(clock.time).toBe(2);
    expect(clock.run(10, () => count === 9)).toBe(false);
    expect(clock.time).toBe(10);
  });

  test('an error of a callback comes out, and the rest runs later', () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    clock.schedule(1, () => {
      throw new Error('broken');
    });
    clock.schedule(2, () => ran.push(2));
    expect(() => clock.run(10)).toThrow('broken');
    expect(clock.time).toBe(1);
    clock.run(10);
    expect(ran).toEqual([2]);
  });

  test('does not run inside itself', () => {
    const clock = new VirtualClock(() => 'seed 5');
    clock.schedule(1, () => clock.run(2));
    expect(() => clock.run(10)).toThrow('virtual time is already running (seed 5)');
    clock.run(10);
  });

  test('notices a loop without end', () => {
    const clock = new VirtualClock(() => 'seed 5');
    const again = (): void => {
      clock.schedule(clock.time, again);
    };
    again();
    expect(() => clock.run(1)).toThrow('virtual time stands still');
  });
});

describe('Prng', () => {
  test('a seed gives the same numbers on every machine', () => {
    const random = new Prng(7);
    expect(Array.from({ length: 4 }, () => random.next32())).toEqual([
      1004282400, 2200021487, 1928073449, 741806228,
    ]);
    expect(new Prng(7 + 2 ** 32).next32()).toBe(new Prng(7).next32());
  });

  test('labels and seeds give streams of their own', () => {
    const first = [
      Prng.labelled(1, 'a'),
      Prng.labelled(1, 'b'),
      Prng.labelled(2, 'a'),
      Prng.labelled(1, ''),
      new Prng(1),
    ].map((random) => random.next32());
    expect(new Set(first).size).toBe(5);
    expect(Prng.labelled(1, 'a').next32()).toBe(first[0]);
  });

  test('numbers are u32 and spread evenly', () => {
    const random = new Prng(3);
    const buckets = new Array<number>(16).fill(0);
    const bits = new Array<number>(32).fill(0);
    for (let index = 0; index < 16_000; index += 1) {
      const bucket = Math.floor(random.unit() * 16);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      const value = random.next32();
      expect(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff).toBe(true);
      for (let bit = 0; bit < 32; bit += 1) {
        bits[bit] = (bits[bit] ?? 0) + ((value >>> bit) & 1);
      }
    }
    expect(Math.min(...buckets)).toBeGreaterThan(850);
    expect(Math.max(...buckets)).toBeLessThan(1150);
    expect(Math.min(...bits)).toBeGreaterThan(7600);
    expect(Math.max(...bits)).toBeLessThan(8400);
  });
});
