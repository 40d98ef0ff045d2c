/**
 * The state of one connected client and the decisions about it: login, approval, rejection, kick.
 * enet-server-module sections 4 and 7.2 to 7.8, with the better behaviour of section 8.
 */
import { DisconnectCause } from '../enet/index.ts';
import { PeerStatistic } from '../godot/internal.ts';
import type { Runtime, Timer } from '../runtime/index.ts';
import { AuthState, ConnectionState } from './constants.ts';
import { ENetServerPeer, type PeerControls } from './ENetServerPeer.ts';
import type { ServerLimits } from './limits.ts';
import type { PeerLink } from './link/link.ts';
import {
  asDictionary,
  decodePacket,
  type PacketInput,
  type PacketReading,
  type ReceivedDictionary,
} from './packets.ts';
import { loggedInMeter, type PeerMeter, preLoginMeter } from './peerMeter.ts';
import { RefusalReason } from './refusals.ts';
import { MAX_TIMER_MS } from './settings.ts';
import { type ErrorReporter, isThenable } from './signals.ts';

/** Decides about a login: see `ENetServer.setCustomAuthenticator`. */
export type Authenticator = (peer: ENetServerPeer, loginData: ReceivedDictionary) => unknown;

/** The limits of `ENetServerOptions` that concern one peer. */
export interface SessionLimits {
  /** `ENetServerOptions.kickTimeoutMs`. */
  readonly kickTimeoutMs: number;
  /** `ENetServerOptions.maxLoginAttempts`. */
  readonly maxLoginAttempts: number;
  /** `ENetServerOptions.maxPreLoginPackets`. */
  readonly maxPreLoginPackets: number;
  /** `ENetServerOptions.limits`, complete. */
  readonly limits: ServerLimits;
  /** `ENetServerOptions.maxPreLoginBytes`. */
  readonly maxPreLoginBytes: number;
}

/** What a session needs from its server. */
export interface SessionOwner extends SessionLimits {
  /** How packets are read. */
  readonly reading: PacketReading;
  /** Clock and timers. */
  readonly runtime: Runtime;
  /** The function that decides about logins now, or `undefined` when `peerPrelogin` does. */
  authenticator(): Authenticator | undefined;
  /** Emits `peerPrelogin` at once. */
  emitPrelogin(session: PeerSession, loginData: ReceivedDictionary): void;
  /** The session is authenticated now: emit it, then deliver its held packets. */
  approved(session: PeerSession): void;
  /** The kick took too long: drop the connection. */
  overdue(session: PeerSession): void;
  /** Encodes and sends to one peer. */
  send(session: PeerSession, packet: PacketInput, channel: number, isReliable: boolean): number;
  /** Sends bytes to one peer. */
  sendRaw(session: PeerSession, bytes: Uint8Array, channel: number, isReliable: boolean): number;
  /** Tells the peer why it is disconnected, if the options ask for it. */
  announce(session: PeerSession, reason: string): void;
  /** Counts something that was turned away. */
  refuse(reason: RefusalReason): void;
  /** Tells a human why something was refused. */
  trace(line: string): void;
  /** Gets what the authenticator threw. */
  readonly report: ErrorReporter;
}

/** A packet that waits for the decision about its sender. */
export interface HeldPacket {
  /** The whole packet. */
  readonly bytes: Uint8Array;
  /** The channel on which it came. */
  readonly channel: number;
}

/** One client from CONNECT to the end. */
export class PeerSession implements PeerControls {
  readonly id: number;
  /** The ENet connection. */
  readonly packetPeer: PeerLink;
  /** What the application sees. */
  readonly handle: ENetServerPeer;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** How many channels the connection has. */
  readonly channels: number;
  readonly #owner: SessionOwner;
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

