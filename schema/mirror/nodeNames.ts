/**
 * Godot's rules for node names: which characters they may have, and how duplicates are numbered. Not from the spec or the
 * golden files, but from knowledge of the engine.
 */
import { ownText } from '../values/ownVariant.ts';

/** The characters that no node name may have; `@` starts the names that the engine makes up. */
const INVALID = /[.:@/"%]/g;

/**
 * Godot's `String.validate_node_name`: every invalid character (`. : @ / " %`) becomes `_`.
 *
 * @throws TypeError for no text, RangeError for an empty one or one with U+0000.
 */
export function validNodeName(name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`"name" expected a string, got ${typeof name}`);
  if (name === '') throw new RangeError('"name" expected a text that is not empty');
  if (name.includes('\0')) throw new RangeError('"name" expected a text without U+0000');
  return ownText(name).replace(INVALID, '_');
}

/**
 * The name that the engine gives a node whose name is taken and shall stay readable (`add_child(node, true)`, renaming):
 * the number at the end counts up, a name without one goes on with 2.
 */
export function numberedName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  const digits = /\d*$/.exec(name)?.[0] ?? '';
  const base = name.slice(0, name.length - digits.length);
  // The engine's counter has 64 bits; a number beyond that is part of the name here.
  let number = digits.length > 0 && digits.length < 16 ? Number(digits) : 0;
  const stem = digits.length < 16 ? base : name;
  const isZero = digits.length > 0 && digits.length < 16 && number === 0;
  for (;;) {
    const attempt = number > 0 || isZero ? `${stem}${number}` : stem;
    if (!isTaken(attempt)) return attempt;
    if (number === 0) number = isZero ? 1 : 2;
    else number++;
  }
}
