/** Inputs of one player: in order, each once, the newest ones kept. */

/** One input of a player. */
export interface PlayerInput<Value> {
  /** Who sent it. */
  readonly peer: number;
  /** Its number, from 1 on; each of a peer is given to the game at most once, in ascending order. */
  readonly sequence: number;
  /** The newest server tick that the client had applied when it made the input, with a fraction if it interpolates; -1 for none. */
  readonly tick: number;
  /** What it is. */
  readonly value: Value;
  /** How many inputs right before it were lost: none of the packets that repeated them has arrived. */
  readonly missed: number;
}

/** What a player has sent. Late ones are not waited for: an input that comes after a newer one is lost. */
export class InputQueue<Value> {
  readonly #kept: PlayerInput<Value>[] = [];
  readonly #most: number;
  #newest = 0;

  /** @param most how many are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The newest number that has arrived, 0 for none: what is acknowledged. */
  get newest(): number {
    return this.#newest;
  }

  /** The newest inputs, in order. */
  get recent(): readonly PlayerInput<Value>[] {
    return this.#kept;
  }

  /** Whether a number has not arrived yet, nor a newer one. */
  isNew(sequence: number): boolean {
    return sequence > this.#newest;
  }

  /** A new number has arrived. @returns how many before it are lost. */
  arrive(sequence: number): number {
    const missed = sequence - this.#newest - 1;
    this.#newest = sequence;
    return missed;
  }

  /** Keeps an input, and forgets the oldest one if there are too many. */
  keep(input: PlayerInput<Value>): void {
    this.#kept.push(input);
    if (this.#kept.length > this.#most) this.#kept.shift();
  }
}
