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

/** Seals and opens messages with one key. */
export class ShortGcm {
  readonly #aes: Cipher;
  /** Of the size that the engine keeps in its own heap. */
  readonly #hashKey: Uint8Array;
  readonly #unit: GcmUnit;

  private constructor(unit: GcmUnit, key: Uint8Array) {
    this.#unit = unit;
    this.#aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    this.#hashKey = Uint8Array.from(this.#aes.update(ZEROS));
  }

  /**
   * Makes one.
   *
   * @param key 16 or 32 bytes; the caller may erase them.
   * @returns undefined where there is no WebAssembly, e.g. in a Node with `--jitless`.
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
    const start = unit.load(this.#aes, this.#hashKey, nonce, additional, content, content.length);
    unit.seal(start, additional.length, content.length);
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
    const start = unit.load(this.#aes, this.#hashKey, nonce, additional, sealed, length);
    return unit.open(start, additional.length, length) === 1 ? unit.content(length) : undefined;
  }
}

/** The module and its memory: of one message at a time, so one for all. */
class GcmUnit {
  readonly seal: GcmExports['seal'];
  readonly open: GcmExports['open'];
  readonly #bytes: Uint8Array;
  /** In the byte order of the machine: nonces are copied by whole words, which changes nothing. */
  readonly #words: Int32Array;
  /** The first n counter blocks. */
  readonly #counters: readonly Uint8Array[];

  private constructor({ memory: { buffer }, seal, open }: GcmExports) {
    this.seal = seal;
    this.open = open;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    const view = new DataView(buffer);
    const counts = Array.from({ length: SHORT_BYTES / 16 + 2 }, (_, count) => count);
    // NIST SP 800-38D 7.1: the block of the tag has the number 1.
    for (const count of counts) view.setUint32(COUNTERS + 16 * count + 12, count + 1);
    this.#counters = counts.map((count) => this.#bytes.subarray(COUNTERS, COUNTERS + 16 * count));
  }

  static create(): GcmUnit | undefined {
    const wasm = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
    if (wasm === undefined) return undefined;
    const { exports } = new wasm.Instance(new wasm.Module(encodeGcmModule()));
    return new GcmUnit(exports);
  }

  /** Puts a message and its key stream into the memory. @returns where the additional data begin. */
  load(
    aes: Cipher,
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
    const words = this.#words;
    const count = ((length + 15) >>> 4) + 1;
    bytes.set(nonce, NONCE);
    const first = words[NONCE >> 2] ?? 0;
    const second = words[(NONCE >> 2) + 1] ?? 0;
    const third = words[(NONCE >> 2) + 2] ?? 0;
    for (let block = 0, at = COUNTERS >> 2; block < count; block += 1, at += 4) {
      words[at] = first;
      words[at + 1] = second;
      words[at + 2] = third;
    }
    bytes.set(aes.update(this.#counters[count] ?? ZEROS), KEY_STREAM);
    bytes.set(hashKey, HASH_KEY);
    const start = CONTENT - ((additional.length + 15) & ~15);
    if (additional.length > 0) bytes.fill(0, CONTENT - 16, CONTENT);
    bytes.set(additional, start);
    bytes.set(message, CONTENT);
    return start;
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
const ZEROS: Uint8Array = new Uint8Array(16);

/** What is used of WebAssembly, which no types of Node's declare. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: GcmExports };
}

/** Made when the first one needs it. */
let unit: GcmUnit | 'missing' | undefined;
