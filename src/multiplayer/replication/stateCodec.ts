/** States of synchronizers as bytes, and back. docs/protocol/scene-multiplayer 6, 8.2, 11.2 (42), 12. */
import {
  DecodeError,
  type Dialect,
  EncodeError,
  type VariantInput,
  type VariantValue,
} from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import { concat, encodeCompressed, readCompressed } from '../wire/compressedVariant.ts';
import type { StateProperty } from './stateProperty.ts';

/** The bytes of the values of properties; a text says which is missing or cannot be encoded. */
export function encodeState(
  root: MirrorNode,
  properties: readonly StateProperty[],
  dialect: Dialect,
): Uint8Array | string {
  const parts: Uint8Array[] = [];
  for (const property of properties) {
    const node = property.nodeIn(root);
    const value = node && property.read(node);
    if (value === undefined) return `${describeRoot(root)} has no ${property.path}`;
    const bytes = encodeStateValue(value, dialect);
    if (typeof bytes === 'string') return `${property.path} of ${describeRoot(root)}: ${bytes}`;
    parts.push(bytes);
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : concat(parts);
}

/** The bytes of one value; a text says why it has none in this version. */
export function encodeStateValue(value: VariantInput, dialect: Dialect): Uint8Array | string {
  try {
    return encodeCompressed(value, { dialect });
  } catch (error) {
    if (error instanceof EncodeError) return error.message;
    throw error;
  }
}

/** Values that were read. */
export interface ReadState {
  /** As many as were asked for, or fewer. */
  readonly values: readonly VariantValue[];
  /** How many bytes they took. */
  readonly size: number;
  /** What is wrong with the next one; `undefined` when all are there. */
  readonly damage: string | undefined;
}

/** Reads values from the beginning of a state. `dialect`: the version that is imitated; `undefined` reads what all write. */
export function readState(bytes: Uint8Array, count: number, dialect: Dialect | undefined): ReadState {
  const values: VariantValue[] = [];
  // The codec does not check the same options again.
  const options = { exact: true, dialect };
  let at = 0;
  try {
    for (let i = 0; i < count; i++) {
      const read = readCompressed(bytes, at, bytes.length, options);
      values.push(read.value);
      at = read.end;
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { values, size: at, damage: error.message };
  }
  return { values, size: at, damage: undefined };
}

function describeRoot(root: MirrorNode): string {
  return root.getPath().toString() || root.name;
}
