/** Which records of an epoch were seen: the last 64 (RFC 6347, 4.1.2.6). */

/** A window over sequence numbers. Ask first, mark only what has been authenticated. */
export class ReplayWindow {
  /** The highest number seen; −1: none. */
  #highest = -1;
  /** Bit n: `highest - n` was seen, n = 0..31. */
  #near = 0;
  /** The same for n = 32..63. */
  #far = 0;

  /** Whether a record is neither a repetition nor too old to tell. */
  isNew(sequence: number): boolean {
    const age = this.#highest - sequence;
    if (age < 0) return true;
    if (age >= WINDOW) return false;
    return age < 32 ? (this.#near & (1 << age)) === 0 : (this.#far & (1 << (age - 32))) === 0;
  }

  /** Remembers a record. */
  mark(sequence: number): void {
    const age = this.#highest - sequence;
    if (age < 0) {
      this.#shift(-age);
      this.#highest = sequence;
      this.#near |= 1;
    } else if (age < 32) {
      this.#near |= 1 << age;
    } else if (age < WINDOW) {
      this.#far |= 1 << (age - 32);
    }
  }

  #shift(count: number): void {
    if (count >= WINDOW) {
      this.#near = 0;
      this.#far = 0;
    } else if (count >= 32) {
      this.#far = this.#near << (count - 32);
      this.#near = 0;
    } else {
      this.#far = (this.#far << count) | (this.#near >>> (32 - count));
      this.#near <<= count;
    }
  }
}

const WINDOW = 64;
