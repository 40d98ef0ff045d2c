/**
 * A start that failed and whose error number nobody seems to have looked at. Whether somebody did cannot be observed, so the
 * rule is: nobody listens to `onTrace`, and when the turn is over no later start of the same object has gone well. Who throws
 * or exits because of the number is not warned, and who tries another port at once is not either.
 */
import type { Runtime, Timer } from '../runtime/index.ts';
import { GodotError, godotErrorName } from './errors.ts';

/** Watches the starts of one object. */
export class StartWarning {
  readonly #runtime: Runtime;
  readonly #isTold: boolean;
  readonly #className: string;
  #timer: Timer | undefined;
  /** What the failed call said about itself. */
  #reason = '';

  /** @param isTold whether somebody gets trace lines, who knows without a warning. */
  constructor(runtime: Runtime, className: string, isTold: boolean) {
    this.#runtime = runtime;
    this.#className = className;
    this.#isTold = isTold;
  }

  /** Notes a trace line: the last one before a failure explains it. */
  explain(line: string): void {
    this.#reason = line;
  }

  /** Notes the result of a start. @returns it. */
  check<Result extends number>(call: string, error: Result): Result {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (error === GodotError.OK || this.#isTold || this.#runtime.warn === undefined) return error;
    const name = godotErrorName(error as GodotError);
    const reason = this.#reason === '' ? '' : `: ${this.#reason}`;
    const message = `${this.#className}.${call}() failed and returned ${error} (${name})${reason}. Look at what it returns, or give the option onTrace`;
    this.#timer = this.#runtime.startTimer(0, () => this.#runtime.warn?.(START_FAILED, message));
    return error;
  }
}

/** The code of the warning: `node --disable-warning=GODOT_ENET_START_FAILED` silences it. */
const START_FAILED = 'GODOT_ENET_START_FAILED';
