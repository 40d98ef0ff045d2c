/** What time it is for the server, as far as one can be sure. Clocks of nodes are only asked how much time has passed. */
import type { Clock } from '../clock.ts';

/** Knows a time that the server's clock has reached. */
export class ServerClock {
  readonly #clock: Clock;
  #serverMs = Number.NEGATIVE_INFINITY;
  #seenMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The server has written something at that time, and it has come here now. */
  saw(serverMs: number): void {
    this.#serverMs = serverMs;
    this.#seenMs = this.#clock.now();
  }

  /** A time that the server's clock has reached: late by what the last look took to come here. One millisecond is for rounding. */
  get now(): number {
    return this.#serverMs + (this.#clock.now() - this.#seenMs) - 1;
  }

  /** Whether the last look is so recent that the two clocks have not drifted apart. */
  get isFresh(): boolean {
    return this.#clock.now() - this.#seenMs < FRESH_MS;
  }
}

const FRESH_MS = 1000;
