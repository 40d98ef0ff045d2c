/**
 * The state of one connected client and the decisions about it: login, approval, rejection, kick.
 * enet-server-module sections 4 and 7.2 to 7.8, with the better behaviour of section 8.
 */
import { describe } from '../../options/internal.ts';
import { DisconnectCause } from '../enet/index.ts';
import { PeerStatistic } from '../godot/index.ts';
import { type PeerMeter, peerMeter } from '../godot/internal.ts';
import type { Timer } from '../runtime/index.ts';
import { AuthState, ConnectionState } from './constants.ts';
import { ENetServerPeer, type PeerControls } from './ENetServerPeer.ts';
import { LOGIN_TIMEOUT } from './farewell.ts';
import type { PeerLink } from './link/link.ts';
import { asDictionary, decodePacket, type PacketInput, type ReceivedDictionary } from './packets.ts';
import { preLoginMeter } from './peerMeter.ts';
import { RefusalReason } from './refusals.ts';
import type { Recipient } from './sending.ts';
import type { ServerParts } from './serverParts.ts';
import { MAX_TIMER_MS } from './settings.ts';
import { isThenable } from './signals.ts';

/** Who keeps the sessions of a run. */
export interface SessionKeeper {
  /** The session is authenticated now: its signal and its held packets follow. */
  approved(session: PeerSession): void;
  /** The end has taken too long, or nothing more can be sent: the connection is dropped. */
  overdue(session: PeerSession): void;
}

/** A packet that waits for the decision about its sender. */
export interface HeldPacket {
  /** The whole packet. */
  readonly bytes: Uint8Array;
  /** The channel on which it came. */
  readonly channel: number;
}

/** One client from CONNECT to the end. */
export class PeerSession implements PeerControls, Recipient {
  readonly id: number;
  /** The connection. */
  readonly link: PeerLink;
  /** What the application sees. */
  readonly handle: ENetServerPeer;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** How many channels the connection has. */
  readonly channels: number;
  readonly #parts: ServerParts;
  readonly #keeper: SessionKeeper;
  readonly #connectedAt: number;
  #connectionState: ConnectionState = ConnectionState.STATE_CONNECTING;
  #authState: AuthState = AuthState.AUTH_PENDING;
  #reason: string | undefined;
  #cause: DisconnectCause | undefined;
  #isOver = false;
  readonly #statistics: number[];
  #timer: Timer | undefined;
  #isDeciding = false;
  #loginAttempts = 0;
  #meter: PeerMeter;
  #preLoginPackets = 0;
  #preLoginBytes = 0;
  #held: HeldPacket[] = [];

  constructor(parts: ServerParts, keeper: SessionKeeper, id: number, link: PeerLink) {
    this.#parts = parts;
    this.#keeper = keeper;
    this.id = id;
    this.link = link;
    this.remoteAddress = link.getRemoteAddress();
    this.remotePort = link.getRemotePort();
    this.channels = link.getChannels();
    this.#connectedAt = parts.runtime.now();
    this.#meter = preLoginMeter(parts.ops.limits, this.#connectedAt);
    this.#statistics = ALL_STATISTICS.map((statistic) => link.getStatistic(statistic));
    this.handle = new ENetServerPeer(this);
  }

  get connectionState(): ConnectionState {
    return this.#connectionState;
  }

  get authState(): AuthState {
    return this.#authState;
  }

  /** Whether the connection has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why the connection has ended; undefined while it has not. */
  get disconnectCause(): DisconnectCause | undefined {
    return this.#isOver ? this.#cause : undefined;
  }

  /** Whether packet signals may be emitted for this peer now (section 8, guarantee 3). */
  get canDeliver(): boolean {
    return this.#connectionState === ConnectionState.STATE_AUTHENTICATED && !this.#isOver;
  }

