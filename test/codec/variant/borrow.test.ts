import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  DecodeError,
  type DecodeOptions,
  Dictionary,
  decodeVariant,
  ENetPacketUtils,
  encodeVariantInto,
  isBorrowed,
  PackedColorArray,
  PackedNumbers,
  type PackedValue,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
  VariantFrameReader,
  type VariantValue,
  varToBytes,
  varToFrame,
} from '../../../codec/index.ts';
import { type NumberArray, numbersAt, putNumbers } from '../../../codec/variant/packedMemory.ts';
import { SceneMirror } from '../../../schema/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { hex } from '../../support/hex.ts';

/** The type ids of packed arrays of numbers, and the bytes of one number in both widths. */
const TYPES: readonly (readonly [type: number, stride: number, width: number, flagged: number])[] = [
  [29, 1, 1, 1],
  [30, 1, 4, 4],
  [31, 1, 8, 8],
  [32, 1, 4, 4],
  [33, 1, 8, 8],
  [35, 2, 4, 8],
  [36, 3, 4, 8],
  [37, 4, 4, 4],
  [38, 4, 4, 8],
];

/** A message with one packed array of any bits, not-a-numbers included, at any alignment in memory. */
const message = fc
  .record({
    type: fc.constantFrom(...TYPES),
    isFlagged: fc.boolean(),
    count: fc.oneof(fc.nat(5), fc.nat(60)),
    bits: fc.uint8Array({ minLength: 2000, maxLength: 2000 }),
    shift: fc.nat(15),
    trailing: fc.nat(70),
  })
  .map(({ type: [type, stride, width, flagged], isFlagged, count, bits, shift, trailing }) => {
    const size = count * stride * (isFlagged ? flagged : width);
    const memory = new Uint8Array(shift + 8 + size + 3 + trailing);
    const bytes = memory.subarray(shift);
    bytes.set([type, 0, isFlagged ? 1 : 0, 0, count, 0, 0, 0]);
    bytes.set(bits.subarray(0, size), 8);
    return { bytes, width: isFlagged ? flagged : width };
  });

describe('borrowed and copied', () => {
  test('any packed array at any alignment: a view is the copy, and only what is aligned is a view', () => {
    fc.assert(
      fc.property(message, ({ bytes, width }) => {
        const copied = bytesToVar(bytes) as PackedValue;
        const general = decodeVariant(bytes).value as PackedValue;
        const borrowed = bytesToVar(bytes, { borrow: true }) as PackedValue;
        const nested = bytesToVar(inArray(bytes), { borrow: true }) as PackedValue[];
        expect(memoryOf(borrowed)).toBe(memoryOf(copied));
        expect(memoryOf(general)).toBe(memoryOf(copied));
        expect(memoryOf(nested[0] as PackedValue)).toBe(memoryOf(copied));
        expect(borrowed.constructor).toBe(copied.constructor);
        expect(isBorrowed(copied, bytes)).toBe(false);
        expect(isBorrowed(general, bytes)).toBe(false);
        expect(isBorrowed(borrowed, bytes)).toBe(bytes.length > 64 && (bytes.byteOffset + 8) % width === 0);
      }),
      fcParameters(1000),
    );
  });

  test('a copy keeps its numbers when the bytes are written to; a view has the new ones', () => {
    const bytes = varToBytes(Float32Array.from({ length: 40 }, (_, i) => i));
    const copied = bytesToVar(bytes) as Float32Array;
    const borrowed = bytesToVar(bytes, { borrow: true }) as Float32Array;
    bytes.fill(0, 8);
    expect([copied[39], borrowed[39]]).toEqual([39, 0]);
    borrowed[0] = 1;
    expect(hex(bytes.subarray(8, 12))).toBe('0000803f');
  });

  test('numbers of another byte order are turned, and never borrowed', () => {
    fc.assert(
      fc.property(message, fc.boolean(), ({ bytes, width }, borrows) => {
        const Numbers = { 1: Uint8Array, 4: Int32Array, 8: BigInt64Array }[width] as never;
        const count = Math.floor((bytes.length - 8) / width);
        const turned = numbersAt<NumberArray>(bytes, 8, count, Numbers, borrows, false);
        expect(turned.buffer).not.toBe(bytes.buffer);
        const expected: number[] = [];
        for (let at = 0; at < count * width; at += width)
          expected.push(...Array.from(bytes.slice(8 + at, 8 + at + width)).reverse());
        expect(bytesIn(turned)).toEqual(expected);
        const back = new Uint8Array(count * width);
        putNumbers(back, 0, turned, false);
        expect(hex(back)).toBe(hex(bytes.slice(8, 8 + count * width)));
      }),
      fcParameters(300),
    );
  });

  test('hostile counts are refused alike, before they cost anything', () => {
    fc.assert(
      fc.property(message, fc.integer(), ({ bytes }, count) => {
        const data = bytes.slice();
        new DataView(data.buffer).setInt32(4, count, true);
        const outcomes = [
          outcome(() => bytesToVar(data)),
          outcome(() => decodeVariant(data).value),
          outcome(() => bytesToVar(data, { borrow: true })),
        ];
        expect(outcomes[1]).toBe(outcomes[0]);
        expect(outcomes[2]).toBe(outcomes[0]);
      }),
      fcParameters(1000),
    );
    const data = varToBytes(new Float64Array(20));
    new DataView(data.buffer).setInt32(4, 0x7fffffff, true);
    expect(() => bytesToVar(data)).toThrow('ERR_VARIANT_COUNT');
    expect(() => bytesToVar(varToBytes(new Float64Array(20)), { maxBytes: 100 })).toThrow('BYTE_LIMIT');
    expect(() =>
      bytesToVar(varToBytes(new PackedVector4Array(new Float32Array(40))), { dialect: '4.2' }),
    ).toThrow(DecodeError);
  });

  test('keys are copied: they must not change', () => {
    const key = new Int32Array(40).fill(7);
    const bytes = varToBytes(new Dictionary<unknown, unknown>([[key, key]]));
    const borrowed = bytesToVar(bytes, { borrow: true }) as Dictionary<Int32Array, Int32Array>;
    const [pair] = borrowed;
    expect(pair?.map((array) => isBorrowed(array, bytes))).toEqual([false, true]);
  });

  test('packets, streams and what a mirror keeps are never views', () => {
    const array = new Uint8Array(100).fill(1);
    const options: DecodeOptions = { borrow: true };
    const packet = ENetPacketUtils.encodeAuto([array]);
    const [fromPacket] = ENetPacketUtils.decodeAuto(packet, options) as Uint8Array[];
    expect(isBorrowed(fromPacket as Uint8Array, packet)).toBe(false);

    const [piece, rest] = [varToFrame(array), varToFrame(array)];
    const values = new VariantFrameReader(options).push(Uint8Array.from([...piece, ...rest]));
    const [first, second] = values as [Uint8Array, Uint8Array];
    expect(first.buffer).not.toBe(second.buffer);

    const bytes = varToBytes(array);
    const node = new SceneMirror().root.addChild({ name: 'A', class: 'Node' });
    node.setMeta('view', bytesToVar(bytes, options));
    bytes.fill(9);
    expect((node.getMeta('view') as Uint8Array)[0]).toBe(1);
  });
});

