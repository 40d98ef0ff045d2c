/** A clock that does not wrap, over that of a runtime. */
import type { Runtime } from '../runtime/index.ts';
import { Elapsed } from '../runtime/internal.ts';

/** The part of a runtime that a cluster uses. */
export type ClusterRuntime = Pick<Runtime, 'now' | 'random32' | 'startTimer'>;

/** Milliseconds since it was made, monotonic, and names that nobody else has. */
export class Clock {
  readonly runtime: ClusterRuntime;
  /** Now. */
  readonly now: () => number;

  constructor(runtime: ClusterRuntime) {
    this.runtime = runtime;
    this.now = new Elapsed(() => runtime.now()).now;
  }

  /** 64 random bits as a text. */
  newId(): string {
    const { runtime } = this;
    return [runtime.random32(), runtime.random32()]
      .map((part) => part.toString(36).padStart(7, '0'))
      .join('');
  }
}
