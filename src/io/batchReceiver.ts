/**
 * Takes the datagrams of a socket that node:dgram watches: the first of each turn from its event, the others with one
 * recvmmsg, before node:dgram takes them one by one. Part of the transport mmsg; docs/protocol/enet-protocol 8.2.
 */
import type { RemoteInfo } from 'node:dgram';
import type { Address } from '../enet/index.ts';
import { type DatagramSink, MAX_DATAGRAM_BYTES, MAX_LONG_DATAGRAM_BYTES } from '../runtime/internal.ts';
import { AddressTable } from './addressTable.ts';
import { CONNECTION_REFUSED } from './connectedSocket.ts';
import type { Libc } from './libc.ts';
import { Slab } from './slab.ts';
import { SOCKADDR_WORDS, type SockaddrTable } from './sockaddr.ts';
import { WaitingQueue } from './waitingQueue.ts';

/** The receiving half of a socket. */
export class BatchReceiver {
  /** See `DatagramSocket.connect`. */
  onRefused: (() => void) | undefined;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #addresses: SockaddrTable;
  readonly #known = new AddressTable();
  readonly #shared = new WeakMap<Address, Address>();
  /** Came by events before the batch, and after it. */
  readonly #early = new WaitingQueue();
  readonly #late = new WaitingQueue(RECEIVE_SLOTS * MAX_DATAGRAM_BYTES);
  /** Two, because a batch may come while the datagrams of the one before are still in use. */
  #slabs: readonly [Slab, Slab];
  /** For what is copied into the late queue. */
  #overflow: Slab | undefined;
  #slotBytes: number = MAX_DATAGRAM_BYTES;
  /** Which slab the batch is in, where its next datagram is, and how many there are in all. */
  #current: 0 | 1 = 0;
  #next = 0;
  #count = 0;
  /** Datagrams of the current slab were handed out by the last {@link BatchReceiver.receive}. */
  #isLent = false;
  #droppedDatagrams = 0;

  constructor(libc: Libc, fd: number, addresses: SockaddrTable) {
    this.#libc = libc;
    this.#fd = fd;
    this.#addresses = addresses;
    this.#slabs = createSlabs(libc, MAX_DATAGRAM_BYTES);
  }

  /** See `DatagramSocket.droppedDatagrams`. */
  get droppedDatagrams(): number {
    return this.#droppedDatagrams + this.#early.droppedDatagrams + this.#late.droppedDatagrams;
  }

  /** Whether datagrams wait that were taken from the system. */
  get hasWaiting(): boolean {
    return this.#early.size > 0 || this.#next < this.#count || this.#late.size > 0;
  }

  /** Takes a datagram that node:dgram has taken, whose bytes are ours from here on, and all that wait behind it. */
  push(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    const from = this.#addressOf(address, port);
    if (this.#next < this.#count || this.#late.size > 0) {
      this.#late.push(bytes, from);
      return;
    }
    this.#early.push(bytes, from);
    this.#fill(RECEIVE_SLOTS);
  }

  /** Takes what waits at the system, which keeps less of it than we do, before anybody asks for it; a part of very much. */
  store(): void {
    if (!this.hasWaiting) {
      this.#fill(RECEIVE_SLOTS);
      return;
    }
    this.#overflow ??= new Slab(this.#libc, RECEIVE_SLOTS, this.#slotBytes);
    for (let batch = 0; batch < STORED_BATCHES; batch += 1) {
      const count = this.#take(this.#overflow, RECEIVE_SLOTS);
      for (let index = 0; index < count; index += 1) this.#keep(this.#overflow, index);
      if (count < RECEIVE_SLOTS) return;
    }
  }

