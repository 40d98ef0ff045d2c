/** Escaping of the text formats (docs/protocol/variant-codec 9.3). */

/**
 * Godot's full escaping (`String.c_escape`): backslash, the seven named control characters and both quotes.
 *
 * @param text - Any text.
 * @returns The text with `\\ \a \b \f \n \r \t \v \' \"` in place of those characters; everything else raw.
 */
export function escapeFully(text: string): string {
  return text.replace(SPECIAL, (character) => ESCAPED.get(character) ?? character);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped here.
const SPECIAL = /[\\\u0007\b\f\n\r\t\v'"]/g;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ["'", "\\'"],
  ['"', '\\"'],
]);
