/** Objects, as ids and in full (variant-codec.md section 2.5), and Signal. Nothing is ever instantiated. */

import { DecodeError, GodotError } from '../errors.ts';
import { EncodedObjectAsID, GodotObject, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { FLAG_OBJECT_AS_ID } from './header.ts';
import type { VariantReader } from './reader.ts';
import { EncodeFailure, type VariantWriter } from './writer.ts';

/** Reads the body of an OBJECT; null for the null object. */
export function readObject(
  r: VariantReader,
  header: number,
  depth: number,
): EncodedObjectAsID | GodotObject | null {
  const type = VariantType.OBJECT;
  if ((header & FLAG_OBJECT_AS_ID) !== 0) {
    const id = r.view.getBigUint64(r.take(8, type), true);
    return id === 0n ? null : new EncodedObjectAsID(id);
  }
  if (!r.options.allowObjects) {
    throw new DecodeError('ERR_VARIANT_OBJECT', {
      offset: r.position - 4,
      godotError: GodotError.ERR_UNAUTHORIZED,
      type: 'OBJECT',
      message: 'a full object, and the option allowObjects is off',
    });
  }
  const className = r.readText(type);
  if (className === '') return null;
  const count = r.view.getInt32(r.take(4, type), true);
  const properties: (readonly [string, VariantValue])[] = [];
  if (count > 0) {
    r.takeElements(count, 8, type);
    for (let index = 0; index < count; index++) {
      const name = r.readText(type);
      r.checkDepth(depth, type);
      const start = r.position;
      const value = r.readValue(depth + 1);
      if (name === 'script' && r.options.minor >= 3) checkScript(r, value, start);
      properties.push([name, value]);
    }
  }
  return new GodotObject(className, properties);
}

/** Writes an OBJECT, header included. */
export function writeObject(w: VariantWriter, value: EncodedObjectAsID | GodotObject, depth: number): void {
  if (value instanceof EncodedObjectAsID) {
    w.reserve(12);
    // The table has an entry for every byte.
    w.writeU32((w.typeIds[VariantType.OBJECT] as number) | FLAG_OBJECT_AS_ID);
    w.view.setBigUint64(w.position, value.id, true);
    w.position += 8;
    return;
  }
  if (!w.options.fullObjects) {
    throw new EncodeFailure('ERR_ENCODE_OBJECT', 'a GodotObject needs the option fullObjects');
  }
  if (value.className === '') {
    throw new EncodeFailure('ERR_ENCODE_OBJECT', 'a GodotObject needs a class name');
  }
  w.writeType(VariantType.OBJECT);
  w.writeText(value.className);
  w.writeU32(value.properties.length);
  for (const [name, property] of value.properties) {
    try {
      w.checkDepth(depth);
      w.writeText(name);
      if (name === 'script' && w.options.minor >= 3) requireScriptPath(property);
      w.writeValue(property, depth + 1);
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(`.${name}`);
      throw error;
    }
  }
}

/** Reads the body of a SIGNAL. */
export function readSignal(r: VariantReader): Signal {
  const name = r.readText(VariantType.SIGNAL);
  return new Signal(name, r.view.getBigUint64(r.take(8, VariantType.SIGNAL), true));
}

/** Writes a SIGNAL, header included. */
export function writeSignal(w: VariantWriter, value: Signal): void {
  w.writeU32(VariantType.SIGNAL);
  w.writeText(value.name);
  w.reserve(8);
  w.view.setBigUint64(w.position, value.objectId, true);
  w.position += 8;
}

/** A `script` property is NIL or the path of a script; whether the script exists only the engine knows. */
function checkScript(r: VariantReader, value: VariantValue, offset: number): void {
  if (value === null || (typeof value === 'string' && value.startsWith('res://'))) return;
  throw r.invalid('ERR_VARIANT_SCRIPT_PATH', offset, VariantType.OBJECT, 'the script is no res:// path');
}

function requireScriptPath(value: unknown): void {
  if (value === null || value === undefined) return;
  const text = value instanceof StringName ? value.value : value;
  if (typeof text === 'string' && text.startsWith('res://')) return;
  throw new EncodeFailure(
    'ERR_ENCODE_SCRIPT_PATH',
    'the script of a full object must be null or a res:// path',
    GodotError.ERR_UNAVAILABLE,
  );
}
