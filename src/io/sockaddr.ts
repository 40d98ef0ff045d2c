/** Socket addresses as Linux lays them out on little-endian machines, and the {@link Address} objects for them. */

import type { Address } from '../enet/index.ts';
import { formatIp, parseIp } from '../enet/internal.ts';

/** 32-bit words of a slot that holds either kind of address: sockaddr_in has 4, sockaddr_in6 has 7. */
export const SOCKADDR_WORDS = 8;
/** Address families of Linux. */
export const AF_INET = 2;
/** See {@link AF_INET}. */
export const AF_INET6 = 10;

/** Names of network interfaces, for scoped IPv6 addresses. */
export interface Zones {
  /** The index of a zone, 0 when there is none of that name. */
  indexOf(zone: string): number;
  /** The zone of an index. */
  nameOf(index: number): string;
}

/**
 * Converts between addresses and their C form for one socket, and keeps one {@link Address} per remote, in bounded
 * memory as {@link AddressTable} does.
 */
export class SockaddrTable {
  readonly #isIpv6: boolean;
  readonly #zones: Zones;
  readonly #ipv4: GenerationMap<number, Address>;
  readonly #ipv6: GenerationMap<string, Address>;
  readonly #encoded = new WeakMap<Address, Uint32Array>();

  /** @param isIpv6 whether the socket is one of family AF_INET6. */
  constructor(isIpv6: boolean, zones: Zones, capacity: number = DEFAULT_CAPACITY) {
    this.#isIpv6 = isIpv6;
    this.#zones = zones;
    this.#ipv4 = new GenerationMap(capacity);
    this.#ipv6 = new GenerationMap(capacity);
  }

  /** Bytes of an address of this socket's family. */
  get byteLength(): number {
    return this.#isIpv6 ? 28 : 16;
  }

  /** How many addresses are held now. */
  get size(): number {
    return this.#ipv4.size + this.#ipv6.size;
  }

  /** The address in `words` from `start` on. */
  decode(words: Uint32Array, start: number): Address {
    const first = words[start] ?? 0;
    const port = swap16(first >>> 16);
    if ((first & 0xffff) === AF_INET) {
      return this.#decodeIpv4(words[start + 1] ?? 0, port);
    }
    const isMapped = words[start + 2] === 0 && words[start + 3] === 0 && words[start + 4] === MAPPED_WORD;
    return isMapped ? this.#decodeIpv4(words[start + 5] ?? 0, port) : this.#decodeIpv6(words, start, port);
  }

  /**
   * The C form of an address, as {@link SOCKADDR_WORDS} words.
   *
   * @returns `undefined` when this socket cannot send there.
   */
  encode(address: Address): Uint32Array | undefined {
    const known = this.#encoded.get(address);
    if (known !== undefined) {
      return known;
    }
    const words = this.#encode(address);
    if (words !== undefined) {
      this.#encoded.set(address, words);
    }
    return words;
  }

  #decodeIpv4(ipWord: number, port: number): Address {
    const key = ipWord * 0x1_0000 + port;
    let address = this.#ipv4.get(key);
    if (address === undefined) {
      address = { ip: formatIp(wordBytes([ipWord])), port };
      this.#ipv4.set(key, address);
    }
    return address;
  }

  #decodeIpv6(words: Uint32Array, start: number, port: number): Address {
    const ip = words.subarray(start + 2, start + 6);
    const scope = words[start + 6] ?? 0;
    const key = `${ip.join(',')},${scope},${port}`;
    let address = this.#ipv6.get(key);
    if (address === undefined) {
      address = { ip: formatIp(wordBytes(ip), scope === 0 ? '' : this.#zones.nameOf(scope)), port };
      this.#ipv6.set(key, address);
    }
    return address;
  }

  #encode({ ip, port }: Address): Uint32Array | undefined {
    const parsed = parseIp(ip);
    if (parsed === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
      return undefined;
    }
    const words = new Uint32Array(SOCKADDR_WORDS);
    const view = new Uint8Array(words.buffer);
    const isIpv4 = parsed.bytes.length === 4;
    words[0] = ((this.#isIpv6 ? AF_INET6 : AF_INET) | (swap16(port) << 16)) >>> 0;
    if (!this.#isIpv6) {
      view.set(parsed.bytes, 4);
      return isIpv4 ? words : undefined;
    }
    if (isIpv4) {
      words[4] = MAPPED_WORD;
      view.set(parsed.bytes, 20);
      return words;
    }
    view.set(parsed.bytes, 8);
    if (parsed.zone !== '') {
      const index = this.#zones.indexOf(parsed.zone);
      words[6] = index;
      return index === 0 ? undefined : words;
    }
    return words;
  }
}

/** A map in two generations: a full young one becomes the old one; what is used moves back into the young one. */
class GenerationMap<Key, Value> {
  readonly #capacity: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) {
      return young;
    }
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

function wordBytes(words: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** Bytes 00 00 ff ff as a little-endian word. */
const MAPPED_WORD = 0xffff_0000;
/** More than the 4095 peers that a host can have. */
const DEFAULT_CAPACITY = 8192;
