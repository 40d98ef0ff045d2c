/**
 * When a state that does not change is sent once more. What has just changed leaves at once and once again a little later, unreliably: it
 * may change again, and then the newer one counts. What stays as it is leaves a last time, reliably, and then no more.
 */
export class Resend {
  #count = DONE;
  #nextMs = 0;

  /** The state is another one: it is due at once. */
  restart(now: number): void {
    this.#count = 0;
    this.#nextMs = now;
  }

  /** It is due at once, reliably. */
  restartFirmly(now: number): void {
    this.#count = PAUSES_MS.length;
    this.#nextMs = now;
  }

  /** Whether it is due. `now`: ms that may wrap at 2^32. */
  isDue(now: number): boolean {
    return this.#count < DONE && ((now - this.#nextMs) | 0) >= 0;
  }

  /** Whether it is sent reliably now, or was the last time. */
  get isFirm(): boolean {
    return this.#count >= PAUSES_MS.length;
  }

  /** It was sent. */
  sent(now: number): void {
    this.#nextMs = (now + (PAUSES_MS[this.#count] ?? 0)) | 0;
    this.#count = Math.min(this.#count + 1, DONE);
  }
}

/** Behind each unreliable one. */
const PAUSES_MS = [100, 100];
const DONE = PAUSES_MS.length + 1;
