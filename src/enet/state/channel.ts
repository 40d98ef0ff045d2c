/** One channel of one peer, and received packets that wait for something. enet-protocol 0.3. */

import { isPast } from '../sequence.ts';
import { InFlightTable } from './outgoing.ts';

/** A received packet that cannot be delivered yet: out of order, or with fragments missing. */
export class IncomingEntry {
  /** Command number it came as. */
  readonly command: number;
  readonly reliableSeq: number;
  readonly unreliableSeq: number;
  /** Length of the whole packet. */
  readonly totalLength: number;
  /** 0 when it did not come in fragments. */
  readonly fragmentCount: number;
  /** What it is charged against the limit of waiting data; less once the fragments are joined. */
  charge: number;
  /** What it holds in memory (`MemoryBudget`). */
  heldBytes = 0;
  /** The whole packet, once complete. */
  bytes: Uint8Array | undefined;
  fragmentsLeft: number;
  /** Length of every fragment but the last. */
  readonly fragmentLength: number;
  /** Received fragments by number. Nothing is allocated for those that are missing. */
  readonly pieces: (Uint8Array | undefined)[];

  constructor(
    command: number,
    reliableSeq: number,
    unreliableSeq: number,
    totalLength: number,
    fragmentCount: number,
    fragmentLength: number,
    charge: number,
    bytes: Uint8Array | undefined,
  ) {
    this.command = command;
    this.reliableSeq = reliableSeq;
    this.unreliableSeq = unreliableSeq;
    this.totalLength = totalLength;
    this.fragmentCount = fragmentCount;
    this.fragmentsLeft = fragmentCount;
    this.fragmentLength = fragmentLength;
    this.charge = charge;
    this.bytes = bytes;
    this.pieces = fragmentCount === 0 ? NO_PIECES : [];
  }

  get isComplete(): boolean {
    return this.fragmentsLeft === 0;
  }

  /** Stores a fragment that was not there; joins them when it was the last one missing. */
  addPiece(number: number, piece: Uint8Array): void {
    this.pieces[number] = piece;
    if (--this.fragmentsLeft > 0) return;
    const whole = new Uint8Array(this.totalLength);
    for (let i = 0; i < this.fragmentCount; i++) {
      const part = this.pieces[i];
      if (part !== undefined) whole.set(part, i * this.fragmentLength);
    }
    this.bytes = whole;
    this.pieces.length = 0;
  }
}

/** Shared by all entries without fragments. */
const NO_PIECES: (Uint8Array | undefined)[] = [];

/** The state of one channel. Created when it is first used. */
export class Channel {
  outReliable = 0;
  outUnreliable = 0;
  inReliable = 0;
  /** Whether the numbers of received reliable packets began anew with 0. */
  inHasWrapped = false;
  inUnreliable = 0;
  /** One bit for each of the 16 windows with unacknowledged commands. */
  usedWindows = 0;
  readonly windowCount: Uint16Array = new Uint16Array(16);
  readonly inFlight: InFlightTable = new InFlightTable();
  /** Reliable packets that wait, by (start) number. */
  readonly reliableIn: Map<number, IncomingEntry> = new Map();
  /** Unreliable packets that wait, by (sequenceKey of reliableSeq, unreliableSeq). */
  unreliableIn: IncomingEntry[] = [];

  /** The reliable packet with the next number was delivered, or is part of one that was. */
  advance(seq: number): void {
    this.inReliable = seq;
    if (seq === 0) this.inHasWrapped = true;
  }

  /** Whether a reliable packet with this (start) number was delivered, or waits. */
  wasReceived(seq: number): boolean {
    return isPast(seq, this.inReliable, this.inHasWrapped) || this.reliableIn.has(seq);
  }
}
