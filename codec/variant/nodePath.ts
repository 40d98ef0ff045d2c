/** NodePath on the wire (variant-codec.md section 2.4). */

import { NodePath } from '../values/NodePath.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { VariantReader } from './reader.ts';
import { EncodeFailure, type VariantWriter } from './writer.ts';

const NEW_FORMAT = 0x80000000;
const FLAG_ABSOLUTE = 1;
/** Decode only: the property is one more subname. */
const FLAG_OBSOLETE_PROPERTY = 2;

/** Reads the body of a NodePath. */
export function readNodePath(r: VariantReader): NodePath {
  const type = VariantType.NODE_PATH;
  if (r.end - r.position < 4) throw r.truncated(4, type);
  const first = r.view.getUint32(r.position, true);
  if (first < NEW_FORMAT) {
    throw r.invalid('ERR_VARIANT_NODE_PATH_FORMAT', r.position, type, 'the format of Godot 2 is not read');
  }
  const at = r.take(12, type);
  const flags = r.view.getUint32(at + 8, true);
  const nameCount = first - NEW_FORMAT;
  let subnameCount = r.view.getUint32(at + 4, true);
  if ((flags & FLAG_OBSOLETE_PROPERTY) !== 0) subnameCount += 1;
  // Section 3.3: the engine adds the counts modulo 2^32; it reads that many strings, names first.
  const total = (nameCount + subnameCount) >>> 0;
  r.takeElements(total, 4, type);
  const names: string[] = [];
  const subnames: string[] = [];
  for (let index = 0; index < total; index++) {
    const text = r.readText(type);
    if (index < nameCount) names.push(text);
    else subnames.push(text);
  }
  return new NodePath(names, subnames, (flags & FLAG_ABSOLUTE) !== 0);
}

/** Writes a NodePath, header included. The padding is zero. */
export function writeNodePath(w: VariantWriter, value: NodePath): void {
  w.reserve(16);
  w.writeType(VariantType.NODE_PATH);
  w.writeU32((value.names.length | NEW_FORMAT) >>> 0);
  w.writeU32(value.subnames.length);
  w.writeU32(value.absolute ? FLAG_ABSOLUTE : 0);
  writeNames(w, '.names', value.names);
  writeNames(w, '.subnames', value.subnames);
}

function writeNames(w: VariantWriter, field: string, texts: readonly string[]): void {
  for (let index = 0; index < texts.length; index++) {
    const text: unknown = texts[index];
    try {
      if (typeof text !== 'string') {
        throw new EncodeFailure('ERR_ENCODE_UNSUPPORTED', `expected a string, got ${typeof text}`);
      }
      w.writeText(text);
    } catch (error) {
      if (error instanceof EncodeFailure) error.segments.push(`${field}[${index}]`);
      throw error;
    }
  }
}
