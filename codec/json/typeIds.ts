/** Variant types by their names, as the native notation needs them (docs/protocol/variant-codec 8.4). */
import { variantTypeOf } from '../variant/typeOf.ts';
import { VariantType, variantTypeString } from '../variant/types.ts';

/**
 * Godot's name of a packed array of bare numbers.
 *
 * @param value - Any object.
 * @returns For example `PackedByteArray`; `undefined` for anything else.
 */
export function packedNumberName(value: object): string | undefined {
  const type = variantTypeOf(value);
  if (type === undefined || type < VariantType.PACKED_BYTE_ARRAY || type > VariantType.PACKED_FLOAT64_ARRAY) {
    return undefined;
  }
  return variantTypeString(type);
}
