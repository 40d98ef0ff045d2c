/** Memory in which recvmmsg and sendmmsg of Linux find many datagrams at once. docs/protocol/enet-protocol 8.2. */
import type { Libc } from './libc.ts';
import { SOCKADDR_WORDS } from './sockaddr.ts';

/**
 * Memory for a batch of messages, in the layout of `struct mmsghdr` (64 bytes), `struct iovec` (16 bytes) and
 * socket addresses. The arrays have buffers of their own, which never move.
 */
export class Slab {
  /** Where the message headers are. */
  readonly messages: bigint;
  /** The addresses, {@link SOCKADDR_WORDS} words each. */
  readonly names: Uint32Array;
  readonly #headers: Uint32Array;
  readonly #vectors: Uint32Array;
  readonly #data: Uint8Array;

  readonly #slotBytes: number;
  /** How many messages {@link Slab.put} has made, and how many slots they have. */
  #messageCount = 0;
  #used = 0;
  /** Of the latest message: whom it is for, how long each of its datagrams is, and all of them. */
  #lastTo: Uint32Array | undefined;
  #segmentBytes = 0;
  #lastBytes = 0;
  readonly #controls: Uint32Array;
  /** The pointers of all slots, two words each, for messages that do not begin at the slot of their number. */
  readonly #vectorPointers: Uint32Array;
  readonly #namePointers: Uint32Array;

