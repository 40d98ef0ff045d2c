/**
 * Recorded sessions: every datagram between a client and a server with its time, in the format of `golden/sessions`;
 * made from a virtual network, read back, and fed into a host.
 */
import type { HostEvent } from '../enet/hostEvent.ts';
import type { Address } from '../enet/transport.ts';
import type { HostLike } from '../io/attachedHost.ts';
import { canonicalIp } from '../io/ip.ts';
import type { SimDatagram, SimNetwork } from './SimNetwork.ts';

/** One end of a session. */
export type SessionSide = 'client' | 'server';

/** One datagram: milliseconds, who sent it, its bytes in hexadecimal. */
export type SessionDatagram = readonly [ms: number, side: SessionSide, hex: string];

/** A recorded session. */
export interface Session {
  /** The engine that took part, if one did. */
  readonly engine?: string;
  /** What happens in it, in words. */
  readonly what: string;
  /** The name of the compression mode. */
  readonly compression: string;
  /** Every datagram in the order of its time. */
  readonly datagrams: readonly SessionDatagram[];
}

/** What {@link recordSession} needs to know. */
export interface RecordOptions {
  /** The IP of the client, as others see it; what it sends has side `"client"`. */
  readonly client: string;
  /** The IP of the server. */
  readonly server: string;
  /**
   * Where the recorder stands. `"server"` (default) notes what the client sends when it arrives, and what the server
   * sends when it leaves, so that the record is exactly what the server saw and did; `"client"` the reverse.
   */
  readonly vantage?: SessionSide;
  /** See {@link Session.what}. */
  readonly what: string;
  /** See {@link Session.compression}. */
  readonly compression: string;
}

/** A running recorder. */
export interface SessionRecorder {
  /** What was recorded so far. */
  session(): Session;
  /** Ends the recording and gives it. */
  stop(): Session;
}

/**
 * Records what passes between two hosts of a virtual network from now on.
 *
 * @throws RangeError when an address is no literal one.
 */
export function recordSession(network: SimNetwork, options: RecordOptions): SessionRecorder {
  const { vantage = 'server', what, compression } = options;
  const client = literal('client', options.client);
  const server = literal('server', options.server);
  const vantageIp = vantage === 'server' ? server : client;
  const datagrams: SessionDatagram[] = [];
  const observe = ({ timeMs, from, to, bytes, fate }: SimDatagram): void => {
    const side = sideOf(from.ip, to.ip, client, server);
    const isSeen = from.ip === vantageIp ? !ARRIVALS.has(fate) : fate === 'delivered';
    if (side !== undefined && isSeen) {
      datagrams.push([timeMs, side, toHex(bytes)]);
    }
  };
  const stopObserving = network.onDatagram(observe);
  const session = (): Session => ({ what, compression, datagrams: [...datagrams] });
  return {
    session,
    stop: () => {
      stopObserving();
      return session();
    },
  };
}

/** The text of a session: JSON, one datagram per line. */
export function formatSession(session: Session): string {
  const { datagrams, ...head } = session;
  const lines = datagrams.map(([ms, side, hex]) => ` [${ms}, "${side}", "${hex}"]`);
  return `${JSON.stringify(head).slice(0, -1)}, "datagrams": [\n${lines.join(',\n')}\n]}\n`;
}

/**
 * Reads the text of a session.
 *
 * @throws SyntaxError when it is not JSON, TypeError when it is no session, naming what is wrong.
 */
export function parseSession(text: string): Session {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('a session is a JSON object');
  }
  const { engine, what, compression, datagrams } = value as Record<keyof Session, unknown>;
  if (typeof what !== 'string' || typeof compression !== 'string' || !Array.isArray(datagrams)) {
    throw new TypeError('a session has the texts "what" and "compression" and the array "datagrams"');
  }
  if (engine !== undefined && typeof engine !== 'string') {
    throw new TypeError('"engine" of a session is a text');
  }
  const head = engine === undefined ? {} : { engine };
  return { ...head, what, compression, datagrams: datagrams.map(readDatagram) };
}

