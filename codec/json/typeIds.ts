/** Variant types by their names, as the native notation needs them (docs/protocol/variant-codec 8.4). */
import { variantTypeOf } from '../variant/typeOf.ts';
import { VARIANT_MAX, VariantType, type VariantTypeId, variantTypeString } from '../variant/types.ts';

/**
 * The type id behind a name as `type_string` gives it (`int`, `Vector2`, `Nil`).
 *
 * @param name - Any text.
 * @returns The id, or `undefined` when no type has that name.
 */
export function typeIdByName(name: string): VariantTypeId | undefined {
  return IDS.get(name);
}

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

const IDS: ReadonlyMap<string, VariantTypeId> = new Map(
  Array.from({ length: VARIANT_MAX }, (_, id): [string, VariantTypeId] => [
    variantTypeString(id) ?? '',
    // Every number below VARIANT_MAX is a type id.
    id as VariantTypeId,
  ]),
);
