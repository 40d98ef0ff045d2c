/** Feeds one side of a recorded session into a host that plays the other side. */

import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { type Address, Host, type HostEvent, type VerifyTime } from '../enet/index.ts';
import type { HostLike } from '../io/internal.ts';
import { type Session, type SessionDatagram, type SessionSide, sessionBytes, toHex } from './session.ts';

/** What {@link replaySession} needs to know. */
export interface ReplayOptions {
  /** The host that takes part in place of the recorded one. */
  readonly host: HostLike;
  /** Whose datagrams are fed in; the host plays the other side. */
  readonly feed: SessionSide;
  /** The address they seem to come from. */
  readonly from: Address;
  /**
   * When the host is serviced. `"deadlines"` (default): at once when a datagram arrives, and at its own deadlines.
   * `"recorded"`: when the recorded side sent something, with the clock that this side showed then (the sentTime
   * of its datagrams). An engine that works once per frame can be replaced by the host only this way, because the
   * other side's acknowledgements echo that clock.
   */
  readonly pace?: 'deadlines' | 'recorded';
  /** What the host's clock shows at 0 ms of the session, u32. Default 1000. Not used with pace `"recorded"`. */
  readonly clockOffsetMs?: number;
  /** How long to go on after the last datagram, in milliseconds. Default 0. */
  readonly extraMs?: number;
  /** Called for each event; it may act on the host and its peers. `ms` is the session's time. */
  readonly onEvent?: (event: HostEvent, ms: number) => void;
  /** May change a datagram before it is fed in. */
  readonly rewrite?: (bytes: Uint8Array, ms: number) => Uint8Array;
}

/**
 * Feeds one side of a session into a host, each datagram at its time.
 *
 * @returns what the host sent, as a session's datagrams of the other side.
 * @throws Error when the host asks to be woken at one instant again and again.
 */
