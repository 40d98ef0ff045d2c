/**
 * The loop between a host and a socket: the {@link HostPort} of every runtime, real or virtual. It keeps the rule
 * that the outbox is drained after every mutation, and wakes its listener once per turn of the event loop.
 * docs/protocol/enet-protocol section 8.
 */

import { DtlsSocket } from '../dtls/internal.ts';
import type { Address, Datagram, HostEvent } from '../enet/index.ts';
import type { AttachError, HostPort, SecureCounters, SecureOptions, Timer } from '../runtime/index.ts';
import {
  type DatagramSink,
  type DatagramSocket,
  isAttachError,
  type PeerSource,
  type Scheduler,
} from '../runtime/internal.ts';
import { AwakeClock, LATE_MS } from './awakeClock.ts';
import { WakeGate } from './wakeGate.ts';

/** The part of a `Host` that the loop uses. */
export interface HostLike extends DatagramSink, PeerSource {
  /** Runs the host at a time (u32 ms) and gives one event; call until `undefined`. */
  service(now: number): HostEvent | undefined;
  /** Moves everything that is queued into the outbox. */
  flush(now: number): void;
  /** Takes the outbox. The bytes belong to the caller. */
  drainOutbox(): readonly Datagram[];
  /** Milliseconds from `now` to the next deadline: 0 = at once, `undefined` = nothing to wait for. */
  nextWakeup(now: number): number | undefined;
}

/**
 * What a socket calls when datagrams wait.
 *
 * @param isEndOfTurn the event loop has dealt with the I/O of this turn, so that nothing is gained by waiting. Default false.
 */
export type OnReadable = (isEndOfTurn?: boolean) => void;

const NOTHING: readonly Datagram[] = [];
const NOBODY: DatagramSink = { receive: () => undefined };

