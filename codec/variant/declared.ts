/** What may lie in a typed container, checked when encoding (variant-codec.md sections 2.6 and 3.4). */
import type { ContainerType } from '../values/ContainerType.ts';
import { StringName } from '../values/StringName.ts';
import { variantTypeOf } from '../values/typeOf.ts';
import { VariantType, variantTypeString } from '../values/variantTypes.ts';
import { EncodeFailure } from './writer.ts';

/**
 * An element, key or value in the form that its container declares.
 *
 * String and StringName become each other, as in the engine. Everything else of another type is refused: the receiver would
 * drop it without a word, cut it (2.5 to 2), or keep a value of a type that its scripts do not expect. Bare numbers of a FLOAT container are
 * the encoder's matter.
 *
 * @throws EncodeFailure `ERR_ENCODE_ELEMENT_TYPE`.
 */
export function asDeclared(value: unknown, declared: ContainerType): unknown {
  const { type } = declared;
  const actual = variantTypeOf(value);
  if (actual === type) return value;
  // The engine holds null where an object may be. What is no Variant at all gets the encoder's own error.
  if ((type === VariantType.OBJECT && actual === VariantType.NIL) || actual === undefined) return value;
  if (type === VariantType.STRING_NAME && typeof value === 'string') return new StringName(value);
  if (type === VariantType.STRING && value instanceof StringName) return value.value;
  // -0 counts as FLOAT only where nothing else is declared.
  if (type === VariantType.INT && value === 0) return 0;
  const found =
    typeof value === 'number' ? `${variantTypeString(actual)} ${value}` : variantTypeString(actual);
  throw new EncodeFailure('ERR_ENCODE_ELEMENT_TYPE', `declared ${declared.toString()}, got ${found}`);
}
