/**
 * DTLS between a host and its UDP socket, as one more {@link DatagramSocket}: what is sent is protected, what arrives is
 * opened. godot-enet-classes 6.
 */

import { given } from '../../options/internal.ts';
import type { Address, Datagram } from '../enet/index.ts';
import type { AttachError, SecureCounters, SecureLimits, SecureOptions } from '../runtime/index.ts';
import type { DatagramSink, DatagramSocket, PeerSource, Scheduler } from '../runtime/internal.ts';
import { DtlsClientEndpoint } from './clientEndpoint.ts';
import type { DtlsDropReason, DtlsEndpoint, DtlsEvent, DtlsWorld } from './endpoint.ts';
import { readCredentials, type ServerCredentials } from './identity/credentials.ts';
import { CredentialsError } from './identity/identityError.ts';
import { createIdentityCheck } from './identity/verifyChain.ts';
import { openKeyLog } from './keyLog.ts';
import { findSuiteByName } from './record/cipherSuites.ts';
import { DtlsServerEndpoint } from './serverEndpoint.ts';

/** Why a client cannot go on. */
export class DtlsError extends Error {
  override readonly name: string = 'DtlsError';
  /** A code of docs/errors.md. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A socket that speaks DTLS. */
export class DtlsSocket implements DatagramSocket {
  readonly #socket: DatagramSocket;
  readonly #scheduler: Scheduler;
  readonly #endpoint: DtlsEndpoint;
  readonly #host: PeerSource;
  readonly #server: DtlsServerEndpoint | undefined;
  readonly #client: DtlsClientEndpoint | undefined;
  readonly #failures = new Map<string, number>();
  readonly #suites = new Map<string, number>();
  #notAfterMs: number | undefined;
  #failure: DtlsError | undefined;
  /** Who gets the plaintexts of the present `receive`. */
  #sink: DatagramSink | undefined;
  /**
   * Client: the latest datagram that the handshake kept from leaving, and when that was. It follows the handshake, so that
   * ENet's CONNECT need not wait for its resend.
   */
  #held: Datagram | undefined;
  #heldAt = 0;
  /** What the present call wants to send: it leaves in one batch. */
  #outbox: Datagram[] = [];
  #isClosed = false;
  readonly #inbox: DatagramSink = {
    receive: (bytes, from) => {
      const { dropped } = this.#endpoint.counters;
      const before = dropped.malformed + dropped.version;
      this.#endpoint.receive(bytes, from);
      // It may be no DTLS at all, and somebody may want to know.
      if (dropped.malformed + dropped.version !== before) {
        this.#host.receivedPlain?.(this.#scheduler.now(), bytes, from);
      }
    },
  };

  /**
   * Puts DTLS on a socket, which stays bound.
   *
   * @param peerCount how many peers the host can have.
   * @param host tells which peers it has: a server's session without one is idle, whatever is sent on it. It is told of
   * datagrams that are no DTLS.
   * @returns what is wrong with keys and certificates, with the code of a `CredentialsError`, instead.
   */
  static over(
    socket: DatagramSocket,
    options: SecureOptions,
    scheduler: Scheduler,
    peerCount: number,
    host: PeerSource = {},
  ): DtlsSocket | AttachError {
    try {
      return new DtlsSocket(socket, options, scheduler, peerCount, host);
    } catch (error) {
      return problemOf(error);
    }
  }

  private constructor(
    socket: DatagramSocket,
    options: SecureOptions,
    scheduler: Scheduler,
    peerCount: number,
    host: PeerSource,
  ) {
    this.#socket = socket;
    this.#scheduler = scheduler;
    this.#host = host;
    const { suites: suiteNames, keyLogFile, ...limits }: SecureLimits = options.limits ?? {};
    const world: DtlsWorld = {
      logKeys: keyLogFile === undefined ? undefined : openKeyLog(keyLogFile),
      now: () => scheduler.time(),
      transmit: (bytes, to) => {
        this.#outbox.push({ bytes, to });
      },
      deliver: (plaintext, from) => this.#sink?.receive(plaintext, from),
      onEvent: (event) => this.#onEvent(event),
    };
    const suites = suiteNames === undefined ? {} : { suites: suiteNames.map(suiteNumber) };
    if (options.role === 'client') {
      const { name, trust } = options;
      const verifyServer = createIdentityCheck({ trust, name });
      const named = name === undefined || name === '' ? {} : { serverName: name };
      this.#client = new DtlsClientEndpoint({ world, ...named, ...suites, verifyServer, limits });
      this.#endpoint = this.#client;
    } else {
      const credentials = readCredentials(options.key, options.certificate);
      const all = given({ ...limits, maxSessions: limits.maxSessions ?? 2 * peerCount + 32 });
      const used = host.peers === undefined ? {} : { isInUse: usedSessions(host, scheduler) };
      const door = (from: Address, hasSession: boolean): DtlsDropReason | undefined => {
        if (host.mayBegin?.(from) === false) return 'notAdmitted';
        return hasSession || host.hasRoom?.() !== false ? undefined : 'hostFull';
      };
      this.#server = new DtlsServerEndpoint({ world, credentials, limits: all, door, ...suites, ...used });
      this.#endpoint = this.#server;
      this.#notAfterMs = credentials.notAfterMs;
    }
    socket.takeLongDatagrams?.();
  }

  get localAddress(): Address {
    return this.#socket.localAddress;
  }

  get failedSends(): number {
    return this.#socket.failedSends;
  }

  get droppedDatagrams(): number {
    return this.#socket.droppedDatagrams;
  }

