/**
 * The server's end of DTLS 1.2: one UDP socket, one session for each remote address. godot-enet-classes 6; RFC 6347 4.2.1
 * (cookies, amplification) and 4.2.8 (a client that begins anew).
 *
 * Nothing is kept about an address before it has shown a valid cookie, and what is sent to it until then is shorter than
 * what it sent. A client that begins anew takes the place of its old session when its new handshake is complete, not
 * before: somebody who repeats an old hello changes nothing. It takes the place, and nothing else: each session has an
 * address of its own (`Address.session`), so what belonged to the old one ends with it.
 */
import { randomBytes } from 'node:crypto';
import type { Address } from '../enet/index.ts';
import { Counters } from './counters.ts';
import {
  type DtlsCloseReason,
  type DtlsCounters,
  type DtlsDropReason,
  type DtlsEndpoint,
  type DtlsFailure,
  type DtlsSendResult,
  type DtlsSessionInfo,
  type DtlsWorld,
  MAX_PLAINTEXT_BYTES,
} from './endpoint.ts';
import { CookieJar } from './handshake/cookies.ts';
import { encodeCookieRequest, type FirstHello, readFirstHello } from './handshake/firstHello.ts';
import { ServerHandshake } from './handshake/serverHandshake.ts';
import { HandshakeBudget } from './handshakeBudget.ts';
import type { ServerCredentials } from './identity/credentials.ts';
import { checkServerLimits, type DtlsServerLimits } from './limits.ts';
import { ContentType, HandshakeType } from './protocol.ts';
import { checkSuites } from './record/cipherSuites.ts';
import { forEachRecord } from './record/datagram.ts';
import type { RecordView } from './record/record.ts';
import { prepareRecordCiphers } from './record/recordCipher.ts';
import { keyOf, type Link, type Remote, Remotes } from './remotes.ts';
import { Room } from './room.ts';
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
   * Whether the application still has something to do with a session (an address with its number), e.g. an ENet peer.
   * Sessions that nobody uses are closed, and give way when there is no room. `isExact`: the answer may not be some time
   * old. Default: a session is used as long as its client sends, and gives way to nobody.
   */
  readonly isInUse?: (address: Address, isExact: boolean) => boolean;
  /**
   * Asked before a handshake costs anything, also before a cookie is sent: why an address may not begin one; undefined
   * when it may. `hasSession`: it takes the place of one. Default: everybody may.
   */
  readonly door?: (from: Address, hasSession: boolean) => DtlsDropReason | undefined;
}

/** The endpoint. */
export class DtlsServerEndpoint implements DtlsEndpoint {
  readonly #world: DtlsWorld;
  readonly #limits: DtlsServerLimits;
  readonly #suites: readonly number[];
  readonly #options: DtlsServerOptions;
  readonly #cookies: CookieJar;
  readonly #counters = new Counters();
  readonly #remotes = new Remotes();
  readonly #budget: HandshakeBudget;
  readonly #room: Room;
  #credentials: ServerCredentials;
  #isRefusing = false;
  #isClosed = false;
  /** The present datagram has got a cookie: one answer is all that somebody gets who may not be there. */
  #hasAskedForCookie = false;
  #sessions = 0;
  #sweepAt: number | undefined;

  /** @throws RangeError for a limit or a suite out of range. */
  constructor(options: DtlsServerOptions) {
    this.#options = options;
    this.#world = options.world;
    this.#credentials = options.credentials;
    this.#limits = checkServerLimits(options.limits);
    this.#suites = checkSuites(options.suites);
    prepareRecordCiphers();
    this.#room = new Room(this.#remotes, this.#limits, options.isInUse);
    const random = (size: number): Uint8Array => this.#randomBytes(size);
    const now = this.#world.now();
    this.#cookies = new CookieJar(random, this.#limits.cookieSecretMs, now);
    this.#budget = new HandshakeBudget(this.#limits, now);
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
    return this.#find(address)?.info;
  }