/** The bytes of a recorded datagram. */
export function sessionBytes([, , hex]: SessionDatagram): Uint8Array {
  return fromHex(hex);
}

/** What {@link replaySession} needs to know. */
export interface ReplayOptions {
  /** The host that takes part in place of the recorded one. */
  readonly host: HostLike;
  /** Whose datagrams are fed in; the host plays the other side. */
  readonly feed: SessionSide;
  /** The address they seem to come from. */
  readonly from: Address;
  /** What the host's clock shows at 0 ms of the session, u32. Default 1000. */
  readonly clockOffsetMs?: number;
  /** How long to go on after the last datagram, in milliseconds. Default 0. */
  readonly extraMs?: number;
  /** Called for each event; it may act on the host and its peers. `ms` is the session's time. */
  readonly onEvent?: (event: HostEvent, ms: number) => void;
  /** May change a datagram before it is fed in, e.g. to correct echoed times. */
  readonly rewrite?: (bytes: Uint8Array, ms: number) => Uint8Array;
}

/**
 * Feeds one side of a session into a host, each datagram at its time; between them the host is serviced at each of
 * its own deadlines.
 *
 * @returns what the host sent, as a session's datagrams of the other side.
 * @throws Error when the host asks to be woken at one instant again and again.
 */
export function replaySession(session: Session, options: ReplayOptions): SessionDatagram[] {
  return new Replay(options).run(session.datagrams);
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #side: SessionSide;
  readonly #sent: SessionDatagram[] = [];
  #ms = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#side = options.feed === 'client' ? 'server' : 'client';
  }

  run(datagrams: readonly SessionDatagram[]): SessionDatagram[] {
    const {
      feed,
      host,
      from,
      rewrite = (bytes: Uint8Array): Uint8Array => bytes,
      extraMs = 0,
    } = this.#options;
    const fed = datagrams.filter(([, side]) => side === feed);
    this.#service();
    for (const [index, datagram] of fed.entries()) {
      const [ms] = datagram;
      if (fed[index - 1]?.[0] !== ms) {
        this.#passTime(ms);
      }
      host.receive(rewrite(sessionBytes(datagram), ms), from);
      // What arrived at one instant is dealt with in one go, as behind a real socket.
      if (fed[index + 1]?.[0] !== ms) {
        this.#service();
      }
    }
    this.#passTime((datagrams.at(-1)?.[0] ?? 0) + extraMs);
    return this.#sent;
  }

  #now(): number {
    return (Math.floor(this.#ms) + (this.#options.clockOffsetMs ?? 1000)) >>> 0;
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

function readDatagram(entry: unknown, index: number): SessionDatagram {
  const [ms, side, hex] = Array.isArray(entry) ? (entry as unknown[]) : [];
  const isSide = side === 'client' || side === 'server';
  if (typeof ms !== 'number' || !isSide || typeof hex !== 'string' || !HEX.test(hex)) {
    throw new TypeError(`datagram ${index} of a session expected [milliseconds, "client" or "server", hex]`);
  }
  return [ms, side, hex];
}

function sideOf(from: string, to: string, client: string, server: string): SessionSide | undefined {
  if (from === client && to === server) {
    return 'client';
  }
  return from === server && to === client ? 'server' : undefined;
}

function literal(name: string, ip: string): string {
  const text = canonicalIp(ip);
  if (text === undefined) {
    throw new RangeError(`"${name}" expected a literal IP address, got ${JSON.stringify(ip)}`);
  }
  return text;
}

function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) {
    hex += byte.toString(16).padStart(2, '0');
  }
  return hex;
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

const HEX = /^(?:[0-9a-f]{2})+$/i;
const ARRIVALS: ReadonlySet<string> = new Set(['delivered', 'unreachable']);
const MAX_IDLE_WAKES = 10_000;
