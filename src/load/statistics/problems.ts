/** What went wrong, counted by its text, with the first of each kind in full. What is beyond a bound is counted together. */

/** One kind of problem. */
export interface Problem {
  /** Where: a hook, a name of a round trip, the joining. */
  readonly where: string;
  /** What it says, in one line. */
  readonly message: string;
  /** How often. */
  readonly count: number;
  /** The first of them in full, with its stack; empty when there is no more than the message. */
  readonly first: string;
}

/** The problems of a run. */
export class Problems {
  readonly #kinds = new Map<string, { where: string; message: string; count: number; first: string }>();
  readonly #maxKinds: number;
  #count = 0;

  /** @param maxKinds how many kinds are told apart. */
  constructor(maxKinds = 32) {
    this.#maxKinds = maxKinds;
  }

  /** How many there are in all. */
  get count(): number {
    return this.#count;
  }

  /** Adds one: an error, or anything else that was thrown, or a text. @returns whether it is the first of its kind. */
  add(where: string, problem: unknown): boolean {
    this.#count++;
    const message = messageOf(problem).slice(0, MAX_MESSAGE);
    const key = `${where}\n${message}`;
    const known = this.#kinds.get(key);
    if (known === undefined && this.#kinds.size < this.#maxKinds) {
      const first = problem instanceof Error ? (problem.stack ?? '').slice(0, MAX_STACK) : '';
      this.#kinds.set(key, { where, message, count: 1, first });
      return true;
    }
    const counted = known ?? this.#others();
    counted.count++;
    return false;
  }

  /** All kinds, the most frequent first. */
  list(): Problem[] {
    return Array.from(this.#kinds.values(), (kind) => ({ ...kind })).sort((a, b) => b.count - a.count);
  }

  #others(): { count: number } {
    const known = this.#kinds.get(OTHERS);
    if (known !== undefined) return known;
    const made = { where: OTHERS, message: 'others', count: 0, first: '' };
    this.#kinds.set(OTHERS, made);
    return made;
  }
}

/** What something that was thrown says, in one line. */
export function messageOf(problem: unknown): string {
  const text = problem instanceof Error ? `${problem.name}: ${problem.message}` : textOf(problem);
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Even what has no text must not throw here. */
function textOf(problem: unknown): string {
  try {
    return String(problem);
  } catch {
    return typeof problem;
  }
}

const OTHERS = '...';
const MAX_MESSAGE = 300;
const MAX_STACK = 4000;
