/** What a WebSocketMultiplayerPeer turned away, counted by reason. The names that ENetServer has, too, mean the same. */

import { Tally } from '../enet/internal.ts';

/** The stable names of all reasons; docs/guide/websocket.md explains them. */
export const WebSocketRefusal = {
  /** A connection while `refuseNewConnections` is set. */
  DRAINING: 'DRAINING',
  /** A connection from an address in `deny`. */
  ADDRESS_DENIED: 'ADDRESS_DENIED',
  /** A connection from an address that is not in `allow`. */
  ADDRESS_NOT_ALLOWED: 'ADDRESS_NOT_ALLOWED',
  /** A connection above `connectsPerSec`. */
  CONNECT_RATE: 'CONNECT_RATE',
  /** A connection above `connectsPerSecPerAddress`. */
  CONNECT_RATE_ADDRESS: 'CONNECT_RATE_ADDRESS',
  /** A connection above `maxPeers`. */
  HOST_FULL: 'HOST_FULL',
  /** A connection above `maxPeersPerAddress`. */
  TOO_MANY_FROM_ADDRESS: 'TOO_MANY_FROM_ADDRESS',
  /** A connection above `maxHalfOpen` or `maxHalfOpenPerAddress`. */
  TOO_MANY_HALF_OPEN: 'TOO_MANY_HALF_OPEN',
  /** A connection that was not a WebSocket within `handshakeTimeout`. */
  HANDSHAKE_TIMEOUT: 'HANDSHAKE_TIMEOUT',
  /** A request that is no WebSocket handshake, or is for another path. */
  HANDSHAKE_INVALID: 'HANDSHAKE_INVALID',
  /** A handshake of a page whose origin is not allowed. */
  ORIGIN_NOT_ALLOWED: 'ORIGIN_NOT_ALLOWED',
  /** A handshake without a sub-protocol of `supportedProtocols`, or with one where there is none. */
  SUBPROTOCOL: 'SUBPROTOCOL',
  /** A text message to a server; the client was disconnected (1003). */
  TEXT_MESSAGE: 'TEXT_MESSAGE',
  /** An empty message; it was skipped. */
  EMPTY_MESSAGE: 'EMPTY_MESSAGE',
  /** A message larger than `inboundBufferSize`; the sender was disconnected (1009). */
  TOO_LARGE: 'TOO_LARGE',
  /** Frames against RFC 6455, or a first message that is no id; the sender was disconnected. */
  PROTOCOL_ERROR: 'PROTOCOL_ERROR',
  /** Messages above `packetsPerSec` or `bytesPerSec`; the sender was disconnected (1008). */
  RATE_EXCEEDED: 'RATE_EXCEEDED',
  /** A packet that was refused because the other side takes too little. */
  QUEUE_DROPPED: 'QUEUE_DROPPED',
  /** A client that was disconnected because it takes too little. */
  QUEUE_OVERFLOW: 'QUEUE_OVERFLOW',
  /** Somebody who was silent for `timeoutMs`; the connection was ended. */
  SILENT: 'SILENT',
} as const;

/** One of the names of {@link WebSocketRefusal}. */
export type WebSocketRefusal = (typeof WebSocketRefusal)[keyof typeof WebSocketRefusal];

/** Counts by reason, and says each in words. */
export class WebSocketRefusals {
  readonly #counts = new Tally(WebSocketRefusal);
  readonly #trace: (line: string) => void;

  /** @param trace takes one line for each refusal. */
  constructor(trace: (line: string) => void) {
    this.#trace = trace;
  }

  /** Counts one. @param call in which it happened; else it came from outside, and is told under the name of what counts it. */
  add(reason: WebSocketRefusal, detail: string, call = 'refusals'): void {
    this.#counts.add(reason);
    this.#trace(`${call}: ${detail} (${reason})`);
  }

  /** All reasons, also those that never occurred. A copy. */
  snapshot(): Map<WebSocketRefusal, number> {
    return this.#counts.snapshot();
  }
}
