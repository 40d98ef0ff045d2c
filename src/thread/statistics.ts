/** Snapshots of the statistics of peers in shared memory. docs/decisions/0004-network-thread.md. */
import type { Peer } from '../enet/index.ts';
import type { Timer } from '../runtime/index.ts';
import { OUTGOING_BYTES, STATISTIC_COUNT, STATISTICS_WORDS, TAKEN_BYTES, WAITING_BYTES } from './layout.ts';

/** Writes them, at most once in {@link INTERVAL_MS}; what waits to be sent at least once in a millisecond. */
export class StatisticsWriter {
  readonly #words: Uint32Array<SharedArrayBuffer>;
  readonly #peers: ReadonlyMap<number, Peer>;
  #last = 0;
  readonly #taken: Uint32Array;
  readonly #startTimer: StartTimer;
  /** Peers for which something waits: their bytes are written more often, as sends are refused by them. */
  readonly #busy = new Set<Peer>();
  #lastBusy = 0;
  #busyTimer: Timer | undefined;
  #timer: Timer | undefined;

  constructor(memory: SharedArrayBuffer, peers: ReadonlyMap<number, Peer>, startTimer: StartTimer) {
    this.#startTimer = startTimer;
    this.#taken = new Uint32Array(memory.byteLength / (STATISTICS_WORDS * 4));
    this.#words = new Uint32Array(memory);
    this.#peers = peers;
  }

  /** Something may have changed. */
  refresh(now: number): void {
    if (this.#busy.size <= FEW || now !== this.#lastBusy) this.#refreshBusy(now);
    else {
      this.#busyTimer ??= this.#startTimer(1, () => {
        this.#busyTimer = undefined;
        this.#refreshBusy(now + 1);
      });
    }
    const age = (now - this.#last) >>> 0;
    if (age >= INTERVAL_MS) {
      this.#last = now;
      for (const peer of this.#peers.values()) this.write(peer);
      return;
    }
    this.#timer ??= this.#startTimer(INTERVAL_MS - age, () => {
      this.#timer = undefined;
      this.refresh(now + INTERVAL_MS);
    });
  }

  /** A peer has connected. */
  begin(peer: Peer): void {
    this.#taken[peer.slot] = 0;
    this.write(peer);
  }

  /** The host was given a packet for a peer, which is charged like this. */
  taken(peer: Peer, charge: number): void {
    this.#taken[peer.slot] = (this.#taken[peer.slot] ?? 0) + charge;
    this.#busy.add(peer);
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
    this.#writeOutgoing(peer);
    words[at + WAITING_BYTES] = peer.waitingBytes;
    // Last: a reader that sees the generation sees the numbers, too.
    Atomics.store(words, at, peer.generation);
  }

  #refreshBusy(now: number): void {
    this.#lastBusy = now;
    for (const peer of this.#busy) {
      this.#writeOutgoing(peer);
      if (peer.outgoingBytes === 0) this.#busy.delete(peer);
    }
  }

  #writeOutgoing(peer: Peer): void {
    const at = peer.slot * STATISTICS_WORDS;
    // In this order, see readOutgoing.
    Atomics.store(this.#words, at + TAKEN_BYTES, this.#taken[peer.slot] ?? 0);
    Atomics.store(this.#words, at + OUTGOING_BYTES, peer.outgoingBytes);
  }

  /** No more writing. */
  stop(): void {
    this.#busyTimer?.cancel();
    this.#timer?.cancel();
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

/**
 * What waits to be sent to a peer, with what is still on its way to the thread; 0 for another connection. Never more than
 * there is: who sees new outgoing bytes sees, too, that they were taken.
 *
 * @param sent the sum of the charges of everything that was sent to the peer, modulo 2^32.
 */
export function readOutgoing(
  words: Uint32Array<SharedArrayBuffer>,
  slot: number,
  generation: number,
  sent: number,
): number {
  const at = slot * STATISTICS_WORDS;
  if (Atomics.load(words, at) !== generation) return 0;
  const outgoing = Atomics.load(words, at + OUTGOING_BYTES);
  return outgoing + ((sent - Atomics.load(words, at + TAKEN_BYTES)) >>> 0);
}

type StartTimer = (delayMs: number, callback: () => void) => Timer;

const INTERVAL_MS = 20;
/** So few busy peers are written in every pass. */
const FEW = 64;
