/** Steps of the tree, as long as some peer has not got them. */
import type { TrackedStep } from './sceneTracker.ts';

/** Steps by their number, from the oldest that somebody waits for. */
export class StepLog {
  #steps: TrackedStep[] = [];
  /** The number of the first of them. */
  #first = 0;

  /** The number that the next step gets. */
  get end(): number {
    return this.#first + this.#steps.length;
  }

  /** Whether everybody has got everything. */
  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** Adds the newest step. */
  push(step: TrackedStep): void {
    this.#steps.push(step);
  }

  /** A step by its number. */
  at(number: number): TrackedStep | undefined {
    return this.#steps[number - this.#first];
  }

  /** Nobody waits for what comes before this number any more. */
  trim(oldest: number): void {
    if (oldest === this.#first) return;
    this.#steps = this.#steps.slice(oldest - this.#first);
    this.#first = oldest;
  }
}
