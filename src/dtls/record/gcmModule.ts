/**
 * AES-GCM without AES (NIST SP 800-38D) as a WebAssembly module: the XOR with the key stream, GHASH, and the tag. No branch
 * and no address depends on a secret; lengths alone decide which way it goes.
 *
 * Products without carries are made of multiplications of numbers with holes: of each operand every fourth bit, so that the
 * sums of a column (15 at most, or 16 at the upper end, where the carry falls off) stay within the holes. A multiplication
 * gives the lower 64 bits of a product; the upper ones are the lower ones of the reversed operands, reversed. This is the
 * way of BearSSL's `ghash_ctmul64` (Thomas Pornin, https://www.bearssl.org/constanttime.html).
 */
import {
  assemble,
  type Code,
  call,
  chain,
  extend,
  get,
  i32,
  i64,
  isZero,
  load64,
  Op,
  repeatWhile,
  set,
  store64,
  Type,
  type WasmFunction,
  when,
} from './wasm.ts';

/** What stands where in the memory of the module. A block has 16 bytes. */
export const GcmMemory = {
  /** The hash key, one block. */
  HASH_KEY: 0,
  /** The tag that was computed, one block. */
  TAG: 16,
  /** For the caller: counter blocks that are to be encrypted. */
  COUNTERS: 0x1000,
  /** For the caller: encrypted counter blocks. */
  KEY_STREAM: 0x2000,
  /** The content; in front of it the additional data, padded with zeros to whole blocks. Behind it the tag. */
  CONTENT: 0x4000,
} as const;

/** What the module exports. All parameters are in bytes. */
export interface GcmExports {
  /** Its memory, which never grows. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Encrypts the content in its place and puts the tag behind it.
   *
   * @param start where the additional data begin.
   * @param additionalBytes how long they are without their padding.
   * @param keyStream where the encrypted counter blocks are: that of the tag, then one for each block of content.
   */
  readonly seal: (start: number, additionalBytes: number, contentBytes: number, keyStream: number) => void;
  /**
   * Decrypts the content in its place if the tag behind it is right; parameters as of `seal`.
   *
   * @returns 1 if it is, else 0.
   */
  readonly open: (start: number, additionalBytes: number, contentBytes: number, keyStream: number) => number;
}

/** The bytes of the module. */
export function encodeGcmModule(): Uint8Array<ArrayBuffer> {
  return assemble([xorKeyStream(), computeTag(), seal(), open()]);
}

// The parameters of all functions, and the first local variables behind them.
const START = 0;
const ADDITIONAL_BYTES = 1;
const CONTENT_BYTES = 2;
const KEY_STREAM = 3;
const PARAMETERS = [Type.I32, Type.I32, Type.I32, Type.I32];
const FIRST_LOCAL = 4;
const ARGUMENTS: readonly Code[] = [START, ADDITIONAL_BYTES, CONTENT_BYTES, KEY_STREAM].map(get);
// The functions that others call.
const XOR_KEY_STREAM = 0;
const COMPUTE_TAG = 1;

const { HASH_KEY, TAG, CONTENT } = GcmMemory;

/** Goes up to seven bytes beyond the content, where there is nothing yet. */
function xorKeyStream(): WasmFunction {
  const at = START;
  const step = [
    store64(get(at), xor(load64(get(at), CONTENT), load64(get(KEY_STREAM), 16)), CONTENT),
    set(at, chain(Op.I32_ADD, get(at), i32(8))),
    set(KEY_STREAM, chain(Op.I32_ADD, get(KEY_STREAM), i32(8))),
  ];
  const body = [set(at, i32(0)), repeatWhile(step, chain(Op.I32_LT_U, get(at), get(CONTENT_BYTES)))];
  return { parameters: PARAMETERS, results: [], locals: 0, body };
}

function seal(): WasmFunction {
  const body = [
    call(XOR_KEY_STREAM, ARGUMENTS),
    call(COMPUTE_TAG, ARGUMENTS),
    store64(get(CONTENT_BYTES), load64(i32(TAG)), CONTENT),
    store64(get(CONTENT_BYTES), load64(i32(TAG + 8)), CONTENT + 8),
  ];
  return { name: 'seal', parameters: PARAMETERS, results: [], locals: 0, body };
}

