/**
 * One {@link Address} object per remote address, so that the datagrams of a busy peer allocate none. Bounded: a flood
 * from spoofed sources costs a fixed amount of memory and does not drive busy peers out.
 */

import type { Address } from '../enet/index.ts';
import { canonicalIp } from '../enet/internal.ts';

/** An {@link Address} that remembers the text by which its socket knows it. */
export class KnownAddress implements Address {
  readonly ip: string;
  readonly port: number;
  readonly #socketIp: string;

  /** @param socketIp the address as the socket writes it, e.g. `"::ffff:127.0.0.1"`. */
  constructor(ip: string, port: number, socketIp: string) {
    this.ip = ip;
    this.port = port;
    this.#socketIp = socketIp;
  }

  /** The address as the socket writes it: IPv4-mapped on a dual-stack socket. */
  get socketIp(): string {
    return this.#socketIp;
  }
}

/**
 * The table. Entries live in two generations: a full young one becomes the old one, and an entry that is used moves
 * back into the young one. So it never holds more than twice its capacity, and what is in use stays.
 */
export class AddressTable {
  readonly #capacity: number;
  #young: Map<string, Map<number, KnownAddress>> = new Map();
  #old: Map<string, Map<number, KnownAddress>> = new Map();
  #youngCount = 0;
  #oldCount = 0;
  #last: KnownAddress | undefined;

  /** @param capacity entries per generation, at least 1. */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`"capacity" expected integer of at least 1, got ${capacity}`);
    }
    this.#capacity = capacity;
  }

  /** How many addresses are held now. */
  get size(): number {
    return this.#youngCount + this.#oldCount;
  }

  /**
   * The shared object for an address.
   *
   * @param socketIp a literal address as the socket reports it.
   */
  get(socketIp: string, port: number): KnownAddress {
    const last = this.#last;
    if (last !== undefined && last.port === port && last.socketIp === socketIp) {
      return last;
    }
    const known = this.#young.get(socketIp)?.get(port) ?? this.#promote(socketIp, port);
    this.#last = known;
    return known;
  }

  #promote(socketIp: string, port: number): KnownAddress {
    const ports = this.#old.get(socketIp);
    let address = ports?.get(port);
    if (ports !== undefined && address !== undefined) {
      ports.delete(port);
      this.#oldCount -= 1;
    } else {
      address = new KnownAddress(canonicalIp(socketIp) ?? socketIp, port, socketIp);
    }
    if (this.#youngCount >= this.#capacity) {
      this.#old = this.#young;
      this.#oldCount = this.#youngCount;
      this.#young = new Map();
      this.#youngCount = 0;
    }
    const young = this.#young.get(socketIp);
    if (young === undefined) {
      this.#young.set(socketIp, new Map([[port, address]]));
    } else {
      young.set(port, address);
    }
    this.#youngCount += 1;
    return address;
  }
}

/** More than the 4095 peers that a host can have. */
const DEFAULT_CAPACITY = 8192;
