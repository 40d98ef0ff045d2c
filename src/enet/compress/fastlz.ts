/**
 * FastLZ as Godot uses it: godot-enet-classes section 5.3. The encoder writes level 1, byte for byte as the engine
 * does; the decoder reads levels 1 and 2.
 *
 * About the `!` in this file: every position was compared with the end of its array, and hashes have 13 bits.
 */
import type { Compressor } from '../compressor.ts';

/**
 * The compressor of `COMPRESS_FASTLZ`. Input and output must not overlap.
 *
 * Less than 16 bytes are padded with zero bytes to 16, as the engine does, so they decompress to 16 bytes. An ENet
 * receiver stops at the zeros: 0 is no command.
 *
 * @returns a stateless compressor; one may serve any number of hosts of the same thread.
 */
export function createFastLz(): Compressor {
  return { name: 'FastLZ', compress, decompress };
}

function compress(
  input: Uint8Array,
  inStart: number,
  inEnd: number,
  output: Uint8Array,
  outStart: number,
  outLimit: number,
): number {
  const inStop = Math.min(inEnd, input.length);
  const outStop = Math.min(outStart + outLimit, output.length);
  // Longer input is level 2 for the engine. No datagram comes near that.
  if (inStart >= inStop || inStop - inStart > MAX_INPUT) return 0;
  if (inStop - inStart >= MIN_INPUT) return encode(input, inStart, inStop, output, outStart, outStop);
  PADDED.fill(0);
  for (let i = inStart; i < inStop; i++) PADDED[i - inStart] = input[i]!;
  return encode(PADDED, 0, MIN_INPUT, output, outStart, outStop);
}

/** The level 1 encoder of 5.3 over `input[start, end)`, at least 16 bytes. Returns 0 when `outStop` is reached. */
function encode(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  outStart: number,
  outStop: number,
): number {
  const table = TABLE;
  // Positions of earlier calls lie below `epoch`, so the table never needs to be cleared for a datagram.
  if (epoch > 0x7fffffff - MAX_INPUT) {
    table.fill(0);
    epoch = 1;
  }
  const shift = epoch - start;
  epoch += end - start;

  const lastStart = end - 13;
  const matchStop = end - 3;
  let out = outStart;
  let literals = start;
  let at = start + 2;
  while (at < lastStart) {
    const hash = hashAt(input, at);
    const stored = table[hash]! - shift;
    table[hash] = at + shift;
    // An empty entry means position 0 of the input, as in a table that was just made.
    const candidate = Math.max(stored, start);
    const distance = at - candidate;
    if (
      distance >= MAX_DISTANCE ||
      input[candidate] !== input[at] ||
      input[candidate + 1] !== input[at + 1] ||
      input[candidate + 2] !== input[at + 2]
    ) {
      at++;
      continue;
    }

    let stop = at + 3;
    while (stop < matchStop && input[stop] === input[stop - distance]) stop++;
    out = putLiterals(input, literals, at, output, out, outStop);
    if (out < 0) return 0;
    let length = stop - at;
    const far = (distance - 1) >> 8;
    const near = (distance - 1) & 0xff;
    while (length > 8) {
      // Everything above 264 is cut into pieces of 262, so that the rest is never too short for a match.
      const piece = length > MAX_MATCH ? MAX_MATCH - 2 : length;
      if (out + 3 > outStop) return 0;
      output[out] = 0xe0 | far;
      output[out + 1] = piece - 9;
      output[out + 2] = near;
      out += 3;
      length -= piece;
    }
    if (length > 0) {
      if (out + 2 > outStop) return 0;
      output[out] = ((length - 2) << 5) | far;
      output[out + 1] = near;
      out += 2;
    }
    table[hashAt(input, stop - 2)] = stop - 2 + shift;
    table[hashAt(input, stop - 1)] = stop - 1 + shift;
    at = stop;
    literals = stop;
  }
  out = putLiterals(input, literals, end, output, out, outStop);
  return out < 0 ? 0 : out - outStart;
}

/** Writes `input[from, to)` as literal runs. Returns the new end of the output, or -1 when it does not fit. */
function putLiterals(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outStart: number,
  outStop: number,
): number {
  let out = outStart;
  let at = from;
  while (at < to) {
    const stop = Math.min(at + MAX_LITERALS, to);
    if (out + 1 + stop - at > outStop) return -1;
    output[out++] = stop - at - 1;
    while (at < stop) output[out++] = input[at++]!;
  }
  return out;
}

function hashAt(input: Uint8Array, at: number): number {
  const low = input[at]! | (input[at + 1]! << 8);
  const high = input[at + 1]! | (input[at + 2]! << 8);
  return (low ^ high ^ (low >> 3)) & HASH_MASK;
}

function decompress(
  input: Uint8Array,
  inStart: number,
  inEnd: number,
  output: Uint8Array,
  outStart: number,
  outLimit: number,
): number {
  const inStop = Math.min(inEnd, input.length);
  const outStop = Math.min(outStart + outLimit, output.length);
  if (inStart >= inStop) return 0;
  const level = (input[inStart]! >> 5) + 1;
  if (level > 2) return 0;

  // Level 1 leaves a single last byte unread.
  const lastControl = level === 1 ? inStop - 2 : inStop - 1;
  let at = inStart + 1;
  let out = outStart;
  let control = input[inStart]! & 0x1f;
  for (;;) {
    if (control < 0x20) {
      const stop = at + control + 1;
      if (stop > inStop || out + control + 1 > outStop) return 0;
      while (at < stop) output[out++] = input[at++]!;
    } else {
      let length = (control >> 5) + 2;
      if (length === 9) {
        let extension: number;
        do {
          if (at >= inStop) return 0;
          extension = input[at++]!;
          length += extension;
        } while (extension === 0xff && level === 2);
      }
      if (at >= inStop) return 0;
      let distance = (((control & 0x1f) << 8) | input[at++]!) + 1;
      if (distance === MAX_DISTANCE && level === 2) {
        if (at + 2 > inStop) return 0;
        distance += (input[at]! << 8) | input[at + 1]!;
        at += 2;
      }
      if (distance > out - outStart || length > outStop - out) return 0;
      // Byte by byte: a match may overlap what it writes.
      const stop = out + length;
      for (let from = out - distance; out < stop; out++) output[out] = output[from++]!;
    }
    if (at > lastControl) return out - outStart;
    control = input[at++]!;
  }
}

const MIN_INPUT = 16;
const MAX_INPUT = 65535;
const MAX_LITERALS = 32;
const MAX_MATCH = 264;
const MAX_DISTANCE = 8192;
const HASH_MASK = 8191;

/** Last position of each hash, plus the epoch of its call. Holds nothing that a later call could see. */
const TABLE: Int32Array = new Int32Array(HASH_MASK + 1);
const PADDED: Uint8Array = new Uint8Array(MIN_INPUT);
let epoch = 1;