  connectionTime(): number {
    return ((this.#parts.runtime.now() - this.#connectedAt) >>> 0) / 1000;
  }

  statistic(statistic: number): number {
    if (!ALL_STATISTICS.includes(statistic)) {
      this.#parts.journal.trace(`getStatistic: ${describe(statistic)} is no statistic`);
      return 0;
    }
    return this.link.isActive() ? this.link.getStatistic(statistic) : (this.#statistics[statistic] ?? 0);
  }

  dtlsSuite(): string | undefined {
    return this.link.dtlsSuite;
  }

  queuedBytes(): number {
    return this.link.isActive() ? this.link.outgoingBytes : 0;
  }

  sendPacket(packet: PacketInput, channel: number, isReliable: boolean): number {
    return this.#parts.sender.send(this, packet, channel, isReliable);
  }

  sendRaw(bytes: Uint8Array, channel: number, isReliable: boolean): number {
    return this.#parts.sender.sendRaw(this, bytes, channel, isReliable);
  }

  authenticate(): void {
    if (this.#connectionState === ConnectionState.STATE_PRELOGIN && !this.#isOver) {
      this.approve();
    } else {
      this.#refuse('authenticate()', 'only a peer in STATE_PRELOGIN can be authenticated');
    }
  }

  reject(reason: string): void {
    this.#turnAway(reason, RefusalReason.REJECTED);
  }

  #turnAway(reason: string, counted: RefusalReason): void {
    const isUndecided =
      this.#connectionState === ConnectionState.STATE_CONNECTING ||
      this.#connectionState === ConnectionState.STATE_PRELOGIN;
    if (isUndecided && !this.#isOver) {
      this.#parts.ops.refuse(counted);
      this.#authState = AuthState.AUTH_REJECTED;
      this.#disconnect(reason, DisconnectCause.LOGIN_REFUSED);
    } else {
      this.#refuse('reject()', 'only a peer in STATE_CONNECTING or STATE_PRELOGIN can be rejected');
    }
  }

  disconnect(reason: string): void {
    this.#disconnect(reason, DisconnectCause.KICK);
  }

  #disconnect(reason: string, cause: DisconnectCause): void {
    if (this.#isOver) {
      this.#refuse('disconnectPeer()', 'the connection has ended');
      return;
    }
    this.#reason = reason;
    this.#cause ??= cause;
    if (this.#connectionState === ConnectionState.STATE_DISCONNECTING) return;
    this.#connectionState = ConnectionState.STATE_DISCONNECTING;
    this.#held = [];
    this.keepStatistics();
    // Row 28: the reason goes ahead, behind everything that was sent before.
    this.#parts.farewell.tell(this, reason);
    // The announcement found the queue full, which ended the connection.
    if (this.isOver) return;
    this.link.peerDisconnectLater(0);
    this.#startTimer(this.#parts.settings.kickTimeoutMs, () => this.#keeper.overdue(this));
  }

  /** Lets the peer in. */
  approve(): void {
    this.#connectionState = ConnectionState.STATE_AUTHENTICATED;
    this.#authState = AuthState.AUTH_APPROVED;
    this.#cancelTimer();
    this.#meter = peerMeter(this.#parts.ops.limits, this.#parts.runtime.now());
    this.link.loginDone();
    this.#keeper.approved(this);
  }

  /** `peerConnecting` is over and nobody objected: a login is expected within `timeoutMs` (0 or less: for ever). */
  enterPrelogin(timeoutMs: number): void {
    this.#connectionState = ConnectionState.STATE_PRELOGIN;
    const onTimeout = (): void => this.#turnAway(LOGIN_TIMEOUT, RefusalReason.LOGIN_TIMEOUT);
    if (!this.link.watchLogin(timeoutMs, onTimeout) && timeoutMs > 0)
      this.#startLoginTimer(timeoutMs, onTimeout);
  }

  /** When the process was stopped, a login that came in time may still wait in the socket: it is looked at first. */
  #startLoginTimer(timeoutMs: number, onTimeout: () => void): void {
    const { runtime } = this.#parts;
    const delayMs = Math.min(timeoutMs, MAX_TIMER_MS);
    const start = runtime.now();
    this.#startTimer(delayMs, () => {
      const lateMs = ((runtime.now() - start) >>> 0) - delayMs;
      if (lateMs > LATE_MS) this.#startTimer(LATE_MS, onTimeout);
      else onTimeout();
    });
  }

  /** Takes a packet that arrived in STATE_PRELOGIN: a login, or something to hold while one is being decided. */
  receivePrelogin(bytes: Uint8Array, channel: number): void {
    const { settings } = this.#parts;
    this.#preLoginPackets++;
    this.#preLoginBytes += bytes.length;
    if (
      this.#preLoginPackets > settings.maxPreLoginPackets ||
      this.#preLoginBytes > settings.maxPreLoginBytes ||
      !this.#meter.take(this.#parts.runtime.now(), bytes.length)
    ) {
      this.#turnAway(TOO_MUCH_DATA, RefusalReason.PRE_LOGIN_DATA);
      return;
    }
    if (this.#isDeciding) {
      this.#held.push({ bytes, channel });
      return;
    }
    const loginData = asDictionary(decodePacket(bytes, this.#parts.reading));
    if (loginData === undefined) {
      this.#turnAway('Invalid authentication packet format', RefusalReason.LOGIN_FORMAT);
    } else if (++this.#loginAttempts > settings.maxLoginAttempts) {
      this.#parts.ops.refuse(RefusalReason.LOGIN_ATTEMPTS);
      this.#refuse('a login', `only ${settings.maxLoginAttempts} are looked at`);
    } else {
      this.#decide(loginData);
    }
  }

  /** Section 8, row 31: what ENet holds back for a peer counts before it is let in, finished packets or not. */
  checkWaitingData(): void {
    if (this.#connectionState !== ConnectionState.STATE_PRELOGIN || this.#isOver) return;
    const { maxPreLoginBytes, maxPreLoginPackets } = this.#parts.settings;
    const limit = maxPreLoginBytes + maxPreLoginPackets * WAITING_OVERHEAD_BYTES;
    if (this.link.waitingBytes > limit) {
      this.#turnAway(TOO_MUCH_DATA, RefusalReason.PRE_LOGIN_DATA);
    }
  }

  /**
   * Notes a packet of a peer that was let in. Above its rate an unreliable packet is lost, as the network might lose
   * it; a reliable one may not be lost, so the connection ends.
   *
   * @returns whether to deliver it.
   */
  isWithinRate(length: number, isReliable: boolean): boolean {
    if (this.#meter.take(this.#parts.runtime.now(), length)) return true;
    this.#parts.ops.refuse(isReliable ? RefusalReason.RATE_EXCEEDED : RefusalReason.RATE_DROPPED);
    if (isReliable) this.#disconnect('Too much data', DisconnectCause.LIMIT);
    return false;
  }

  /** ENet took no more packets: section 8, row 31, the other way round. The connection ends if one had to arrive. */
  queueIsFull(isReliable: boolean): void {
    this.#parts.ops.refuse(isReliable ? RefusalReason.QUEUE_OVERFLOW : RefusalReason.QUEUE_DROPPED);
    if (!isReliable || this.#isOver) return;
    this.#reason ??= 'Send queue overflow';
    this.#cause ??= DisconnectCause.LIMIT;
    this.markStopped();
    this.#keeper.overdue(this);
  }

  /** Gives the packets that waited for the approval, once. */
  takeHeld(): readonly HeldPacket[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** A server-side end: from now on nothing is delivered. */
  markStopped(): void {
    this.#connectionState = ConnectionState.STATE_DISCONNECTING;
  }

  /**
   * Marks the connection as ended.
   *
   * @param cause counts unless the server has ended it by itself.
   * @returns the reason to report: that of the server's own disconnect if there was one, else `fallback`.
   */
  end(fallback: string, cause: DisconnectCause): string {
    this.#cause ??= cause;
    this.#cancelTimer();
    this.#isOver = true;
    this.#held = [];
    return this.#reason ?? fallback;
  }

  /** Remembers the statistics, because ENet forgets them before it reports the end of a connection. */
  keepStatistics(): void {
    if (!this.link.isActive()) return;
    for (const statistic of ALL_STATISTICS) {
      this.#statistics[statistic] = this.link.getStatistic(statistic);
    }
  }

  #decide(loginData: ReceivedDictionary): void {
    const { authenticator } = this.#parts.authentication;
    if (authenticator === undefined) {
      this.#parts.emit('peerPrelogin', this.handle, loginData);
      return;
    }
    try {
      const verdict = authenticator(this.handle, loginData);
      if (isThenable(verdict)) this.#awaitVerdict(verdict);
      else this.#conclude(verdict);
    } catch (error) {
      this.#parts.journal.report(error, 'authenticator');
      this.#conclude(false);
    }
  }

  #awaitVerdict(verdict: PromiseLike<unknown>): void {
    this.#isDeciding = true;
    verdict.then(
      (value) => this.#conclude(value),
      (error: unknown) => {
        this.#parts.journal.report(error, 'authenticator');
        this.#conclude(false);
      },
    );
  }

  /** Section 8, row 6: a call to authenticate() or reject() has already decided; otherwise the verdict does. */
  #conclude(verdict: unknown): void {
    this.#isDeciding = false;
    if (this.#connectionState !== ConnectionState.STATE_PRELOGIN || this.#isOver) return;
    if (isTruthy(verdict)) this.approve();
    else this.reject('Authentication failed');
  }

  #startTimer(delayMs: number, callback: () => void): void {
    this.#cancelTimer();
    this.#timer = this.#parts.runtime.startTimer(Math.min(delayMs, MAX_TIMER_MS), callback);
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #refuse(what: string, why: string): void {
    this.#parts.journal.trace(`peer ${this.id}: ${what} has no effect: ${why}`);
  }
}

/** Truthiness as GDScript has it: empty containers are false like 0 and the empty text, other objects are true. */
function isTruthy(verdict: unknown): boolean {
  if (typeof verdict !== 'object' || verdict === null) return Boolean(verdict);
  if (verdict instanceof Map) return verdict.size > 0;
  if (Array.isArray(verdict)) return verdict.length > 0;
  if (ArrayBuffer.isView(verdict)) return verdict.byteLength > 0;
  const prototype: unknown = Object.getPrototypeOf(verdict);
  // A plain object stands for a Dictionary.
  return (prototype !== Object.prototype && prototype !== null) || Object.keys(verdict).length > 0;
}

const TOO_MUCH_DATA = 'Too much data before authentication';
/** What ENet adds for each packet that it holds back. */
const WAITING_OVERHEAD_BYTES = 64;
/** A timer that fires so late, in ms, was held up with the whole process. */
const LATE_MS = 500;
const ALL_STATISTICS: readonly number[] = Object.values(PeerStatistic);
