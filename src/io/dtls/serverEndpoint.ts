/**
 * The server's end of DTLS 1.2: one UDP socket, one session for each remote address. godot-enet-classes 6; RFC 6347 4.2.1
 * (cookies, amplification) and 4.2.8 (a client that begins anew).
 *
 * Nothing is kept about an address before it has shown a valid cookie, and what is sent to it until then is shorter than
 * what it sent. A client that begins anew takes the place of its old session when its new handshake is complete, not
 * before: somebody who repeats an old hello changes nothing.
 */
import { randomBytes } from 'node:crypto';
import type { Address } from '../../enet/transport.ts';
import { CookieJar } from './cookies.ts';
import { Counters } from './counters.ts';
import type { ServerCredentials } from './credentials.ts';
import { forEachRecord } from './datagram.ts';
import {
  checkLimits,
  checkSuites,
  DTLS_SERVER_LIMITS,
  type DtlsCloseReason,
  type DtlsCounters,
  type DtlsDropReason,
  type DtlsEndpoint,
  type DtlsFailure,
  type DtlsSendResult,
  type DtlsServerLimits,
  type DtlsSessionInfo,
  type DtlsWorld,
  MAX_PLAINTEXT_BYTES,
} from './endpoint.ts';
import { encodeCookieRequest, type FirstHello, readFirstHello } from './firstHello.ts';
import { ContentType, HandshakeType } from './protocol.ts';
import type { RecordView } from './record.ts';
import { ServerHandshake } from './serverHandshake.ts';
import { Session } from './session.ts';

/** Settings of a {@link DtlsServerEndpoint}. */
export interface DtlsServerOptions {
  /** Clock, socket and receiver. */
  readonly world: DtlsWorld;
  /** The key and the certificates. */
  readonly credentials: ServerCredentials;
  /** Limits; what is missing has its default. */
  readonly limits?: Partial<DtlsServerLimits>;
  /** The cipher suites, the preferred first. Default {@link DTLS_SUITES}. */
  readonly suites?: readonly number[];
  /**
   * Whether the application still has something to do with an address, e.g. an ENet peer. Sessions that nobody uses are
   * closed. Default: a session is used as long as its client sends.
   */
  readonly isInUse?: (address: Address) => boolean;
}

/** Everything about one remote address. */
interface Remote {
  readonly key: string;
  readonly address: Address;
  /** The open session. */
  current: Session | undefined;
  /** The handshake under way. */
  pending: Session | undefined;
  info: DtlsSessionInfo | undefined;
  /** The randoms of the latest hellos that began a handshake, the newest last. */
  readonly hellos: Uint8Array[];
  usedAt: number;
}

/** The endpoint. */
export class DtlsServerEndpoint implements DtlsEndpoint {
  readonly #world: DtlsWorld;
  readonly #limits: DtlsServerLimits;
  readonly #suites: readonly number[];
  readonly #isInUse: ((address: Address) => boolean) | undefined;
  readonly #cookies: CookieJar;
  readonly #counters = new Counters();
  readonly #remotes = new Map<string, Remote>();
  readonly #pending = new Set<Remote>();
  readonly #pendingPerIp = new Map<string, number>();
  #credentials: ServerCredentials;
  #isRefusing = false;
  #isClosed = false;
  #sweepAt: number | undefined;

  /** @throws RangeError for a limit or a suite out of range. */
  constructor(options: DtlsServerOptions) {
    this.#world = options.world;
    this.#credentials = options.credentials;
    this.#limits = checkLimits(DTLS_SERVER_LIMITS, options.limits);
    this.#suites = checkSuites(options.suites);
    this.#isInUse = options.isInUse;
    const random = (size: number): Uint8Array => this.#randomBytes(size);
    this.#cookies = new CookieJar(random, this.#limits.cookieSecretMs, this.#world.now());
  }

  get counters(): DtlsCounters {
    return this.#counters;
  }

  /** Whether new handshakes are refused. Those under way go on. */
  get refuseNewConnections(): boolean {
    return this.#isRefusing;
  }

  /** Godot's `refuse_new_connections`: refused hellos get no answer. */
  set refuseNewConnections(isRefusing: boolean) {
    this.#isRefusing = isRefusing;
  }

  /** Uses another key and certificate for the handshakes that begin from now on. Sessions stay. */
  setCredentials(credentials: ServerCredentials): void {
    this.#credentials = credentials;
  }

  /** What the open session with an address agreed on; undefined when there is none. */
  sessionInfo(address: Address): DtlsSessionInfo | undefined {
    return this.#remotes.get(keyOf(address))?.info;
  }

