/**
 * Containers that a call is made with, as the method declares them: a Godot client refuses a plain Array for a parameter that is
 * `Array[int]`, and JavaScript has no other. docs/protocol/scene-multiplayer 11.2 (28), 12.
 */
import { Dictionary, TypedArray, type VariantInput, VariantType } from '../../codec/index.ts';
import type { PropertyInfo } from '../../schema/index.ts';
import { checkedValue } from '../../schema/internal.ts';

/** The arguments with typed containers where typed ones are declared and plain ones are given; others are left as they are. */
export function withDeclaredContainers(
  args: readonly VariantInput[],
  declared: readonly PropertyInfo[],
): readonly VariantInput[] {
  if (!declared.some(isTyped)) return args;
  return args.map((value, i) => {
    const info = declared[i];
    if (info === undefined || !isTyped(info) || !isPlain(value)) return value;
    try {
      return checkedValue(info, value) as VariantInput;
    } catch (error) {
      // What is in it does not fit: it goes as it is, and the receiver says so.
      if (error instanceof TypeError || error instanceof RangeError) return value;
      throw error;
    }
  });
}

/** Whether only versions that have typed Dictionaries can have this method: 4.4 and later. */
export function isOfLatest(declared: readonly PropertyInfo[]): boolean {
  return declared.some(({ keyType, valueType }) => keyType !== undefined || valueType !== undefined);
}

function isTyped({ type, elementType, keyType, valueType }: PropertyInfo): boolean {
  if (type === VariantType.ARRAY) return elementType !== undefined;
  return type === VariantType.DICTIONARY && (keyType !== undefined || valueType !== undefined);
}

/** An Array or Dictionary without types, or what becomes one. */
function isPlain(value: VariantInput): boolean {
  if (Array.isArray(value)) return !(value instanceof TypedArray);
  if (value instanceof Dictionary) return value.keyType === undefined && value.valueType === undefined;
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}
