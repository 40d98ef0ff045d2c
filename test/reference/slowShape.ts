/** The slow twin of compiled shapes: the general codec, and what it gives looked at field by field. */
import {
  bytesToVar,
  Dictionary,
  float,
  type VariantInput,
  type VariantValue,
  variantTypeOf,
  variantTypeString,
  varToBytes,
} from '../../codec/index.ts';

/** The bytes of an object by the general way: whole numbers of `float` fields are floats. */
export function slowShapeEncode(
  fields: Readonly<Record<string, string>>,
  value: Readonly<Record<string, VariantInput>>,
): Uint8Array {
  const pairs = Object.entries(fields).map(([name, type]): [string, unknown] => {
    const member = value[name];
    return [name, type === 'float' && typeof member === 'number' ? float(member) : member];
  });
  return varToBytes(new Map(pairs));
}

/** What the general way gives, and whether it is a Dictionary of exactly these fields. @throws DecodeError as bytesToVar does. */
export function slowShapeDecode(
  fields: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): { readonly value: VariantValue; readonly fits: boolean } {
  const value = bytesToVar(bytes);
  const exact = bytesToVar(bytes, { exact: true });
  if (!(exact instanceof Dictionary) || exact.keyType !== undefined || exact.valueType !== undefined) {
    return { value, fits: false };
  }
  const declared = Object.entries(fields);
  const pairs = [...exact];
  const fits =
    pairs.length === declared.length &&
    declared.every(([name, type], index) => {
      const [key, member] = pairs[index] ?? [];
      if (key !== name) return false;
      return type === 'Variant' || variantTypeString(variantTypeOf(member) ?? 0) === type;
    });
  return { value, fits };
}
