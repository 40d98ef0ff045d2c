/** Marked calls of clients, each done once whatever happens to connections: numbered by the client, counted here. */
import type { MarkedImage } from './image.ts';

/** What becomes of a marked call. */
export type MarkedAnswer =
  /** It is to be done. */
  | 'do'
  /** It is done already. */
  | 'done'
  /** One before it is missing: the client is to send them again. */
  | 'missing'
  /** As before, and the client was told. */
  | 'told';

/** The marked calls of one player. */
export class MarkedCalls {
  /** Which run of the client counts: another one begins with 1 again. */
  #run: string;
  #last: number;
  #isTold = false;

  constructor({ run, last }: MarkedImage = { run: '', last: 0 }) {
    this.#run = run;
    this.#last = last;
  }

  /** Up to which number they are done. */
  get last(): number {
    return this.#last;
  }

  /** For another node. */
  image(): MarkedImage {
    return { run: this.#run, last: this.#last };
  }

  /** A call has come; one that is to be done counts as done. */
  take(run: string, number: number): MarkedAnswer {
    if (run !== this.#run) {
      this.#run = run;
      this.#last = 0;
      this.#isTold = false;
    }
    if (number <= this.#last) return 'done';
    if (number !== this.#last + 1) {
      const isTold = this.#isTold;
      this.#isTold = true;
      return isTold ? 'told' : 'missing';
    }
    this.#last = number;
    this.#isTold = false;
    return 'do';
  }
}

/** Whether a client may call its run so. */
export function isRun(run: unknown): run is string {
  return typeof run === 'string' && run.length > 0 && run.length <= 64;
}