export function replaySession(session: Session, options: ReplayOptions): SessionDatagram[] {
  checkOptions(options, OPTION_NAMES);
  const replay = new Replay(session.datagrams, options);
  return options.pace === 'recorded' ? replay.runRecorded(session.datagrams) : replay.run(session.datagrams);
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #side: SessionSide;
  readonly #sent: SessionDatagram[] = [];
  readonly #handshakes: ReadonlySet<SessionDatagram>;
  #offset: number;
  #ms = 0;

  constructor(datagrams: readonly SessionDatagram[], options: ReplayOptions) {
    this.#options = options;
    this.#side = options.feed === 'client' ? 'server' : 'client';
    this.#offset = options.clockOffsetMs ?? 1000;
    this.#handshakes = handshakesOf(datagrams);
    const { host } = options;
    if (host instanceof Host) host.verifyTime = recordedVerifyTime(this.#handshakes);
  }

  run(datagrams: readonly SessionDatagram[]): SessionDatagram[] {
    this.#service();
    let isTogether = false;
    for (const [index, datagram] of datagrams.entries()) {
      const [ms, side] = datagram;
      if (side !== this.#options.feed) continue;
      if (!isTogether) this.#passTime(ms);
      this.#feed(datagram);
      // What arrived at one instant is dealt with in one go, as behind a real socket; but when the recorded side sent
      // something in between, the next datagram can be an answer to that.
      const [nextMs, nextSide] = datagrams[index + 1] ?? [];
      isTogether = nextMs === ms && nextSide === side;
      if (!isTogether) this.#service();
    }
    this.#passTime((datagrams.at(-1)?.[0] ?? 0) + (this.#options.extraMs ?? 0));
    return this.#sent;
  }

  runRecorded(datagrams: readonly SessionDatagram[]): SessionDatagram[] {
    const first = datagrams.find((datagram) => this.#clock(datagram) !== undefined);
    const firstClock = first && this.#clock(first);
    if (first !== undefined && firstClock !== undefined) {
      // At least 1000 at 0 ms, as a host's clock has to be.
      this.#offset = firstClock - Math.floor(first[0]) + 0x1_0000;
    }
    for (const datagram of datagrams) {
      const [ms, side] = datagram;
      this.#ms = Math.max(this.#ms, ms);
      if (side === this.#options.feed) {
        this.#feed(datagram);
      } else {
        this.#followClock(this.#clock(datagram));
        this.#service();
      }
    }
    this.#service();
    this.#passTime(this.#ms + (this.#options.extraMs ?? 0));
    return this.#sent;
  }

  /** What a datagram tells of the clock of the side that the host plays; a handshake may carry any number. */
  #clock(datagram: SessionDatagram): number | undefined {
    return datagram[1] !== this.#side || this.#handshakes.has(datagram) ? undefined : sentTime(datagram);
  }

  /** Sets the clock so that its low 16 bits are those recorded, at the value nearest to what it shows. */
  #followClock(clock: number | undefined): void {
    if (clock !== undefined) {
      const step = ((clock - this.#now()) << 16) >> 16;
      this.#offset += step;
    }
  }

  #feed(datagram: SessionDatagram): void {
    const { host, from, rewrite } = this.#options;
    const bytes = sessionBytes(datagram);
    host.receive(rewrite === undefined ? bytes : rewrite(bytes, datagram[0]), from);
  }

  #now(): number {
    return (Math.floor(this.#ms) + this.#offset) >>> 0;
  }

  #passTime(untilMs: number): void {
    for (let idle = 0; ; ) {
      const delay = this.#options.host.nextWakeup(this.#now());
      // Deadlines are whole milliseconds of the clock.
      const due = Math.max(this.#ms, Math.floor(this.#ms) + (delay ?? 0));
      if (delay === undefined || due > untilMs) {
        this.#ms = Math.max(this.#ms, untilMs);
        return;
      }
      idle = delay > 0 ? 0 : idle + 1;
      if (idle > MAX_IDLE_WAKES) {
        throw new Error(`the host asks to be woken at ${this.#ms} ms for ever`);
      }
      this.#ms = due;
      this.#service();
    }
  }

  #service(): void {
    const { host, onEvent } = this.#options;
    for (;;) {
      const event = host.service(this.#now());
      this.#drain();
      if (event === undefined) {
        return;
      }
      onEvent?.(event, this.#ms);
      this.#drain();
    }
  }

  #drain(): void {
    for (const { bytes } of this.#options.host.drainOutbox()) {
      this.#sent.push([this.#ms, this.#side, toHex(bytes)]);
    }
  }
}

/**
 * The datagrams of a server with VERIFY_CONNECT: what it sends while the client does not know its slot yet. The header
 * tells, which is never compressed.
 */
function handshakesOf(datagrams: readonly SessionDatagram[]): ReadonlySet<SessionDatagram> {
  const found = new Set<SessionDatagram>();
  let isConnecting = false;
  for (const datagram of datagrams) {
    if (datagram[1] === 'server') {
      if (isConnecting && sentTime(datagram) !== undefined) found.add(datagram);
      continue;
    }
    const [high = 0, low = 0] = sessionBytes(datagram);
    isConnecting = (((high & 0x0f) << 8) | low) === NO_SLOT;
  }
  return found;
}

/** Gives each VERIFY_CONNECT the number that it has in the record; C ENet's, the clock, when there are more. */
function recordedVerifyTime(handshakes: Iterable<SessionDatagram>): VerifyTime {
  const times = Array.from(handshakes, (datagram) => sentTime(datagram));
  return (now) => times.shift() ?? now;
}

/** The low 16 bits of the sender's clock, where a datagram tells them. docs/protocol/enet-protocol 1.2, 1.3. */
function sentTime(datagram: SessionDatagram): number | undefined {
  const [high = 0, , timeHigh = 0, timeLow = 0] = sessionBytes(datagram);
  return (high & 0x80) === 0 ? undefined : (timeHigh << 8) | timeLow;
}

/** The slot in the header of a client that does not know its own yet. */
const NO_SLOT = 0xfff;
const MAX_IDLE_WAKES = 10_000;

const OPTION_NAMES: OptionNames<ReplayOptions> = {
  host: true,
  feed: true,
  from: true,
  pace: true,
  clockOffsetMs: true,
  extraMs: true,
  onEvent: true,
  rewrite: true,
};
