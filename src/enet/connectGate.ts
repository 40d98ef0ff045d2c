/**
 * Decides about a CONNECT by rules that are pure data, before it costs a slot or an answer: for `HostOptions.admit`,
 * in whatever thread the host runs.
 */

import type { Address } from './address.ts';
import { AddressRules, limitKey } from './addressRules.ts';
import { Tally } from './tally.ts';
import { TokenBucket, TokenBuckets } from './tokenBucket.ts';

/** The rules of a {@link ConnectGate}. They survive a structured clone. */
export interface ConnectRules {
  /** Prefixes that may connect; empty: everybody. */
  readonly allow: readonly string[];
  /** Prefixes that may not, even if they are in `allow`. */
  readonly deny: readonly string[];
  /** New connections per second, from everywhere; 0 = no limit. */
  readonly connectsPerSec: number;
  /** New connections at once, from everywhere. */
  readonly connectBurst: number;
  /** New connections per second from one address (the first 64 bits of an IPv6 address); 0 = no limit. */
  readonly connectsPerSecPerAddress: number;
  /** The same at once. */
  readonly connectBurstPerAddress: number;
  /** For how many addresses the rate is remembered. */
  readonly maxTrackedAddresses: number;
}

/** Why a gate refuses. The names are among those of the server's refusals. */
export const ConnectRefusal = {
  /** Nobody is let in. */
  DRAINING: 'DRAINING',
  /** The address is in `deny`. */
  ADDRESS_DENIED: 'ADDRESS_DENIED',
  /** The address is not in `allow`. */
  ADDRESS_NOT_ALLOWED: 'ADDRESS_NOT_ALLOWED',
  /** Too many new connections from this address. */
  CONNECT_RATE_ADDRESS: 'CONNECT_RATE_ADDRESS',
  /** Too many new connections. */
  CONNECT_RATE: 'CONNECT_RATE',
} as const;

/** One of the names of {@link ConnectRefusal}. */
export type ConnectRefusal = (typeof ConnectRefusal)[keyof typeof ConnectRefusal];

/** The door, address rules and connection rates, in this order. Refusals are counted. */
export class ConnectGate {
  /** Whether anybody is let in at all. */
  isOpen = true;
  readonly #rules: ConnectRules;
  readonly #allow: AddressRules;
  readonly #deny: AddressRules;
  readonly #perAddress: TokenBuckets;
  readonly #refusals = new Tally(ConnectRefusal);
  #all: TokenBucket | undefined;

  /** @throws RangeError for a prefix that is none. */
  constructor(rules: ConnectRules) {
    this.#rules = rules;
    this.#allow = new AddressRules('allow', rules.allow);
    this.#deny = new AddressRules('deny', rules.deny);
    this.#perAddress = new TokenBuckets(
      { perSec: rules.connectsPerSecPerAddress, burst: rules.connectBurstPerAddress },
      rules.maxTrackedAddresses,
    );
  }

  /** How many addresses are remembered. */
  get trackedAddresses(): number {
    return this.#perAddress.size;
  }

  /** How many were refused, whatever the reason. */
  get totalRefusals(): number {
    return this.#refusals.total;
  }

  /** How many were refused for a reason. */
  refusalCount(reason: ConnectRefusal): number {
    return this.#refusals.count(reason);
  }

  /**
   * Decides about one CONNECT.
   *
   * @param now host time in ms.
   */
  admits(from: Address, now: number): boolean {
    return this.#counted(this.refusalOf(from.ip, now));
  }

  /**
   * Why a connection of an address may not be, or is too soon; it counts for the rates, but not as a refusal.
   *
   * @param ip the address, as in {@link Address}.
   * @param now host time in ms.
   */
  refusalOf(ip: string, now: number): ConnectRefusal | undefined {
    return this.#refusalAtDoor(ip) ?? this.#refusalOfRate(ip, now);
  }

  /** Decides about a handshake below ENet, whose CONNECT comes later: the door and the address rules. */
  mayBegin(from: Address): boolean {
    return this.#counted(this.#refusalAtDoor(from.ip));
  }

  #counted(reason: ConnectRefusal | undefined): boolean {
    if (reason === undefined) return true;
    this.#refusals.add(reason);
    return false;
  }

  #refusalAtDoor(ip: string): ConnectRefusal | undefined {
    if (!this.isOpen) return ConnectRefusal.DRAINING;
    if (this.#deny.covers(ip)) return ConnectRefusal.ADDRESS_DENIED;
    const isAllowed = this.#allow.isEmpty || this.#allow.covers(ip);
    return isAllowed ? undefined : ConnectRefusal.ADDRESS_NOT_ALLOWED;
  }

  #refusalOfRate(ip: string, now: number): ConnectRefusal | undefined {
    if (!this.#perAddress.take(limitKey(ip), now, 1)) return ConnectRefusal.CONNECT_RATE_ADDRESS;
    const { connectsPerSec, connectBurst } = this.#rules;
    this.#all ??= new TokenBucket({ perSec: connectsPerSec, burst: connectBurst }, now);
    return this.#all.take(now, 1) ? undefined : ConnectRefusal.CONNECT_RATE;
  }
}