function open(): WasmFunction {
  const given = FIRST_LOCAL;
  const givenEnd = FIRST_LOCAL + 1;
  const body = [
    set(given, load64(get(CONTENT_BYTES), CONTENT)),
    set(givenEnd, load64(get(CONTENT_BYTES), CONTENT + 8)),
    call(COMPUTE_TAG, ARGUMENTS),
    set(given, xor(get(given), load64(i32(TAG)))),
    set(givenEnd, xor(get(givenEnd), load64(i32(TAG + 8)))),
    set(given, chain(Op.I64_OR, get(given), get(givenEnd))),
    // Whether the tag is right is no secret: the answer tells it.
    when(isZero(get(given)), call(XOR_KEY_STREAM, ARGUMENTS)),
    isZero(get(given)),
  ];
  return { name: 'open', parameters: PARAMETERS, results: [Type.I32], locals: 2, body };
}

/** Pads the content, puts the block of lengths behind it, hashes all from `START` on, and makes the tag of it. */
function computeTag(): WasmFunction {
  const frame = new Frame();
  const masks: Four = frame.four();
  const key = frame.words();
  const keyParts = key.map(() => frame.four());
  const sum = frame.words();
  const sumParts = frame.four();
  const products = frame.words();
  const [low, high] = sum;
  const [nextLow, nextHigh] = products;
  const at = START;
  const end = CONTENT_BYTES;
  const block = [
    readBlock(get(at), nextLow, nextHigh),
    set(low, xor(get(low), get(nextLow))),
    set(high, xor(get(high), get(nextHigh))),
    completeWords(sum),
    products.map((product, index) => [
      split(sum[index] ?? 0, masks, sumParts),
      set(product, multiply(sumParts, keyParts[index] ?? sumParts, masks)),
    ]),
    reduce(products, low, high),
    set(at, chain(Op.I32_ADD, get(at), i32(16))),
  ];
  const body = [
    masks.map((mask, index) => set(mask, i64(MASKS[index] ?? 0n))),
    readBlock(i32(HASH_KEY), key[0], key[1]),
    completeWords(key),
    key.map((word, index) => split(word, masks, keyParts[index] ?? sumParts)),
    set(high, bitLength(ADDITIONAL_BYTES)),
    swapBytes(high),
    set(low, bitLength(CONTENT_BYTES)),
    swapBytes(low),
    store64(get(CONTENT_BYTES), i64(0n), CONTENT),
    store64(get(CONTENT_BYTES), i64(0n), CONTENT + 8),
    set(end, chain(Op.I32_AND, chain(Op.I32_ADD, get(CONTENT_BYTES), i32(15)), i32(-16))),
    store64(get(end), get(high), CONTENT),
    store64(get(end), get(low), CONTENT + 8),
    set(end, chain(Op.I32_ADD, get(end), i32(CONTENT + 16))),
    set(high, i64(0n)),
    set(low, i64(0n)),
    repeatWhile(block, chain(Op.I32_LT_U, get(at), get(end))),
    swapBytes(high),
    swapBytes(low),
    store64(i32(TAG), xor(get(high), load64(get(KEY_STREAM)))),
    store64(i32(TAG + 8), xor(get(low), load64(get(KEY_STREAM), 8))),
  ];
  return { parameters: PARAMETERS, results: [], locals: frame.count, body };
}

/** Variables for every fourth bit of a word: from the lowest, the second, the third, the fourth on. */
type Four = readonly [number, number, number, number];
/** Variables for the lower half of a block, the upper one, their sum; then for the same with the bits reversed. */
type Words = readonly [number, number, number, number, number, number];

/** Hands out local variables. */
class Frame {
  /** How many it has handed out. */
  count = 0;

