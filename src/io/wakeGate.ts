/** Lets datagrams wait for others, so that one wake of a host serves all of them. */
import type { Timer } from '../runtime/index.ts';
import type { Scheduler } from '../runtime/internal.ts';

/** Says whether datagrams wake a host now, or a little later. The first after a pause do at once. */
export class WakeGate {
  readonly #clock: Pick<Scheduler, 'time' | 'startTimer'>;
  readonly #gatherMs: number;
  readonly #wake: () => void;
  #wokenAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  /**
   * @param gatherMs how long after a wake datagrams wait; 0: never.
   * @param wake called for those that waited.
   */
  constructor(clock: Pick<Scheduler, 'time' | 'startTimer'>, gatherMs: number, wake: () => void) {
    this.#clock = clock;
    this.#gatherMs = gatherMs;
    this.#wake = wake;
  }

  /** There are datagrams. @returns whether the host is to be woken now; otherwise it is when they have waited. */
  opens(): boolean {
    if (this.#gatherMs === 0) return true;
    if (this.#timer !== undefined) return false;
    const restMs = this.#wokenAt + this.#gatherMs - this.#clock.time();
    if (restMs <= 0) return true;
    this.#timer = this.#clock.startTimer(restMs, () => {
      this.#timer = undefined;
      this.#wake();
    });
    return false;
  }

  /** The host is woken, for whatever reason: it takes what waits. */
  woken(): void {
    if (this.#gatherMs === 0) return;
    this.#wokenAt = this.#clock.time();
    this.close();
  }

  /** Nobody is to be woken any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
