/** What the engine leaves to chance in `var_to_bytes`. */
import { bytesToVar, EncodedObjectAsID, NodePath } from '../../../codec/index.ts';

/**
 * The engine's bytes with the padding of NodePaths zeroed (4.6 leaves it uninitialised, variant-codec 2.4), and the ids of
 * its stand-ins for objects as ours are: both are garbage. Everything else stays as the engine wrote it.
 *
 * @param ours - our encoding of the same value; where that holds no NodePath and no object id, nothing changes.
 */
export function withoutPadding(theirs: Uint8Array, ours: Uint8Array): Uint8Array {
  const clean = new Uint8Array(theirs);
  if (theirs.length !== ours.length) return clean;
  const value = bytesToVar(ours, { exact: true });
  const hasPath = holds(value, NodePath);
  const hasId = holds(value, EncodedObjectAsID);
  for (let at = 0; at < clean.length; at++) {
    if (hasPath && ours[at] === 0 && isPadding(ours, at)) clean[at] = 0;
    if (hasId && at % 4 === 0 && isIdHeader(ours, at)) clean.set(ours.subarray(at + 4, at + 12), at + 4);
  }
  return clean;
}

/** Whether a value holds something of which the engine leaves bytes to chance. */
export function leavesToChance(value: unknown): boolean {
  return holds(value, NodePath) || holds(value, EncodedObjectAsID);
}

/** Whether a zero byte can be padding: nothing but zeros up to the end of its word, and it is not the word's first. */
function isPadding(data: Uint8Array, at: number): boolean {
  if (at % 4 === 0) return false;
  for (let next = at; next % 4 !== 0; next++) if (data[next] !== 0) return false;
  return true;
}

function isIdHeader(data: Uint8Array, at: number): boolean {
  return data[at] === 24 && data[at + 1] === 0 && data[at + 2] === 1 && data[at + 3] === 0;
}

function holds(value: unknown, kind: typeof NodePath | typeof EncodedObjectAsID): boolean {
  if (value instanceof kind) return true;
  if (Array.isArray(value)) return value.some((item) => holds(item, kind));
  if (!(value instanceof Map)) return false;
  return [...value].some(([key, item]) => holds(key, kind) || holds(item, kind));
}