  constructor(libc: Libc, slots: number, slotBytes: number) {
    this.#slotBytes = slotBytes;
    this.#headers = new Uint32Array(slots * HEADER_WORDS);
    this.#vectors = new Uint32Array(slots * VECTOR_WORDS);
    this.names = new Uint32Array(slots * SOCKADDR_WORDS);
    this.#data = new Uint8Array(slots * slotBytes);
    this.#controls = new Uint32Array(slots * CONTROL_WORDS);
    this.#vectorPointers = new Uint32Array(slots * 2);
    this.#namePointers = new Uint32Array(slots * 2);
    this.prepare(slots);
    this.messages = libc.addressOf(this.#headers);
    const vectors = libc.addressOf(this.#vectors);
    const names = libc.addressOf(this.names);
    const data = libc.addressOf(this.#data);
    const controls = libc.addressOf(this.#controls);
    for (let index = 0; index < slots; index += 1) {
      const header = index * HEADER_WORDS;
      setPointer(this.#headers, header + NAME_WORD, names + BigInt(index * SOCKADDR_WORDS * 4));
      setPointer(this.#headers, header + VECTOR_WORD, vectors + BigInt(index * VECTOR_WORDS * 4));
      this.#headers[header + VECTOR_COUNT_WORD] = 1;
      this.#vectors[index * VECTOR_WORDS + LENGTH_WORD] = slotBytes;
      setPointer(this.#vectors, index * VECTOR_WORDS, data + BigInt(index * slotBytes));
      setPointer(this.#headers, header + CONTROL_WORD, controls + BigInt(index * CONTROL_WORDS * 4));
      setPointer(this.#vectorPointers, index * 2, vectors + BigInt(index * VECTOR_WORDS * 4));
      setPointer(this.#namePointers, index * 2, names + BigInt(index * SOCKADDR_WORDS * 4));
      this.#controls.set([SEGMENT_CONTROL_BYTES, 0, SOL_UDP, UDP_SEGMENT], index * CONTROL_WORDS);
    }
  }

  /** How many slots hold datagrams that are to be sent. */
  get used(): number {
    return this.#used;
  }

  /** How many messages those are. */
  get messageCount(): number {
    return this.#messageCount;
  }

  /** How many datagrams a message has. */
  datagramsOf(message: number): number {
    return this.#headers[message * HEADER_WORDS + VECTOR_COUNT_WORD] ?? 0;
  }

  /** Begins a batch to send. */
  empty(): void {
    this.#messageCount = 0;
    this.#used = 0;
    this.#lastTo = undefined;
  }

  /** Makes the first slots ready to receive again: the system has written the lengths of the addresses. */
  prepare(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#headers[index * HEADER_WORDS + NAME_LENGTH_WORD] = SOCKADDR_WORDS * 4;
    }
  }

  /**
   * Copies one datagram into the next slot.
   *
   * @param joins whether it may become a part of the message before: one to the same address, whose datagrams are as long. The
   * last of a message may be shorter. See UDP_SEGMENT in udp(7).
   */
  put(bytes: Uint8Array, to: Uint32Array, nameLength: number, joins: boolean): void {
    const slot = this.#used;
    this.#used += 1;
    this.#copy(slot, bytes);
    const { length } = bytes;
    if (joins && to === this.#lastTo && length > 0 && length <= this.#segmentBytes && this.#join(length))
      return;
    const message = this.#messageCount;
    const header = message * HEADER_WORDS;
    this.#messageCount += 1;
    copyPointer(this.#headers, header + VECTOR_WORD, this.#vectorPointers, slot);
    copyPointer(this.#headers, header + NAME_WORD, this.#namePointers, slot);
    const name = slot * SOCKADDR_WORDS;
    for (let word = 0; word * 4 < nameLength; word += 1) {
      this.names[name + word] = to[word] ?? 0;
    }
    this.#headers[header + NAME_LENGTH_WORD] = nameLength;
    this.#headers[header + VECTOR_COUNT_WORD] = 1;
    this.#headers[header + CONTROL_LENGTH_WORD] = 0;
    this.#lastTo = to;
    this.#segmentBytes = length;
    this.#lastBytes = length;
  }

  /** @returns whether the latest message has room for so many bytes more. */
  #join(length: number): boolean {
    const message = this.#messageCount - 1;
    const header = message * HEADER_WORDS;
    const count = this.#headers[header + VECTOR_COUNT_WORD] ?? 0;
    if (count >= MAX_SEGMENTS || this.#lastBytes + length > MAX_MESSAGE_BYTES) return false;
    if (count === 1) {
      this.#headers[header + CONTROL_LENGTH_WORD] = CONTROL_WORDS * 4;
      this.#controls[message * CONTROL_WORDS + SEGMENT_WORD] = this.#segmentBytes;
    }
    this.#headers[header + VECTOR_COUNT_WORD] = count + 1;
    this.#lastBytes += length;
    // A shorter one is the last.
    if (length < this.#segmentBytes) this.#lastTo = undefined;
    return true;
  }

  #copy(slot: number, bytes: Uint8Array): void {
    const start = slot * this.#slotBytes;
    const { length } = bytes;
    if (length > SHORT_BYTES) {
      this.#data.set(bytes, start);
    } else {
      for (let at = 0; at < length; at += 1) {
        this.#data[start + at] = bytes[at] ?? 0;
      }
    }
    this.#vectors[slot * VECTOR_WORDS + LENGTH_WORD] = length;
  }

  /** The bytes of a datagram that was put. */
  putBytes(slot: number): Uint8Array {
    return this.bytesAt(slot, this.#vectors[slot * VECTOR_WORDS + LENGTH_WORD] ?? 0);
  }

  /** Where the message headers from a slot on are. */
  messagesFrom(index: number): bigint {
    return index === 0 ? this.messages : this.messages + BigInt(index * HEADER_WORDS * 4);
  }

  /** How many bytes a slot received. */
  lengthAt(index: number): number {
    return this.#headers[index * HEADER_WORDS + MESSAGE_LENGTH_WORD] ?? 0;
  }

  /** Whether the datagram of a slot was longer than the slot. */
  isTruncated(index: number): boolean {
    return ((this.#headers[index * HEADER_WORDS + FLAGS_WORD] ?? 0) & MSG_TRUNC) !== 0;
  }

  /** A view of the bytes of a slot. */
  bytesAt(index: number, length: number): Uint8Array {
    const start = index * this.#slotBytes;
    return this.#data.subarray(start, start + length);
  }
}

function setPointer(words: Uint32Array, index: number, pointer: bigint): void {
  words[index] = Number(pointer & 0xffff_ffffn);
  words[index + 1] = Number(pointer >> 32n);
}

function copyPointer(words: Uint32Array, index: number, pointers: Uint32Array, slot: number): void {
  words[index] = pointers[slot * 2] ?? 0;
  words[index + 1] = pointers[slot * 2 + 1] ?? 0;
}

/** The level and the name of the option by which a message becomes several datagrams. See udp(7). */
export const SOL_UDP = 17;
/** See {@link SOL_UDP}. */
export const UDP_SEGMENT = 103;

/** Up to here a loop copies faster than `set`. */
const SHORT_BYTES = 64;

// Offsets in words of 4 bytes. struct mmsghdr: name pointer 0, its length 8, iovec pointer 16, their count 24,
// control pointer 32, its length 40, flags 48, received length 56. struct iovec: pointer 0, length 8.
const HEADER_WORDS = 16;
const NAME_WORD = 0;
const NAME_LENGTH_WORD = 2;
const VECTOR_WORD = 4;
const VECTOR_COUNT_WORD = 6;
const CONTROL_WORD = 8;
const CONTROL_LENGTH_WORD = 10;
const FLAGS_WORD = 12;
const MESSAGE_LENGTH_WORD = 14;
const VECTOR_WORDS = 4;
const LENGTH_WORD = 2;
/** See recvmsg(2). */
const MSG_TRUNC = 0x20;
// struct cmsghdr: length 0, level 8, type 12, data 16; padded to 8 bytes.
const CONTROL_WORDS = 6;
const SEGMENT_WORD = 4;
const SEGMENT_CONTROL_BYTES = 18;
/** As many segments, and as many bytes, does every Linux take that knows UDP_SEGMENT. */
const MAX_SEGMENTS = 64;
const MAX_MESSAGE_BYTES = 65_507 - 20;