  constructor(owner: SessionOwner, id: number, packetPeer: PeerLink) {
    this.#owner = owner;
    this.id = id;
    this.packetPeer = packetPeer;
    this.remoteAddress = packetPeer.getRemoteAddress();
    this.remotePort = packetPeer.getRemotePort();
    this.channels = packetPeer.getChannels();
    this.#connectedAt = owner.runtime.now();
    this.#meter = preLoginMeter(owner.limits, this.#connectedAt);
    this.#statistics = ALL_STATISTICS.map((statistic) => packetPeer.getStatistic(statistic));
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
    return ((this.#owner.runtime.now() - this.#connectedAt) >>> 0) / 1000;
  }

  statistic(statistic: number): number {
    if (this.packetPeer.isActive()) return this.packetPeer.getStatistic(statistic);
    return typeof statistic === 'number' ? (this.#statistics[statistic] ?? 0) : 0;
  }

  sendPacket(packet: PacketInput, channel: number, isReliable: boolean): number {
    return this.#owner.send(this, packet, channel, isReliable);
  }

  sendRaw(bytes: Uint8Array, channel: number, isReliable: boolean): number {
    return this.#owner.sendRaw(this, bytes, channel, isReliable);
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
      this.#owner.refuse(counted);
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
    this.#owner.announce(this, reason);
    // The announcement found the queue full, which ended the connection.
    if (this.isOver) return;
    this.packetPeer.peerDisconnectLater(0);
    this.#startTimer(this.#owner.kickTimeoutMs, () => this.#owner.overdue(this));
  }

  /** Lets the peer in. */
  approve(): void {
    this.#connectionState = ConnectionState.STATE_AUTHENTICATED;
    this.#authState = AuthState.AUTH_APPROVED;
    this.#cancelTimer();
    this.#meter = loggedInMeter(this.#owner.limits, this.#owner.runtime.now());
    this.packetPeer.loginDone();
    this.#owner.approved(this);
  }

  /** `peerConnecting` is over and nobody objected: a login is expected within `timeoutMs` (0 or less: for ever). */
  enterPrelogin(timeoutMs: number): void {
    this.#connectionState = ConnectionState.STATE_PRELOGIN;
    const onTimeout = (): void => this.#turnAway(LOGIN_TIMEOUT, RefusalReason.LOGIN_TIMEOUT);
    if (!this.packetPeer.watchLogin(timeoutMs, onTimeout) && timeoutMs > 0)
      this.#startLoginTimer(timeoutMs, onTimeout);
  }

  /** When the process was stopped, a login that came in time may still wait in the socket: it is looked at first. */
  #startLoginTimer(timeoutMs: number, onTimeout: () => void): void {
    const { runtime } = this.#owner;
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
    this.#preLoginPackets++;
    this.#preLoginBytes += bytes.length;
    if (
      this.#preLoginPackets > this.#owner.maxPreLoginPackets ||
      this.#preLoginBytes > this.#owner.maxPreLoginBytes ||
      !this.#meter.take(this.#owner.runtime.now(), bytes.length)
    ) {
      this.#turnAway(TOO_MUCH_DATA, RefusalReason.PRE_LOGIN_DATA);
      return;
    }
    if (this.#isDeciding) {
      this.#held.push({ bytes, channel });
      return;
    }
    const loginData = asDictionary(decodePacket(bytes, this.#owner.reading));
    if (loginData === undefined) {
      this.#turnAway('Invalid authentication packet format', RefusalReason.LOGIN_FORMAT);
    } else if (++this.#loginAttempts > this.#owner.maxLoginAttempts) {
      this.#owner.refuse(RefusalReason.LOGIN_ATTEMPTS);
      this.#refuse('a login', `only ${this.#owner.maxLoginAttempts} are looked at`);
    } else {
      this.#decide(loginData);
    }
  }

  /** Section 8, row 31: what ENet holds back for a peer counts before it is let in, finished packets or not. */
  checkWaitingData(): void {
    if (this.#connectionState !== ConnectionState.STATE_PRELOGIN || this.#isOver) return;
    const { maxPreLoginBytes, maxPreLoginPackets } = this.#owner;
    const limit = maxPreLoginBytes + maxPreLoginPackets * WAITING_OVERHEAD_BYTES;
    if (this.packetPeer.waitingBytes > limit) {
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
    if (this.#meter.take(this.#owner.runtime.now(), length)) return true;
    this.#owner.refuse(isReliable ? RefusalReason.RATE_EXCEEDED : RefusalReason.RATE_DROPPED);
    if (isReliable) this.#disconnect('Too much data', DisconnectCause.LIMIT);
    return false;
  }

  /** ENet took no more packets: section 8, row 31, the other way round. The connection ends if one had to arrive. */
  queueIsFull(isReliable: boolean): void {
    this.#owner.refuse(isReliable ? RefusalReason.QUEUE_OVERFLOW : RefusalReason.QUEUE_DROPPED);
    if (!isReliable || this.#isOver) return;
    this.#reason ??= 'Send queue overflow';
    this.#cause ??= DisconnectCause.LIMIT;
    this.markStopped();
    this.#owner.overdue(this);
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
    if (!this.packetPeer.isActive()) return;
    for (const statistic of ALL_STATISTICS) {
      this.#statistics[statistic] = this.packetPeer.getStatistic(statistic);
    }
  }

  #decide(loginData: ReceivedDictionary): void {
    const authenticator = this.#owner.authenticator();
    if (authenticator === undefined) {
      this.#owner.emitPrelogin(this, loginData);
      return;
    }
    try {
      const verdict = authenticator(this.handle, loginData);
      if (isThenable(verdict)) this.#awaitVerdict(verdict);
      else this.#conclude(verdict);
    } catch (error) {
      this.#owner.report(error, 'authenticator');
      this.#conclude(false);
    }
  }

  #awaitVerdict(verdict: PromiseLike<unknown>): void {
    this.#isDeciding = true;
    verdict.then(
      (value) => this.#conclude(value),
      (error: unknown) => {
        this.#owner.report(error, 'authenticator');
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
    this.#timer = this.#owner.runtime.startTimer(Math.min(delayMs, MAX_TIMER_MS), callback);
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #refuse(what: string, why: string): void {
    this.#owner.trace(`peer ${this.id}: ${what} has no effect: ${why}`);
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

/** The reason when no login came in time. */
export const LOGIN_TIMEOUT = 'Authentication timeout';
const TOO_MUCH_DATA = 'Too much data before authentication';
/** What ENet adds for each packet that it holds back. */
const WAITING_OVERHEAD_BYTES = 64;
/** A timer that fires so late, in ms, was held up with the whole process. */
const LATE_MS = 500;
const ALL_STATISTICS: readonly number[] = Object.values(PeerStatistic);
