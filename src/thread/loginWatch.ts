/** The authentication timeout of the network thread. docs/decisions/0004-network-thread.md. */
import type { Timer } from '../runtime/index.ts';
import { RingWriter } from './ring.ts';

/** What a {@link LoginWatch} asks of its thread. */
export interface LoginWatchOwner {
  /** Host time in ms. */
  now(): number;
  /** A timer on the same clock. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /** Does all commands that have come, and gives the position up to which events had been taken before. */
  look(): number;
  /** The time is over: tell the application, which disconnects. */
  expire(slot: number, generation: number): void;
  /** It has not done so in time. */
  cutOff(slot: number, generation: number): void;
  /** Whether packets of this peer are held back. */
  hasUnread(slot: number): boolean;
}

interface Entry {
  readonly generation: number;
  readonly since: number;
  readonly timeoutMs: number;
  /** Behind the last packet of the peer in the ring of events. */
  position: number | undefined;
}

/** Who has to log in, and until when. */
export class LoginWatch {
  /** For peers that connect from now on; 0 = no login is expected, 0xffffffff = it may take any time. */
  timeoutMs = 0;
  readonly #owner: LoginWatchOwner;
  readonly #entries = new Map<number, Entry>();
  /** Peers whose time is over, until the application has answered. */
  readonly #overdue = new Map<number, Timer>();
  #timer: Timer | undefined;
  /** How long after `#timerStart` the timer fires. */
  #timerMs = 0;
  #timerStart = 0;

  constructor(owner: LoginWatchOwner) {
    this.#owner = owner;
  }

  /** A peer has connected. */
  connected(slot: number, generation: number): void {
    this.done(slot);
    if (this.timeoutMs > 0 && this.timeoutMs !== NO_TIME_LIMIT) this.expect(slot, generation, this.timeoutMs);
  }

  /** Starts the time, unless it runs. */
  expect(slot: number, generation: number, timeoutMs: number): void {
    if (timeoutMs <= 0) this.#entries.delete(slot);
    if (this.#entries.get(slot)?.generation === generation || timeoutMs <= 0) return;
    this.#entries.set(slot, { generation, since: this.#owner.now(), timeoutMs, position: undefined });
    this.#arm(timeoutMs);
  }

  /** The peer has sent something, which ends at this position of the ring. */
  received(slot: number, position: number): void {
    const entry = this.#entries.get(slot);
    // What comes too late does not win more time.
    if (entry !== undefined && this.#restMs(entry) > 0) entry.position = position;
  }

  /** The peer has logged in, is being disconnected or is gone. */
  done(slot: number): void {
    this.#entries.delete(slot);
    this.#overdue.get(slot)?.cancel();
    this.#overdue.delete(slot);
  }

  /** Ends the watch. */
  stop(): void {
    this.#entries.clear();
    for (const timer of this.#overdue.values()) timer.cancel();
    this.#overdue.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #restMs({ since, timeoutMs }: Entry): number {
    return timeoutMs - ((this.#owner.now() - since) >>> 0);
  }

  /** Starts the timer, unless it fires before that anyway. */
  #arm(delayMs: number): void {
    if (this.#timer !== undefined) {
      if (this.#timerMs - ((this.#owner.now() - this.#timerStart) >>> 0) <= delayMs) return;
      this.#timer.cancel();
    }
    this.#timerMs = delayMs;
    this.#timerStart = this.#owner.now();
    this.#timer = this.#owner.startTimer(delayMs, () => this.#check());
  }

  #check(): void {
    this.#timer = undefined;
    const head = this.#owner.look();
    let next = Number.POSITIVE_INFINITY;
    for (const [slot, entry] of this.#entries) {
      const restMs = this.#restMs(entry);
      if (restMs > 0) {
        next = Math.min(next, restMs);
      } else if (this.#isUnread(slot, entry, head)) {
        next = Math.min(next, LOOK_AGAIN_MS);
      } else {
        this.#entries.delete(slot);
        this.#expire(slot, entry.generation);
      }
    }
    if (this.#entries.size > 0) this.#arm(next);
  }

  #expire(slot: number, generation: number): void {
    this.#overdue.set(
      slot,
      this.#owner.startTimer(ANSWER_MS, () => {
        this.#overdue.delete(slot);
        this.#owner.cutOff(slot, generation);
      }),
    );
    this.#owner.expire(slot, generation);
  }

  /** What it has sent was not looked at yet, so it may be a login in time. */
  #isUnread(slot: number, { position }: Entry, head: number): boolean {
    return this.#owner.hasUnread(slot) || (position !== undefined && !RingWriter.isRead(position, head));
  }
}

const NO_TIME_LIMIT = 0xffff_ffff;
const LOOK_AGAIN_MS = 20;
/** How long the application may take to disconnect a peer that has not logged in. */
const ANSWER_MS = 250;
