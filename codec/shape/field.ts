/** One field of a shape: its key as the wire has it, and how its value is read. */
import { ContainerType } from '../values/ContainerType.ts';
import { VariantType, variantTypeByString } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { Vector2, Vector3 } from '../values/vector.ts';
import { varToBytes } from '../variant/encode.ts';
import { FLAG_64 } from '../variant/header.ts';
import type { VariantReader } from '../variant/reader.ts';

/** What a field gives when the bytes are not what the shape says: then nothing of what was read counts. */
export const MISS: unique symbol = Symbol('miss');

/** A declared field. */
export interface Field {
  /** The key, a String. */
  readonly name: string;
  /** The words of the key on the wire: header, length, text. */
  readonly key: Int32Array;
  /** The id of the declared type; NIL for any. */
  readonly type: number;
  /** The declared type; `undefined` for any. */
  readonly declared: ContainerType | undefined;
}

/** Declares a field. @throws TypeError for a name that a plain object cannot have, or a type that there is not. */
export function fieldOf(name: string, typeName: string): Field {
  if (name === '__proto__') throw new TypeError('a field cannot be named __proto__');
  const type = typeName === 'Variant' ? VariantType.NIL : variantTypeByString(typeName);
  if (type === undefined || (type === VariantType.NIL && typeName !== 'Variant')) {
    throw new TypeError(
      `the field ${JSON.stringify(name)} expected a type of Godot, got ${String(typeName)}`,
    );
  }
  const bytes = varToBytes(name);
  const view = new DataView(bytes.buffer);
  return {
    name,
    key: Int32Array.from({ length: bytes.length / 4 }, (_, index) => view.getInt32(index * 4, true)),
    type,
    declared: type === VariantType.NIL ? undefined : new ContainerType(type),
  };
}

/**
 * The value of a field, if its key is next and the value of the declared type. One function with the common types in it: a function for
 * each, called through the field, takes a third longer.
 */
export function readField(r: VariantReader, field: Field): VariantValue | typeof MISS {
  const { key, type } = field;
  const { view, end } = r;
  let at = r.position;
  // No value takes less than a word.
  if (end - at < key.length * 4 + 4) return MISS;
  for (let index = 0; index < key.length; index++, at += 4) {
    if (view.getInt32(at, true) !== key[index]) return MISS;
  }
  r.position = at;
  const header = view.getInt32(at, true);
  if (type !== VariantType.NIL && (header & 0xff) !== type) return MISS;
  // A header with flags, and what is too short, go the general way, which knows what is wrong.
  const left = end - at;
  switch (type) {
    case VariantType.BOOL:
      if (left < 8) break;
      r.position = at + 8;
      return view.getInt32(at + 4, true) !== 0;
    case VariantType.INT:
      if (header !== type || left < 8) break;
      r.position = at + 8;
      return view.getInt32(at + 4, true);
    case VariantType.FLOAT:
      if (header === type && left >= 8) {
        r.position = at + 8;
        return view.getFloat32(at + 4, true);
      }
      if (header !== (VariantType.FLOAT | FLAG_64) || left < 12) break;
      r.position = at + 12;
      return view.getFloat64(at + 4, true);
    case VariantType.STRING:
      r.position = at + 4;
      return r.readText(type);
    case VariantType.VECTOR2: {
      if (header !== type || left < 12) break;
      const x = view.getFloat32(at + 4, true);
      const y = view.getFloat32(at + 8, true);
      // The general way keeps the bits of a NaN.
      if (Number.isNaN(x) || Number.isNaN(y)) break;
      r.position = at + 12;
      return new Vector2(x, y);
    }
    case VariantType.VECTOR3: {
      if (header !== type || left < 16) break;
      const x = view.getFloat32(at + 4, true);
      const y = view.getFloat32(at + 8, true);
      const z = view.getFloat32(at + 12, true);
      if (Number.isNaN(x) || Number.isNaN(y) || Number.isNaN(z)) break;
      r.position = at + 16;
      return new Vector3(x, y, z);
    }
  }
  return r.readValue(1);
}
