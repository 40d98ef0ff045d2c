/** Where datagrams come from and go to. */

/**
 * An IP address and a UDP port. Values are compared by content, never by identity.
 */
export interface Address {
  /**
   * A literal IP address in its canonical text: dotted decimal for IPv4 **and for IPv4-mapped IPv6**, RFC 5952 for
   * IPv6 (lower case, longest run of zeros shortened).
   */
  readonly ip: string;
  /** UDP port, 0..65535. */
  readonly port: number;
  /**
   * The session of an encrypting transport that this stands for, by a number that is never used again; missing where
   * there is none. Two sessions of the same IP address and port are two addresses, so that what belongs to one of them,
   * e.g. a peer and all that waits for it, never meets the other.
   */
  readonly session?: number;
}

/** One UDP datagram that waits to be sent. */
export interface Datagram {
  /** The payload. Owned by whoever drained it: the core never touches it again. */
  readonly bytes: Uint8Array;
  /** Where it goes. */
  readonly to: Address;
}

/** Whether two addresses are the same IP, port and session. */
export function isSameAddress(a: Address, b: Address): boolean {
  return a === b || (a.port === b.port && a.ip === b.ip && a.session === b.session);
}
