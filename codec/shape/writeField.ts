/** How the value of a field is written: as a typed container of Godot writes its elements. */
import { VariantType } from '../values/variantTypes.ts';
import { Vector2, Vector3 } from '../values/vector.ts';
import { asDeclared } from '../variant/declared.ts';
import { EncodeFailure, type VariantWriter } from '../variant/writer.ts';
import type { Field } from './field.ts';

/** Writes a Dictionary of the fields of an object, in the order of the declaration. @throws EncodeFailure with the name of the field. */
export function writeFields(
  w: VariantWriter,
  value: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
): void {
  w.writeU32(VariantType.DICTIONARY);
  w.writeU32(fields.length);
  for (let index = 0; index < fields.length; index++) {
    // The index is inside the array.
    const field = fields[index] as Field;
    const { name, key } = field;
    w.reserve(key.length * 4);
    const { view } = w;
    let at = w.position;
    for (let word = 0; word < key.length; word++, at += 4) view.setInt32(at, key[word] as number, true);
    w.position = at;
    const member = value[name];
    if (!writeCommon(w, member, field.type)) writeOther(w, member, field);
  }
}

/** Writes a value of a common type, if it is one of the declared type. @returns whether it is. */
function writeCommon(w: VariantWriter, member: unknown, type: number): boolean {
  switch (type) {
    case VariantType.BOOL:
      if (typeof member !== 'boolean') return false;
      w.reserve(8);
      w.view.setInt32(w.position, type, true);
      w.view.setInt32(w.position + 4, member ? 1 : 0, true);
      w.position += 8;
      return true;
    case VariantType.INT:
      if (typeof member !== 'number' || (member | 0) !== member) return false;
      w.reserve(8);
      w.view.setInt32(w.position, type, true);
      w.view.setInt32(w.position + 4, member, true);
      w.position += 8;
      return true;
    case VariantType.FLOAT:
      if (typeof member !== 'number') return false;
      w.writeFloat(member);
      return true;
    case VariantType.VECTOR2:
      if (!(member instanceof Vector2) || !isPlainPart(member.x) || !isPlainPart(member.y)) return false;
      w.reserve(12);
      w.view.setInt32(w.position, type, true);
      w.view.setFloat32(w.position + 4, member.x, true);
      w.view.setFloat32(w.position + 8, member.y, true);
      w.position += 12;
      return true;
    case VariantType.VECTOR3:
      if (!(member instanceof Vector3)) return false;
      if (!isPlainPart(member.x) || !isPlainPart(member.y) || !isPlainPart(member.z)) return false;
      w.reserve(16);
      w.view.setInt32(w.position, type, true);
      w.view.setFloat32(w.position + 4, member.x, true);
      w.view.setFloat32(w.position + 8, member.y, true);
      w.view.setFloat32(w.position + 12, member.z, true);
      w.position += 16;
      return true;
    default:
      return false;
  }
}

function writeOther(w: VariantWriter, member: unknown, { name, declared }: Field): void {
  try {
    w.writeValue(declared === undefined ? member : asDeclared(member, declared), 1);
  } catch (error) {
    if (error instanceof EncodeFailure) error.segments.push(`.${name}`);
    throw error;
  }
}

/** A number that is no NaN, whose bits the general way knows. Components may come from JavaScript, and be anything. */
function isPlainPart(part: unknown): boolean {
  return typeof part === 'number' && !Number.isNaN(part);
}
