/** Steps at a rate. */
import type { MultiplayerRuntime, MultiplayerTimer } from './options.ts';

/** Calls a function so many times a second. */
export class Ticker {
  readonly #runtime: MultiplayerRuntime;
  #timer: MultiplayerTimer | undefined;

  constructor(runtime: MultiplayerRuntime) {
    this.#runtime = runtime;
  }

  /** Begins. @param periodMs of one step. */
  start(periodMs: number, step: () => void): void {
    this.stop();
    const began = this.#runtime.now();
    let steps = 0;
    const run = (): void => {
      steps++;
      step();
      if (this.#timer === undefined) return;
      // Against the start, so that the rate holds on average whatever a step takes; what was missed is missed.
      const since = (this.#runtime.now() - began) >>> 0;
      steps = Math.max(steps, Math.floor(since / periodMs));
      this.#timer = this.#runtime.startTimer(Math.max(0, (steps + 1) * periodMs - since), run);
    };
    this.#timer = this.#runtime.startTimer(periodMs, run);
  }

  /** Ends. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
