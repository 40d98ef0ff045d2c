import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RingReader, RingWriter } from '../../src/thread/ring.ts';
import { fcParameters } from '../support/fc.ts';

const CAPACITY = 1024;

function createRing(start: number = 0): { writer: RingWriter; reader: RingReader } {
  const control = new Int32Array(new SharedArrayBuffer(8));
  control.fill(start);
  const memory = new SharedArrayBuffer(CAPACITY);
  return { writer: new RingWriter(memory, control, 0, 1), reader: new RingReader(memory, control, 0, 1) };
}

function write(writer: RingWriter, length: number, fill: number): boolean {
  const at = writer.begin(length);
  if (at < 0) return false;
  writer.bytes.fill(fill, at, at + length);
  writer.end();
  return true;
}

describe('the ring', () => {
  test('records come out as they went in, across the end of the memory and of the counters', () => {
    const step = fc.record({ length: fc.nat(300), reads: fc.nat(3), isPublished: fc.boolean() });
    // The first start lets the positions wrap at 2^32 (as signed words: through -1 to 0).
    const start = fc.constantFrom(-512, 0, 2 ** 31 - 512);
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 200 }), (position, steps) => {
        const { writer, reader } = createRing(position & ~3);
        const lengths: number[] = [];
        let written = 0;
        let read = 0;
        const take = (): boolean => {
          const at = reader.next();
          if (at < 0) return false;
          const length = lengths[read];
          expect(reader.words[(at >> 2) - 1]).toBe(length);
          expect(reader.bytes.subarray(at, at + (length ?? 0)).every((byte) => byte === (read & 0xff))).toBe(
            true,
          );
          read++;
          return true;
        };
        for (const { length, reads, isPublished } of steps) {
          if (write(writer, length, written & 0xff)) {
            lengths.push(length);
            written++;
          }
          if (isPublished) writer.publish();
          for (let i = 0; i < reads; i++) take();
          reader.release();
        }
        writer.publish();
        while (take());
        expect(read).toBe(written);
        reader.release();
        // Everything was given back.
        expect(writer.begin(CAPACITY / 2 - 8)).toBeGreaterThanOrEqual(0);
      }),
      fcParameters(),
    );
  });

  test('nothing is seen before it is published, and nothing overwritten before it is released', () => {
    const { writer, reader } = createRing();
    write(writer, 100, 1);
    expect(reader.next()).toBe(-1);
    expect(writer.publish()).toBe(true);
    expect(writer.publish()).toBe(false);
    expect(reader.next()).toBeGreaterThan(0);
    while (write(writer, 100, 2));
    writer.publish();
    expect(writer.begin(100)).toBe(-1);
    reader.release();
    expect(writer.begin(100)).toBeGreaterThan(0);
  });

  test('a record of half the memory fits into an empty ring wherever that stands', () => {
    for (let start = 0; start < CAPACITY; start += 4) {
      const { writer } = createRing(start);
      expect(writer.begin(CAPACITY / 2 - 4)).toBeGreaterThan(0);
    }
  });

  test('isRead compares positions that wrap', () => {
    expect(RingWriter.isRead(0xffff_fff0, 4)).toBe(true);
    expect(RingWriter.isRead(4, 0xffff_fff0)).toBe(false);
    expect(RingWriter.isRead(8, 8)).toBe(true);
  });
});
