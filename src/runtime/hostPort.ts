/** The port through which a {@link Host} meets a socket, a clock and a random source, as an interface only. */
import type { Address, Host, HostEvent } from '../enet/index.ts';
import type { SecureCounters, SecureOptions } from './secureTransport.ts';

/** Where a socket shall be bound. */
export interface BindOptions {
  /** A literal IP address, or `"*"` for all interfaces, IPv6 and IPv4 where the system has both. Default `"*"`. */
  readonly ip?: string;
  /** UDP port 0..65535; 0 lets the system choose. Default 0. */
  readonly port?: number;
}

/** Why {@link Runtime.attach} failed. */
export interface AttachError {
  /** The system's error code, e.g. `"EADDRINUSE"`. */
  readonly code: string;
  /** One line for a human. */
  readonly message: string;
}

/**
 * A {@link Host} that is attached to a socket. It owns the one rule that keeps a sans-IO host right: after every
 * mutation the outbox is drained completely before the next one.
 */
export interface HostPort {
  /** The bound UDP port. */
  readonly localPort: number;
  /** The bound address. */
  readonly localAddress: Address;
  /** Datagrams that the system refused to send. They count as lost; nothing else happens. */
  readonly failedSends: number;
  /** The host's clock: milliseconds, u32, starts at 1000 or later (enet-protocol 0.4). */
  now(): number;
  /** Gives the host what arrived, runs {@link Host.service} once and sends what came of it. */
  service(): HostEvent | undefined;
  /** Sends everything that is queued: {@link Host.flush} and a drain. */
  flush(): void;
  /** Sends what the last mutation left in the outbox. Call it after any direct call on the host or its peers. */
  drain(): void;
  /** Sends one raw datagram outside ENet: no header, no statistics. */
  sendRaw(bytes: Uint8Array, to: Address): void;
  /**
   * Connects the UDP socket to the only remote there will be, so that the system tells when nobody listens there. Other
   * datagrams are not received any more, and sent only where the system allows it. Missing where it cannot be done.
   *
   * @param onRefused called each time the system says so, also from inside other methods of this port: it may only take note
   * and ask for a wake.
   */
  connectSocket?(to: Address, onRefused: () => void): void;
  /**
   * Sets the function that is called (never re-entrantly from inside another method of this port) when there is
   * something to do: datagrams arrived, or the host's next deadline has passed. It stays scheduled while set;
   * `undefined` goes back to pure polling. A port with a listener keeps the process alive, as does one without.
   */
  setWakeListener(listener: (() => void) | undefined): void;
  /** Asks for a wake as soon as possible, e.g. because packets were queued. Several calls give one wake. */
  requestWake(): void;
  /**
   * Goes over to DTLS, on the same address and port; once, and before anything else was sent. Datagrams that arrived and
   * were not looked at yet are thrown away. Missing where there is no DTLS.
   *
   * @param peerCount how many peers the host can have.
   * @returns undefined, or why it stays plain UDP: a `code` of docs/errors.md for a bad key or certificate, `EINVAL`
   * when it speaks DTLS already.
   */
  secure?(options: SecureOptions, peerCount: number): AttachError | undefined;
  /** DTLS server: whether strangers are ignored. Nothing on plain UDP. */
  setRefuseNewConnections?(refuses: boolean): void;
  /**
   * DTLS server: uses another key and certificate (PEM) for handshakes that begin from now on. Sessions that are open
   * stay open.
   *
   * @returns undefined, or what is wrong; then nothing has changed.
   */
  setCredentials?(key: string, certificate: string): AttachError | undefined;
  /**
   * The cipher suite that the open DTLS session with an address agreed on, by its IANA name; undefined when there is none. Missing where
   * the socket is in another thread.
   */
  secureSuiteOf?(address: Address): string | undefined;
  /** The numbers of DTLS; undefined on plain UDP. */
  readonly secureCounters?: SecureCounters | undefined;
  /** Closes the socket. Later calls do nothing. */
  close(): void;
}
