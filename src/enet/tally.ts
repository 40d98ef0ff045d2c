/** Counts by name. */

/** How often each of some names came up; every name is there from the beginning. */
export class Tally<Name extends string> {
  readonly #counts: Map<Name, number>;
  #total = 0;

  /** @param names the names, as the values of an object. */
  constructor(names: Readonly<Record<string, Name>>) {
    this.#counts = new Map(Object.values(names).map((name) => [name, 0]));
  }

  /** Counts. */
  add(name: Name, count: number = 1): void {
    this.#total += count;
    this.#counts.set(name, this.count(name) + count);
  }

  /** How often a name came up. */
  count(name: Name): number {
    return this.#counts.get(name) ?? 0;
  }

  /** How often all of them did. */
  get total(): number {
    return this.#total;
  }

  /** All counts, in the order of the names. A copy. */
  snapshot(): Map<Name, number> {
    return new Map(this.#counts);
  }
}
