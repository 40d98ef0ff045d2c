/** The round trips and counters that bots name themselves. */
import { Histogram, type TimeSummary } from './histogram.ts';

/** What is told of the round trips of one name. */
export interface MeasureReport {
  /** Its name. */
  readonly name: string;
  /** The times of those that came to an end; null when none did. */
  readonly times: TimeSummary | null;
  /** How many failed. */
  readonly failed: number;
  /** How many had no answer when the run ended. */
  readonly unanswered: number;
}

interface Measure {
  readonly times: Histogram;
  failed: number;
  open: number;
}

/** All names of a run; 64 at most of each kind, what is beyond is called `...`. */
export class Measures {
  readonly #measures = new Map<string, Measure>();
  readonly #counters = new Map<string, number>();

  /** A round trip begins. @returns what ends it: how long it took, or `undefined` when it failed. */
  begin(name: string): (ms: number | undefined) => void {
    const measure = entryOf(this.#measures, name, () => ({ times: new Histogram(), failed: 0, open: 0 }));
    measure.open++;
    return (ms) => {
      measure.open--;
      if (ms === undefined) measure.failed++;
      else measure.times.add(ms);
    };
  }

  /** Counts something. */
  count(name: string, times: number): void {
    const known = this.#counters.has(name) || this.#counters.size < MAX_NAMES ? name : OTHERS;
    this.#counters.set(known, (this.#counters.get(known) ?? 0) + times);
  }

  /** The round trips by name, in the order in which the names came. */
  measures(): MeasureReport[] {
    return Array.from(this.#measures, ([name, { times, failed, open }]) => ({
      name,
      times: times.summary() ?? null,
      failed,
      unanswered: open,
    }));
  }

  /** The counters by name. */
  counters(): Record<string, number> {
    return Object.fromEntries(this.#counters);
  }
}

function entryOf<Entry>(entries: Map<string, Entry>, wanted: string, make: () => Entry): Entry {
  const name = entries.has(wanted) || entries.size < MAX_NAMES ? wanted : OTHERS;
  const known = entries.get(name);
  if (known !== undefined) return known;
  const made = make();
  entries.set(name, made);
  return made;
}

const MAX_NAMES = 64;
const OTHERS = '...';
