/** A clock that does not wrap, over that of a runtime. */
import type { Runtime } from '../runtime/index.ts';

/** The part of a runtime that a cluster uses. */
export type ClusterRuntime = Pick<Runtime, 'now' | 'random32' | 'startTimer'>;

/** Milliseconds since it was made, monotonic. */
export class Clock {
  readonly runtime: ClusterRuntime;
  #last: number;
  #total = 0;

  constructor(runtime: ClusterRuntime) {
    this.runtime = runtime;
    this.#last = runtime.now();
  }

  /** Now. Asked at least once in 49 days. */
  readonly now = (): number => {
    const now = this.runtime.now();
    this.#total += (now - this.#last) >>> 0;
    this.#last = now;
    return this.#total;
  };

  /** 64 random bits as a text. */
  newId(): string {
    const { runtime } = this;
    return [runtime.random32(), runtime.random32()]
      .map((part) => part.toString(36).padStart(7, '0'))
      .join('');
  }
}
