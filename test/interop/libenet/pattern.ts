/** The repeatable packet contents that `peer.c` makes too: one stream of pseudo-random words per seed. */

/** Where {@link hashBytes} starts (FNV-1a, 32 bits). */
export const HASH_START = 2166136261;

/** A xorshift32 generator, seeded as in `peer.c`. */
export class PatternRandom {
  #state: number;

  constructor(seed: number) {
    const state = (Math.imul(seed, 0x9e3779b1) + 0x7f4a7c15) >>> 0;
    this.#state = state === 0 ? 1 : state;
  }

  /** The next u32. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }
}

/** Fills `bytes[start..]` with the pattern of a seed. */
export function fillPattern(bytes: Uint8Array, start: number, seed: number): void {
  const random = new PatternRandom(seed);
  let word = 0;
  for (let i = 0; start + i < bytes.length; i++) {
    if ((i & 3) === 0) word = random.next();
    bytes[start + i] = word >>> (8 * (i & 3));
  }
}

/** A fresh array of `size` bytes with the pattern of a seed. */
export function patternBytes(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  fillPattern(bytes, 0, seed);
  return bytes;
}

/** Whether `bytes[start..]` is the pattern of a seed. */
export function hasPattern(bytes: Uint8Array, start: number, seed: number): boolean {
  const random = new PatternRandom(seed);
  let word = 0;
  for (let i = 0; start + i < bytes.length; i++) {
    if ((i & 3) === 0) word = random.next();
    if (bytes[start + i] !== ((word >>> (8 * (i & 3))) & 0xff)) return false;
  }
  return true;
}

/** Continues an FNV-1a hash over some bytes. */
export function hashBytes(hash: number, bytes: Uint8Array): number {
  let h = hash;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ (bytes[i] ?? 0), 16777619);
  return h >>> 0;
}

/** The hash that a receive event reports for a packet made by {@link patternBytes}. */
export function patternHash(size: number, seed: number): number {
  return hashBytes(HASH_START, patternBytes(size, seed));
}

/**
 * How a packet travels (enet-protocol 5.1), as the flags of the received packet (3.4): 1 reliable, 2 unsequenced,
 * 8 unreliable fragments, 0 unreliable.
 */
export function travelKind(flags: number, length: number, fragmentSize: number): number {
  if (length > fragmentSize) return (flags & 9) === 8 ? 8 : 1;
  if ((flags & 3) === 2) return 2;
  return flags & 1;
}
