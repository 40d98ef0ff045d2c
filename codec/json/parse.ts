/** Godot's JSON parser (docs/protocol/variant-codec 8.1). No recursion: depth costs no stack. */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { float } from '../values/Float.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { DEFAULT_CODEC_LIMITS, flag, limit } from '../variant/options.ts';
import { JsonScanner } from './tokens.ts';

/** How {@link parseJson} reads. */
export interface JsonParseOptions {
  /** `true`: numbers come as tagged `Float`s, so that they encode as FLOAT again. Default `false`: as JS numbers. */
  readonly exact?: boolean | undefined;
  /** Deepest level at which a value may lie, the top one being 0. Default and most: 1024, as in the engine. */
  readonly maxDepth?: number | undefined;
  /** The most array elements, keys and values in one text. Default 1,000,000; the engine has no such limit. */
  readonly maxElements?: number | undefined;
  /**
   * `'object'`: objects become plain ones with a null prototype (integer-like keys come first there, as always in
   * JavaScript). Default `'map'`: `Dictionary`.
   */
  readonly dictionaries?: 'map' | 'object' | undefined;
}

/** The engine's recursion limit. */
export const JSON_MAX_DEPTH: number = 1024;

/**
 * Reads a JSON text as Godot's `JSON.parse` does.
 *
 * Every number becomes a FLOAT, an object becomes an untyped `Dictionary` with String keys in order of appearance (a
 * repeated key keeps its place and takes the last value), an array becomes an array. One trailing comma, leading zeros
 * and raw control characters in strings are accepted; comments, `NaN` and empty texts are not.
 *
 * @param text - The JSON text. NUL and lone surrogates in it count as U+FFFD.
 * @param options - View of the numbers and depth limit.
 * @returns The value.
 * @throws JsonError when Godot would refuse the text.
 * @throws TypeError when `text` is no string.
 * @throws RangeError for a `maxDepth` that is no integer from 0 to 1024, or a `maxElements` that is no integer from 0.
 */
export function parseJson(text: string, options: JsonParseOptions = {}): VariantValue {
  if (typeof text !== 'string') throw new TypeError(`"text" expected a string, got ${typeof text}`);
  checkOptions(options, OPTION_NAMES);
  const maxDepth = limit('maxDepth', options.maxDepth, JSON_MAX_DEPTH, JSON_MAX_DEPTH);
  let elementsLeft = limit(
    'maxElements',
    options.maxElements,
    DEFAULT_CODEC_LIMITS.maxElements,
    Number.MAX_SAFE_INTEGER,
  );
  const isExact = flag('exact', options.exact, false);
  const asObjects = options.dictionaries === 'object';
  const scanner = new JsonScanner(text);
  const stack: Frame[] = [];
  scanner.next();
  for (;;) {
    // The scanner stands on the first token of a value.
    if (stack.length > maxDepth) {
      throw scanner.error('JSON structure is too deep', scanner.start, 'ERR_JSON_TOO_DEEP');
    }
    let value: VariantValue;
    if (scanner.kind === '[' || scanner.kind === '{') {
      const frame: Frame =
        scanner.kind === '['
          ? { array: [], dictionary: undefined, key: '' }
          : { array: undefined, dictionary: new Dictionary(), key: '' };
      scanner.next();
      if (!closes(scanner, frame)) {
        if (frame.dictionary !== undefined) readKey(scanner, frame);
        stack.push(frame);
        continue;
      }
      value = finished(frame, asObjects);
    } else {
      value = scalar(scanner, isExact);
    }

    // Hand the finished value upward until a container wants another one.
    for (;;) {
      const frame = stack.at(-1);
      scanner.next();
      if (frame === undefined) {
        if (scanner.kind !== 'end') throw scanner.error("Expected 'EOF'");
        return value;
      }
      elementsLeft -= frame.dictionary === undefined ? 1 : 2;
      if (elementsLeft < 0) {
        throw scanner.error('More elements than allowed', scanner.start, 'ERR_JSON_TOO_LARGE');
      }
      if (frame.dictionary !== undefined) frame.dictionary.set(frame.key, value);
      else frame.array.push(value);
      if (!closes(scanner, frame)) {
        if (scanner.kind !== ',') {
          throw scanner.error(frame.dictionary === undefined ? "Expected ','" : "Expected '}' or ','");
        }
        scanner.next();
        if (!closes(scanner, frame)) {
          if (frame.dictionary !== undefined) readKey(scanner, frame);
          break;
        }
      }
      value = finished(frame, asObjects);
      stack.pop();
    }
  }
}

/** An open container. */
type Frame =
  | { readonly array: VariantValue[]; readonly dictionary: undefined; key: string }
  | { readonly array: undefined; readonly dictionary: Dictionary<VariantValue, VariantValue>; key: string };

function finished(frame: Frame, asObjects: boolean): VariantValue {
  if (frame.dictionary === undefined) return frame.array;
  if (!asObjects) return frame.dictionary;
  const object: Record<string, VariantValue> = Object.create(null);
  for (const [key, value] of frame.dictionary) if (typeof key === 'string') object[key] = value;
  return object;
}

/** Whether the current token closes the container; a comma before it is allowed. */
function closes(scanner: JsonScanner, frame: Frame): boolean {
  if (scanner.kind === 'end') {
    throw scanner.error(frame.dictionary === undefined ? "Expected ']'" : "Expected '}'");
  }
  return scanner.kind === (frame.dictionary === undefined ? ']' : '}');
}

/** From the key to the first token of its value. */
function readKey(scanner: JsonScanner, frame: Frame): void {
  if (scanner.kind !== 'string') throw scanner.error('Expected key');
  frame.key = scanner.text;
  if (scanner.next() !== ':') throw scanner.error("Expected ':'");
  scanner.next();
}

function scalar(scanner: JsonScanner, isExact: boolean): VariantValue {
  switch (scanner.kind) {
    case 'string':
      return scanner.text;
    case 'number':
      return isExact ? float(scanner.number) : scanner.number;
    case 'word':
      if (scanner.text === 'true') return true;
      if (scanner.text === 'false') return false;
      if (scanner.text === 'null') return null;
      throw scanner.error(`Expected 'true', 'false', or 'null', got '${scanner.text.slice(0, 32)}'`);
    case 'end':
      throw scanner.error('Unexpected end of the text');
    default:
      throw scanner.error(`Unexpected '${scanner.kind}'`);
  }
}

const OPTION_NAMES: OptionNames<JsonParseOptions> = {
  exact: true,
  maxDepth: true,
  maxElements: true,
  dictionaries: true,
};
