import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  DecodeError,
  decodeVariant,
  encodedSize,
  Float,
  VariantType,
  varToBytes,
} from '../../../codec/index.ts';
import { bytes, hex } from '../../support/hex.ts';

interface Intact {
  readonly name: string;
  readonly type: string;
  readonly hex: string;
}
interface Damaged {
  readonly hex: string;
  readonly ok: boolean;
  readonly size?: number;
  readonly again?: string;
}

const values = load<Intact>('values');
const random = load<Intact>('random');
// 4.6-dev wrote them; where 4.6 stable judges otherwise, it counts.
const stable: readonly (Damaged & { readonly index: number })[] = JSON.parse(
  readFileSync(new URL('../../../golden/variant/values-4.6-stable.json', import.meta.url), 'utf8'),
).damaged;
const damaged = load<Damaged>('damaged').map(
  (golden, index) => stable.find((newer) => newer.index === index) ?? golden,
);

describe('what an engine wrote', () => {
  test('the files are whole', () => {
    expect([values.length, random.length, damaged.length]).toEqual([200, 500, 1000]);
  });

  test.each([...values, ...random])('exact view of $name ($type) gives the same bytes', (golden) => {
    const data = bytes(golden.hex);
    const value = bytesToVar(data, { exact: true });
    expect(hex(varToBytes(value))).toBe(golden.hex);
    expect(hex(varToBytes(value, { exact: true }))).toBe(golden.hex);
    expect(encodedSize(value)).toBe(data.length);
    expect(decodeVariant(data).size).toBe(data.length);
  });

  test('convenient view: only whole floats and NaN bits change, as section 6 says', () => {
    let changed = 0;
    for (const golden of [...values, ...random]) {
      const data = bytes(golden.hex);
      const again = hex(varToBytes(bytesToVar(data)));
      if (again === golden.hex) continue;
      changed += 1;
      // The normal form: what the exact value gives when its whole floats outside of keys and float containers are ints.
      expect(hex(varToBytes(normalised(bytesToVar(data, { exact: true }))))).toBe(again);
    }
    expect(changed).toBeGreaterThan(0);
  });

  test('every prefix of a small value is refused, or is an unpadded byte array', () => {
    for (const golden of values) {
      const data = bytes(golden.hex);
      if (data.length > 400) continue;
      for (let length = 0; length < data.length; length++) {
        let prefix: ReturnType<typeof decodeVariant>;
        try {
          prefix = decodeVariant(data.subarray(0, length), { exact: true });
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          continue;
        }
        // Section 3.3: the padding of a byte array at the very end may be missing, and is counted.
        expect(data.length - length).toBeLessThan(4);
        expect(prefix.size).toBe(data.length);
        expect(hex(varToBytes(prefix.value))).toBe(golden.hex);
      }
    }
  });

  test('trailing bytes are ignored', () => {
    for (const golden of values) {
      const data = bytes(`${golden.hex}ffffffff00`);
      expect(decodeVariant(data, { exact: true }).size).toBe(data.length - 5);
    }
  });
});

describe('damaged encodings', () => {
  test.each(damaged.map((golden, index) => ({ ...golden, name: `${index} ${golden.hex.slice(0, 24)}` })))(
    '$name',
    (golden) => {
      const data = bytes(golden.hex);
      if (!golden.ok) {
        expect(() => bytesToVar(data)).toThrow(DecodeError);
        expect(() => bytesToVar(data, { exact: true })).toThrow(DecodeError);
        return;
      }
      expect(decodeVariant(data).size).toBe(golden.size);
      const decoded = decodeVariant(data, { exact: true });
      expect(decoded.size).toBe(golden.size);
      const again = hex(varToBytes(decoded.value, { exact: true }));
      // Section 12.3: the engine gives an id of its own to what it decoded from an id.
      if (data[0] === VariantType.OBJECT) expect(again.slice(0, 8)).toBe(golden.again?.slice(0, 8));
      else expect(again).toBe(golden.again);
    },
  );
});

/** Whole floats as ints, where the convenient view makes numbers of them; written without the decoder's help. */
function normalised(value: unknown): never {
  return walk(value) as never;

  function walk(part: unknown): unknown {
    if (part instanceof Float) return Number.isNaN(part.value) ? Number.NaN : part.value;
    if (part instanceof Map) {
      const isFloat = 'valueType' in part && String(part.valueType) === 'float';
      for (const [key, inner] of part) part.set(key, isFloat ? inner : walk(inner));
      return part;
    }
    if (Array.isArray(part)) {
      if ('elementType' in part && String(part.elementType) === 'float') return part;
      for (let index = 0; index < part.length; index++) part[index] = walk(part[index]);
    }
    return part;
  }
}

function load<T>(name: string): readonly T[] {
  const file = new URL(`../../../golden/variant/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly T[] }).cases;
}
