/** What is known of the clock of a peer, and the windows that it is known by. */
import { DriftLine } from './driftLine.ts';

/** How the clock of a peer stands to the server's. */
export interface ClockEstimate {
  /** The client's clock less the server's, in milliseconds; from the sample with the shortest way. */
  readonly offsetMs: number;
  /** The median of the newest round trips, in milliseconds, frames of the client and ticks of the server in it. */
  readonly roundTripMs: number;
  /** The shortest of the newest round trips, in milliseconds. */
  readonly minRoundTripMs: number;
  /** By how many millionths the client's clock is fast (below 0: slow); `undefined` until some 20 seconds were seen. */
  readonly driftPpm: number | undefined;
}

/**
 * Estimates the clock of one peer from exchanges. Of a sample the true offset is known to within half of its round trip, so the
 * shortest one counts; and two samples that cannot both be true mean that a clock has jumped. Memory is fixed.
 */
export class PeerClock {
  readonly #roundTrips = new Float64Array(WINDOW);
  readonly #offsets = new Float64Array(WINDOW);
  readonly #sorted = new Float64Array(WINDOW);
  readonly #drift = new DriftLine();
  #count = 0;
  #strange = 0;

  /**
   * Takes a sample.
   *
   * @param serverMs when the exchange ended, by the server's clock.
   * @param clientMs the client's clock when it sent the last message of it.
   * @param roundTripMs 0 and more.
   */
  add(serverMs: number, clientMs: number, roundTripMs: number): void {
    const offset = clientMs - (serverMs - roundTripMs / 2);
    if (this.#contradicts(offset, roundTripMs)) {
      // One may be a lie or a stray; two are another clock.
      if (++this.#strange < JUMP_SAMPLES) return;
      this.#count = 0;
      this.#drift.clear();
    }
    this.#strange = 0;
    const at = this.#count++ % WINDOW;
    this.#roundTrips[at] = roundTripMs;
    this.#offsets[at] = offset;
    this.#drift.add(serverMs, offset, roundTripMs);
  }

  /** What is known; `undefined` before the first sample. */
  get estimate(): ClockEstimate | undefined {
    if (this.#count === 0) return undefined;
    const best = this.#best();
    return {
      offsetMs: this.#offsets[best] ?? 0,
      roundTripMs: this.roundTripMs ?? 0,
      minRoundTripMs: this.#roundTrips[best] ?? 0,
      driftPpm: this.#drift.ppm,
    };
  }

  /** The median of the newest round trips; `undefined` before the first. */
  get roundTripMs(): number | undefined {
    const size = Math.min(this.#count, MEDIAN_OF);
    if (size === 0) return undefined;
    for (let i = 0; i < size; i++) this.#sorted[i] = this.#roundTrips[(this.#count - 1 - i) % WINDOW] ?? 0;
    return this.#sorted.subarray(0, size).sort()[size >> 1];
  }

  #contradicts(offset: number, roundTripMs: number): boolean {
    if (this.#count === 0) return false;
    const best = this.#best();
    const distance = Math.abs(offset - (this.#offsets[best] ?? 0));
    return distance > (roundTripMs + (this.#roundTrips[best] ?? 0)) / 2 + SLACK_MS;
  }

  /** Where the sample with the shortest way is; of equal ones the newest. */
  #best(): number {
    const size = Math.min(this.#count, WINDOW);
    let best = (this.#count - 1) % WINDOW;
    for (let i = 1; i < size; i++) {
      const at = (this.#count - 1 - i) % WINDOW;
      if ((this.#roundTrips[at] ?? 0) < (this.#roundTrips[best] ?? 0)) best = at;
    }
    return best;
  }
}

/** Samples, some 8 seconds of them. */
const WINDOW = 32;
/** The newest samples that the median is of: what the way is like now. */
const MEDIAN_OF = 15;
/** Samples in a row that contradict before the old ones are forgotten. */
const JUMP_SAMPLES = 2;
/** Rounding to milliseconds on both sides, and what clocks drift within the window. */
const SLACK_MS = 5;