  four(): Four {
    return [this.#next(), this.#next(), this.#next(), this.#next()];
  }

  words(): Words {
    return [this.#next(), this.#next(), this.#next(), this.#next(), this.#next(), this.#next()];
  }

  #next(): number {
    this.count += 1;
    return FIRST_LOCAL + this.count - 1;
  }
}

/** The halves of a block as big-endian numbers. */
function readBlock(from: Code, low: number, high: number): Code {
  return [set(high, load64(from)), swapBytes(high), set(low, load64(from, 8)), swapBytes(low)];
}

function completeWords([low, high, both, lowReversed, highReversed, bothReversed]: Words): Code {
  return [
    set(both, xor(get(low), get(high))),
    set(lowReversed, get(low)),
    reverseBits(lowReversed),
    set(highReversed, get(high)),
    reverseBits(highReversed),
    set(bothReversed, xor(get(lowReversed), get(highReversed))),
  ];
}

function split(word: number, masks: Four, parts: Four): Code {
  return parts.map((part, index) => set(part, chain(Op.I64_AND, get(word), get(masks[index] ?? 0))));
}

/** The lower half of a product without carries. */
function multiply(a: Four, b: Four, masks: Four): Code {
  const [first, ...others] = masks.map((mask, column) => {
    const terms = a.map((part, index) => chain(Op.I64_MUL, get(part), get(b[(column - index) & 3] ?? 0)));
    return chain(Op.I64_AND, xor(...terms), get(mask));
  });
  return chain(Op.I64_OR, first ?? [], ...others);
}

/** From the products of the words (Karatsuba) to the 256 bits of the whole, and modulo x^128 + x^7 + x^2 + x + 1. */
function reduce(products: Words, low: number, high: number): Code {
  const [v0, v3, both, lowReversed, highReversed, bothReversed] = products;
  // v0 is the lowest word. GCM has the bits the other way round, by which a product is one bit longer.
  const [v1, v2] = [both, bothReversed];
  const upperHalf = (word: number): Code => [reverseBits(word), set(word, shr(word, 1n))];
  const shiftLeft = (word: number, below: number): Code =>
    set(word, chain(Op.I64_OR, shl(word, 1n), shr(below, 63n)));
  const fold = (word: number, near: number, far: number): Code => [
    set(far, xor(get(far), get(word), shr(word, 1n), shr(word, 2n), shr(word, 7n))),
    set(near, xor(get(near), shl(word, 63n), shl(word, 62n), shl(word, 57n))),
  ];
  return [
    set(both, xor(get(both), get(v0), get(v3))),
    set(bothReversed, xor(get(bothReversed), get(lowReversed), get(highReversed))),
    [lowReversed, highReversed, bothReversed].map(upperHalf),
    set(v1, xor(get(both), get(lowReversed))),
    set(v2, xor(get(bothReversed), get(v3))),
    set(v3, get(highReversed)),
    shiftLeft(v3, v2),
    shiftLeft(v2, v1),
    shiftLeft(v1, v0),
    set(v0, shl(v0, 1n)),
    fold(v0, v1, v2),
    fold(v1, v2, v3),
    set(low, get(v2)),
    set(high, get(v3)),
  ];
}

function reverseBits(word: number): Code {
  return swap(word, [1, 2, 4, 8, 16]);
}

function swapBytes(word: number): Code {
  return swap(word, [8, 16]);
}

/** Swaps neighbouring groups of so many bits, one size after the other, then the halves. */
function swap(word: number, sizes: readonly (keyof typeof LOWER_GROUPS)[]): Code {
  const steps = sizes.map((size) => {
    const mask = i64(LOWER_GROUPS[size]);
    const count = i64(BigInt(size));
    const up = chain(Op.I64_SHL, chain(Op.I64_AND, get(word), mask), count);
    const down = chain(Op.I64_AND, chain(Op.I64_SHR_U, get(word), count), mask);
    return set(word, chain(Op.I64_OR, up, down));
  });
  return [steps, set(word, chain(Op.I64_ROTL, get(word), i64(32n)))];
}

function bitLength(bytes: number): Code {
  return chain(Op.I64_SHL, extend(get(bytes)), i64(3n));
}

function xor(...values: readonly Code[]): Code {
  const [first = [], ...others] = values;
  return chain(Op.I64_XOR, first, ...others);
}

function shl(word: number, count: bigint): Code {
  return chain(Op.I64_SHL, get(word), i64(count));
}

function shr(word: number, count: bigint): Code {
  return chain(Op.I64_SHR_U, get(word), i64(count));
}

const MASKS = [0x1111111111111111n, 0x2222222222222222n, 0x4444444444444444n, 0x8888888888888888n];
/** The lower one of each two groups of so many bits. */
const LOWER_GROUPS = {
  1: 0x5555555555555555n,
  2: 0x3333333333333333n,
  4: 0x0f0f0f0f0f0f0f0fn,
  8: 0x00ff00ff00ff00ffn,
  16: 0x0000ffff0000ffffn,
} as const;
