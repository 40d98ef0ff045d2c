/**
 * When a state that is sent without acknowledgement is sent again: often enough in the two seconds after a change that it has arrived
 * (ten times: one in ten million is lost at 20 % loss), and then every two seconds.
 */
export class Resend {
  #count = 0;
  #sinceMs = 0;
  #pauseMs = 0;

  /** The state is another one: it is due at once. */
  restart(now: number): void {
    this.#count = 0;
    this.#wait(now, 0);
  }

  /** It came by a reliable way: it is due once more, as a sign of life, and then slowly. */
  restartSlowly(now: number): void {
    this.#count = PAUSES_MS.length;
    this.#wait(now, 0);
  }

  /** Whether it is due. `now`: ms that may wrap at 2^32. Nobody may have asked for weeks. */
  isDue(now: number): boolean {
    return (now - this.#sinceMs) >>> 0 >= this.#pauseMs;
  }

  /** It was sent. */
  sent(now: number): void {
    this.#wait(now, PAUSES_MS[this.#count] ?? SLOW_MS);
    this.#count++;
  }

  /** Whether it was not sent yet. */
  get isNew(): boolean {
    return this.#count === 0;
  }

  /** Whether it must have arrived. */
  get isSettled(): boolean {
    return this.#count > PAUSES_MS.length;
  }

  #wait(now: number, ms: number): void {
    this.#sinceMs = now;
    this.#pauseMs = ms;
  }
}

const PAUSES_MS = [100, 100, 100, 100, 200, 200, 300, 300, 400];
const SLOW_MS = 2000;
