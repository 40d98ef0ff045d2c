/** How fast a clock runs against another: a line through offsets of minutes. */

/** A line of least squares through the best offset of each few samples, the newest minutes of them. Memory is fixed. */
export class DriftLine {
  readonly #times = new Float64Array(POINTS);
  readonly #offsets = new Float64Array(POINTS);
  #count = 0;
  #waiting = 0;
  #bestRoundTripMs = 0;
  #bestTimeMs = 0;
  #bestOffsetMs = 0;

  /** Takes an offset; of each {@link SAMPLES_PER_POINT} the one with the shortest round trip counts. */
  add(timeMs: number, offsetMs: number, roundTripMs: number): void {
    if (this.#waiting === 0 || roundTripMs < this.#bestRoundTripMs) {
      this.#bestRoundTripMs = roundTripMs;
      this.#bestTimeMs = timeMs;
      this.#bestOffsetMs = offsetMs;
    }
    if (++this.#waiting < SAMPLES_PER_POINT) return;
    this.#waiting = 0;
    const at = this.#count++ % POINTS;
    this.#times[at] = this.#bestTimeMs;
    this.#offsets[at] = this.#bestOffsetMs;
  }

  /** Millionths by which the offset grows with time; `undefined` until there are enough points, far enough apart. */
  get ppm(): number | undefined {
    const size = Math.min(this.#count, POINTS);
    if (size < LEAST_POINTS) return undefined;
    let meanTime = 0;
    let meanOffset = 0;
    for (let i = 0; i < size; i++) {
      meanTime += (this.#times[i] ?? 0) / size;
      meanOffset += (this.#offsets[i] ?? 0) / size;
    }
    let both = 0;
    let square = 0;
    for (let i = 0; i < size; i++) {
      const time = (this.#times[i] ?? 0) - meanTime;
      both += time * ((this.#offsets[i] ?? 0) - meanOffset);
      square += time * time;
    }
    return square < size * LEAST_SPREAD_MS ** 2 ? undefined : (both / square) * 1e6;
  }

  /** Forgets everything: a clock has jumped. */
  clear(): void {
    this.#count = 0;
    this.#waiting = 0;
  }
}

/** Some 4 minutes, at a sample each quarter of a second. */
const POINTS = 128;
const SAMPLES_PER_POINT = 8;
const LEAST_POINTS = 8;
/** The standard deviation of the times at least; less says nothing about millionths. */
const LEAST_SPREAD_MS = 4000;
