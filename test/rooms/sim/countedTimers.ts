/** A runtime that knows how many of its timers are running. */
import type { RoomsRuntime } from '../../../src/rooms/roomsContext.ts';
import type { Timer } from '../../../src/runtime/index.ts';

export class CountedTimers implements RoomsRuntime {
  /** How many are running. */
  running = 0;
  readonly #runtime: RoomsRuntime;

  constructor(runtime: RoomsRuntime) {
    this.#runtime = runtime;
  }

  now(): number {
    return this.#runtime.now();
  }

  random32(): number {
    return this.#runtime.random32();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    this.running++;
    let isRunning = true;
    const over = (): void => {
      if (isRunning) this.running--;
      isRunning = false;
    };
    const timer = this.#runtime.startTimer(delayMs, () => {
      over();
      callback();
    });
    return {
      cancel: () => {
        over();
        timer.cancel();
      },
    };
  }
}
