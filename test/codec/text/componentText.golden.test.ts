/** Grisu2 over every real component in the golden values: the texts of var_to_str hold thousands of them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { floatToVarText } from '../../../codec/lexical/floatText.ts';
import { mathParts } from '../../../codec/values/mathTypes.ts';
import { PackedNumbers } from '../../../codec/values/packed.ts';
import { packedVectorName } from '../../../codec/values/packedTypes.ts';
import { bytesToVar } from '../../../codec/variant/decode.ts';
import { bytes } from '../../support/hex.ts';

interface GoldenCase {
  readonly name: string;
  readonly type: string;
  readonly hex: string;
  readonly text: string;
}

/** var_to_str writes matrices row by row, the native notation column by column. */
const ROW_ORDER: Readonly<Record<string, readonly number[]>> = {
  Basis: [0, 3, 6, 1, 4, 7, 2, 5, 8],
  Transform3D: [0, 3, 6, 1, 4, 7, 2, 5, 8, 9, 10, 11],
};

const cases: readonly GoldenCase[] = ['values', 'random'].flatMap(
  (file): GoldenCase[] =>
    JSON.parse(readFileSync(new URL(`../../../golden/variant/${file}.json`, import.meta.url), 'utf8')).cases,
);

test('every real component of a golden value is written as the engine writes it', () => {
  let components = 0;
  for (const entry of cases) {
    const numbers = realsOf(bytesToVar(bytes(entry.hex)));
    if (numbers === undefined) continue;
    components += numbers.length;
    const order = ROW_ORDER[entry.type];
    const listed = order === undefined ? numbers : order.map((index) => numbers[index] ?? Number.NaN);
    const list = listed.map((number) => floatToVarText(number)).join(', ');
    expect(`${entry.type}(${list})`, entry.name).toBe(entry.text);
  }
  expect(components).toBeGreaterThan(1000);
});

function realsOf(value: unknown): readonly number[] | undefined {
  if (value instanceof Float32Array || value instanceof Float64Array) return [...value];
  if (value instanceof PackedNumbers)
    return packedVectorName(value) === undefined ? undefined : [...value.data];
  const parts = mathParts(value);
  return parts === undefined || parts.isInteger ? undefined : parts.numbers;
}
