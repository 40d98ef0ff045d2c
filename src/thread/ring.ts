/**
 * A queue of records in shared memory, with one writer and one reader in different threads.
 * docs/decisions/0004-network-thread.md.
 *
 * A record is a word with its length in bytes and then its bytes, padded to whole words, always in one piece: where it
 * does not fit before the end of the memory, a marker sends the reader back to the start. Positions count bytes
 * modulo 2^32; the writer publishes where it stands after a batch, the reader after it has dealt with one.
 */

/** The writing end. */
export class RingWriter {
  /** The memory as words and as bytes, for whoever fills a record. */
  readonly words: Uint32Array<SharedArrayBuffer>;
  /** The same memory. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #control: Int32Array;
  readonly #headIndex: number;
  readonly #tailIndex: number;
  readonly #capacity: number;
  #head: number;
  #tail: number;
  #published: number;
  #open = 0;

  /**
   * @param memory a power of two in bytes.
   * @param control holds the two positions, under these indices.
   */
  constructor(memory: SharedArrayBuffer, control: Int32Array, headIndex: number, tailIndex: number) {
    this.words = new Uint32Array(memory);
    this.bytes = new Uint8Array(memory);
    this.#control = control;
    this.#headIndex = headIndex;
    this.#tailIndex = tailIndex;
    this.#capacity = memory.byteLength;
    this.#head = Atomics.load(control, headIndex) >>> 0;
    this.#tail = Atomics.load(control, tailIndex) >>> 0;
    this.#published = this.#tail;
  }

  /** Where the next record will begin: what {@link RingWriter.isRead} asks about. */
  get position(): number {
    return this.#tail;
  }

  /**
   * Begins a record. Fill it and call {@link RingWriter.end}.
   *
   * @returns the offset of its first byte in the memory (a multiple of four), or -1 when there is no room.
   */
  begin(byteLength: number): number {
    const need = 4 + align(byteLength);
    const offset = this.#tail & (this.#capacity - 1);
    const left = this.#capacity - offset;
    const total = need <= left ? need : left + need;
    if (total > this.#room()) {
      this.#head = Atomics.load(this.#control, this.#headIndex) >>> 0;
      if (total > this.#room()) return -1;
    }
    this.#open = total;
    if (need <= left) {
      this.words[offset >> 2] = byteLength;
      return offset + 4;
    }
    this.words[offset >> 2] = WRAP;
    this.words[0] = byteLength;
    return 4;
  }

  /** Completes the record. The reader sees it after the next {@link RingWriter.publish}. */
  end(): void {
    this.#tail = (this.#tail + this.#open) >>> 0;
  }

  /** Shows the reader all complete records. @returns whether there were new ones. */
  publish(): boolean {
    if (this.#published === this.#tail) return false;
    this.#published = this.#tail;
    Atomics.store(this.#control, this.#tailIndex, this.#tail | 0);
    return true;
  }

  /** Whether the reader has released everything before a position, given where it was seen to stand. */
  static isRead(position: number, head: number): boolean {
    return ((head - position) | 0) >= 0;
  }

  #room(): number {
    return this.#capacity - ((this.#tail - this.#head) >>> 0);
  }
}

/** The reading end. */
export class RingReader {
  /** The memory as words, for whoever reads a record. */
  readonly words: Uint32Array<SharedArrayBuffer>;
  /** The same memory as bytes. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #control: Int32Array;
  readonly #headIndex: number;
  readonly #tailIndex: number;
  readonly #capacity: number;
  #head: number;
  #released: number;
  #tail: number;

  /** @param memory as for {@link RingWriter}. */
  constructor(memory: SharedArrayBuffer, control: Int32Array, headIndex: number, tailIndex: number) {
    this.words = new Uint32Array(memory);
    this.bytes = new Uint8Array(memory);
    this.#control = control;
    this.#headIndex = headIndex;
    this.#tailIndex = tailIndex;
    this.#capacity = memory.byteLength;
    this.#head = Atomics.load(control, headIndex) >>> 0;
    this.#released = this.#head;
    this.#tail = this.#head;
  }

  /** How many bytes were read and not released. */
  get unreleased(): number {
    return (this.#head - this.#released) >>> 0;
  }

  /** Whether a record waits. */
  get hasMore(): boolean {
    if (this.#head === this.#tail) this.#tail = Atomics.load(this.#control, this.#tailIndex) >>> 0;
    return this.#head !== this.#tail;
  }

  /**
   * Takes the next record. Its bytes stay as they are until {@link RingReader.release}.
   *
   * @returns the offset of its first byte (a multiple of four), or -1 when there is none.
   */
  next(): number {
    if (!this.hasMore) return -1;
    let offset = this.#head & (this.#capacity - 1);
    let length = this.words[offset >> 2] ?? 0;
    if (length === WRAP) {
      this.#head = (this.#head + this.#capacity - offset) >>> 0;
      offset = 0;
      length = this.words[0] ?? 0;
    }
    this.#head = (this.#head + 4 + align(length)) >>> 0;
    return offset + 4;
  }

  /** Gives the writer the room of everything taken so far. */
  release(): void {
    if (this.#released === this.#head) return;
    this.#released = this.#head;
    Atomics.store(this.#control, this.#headIndex, this.#head | 0);
  }
}

function align(byteLength: number): number {
  return (byteLength + 3) & ~3;
}

const WRAP = 0xffff_ffff;
