/** Tells how something long goes on: one line that changes on a terminal, a line now and then elsewhere. */

/** Where it goes. */
export interface TellerOutput {
  /** How wide a terminal is, on which lines can be overwritten; `undefined` for none. */
  readonly columns: number | undefined;
  /** Writes a text as it is. */
  readonly tell: (text: string) => void;
}

/** The line. */
export class ProgressLine {
  readonly #output: TellerOutput;
  readonly #plainMs: number;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #hasLine = false;

  /** @param plainMs - How long nothing is told where lines stay; `Infinity`: ever. */
  constructor(output: TellerOutput, plainMs: number) {
    this.#output = output;
    this.#plainMs = plainMs;
  }

  /** How it goes on, at a time in milliseconds. */
  show(line: string, atMs: number): void {
    const { columns } = this.#output;
    if (columns !== undefined) {
      // What is wider would go on in a line that is not overwritten.
      this.#output.tell(`${ERASE}${line.slice(0, columns - 1)}`);
      this.#hasLine = true;
    } else if (atMs - this.#toldAtMs >= this.#plainMs && this.#plainMs !== Number.POSITIVE_INFINITY) {
      this.#toldAtMs = atMs;
      this.#output.tell(`${line}\n`);
    }
  }

  /** A line that stays; without one nothing does. */
  end(text = ''): void {
    if (this.#hasLine) this.#output.tell(ERASE);
    this.#hasLine = false;
    if (text !== '') this.#output.tell(`${text}\n`);
  }
}

/** The standard error, when lines on it can be overwritten. */
export function standardError(): TellerOutput {
  return {
    columns: process.stderr.isTTY ? process.stderr.columns : undefined,
    tell: (text) => process.stderr.write(text),
  };
}

/** To the start of the line, and nothing behind it. */
const ERASE = '\r\u001b[K';
