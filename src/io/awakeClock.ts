/**
 * The clock that a host lives by: it stands still while nothing here could run. A process that was suspended, or held up for
 * long by a handler, comes back to peers whose answers wait in the socket; timers come before them, and by the clock of
 * the wall those peers would be judged before anybody has read what they sent. docs/decisions/0006-the-hosts-clock.md.
 *
 * The monotonic clock of Linux stands still while the system sleeps; this one does for everything else that stops a process.
 */
import type { Timer } from '../runtime/index.ts';
import type { Scheduler } from '../runtime/internal.ts';

/** How late, in ms, a look at the clock may come before it counts as held up. */
export const LATE_MS = 500;

/** A {@link Scheduler} without the times in which nobody could look at it. Its timers run in real time. */
export class AwakeClock implements Scheduler {
  readonly slackMs: number;
  readonly #real: Scheduler;
  /** Whole milliseconds that were left out so far. */
  #skippedMs = 0;
  /** Real time of the latest look. */
  #lookedAt: number;
  /** Real time when the next look is due; infinite: whenever it likes. */
  #expectedAt = Number.POSITIVE_INFINITY;
  /** What this clock showed when it last stood still. */
  #stoodAt = Number.NEGATIVE_INFINITY;

  /** @param real the clock of the system. */
  constructor(real: Scheduler) {
    this.#real = real;
    this.slackMs = real.slackMs ?? 0;
    this.#lookedAt = real.time();
  }

  now(): number {
    this.#look();
    return (this.#real.now() - this.#skippedMs) >>> 0;
  }

  time(): number {
    return this.#look() - this.#skippedMs;
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#real.startTimer(delayMs, callback);
  }

  defer(callback: () => void): Timer {
    return this.#real.defer(callback);
  }

  /**
   * Says when the next look is due.
   *
   * @param at on this clock; `undefined`: nothing is due, so that a look at any time is in time.
   */
  expect(at: number | undefined): void {
    this.#expectedAt = at === undefined ? Number.POSITIVE_INFINITY : at + this.#skippedMs;
  }

  /** As {@link AwakeClock.now}; what follows is expected to go on without a pause. */
  run(): number {
    const now = this.now();
    this.#expectedAt = this.#lookedAt;
    return now;
  }

  #look(): number {
    const time = this.#real.time();
    if (time - this.#expectedAt > LATE_MS) this.#standStill(time);
    this.#lookedAt = time;
    return time;
  }

  #standStill(time: number): void {
    const shown = this.#lookedAt - this.#skippedMs;
    // A process that is held up all the time still has to repeat and to give up: there the clock goes on slowly.
    const stepMs = shown - this.#stoodAt < LATE_MS ? LATE_MS : 0;
    this.#stoodAt = shown;
    this.#skippedMs += Math.max(0, Math.floor(time - this.#lookedAt) - stepMs);
    this.#expectedAt = time;
  }
}
