/**
 * `var_to_str` and `str_to_var` over the `text` column of all 700 golden values.
 *
 * Writing has no exceptions. Reading gives the engine's bytes again except where the text itself loses something;
 * {@link wear} says what, from the value alone, and a case reads back exactly when it has nothing to say.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import {
  bytesToVar,
  Dictionary,
  Float,
  strToVar,
  TypedArray,
  type VariantValue,
  varToBytes,
  varToStr,
} from '../../../codec/index.ts';
import { bytes, hex } from '../../support/hex.ts';
import { type TextLoss, wear } from '../../support/wornVariant.ts';

interface GoldenCase {
  readonly name: string;
  readonly hex: string;
  readonly text: string;
}

const cases: readonly GoldenCase[] = ['values', 'random'].flatMap(
  (file): GoldenCase[] =>
    JSON.parse(readFileSync(new URL(`../../../golden/variant/${file}.json`, import.meta.url), 'utf8')).cases,
);

const seen = new Map<TextLoss, string[]>();
let lossless = 0;

test('there are 700 cases', () => expect(cases).toHaveLength(700));

describe('var_to_str', () => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    expect(varToStr(engineValue(entry, true))).toBe(entry.text);
    // In the plain view a whole FLOAT is a number like an INT; only the exact view can tell.
    if (hasWholeFloat(engineValue(entry, true))) return;
    expect(varToStr(engineValue(entry, false))).toBe(entry.text);
  });
});

describe('str_to_var', () => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    const losses = new Set<TextLoss>();
    const worn = wear(engineValue(entry, true), losses);
    for (const loss of losses) seen.set(loss, [...(seen.get(loss) ?? []), entry.name]);
    if (losses.size === 0) lossless++;

    const onIssue = (issue: { readonly message: string }): void => {
      throw new Error(issue.message);
    };
    const back = strToVar(entry.text, { exact: true, onIssue });
    expect(hex(varToBytes(back)) === entry.hex).toBe(losses.size === 0);
    expect(hex(varToBytes(back))).toBe(hex(varToBytes(worn)));
    // The plain view reads the same values.
    if (!hasWholeFloat(back)) expect(hex(varToBytes(strToVar(entry.text)))).toBe(hex(varToBytes(worn)));
  });

  afterAll(() => {
    // Each loss is there because some golden case has it, and most cases have none.
    expect([...seen].map(([loss, names]) => `${names.length} ${loss}`).sort()).toEqual([
      '1 the sign of a zero',
      '12 a FLOAT that the decimal reader misses',
      '19 a component that the decimal reader misses',
      '27 a FLOAT that is an f32: its short text is another double',
      '3 the payload of a NaN',
      '49 the order of dictionary keys',
    ]);
    expect(lossless).toBeGreaterThan(600);
  });
});

/** The value as the engine held it. Classes of containers are in the text, and in bytes only with full objects. */
function engineValue(entry: GoldenCase, exact: boolean): VariantValue {
  if (entry.name === 'Array[Node] empty') return new TypedArray<VariantValue>('Node');
  if (entry.name === 'Dictionary[StringName, Node] empty') {
    return new Dictionary<VariantValue, VariantValue>(null, { keyType: 'StringName', valueType: 'Node' });
  }
  return bytesToVar(bytes(entry.hex), { exact });
}

function hasWholeFloat(value: unknown): boolean {
  if (value instanceof Float) return Number.isSafeInteger(value.value);
  if (Array.isArray(value)) return value.some(hasWholeFloat);
  if (value instanceof Dictionary) return [...value].some((pair) => pair.some(hasWholeFloat));
  return false;
}
