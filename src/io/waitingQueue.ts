/** Datagrams that arrived and wait for their host, with bounds. docs/protocol/enet-protocol 8.2, 12.1 W10 and W11. */
import type { Address } from '../enet/index.ts';
import { type DatagramSink, MAX_DATAGRAM_BYTES } from '../runtime/internal.ts';

/** A first-in, first-out queue of datagrams. */
export class WaitingQueue {
  readonly #maxBytes: number;
  #bytes: Uint8Array[] = [];
  #from: Address[] = [];
  #head = 0;
  #totalBytes = 0;
  #droppedDatagrams = 0;
  /** The longest datagram that is taken, in bytes. */
  maxDatagramBytes: number = MAX_DATAGRAM_BYTES;

  /** @param elsewhereBytes how many of the bytes that may wait, wait somewhere else. */
  constructor(elsewhereBytes: number = 0) {
    this.#maxBytes = MAX_WAITING_BYTES - elsewhereBytes;
  }

  /** Datagrams that were not taken because they are too long or the queue was full. */
  get droppedDatagrams(): number {
    return this.#droppedDatagrams;
  }

  /** How many datagrams wait. */
  get size(): number {
    return this.#bytes.length - this.#head;
  }

  /**
   * Appends a datagram, whose bytes the queue keeps. Empty ones are ignored: they carry nothing.
   *
   * @returns whether it was taken.
   */
  push(bytes: Uint8Array, from: Address): boolean {
    if (bytes.length === 0) {
      return false;
    }
    const isFull =
      this.#bytes.length - this.#head >= MAX_WAITING_DATAGRAMS ||
      this.#totalBytes > this.#maxBytes - bytes.length;
    if (bytes.length > this.maxDatagramBytes || isFull) {
      this.#droppedDatagrams += 1;
      return false;
    }
    this.#totalBytes += bytes.length;
    this.#bytes.push(bytes);
    this.#from.push(from);
    return true;
  }

  /** See {@link DatagramSocket.receive}. */
  receive(limit: number, sink: DatagramSink): number {
    const end = Math.min(this.#head + limit, this.#bytes.length);
    const start = this.#head;
    for (let index = start; index < end; index += 1) {
      const bytes = this.#bytes[index];
      const from = this.#from[index];
      if (bytes !== undefined && from !== undefined) {
        this.#totalBytes -= bytes.length;
        sink.receive(bytes, from);
      }
    }
    this.#head = end;
    if (end === this.#bytes.length) {
      this.#reset();
    } else if (end * 2 > this.#bytes.length) {
      this.#bytes = this.#bytes.slice(end);
      this.#from = this.#from.slice(end);
      this.#head = 0;
    }
    return end - start;
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#reset();
    this.#totalBytes = 0;
  }

  #reset(): void {
    this.#bytes.length = 0;
    this.#from.length = 0;
    this.#head = 0;
  }
}

/** What arrives while nobody calls service is kept up to these bounds. */
const MAX_WAITING_DATAGRAMS = 16_384;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