  receive(datagram: Uint8Array, from: Address): void {
    if (this.#isClosed) return;
    this.#hasAskedForCookie = false;
    const key = keyOf(from);
    forEachRecord(datagram, this.#counters, (record) => this.#record(record, from, key));
  }

  /** As {@link DtlsEndpoint.send}. An address with the number of a session is that session; one without is whoever is there. */
  send(plaintext: Uint8Array, to: Address): DtlsSendResult {
    const link = this.#find(to);
    if (link === undefined) return this.#remotes.get(keyOf(to))?.pending === undefined ? 'unknown' : 'busy';
    if (plaintext.length > MAX_PLAINTEXT_BYTES) return 'failed';
    link.session.send(plaintext);
    return 'sent';
  }

  service(): void {
    for (const { pending } of this.#remotes.pending) pending?.session.service();
    const now = this.#world.now();
    if (this.#sweepAt === undefined || now < this.#sweepAt) return;
    this.#sweepAt = undefined;
    for (const remote of this.#remotes.values()) this.#closeUnused(remote, now);
    this.#planSweep(now);
  }

  nextWakeup(): number | undefined {
    let at = this.#sweepAt;
    for (const { pending } of this.#remotes.pending) {
      const deadline = pending?.session.deadline;
      if (deadline !== undefined && (at === undefined || deadline < at)) at = deadline;
    }
    return at;
  }

  /** Says goodbye to one address, e.g. because its ENet peer is gone. Harmless when there is no session. */
  closeSession(address: Address): void {
    const remote = this.#remotes.get(keyOf(address));
    if (remote !== undefined) this.#closeRemote(remote, 'local');
  }

  /** Whether a session is open: that of an address with its number, or any with an address without. */
  hasSession(address: Address): boolean {
    return this.#find(address) !== undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    for (const remote of [...this.#remotes.values()]) this.#closeRemote(remote, 'local');
    this.#isClosed = true;
    this.#sweepAt = undefined;
  }

  #find(address: Address): Link | undefined {
    const current = this.#remotes.get(keyOf(address))?.current;
    const isMeant = address.session === undefined || address.session === current?.address.session;
    return isMeant ? current : undefined;
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
    } else if (remote.pending === undefined) {
      this.#deliver(record, remote);
    } else {
      const start = this.#world.now();
      this.#deliver(record, remote);
      this.#budget.spend(this.#world.now() - start);
    }
  }

  #deliver(record: RecordView, { current, pending }: Remote): void {
    if (record.epoch === 0) {
      (pending ?? current)?.session.receivePlain(record);
      return;
    }
    const refusal = current?.session.receiveProtected(record);
    if (current !== undefined && refusal === undefined) return;
    const fate = pending === undefined ? refusal : pending.session.receiveProtected(record);
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
      const refusal = this.#hasAskedForCookie ? 'unexpected' : this.#refusalAtDoor(from, remote);
      if (refusal !== undefined) {
        this.#counters.drop(refusal);
      } else {
        this.#hasAskedForCookie = true;
        this.#counters.cookiesSent += 1;
        this.#world.transmit(encodeCookieRequest(first, this.#cookies.make(hello, from, now)), from);
      }
      return;
    }
    const age = remote?.hellos.findLastIndex((random) => Buffer.compare(random, hello.random) === 0) ?? -1;
    if (remote !== undefined && age >= 0) {
      const isLatest = age === remote.hellos.length - 1;
      if (isLatest && remote.pending !== undefined) remote.pending.session.receivePlain(record);
      else this.#counters.drop('replay');
      return;
    }
    const newcomer = remote ?? this.#remotes.create(from, key, now);
    const refusal =
      this.#refusalAtDoor(from, remote) ??
      this.#budget.refusal(newcomer.group, now) ??
      this.#makeRoom(newcomer, now);
    if (refusal !== undefined) {
      this.#counters.drop(refusal);
      return;
    }
    this.#begin(record, first, newcomer);
    this.#budget.spend(this.#world.now() - now);
  }

  #refusalAtDoor(from: Address, remote: Remote | undefined): DtlsDropReason | undefined {
    if (this.#isRefusing) return 'refused';
    return this.#options.door?.(from, remote?.current !== undefined);
  }

  #begin(record: RecordView, { hello, messageSeq }: FirstHello, remote: Remote): void {
    if (remote.pending !== undefined) this.#dropPending(remote, false);
    remote.hellos.push(Uint8Array.from(hello.random));
    if (remote.hellos.length > REMEMBERED_HELLOS) remote.hellos.shift();
    const { ip, port } = remote;
    this.#sessions += 1;
    const address: Address = { ip, port, session: this.#sessions };
    const session: Session = new Session(
      {
        now: () => this.#world.now(),
        randomBytes: (size) => this.#randomBytes(size),
        transmit: (datagram) => this.#world.transmit(datagram, address),
        deliver: (plaintext) => this.#world.deliver(plaintext, address),
        opened: (info) => this.#opened(remote, link, info),
        ended: (failure, wasOpen) => this.#ended(remote, link, failure, wasOpen),
        dropped: (reason) => this.#counters.drop(reason),
        logKeys: this.#world.logKeys,
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
    const link: Link = { session, address, since: this.#world.now(), info: undefined };
    session.begin(new ServerHandshake(session, this.#credentials, this.#suites));
    this.#remotes.setPending(remote, link);
    this.#counters.handshakes = this.#remotes.pending.size;
    session.receivePlain(record);
  }

  /** Sends away who gives way, until there is room. @returns what there is still too much of. */
  #makeRoom(remote: Remote, now: number): DtlsDropReason | undefined {
    const room = this.#room;
    for (;;) {
      const shortage = room.shortage(remote);
      const leaving = shortage === undefined ? undefined : room.whoGivesWay(remote, shortage, now);
      if (leaving === undefined) return shortage;
      this.#counters.drop('evicted');
      if (leaving.link === leaving.remote.pending) this.#dropPending(leaving.remote, true);
      else this.#closeCurrent(leaving.remote, leaving.link, 'evicted');
    }
  }

  // Sessions.

  #opened(remote: Remote, link: Link, info: DtlsSessionInfo): void {
    const replaced = remote.current;
    remote.current = link;
    this.#forgetPending(remote);
    link.info = info;
    link.since = this.#world.now();
    remote.usedAt = link.since;
    this.#counters.opened += 1;
    if (replaced === undefined) this.#counters.openSessions += 1;
    else replaced.session.close(false);
    this.#planSweep(link.since);
    if (replaced !== undefined) {
      const { address } = replaced;
      this.#world.onEvent?.({ type: 'closed', address, reason: 'replaced', failure: undefined });
    }
    this.#world.onEvent?.({ type: 'open', address: link.address, info });
  }

  #ended(remote: Remote, link: Link, failure: DtlsFailure | undefined, wasOpen: boolean): void {
    const { address } = link;
    if (link === remote.current) {
      this.#forgetCurrent(remote);
      const reason = failure === undefined ? 'peer' : 'failed';
      this.#world.onEvent?.({ type: 'closed', address, reason, failure });
    } else if (!wasOpen && failure !== undefined) {
      if (link === remote.pending) this.#forgetPending(remote);
      this.#counters.failed += 1;
      this.#world.onEvent?.({ type: 'failed', address, failure });
    }
  }

  #closeRemote(remote: Remote, reason: DtlsCloseReason): void {
    const { current } = remote;
    if (remote.pending !== undefined) {
      remote.pending.session.close(true);
      this.#forgetPending(remote);
      this.#counters.failed += 1;
    }
    if (current !== undefined) this.#closeCurrent(remote, current, reason);
  }

  #closeCurrent(remote: Remote, { session, address }: Link, reason: DtlsCloseReason): void {
    session.close(true);
    this.#forgetCurrent(remote);
    this.#world.onEvent?.({ type: 'closed', address, reason, failure: undefined });
  }

  #closeUnused(remote: Remote, now: number): void {
    const { current } = remote;
    const { isInUse } = this.#options;
    if (current === undefined) return;
    if (isInUse === undefined) remote.usedAt = current.session.authenticatedAt;
    else if (isInUse(current.address, false)) remote.usedAt = now;
    if (now - remote.usedAt >= this.#limits.idleMs) this.#closeCurrent(remote, current, 'idle');
  }

  /** Its place is wanted, by another handshake of the same address or by somebody else. */
  #dropPending(remote: Remote, saysGoodbye: boolean): void {
    remote.pending?.session.close(saysGoodbye);
    this.#forgetPending(remote);
    this.#counters.failed += 1;
  }

  #forgetPending(remote: Remote): void {
    this.#remotes.forgetPending(remote);
    this.#counters.handshakes = this.#remotes.pending.size;
  }

  #forgetCurrent(remote: Remote): void {
    this.#remotes.forgetCurrent(remote);
    this.#counters.openSessions -= 1;
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

/** A client sends a ClientKeyExchange of at most 134 bytes and a Finished. */
const MAX_REASSEMBLY_BYTES = 2048;
/** How many hellos of an address are known again when somebody repeats them. */
const REMEMBERED_HELLOS = 4;
const SWEEPS_PER_IDLE_TIME = 4;
