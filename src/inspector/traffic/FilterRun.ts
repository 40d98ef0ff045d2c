/** One filter over the ring: what matches is copied into a ring of its own, and stays when the other one turns over. */
import type { DatagramReader } from './DatagramReader.ts';
import { DatagramRing } from './DatagramRing.ts';
import type { TrafficFilter } from './filter.ts';

/** See the head of this file. */
export class FilterRun {
  readonly id: number;
  readonly text: string;
  /** The matches. */
  readonly pinned: DatagramRing;
  /** When somebody last looked, for those that have to go. */
  usedMs = 0;
  readonly #filter: TrafficFilter;
  #next: number;

  /** @param from index in the ring of the first datagram that is looked at. */
  constructor(id: number, text: string, filter: TrafficFilter, maxBytes: number, from: number) {
    this.id = id;
    this.text = text;
    this.#filter = filter;
    this.#next = from;
    this.pinned = new DatagramRing(maxBytes, Number.POSITIVE_INFINITY);
  }

  /** How many datagrams it has not looked at. */
  behind(ring: DatagramRing): number {
    return ring.end - Math.max(this.#next, ring.first);
  }

  /**
   * Looks at what is new, as far as the time goes.
   *
   * @param now a clock in ms; it is asked every few datagrams.
   * @param untilMs when to stop.
   */
  advance(ring: DatagramRing, reader: DatagramReader, now: () => number, untilMs: number): void {
    // What went before it was looked at is lost to the filter.
    let index = Math.max(this.#next, ring.first);
    for (let count = 1; index < ring.end; count++, index++) {
      const record = ring.at(index);
      if (record !== undefined && this.#filter.matches(record, reader)) this.pinned.append(record);
      if (count % LOOKS === 0 && now() >= untilMs) {
        index++;
        break;
      }
    }
    this.#next = index;
  }
}

const LOOKS = 32;
