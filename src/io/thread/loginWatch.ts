/** The authentication timeout of the network thread. docs/decisions/0004-network-thread.md. */
import { RingWriter } from './ring.ts';

/** What a {@link LoginWatch} asks of its thread. */
export interface LoginWatchOwner {
  /** Host time in ms. */
  now(): number;
  /** Does all commands that have come, and gives the position up to which events had been taken before. */
  look(): number;
  /** The time is over. */
  expire(slot: number, generation: number): void;
  /** Whether packets of this peer are held back. */
  hasUnread(slot: number): boolean;
}

interface Entry {
  readonly generation: number;
  readonly due: number;
  /** Behind the last packet of the peer in the ring of events. */
  position: number | undefined;
}

/** Who has to log in, and until when. */
export class LoginWatch {
  /** For peers that connect from now on; 0 = no login is expected, 0xffffffff = it may take any time. */
  timeoutMs = 0;
  readonly #owner: LoginWatchOwner;
  readonly #entries = new Map<number, Entry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: LoginWatchOwner) {
    this.#owner = owner;
  }

  /** A peer has connected. */
  connected(slot: number, generation: number): void {
    this.#entries.delete(slot);
    if (this.timeoutMs > 0 && this.timeoutMs !== NO_TIME_LIMIT) this.expect(slot, generation, this.timeoutMs);
  }

  /** Starts the time, unless it runs. */
  expect(slot: number, generation: number, timeoutMs: number): void {
    if (timeoutMs <= 0) this.#entries.delete(slot);
    if (this.#entries.get(slot)?.generation === generation || timeoutMs <= 0) return;
    this.#entries.set(slot, { generation, due: this.#owner.now() + timeoutMs, position: undefined });
    this.#timer ??= setInterval(() => this.#check(), CHECK_INTERVAL_MS);
  }

  /** The peer has sent something, which ends at this position of the ring. */
  received(slot: number, position: number): void {
    const entry = this.#entries.get(slot);
    // What comes too late does not win more time.
    if (entry !== undefined && this.#owner.now() < entry.due) entry.position = position;
  }

  /** The peer has logged in or is gone. */
  done(slot: number): void {
    this.#entries.delete(slot);
  }

  /** Ends the watch. */
  stop(): void {
    this.#entries.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const head = this.#owner.look();
    const now = this.#owner.now();
    for (const [slot, { generation, due, position }] of this.#entries) {
      if (now < due || this.#owner.hasUnread(slot)) continue;
      // What it has sent was not looked at yet, so it may be a login in time.
      if (position !== undefined && !RingWriter.isRead(position, head)) continue;
      this.#entries.delete(slot);
      this.#owner.expire(slot, generation);
    }
    if (this.#entries.size === 0) this.stop();
  }
}

const NO_TIME_LIMIT = 0xffff_ffff;
const CHECK_INTERVAL_MS = 20;
