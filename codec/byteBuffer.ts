/**
 * The memory that encoding and decoding work in, and a growable little-endian writer over it for the hot path. A message
 * is written to scratch memory and leaves it as a copy of its exact size: what the codec returns shares memory with
 * nothing, whoever takes the whole `buffer` of it.
 */

/** Scratch memory is given back when it has grown beyond this. */
const KEPT_SCRATCH_BYTES: number = 1 << 20;
const FIRST_SCRATCH_BYTES = 65_536;

/** Memory that one message after the other is worked on in. It grows with them. */
export abstract class Scratch {
  /** The memory. What a message does not fill is left over from earlier ones. */
  bytes: Uint8Array = new Uint8Array(FIRST_SCRATCH_BYTES);
  /** The same memory. */
  view: DataView = new DataView(this.bytes.buffer);

  /** Takes larger memory, with the first `kept` bytes of what it was. */
  protected enlarge(size: number, kept: number): void {
    const larger = new Uint8Array(size);
    if (kept > 0) larger.set(this.bytes.subarray(0, kept));
    this.#replace(larger);
  }

  /** Ends a message: its memory is used again, unless that is too much to keep. */
  protected release(): void {
    if (this.bytes.length > KEPT_SCRATCH_BYTES) this.#replace(new Uint8Array(FIRST_SCRATCH_BYTES));
  }

  #replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** Little-endian writer over memory that grows. One message at a time: begin, write, then finish or release. */
export class ByteWriter extends Scratch {
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
    if (size <= COPIED_BY_HAND_BYTES) {
      const { bytes } = this;
      for (let index = 0; index < size; index++) target[offset + index] = bytes[BASE + index] as number;
    } else {
      target.set(this.bytes.subarray(BASE, this.position), offset);
    }
    this.release();
    return size;
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
    this.enlarge(BASE + Math.max(needed, Math.min(needed * 2, most)), this.position);
  }
}

/** Room for a prefix before each message, which keeps the message itself aligned. */
const BASE = 8;
/** Up to here a loop is cheaper than the view that a block copy needs. */
const COPIED_BY_HAND_BYTES = 24;
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
