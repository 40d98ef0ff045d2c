/** Tells how a run goes on: one line that changes on a terminal, a line now and then elsewhere. */
import { type LoadSample, progressLine } from '../../load/internal.ts';
import { printable } from '../printable.ts';

/** Where it goes. */
export interface TellerOutput {
  /** How wide a terminal is, on which lines can be overwritten; `undefined` for none. */
  readonly columns: number | undefined;
  /** Writes a text as it is. */
  readonly tell: (text: string) => void;
}

/** Tells one run. */
export class ProgressTeller {
  readonly #output: TellerOutput;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #hasLine = false;

  constructor(output: TellerOutput) {
    this.#output = output;
  }

  /** A second has passed. */
  sample(sample: LoadSample, rttSoFar: { readonly p50: number; readonly p99: number } | undefined): void {
    const line = progressLine(sample, rttSoFar);
    const { columns } = this.#output;
    if (columns !== undefined) {
      // What is wider would go on in a line that is not overwritten.
      this.#output.tell(`${ERASE}${line.slice(0, columns - 1)}`);
      this.#hasLine = true;
    } else if (sample.atMs - this.#toldAtMs >= PLAIN_MS) {
      this.#toldAtMs = sample.atMs;
      this.#output.tell(`${line}\n`);
    }
  }

  /** The first problem of its kind. */
  problem(what: 'failed' | 'lost' | 'script', message: string): void {
    this.end();
    const lines = message.split('\n').slice(0, MOST_LINES).map(printable);
    this.#output.tell(`${WORDS[what]}: ${lines.join('\n')}\n`);
  }

  /** Nothing more is told. */
  end(): void {
    if (this.#hasLine) this.#output.tell(ERASE);
    this.#hasLine = false;
  }
}

const WORDS = {
  failed: 'a player did not join',
  lost: 'a player was lost',
  script: 'the script threw in',
} as const;
/** To the start of the line, and nothing behind it. */
const ERASE = '\r\u001b[K';
/** A second less than five: samples come a little late at times. */
const PLAIN_MS = 4500;
const MOST_LINES = 5;
