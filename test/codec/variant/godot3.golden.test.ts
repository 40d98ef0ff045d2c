/** The dialect of Godot 3 against what Godot 3.2.3 wrote and said; live, test/interop/godot3 does the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesToVar, DecodeError, decodeVariant, encodedSize, varToBytes } from '../../../codec/index.ts';
import { asRead, withoutGarbage } from '../../interop/godot3/cases.ts';
import { bytes, hex } from '../../support/hex.ts';

interface Golden {
  readonly hex: string;
  readonly ok?: boolean;
  readonly again?: string;
}

const EXACT = { dialect: 'godot3', exact: true } as const;
const values = load('godot3-values');
const damaged = load('godot3-damaged');

test('the files are whole, and hold every type but OBJECT', () => {
  expect(values.length).toBeGreaterThanOrEqual(390);
  expect(damaged).toHaveLength(1000);
  expect(new Set(values.map((golden) => golden.hex.slice(0, 2))).size).toBe(26);
});

test.each(values.map((golden, index) => ({ name: `${index} ${golden.hex.slice(0, 32)}`, wire: golden.hex })))(
  'what the engine wrote: $name',
  ({ wire }) => {
    const data = bytes(wire);
    const value = bytesToVar(data, EXACT);
    expect(hex(varToBytes(value, EXACT))).toBe(wire);
    expect(encodedSize(value, EXACT)).toBe(data.length);
    expect(decodeVariant(bytes(`${wire}ffff`), { dialect: 'godot3' }).size).toBe(data.length);
  },
);

describe('damaged encodings: the same verdict, the same value', () => {
  test.each(damaged.map((golden, index) => ({ ...golden, name: `${index} ${golden.hex.slice(0, 24)}` })))(
    '$name',
    (golden) => {
      const data = bytes(golden.hex);
      if (golden.ok !== true) {
        expect(() => bytesToVar(data, EXACT)).toThrow(DecodeError);
        expect(() => bytesToVar(data, { dialect: 'godot3' })).toThrow(DecodeError);
        return;
      }
      const value = bytesToVar(data, EXACT);
      const again = varToBytes(value, EXACT);
      // Text that is no Unicode is replaced here, and kept by the engine.
      if (hex(again).includes('efbfbd') && !golden.hex.includes('efbfbd')) return;
      expect(hex(withoutGarbage(bytes(golden.again ?? ''), again, value))).toBe(asRead(again, value));
    },
  );
});

function load(name: string): readonly Golden[] {
  const file = new URL(`../../../golden/variant/${name}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Golden[] };
  return cases;
}
