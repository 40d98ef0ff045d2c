/** Where datagrams are built: chunks of memory that are written once and given away. */

import type { Address, Datagram } from '../address.ts';
import { MAX_MTU } from '../protocol.ts';

const CHUNK_BYTES = 65_536;
/** Room for the header in front of the commands: peer word, sentTime, checksum. */
const HEADER_ROOM = 8;
const RESERVE_BYTES = HEADER_ROOM + MAX_MTU;

/** Builds datagrams one after the other. The bytes of a finished datagram are never written again. */
export class DatagramWriter {
  /** The memory to write to. */
  buffer: Uint8Array = new Uint8Array(0);
  #used = 0;
  #datagrams: Datagram[] = [];

  /** Whether nothing waits to be drained. */
  get isEmpty(): boolean {
    return this.#datagrams.length === 0;
  }

  /** Makes room for one datagram. @returns where its commands start; 8 bytes before that are free for the header. */
  begin(): number {
    if (this.#used + RESERVE_BYTES > this.buffer.length) {
      this.buffer = new Uint8Array(CHUNK_BYTES);
      this.#used = 0;
    }
    return this.#used + HEADER_ROOM;
  }

  /** Finishes the datagram `buffer[start, end)`. */
  commit(start: number, end: number, to: Address): Uint8Array {
    // What `subarray` gives, at half its price.
    const bytes = new Uint8Array(this.buffer.buffer, start, end - start);
    this.#used = end;
    this.#datagrams.push({ bytes, to });
    return bytes;
  }

  /** Hands over all finished datagrams; they belong to the caller. */
  drain(): Datagram[] {
    if (this.#datagrams.length === 0) return NOTHING;
    const datagrams = this.#datagrams;
    this.#datagrams = [];
    return datagrams;
  }
}

const NOTHING: Datagram[] = [];
