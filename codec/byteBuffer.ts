/**
 * A growable little-endian writer for the hot path of encoding. A message is written to scratch memory and leaves it as a
 * copy of its exact size: what the codec returns shares memory with nothing, whoever takes the whole `buffer` of it.
 */

/** Scratch memory is given back when it has grown beyond this. */
const KEPT_SCRATCH_BYTES: number = 1 << 20;

/** Little-endian writer over memory that grows. One message at a time: begin, write, then finish or release. */
export class ByteWriter {
  /** The memory being written to. */
  bytes: Uint8Array = new Uint8Array(FIRST_SCRATCH_BYTES);
  /** The same memory. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  position: number = BASE;
  /** Where the message starts in {@link bytes}; a multiple of 8. */
  readonly base: number = BASE;
  /** The most bytes one message may have. */
  protected maxBytes = 0;

  /** How many bytes the message has so far. */
  get written(): number {
    return this.position - BASE;
  }

  /** Begins a message of at most `maxBytes`. */
  protected begin(maxBytes: number): void {
    this.position = BASE;
    this.maxBytes = maxBytes;
  }

  /**
   * Ends the message and gives its bytes, which belong to the caller alone.
   *
   * @param prefix a byte to be put before it.
   */
  protected finish(prefix?: number): Uint8Array {
    let from = BASE;
    if (prefix !== undefined) {
      from -= 1;
      this.bytes[from] = prefix;
    }
    const owned = this.bytes.slice(from, this.position);
    this.release();
    return owned;
  }

  /** Ends the message by copying it to `target`, where there must be room. */
  protected finishInto(target: Uint8Array, offset: number): number {
    const size = this.written;
    target.set(this.bytes.subarray(BASE, this.position), offset);
    this.release();
    return size;
  }

  /** Ends the message without a result; its memory is used again. */
  protected release(): void {
    if (this.bytes.length > KEPT_SCRATCH_BYTES) this.#replace(new Uint8Array(FIRST_SCRATCH_BYTES));
  }

  /** Makes the error of a message that passes its limit. */
  protected tooLarge(): Error {
    return new RangeError(`message of more than ${this.maxBytes} bytes`);
  }

  /** Makes room for `count` more bytes. To be called before each write. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const needed = this.written + count;
    const most = this.maxBytes + RESERVE_SLACK;
    // Writers reserve a little more than they write, so the limit itself is checked at the end.
    if (needed > most) throw this.tooLarge();
    const larger = new Uint8Array(BASE + Math.max(needed, Math.min(needed * 2, most)));
    larger.set(this.bytes.subarray(0, this.position));
    this.#replace(larger);
  }

  #replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** Room for a prefix before each message, which keeps the message itself aligned. */
const BASE = 8;
const FIRST_SCRATCH_BYTES = 65_536;
/** How much more than they write writers may reserve. */
const RESERVE_SLACK = 4096;

/** Whether this machine keeps numbers in memory as Godot's wire does. */
export const IS_LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reverses each group of `width` bytes in place: between wire order and the order of a big-endian machine. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start + width <= bytes.length; start += width) {
    bytes.subarray(start, start + width).reverse();
  }
}
