/**
 * Signals that wait for the current call to return. They keep their order and never run inside one another.
 * enet-server-module section 1 ("deferred") and section 8, guarantee 4.
 */

/** A first-in first-out list of emissions. */
export class DispatchQueue {
  #jobs: (() => void)[] = [];
  #isDraining = false;
  #isScheduled = false;
  readonly #afterCall: ((callback: () => void) => void) | undefined;

  /** @param afterCall see `Runtime.afterCall`; a microtask comes in any case. */
  constructor(afterCall?: (callback: () => void) => void) {
    this.#afterCall = afterCall;
  }

  /** Queues an emission. It runs at the next {@link drain}, at the latest when the current call stack is empty. */
  push(job: () => void): void {
    this.#jobs.push(job);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#afterCall?.(() => this.drain());
    queueMicrotask(() => this.drain());
  }

  /** Runs everything that is queued, also what is added meanwhile. Does nothing when called from inside itself. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) job();
    } finally {
      this.#isScheduled = false;
      this.#isDraining = false;
    }
  }
}
