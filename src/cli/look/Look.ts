/** How the commands look: the same styles in all of them, and only where somebody looks. */

/** What a piece of text is. */
export type Style = 'title' | 'name' | 'good' | 'bad' | 'warning' | 'dim';

/** A piece of each line, and what it is. The first rule that matches a character decides. */
export type Rule = readonly [pattern: RegExp, style: Style];

/** Where a text goes: a stream of the process. */
export interface LookedAt {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
}

/** Styles on one stream. */
export class Look {
  readonly #hasColours: boolean;

  /** @param hasColours - See {@link hasColours}. */
  constructor(hasColours: boolean) {
    this.#hasColours = hasColours;
  }

  /** A text in a style; as it is where there are no colours. It has no line ends. */
  paint(style: Style, text: string): string {
    return this.#hasColours && text !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  }

  /** Lines with the pieces that rules find in their styles. What is captured has to be printable already. */
  highlight(text: string, rules: readonly Rule[]): string {
    if (!this.#hasColours) return text;
    return text
      .split('\n')
      .map((line) => this.#line(line, rules))
      .join('\n');
  }

  #line(line: string, rules: readonly Rule[]): string {
    const styles: (Style | undefined)[] = Array.from({ length: line.length });
    for (const [pattern, style] of rules) {
      for (const { index, 0: found } of line.matchAll(globalOf(pattern)))
        for (let at = index; at < index + found.length; at++) styles[at] ??= style;
    }
    let out = '';
    for (let at = 0; at < line.length; ) {
      let end = at + 1;
      while (end < line.length && styles[end] === styles[at]) end++;
      const style = styles[at];
      const piece = line.slice(at, end);
      out += style === undefined ? piece : this.paint(style, piece);
      at = end;
    }
    return out;
  }
}

/**
 * Whether a stream gets colours: a terminal does, unless it is a dumb one or `NO_COLOR` is set. `FORCE_COLOR` decides before all
 * of that: `0` and `false` mean none, anything else means colours, also in a file.
 */
export function hasColours({ isTTY }: LookedAt, env: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTTY === true && terminal !== 'dumb' && (none === undefined || none === '');
}

function globalOf(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
}

/** Numbers of SGR: those of the 16 colours that a terminal's theme chooses. */
const CODES: Readonly<Record<Style, string>> = {
  title: '1',
  name: '36',
  good: '32',
  bad: '31',
  warning: '33',
  dim: '2',
};
