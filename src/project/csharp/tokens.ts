/** C# as tokens, as far as declarations need them. One pass; comments, preprocessor lines and what is in strings are gone over. */
import type { SourcePlace } from '../issue.ts';

/** One token. */
export interface CSharpToken extends SourcePlace {
  /** What it is. */
  readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'end';
  /** As it is written; of strings, what is between the quotes, escapes as they are. */
  readonly text: string;
}

/** The tokens of a file; the last one is of the kind `end`. Never throws. */
export function tokenizeCSharp(source: string): CSharpToken[] {
  const tokens: CSharpToken[] = [];
  let line = 1;
  let lineStart = 0;
  const countLines = (from: number, to: number): void => {
    // Looked for in the token alone: to the end of the line it may be far.
    const text = source.slice(from, to);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      line++;
      lineStart = from + at + 1;
    }
  };
  for (let at = source.startsWith('\ufeff') ? 1 : 0; at < source.length; ) {
    const start = at;
    const place = { line, column: start - lineStart + 1 };
    PART.lastIndex = at;
    const found = PART.exec(source);
    if (found === null) {
      at = commentEnd(source, at) ?? stringEnd(source, at) ?? at + 1;
      if (source.startsWith('/*', start)) {
        // Nothing of it counts.
      } else if (at > start + 1 || /["']/.test(source.charAt(start)))
        tokens.push({ kind: 'string', text: contentOf(source.slice(start, at)), ...place });
      else tokens.push({ kind: 'symbol', text: source.charAt(start), ...place });
    } else {
      at += found[0].length;
      const { name, number } = found.groups ?? {};
      if (name !== undefined) tokens.push({ kind: 'name', text: name.replace('@', ''), ...place });
      else if (number !== undefined) tokens.push({ kind: 'number', text: number, ...place });
    }
    if (source.charCodeAt(start) === NEW_LINE || at > start + 1) countLines(start, at);
  }
  tokens.push({ kind: 'end', text: '', line, column: 1 });
  return tokens;
}

/** The index behind a comment of several lines that begins here. */
function commentEnd(source: string, start: number): number | undefined {
  if (!source.startsWith('/*', start)) return undefined;
  const end = source.indexOf('*/', start + 2);
  return end < 0 ? source.length : end + 2;
}

/** The index behind a string or character that begins here; `undefined` when none does. One without end goes to the end. */
function stringEnd(source: string, start: number): number | undefined {
  OPENING.lastIndex = start;
  const opening = OPENING.exec(source)?.[0];
  if (opening === undefined) return undefined;
  const quotes = /"+$/.exec(opening)?.[0] ?? '';
  const from = start + opening.length;
  if (quotes.length >= 3) {
    const end = source.indexOf(quotes, from);
    return end < 0 ? source.length : end + quotes.length;
  }
  const pattern = opening.includes('@') ? VERBATIM_REST : opening === "'" ? CHARACTER_REST : STRING_REST;
  pattern.lastIndex = from;
  return from + (pattern.exec(source)?.[0].length ?? 0);
}

function contentOf(text: string): string {
  return text.replace(/^[$@]*"+|^'|"+$|'$/g, '');
}

const NEW_LINE = 10;
/** Blanks and comments; names; numbers. */
const PART =
  /[ \t\r\n]+|\/\/[^\n]*|(?<name>@?[_\p{L}][\p{L}\p{Nd}_]*)|(?<number>\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[a-zA-Z\d]*)|#(?:region|endregion|if|elif|else|endif|nullable|pragma|define|undef|line|error|warning)\b[^\n]*/uy;
const OPENING = /[$@]*"{3,}|[$@]*"|'/y;
const STRING_REST = /[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"?/y;
const CHARACTER_REST = /[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'?/y;
const VERBATIM_REST = /[^"]*(?:""[^"]*)*"?/y;
