/** Records what a host receives and sends, whatever it is attached to: real sockets or a virtual network. */

import { checkOptions, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import type { Address, HostTrace } from '../enet/index.ts';
import {
  type Session,
  type SessionDatagram,
  type SessionRecorder,
  type SessionSide,
  toHex,
} from './session.ts';

/** What {@link recordHost} needs to know. */
export interface RecordHostOptions {
  /** Which side the recorded host is. What it receives has the other side. */
  readonly side: SessionSide;
  /** See {@link Session.what}. */
  readonly what: string;
  /** See {@link Session.compression}. */
  readonly compression: string;
  /**
   * Whose traffic is recorded; what is missing may be anything. Default: the first address from which a datagram comes
   * or to which one goes, because a session has two sides.
   */
  readonly remote?: Partial<Address>;
  /** How many datagrams are kept at most; later ones are not recorded. Default 100,000. */
  readonly maxDatagrams?: number;
  /** Another observer that goes on getting everything. Default none. */
  readonly next?: HostTrace;
}

/** A running recorder of a host. */
export interface HostRecorder extends SessionRecorder {
  /** The observer to give to the host: option `trace` of a `Host`, or `host.trace` of the classes above. */
  readonly trace: HostTrace;
  /**
   * What the host's clock showed at 0 ms of the session. Give it to `replaySession`, so that the acknowledgements in
   * the record fit. 1000 before the first datagram.
   */
  readonly clockOffsetMs: number;
  /** Whether datagrams were left out because there were more than `maxDatagrams`. */
  readonly isFull: boolean;
}

/**
 * Makes a recorder of one connection of a host.
 *
 * @throws RangeError when `maxDatagrams` is no positive integer.
 */
export function recordHost(options: RecordHostOptions): HostRecorder {
  checkOptions(options, OPTION_NAMES);
  const { maxDatagrams = MAX_DATAGRAMS } = options;
  if (!isIntegerIn(maxDatagrams, 1, Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`"maxDatagrams" expected a positive integer, got ${maxDatagrams}`);
  }
  return new Recorder(options, maxDatagrams);
}

class Recorder implements HostRecorder {
  readonly trace: HostTrace;
  readonly #options: RecordHostOptions;
  readonly #maxDatagrams: number;
  readonly #datagrams: SessionDatagram[] = [];
  #remote: Partial<Address> | undefined;
  #clockOffsetMs: number | undefined;
  /** The clock at the last datagram, and how long after the first that was. */
  #lastNow = 0;
  #ms = 0;
  #isFull = false;
  #isStopped = false;

  constructor(options: RecordHostOptions, maxDatagrams: number) {
    const { side, remote, next } = options;
    this.#options = options;
    this.#maxDatagrams = maxDatagrams;
    this.#remote = remote;
    const otherSide = side === 'client' ? 'server' : 'client';
    this.trace = {
      received: (now, bytes, from) => {
        this.#note(now, otherSide, bytes, from);
        next?.received?.(now, bytes, from);
      },
      sent: (now, bytes, to) => {
        this.#note(now, side, bytes, to);
        next?.sent?.(now, bytes, to);
      },
      dropped: (now, reason, from, peer, bytes, commandAt) => {
        next?.dropped?.(now, reason, from, peer, bytes, commandAt);
      },
    };
  }

  get clockOffsetMs(): number {
    return this.#clockOffsetMs ?? 1000;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  session(): Session {
    const { what, compression } = this.#options;
    return { what, compression, datagrams: [...this.#datagrams] };
  }

  stop(): Session {
    this.#isStopped = true;
    return this.session();
  }

  #note(now: number, side: SessionSide, bytes: Uint8Array, { ip, port }: Address): void {
    if (this.#isStopped) return;
    this.#remote ??= { ip, port };
    const { ip: wantedIp = ip, port: wantedPort = port } = this.#remote;
    if (ip !== wantedIp || port !== wantedPort) return;
    if (this.#datagrams.length >= this.#maxDatagrams) {
      this.#isFull = true;
      return;
    }
    if (this.#clockOffsetMs === undefined) {
      this.#clockOffsetMs = now;
      this.#lastNow = now;
    }
    // The clock is a u32 that wraps; the session's time does not.
    this.#ms += Math.max(0, (now - this.#lastNow) | 0);
    this.#lastNow = now;
    this.#datagrams.push([this.#ms, side, toHex(bytes)]);
  }
}

const MAX_DATAGRAMS = 100_000;

const OPTION_NAMES: OptionNames<RecordHostOptions> = {
  side: true,
  what: true,
  compression: true,
  remote: true,
  maxDatagrams: true,
  next: true,
};