test('arrays larger than what a copy goes by way of', () => {
  const numbers = Float64Array.from({ length: 10_000 }, (_, index) => index / 3);
  const shifted = new Uint8Array(8 + numbers.byteLength + 3).subarray(3);
  encodeVariantInto(numbers, shifted, 0);
  expect(memoryOf(bytesToVar(shifted) as PackedValue)).toBe(memoryOf(numbers));
});

describe('packed arrays written at once', () => {
  test('are what they are inside of an Array, at any offset, whole or not at all', () => {
    fc.assert(
      fc.property(message, fc.nat(9), fc.constantFrom('single', 'double'), ({ bytes }, offset, real) => {
        const value = bytesToVar(bytes) as PackedValue;
        const expected = varToBytes([value], { real }).subarray(8);
        expect(hex(varToBytes(value, { real }))).toBe(hex(expected));
        const target = new Uint8Array(offset + expected.length + 1).fill(0xaa);
        expect(encodeVariantInto(value, target, offset, { real })).toBe(expected.length);
        expect(hex(target)).toBe(`${'aa'.repeat(offset)}${hex(expected)}aa`);
        const short = new Uint8Array(offset + expected.length - 1).fill(0xaa);
        expect(() => encodeVariantInto(value, short, offset, { real })).toThrow(RangeError);
        expect(short.every((byte) => byte === 0xaa)).toBe(true);
      }),
      fcParameters(600),
    );
  });

  test('may lie in the target themselves', () => {
    const target = new Uint8Array(400);
    const numbers = new Float32Array(target.buffer, 4, 50);
    for (let index = 0; index < 50; index++) numbers[index] = index;
    const expected = hex(varToBytes(numbers.slice()));
    encodeVariantInto(numbers, target, 0);
    expect(hex(target.subarray(0, 208))).toBe(expected);
  });

  test('are bounded by maxBytes', () => {
    const limit = { maxBytes: 100 };
    expect(() => varToBytes(new Float32Array(24), limit)).toThrow('ERR_ENCODE_BYTE_LIMIT');
    expect(() => encodeVariantInto(new Float32Array(24), new Uint8Array(200), 0, limit)).toThrow(
      'ERR_ENCODE_BYTE_LIMIT',
    );
    expect(varToBytes(new Float32Array(23), limit).length).toBe(100);
  });

  test('of every class', () => {
    const classes = [PackedVector2Array, PackedVector3Array, PackedVector4Array, PackedColorArray];
    for (const Packed of classes) {
      const value = new Packed(new Float64Array(48).fill(0.1));
      expect(hex(varToBytes(value))).toBe(hex(varToBytes([value]).subarray(8)));
      expect(hex(varToBytes(value, { real: 'double' }))).toBe(
        hex(varToBytes([value], { real: 'double' }).subarray(8)),
      );
    }
  });
});

test('options are looked at again when their values have changed', () => {
  const options: { exact?: boolean; maxBytes?: number } = {};
  expect(bytesToVar(varToBytes(1), options)).toBe(1);
  options.exact = true;
  expect(bytesToVar(varToBytes(1), options)).toBe(1n);
  options.maxBytes = -1;
  expect(() => bytesToVar(varToBytes(1), options)).toThrow(RangeError);
  expect(() => bytesToVar(varToBytes(1), options)).toThrow(RangeError);
});

function inArray(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([28, 0, 0, 0, 1, 0, 0, 0, ...bytes]);
}

function numbersIn(value: PackedValue): NumberArray {
  return (value instanceof PackedNumbers ? value.data : value) as NumberArray;
}

function bytesIn(numbers: NumberArray): number[] {
  return Array.from(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}

function memoryOf(value: PackedValue): string {
  return bytesIn(numbersIn(value)).join();
}

function outcome(decode: () => VariantValue): string {
  try {
    return memoryOf(decode() as PackedValue);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
}
