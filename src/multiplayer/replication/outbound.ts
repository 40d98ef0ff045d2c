/** What a synchronizer of ours has to send, worked out once for all peers. docs/protocol/scene-multiplayer 8.4. */
import type { Dialect } from '../../../codec/index.ts';
import { WatchList } from './watchList.ts';

/** The outgoing side of one synchronizer. */
export class Outbound {
  /** Its watched properties. */
  readonly watch: WatchList;
  readonly #states = new Map<Dialect, Uint8Array | string>();
  #statesStep = 0;
  #step = 0;
  #ms = 0;

  /** @param isStrict see `sameState`. */
  constructor(isStrict: boolean) {
    this.watch = new WatchList(isStrict);
  }

  /** Whether whole states are due in a step. The first peer of a step decides for all. */
  isDue(step: number, now: number, intervalMs: number): boolean {
    if (this.#step === step) return true;
    if (this.#step !== 0 && ((now - this.#ms) | 0) < intervalMs) return false;
    this.#step = step;
    this.#ms = now;
    return true;
  }

  /** The state of a step for a version; made at most once. */
  state(step: number, dialect: Dialect, encode: () => Uint8Array | string): Uint8Array | string {
    if (this.#statesStep !== step) {
      this.#statesStep = step;
      this.#states.clear();
    }
    let state = this.#states.get(dialect);
    if (state === undefined) {
      state = encode();
      this.#states.set(dialect, state);
    }
    return state;
  }
}
