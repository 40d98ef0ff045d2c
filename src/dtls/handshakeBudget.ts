/** How much a server spends on handshakes: each costs a key and a signature, whoever asks for it. */
import { TokenBucket, TokenBuckets } from '../enet/internal.ts';
import type { DtlsDropReason } from './endpoint.ts';
import type { DtlsServerLimits } from './limits.ts';

/** Rates per address and in all, and a share of the time. */
export class HandshakeBudget {
  readonly #all: TokenBucket;
  readonly #perAddress: TokenBuckets;
  /** Milliseconds spent that the share of the time since then has not paid for. */
  #owedMs = 0;
  #paidAt: number;

  constructor(limits: DtlsServerLimits, now: number) {
    const { handshakesPerSec, handshakeBurst, handshakesPerSecPerIp, handshakeBurstPerIp } = limits;
    this.#all = new TokenBucket({ perSec: handshakesPerSec, burst: handshakeBurst }, wholeMs(now));
    const perAddress = { perSec: handshakesPerSecPerIp, burst: handshakeBurstPerIp };
    this.#perAddress = new TokenBuckets(perAddress, MAX_TRACKED_ADDRESSES);
    this.#paidAt = now;
  }

  /**
   * Asks for one handshake.
   *
   * @param group the address, as limits count it.
   * @returns why there is none; undefined when it may begin, and then it is counted.
   */
  refusal(group: string, now: number): DtlsDropReason | undefined {
    const ms = wholeMs(now);
    // Paid back only where it is asked, so that a pass without hellos does not look at it.
    this.#owedMs = Math.max(0, this.#owedMs - Math.max(0, now - this.#paidAt) * TIME_SHARE);
    this.#paidAt = now;
    if (this.#owedMs >= TIME_BURST_MS) return 'handshakeTime';
    if (!this.#perAddress.take(group, ms, 1)) return 'handshakeRateOfAddress';
    return this.#all.take(ms, 1) ? undefined : 'handshakeRate';
  }

  /** Notes that a handshake took so long. */
  spend(ms: number): void {
    this.#owedMs += Math.max(0, ms);
  }
}

/** As the buckets count it: whole milliseconds, u32. */
function wholeMs(now: number): number {
  return Math.floor(now) >>> 0;
}

/** For how many addresses the rate is remembered. */
const MAX_TRACKED_ADDRESSES = 65_536;
/** The part of the time that handshakes may take, so that those who play go on. */
export const TIME_SHARE = 0.25;
/** How much of it may be spent at once, in ms: what a receive pass may take longer because of handshakes, and one more. */
export const TIME_BURST_MS = 20;
