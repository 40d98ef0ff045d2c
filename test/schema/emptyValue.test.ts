/** The empty values of types: those of the codec's table of math types, and one for each other type that has one. */
import { expect, test } from 'vitest';
import { VariantType, type VariantTypeId, variantTypeName, variantTypeOf } from '../../codec/index.ts';
import { MATH_TYPES } from '../../codec/internal.ts';
import { emptyValue } from '../../schema/values/emptyValue.ts';

test.each([...MATH_TYPES.values()].map((type) => [type.name, type] as const))('%s', (_name, type) => {
  expect(emptyValue({ type: type.id })).toEqual(type.empty());
  expect(emptyValue({ type: type.id })).not.toBe(emptyValue({ type: type.id }));
});

test('every type but OBJECT has an empty value of its own type', () => {
  const ids: readonly VariantTypeId[] = Object.values(VariantType);
  const others = ids.filter((id) => variantTypeOf(emptyValue({ type: id })) !== id);
  expect(others.map(variantTypeName)).toEqual(['OBJECT']);
});
