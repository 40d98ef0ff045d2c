/**
 * What the ENet core needs from the world, as interfaces only: addresses, datagrams, and the port through which a
 * {@link Host} meets a socket, a clock and a random source. Adapters in `src/io` and in the virtual network
 * implement them.
 */
import type { Address, Host, HostEvent } from '../enet/index.ts';
import type { AttachRemote } from './remoteHost.ts';
import type { SecureCounters, SecureOptions } from './secureTransport.ts';

/** Where a socket shall be bound. */
export interface BindOptions {
  /** A literal IP address, or `"*"` for all interfaces, IPv6 and IPv4 where the system has both. Default `"*"`. */
  readonly ip?: string;
  /** UDP port 0..65535; 0 lets the system choose. Default 0. */
  readonly port?: number;
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
  /** The numbers of DTLS; undefined on plain UDP. */
  readonly secureCounters?: SecureCounters | undefined;
  /** Closes the socket. Later calls do nothing. */
  close(): void;
}

/** Why {@link Runtime.attach} failed. */
export interface AttachError {
  /** The system's error code, e.g. `"EADDRINUSE"`. */
  readonly code: string;
  /** One line for a human. */
  readonly message: string;
}

/** A timer that can be called off. */
export interface Timer {
  /** Calls the timer off. Harmless when it already fired. */
  cancel(): void;
}

/**
 * The injected world: sockets, clock, timers, randomness, name resolution. The Node entry points wire the real
 * ones; tests wire the virtual network.
 */
export interface Runtime {
  /** Milliseconds of a monotonic clock, as a u32 that wraps, starting at 1000 or later. */
  now(): number;
  /** A cryptographically strong random u32 (seeded and repeatable in the virtual network). */
  random32(): number;
  /** Calls `callback` once after `delayMs`. Errors thrown by it are the caller's. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /**
   * Calls `callback` when the call under way has returned. The virtual network does so at its present time, for programs that
   * do nothing but advance it; where it is missing, a microtask is as good.
   */
  afterCall?(callback: () => void): void;
  /**
   * Opens and binds a UDP socket synchronously and attaches it to a host.
   *
   * @returns the port, or why it could not be had.
   */
  attach(host: Host, bind: BindOptions): HostPort | AttachError;
  /** Runs a host with its socket in a thread of its own; bound when it returns. Missing where there are no threads. */
  readonly attachRemote?: AttachRemote;
  /**
   * Resolves a host name without blocking. A literal address answers before the call returns; any other name later.
   * `done` gets a canonical literal address, or `undefined` when the name has none.
   */
  resolve(name: string, done: (ip: string | undefined) => void): void;
  /**
   * The same at once, for names to bind; it may block for some seconds.
   *
   * @returns a canonical literal address, or `undefined` when the name has none. Missing where that cannot be had.
   */
  resolveNow?(name: string): string | undefined;
  /** Tells whoever runs the process what nobody may have noticed, once for each code. Missing: nobody is told. */
  warn?(code: string, message: string): void;
}
