/** The {@link Runtime} of one host in the virtual network: its sockets, its clock, its randomness. */

import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { canonicalIp } from '../enet/internal.ts';
import { AttachedHost, type HostLike } from '../io/internal.ts';
import type { AttachError, BindOptions, Runtime, Timer } from '../runtime/index.ts';
import type { Scheduler } from '../runtime/internal.ts';
import type { Prng } from './prng.ts';
import type { SimSocket } from './SimSocket.ts';
import type { VirtualClock } from './virtualClock.ts';

/** Settings of one runtime. */
export interface SimRuntimeOptions {
  /** What its clock shows at time 0, u32. Default: that of the network. */
  readonly clockOffsetMs?: number;
}

/** The part of the network that a runtime uses. */
export interface SimWorld {
  /** What the clocks show at time 0. */
  readonly clockOffsetMs: number;
  /** Binds a socket. */
  bind(homeIp: string, bind: BindOptions, onReadable: () => void): SimSocket | AttachError;
  /** The address of a name. */
  lookUp(name: string): string | undefined;
}

/** A runtime under virtual time. */
export class SimRuntime implements Runtime, Scheduler {
  /** The address of this host, in canonical text. */
  readonly ip: string;
  readonly #world: SimWorld;
  readonly #clock: VirtualClock;
  readonly #random: Prng;
  #clockOffsetMs: number;

  /** @internal Use {@link SimNetwork.createRuntime}. */
  constructor(world: SimWorld, clock: VirtualClock, random: Prng, ip: string, options: SimRuntimeOptions) {
    checkOptions(options, { clockOffsetMs: true } satisfies OptionNames<SimRuntimeOptions>);
    this.#world = world;
    this.#clock = clock;
    this.#random = random;
    this.ip = ip;
    this.#clockOffsetMs = (options.clockOffsetMs ?? world.clockOffsetMs) >>> 0;
  }

  /** What the clock showed at time 0, u32. Setting it makes the clock jump. */
  get clockOffsetMs(): number {
    return this.#clockOffsetMs;
  }

  /** Sets the offset. */
  set clockOffsetMs(value: number) {
    this.#clockOffsetMs = value >>> 0;
  }

  now(): number {
    return (Math.floor(this.#clock.time) + this.#clockOffsetMs) >>> 0;
  }

  time(): number {
    return this.#clock.time;
  }

  random32(): number {
    return this.#random.next32();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#clock.schedule(this.#clock.time + Math.max(0, delayMs), callback);
  }

  afterCall(callback: () => void): void {
    this.defer(callback);
  }

  defer(callback: () => void): Timer {
    return this.#clock.schedule(this.#clock.time, callback);
  }

  attach(host: HostLike, bind: BindOptions): AttachedHost | AttachError {
    return AttachedHost.open(host, this, (onReadable) => this.#world.bind(this.ip, bind, onReadable));
  }

  resolve(name: string, done: (ip: string | undefined) => void): void {
    const literal = canonicalIp(name);
    if (literal === undefined) {
      this.defer(() => {
        done(this.#world.lookUp(name));
      });
    } else {
      done(literal);
    }
  }

  resolveNow(name: string): string | undefined {
    return canonicalIp(name) ?? this.#world.lookUp(name);
  }
}
