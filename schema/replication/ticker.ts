/** Ticks at a rate, on average, by timers that may be late and a clock that wraps. */
import type { ReplicationTimer } from './link.ts';

/** Where a {@link Ticker} gets its time. */
export interface TickerClock {
  now(): number;
  startTimer(delayMs: number, callback: () => void): ReplicationTimer;
}

/** Calls a function at a rate until it is stopped, also from inside that function; it is not started again. */
export class Ticker {
  readonly #clock: TickerClock;
  readonly #intervalMs: number;
  readonly #onTick: () => void;
  #timer: ReplicationTimer | undefined;
  #isStopped = false;
  #lastNow: number;
  #waitMs = 0;

  /** @param onTick - Must not throw. */
  constructor(clock: TickerClock, ticksPerSec: number, onTick: () => void) {
    this.#clock = clock;
    this.#intervalMs = 1000 / ticksPerSec;
    this.#onTick = onTick;
    this.#lastNow = clock.now();
    this.#arm();
  }

  /** No further tick comes. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    if (this.#isStopped) return;
    const now = this.#clock.now();
    const elapsed = now - this.#lastNow;
    this.#waitMs += this.#intervalMs - (elapsed < 0 ? elapsed + CLOCK_WRAP_MS : elapsed);
    this.#lastNow = now;
    // Ticks that were missed are not made up for.
    if (this.#waitMs < -this.#intervalMs) this.#waitMs = 0;
    this.#timer = this.#clock.startTimer(Math.max(1, this.#waitMs), () => {
      this.#onTick();
      this.#arm();
    });
  }
}

const CLOCK_WRAP_MS = 2 ** 32;