  /** Why a client cannot go on. A server always can. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  send(batch: readonly Datagram[]): void {
    if (this.#isClosed) return;
    for (let index = 0; index < batch.length; index += 1) {
      const datagram = batch[index];
      // What finds no open session is lost, as on the way; ENet sends again what matters.
      if (datagram !== undefined && this.#endpoint.send(datagram.bytes, datagram.to) === 'busy') {
        this.#hold(datagram);
      }
    }
    this.#flush();
  }

  receive(limit: number, sink: DatagramSink): number {
    if (this.#isClosed) return 0;
    this.#sink = sink;
    const taken = this.#socket.receive(limit, this.#inbox);
    this.#sink = undefined;
    this.#flush();
    return taken;
  }

  service(): void {
    if (this.#isClosed) return;
    this.#endpoint.service();
    this.#flush();
  }

  nextWakeup(): number | undefined {
    const at = this.#isClosed ? undefined : this.#endpoint.nextWakeup();
    return at === undefined ? undefined : Math.max(0, Math.ceil(at - this.#scheduler.time()));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#endpoint.close();
    this.#flush();
    this.#isClosed = true;
    this.#socket.close();
  }

  /** Whether something that is sent to an address now finds an open session there: the one that the address names. */
  hasSession(address: Address): boolean {
    return this.#server?.hasSession(address) ?? true;
  }

  /** The cipher suite of the open session with an address, by its IANA name. */
  suiteOf(address: Address): string | undefined {
    return (this.#client?.sessionInfo ?? this.#server?.sessionInfo(address))?.suite;
  }

  /** Server: whether strangers are ignored. */
  setRefuseNewConnections(refuses: boolean): void {
    if (this.#server !== undefined) this.#server.refuseNewConnections = refuses;
  }

  /**
   * Server: another key and certificate, for handshakes that begin from now on.
   *
   * @returns what is wrong with them; then nothing has changed.
   */
  setCredentials(key: string, certificate: string): AttachError | undefined {
    if (this.#server === undefined) return { code: 'EINVAL', message: 'this is no DTLS server' };
    let credentials: ServerCredentials;
    try {
      credentials = readCredentials(key, certificate);
    } catch (error) {
      return problemOf(error);
    }
    this.#server.setCredentials(credentials);
    this.#notAfterMs = credentials.notAfterMs;
    return undefined;
  }

  /** A snapshot of the counters. */
  counters(): SecureCounters {
    const { openSessions, handshakes, opened, cookiesSent, retransmissions, dropped } =
      this.#endpoint.counters;
    return {
      certificateNotAfterMs: this.#notAfterMs,
      sessions: openSessions,
      handshakes,
      completed: opened,
      suites: new Map(this.#suites),
      cookiesSent,
      retransmissions,
      failures: new Map(this.#failures),
      drops: new Map(Object.entries(dropped)),
    };
  }

  #hold(datagram: Datagram): void {
    if (this.#server !== undefined) return;
    this.#held = datagram;
    this.#heldAt = this.#scheduler.time();
  }

  #onEvent(event: DtlsEvent): void {
    if (event.type === 'open')
      this.#suites.set(event.info.suite, (this.#suites.get(event.info.suite) ?? 0) + 1);
    if (event.type === 'open' && this.#held !== undefined) {
      const { bytes, to } = this.#held;
      this.#held = undefined;
      // It carries the time of its making, from which the remote's answer tells the round-trip time.
      if (this.#scheduler.time() - this.#heldAt <= MAX_HELD_MS) this.#endpoint.send(bytes, to);
    }
    if (event.type === 'failed') {
      const { code, message } = event.failure;
      this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
      if (this.#server === undefined) this.#failure ??= new DtlsError(code, message);
    } else if (event.type === 'closed' && this.#server !== undefined) {
      // In the order in which it came, between what came before over this session and what comes after over another.
      this.#host.sessionEnded?.(event.address);
    } else if (event.type === 'closed' && this.#server === undefined && !this.#isClosed) {
      const { code, message } = event.failure ?? CLOSED;
      this.#failure ??= new DtlsError(code, message);
    }
  }

  #flush(): void {
    const outbox = this.#outbox;
    if (outbox.length > 0) {
      this.#outbox = [];
      this.#socket.send(outbox);
    }
  }
}

/** @throws RangeError for a suite that does not exist. */
function suiteNumber(name: string): number {
  const suite = findSuiteByName(name);
  if (suite === undefined)
    throw new RangeError(`"suites" expected cipher suites, got ${JSON.stringify(name)}`);
  return suite.id;
}

/** Whether a host has a peer at a session; unless it shall be exact, as of the last second: all are asked about in a row. */
function usedSessions(
  host: PeerSource,
  scheduler: Scheduler,
): (address: Address, isExact: boolean) => boolean {
  let used = new Set<number | undefined>();
  let usedAt = Number.NEGATIVE_INFINITY;
  return (address, isExact) => {
    if (isExact && host.hasPeerAt !== undefined) return host.hasPeerAt(address);
    const now = scheduler.time();
    if (now - usedAt >= 1000) {
      used = new Set();
      for (const {
        address: { session },
      } of host.peers?.() ?? [])
        used.add(session);
      usedAt = now;
    }
    return used.has(address.session);
  };
}

/** Bad keys and certificates are an answer; anything else is a mistake in the program. */
function problemOf(error: unknown): AttachError {
  if (error instanceof CredentialsError) return { code: error.code, message: error.message };
  const isOption = error instanceof RangeError || error instanceof TypeError;
  if (isOption) return { code: 'EINVAL', message: error.message };
  throw error;
}

/** Older than this, a datagram would spoil the first measurement of the round-trip time. */
const MAX_HELD_MS = 1000;
const CLOSED = { code: 'ERR_DTLS_CLOSED', message: 'the server has ended the session' } as const;
