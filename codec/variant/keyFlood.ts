/**
 * Defence of decoding against number keys that were chosen to collide.
 *
 * JavaScript engines keep the strings of a Map apart by a seeded hash, but V8 hashes numbers and bigints by fixed
 * functions that anybody can invert: 400 kB of such keys keep a Map busy for more than a second, and twice as many for
 * four times as long. This guard computes the same hashes and refuses dictionaries whose keys crowd together, which keys
 * that were not chosen for it do not. Under another engine it merely watches keys spread evenly.
 */

/** Watches the keys that are put into one dictionary. */
export class KeyFloodGuard {
  #bins: Uint32Array | undefined;
  #count = 0;

  /**
   * Counts a key that was not in the dictionary before (others lengthen no chain).
   * @returns `false` when so many number keys fall together that it cannot be chance
   */
  accepts(key: unknown): boolean {
    if ((typeof key !== 'number' && typeof key !== 'bigint') || ++this.#count <= UNWATCHED_KEYS) return true;
    this.#bins ??= new Uint32Array(BINS);
    const isSmall = typeof key === 'number' && (key | 0) === key;
    const bin = (isSmall ? hash32(key) : hash64(key)) & (BINS - 1);
    // Indexes are below BINS.
    const here = (this.#bins[bin] as number) + 1;
    this.#bins[bin] = here;
    return here <= SLACK + (CROWD * this.#count) / BINS;
  }
}

/** V8's hash of a 32-bit integer. */
function hash32(key: number): number {
  let hash = (~key + (key << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  return hash ^ (hash >>> 16);
}

/** V8's hash of the bits of a double, or of the magnitude of a bigint. */
function hash64(key: number | bigint): number {
  if (typeof key === 'number') scratch.setFloat64(0, key);
  else scratch.setBigUint64(0, key < 0n ? -key : key);
  let hash = scratch.getBigUint64(0);
  hash = BigInt.asUintN(64, ~hash + (hash << 18n));
  hash ^= hash >> 31n;
  hash = BigInt.asUintN(64, hash * 21n);
  hash ^= hash >> 11n;
  hash = BigInt.asUintN(64, hash + (hash << 6n));
  hash ^= hash >> 22n;
  return Number(hash & 0x3fffffffn);
}

const scratch = new DataView(new ArrayBuffer(8));
const BINS = 1024;
/** So few keys cost nothing, however they collide. */
const UNWATCHED_KEYS = 256;
/** How many keys may share a bin: these, and so many times the fair share. */
const SLACK = 48;
const CROWD = 8;
