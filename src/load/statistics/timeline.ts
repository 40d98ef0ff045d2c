/** What happened when, in memory that never grows: when there are too many samples, two neighbours become one. */

/** Some of a kind of sample. */
export class Timeline<Sample> {
  readonly #most: number;
  readonly #merge: (earlier: Sample, later: Sample) => Sample;
  #samples: Sample[] = [];
  /** How many samples the next entry is made of, and those that have come for it. */
  #width = 1;
  #next: Sample | undefined;
  #inNext = 0;

  /**
   * @param most how many are kept at most, an even number.
   * @param merge makes one of two neighbours.
   */
  constructor(most: number, merge: (earlier: Sample, later: Sample) => Sample) {
    this.#most = most;
    this.#merge = merge;
  }

  /** Adds what is later than all others. */
  add(sample: Sample): void {
    this.#next = this.#next === undefined ? sample : this.#merge(this.#next, sample);
    if (++this.#inNext < this.#width) return;
    this.#samples.push(this.#next);
    this.#next = undefined;
    this.#inNext = 0;
    if (this.#samples.length >= this.#most) this.#halve();
  }

  /** All of them in order; the last may be made of fewer than the others. */
  samples(): Sample[] {
    return this.#next === undefined ? [...this.#samples] : [...this.#samples, this.#next];
  }

  #halve(): void {
    const halved: Sample[] = [];
    this.#samples.forEach((sample, index) => {
      const earlier = index % 2 === 1 ? halved.pop() : undefined;
      halved.push(earlier === undefined ? sample : this.#merge(earlier, sample));
    });
    this.#samples = halved;
    this.#width *= 2;
  }
}
