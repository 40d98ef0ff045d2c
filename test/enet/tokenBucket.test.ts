import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket, TokenBuckets } from '../../src/enet/tokenBucket.ts';

describe('TokenBucket', () => {
  test('a burst, then the rate', () => {
    const bucket = new TokenBucket({ perSec: 10, burst: 3 }, 1000);
    expect([1, 2, 3, 4].map(() => bucket.take(1000, 1))).toEqual([true, true, true, false]);
    expect(bucket.take(1099, 1)).toBe(false);
    expect(bucket.take(1200, 1)).toBe(true);
  });

  test('what is refused costs nothing; more than the burst never passes', () => {
    const bucket = new TokenBucket({ perSec: 1, burst: 5 }, 0);
    expect(bucket.take(0, 6)).toBe(false);
    expect(bucket.take(0, 5)).toBe(true);
    expect(bucket.take(1_000_000, 6)).toBe(false);
  });

  test('0 per second is no limit', () => {
    const bucket = new TokenBucket({ perSec: 0, burst: 1 }, 0);
    expect(bucket.take(0, 1e9)).toBe(true);
    const buckets = new TokenBuckets({ perSec: 0, burst: 1 }, 10);
    expect(buckets.take('a', 0, 100)).toBe(true);
    expect(buckets.size).toBe(0);
  });

  test('the clock may wrap, and a clock that steps back gives nothing', () => {
    const bucket = new TokenBucket({ perSec: 1000, burst: 100 }, 0xffff_fff0);
    expect(bucket.take(0xffff_fff0, 100)).toBe(true);
    expect(bucket.take(0x10, 32)).toBe(true);
    expect(bucket.take(0x10, 1)).toBe(false);
    expect(bucket.take(0x08, 1)).toBe(false);
  });

  test('never more than burst + rate x time, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 20 })), {
          maxLength: 60,
        }),
        (perSec, burst, steps) => {
          const bucket = new TokenBucket({ perSec, burst }, 0);
          let [now, taken] = [0, 0];
          for (const [wait, cost] of steps) {
            now += wait;
            if (bucket.take(now, cost)) taken += cost;
          }
          expect(taken).toBeLessThanOrEqual(burst + (perSec * now) / 1000 + 1e-6);
        },
      ),
    );
  });
});

describe('TokenBuckets', () => {
  test('each key has its own bucket', () => {
    const buckets = new TokenBuckets({ perSec: 1, burst: 1 }, 10);
    expect(buckets.take('a', 0, 1)).toBe(true);
    expect(buckets.take('a', 0, 1)).toBe(false);
    expect(buckets.take('b', 0, 1)).toBe(true);
  });

  test('the memory is bounded, and the key used the longest ago goes first', () => {
    const buckets = new TokenBuckets({ perSec: 0.001, burst: 1 }, 100);
    for (let i = 0; i < 10_000; i++) buckets.take(`key ${i}`, 0, 1);
    expect(buckets.size).toBeLessThanOrEqual(100);
    expect(buckets.take('key 9999', 0, 1)).toBe(false);
    expect(buckets.take('key 0', 0, 1)).toBe(true);
  });

  test('full buckets are forgotten as new keys come', () => {
    const buckets = new TokenBuckets({ perSec: 10, burst: 1 }, 1000);
    for (let i = 0; i < 500; i++) buckets.take(`key ${i}`, 0, 1);
    for (let i = 0; i < 200; i++) buckets.take(`later ${i}`, 60_000, 1);
    expect(buckets.size).toBeLessThanOrEqual(200);
  });
});
