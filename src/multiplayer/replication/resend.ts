/**
 * When a state that does not change is sent once more. What has just changed leaves at once, unreliably: it may change again, and then
 * the newer one counts. What stays as it is for a short while leaves a last time, reliably, and then no more.
 */
export class Resend {
  #next: 'loose' | 'firm' | 'nothing' = 'nothing';
  #isFirm = false;
  #nextMs = 0;

  /** The state is another one: it is due at once. */
  restart(now: number): void {
    this.#next = 'loose';
    this.#nextMs = now;
  }

  /** It is due at once, reliably. */
  restartFirmly(now: number): void {
    this.#next = 'firm';
    this.#nextMs = now;
  }

  /** Whether it is due. `now`: ms that may wrap at 2^32. */
  isDue(now: number): boolean {
    return this.#next !== 'nothing' && ((now - this.#nextMs) | 0) >= 0;
  }

  /** Whether it was sent reliably the last time. */
  get isFirm(): boolean {
    return this.#isFirm;
  }

  /** It is sent now. @returns whether reliably. */
  send(now: number): boolean {
    this.#isFirm = this.#next === 'firm';
    this.#next = this.#isFirm ? 'nothing' : 'firm';
    this.#nextMs = (now + REST_MS) | 0;
    return this.#isFirm;
  }
}

/** What has not changed for so long rests. */
const REST_MS = 300;
