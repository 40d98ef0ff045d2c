/** Waits until all of several have answered, or the time is over. */
import type { RoomsRuntime } from '../../rooms/index.ts';

/** Who has not answered yet. */
export class Gathering {
  /** Resolves when nobody is waited for any more. */
  readonly done: Promise<void>;
  readonly #missing: Set<string>;
  #resolve: () => void = () => undefined;

  /** @param ids who answers, each once. @param ms for how long it is waited. */
  constructor(runtime: Pick<RoomsRuntime, 'startTimer'>, ids: Iterable<string>, ms: number) {
    this.#missing = new Set(ids);
    this.done = new Promise((resolve) => {
      const timer = runtime.startTimer(ms, resolve);
      this.#resolve = () => {
        timer.cancel();
        resolve();
      };
    });
    if (this.#missing.size === 0) this.#resolve();
  }

  /** Somebody has answered, or will not. */
  answered(id: string): void {
    if (this.#missing.delete(id) && this.#missing.size === 0) this.#resolve();
  }
}
