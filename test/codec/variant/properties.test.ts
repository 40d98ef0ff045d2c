import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  DecodeError,
  decodeVariant,
  encodedSize,
  encodeVariantInto,
  varToBytes,
} from '../../../codec/index.ts';
import { decodeUtf8 } from '../../../codec/variant/utf8.ts';
import { type Plain, slowEncode, slowUtf8 } from '../../reference/slowVariant.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';

describe('values', () => {
  test('any value of any type comes back the same in the exact view', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const data = varToBytes(value);
        const decoded = decodeVariant(data, { exact: true });
        expect(decoded.size).toBe(data.length);
        expect(hex(varToBytes(decoded.value, { exact: true }))).toBe(hex(data));
        expect(decoded.value).toEqual(value);
      }),
      fcParameters(),
    );
  });

  test('double precision keeps every component', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const data = varToBytes(value, { real: 'double' });
        const again = varToBytes(bytesToVar(data, { exact: true }), { real: 'double' });
        expect(hex(again)).toBe(hex(data));
      }),
      fcParameters(),
    );
  });

  test('encodedSize and encodeVariantInto agree with varToBytes at any offset', () => {
    fc.assert(
      fc.property(exactVariant, fc.nat(9), (value, offset) => {
        const data = varToBytes(value);
        expect(encodedSize(value)).toBe(data.length);
        const target = new Uint8Array(offset + data.length + 1).fill(0xaa);
        expect(encodeVariantInto(value, target, offset)).toBe(data.length);
        expect(hex(target.subarray(offset, offset + data.length))).toBe(hex(data));
        expect(target[offset + data.length]).toBe(0xaa);
        expect(target.subarray(0, offset).every((byte) => byte === 0xaa)).toBe(true);
      }),
      fcParameters(),
    );
  });

  test('results are never written to again', () => {
    fc.assert(
      fc.property(fc.array(exactVariant, { minLength: 2, maxLength: 40 }), (values) => {
        const first = values.map((value) => varToBytes(value));
        const before = first.map(hex);
        for (const value of values) varToBytes([value, value]);
        expect(first.map(hex)).toEqual(before);
      }),
      fcParameters(40),
    );
  });

  test('decoded values share no memory with the input', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const data = varToBytes(value);
        const expected = hex(data);
        const decoded = bytesToVar(data, { exact: true });
        data.fill(0xff);
        expect(hex(varToBytes(decoded))).toBe(expected);
      }),
      fcParameters(60),
    );
  });
});

describe('bytes', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../../golden/variant/random.json', import.meta.url), 'utf8'),
  ) as { readonly cases: readonly { readonly hex: string }[] };
  const samples = golden.cases.map((entry) => bytes(entry.hex)).filter((data) => data.length < 600);

  test('any bytes decode or are refused with a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), fc.nat(38), (data, allowObjects, type) => {
        if (data.length > 3) data.set([type, 0, data[2] ?? 0, 0]);
        decodeOrRefuse(data, allowObjects);
      }),
      fcParameters(3000),
    );
  });

  test('damaged golden bytes decode or are refused, and what is understood stays the same', () => {
    const damage = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), damage, fc.boolean(), (sample, changes, allowObjects) => {
        const data = sample.slice();
        for (const [at, byte] of changes) data[at % data.length] = byte;
        decodeOrRefuse(data, allowObjects);
      }),
      fcParameters(2000),
    );
  });

  test('a prefix of a value is never taken for another value', () => {
    fc.assert(
      fc.property(exactVariant, fc.nat(), (value, cut) => {
        const data = varToBytes(value);
        const length = cut % data.length;
        try {
          const prefix = decodeVariant(data.subarray(0, length), { exact: true });
          // Only the padding of a byte array at the very end may be missing.
          expect(prefix.size).toBe(data.length);
          expect(hex(varToBytes(prefix.value))).toBe(hex(data));
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          expect(error.offset).toBeLessThanOrEqual(data.length);
        }
      }),
      fcParameters(400),
    );
  });

  function decodeOrRefuse(data: Uint8Array, allowObjects: boolean): void {
    for (const strictTypedContainers of [true, false]) {
      try {
        const value = bytesToVar(data, { exact: true, allowObjects, strictTypedContainers });
        const once = varToBytes(value, { fullObjects: allowObjects, strictTypedContainers: false });
        const twice = varToBytes(bytesToVar(once, { exact: true, allowObjects, strictTypedContainers }), {
          strictTypedContainers: false,
          fullObjects: allowObjects,
        });
        expect(hex(twice)).toBe(hex(once));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        expect(error.code).toMatch(/^ERR_VARIANT_/);
      }
    }
  }
});

describe('the slow twin', () => {
  const plain = fc.letrec<{ value: Plain }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double(),
      fc.float(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constantFrom(0, -0, 2147483647, -2147483648, 2147483648, -2147483649, 2 ** 53, Number.NaN),
      fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll('\0', '')),
      fc.string({ maxLength: 50 }),
      fc.constantFrom('\ud800', 'a\udc00b', '\ud83d\ude00', 'é'.repeat(40)),
      fc.array(tie('value'), { maxLength: 8 }),
      fc.dictionary(fc.string({ maxLength: 12 }), tie('value'), { maxKeys: 6 }),
    ),
  })).value;

  test('writes the same bytes', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(hex(varToBytes(value))).toBe(hex(Uint8Array.from(slowEncode(value))));
      }),
      fcParameters(500),
    );
  });

  test('reads the same text', () => {
    const lead = fc.constantFrom(
      0x61,
      0xc3,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0x80,
      0xbb,
      0xbf,
      0x9f,
      0xa0,
      0x90,
      0,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(lead, fc.nat(255)), { maxLength: 8 }), fc.nat(70), (data, tail) => {
        const all = [...data, ...new Array<number>(tail).fill(0x41)];
        expect(decodeUtf8(Uint8Array.from([7, ...all, 7]), 1, all.length)).toBe(slowUtf8(all));
      }),
      fcParameters(3000),
    );
  });
});