/** A host, its socket and its clock. */
export class AttachedHost implements HostPort {
  readonly #host: HostLike;
  #socket: DatagramSocket;
  /** The same socket, or what is below DTLS. */
  readonly #udp: DatagramSocket;
  /** The same socket, when it speaks DTLS. */
  #secured: DtlsSocket | undefined;
  readonly #clock: AwakeClock;
  readonly #gate: WakeGate;
  #listener: (() => void) | undefined;
  /** The pending end-of-turn callback. */
  #turn: Timer | undefined;
  #timer: Timer | undefined;
  /** Without a listener: when it was last polled. */
  #polledAt = 0;
  /** When `#timer` fires, on `#clock`. */
  #timerDue = 0;
  #isWakeDue = false;
  #isInWake = false;
  #isClosed = false;
  /** The host has dealt with everything handed over, so that the socket may reuse those bytes. */
  #isInboxDone = true;
  /** The socket gave as many datagrams as it was asked for, so that more may wait. */
  #wasInboxFull = false;
  /** The last service ended early, so events or datagrams may still wait. */
  #mayHaveMore = false;
  /** This wake took an event or a datagram. */
  #hasProgressed = false;
  /** Drained datagrams that wait for the rest of this wake: until it ends or the next millisecond begins. */
  #held: readonly Datagram[] = NOTHING;
  #heldSince = 0;
  /** The last wake was asked for by {@link #settle} itself. */
  #isEager = false;
  readonly #onTurn = (): void => {
    this.#turn = undefined;
    if (this.#isWakeDue) this.#wake();
    else this.#settle();
  };
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    if (this.#listener === undefined) {
      this.#watchPoller();
      return;
    }
    const delay = this.#nextDelay();
    if (this.#mayHaveMore || (delay !== undefined && delay <= 0)) {
      this.#wake();
    } else {
      this.#rest(delay);
    }
  };

  private constructor(host: HostLike, scheduler: Scheduler, socket: DatagramSocket, gatherMs: number) {
    this.#host = host;
    this.#clock = new AwakeClock(scheduler);
    this.#gate = new WakeGate(this.#clock, gatherMs, () => this.#wakeNow());
    this.#socket = socket;
    this.#udp = socket;
  }

  /**
   * Opens a socket and attaches a host to it.
   *
   * @param openSocket opens the socket, given what to call when datagrams wait. It is called once, at once.
   * @param gatherMs how long after a wake datagrams wait for others before they wake the host again. Default 0.
   * @returns the port, or the error of `openSocket`.
   */
  static open(
    host: HostLike,
    scheduler: Scheduler,
    openSocket: (onReadable: OnReadable) => DatagramSocket | AttachError,
    gatherMs: number = 0,
  ): AttachedHost | AttachError {
    let port: AttachedHost | undefined;
    const socket = openSocket((isEndOfTurn = false) => {
      if (port === undefined || !port.#gate.opens()) return;
      if (isEndOfTurn) port.#wakeNow();
      else port.requestWake();
    });
    if (isAttachError(socket)) {
      return socket;
    }
    port = new AttachedHost(host, scheduler, socket, gatherMs);
    return port;
  }

  get localPort(): number {
    return this.#socket.localAddress.port;
  }

  get localAddress(): Address {
    return this.#socket.localAddress;
  }

  get failedSends(): number {
    return this.#socket.failedSends;
  }

  /** Datagrams that arrived and were thrown away before the host saw them. */
  get droppedDatagrams(): number {
    return this.#socket.droppedDatagrams;
  }

  now(): number {
    return this.#clock.now();
  }

  service(): HostEvent | undefined {
    if (this.#isClosed) return undefined;
    const event = this.#serviceOnce();
    this.#settleLater();
    return event;
  }

  #serviceOnce(): HostEvent | undefined {
    this.#socket.service?.();
    for (let pass = 1; ; pass += 1) {
      if (this.#isInboxDone) {
        const taken = this.#socket.receive(RECEIVE_LIMIT, this.#host);
        this.#isInboxDone = false;
        this.#wasInboxFull = taken === RECEIVE_LIMIT;
        if (taken > 0) this.#hasProgressed = true;
      }
      const now = this.#clock.run();
      const event = this.#host.service(now);
      this.#takeOutbox(now);
      // The acknowledgement of a packet and the answer to it leave in one batch when both are made at once.
      if (
        event === undefined ||
        !this.#isInWake ||
        now !== this.#heldSince ||
        this.#held.length >= HELD_LIMIT
      ) {
        this.#sendHeld();
      }
      if (event !== undefined) {
        this.#hasProgressed = true;
        this.#mayHaveMore = true;
        return event;
      }
      this.#isInboxDone = true;
      if (this.#socket.failure !== undefined) {
        // After the events that came before it.
        this.#mayHaveMore = false;
        throw this.#socket.failure;
      }
      this.#mayHaveMore = this.#wasInboxFull;
      if (!this.#mayHaveMore || pass >= MAX_PASSES) {
        return undefined;
      }
    }
  }

  flush(): void {
    if (this.#isClosed) return;
    this.#host.flush(this.#clock.run());
    this.drain();
  }

  drain(): void {
    if (this.#isClosed) return;
    this.#takeOutbox(this.#heldSince);
    this.#sendHeld();
    this.#settleLater();
  }

  sendRaw(bytes: Uint8Array, to: Address): void {
    if (!this.#isClosed) {
      this.#sendHeld();
      // A copy (which `slice` of a Buffer is not), because the socket keeps what it cannot send at once.
      this.#socket.send([{ bytes: new Uint8Array(bytes), to }]);
    }
  }

  connectSocket(to: Address, onRefused: () => void): void {
    if (!this.#isClosed) this.#udp.connect?.(to, onRefused);
  }

  setWakeListener(listener: (() => void) | undefined): void {
    this.#listener = listener;
    if (listener === undefined) {
      this.#cancelWakes();
    } else {
      this.requestWake();
    }
  }

  requestWake(): void {
    if (this.#listener !== undefined && !this.#isClosed) {
      this.#isWakeDue = true;
      this.#turn ??= this.#clock.defer(this.#onTurn);
    }
  }

  close(): void {
    if (!this.#isClosed) {
      this.#sendHeld();
      this.#isClosed = true;
      this.#cancelWakes();
      this.#socket.close();
    }
  }

  secure(options: SecureOptions, peerCount: number): AttachError | undefined {
    if (this.#isClosed) {
      return { code: 'EINVAL', message: 'the socket is closed' };
    }
    if (this.#secured !== undefined) {
      return { code: 'EINVAL', message: 'the socket speaks DTLS already' };
    }
    const secured = DtlsSocket.over(this.#socket, options, this.#clock, peerCount, this.#host);
    if (isAttachError(secured)) {
      return secured;
    }
    // What was made for plain UDP may not leave any more, and what came over it may not be believed.
    this.#held = NOTHING;
    this.#host.drainOutbox();
    this.#socket.receive(Number.POSITIVE_INFINITY, NOBODY);
    this.#socket = secured;
    this.#secured = secured;
    this.#settleLater();
    return undefined;
  }

  /** Whether an address still names somebody: it has no session, or that session is open. */
  hasSession(address: Address): boolean {
    return this.#secured?.hasSession(address) ?? true;
  }

  secureSuiteOf(address: Address): string | undefined {
    return this.#secured?.suiteOf(address);
  }

  setRefuseNewConnections(refuses: boolean): void {
    this.#secured?.setRefuseNewConnections(refuses);
  }

  setCredentials(key: string, certificate: string): AttachError | undefined {
    return this.#secured === undefined
      ? { code: 'EINVAL', message: 'the socket does not speak DTLS' }
      : this.#secured.setCredentials(key, certificate);
  }

  get secureCounters(): SecureCounters | undefined {
    return this.#secured?.counters();
  }

  /** Until the host or what is below it has something to do. */
  #nextDelay(): number | undefined {
    if (this.#socket.failure !== undefined) {
      // It was told, and nothing can change any more.
      return undefined;
    }
    const now = this.#clock.now();
    const above = this.#host.nextWakeup(now);
    const below = this.#socket.nextWakeup?.();
    if (above === undefined || below === undefined) {
      return above ?? below;
    }
    return Math.min(above, below);
  }

  /** Drains the outbox behind what is held. */
  #takeOutbox(now: number): void {
    const outbox = this.#host.drainOutbox();
    if (outbox.length === 0) return;
    if (this.#held.length === 0) {
      this.#held = outbox;
      this.#heldSince = now;
    } else {
      this.#held = this.#held.concat(outbox);
    }
  }

  #sendHeld(): void {
    const held = this.#held;
    if (held.length > 0) {
      this.#held = NOTHING;
      this.#socket.send(held);
    }
  }

  /** The host's deadline may have moved: look once at the end of this turn, not after every packet. */
  #settleLater(): void {
    if (this.#listener !== undefined) {
      if (!this.#isInWake) this.#turn ??= this.#clock.defer(this.#onTurn);
      return;
    }
    if (this.#isClosed) return;
    this.#polledAt = this.#clock.time();
    if (this.#timer === undefined) this.#watchPoller();
    else this.#clock.expect(this.#timerDue);
  }

  /**
   * Who polls may do so as seldom as it likes. A timer behind the latest poll tells whether the process ran: one that is
   * overdue at the next poll means that it did not.
   */
  #watchPoller(): void {
    const restMs = this.#polledAt + LATE_MS - this.#clock.time();
    if (restMs > 0 && this.#nextDelay() !== undefined) this.#arm(Math.ceil(restMs));
    else this.#clock.expect(undefined);
  }

  /** As {@link requestWake}, where the end of the turn has come. */
  #wakeNow(): void {
    if (this.#listener === undefined || this.#isClosed) return;
    this.#turn?.cancel();
    this.#turn = undefined;
    this.#wake();
  }

  #wake(): void {
    const listener = this.#listener;
    if (listener === undefined) {
      return;
    }
    this.#gate.woken();
    this.#isWakeDue = false;
    this.#isInWake = true;
    this.#hasProgressed = false;
    let hasReturned = false;
    try {
      listener();
      hasReturned = true;
    } finally {
      // An error goes on to whoever runs the timers, but what the listener left undone is still waiting.
      this.#isInWake = false;
      this.#sendHeld();
      this.#mayHaveMore ||= !hasReturned;
      this.#settle();
    }
  }

  /** Arranges the next wake after the host's state has changed. */
  #settle(): void {
    if (this.#isClosed || this.#listener === undefined) {
      return;
    }
    const delay = this.#mayHaveMore ? 0 : this.#nextDelay();
    if (delay === undefined || delay > 0) {
      this.#isEager = false;
      this.#rest(delay);
    } else if (this.#isEager && !this.#hasProgressed) {
      // Nobody does what is due: look again soon, but leave the processor to others.
      this.#arm(1);
    } else {
      this.#isEager = true;
      this.#hasProgressed = false;
      this.requestWake();
    }
  }

  /** Sleeps until the host's deadline, or a little longer: a wake for each of many deadlines is what a quiet host pays for. */
  #rest(delayMs: number | undefined): void {
    if (delayMs !== undefined) this.#arm(Math.max(delayMs, this.#clock.slackMs));
    else this.#clock.expect(this.#timer === undefined ? undefined : this.#timerDue);
  }

  /** Starts the timer, unless one fires before that anyway: it then looks at the deadline again. */
  #arm(delayMs: number): void {
    // Deadlines are whole milliseconds of the clock, so aim at the instant when it starts to show them.
    const time = this.#clock.time();
    const due = Math.floor(time) + delayMs;
    if (this.#timer !== undefined && this.#timerDue <= due) {
      this.#clock.expect(this.#timerDue);
      return;
    }
    this.#timer?.cancel();
    this.#timerDue = due;
    this.#clock.expect(due);
    this.#timer = this.#clock.startTimer(Math.min(due - time, MAX_TIMER_MS), this.#onTimer);
  }

  #cancelWakes(): void {
    this.#turn?.cancel();
    this.#timer?.cancel();
    this.#gate.close();
    this.#turn = undefined;
    this.#timer = undefined;
    this.#isWakeDue = false;
    this.#isEager = false;
    this.#clock.expect(undefined);
  }
}

/** docs/protocol/enet-protocol 8.2: datagrams per receive phase. */
const RECEIVE_LIMIT = 256;
/** As many datagrams are not held back. */
const HELD_LIMIT = 64;
/** Receive phases in one call that finds no event, so that a slow poller can keep up with a busy socket. */
const MAX_PASSES = 16;
/** Timers of Node reach 2^31 - 1; a minute is often enough to look. */
const MAX_TIMER_MS = 60_000;
