/** What a server or a client tells about itself: lines for a human, and errors of the application's code. */
import { StartWarning } from '../godot/internal.ts';
import type { Runtime } from '../runtime/index.ts';
import { type CommonOptions, safeTrace } from './options.ts';
import type { ErrorReporter } from './signals.ts';

/** See the head of this file. Nothing of it throws. */
export class Journal {
  /** Takes what the application's code threw. */
  readonly report: ErrorReporter;
  /** Takes the explanation of a refused call. */
  readonly trace: (line: string) => void;
  readonly #startWarning: StartWarning;

  /** @param className what a failed start is called in the warning that nobody else gave. */
  constructor(options: CommonOptions, runtime: Runtime, className: string, report: ErrorReporter) {
    const warning = new StartWarning(runtime, className, options.onTrace !== undefined);
    const trace = safeTrace(options, report);
    this.report = report;
    this.#startWarning = warning;
    this.trace = (line) => {
      warning.explain(line);
      trace(line);
    };
  }

  /** Notes the result of a start, which the last line explains. @returns it. */
  checkStart(call: string, error: number): number {
    return this.#startWarning.check(call, error);
  }
}
