/**
 * Recorded sessions: every datagram between a client and a server with its time, in the format of `golden/sessions`;
 * made from a virtual network, written and read.
 */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { canonicalIp } from '../enet/internal.ts';
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
  checkOptions(options, OPTION_NAMES);
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

/** Lower-case hexadecimal text of bytes. */
export function toHex(bytes: Uint8Array): string {
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

const OPTION_NAMES: OptionNames<RecordOptions> = {
  client: true,
  server: true,
  vantage: true,
  what: true,
  compression: true,
};
