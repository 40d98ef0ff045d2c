/** What Godot's strings cannot hold. */

/**
 * A text as an engine string would hold it (variant-codec section 4): U+0000 and lone surrogates are replaced.
 *
 * @param text - Any JavaScript string.
 * @returns The same text with U+FFFD in place of each of them.
 */
export function toEngineString(text: string): string {
  return text.replace(UNHOLDABLE, REPLACEMENT);
}

const REPLACEMENT = '\ufffd';
// With the `u` flag a surrogate class matches only surrogates that are not part of a pair.
const UNHOLDABLE = /[\0\p{Surrogate}]/gu;
