/** Case files of the scripts of this folder, damage, and the comparison of what Godot 3 wrote with what we write. */
import { bytesToVar, EncodedObjectAsID, NodePath, varToBytes } from '../../../codec/index.ts';
import type { Prng } from '../../../src/testing/prng.ts';
import { hex } from '../../support/hex.ts';

/** What the engine said to one encoding. */
export interface Verdict {
  readonly isAccepted: boolean;
  /** What the engine makes of the value when it encodes it again. */
  readonly again: Uint8Array;
}

/** A copy of one of many encodings with one thing wrong. */
export function damage(whole: readonly Uint8Array[], prng: Prng): Uint8Array {
  const below = (limit: number): number => prng.next32() % limit;
  const source = whole[below(whole.length)] as Uint8Array;
  const data = new Uint8Array(source);
  const flipped = below(data.length);
  const bit = below(8);
  switch (below(5)) {
    case 0:
      return data.slice(0, below(data.length));
    case 1:
      data[below(data.length)] = below(256);
      return data;
    case 2:
      return data.map((byte, index) => (index === flipped ? byte ^ (1 << bit) : byte));
    case 3: {
      const at = below(data.length >> 2) * 4;
      new DataView(data.buffer).setUint32(at, WORDS[below(WORDS.length)] as number, true);
      return data;
    }
    default: {
      const other = whole[below(whole.length)] as Uint8Array;
      const cut = below(data.length >> 2) * 4;
      return Uint8Array.from([...data.subarray(0, cut), ...other.subarray(below(other.length >> 2) * 4)]);
    }
  }
}

const WORDS: readonly number[] = [
  ...Array.from({ length: 29 }, (_, id) => id),
  ...[2, 3, 5, 17, 18, 19, 24].map((id) => id | 0x10000),
  0x80000000,
  0x80000001,
  0xffffffff,
  0x7fffffff,
  0x20000000,
  0x10000000,
  0x40000000,
  0x7f800001,
  0x7fc00000,
];

/**
 * The engine's bytes without what means nothing: the ids of its own stand-ins for objects, and what happened to lie in
 * memory where the names of a NodePath are padded.
 */
export function withoutGarbage(theirs: Uint8Array, ours: Uint8Array, value: unknown): Uint8Array {
  const clean = new Uint8Array(theirs);
  if (theirs.length !== ours.length) return clean;
  if (holds(value, EncodedObjectAsID)) {
    for (let at = 0; at + 12 <= clean.length; at += 4) {
      if (hex(clean.subarray(at, at + 4)) === '11000100') clean.set(ours.subarray(at + 4, at + 12), at + 4);
    }
  }
  if (holds(value, NodePath)) {
    for (let at = 0; at < clean.length; at++) if (ours[at] === 0 && isPadding(ours, at)) clean[at] = 0;
  }
  return clean;
}

/** Named difference: the engine writes the path "/", but what it reads is the empty path. The flag is kept here. */
export function asRead(ours: Uint8Array, value: unknown): string {
  if (!holds(value, NodePath)) return hex(ours);
  return hex(ours).replaceAll('0f000000000000800000000001000000', '0f000000000000800000000000000000');
}

/** Whether a zero byte can be padding: nothing but zeros up to the end of its word, and it is not the word's first. */
function isPadding(data: Uint8Array, at: number): boolean {
  if (at % 4 === 0) return false;
  for (let next = at; next % 4 !== 0; next++) if (data[next] !== 0) return false;
  return true;
}

/** The bytes of a value with full objects, without what lay in the padding of its paths. */
export function zeroFilled(data: Uint8Array): Uint8Array {
  const options = { dialect: 'godot3', fullObjects: true, allowObjects: true, exact: true } as const;
  const again = varToBytes(bytesToVar(data, options), options);
  return withoutGarbage(data, again, new NodePath([]));
}

function holds(value: unknown, type: abstract new (...values: never[]) => object): boolean {
  if (value instanceof type) return true;
  if (Array.isArray(value)) return value.some((element) => holds(element, type));
  if (value instanceof Map) return [...value].some((pair) => holds(pair, type));
  return false;
}

/** Makes a case file. */
export function joinCases(cases: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    cases.flatMap((data) => [...new Uint8Array(Uint32Array.of(data.length).buffer), ...data]),
  );
}

/** Takes a case file apart. */
export function splitCases(data: Uint8Array): Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const cases: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const size = view.getUint32(at, true);
    cases.push(new Uint8Array(data.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return cases;
}

/** Takes the answers of echo_values.gd apart. */
export function splitVerdicts(data: Uint8Array): Verdict[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const verdicts: Verdict[] = [];
  for (let at = 0; at < data.length; ) {
    const size = view.getUint32(at + 1, true);
    verdicts.push({
      isAccepted: data[at] === 1,
      again: new Uint8Array(data.subarray(at + 5, at + 5 + size)),
    });
    at += 5 + size;
  }
  return verdicts;
}
