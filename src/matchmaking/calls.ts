/** Who is called by which buckets in a tick, without a list for each. */

/** For each row of a table the buckets that call it, chained. */
export class Calls {
  /** For each row the last call that there is for it, counted from 1; 0 for none. */
  #last: Int32Array = new Int32Array(64);
  /** For each call the one before it of the same row. */
  #before: Int32Array = new Int32Array(64);
  /** For each call who calls. */
  #callers: Int32Array = new Int32Array(64);
  #count = 0;

  /** A bucket calls a row. */
  add(row: number, caller: number): void {
    if (row >= this.#last.length) this.#last = longer(this.#last, row + 1);
    const call = ++this.#count;
    if (call >= this.#callers.length) {
      this.#callers = longer(this.#callers, call + 1);
      this.#before = longer(this.#before, call + 1);
    }
    this.#callers[call] = caller;
    this.#before[call] = this.#last[row]!; // the row is in the list
    this.#last[row] = call;
  }

  /** Whether anybody calls a row. */
  isCalled(row: number): boolean {
    return (this.#last[row] ?? 0) > 0;
  }

  /** Whether a bucket calls a row. */
  isCalledBy(row: number, caller: number): boolean {
    let call = this.#last[row] ?? 0;
    while (call > 0 && this.#callers[call] !== caller) call = this.#before[call]!; // calls are in the list
    return call > 0;
  }

  /** A row is called no more. */
  forget(row: number): void {
    if (row < this.#last.length) this.#last[row] = 0;
  }

  /** Nobody is called any more. */
  clear(): void {
    this.#last.fill(0);
    this.#count = 0;
  }
}

function longer(from: Int32Array, least: number): Int32Array {
  const to = new Int32Array(Math.max(least, 2 * from.length));
  to.set(from);
  return to;
}
