/** The numbers of a WebSocketMultiplayerPeer. */
import { DisconnectCause } from '../enet/index.ts';
import { Tally } from '../enet/internal.ts';
import type { WebSocketRefusal } from './refusals.ts';

/** Numbers of a peer. Counters never go back while the object lives. The names are those of `ENetServer.metrics()`. */
export interface WebSocketMetrics {
  /** Whether it is a server or a client at the moment. */
  readonly isActive: boolean;
  /** Whether new connections are taken. */
  readonly acceptsPeers: boolean;
  /** Peers now that `peerConnected` told of. */
  readonly peers: number;
  /** TCP connections now that are no WebSockets yet; only with a port of its own. */
  readonly halfOpen: number;
  /** Bytes now that wait to be taken by the other sides. */
  readonly backlogBytes: number;
  /** Counter: connections that `peerConnected` told of. */
  readonly connections: number;
  /** Counter: those of them that have ended. */
  readonly disconnections: number;
  /** Counter: the same by cause; every cause is there. */
  readonly disconnectionsByCause: ReadonlyMap<DisconnectCause, number>;
  /** Counter: packets that were received. */
  readonly packetsReceived: number;
  /** Counter: their bytes. */
  readonly bytesReceived: number;
  /** Counter: packets that were sent, once for each receiver. */
  readonly packetsSent: number;
  /** Counter: their bytes. */
  readonly bytesSent: number;
  /** Counter: what was turned away, by reason; every reason is there. */
  readonly refusals: ReadonlyMap<WebSocketRefusal, number>;
}

/** What is counted. */
export class Counters {
  connections = 0;
  packetsReceived = 0;
  bytesReceived = 0;
  packetsSent = 0;
  bytesSent = 0;
  readonly #ends = new Tally(DisconnectCause);

  /** A connection that was announced has ended. */
  ended(cause: DisconnectCause): void {
    this.#ends.add(cause);
  }

  /** A copy. */
  snapshot(): Pick<
    WebSocketMetrics,
    | 'connections'
    | 'disconnections'
    | 'disconnectionsByCause'
    | 'packetsReceived'
    | 'bytesReceived'
    | 'packetsSent'
    | 'bytesSent'
  > {
    const { connections, packetsReceived, bytesReceived, packetsSent, bytesSent } = this;
    return {
      connections,
      disconnections: this.#ends.total,
      disconnectionsByCause: this.#ends.snapshot(),
      packetsReceived,
      bytesReceived,
      packetsSent,
      bytesSent,
    };
  }
}
