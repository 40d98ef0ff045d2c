/**
 * AES-GCM (NIST SP 800-38D) for many short messages with one key. node:crypto makes a cipher object for each nonce, which
 * costs more than a short message; here one living AES cipher of node:crypto encrypts the counters of all messages, and a
 * WebAssembly module (`gcmModule.ts`) does the rest. docs/decisions/0007.
 *
 * Nothing secret becomes a number of JavaScript, whose time may depend on its value: JavaScript copies bytes, and computes
 * with lengths, nonces and counters alone.
 */
import { type Cipher, createCipheriv } from 'node:crypto';
import { encodeGcmModule, type GcmExports, GcmMemory } from './gcmModule.ts';

/** The longest content, and the longest additional data, in bytes: for longer messages node:crypto is faster. */
export const SHORT_BYTES = 512;

/**
 * Seals and opens messages with one key. When their nonces count up by one, as those of records do, one call of node:crypto
 * encrypts the counters of several messages, of which those to come are kept.
 */
export class ShortGcm {
  readonly #aes: Cipher;
  /** Of the size that the engine keeps in its own heap. */
  readonly #hashKey: Uint8Array;
  readonly #unit: GcmUnit;
  /** The last 32 bits of the nonce that would follow the latest one that was right. */
  #next = 0;
  // The key stream that is kept: of how many blocks for each message, and from which nonce (three words) on.
  #ahead: Uint8Array | undefined;
  #aheadBlocks = 0;
  #aheadFirst = 0;
  #aheadSecond = 0;
  #aheadLast = 0;

  private constructor(unit: GcmUnit, key: Uint8Array) {
    this.#unit = unit;
    this.#aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    this.#hashKey = Uint8Array.from(this.#aes.update(ZEROS));
  }

  /**
   * Makes one.
   *
   * @param key 16 or 32 bytes; the caller may erase them.
   * @returns undefined where WebAssembly cannot be had: in a Node with `--jitless`, or with too little address space (`ulimit -v`).
   */
  static create(key: Uint8Array): ShortGcm | undefined {
    const unit = ShortGcm.prepare();
    return unit === 'missing' ? undefined : new ShortGcm(unit, key);
  }

  /** Compiles the module, some milliseconds once; {@link ShortGcm.create} does it where nobody has. */
  static prepare(): GcmUnit | 'missing' {
    if (unit === undefined) {
      unit = GcmUnit.create() ?? 'missing';
      // The engine compiles what is called first when it is called first.
      ShortGcm.create(ZEROS)?.seal(ZEROS.subarray(4), ZEROS, ZEROS, new Uint8Array(32), 0);
    }
    return unit;
  }

