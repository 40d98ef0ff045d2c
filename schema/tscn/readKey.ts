/** The keys of `key = value` lines in Godot's text files. */
import type { TextScanner } from '../../codec/internal.ts';

/**
 * Reads a key and its `=`.
 *
 * @param issue - Hears of what is not taken as written.
 * @returns `undefined` before a heading and at the end; the scanner stands there.
 */
export function readKey(
  scanner: TextScanner,
  issue: (message: string, offset: number) => void,
): string | undefined {
  const { source } = scanner;
  scanner.skipBlank();
  const start = scanner.at;
  if (start >= source.length || source.charAt(start) === '[') return undefined;
  let key = '';
  let end = start;
  for (;;) {
    scanner.skipBlank();
    if (scanner.at >= source.length) {
      // The engine takes what is left for the end of the file.
      issue('text behind the last value is ignored', start);
      return undefined;
    }
    if (source.charAt(scanner.at) === '"') {
      scanner.next();
      key = scanner.text;
    } else if (source.charAt(scanner.at) === '=') break;
    else {
      if (key !== '' && source.slice(end, scanner.at).includes('\n')) {
        issue('a key goes over several lines: the line break is left out', start);
      }
      const from = scanner.at;
      while (scanner.at < source.length && isKeyCharacter(source.charCodeAt(scanner.at))) scanner.at++;
      key += source.slice(from, scanner.at);
    }
    end = scanner.at;
  }
  scanner.at++;
  return key;
}

/** What unquoted keys are made of: everything but blanks, `=`, `"` and `;`. */
function isKeyCharacter(code: number): boolean {
  return code > 0x20 && code !== 0x3d && code !== 0x22 && code !== 0x3b;
}
