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

  constructor(libc: Libc, slots: number, slotBytes: number) {
    this.#slotBytes = slotBytes;
    this.#headers = new Uint32Array(slots * HEADER_WORDS);
    this.#vectors = new Uint32Array(slots * VECTOR_WORDS);
    this.names = new Uint32Array(slots * SOCKADDR_WORDS);
    this.#data = new Uint8Array(slots * slotBytes);
    this.prepare(slots);
    this.messages = libc.addressOf(this.#headers);
    const vectors = libc.addressOf(this.#vectors);
    const names = libc.addressOf(this.names);
    const data = libc.addressOf(this.#data);
    for (let index = 0; index < slots; index += 1) {
      const header = index * HEADER_WORDS;
      setPointer(this.#headers, header + NAME_WORD, names + BigInt(index * SOCKADDR_WORDS * 4));
      setPointer(this.#headers, header + VECTOR_WORD, vectors + BigInt(index * VECTOR_WORDS * 4));
      this.#headers[header + VECTOR_COUNT_WORD] = 1;
      this.#vectors[index * VECTOR_WORDS + LENGTH_WORD] = slotBytes;
      setPointer(this.#vectors, index * VECTOR_WORDS, data + BigInt(index * slotBytes));
    }
  }

  /** Makes the first slots ready to receive again: the system has written the lengths of the addresses. */
  prepare(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#headers[index * HEADER_WORDS + NAME_LENGTH_WORD] = SOCKADDR_WORDS * 4;
    }
  }

  /** Copies one datagram into a slot. */
  put(index: number, bytes: Uint8Array, to: Uint32Array, nameLength: number): void {
    const start = index * this.#slotBytes;
    const { length } = bytes;
    if (length > SHORT_BYTES) {
      this.#data.set(bytes, start);
    } else {
      for (let at = 0; at < length; at += 1) {
        this.#data[start + at] = bytes[at] ?? 0;
      }
    }
    const name = index * SOCKADDR_WORDS;
    for (let word = 0; word * 4 < nameLength; word += 1) {
      this.names[name + word] = to[word] ?? 0;
    }
    this.#headers[index * HEADER_WORDS + NAME_LENGTH_WORD] = nameLength;
    this.#vectors[index * VECTOR_WORDS + LENGTH_WORD] = bytes.length;
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

/** Up to here a loop copies faster than `set`. */
const SHORT_BYTES = 64;

// Offsets in words of 4 bytes. struct mmsghdr: name pointer 0, its length 8, iovec pointer 16, their count 24,
// control pointer 32, its length 40, flags 48, received length 56. struct iovec: pointer 0, length 8.
const HEADER_WORDS = 16;
const NAME_WORD = 0;
const NAME_LENGTH_WORD = 2;
const VECTOR_WORD = 4;
const VECTOR_COUNT_WORD = 6;
const FLAGS_WORD = 12;
const MESSAGE_LENGTH_WORD = 14;
const VECTOR_WORDS = 4;
const LENGTH_WORD = 2;
/** See recvmsg(2). */
const MSG_TRUNC = 0x20;