  /**
   * Encrypts.
   *
   * @param nonce 12 bytes, never the same twice.
   * @param content at most {@link SHORT_BYTES}, as the additional data.
   * @param out gets the encrypted content, and the tag of 16 bytes behind it, from `at` on.
   */
  seal(nonce: Uint8Array, additional: Uint8Array, content: Uint8Array, out: Uint8Array, at: number): void {
    const unit = this.#unit;
    const start = unit.load(this.#hashKey, nonce, additional, content, content.length);
    unit.seal(start, additional.length, content.length, this.#loadKeyStream(content.length));
    this.#next = (unit.lastWord + 1) >>> 0;
    unit.copyTo(out, at, content.length + 16);
  }

  /**
   * Decrypts.
   *
   * @param sealed the encrypted content and the tag; the content at most {@link SHORT_BYTES}, as the additional data.
   * @returns bytes of their own; undefined when the tag is wrong.
   */
  open(nonce: Uint8Array, additional: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const unit = this.#unit;
    const length = sealed.length - 16;
    const start = unit.load(this.#hashKey, nonce, additional, sealed, length);
    if (unit.open(start, additional.length, length, this.#loadKeyStream(length)) === 0) return undefined;
    this.#next = (unit.lastWord + 1) >>> 0;
    return unit.content(length);
  }

  /** Puts the key stream for the nonce that is loaded into the memory. @returns where it begins. */
  #loadKeyStream(length: number): number {
    const unit = this.#unit;
    const { firstWord, secondWord, lastWord } = unit;
    const blocks = ((length + 15) >>> 4) + 1;
    const index = (lastWord - this.#aheadLast) >>> 0;
    const isKept =
      blocks <= this.#aheadBlocks && firstWord === this.#aheadFirst && secondWord === this.#aheadSecond;
    if (isKept && this.#ahead !== undefined && index * this.#aheadBlocks * 16 < this.#ahead.length) {
      return unit.setKeyStream(this.#ahead, index * this.#aheadBlocks);
    }
    // A forged message with any nonce gets no more than it needs.
    const messages =
      lastWord === this.#next ? Math.max(1, Math.min(MESSAGES_AHEAD, Math.floor(MAX_BLOCKS / blocks))) : 1;
    const stream = this.#aes.update(unit.counterBlocks(messages, blocks));
    if (messages > 1) {
      this.#ahead = stream;
      this.#aheadBlocks = blocks;
      this.#aheadFirst = firstWord;
      this.#aheadSecond = secondWord;
      this.#aheadLast = lastWord;
    }
    return unit.setKeyStream(stream, 0);
  }
}

/** The module and its memory: of one message at a time, so one for all. */
class GcmUnit {
  readonly seal: GcmExports['seal'];
  readonly open: GcmExports['open'];
  // The nonce that is loaded, big-endian.
  firstWord = 0;
  secondWord = 0;
  lastWord = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** The first n counter blocks. */
  readonly #counters: readonly Uint8Array[];

  private constructor({ memory: { buffer }, seal, open }: GcmExports) {
    this.seal = seal;
    this.open = open;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#counters = Array.from({ length: MAX_BLOCKS + 1 }, (_, count) =>
      this.#bytes.subarray(COUNTERS, COUNTERS + 16 * count),
    );
  }

  static create(): GcmUnit | undefined {
    const wasm = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
    if (wasm === undefined) return undefined;
    const code = encodeGcmModule();
    try {
      return new GcmUnit(new wasm.Instance(new wasm.Module(code)).exports);
    } catch {
      // V8 takes 8 GiB of addresses for the smallest memory, which `ulimit -v` may forbid; a context may forbid to compile.
      return undefined;
    }
  }

  /** Puts all but the key stream into the memory. @returns where the additional data begin. */
  load(
    hashKey: Uint8Array,
    nonce: Uint8Array,
    additional: Uint8Array,
    message: Uint8Array,
    length: number,
  ): number {
    if (length < 0 || length > SHORT_BYTES || additional.length > SHORT_BYTES || nonce.length !== 12) {
      throw new RangeError('the message is too long, or the nonce has not 12 bytes');
    }
    const bytes = this.#bytes;
    bytes.set(nonce, NONCE);
    this.firstWord = this.#view.getInt32(NONCE);
    this.secondWord = this.#view.getInt32(NONCE + 4);
    this.lastWord = this.#view.getUint32(NONCE + 8);
    bytes.set(hashKey, HASH_KEY);
    const start = CONTENT - ((additional.length + 15) & ~15);
    if (additional.length > 0) bytes.fill(0, CONTENT - 16, CONTENT);
    bytes.set(additional, start);
    bytes.set(message, CONTENT);
    return start;
  }

  /** Counter blocks for so many messages, the first with the nonce that is loaded. The bytes are those of the memory. */
  counterBlocks(messages: number, blocks: number): Uint8Array {
    const view = this.#view;
    let at = COUNTERS;
    for (let message = 0; message < messages; message += 1) {
      for (let block = 1; block <= blocks; block += 1, at += 16) {
        view.setInt32(at, this.firstWord);
        view.setInt32(at + 4, this.secondWord);
        view.setUint32(at + 8, this.lastWord + message);
        // NIST SP 800-38D 7.1: the block of the tag has the number 1.
        view.setUint32(at + 12, block);
      }
    }
    return this.#counters[messages * blocks] ?? ZEROS;
  }

  /** @returns the address of a block of it. */
  setKeyStream(stream: Uint8Array, block: number): number {
    this.#bytes.set(stream, KEY_STREAM);
    return KEY_STREAM + 16 * block;
  }

  /** Copies what has been sealed, of which nothing is secret any more. */
  copyTo(out: Uint8Array, at: number, length: number): void {
    const bytes = this.#bytes;
    for (let index = 0; index < length; index += 1) out[at + index] = bytes[CONTENT + index] ?? 0;
  }

  /** A copy of what has been opened. */
  content(length: number): Uint8Array {
    return this.#bytes.slice(CONTENT, CONTENT + length);
  }
}

const { HASH_KEY, COUNTERS, KEY_STREAM, CONTENT } = GcmMemory;
const NONCE = 0x800;
/** How many counter blocks are encrypted at once, in all: those of the longest message, or of several short ones. */
const MAX_BLOCKS = SHORT_BYTES / 16 + 4;
const MESSAGES_AHEAD = 4;
const ZEROS: Uint8Array = new Uint8Array(16);

/** What is used of WebAssembly, which no types of Node's declare. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: GcmExports };
}

/** Made when the first one needs it. */
let unit: GcmUnit | 'missing' | undefined;
