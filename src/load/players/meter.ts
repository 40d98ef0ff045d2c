/** What is measured of the connection of one player. */

/** Numbers of a connection; they only grow. */
export interface TransportMeter {
  /** Bytes to the server. */
  readonly sentBytes: number;
  /** Bytes from the server. */
  readonly receivedBytes: number;
  /** Reliable commands of ENet, each once; 0 over WebSocket. */
  readonly reliableSent: number;
  /** How often one of them was sent again. */
  readonly resent: number;
  /** When something was last heard, on the clock of the run; 0 before. */
  readonly heardAtMs: number;
}

/** What a meter needs. */
export interface MeterParts {
  /** Milliseconds, as exact as there are. */
  readonly nowMs: () => number;
  /** Takes each round trip, in ms. */
  readonly roundTrip: (ms: number) => void;
}
