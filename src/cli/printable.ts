/** Keeps what was captured from talking to the terminal. */

/** Control characters, and those that reorder text, in visible form: `\\u{1b}`. */
export function printable(text: string): string {
  return escapeUnprintable(text, (code) => `\\u{${code.toString(16)}}`);
}

/** Replaces unprintable characters; all of them have codes of four hexadecimal digits at most. */
export function escapeUnprintable(text: string, escaped: (code: number) => string): string {
  return text.replace(UNPRINTABLE, (character) => escaped(character.charCodeAt(0)));
}

/** C0 and C1 controls, line separators, marks that change the direction of text, and lone surrogates. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;
