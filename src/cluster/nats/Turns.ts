/** One thing after the other, for each key. */

/** What this bus does to a key waits for what it does to it already: two writes of one bus do not stand in each other's way. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a task when the earlier ones of the key have ended. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    this.#last.set(key, result);
    const end = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key);
    };
    result.then(end, end);
    return result;
  }
}
