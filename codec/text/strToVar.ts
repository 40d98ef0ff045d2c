/** Godot's `str_to_var` (docs/protocol/variant-codec 9.4). */
import { isStackOverflow, STACK_MESSAGE } from '../errors.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { TextParser } from './parser.ts';
import { resolveTextOptions, type TextReadOptions } from './readOptions.ts';

/** How {@link strToVar} reads; every option may be left out. */
export type StrToVarOptions = Omit<TextReadOptions, 'isFile'>;

/**
 * Reads a value from text as Godot's `str_to_var` does: what `var_to_str` writes, the older notations that the engine still
 * reads, and colors such as `#f00`. Whatever follows the first value is ignored, as in the engine.
 *
 * Nothing is instantiated or loaded: objects become `GodotObject`s, resources `TextResource`s or what the option `resource`
 * gives. A name in `Array[Name]` that is no Variant type counts as a class.
 *
 * @param text - The text.
 * @param options - View of numbers, precision, limits and hooks.
 * @returns The value.
 * @throws TextError for a text that the engine refuses (there `str_to_var` gives null) or that is beyond a limit; TypeError or
 *   RangeError for a bad argument.
 */
export function strToVar(text: string, options: StrToVarOptions = {}): VariantValue {
  // Spreading would make an empty object of a boolean.
  resolveTextOptions(options);
  const parser = new TextParser(text, { ...options, isFile: false });
  try {
    return parser.next();
  } catch (error) {
    if (isStackOverflow(error)) {
      throw parser.scanner.error(`The value is ${STACK_MESSAGE}`, undefined, 'ERR_TEXT_TOO_DEEP');
    }
    throw error;
  }
}
