/** The numbers that every multiplayer peer with a network has. */
import { DisconnectCause } from '../../enet/index.ts';
import { Tally } from '../../enet/internal.ts';
import type { OperatorMetrics } from '../operator.ts';

/** Numbers of a multiplayer peer. Counters never go back while the object lives. The names are those of `ENetServer.ops.metrics()`. */
export interface TransportMetrics extends OperatorMetrics {
  /** Peers now that `peerConnected` told of. */
  readonly peers: number;
  /** The same: whoever is told of was let in. Whether a player authenticates is the business of the layer above. */
  readonly authenticatedPeers: number;
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
}

/** What a multiplayer peer counts by itself. */
export type CountedByTransport = Pick<
  TransportMetrics,
  | 'connections'
  | 'disconnections'
  | 'disconnectionsByCause'
  | 'packetsReceived'
  | 'bytesReceived'
  | 'packetsSent'
  | 'bytesSent'
>;

/** What is counted. */
export class TransportCounters {
  connections = 0;
  packetsReceived = 0;
  bytesReceived = 0;
  packetsSent = 0;
  bytesSent = 0;
  readonly #ends = new Tally(DisconnectCause);

  /** A packet came. */
  received(bytes: number): void {
    this.packetsReceived++;
    this.bytesReceived += bytes;
  }

  /** A packet was handed to the network, for one receiver. */
  sent(bytes: number): void {
    this.packetsSent++;
    this.bytesSent += bytes;
  }

  /** A connection that was announced has ended. */
  ended(cause: DisconnectCause): void {
    this.#ends.add(cause);
  }

  /** A copy. */
  snapshot(): CountedByTransport {
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
