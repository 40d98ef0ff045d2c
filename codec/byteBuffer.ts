/**
 * A growable little-endian writer for the hot path of encoding, and the pools its results come from.
 *
 * Allocating a small Uint8Array costs more than writing most packets, so small results are cut from shared blocks,
 * as Node's own Buffer pool does: nobody else ever writes to the bytes of a result, but its `buffer` is shared. Who
 * transfers that `buffer` all the same detaches the block: the results in it are gone, and the pool takes a new block.
 */

/** Results of up to `result` bytes are cut from blocks of `block` bytes, which live as long as one of their results. */
export const RESULT_POOLS = [
  { result: 1024, block: 8192 },
  { result: 16_384, block: 65_536 },
] as const;
/** Scratch memory is given back when it has grown beyond this. */
export const KEPT_SCRATCH_BYTES: number = 1 << 20;

/** Little-endian writer over memory that grows. One message at a time: begin, write, then finish or release. */
export class ByteWriter {
  /** The memory being written to. */
  bytes: Uint8Array;
  /** The same memory. */
  view: DataView;
  /** Where the next byte goes. */
  position = 0;
  /** Where the message starts in {@link bytes}; a multiple of 8. */
  base = 0;
  /** The most bytes one message may have. */
  protected maxBytes = 0;

  readonly #small = new Pool(RESULT_POOLS[0].result, RESULT_POOLS[0].block);
  readonly #medium = new Pool(RESULT_POOLS[1].result, RESULT_POOLS[1].block);
  /** Where large messages are written before they are copied. */
  #scratch: Memory = makeMemory(RESULT_POOLS[1].block);
  /** The pool that the message lies in, `undefined` for scratch. */
  #pool: Pool | undefined;

  /** Makes a writer with pools of its own. */
  constructor() {
    this.#pool = this.#small;
    this.bytes = this.#small.memory.bytes;
    this.view = this.#small.memory.view;
  }

  /** How many bytes the message has so far. */
  get written(): number {
    return this.position - this.base;
  }

  /** Begins a message of at most `maxBytes`, where the last one turned out to belong: the next is often like it. */
  protected begin(maxBytes: number): void {
    const pool = this.#pool;
    const memory = pool === undefined ? this.#scratch : pool.withRoom(1);
    this.bytes = memory.bytes;
    this.view = memory.view;
    this.base = pool === undefined ? 0 : pool.used;
    this.position = this.base;
    this.maxBytes = maxBytes;
  }

  /** Ends the message and gives its bytes, which belong to the caller. */
  protected finish(): Uint8Array {
    const size = this.position - this.base;
    const home = this.#homeOf(size);
    if (home === undefined) {
      const owned = this.bytes.slice(this.base, this.position);
      this.release();
      return owned;
    }
    if (home === this.#pool) return home.cut(size);
    const result = home.copy(this.bytes.subarray(this.base, this.position));
    this.release();
    return result;
  }

  /** Ends the message by copying it to `target`, where there must be room. */
  protected finishInto(target: Uint8Array, offset: number): number {
    const size = this.position - this.base;
    target.set(this.bytes.subarray(this.base, this.position), offset);
    this.release();
    return size;
  }

  /** Ends the message without a result; its memory is used again. */
  protected release(): void {
    this.#pool = this.#homeOf(this.position - this.base);
    if (this.#scratch.bytes.length > KEPT_SCRATCH_BYTES) this.#scratch = makeMemory(RESULT_POOLS[1].block);
  }

  /** Makes the error of a message that passes its limit. */
  protected tooLarge(): Error {
    return new RangeError(`message of more than ${this.maxBytes} bytes`);
  }

  /** Makes room for `count` more bytes. To be called before each write. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  #homeOf(size: number): Pool | undefined {
    if (size <= this.#small.largest) return this.#small;
    return size <= this.#medium.largest ? this.#medium : undefined;
  }

  /** Moves the message to where there is more room: the larger pool, then scratch, then larger scratch. */
  #grow(count: number): void {
    const size = this.position - this.base;
    const needed = size + count;
    // Writers reserve a little more than they write, so the limit itself is checked at the end.
    if (needed > this.maxBytes + RESERVE_SLACK) throw this.tooLarge();
    let memory: Memory;
    let base = 0;
    if (this.#pool === this.#small && needed <= this.#medium.largest) {
      memory = this.#medium.withRoom(needed);
      base = this.#medium.used;
      this.#pool = this.#medium;
    } else {
      memory = this.#scratch;
      if (memory.bytes.length < needed || memory.bytes === this.bytes) {
        memory = makeMemory(Math.max(needed, Math.min(needed * 2, this.maxBytes + RESERVE_SLACK)));
        this.#scratch = memory;
      }
      this.#pool = undefined;
    }
    memory.bytes.set(this.bytes.subarray(this.base, this.position), base);
    this.bytes = memory.bytes;
    this.view = memory.view;
    this.base = base;
    this.position = base + size;
  }
}

interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function makeMemory(size: number): Memory {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Cuts results from blocks. */
class Pool {
  /** The largest result. */
  readonly largest: number;
  /** The block that results are cut from at present. */
  memory: Memory;
  /** How much of it is given away; a multiple of 8. */
  used = 0;
  readonly #blockSize: number;

  constructor(largest: number, block: number) {
    this.largest = largest;
    this.#blockSize = block;
    this.memory = makeMemory(block);
  }

  /** Gives away the next bytes, which the caller has written already. */
  cut(size: number): Uint8Array {
    const { bytes } = this.memory;
    const from = this.used;
    // Steps of eight keep every message aligned for those who lay typed arrays over it.
    this.used = (from + size + 7) & -8;
    if (this.used >= bytes.length) this.#renew();
    return bytes.subarray(from, from + size);
  }

  /** Gives away a copy. */
  copy(source: Uint8Array): Uint8Array {
    this.withRoom(source.length).bytes.set(source, this.used);
    return this.cut(source.length);
  }

  /** The block, a new one if the present one has too little room, or none because somebody transferred it. */
  withRoom(size: number): Memory {
    if (this.memory.bytes.length - this.used < size) this.#renew();
    return this.memory;
  }

  #renew(): void {
    this.memory = makeMemory(this.#blockSize);
    this.used = 0;
  }
}

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
