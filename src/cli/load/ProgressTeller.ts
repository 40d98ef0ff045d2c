/** Tells how a run goes on, and its problems. */
import { type LoadSample, progressLine } from '../../load/internal.ts';
import { ProgressLine, type TellerOutput } from '../look/index.ts';
import { printable } from '../printable.ts';

/** Tells one run. */
export class ProgressTeller {
  readonly #line: ProgressLine;

  constructor(output: TellerOutput) {
    this.#line = new ProgressLine(output, PLAIN_MS);
  }

  /** A second has passed. */
  sample(sample: LoadSample, rttSoFar: { readonly p50: number; readonly p99: number } | undefined): void {
    this.#line.show(progressLine(sample, rttSoFar), sample.atMs);
  }

  /** The first problem of its kind. */
  problem(what: 'failed' | 'lost' | 'script', message: string): void {
    const lines = message.split('\n').slice(0, MOST_LINES).map(printable);
    this.#line.end(`${WORDS[what]}: ${lines.join('\n')}`);
  }

  /** Nothing more is told. */
  end(): void {
    this.#line.end();
  }
}

const WORDS = {
  failed: 'a player did not join',
  lost: 'a player was lost',
  script: 'the script threw in',
} as const;
/** A second less than five: samples come a little late at times. */
const PLAIN_MS = 4500;
const MOST_LINES = 5;
