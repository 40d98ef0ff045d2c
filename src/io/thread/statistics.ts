/** Snapshots of the statistics of peers in shared memory. docs/decisions/0004-network-thread.md. */
import type { Peer } from '../../enet/peer.ts';
import { OUTGOING_BYTES, STATISTIC_COUNT, STATISTICS_WORDS, WAITING_BYTES } from './layout.ts';

/** Writes them, at most once in {@link INTERVAL_MS}. */
export class StatisticsWriter {
  readonly #words: Uint32Array<SharedArrayBuffer>;
  readonly #peers: ReadonlyMap<number, Peer>;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(memory: SharedArrayBuffer, peers: ReadonlyMap<number, Peer>) {
    this.#words = new Uint32Array(memory);
    this.#peers = peers;
  }

  /** Something may have changed. */
  refresh(now: number): void {
    const age = (now - this.#last) >>> 0;
    if (age >= INTERVAL_MS) {
      this.#last = now;
      for (const peer of this.#peers.values()) this.write(peer);
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.refresh(now + INTERVAL_MS);
    }, INTERVAL_MS - age);
  }

  /** Writes the statistics of one peer. */
  write(peer: Peer): void {
    const words = this.#words;
    const at = peer.slot * STATISTICS_WORDS;
    words[at + 1] = peer.packetLoss;
    words[at + 2] = peer.packetLossVariance;
    words[at + 3] = peer.packetLossEpoch;
    words[at + 4] = peer.rttMs;
    words[at + 5] = peer.rttVarianceMs;
    words[at + 6] = peer.lastRttMs;
    words[at + 7] = peer.lastRttVarianceMs;
    words[at + 8] = peer.throttle;
    words[at + 9] = peer.throttleLimit;
    words[at + 10] = peer.throttleCounter;
    words[at + 11] = peer.throttleEpoch;
    words[at + 12] = peer.throttleAcceleration;
    words[at + 13] = peer.throttleDeceleration;
    words[at + 14] = peer.throttleIntervalMs;
    words[at + OUTGOING_BYTES] = peer.outgoingBytes;
    words[at + WAITING_BYTES] = peer.waitingBytes;
    // Last: a reader that sees the generation sees the numbers, too.
    Atomics.store(words, at, peer.generation);
  }

  /** No more writing. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** One of Godot's statistics from such a snapshot; `undefined` for another connection or no statistic. */
export function readStatistic(
  words: Uint32Array<SharedArrayBuffer>,
  slot: number,
  generation: number,
  statistic: number,
): number | undefined {
  if (!Number.isInteger(statistic) || statistic < 0 || statistic >= STATISTIC_COUNT) return undefined;
  const at = slot * STATISTICS_WORDS;
  return Atomics.load(words, at) === generation ? words[at + 1 + statistic] : undefined;
}

const INTERVAL_MS = 20;