  receive(datagram: Uint8Array, from: Address): void {
    if (this.#isClosed) return;
    const key = keyOf(from);
    forEachRecord(datagram, this.#counters, (record) => this.#record(record, from, key));
  }

  send(plaintext: Uint8Array, to: Address): DtlsSendResult {
    const remote = this.#remotes.get(keyOf(to));
    if (remote?.current === undefined) return remote === undefined ? 'unknown' : 'busy';
    if (plaintext.length > MAX_PLAINTEXT_BYTES) return 'failed';
    remote.current.send(plaintext);
    return 'sent';
  }

  service(): void {
    for (const remote of this.#pending) remote.pending?.service();
    const now = this.#world.now();
    if (this.#sweepAt === undefined || now < this.#sweepAt) return;
    this.#sweepAt = undefined;
    for (const remote of this.#remotes.values()) this.#closeUnused(remote, now);
    this.#planSweep(now);
  }

  nextWakeup(): number | undefined {
    let at = this.#sweepAt;
    for (const { pending } of this.#pending) {
      const deadline = pending?.deadline;
      if (deadline !== undefined && (at === undefined || deadline < at)) at = deadline;
    }
    return at;
  }

  /** Says goodbye to one address, e.g. because its ENet peer is gone. Harmless when there is no session. */
  closeSession(address: Address): void {
    const remote = this.#remotes.get(keyOf(address));
    if (remote !== undefined) this.#closeRemote(remote, 'local');
  }

  close(): void {
    if (this.#isClosed) return;
    for (const remote of [...this.#remotes.values()]) this.#closeRemote(remote, 'local');
    this.#isClosed = true;
    this.#sweepAt = undefined;
  }

  #record(record: RecordView, from: Address, key: string): void {
    // A callback may have closed us between two records.
    if (this.#isClosed) return;
    const remote = this.#remotes.get(key);
    const isHello =
      record.epoch === 0 &&
      record.type === ContentType.HANDSHAKE &&
      record.payload[0] === HandshakeType.CLIENT_HELLO;
    if (isHello) {
      this.#hello(record, from, key, remote);
    } else if (remote === undefined) {
      this.#counters.drop('unknownPeer');
    } else if (record.epoch === 0) {
      (remote.pending ?? remote.current)?.receivePlain(record);
    } else {
      this.#protected(record, remote);
    }
  }

  #protected(record: RecordView, remote: Remote): void {
    const { current, pending } = remote;
    const refusal = current?.receiveProtected(record);
    if (current !== undefined && refusal === undefined) return;
    const fate = pending === undefined ? refusal : pending.receiveProtected(record);
    if (fate !== undefined) this.#counters.drop(fate);
  }

  // Hellos.

  #hello(record: RecordView, from: Address, key: string, remote: Remote | undefined): void {
    const first = readFirstHello(record);
    if (typeof first === 'string') {
      this.#counters.drop(first);
      return;
    }
    const { hello } = first;
    const now = this.#world.now();
    if (!this.#cookies.isValid(hello, from, now)) {
      if (this.#isRefusing) {
        this.#counters.drop('refused');
      } else {
        this.#counters.cookiesSent += 1;
        this.#world.transmit(encodeCookieRequest(first, this.#cookies.make(hello, from, now)), from);
      }
      return;
    }
    const age = remote?.hellos.findLastIndex((random) => Buffer.compare(random, hello.random) === 0) ?? -1;
    if (remote !== undefined && age >= 0) {
      const isLatest = age === remote.hellos.length - 1;
      if (isLatest && remote.pending !== undefined) remote.pending.receivePlain(record);
      else this.#counters.drop('replay');
      return;
    }
    const refusal = this.#reasonToRefuse(from, remote);
    if (refusal === undefined) this.#begin(record, first, remote ?? this.#createRemote(from, key));
    else this.#counters.drop(refusal);
  }

  #reasonToRefuse(from: Address, remote: Remote | undefined): DtlsDropReason | undefined {
    const { maxSessions, maxHandshakes, maxHandshakesPerIp } = this.#limits;
    if (this.#isRefusing) return 'refused';
    if (remote === undefined && this.#remotes.size >= maxSessions) return 'sessionsFull';
    // It takes the place of the handshake that this address has under way.
    if (remote?.pending !== undefined) return undefined;
    if (this.#pending.size >= maxHandshakes) return 'handshakesFull';
    const ofThisIp = this.#pendingPerIp.get(from.ip) ?? 0;
    return ofThisIp >= maxHandshakesPerIp ? 'handshakesOfAddressFull' : undefined;
  }

  #begin(record: RecordView, { hello, messageSeq }: FirstHello, remote: Remote): void {
    if (remote.pending !== undefined) this.#dropPending(remote);
    remote.hellos.push(Uint8Array.from(hello.random));
    if (remote.hellos.length > REMEMBERED_HELLOS) remote.hellos.shift();
    const session: Session = new Session(
      {
        now: () => this.#world.now(),
        randomBytes: (size) => this.#randomBytes(size),
        transmit: (datagram) => this.#world.transmit(datagram, remote.address),
        deliver: (plaintext) => this.#world.deliver(plaintext, remote.address),
        opened: (info) => this.#opened(remote, session, info),
        ended: (failure, wasOpen) => this.#ended(remote, session, failure, wasOpen),
        dropped: (reason) => this.#counters.drop(reason),
        retransmitted: () => {
          this.#counters.retransmissions += 1;
        },
      },
      {
        role: 'server',
        limits: this.#limits,
        // RFC 6347 4.2.1: the answer to a hello goes on from its numbers.
        firstSequence: record.sequence,
        firstMessageSeq: messageSeq,
        maxReassemblyBytes: MAX_REASSEMBLY_BYTES,
      },
    );
    session.begin(new ServerHandshake(session, this.#credentials, this.#suites));
    remote.pending = session;
    this.#pending.add(remote);
    const { ip } = remote.address;
    this.#pendingPerIp.set(ip, (this.#pendingPerIp.get(ip) ?? 0) + 1);
    this.#counters.handshakes = this.#pending.size;
    session.receivePlain(record);
  }

  #createRemote(from: Address, key: string): Remote {
    const address: Address = { ip: from.ip, port: from.port };
    const usedAt = this.#world.now();
    const remote: Remote = {
      key,
      address,
      current: undefined,
      pending: undefined,
      info: undefined,
      hellos: [],
      usedAt,
    };
    this.#remotes.set(key, remote);
    return remote;
  }

  // Sessions.

  #opened(remote: Remote, session: Session, info: DtlsSessionInfo): void {
    const replaced = remote.current;
    remote.current = session;
    this.#forgetPending(remote);
    remote.info = info;
    remote.usedAt = this.#world.now();
    this.#counters.opened += 1;
    if (replaced === undefined) this.#counters.openSessions += 1;
    else replaced.close(false);
    this.#planSweep(remote.usedAt);
    const { address } = remote;
    if (replaced !== undefined) {
      this.#world.onEvent?.({ type: 'closed', address, reason: 'replaced', failure: undefined });
    }
    this.#world.onEvent?.({ type: 'open', address, info });
  }

  #ended(remote: Remote, session: Session, failure: DtlsFailure | undefined, wasOpen: boolean): void {
    const { address } = remote;
    if (session === remote.current) {
      this.#forgetCurrent(remote);
      const reason = failure === undefined ? 'peer' : 'failed';
      this.#world.onEvent?.({ type: 'closed', address, reason, failure });
    } else if (!wasOpen && failure !== undefined) {
      if (session === remote.pending) this.#forgetPending(remote);
      this.#counters.failed += 1;
      this.#world.onEvent?.({ type: 'failed', address, failure });
    }
  }

  #closeRemote(remote: Remote, reason: DtlsCloseReason): void {
    const { current, address } = remote;
    if (remote.pending !== undefined) {
      remote.pending.close(true);
      this.#forgetPending(remote);
      this.#counters.failed += 1;
    }
    if (current === undefined) return;
    current.close(true);
    this.#forgetCurrent(remote);
    this.#world.onEvent?.({ type: 'closed', address, reason, failure: undefined });
  }

  #closeUnused(remote: Remote, now: number): void {
    const { current, address } = remote;
    if (current === undefined) return;
    if (this.#isInUse === undefined) remote.usedAt = current.authenticatedAt;
    else if (this.#isInUse(address)) remote.usedAt = now;
    if (now - remote.usedAt < this.#limits.idleMs) return;
    current.close(true);
    this.#forgetCurrent(remote);
    this.#world.onEvent?.({ type: 'closed', address, reason: 'idle', failure: undefined });
  }

  /** The same address began another handshake. */
  #dropPending(remote: Remote): void {
    remote.pending?.close(false);
    this.#forgetPending(remote);
    this.#counters.failed += 1;
    // It goes on with the next one.
    this.#remotes.set(remote.key, remote);
  }

  #forgetPending(remote: Remote): void {
    if (remote.pending === undefined) return;
    const { ip } = remote.address;
    remote.pending = undefined;
    this.#pending.delete(remote);
    this.#counters.handshakes = this.#pending.size;
    const left = (this.#pendingPerIp.get(ip) ?? 1) - 1;
    if (left > 0) this.#pendingPerIp.set(ip, left);
    else this.#pendingPerIp.delete(ip);
    this.#forgetIfEmpty(remote);
  }

  #forgetCurrent(remote: Remote): void {
    remote.current = undefined;
    remote.info = undefined;
    this.#counters.openSessions -= 1;
    this.#forgetIfEmpty(remote);
  }

  #forgetIfEmpty(remote: Remote): void {
    if (remote.current === undefined && remote.pending === undefined) this.#remotes.delete(remote.key);
  }

  #planSweep(now: number): void {
    if (this.#sweepAt === undefined && this.#counters.openSessions > 0) {
      this.#sweepAt = now + Math.max(1, this.#limits.idleMs / SWEEPS_PER_IDLE_TIME);
    }
  }

  #randomBytes(size: number): Uint8Array {
    return this.#world.randomBytes?.(size) ?? randomBytes(size);
  }
}

function keyOf({ ip, port }: Address): string {
  return `${ip} ${port}`;
}

/** A client sends a ClientKeyExchange of at most 134 bytes and a Finished. */
const MAX_REASSEMBLY_BYTES = 2048;
/** How many hellos of an address are known again when somebody repeats them. */
const REMEMBERED_HELLOS = 4;
const SWEEPS_PER_IDLE_TIME = 4;
