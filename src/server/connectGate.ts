/** Decides about a CONNECT before it costs a slot or an answer: `HostOptions.admit` of the ENet core. */
import type { Address } from '../enet/transport.ts';
import { AddressRules, limitKey } from './addressRules.ts';
import type { ServerLimits } from './limits.ts';
import { RefusalReason } from './refusals.ts';
import { TokenBucket, TokenBuckets } from './tokenBucket.ts';

/** What a {@link ConnectGate} is made of. */
export interface ConnectGateOptions {
  /** The rates. */
  readonly limits: ServerLimits;
  /** Prefixes that may connect; empty: everybody. */
  readonly allow: readonly string[];
  /** Prefixes that may not, even if they are in `allow`. */
  readonly deny: readonly string[];
  /** The application's own decision, the last one. It must not throw. */
  readonly admit: ((address: Address, data: number) => boolean) | undefined;
}

/** Address rules, connection rates and the application's hook, in this order. */
export class ConnectGate {
  /** Whether anybody is let in at all. */
  isOpen = true;
  readonly #options: ConnectGateOptions;
  readonly #allow: AddressRules;
  readonly #deny: AddressRules;
  readonly #perAddress: TokenBuckets;
  #all: TokenBucket | undefined;

  /** @throws RangeError for a prefix that is none. */
  constructor(options: ConnectGateOptions) {
    const { limits } = options;
    this.#options = options;
    this.#allow = new AddressRules('allow', options.allow);
    this.#deny = new AddressRules('deny', options.deny);
    this.#perAddress = new TokenBuckets(
      { perSec: limits.connectsPerSecPerAddress, burst: limits.connectBurstPerAddress },
      limits.maxTrackedAddresses,
    );
  }

  /** How many addresses are remembered. */
  get trackedAddresses(): number {
    return this.#perAddress.size;
  }

  /**
   * Decides about one CONNECT.
   *
   * @param data the u32 that the remote sent along.
   * @param now host time in ms.
   * @returns why it is refused, or `undefined`.
   */
  refusal(from: Address, data: number, now: number): RefusalReason | undefined {
    if (!this.isOpen) return RefusalReason.DRAINING;
    if (this.#deny.covers(from.ip)) return RefusalReason.ADDRESS_DENIED;
    if (!this.#allow.isEmpty && !this.#allow.covers(from.ip)) return RefusalReason.ADDRESS_NOT_ALLOWED;
    if (!this.#perAddress.take(limitKey(from.ip), now, 1)) return RefusalReason.CONNECT_RATE_ADDRESS;
    const { limits, admit } = this.#options;
    this.#all ??= new TokenBucket({ perSec: limits.connectsPerSec, burst: limits.connectBurst }, now);
    if (!this.#all.take(now, 1)) return RefusalReason.CONNECT_RATE;
    return admit === undefined || admit(from, data) ? undefined : RefusalReason.NOT_ADMITTED;
  }
}
