/** Text of somebody else in lines of ours. */
import { describe } from '../godot/internal.ts';

/**
 * In quotes, shortened, and fit for one line of a log: nothing of it can end the line or the quotes, talk to a terminal or reorder what
 * is around it.
 */
export function quoted(text: string | undefined): string {
  return describe(text ?? '').replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
