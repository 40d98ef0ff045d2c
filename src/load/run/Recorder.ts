/** What the players of a run have told. */
import { Histogram } from '../statistics/histogram.ts';
import { Measures } from '../statistics/measures.ts';
import { Problems } from '../statistics/problems.ts';

/** Collects it. */
export class Recorder {
  /** Round trips of the transport: of the whole run, of this stage, and since the last sample. */
  readonly roundTrips: Histogram = new Histogram();
  readonly stageRoundTrips: Histogram = new Histogram();
  readonly recentRoundTrips: Histogram = new Histogram();
  /** How long players took to join. */
  readonly joining: Histogram = new Histogram();
  /** Players that did not join. */
  readonly failures: Problems = new Problems();
  /** Players whose connection ended by itself. */
  readonly losses: Problems = new Problems();
  /** What the script threw. */
  readonly scriptErrors: Problems = new Problems();
  /** What the script measured and counted. */
  readonly measures: Measures = new Measures();
  readonly #onProblem: (what: 'failed' | 'lost' | 'script', message: string) => void;

  /** @param onProblem hears of the first problem of each kind. */
  constructor(onProblem: (what: 'failed' | 'lost' | 'script', message: string) => void) {
    this.#onProblem = onProblem;
  }

  /** A round trip of the transport. */
  roundTrip(ms: number): void {
    this.roundTrips.add(ms);
    this.stageRoundTrips.add(ms);
    this.recentRoundTrips.add(ms);
  }

  /** A player has joined, and took so long. */
  joined(ms: number): void {
    this.joining.add(ms);
  }

  /** A player did not join. */
  failed(reason: string): void {
    if (this.failures.add('join', reason)) this.#onProblem('failed', reason);
  }

  /** A player has lost its connection. */
  lost(reason: string): void {
    if (this.losses.add('connection', reason)) this.#onProblem('lost', reason);
  }

  /** The script threw something. */
  threw(where: string, error: unknown): void {
    if (this.scriptErrors.add(where, error)) {
      const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
      this.#onProblem('script', `${where}: ${text}`);
    }
  }
}
