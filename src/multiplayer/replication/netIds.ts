/** The numbers of spawned nodes and of their synchronizers on the wire. docs/protocol/scene-multiplayer 7.2, 8.1. */

/** Gives numbers. */
export interface NetIds {
  /** The next number, from 1 to 2147483647: above it they would be numbers of paths. */
  next(): number;
  /** Everybody is gone who knew one. */
  reset(): void;
}

/** The numbers of one SceneMultiplayer: 1, 2, 3, and from the beginning when everybody is gone. */
export class OwnNetIds implements NetIds {
  #last = 0;

  next(): number {
    return ++this.#last;
  }

  reset(): void {
    this.#last = 0;
  }
}

/**
 * The numbers of several between which peers move: none is given again before all others were. Who has been in one of them may have
 * a late state of a node from there.
 */
export class SharedNetIds implements NetIds {
  readonly #most: number;
  readonly #isUsed: (id: number) => boolean;
  #last = 0;
  #hasWrapped = false;

  /**
   * @param isUsed whether a number is a node's still; asked once all have been given.
   * @param most the largest one.
   */
  constructor(isUsed: (id: number) => boolean, most: number = MOST) {
    this.#isUsed = isUsed;
    this.#most = most;
  }

  /** @throws RangeError when all are in use. */
  next(): number {
    for (let tries = 0; tries < this.#most; tries++) {
      if (this.#last === this.#most) {
        this.#last = 0;
        this.#hasWrapped = true;
      }
      const id = ++this.#last;
      if (!this.#hasWrapped || !this.#isUsed(id)) return id;
    }
    throw new RangeError(`all ${this.#most} numbers of nodes are in use`);
  }

  /** They go on: others know them still. */
  reset(): void {}
}

const MOST = 0x7fff_ffff;
