/**
 * The native notation of all 700 golden values, both ways.
 *
 * Writing has no exceptions. Reading gives the engine's bytes again except where the notation itself loses something;
 * the rules of {@link lossesOf} say where, from the value alone, and a case reads back exactly when no rule speaks.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { fromNative } from '../../../codec/json/fromNative.ts';
import { parseJson } from '../../../codec/json/parse.ts';
import { stringifyJson } from '../../../codec/json/stringify.ts';
import { toNative } from '../../../codec/json/toNative.ts';
import { parseDecimal } from '../../../codec/lexical/decimalReader.ts';
import { floatToFullJson, floatToStr } from '../../../codec/lexical/floatText.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import { Float } from '../../../codec/values/Float.ts';
import { PackedNumbers } from '../../../codec/values/packed.ts';
import { RID } from '../../../codec/values/reference.ts';
import { TypedArray } from '../../../codec/values/TypedArray.ts';
import type { VariantValue } from '../../../codec/values/variantValue.ts';
import { Vector2i, Vector3i, Vector4i } from '../../../codec/values/vectorInt.ts';
import { bytesToVar } from '../../../codec/variant/decode.ts';
import { varToBytes } from '../../../codec/variant/encode.ts';
import { bytes, hex } from '../../support/hex.ts';

interface GoldenCase {
  readonly name: string;
  readonly hex: string;
  readonly native: string;
}

// What 4.6 stable says of the values that 4.6-dev wrote: they differ in infinities and NaN.
const cases: readonly GoldenCase[] = JSON.parse(
  readFileSync(new URL('../../../golden/variant/values-4.6-stable.json', import.meta.url), 'utf8'),
).cases;

/** Why a value does not come back from its notation. */
type Loss =
  | 'a FLOAT beyond the 15 digits of str(), a -0, the bits of a NaN'
  | 'a component that the decimal reader does not hit'
  | 'a PackedInt64Array element that a JSON number does not hold'
  | 'the id of a RID'
  | 'a container typed by a class';

const seen = new Map<Loss, number>();
let lossless = 0;

test('there are 700 cases', () => expect(cases).toHaveLength(700));

describe('from_native', () => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    for (const exact of [true, false]) {
      const value = bytesToVar(bytes(entry.hex), { exact });
      // In the plain view a whole FLOAT is a number like an INT; only the exact view can tell.
      if (!exact && hasWholeFloat(bytesToVar(bytes(entry.hex), { exact: true }))) continue;
      expect(stringifyJson(fromNative(value), '', false, true)).toBe(entry.native);
    }
  });
});

describe('to_native', () => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    const losses = lossesOf(bytesToVar(bytes(entry.hex), { exact: true }));
    for (const loss of losses) seen.set(loss, (seen.get(loss) ?? 0) + 1);
    const back = toNative(parseJson(entry.native, { exact: true }), false, { exact: true, onError });
    if (losses.size === 0) lossless++;
    if (losses.size === 0) expect(hex(varToBytes(back))).toBe(entry.hex);
    else expect(hex(varToBytes(back))).not.toBe(entry.hex);
    // The plain view reads the same values.
    const plain = toNative(parseJson(entry.native), false);
    if (losses.size === 0 && !hasWholeFloat(back)) expect(hex(varToBytes(plain))).toBe(entry.hex);
  });

  afterAll(() => {
    // Each rule is there because some golden case needs it, and most cases need none.
    expect([...seen.keys()].sort()).toEqual([
      'a FLOAT beyond the 15 digits of str(), a -0, the bits of a NaN',
      'a PackedInt64Array element that a JSON number does not hold',
      'a component that the decimal reader does not hit',
      'a container typed by a class',
      'the id of a RID',
    ]);
    expect(lossless).toBeGreaterThan(400);
  });
});

function onError(issue: { readonly path: string; readonly message: string }): void {
  throw new Error(`${issue.path}: ${issue.message}`);
}

function lossesOf(value: VariantValue): Set<Loss> {
  const losses = new Set<Loss>();
  collect(value, losses);
  return losses;
}

function collect(value: unknown, losses: Set<Loss>): void {
  if (value instanceof Float) {
    const isLost = Number.isFinite(value.value)
      ? !Object.is(parseDecimal(floatToStr(value.value)), value.value)
      : value.nanBits !== undefined;
    if (isLost) {
      losses.add('a FLOAT beyond the 15 digits of str(), a -0, the bits of a NaN');
    }
  } else if (value instanceof RID) {
    if (value.id !== 0n) losses.add('the id of a RID');
  } else if (value instanceof BigInt64Array) {
    for (const element of value) {
      // A reading of 2^63 or more saturates at the smallest integer.
      const read = parseDecimal(element.toString());
      if (read >= 2 ** 63 || BigInt(read) !== element) {
        losses.add('a PackedInt64Array element that a JSON number does not hold');
      }
    }
  } else if (value instanceof Float64Array) {
    for (const element of value) component(element, (read) => read, losses);
  } else if (value instanceof Float32Array) {
    for (const element of value) component(element, Math.fround, losses);
  } else if (value instanceof PackedNumbers) {
    for (const element of value.data) component(element, Math.fround, losses);
  } else if (Array.isArray(value)) {
    if (value instanceof TypedArray && value.elementType.className !== '')
      losses.add('a container typed by a class');
    for (const element of value) collect(element, losses);
  } else if (value instanceof Dictionary) {
    if ([value.keyType, value.valueType].some((type) => type !== undefined && type.className !== '')) {
      losses.add('a container typed by a class');
    }
    for (const [key, element] of value) {
      collect(key, losses);
      collect(element, losses);
    }
  } else if (isMath(value)) {
    for (const part of Object.values(value)) {
      if (typeof part === 'number') component(part, Math.fround, losses);
      else collect(part, losses);
    }
  }
}

function component(value: number, narrow: (read: number) => number, losses: Set<Loss>): void {
  // No golden value has a NaN component: it would read back as 0.
  if (narrow(parseDecimal(floatToFullJson(value))) !== value) {
    losses.add('a component that the decimal reader does not hit');
  }
}

/** Vectors, rectangles, transforms ...: values whose fields are reals or such values again. */
function isMath(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value)) return false;
  if (value instanceof Vector2i || value instanceof Vector3i || value instanceof Vector4i) return false;
  const first: unknown = Object.values(value)[0];
  return typeof first === 'number' || isMath(first);
}

function hasWholeFloat(value: unknown): boolean {
  if (value instanceof Float) return Number.isSafeInteger(value.value);
  if (Array.isArray(value)) return value.some(hasWholeFloat);
  if (value instanceof Dictionary) return [...value].some((pair) => pair.some(hasWholeFloat));
  return false;
}