  /** See `DatagramSocket.receive`. */
  receive(limit: number, sink: DatagramSink): number {
    this.#isLent = false;
    if (!this.hasWaiting) {
      // Whoever polls without leaving the event loop its turn gets no events.
      this.#fill(Math.min(limit, RECEIVE_SLOTS));
    }
    let taken = this.#early.receive(limit, sink);
    const end = Math.min(this.#count, this.#next + limit - taken);
    for (; this.#next < end; this.#next += 1) {
      this.#handOver(this.#next, sink);
      taken += 1;
    }
    return this.#next < this.#count ? taken : taken + this.#late.receive(limit - taken, sink);
  }

  /** See `DatagramSocket.takeLongDatagrams`. What waits is forgotten. */
  takeLongDatagrams(): void {
    this.clear();
    this.#slotBytes = MAX_LONG_DATAGRAM_BYTES;
    this.#overflow = undefined;
    // What the system does not write to costs no memory.
    this.#slabs = createSlabs(this.#libc, MAX_LONG_DATAGRAM_BYTES);
    this.#early.maxDatagramBytes = MAX_LONG_DATAGRAM_BYTES;
    this.#late.maxDatagramBytes = MAX_LONG_DATAGRAM_BYTES;
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#early.clear();
    this.#late.clear();
    this.#next = 0;
    this.#count = 0;
  }

  /** Takes a batch from the system, when the one before was handed out. */
  #fill(wanted: number): void {
    if (this.#isLent) {
      this.#current = this.#current === 0 ? 1 : 0;
      this.#isLent = false;
    }
    this.#next = 0;
    this.#count = this.#take(this.#slabs[this.#current], wanted);
  }

  /** @returns how many datagrams are in the slab now. */
  #take(slab: Slab, wanted: number): number {
    let count = this.#libc.recvmmsg(this.#fd, slab.messages, wanted, MSG_DONTWAIT, null);
    const problem = count < 0 ? this.#libc.errorCode() : undefined;
    if (problem === CONNECTION_REFUSED) this.onRefused?.();
    if (problem !== undefined && problem !== 'EAGAIN') {
      // An error of an earlier send is reported once; behind it datagrams may wait.
      count = this.#libc.recvmmsg(this.#fd, slab.messages, wanted, MSG_DONTWAIT, null);
    }
    count = Math.max(0, count);
    slab.prepare(count);
    return count;
  }

  #keep(slab: Slab, index: number): void {
    const bytes = slab.bytesAt(index, slab.lengthAt(index)).slice();
    if (slab.isTruncated(index)) this.#droppedDatagrams += 1;
    else this.#late.push(bytes, this.#addresses.decode(slab.names, index * SOCKADDR_WORDS));
  }

  /** The object that datagrams of a batch have, too. */
  #addressOf(socketIp: string, port: number): Address {
    const known = this.#known.get(socketIp, port);
    let shared = this.#shared.get(known);
    if (shared === undefined) {
      const words = this.#addresses.encode(known);
      shared = words === undefined ? known : this.#addresses.decode(words, 0);
      this.#shared.set(known, shared);
    }
    return shared;
  }

  #handOver(index: number, sink: DatagramSink): void {
    const slab = this.#slabs[this.#current];
    const length = slab.lengthAt(index);
    // enet-protocol 12.1 W10, W11: an empty datagram says nothing, and one that did not fit is dropped.
    if (slab.isTruncated(index)) {
      this.#droppedDatagrams += 1;
    } else if (length > 0) {
      this.#isLent = true;
      const from = this.#addresses.decode(slab.names, index * SOCKADDR_WORDS);
      sink.receive(slab.bytesAt(index, length), from);
    }
  }
}

function createSlabs(libc: Libc, slotBytes: number): readonly [Slab, Slab] {
  return [new Slab(libc, RECEIVE_SLOTS, slotBytes), new Slab(libc, RECEIVE_SLOTS, slotBytes)];
}

/** As many datagrams as one receive phase takes. docs/protocol/enet-protocol 8.2. */
const RECEIVE_SLOTS = 256;
/** So many at once: who sends faster than it is read must not hold the process up. */
const STORED_BATCHES = 16;
const MSG_DONTWAIT = 0x40;
