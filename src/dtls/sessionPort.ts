/** What a session and its endpoint know of each other. */
import type { DtlsDropReason, DtlsFailure, DtlsSessionInfo } from './endpoint.ts';
import type { DtlsHandshakeLimits } from './limits.ts';

/** What a session needs from its endpoint. */
export interface SessionPort {
  now(): number;
  randomBytes(size: number): Uint8Array;
  transmit(datagram: Uint8Array): void;
  deliver(plaintext: Uint8Array): void;
  /** The handshake is complete. */
  opened(info: DtlsSessionInfo): void;
  /** The session is over by itself, and already closed. `failure` is undefined when the other side said goodbye. */
  ended(failure: DtlsFailure | undefined, wasOpen: boolean): void;
  dropped(reason: DtlsDropReason): void;
  retransmitted(): void;
  /** Takes a line of a key log; `undefined`: nobody wants one, and none is made. */
  readonly logKeys: ((line: string) => void) | undefined;
}

/** How a session starts. */
export interface SessionOptions {
  readonly role: 'client' | 'server';
  readonly limits: DtlsHandshakeLimits;
  /** The sequence number of our first record: that of the hello, for a server without state. Default 0. */
  readonly firstSequence?: number;
  /** The number of the first handshake message in both directions. Default 0. */
  readonly firstMessageSeq?: number;
  /** How many bytes of unfinished handshake messages are kept. */
  readonly maxReassemblyBytes: number;
}

/** The life of a session. */
export type SessionState = 'handshaking' | 'open' | 'closed';
