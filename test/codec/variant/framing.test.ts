/** Encodings with their length in front: store_var, and put_var of streams (variant-codec 2.8). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DecodeError,
  frameToVar,
  VariantFrameReader,
  type VariantValue,
  varToBytes,
  varToFrame,
} from '../../../codec/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';

describe('one frame', () => {
  test('is the length, in the order of the stream, and the encoding', () => {
    expect(hex(varToFrame(5))).toBe('080000000200000005000000');
    expect(hex(varToFrame(5, { bigEndian: true }))).toBe('000000080200000005000000');
    expect(frameToVar(bytes('080000000200000005000000ff'))).toEqual({ value: 5, size: 12 });
    expect(frameToVar(bytes('ff000000080200000005000000'), 1, { bigEndian: true })).toEqual({
      value: 5,
      size: 12,
    });
  });

  test('that is not whole is no value yet, at every cut', () => {
    const frame = varToFrame({ a: [1, 'two'] });
    for (let end = 0; end < frame.length; end++) expect(frameToVar(frame.subarray(0, end))).toBeUndefined();
    expect(frameToVar(frame)?.size).toBe(frame.length);
  });

  test.each([
    ['longer than allowed, before it arrives', '00010000', { maxBytes: 255 }, 'ERR_VARIANT_BYTE_LIMIT'],
    ['empty', '00000000', {}, 'ERR_VARIANT_TRUNCATED'],
    ['shorter than its value', '0600000002000000050000000000', {}, 'ERR_VARIANT_TRUNCATED'],
  ])('%s is refused', (_name, text, options, code) => {
    expect(() => frameToVar(bytes(text), 0, options)).toThrow(DecodeError);
    expect(() => frameToVar(bytes(text), 0, options)).toThrow(code);
    expect(() => new VariantFrameReader(options).push(bytes(text))).toThrow(code);
  });

  test('bad arguments are named', () => {
    expect(() => frameToVar('x' as unknown as Uint8Array)).toThrow(/"bytes" expected a Uint8Array/);
    expect(() => frameToVar(bytes('00'), 2)).toThrow(RangeError);
    expect(() => varToFrame(1, { bigEndian: 1 as unknown as boolean })).toThrow(
      /"bigEndian" expected a boolean/,
    );
    expect(() => new VariantFrameReader({ maxBytes: -1 })).toThrow(RangeError);
  });
});

test('a stream cut anywhere gives the same values, and holds nothing at the end', () => {
  fc.assert(
    fc.property(
      fc.array(exactVariant, { maxLength: 6 }),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 30 }),
      fc.boolean(),
      (values, cuts, bigEndian) => {
        const stream = values.flatMap((value) => [...varToFrame(value, { bigEndian })]);
        const reader = new VariantFrameReader({ exact: true, bigEndian });
        const got: VariantValue[] = [];
        let at = 0;
        for (let i = 0; at < stream.length; i++) {
          const size = (cuts[i % cuts.length] as number) + (i % cuts.length === 0 ? 1 : 0);
          got.push(...reader.push(Uint8Array.from(stream.slice(at, at + size))));
          at += size;
        }
        expect(got.map((value) => hex(varToBytes(value)))).toEqual(
          values.map((value) => hex(varToBytes(value))),
        );
        expect(reader.heldBytes).toBe(0);
      },
    ),
    fcParameters(200),
  );
});

test('many small pieces of a large frame are joined once', () => {
  const frame = varToFrame(new Uint8Array(200_000));
  const reader = new VariantFrameReader();
  for (let at = 0; at < frame.length - 7; at += 7)
    expect(reader.push(frame.subarray(at, at + 7))).toEqual([]);
  expect(reader.push(frame.subarray(frame.length - (frame.length % 7 || 7)))).toHaveLength(1);
});
