/**
 * A growable little-endian writer for the hot path of encoding, and the pool its results come from.
 *
 * Allocating a small Uint8Array costs more than writing most packets, so small results are cut from a shared block,
 * as Node's own Buffer pool does: nobody else ever writes to the bytes of a result, but its `buffer` is shared.
 */

/** Bytes of a pool block. A small result kept forever keeps this many bytes alive. */
export const POOL_BLOCK_BYTES = 8192;
/** Results up to this size are cut from a pool block; longer ones own their memory. */
export const POOLED_RESULT_BYTES = 1024;
/** Scratch memory is given back when it has grown beyond this. */
export const KEPT_SCRATCH_BYTES = 1 << 20;

/** Little-endian writer over memory that grows. One message at a time: `start`, write, then `finish` or `discard`. */
export class ByteWriter {
  /** The memory being written to. */
  bytes: Uint8Array;
  /** The same memory. */
  view: DataView;
  /** Where the next byte goes. */
  position = 0;
  /** Where the message starts in {@link bytes}; a multiple of 4. */
  base = 0;
  /** The most bytes one message may have. */
  protected maxBytes = 0;

  #pool: Uint8Array;
  #poolView: DataView;
  #poolUsed = 0;
  #scratch: Uint8Array;
  #scratchView: DataView;
  #wasLarge = false;

  /** Makes a writer with its own pool block. */
  constructor() {
    this.#pool = new Uint8Array(POOL_BLOCK_BYTES);
    this.#poolView = new DataView(this.#pool.buffer);
    this.#scratch = new Uint8Array(POOL_BLOCK_BYTES);
    this.#scratchView = new DataView(this.#scratch.buffer);
    this.bytes = this.#pool;
    this.view = this.#poolView;
  }

  /** How many bytes the message has so far. */
  get written(): number {
    return this.position - this.base;
  }

  /** Begins a message of at most `maxBytes`. */
  protected begin(maxBytes: number): void {
    if (this.#wasLarge) {
      this.bytes = this.#scratch;
      this.view = this.#scratchView;
      this.base = 0;
    } else {
      this.bytes = this.#pool;
      this.view = this.#poolView;
      this.base = this.#poolUsed;
    }
    this.position = this.base;
    this.maxBytes = maxBytes;
  }

  /** Ends the message and gives its bytes, which belong to the caller. */
  protected finish(): Uint8Array {
    const size = this.position - this.base;
    this.#wasLarge = size > POOLED_RESULT_BYTES;
    if (this.#wasLarge) {
      const owned = this.bytes.slice(this.base, this.position);
      this.release();
      return owned;
    }
    if (this.bytes !== this.#pool) {
      // A small message after large ones: it was written to scratch.
      if (this.#pool.length - this.#poolUsed < size) this.#newBlock();
      this.#pool.set(this.bytes.subarray(this.base, this.position), this.#poolUsed);
      this.release();
    }
    const from = this.#poolUsed;
    // Eight-byte steps keep every message aligned for those who lay typed arrays over it.
    const next = (from + size + 7) & -8;
    const block = this.#pool;
    if (next >= POOL_BLOCK_BYTES) this.#newBlock();
    else this.#poolUsed = next;
    return block.subarray(from, from + size);
  }

  /** Ends the message by copying it to `target`, whole or not at all. */
  protected finishInto(target: Uint8Array, offset: number): number {
    const size = this.position - this.base;
    target.set(this.bytes.subarray(this.base, this.position), offset);
    this.#wasLarge = size > POOLED_RESULT_BYTES;
    this.release();
    return size;
  }

  /** Ends the message and forgets it; its memory is used again. */
  protected release(): void {
    if (this.#scratch.length > KEPT_SCRATCH_BYTES) {
      this.#scratch = new Uint8Array(POOL_BLOCK_BYTES);
      this.#scratchView = new DataView(this.#scratch.buffer);
      this.bytes = this.#scratch;
      this.view = this.#scratchView;
    }
  }

  /** Called when a message passes its limit. */
  protected tooLarge(): Error {
    return new RangeError(`message of more than ${this.maxBytes} bytes`);
  }

  /** Makes room for `count` more bytes. To be called before each write. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const size = this.position - this.base;
    if (count > this.maxBytes - size) throw this.tooLarge();
    const needed = size + count;
    let target = this.#scratch;
    if (target.length < needed || target === this.bytes) {
      target = new Uint8Array(Math.max(needed, Math.min(needed * 2, this.maxBytes)) + 8);
      this.#scratch = target;
      this.#scratchView = new DataView(target.buffer);
    }
    target.set(this.bytes.subarray(this.base, this.position));
    this.bytes = target;
    this.view = this.#scratchView;
    this.base = 0;
    this.position = size;
  }

  #newBlock(): void {
    this.#pool = new Uint8Array(POOL_BLOCK_BYTES);
    this.#poolView = new DataView(this.#pool.buffer);
    this.#poolUsed = 0;
  }
}

/** Whether this machine keeps numbers in memory as Godot's wire does. */
export const IS_LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reverses each group of `width` bytes in place: between wire order and the order of a big-endian machine. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start + width <= bytes.length; start += width) {
    bytes.subarray(start, start + width).reverse();
  }
}
