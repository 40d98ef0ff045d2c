/**
 * A network in memory under virtual time: latency, jitter, loss, duplication, reordering, MTU, bandwidth, partitions
 * and address changes, all decided by a seed. The same seed and the same calls give the same run, byte for byte.
 */

import { checkOptions, given, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import type { Address } from '../enet/index.ts';
import { canonicalIp } from '../enet/internal.ts';
import type { AttachError, BindOptions } from '../runtime/index.ts';
import { isAttachError } from '../runtime/internal.ts';
import { checkConditions, type LinkConditions, PERFECT_LINK, type SendFate } from './conditions.ts';
import { LinkTable } from './LinkTable.ts';
import { Prng } from './prng.ts';
import { SimRuntime, type SimRuntimeOptions } from './SimRuntime.ts';
import { SimSocket } from './SimSocket.ts';
import { VirtualClock } from './virtualClock.ts';

/** Settings of a {@link SimNetwork}: how it is seeded, and the conditions of every path that has none of its own. */
export interface SimNetworkOptions extends Partial<LinkConditions> {
  /** Where all randomness comes from. Default 1. */
  readonly seed?: number;
  /** How many of the first datagrams are lost for certain, on whatever path. Default 0. */
  readonly lossNext?: number;
  /**
   * What the clocks of the hosts show at time 0, u32. Default 1000. Take one shortly before 2^32 to see the wrap.
   */
  readonly clockOffsetMs?: number;
}

/**
 * What happened to a datagram. When it is sent: `"sent"` (on its way), `"lost"`, `"blocked"` (partition),
 * `"tooLong"` (MTU), `"queueFull"` (bandwidth). When it arrives: `"delivered"` or `"unreachable"` (nobody there).
 */
export type Fate = SendFate | 'delivered' | 'unreachable';

/** One observation of a datagram. A datagram that gets through is seen twice or, duplicated, three times. */
export interface SimDatagram {
  /** Counts the sent datagrams from 1; arrivals carry the number of their sending. */
  readonly id: number;
  /** Virtual time of the observation, in milliseconds. */
  readonly timeMs: number;
  /** The sender, as others see it. */
  readonly from: Address;
  /** The destination, as the sender sees it. */
  readonly to: Address;
  /** The payload. Shared: do not change it. */
  readonly bytes: Uint8Array;
  /** What happened. */
  readonly fate: Fate;
}

/** The network. */
export class SimNetwork {
  /** The seed, for messages. */
  readonly seed: number;
  /** What the clocks of new runtimes show at time 0. */
  readonly clockOffsetMs: number;
  readonly #clock: VirtualClock;
  readonly #random: Prng;
  readonly #links: LinkTable;
  /** By the address under which others see them. */
  readonly #sockets = new Map<string, SimSocket>();
  readonly #names = new Map<string, string>();
  /** Home address -> the address that others see. */
  readonly #outside = new Map<string, string>();
  readonly #observers = new Set<(datagram: SimDatagram) => void>();
  #lossNext: number;
  #datagrams = 0;
  #runtimes = 0;
  #nextEphemeralPort = FIRST_EPHEMERAL_PORT;

  /** @throws RangeError for an option out of range. */
  constructor(options: SimNetworkOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    const { seed = 1, lossNext = 0, clockOffsetMs = 1000, ...conditions } = options;
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(`"seed" expected integer, got ${seed}`);
    }
    checkCount('lossNext', lossNext);
    checkConditions(conditions);
    this.seed = seed;
    this.clockOffsetMs = clockOffsetMs >>> 0;
    this.#lossNext = lossNext;
    this.#links = new LinkTable({ ...PERFECT_LINK, ...given(conditions) });
    this.#random = Prng.labelled(seed, 'network');
    this.#clock = new VirtualClock(() => this.describe());
  }

  /** Virtual time in milliseconds since the start, with fractions. */
  get time(): number {
    return this.#clock.time;
  }

  /** `"seed 7, time 1234 ms"`, for messages. */
  describe(): string {
    return `seed ${this.seed}, time ${this.time} ms`;
  }

  /**
   * Makes the world of one host. Several runtimes may share an address; they then share its ports, as processes do.
   *
   * @param ip a literal address.
   * @throws RangeError when `ip` is none.
   */
  createRuntime(ip: string, options: SimRuntimeOptions = {}): SimRuntime {
    this.#runtimes += 1;
    const random = Prng.labelled(this.seed, `runtime ${this.#runtimes} ${canonical('ip', ip)}`);
    return new SimRuntime(this, this.#clock, random, canonical('ip', ip), options);
  }

  /** Lets time pass: runs all that is due, from deadline to deadline. */
  advance(ms: number): void {
    checkSpan('ms', ms);
    this.#clock.run(this.time + ms);
  }

  /**
   * Lets time pass until a condition holds; it is asked after every step.
   *
   * @returns how many milliseconds that took.
   * @throws Error with the seed when it did not hold within `limitMs`.
   */
  runUntil(predicate: () => boolean, limitMs: number, what = 'the condition'): number {
    checkSpan('limitMs', limitMs);
    const start = this.time;
    if (!this.#clock.run(start + limitMs, predicate)) {
      throw new Error(`${what} did not hold within ${limitMs} ms (${this.describe()})`);
    }
    return this.time - start;
  }

  /**
   * An assertion whose message carries the seed.
   *
   * @throws Error when `condition` is false.
   */
  check(condition: boolean, what: string): void {
    if (!condition) {
      throw new Error(`${what} (${this.describe()})`);
    }
  }

  /**
   * Changes the conditions from one address to another, one direction only; `"*"` stands for any. What is not named
   * stays. The most specific setting counts: both ends named, then the sender, then the receiver.
   */
  setLink(fromIp: string, toIp: string, conditions: Partial<LinkConditions>): void {
    checkConditions(conditions);
    this.#links.setConditions(pattern('fromIp', fromIp), pattern('toIp', toIp), conditions);
  }

  /** Loses the next `count` datagrams that are sent, or only those from one address to another (`"*"` = any). */
  lossNext(count: number, fromIp = '*', toIp = '*'): void {
    checkCount('count', count);
    const from = pattern('fromIp', fromIp);
    const to = pattern('toIp', toIp);
    if (from === '*' || to === '*') {
      if (from !== to) {
        throw new RangeError('"fromIp" and "toIp" expected two addresses or none');
      }
      this.#lossNext = count;
    } else {
      this.#links.get(from, to).lossNext = count;
    }
  }

  /** Cuts the paths between two groups of addresses, both ways (`"*"` = all). What is on its way still arrives. */
  partition(firstIps: readonly string[], secondIps: readonly string[]): void {
    for (const first of firstIps) {
      for (const second of secondIps) {
        this.block(first, second);
        this.block(second, first);
      }
    }
  }

  /** Cuts the path from one address to another, that direction only (`"*"` = all). */
  block(fromIp: string, toIp: string): void {
    this.#links.block(pattern('fromIp', fromIp), pattern('toIp', toIp));
  }

  /** Undoes every {@link SimNetwork.partition} and {@link SimNetwork.block}. */
  heal(): void {
    this.#links.heal();
  }

  /**
   * Changes the outside address of one socket, as a NAT router does that forgot its table. What is sent to the old
   * address reaches nobody any more; the socket itself does not notice.
   *
   * @param current where others see the socket now.
   * @param next the new address; what is missing: the same IP, a free port.
   * @returns the new address.
   * @throws RangeError when there is no such socket or the new address is taken.
   */
  rebind(current: Address, next: Partial<Address> = {}): Address {
    const socket = this.#sockets.get(addressKey(current));
    if (socket === undefined) {
      throw new RangeError(`"current" expected the address of a socket, got ${addressKey(current)}`);
    }
    const ip = canonical('next.ip', next.ip ?? current.ip);
    const outside = { ip, port: next.port ?? this.#freePort(ip) };
    if (outside.port === 0 || this.#sockets.has(addressKey(outside))) {
      throw new RangeError(`"next" expected a free address, got ${addressKey(outside)}`);
    }
    this.#sockets.delete(addressKey(current));
    socket.outside = outside;
    this.#sockets.set(addressKey(outside), socket);
    return outside;
  }

  /**
   * Changes the outside address of a host: all its sockets, also later ones, with their ports where they are free.
   *
   * @param homeIp the address that its runtime was made with.
   */
  changeIp(homeIp: string, newIp: string): void {
    const home = canonical('homeIp', homeIp);
    const ip = canonical('newIp', newIp);
    this.#outside.set(home, ip);
    for (const socket of [...this.#sockets.values()]) {
      if (socket.localAddress.ip === home && socket.outside.ip !== ip) {
        const isFree = !this.#sockets.has(addressKey({ ip, port: socket.outside.port }));
        this.rebind(socket.outside, isFree ? { ip, port: socket.outside.port } : { ip });
      }
    }
  }

  /** Gives an address a name for `Runtime.resolve`. */
  addName(name: string, ip: string): void {
    this.#names.set(name, canonical('ip', ip));
  }

  /**
   * Observes every datagram.
   *
   * @returns what ends the observation.
   */
  onDatagram(observer: (datagram: SimDatagram) => void): () => void {
    this.#observers.add(observer);
    return () => {
      this.#observers.delete(observer);
    };
  }

  /** @internal The address of a name. */
  lookUp(name: string): string | undefined {
    return this.#names.get(name);
  }

  /** @internal Binds a socket for a runtime. */
  bind(homeIp: string, bind: BindOptions, onReadable: () => void): SimSocket | AttachError {
    const local = this.#bindAddress(homeIp, bind);
    if (isAttachError(local)) {
      return local;
    }
    const outside = { ip: this.#outside.get(homeIp) ?? homeIp, port: local.port };
    const isTaken = [...this.#sockets.values()].some(
      ({ localAddress }) => addressKey(localAddress) === addressKey(local),
    );
    if (isTaken || this.#sockets.has(addressKey(outside))) {
      return { code: 'EADDRINUSE', message: `${addressKey(local)} is in use` };
    }
    const socket = new SimSocket(this, local, outside, onReadable);
    this.#sockets.set(addressKey(outside), socket);
    return socket;
  }

  /** @internal Forgets a closed socket. */
  unbind(socket: SimSocket): void {
    this.#sockets.delete(addressKey(socket.outside));
  }

  /** @internal Carries one datagram. */
  carry(socket: SimSocket, bytes: Uint8Array, to: Address): void {
    this.#datagrams += 1;
    const id = this.#datagrams;
    const from = socket.outside;
    const receiverIp = this.#sockets.get(addressKey(to))?.localAddress.ip ?? to.ip;
    const arrivals: number[] = [];
    const link = this.#links.get(socket.localAddress.ip, receiverIp);
    let fate = link.pass(this.time, bytes.length, this.#random, arrivals);
    if (fate === 'sent' && this.#lossNext > 0) {
      this.#lossNext -= 1;
      fate = 'lost';
      arrivals.length = 0;
    }
    this.#observe({ id, timeMs: this.time, from, to, bytes, fate });
    for (const arrival of arrivals) {
      this.#clock.schedule(arrival, () => {
        const receiver = this.#sockets.get(addressKey(to));
        this.#observe({
          id,
          timeMs: this.time,
          from,
          to,
          bytes,
          fate: receiver === undefined ? 'unreachable' : 'delivered',
        });
        // Each receiver gets bytes of its own, so that none can disturb another.
        receiver?.arrive(new Uint8Array(bytes), from);
      });
    }
  }

  #bindAddress(homeIp: string, bind: BindOptions): Address | AttachError {
    const { ip: where = '*', port = 0 } = bind;
    if (!isIntegerIn(port, 0, 65_535)) {
      return { code: 'EINVAL', message: `"port" expected integer 0..65535, got ${port}` };
    }
    const ip = where === '*' ? homeIp : canonicalIp(where);
    if (ip === undefined) {
      return {
        code: 'EINVAL',
        message: `"ip" expected a literal IP address or "*", got ${JSON.stringify(where)}`,
      };
    }
    if (ip !== homeIp && ip !== '0.0.0.0' && ip !== '::') {
      return { code: 'EADDRNOTAVAIL', message: `${ip} is not an address of the host ${homeIp}` };
    }
    const chosen = port === 0 ? this.#freePort(this.#outside.get(homeIp) ?? homeIp) : port;
    return chosen === 0
      ? { code: 'EADDRINUSE', message: `no port of ${homeIp} is free` }
      : { ip: homeIp, port: chosen };
  }

  /** A free port of an address, or 0 when there is none. */
  #freePort(ip: string): number {
    for (let tries = FIRST_EPHEMERAL_PORT; tries <= LAST_PORT; tries += 1) {
      const port = this.#nextEphemeralPort;
      this.#nextEphemeralPort = port === LAST_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
      if (!this.#sockets.has(addressKey({ ip, port }))) {
        return port;
      }
    }
    return 0;
  }

  #observe(datagram: SimDatagram): void {
    for (const observer of this.#observers) {
      observer(datagram);
    }
  }
}

/** `"[::1]:5"` or `"10.0.0.1:5"`. */
function addressKey({ ip, port }: Address): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function canonical(name: string, ip: string): string {
  const text = canonicalIp(ip);
  if (text === undefined) {
    throw new RangeError(`"${name}" expected a literal IP address, got ${JSON.stringify(ip)}`);
  }
  return text;
}

function pattern(name: string, ip: string): string {
  return ip === '*' ? ip : canonical(name, ip);
}

function checkCount(name: string, count: number): void {
  if (!isIntegerIn(count, 0, Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`"${name}" expected integer of at least 0, got ${count}`);
  }
}

function checkSpan(name: string, ms: number): void {
  if (!(ms >= 0 && Number.isFinite(ms))) {
    throw new RangeError(`"${name}" expected number of at least 0, got ${ms}`);
  }
}

const FIRST_EPHEMERAL_PORT = 49_152;
const LAST_PORT = 65_535;

const OPTION_NAMES: OptionNames<SimNetworkOptions> = {
  ...PERFECT_LINK,
  seed: true,
  lossNext: true,
  clockOffsetMs: true,
};
