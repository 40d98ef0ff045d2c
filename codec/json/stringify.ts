/** Godot's `JSON.stringify` (docs/protocol/variant-codec 8.3). */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { EncodeError, GodotError, withStackErrors } from '../errors.ts';
import { floatToFullJson, floatToJson, nonFiniteToOldJson } from '../lexical/floatText.ts';
import { compareKeys } from '../lexical/keyOrder.ts';
import { sortKeys as sortPairs } from '../lexical/keySort.ts';
import { dictionaryEntries, holdsFloats, isInt, valueToStr } from '../lexical/valueText.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { Float } from '../values/Float.ts';
import { PackedStringArray } from '../values/packed.ts';
import { StringName } from '../values/StringName.ts';
import { TypedArray } from '../values/TypedArray.ts';
import type { VariantInput } from '../values/variantValue.ts';
import { type Dialect, flag, minorOf } from '../variant/options.ts';
import { JSON_MAX_DEPTH } from './parse.ts';

/** How {@link stringifyJson} writes; the names of Godot's arguments, with their defaults. */
export interface StringifyOptions {
  /** Put before every line once per level; empty (the default) writes everything on one line without spaces. */
  readonly indent?: string | undefined;
  /** Sort dictionary keys: texts by code point, other keys by type, then by value. Default true. */
  readonly sortKeys?: boolean | undefined;
  /** Write floats so that nothing is lost, as 4.6 does; otherwise (the default) about 15 digits. */
  readonly fullPrecision?: boolean | undefined;
  /**
   * Whose JSON. Before `'4.6'` infinities and NaN are `inf`, `-inf` and `nan`, which no parser takes, and an empty
   * dictionary with an indent is one line break shorter. Everything else is as in 4.6, the default.
   */
  readonly dialect?: Dialect | undefined;
}

/**
 * Writes a value as Godot's `JSON.stringify` does, arguments and defaults included.
 *
 * Infinities are `1e99999` and `-1e99999`, which every parser reads as infinite again; NaN is `null`. A vertical tab is
 * `\v`, which is not JSON and which Godot's parser refuses too. Types that JSON lacks become strings holding their `str()`
 * text; PackedByteArray and the packed vector and color arrays are among them.
 *
 * @param data - Any Variant. A safe integer number prints as int (`1`), other numbers and `float(1)` as float (`1.0`).
 * @param indent - Put before every line once per level; empty writes everything on one line without spaces. Or an object
 *   with all options.
 * @param sortKeys - Sort dictionary keys (the default): texts by code point, other keys by type, then by value.
 * @param fullPrecision - Write floats so that nothing is lost, as 4.6 does; otherwise about 15 digits.
 * @returns The text. Containers inside themselves print as `"[...]"` or `"{...}"`, values deeper than 1024 as `...`.
 * @throws EncodeError for a JavaScript value that is no Variant (`ERR_ENCODE_UNSUPPORTED`), or when the call stack has no
 *   room for the nesting (`ERR_ENCODE_DEPTH`).
 * @throws TypeError when an argument or option has another type; RangeError for an unknown dialect.
 */
export function stringifyJson(
  data: VariantInput,
  indent: string | StringifyOptions = '',
  sortKeys: boolean = true,
  fullPrecision: boolean = false,
): string {
  if (typeof indent !== 'string' && typeof indent !== 'object') {
    throw new TypeError(`"indent" expected a string or options, got ${typeof indent}`);
  }
  const options = typeof indent === 'string' ? { indent, sortKeys, fullPrecision } : indent;
  checkOptions(options, OPTION_NAMES);
  const writer = new Writer(options);
  withStackErrors(() => writer.value(data, false));
  return writer.parts.join('');
}

class Writer {
  readonly parts: string[] = [];
  readonly #indent: string;
  readonly #sortKeys: boolean;
  readonly #fullPrecision: boolean;
  /** Whether it writes as 4.5 and older. */
  readonly #isOld: boolean;
  readonly #ancestors = new Set<object>();

  constructor({ indent = '', sortKeys, fullPrecision, dialect }: StringifyOptions) {
    if (typeof indent !== 'string') throw new TypeError(`"indent" expected a string, got ${typeof indent}`);
    this.#indent = indent;
    this.#sortKeys = flag('sortKeys', sortKeys, true);
    this.#fullPrecision = flag('fullPrecision', fullPrecision, false);
    this.#isOld = minorOf(dialect) < 6;
  }

  /** `isFloat`: a bare number is a float because its container is declared so. */
  value(value: unknown, isFloat: boolean): void {
    if (this.#ancestors.size > JSON_MAX_DEPTH) {
      this.parts.push('...');
      return;
    }
    switch (typeof value) {
      case 'undefined':
        this.parts.push('null');
        return;
      case 'boolean':
        this.parts.push(value ? 'true' : 'false');
        return;
      case 'bigint':
        this.parts.push(value.toString());
        return;
      case 'number':
        this.parts.push(isInt(value) && !isFloat ? value.toString() : this.#float(value));
        return;
      case 'string':
        this.parts.push(quoteJson(value));
        return;
      case 'object':
        if (value === null) this.parts.push('null');
        else this.#object(value);
        return;
      default:
        throw new EncodeError('ERR_ENCODE_UNSUPPORTED', {
          path: '$',
          godotError: GodotError.ERR_INVALID_PARAMETER,
          message: `expected a Variant, got ${typeof value}`,
        });
    }
  }

  #object(value: object): void {
    if (value instanceof Float) {
      this.parts.push(this.#float(value.value));
    } else if (Array.isArray(value)) {
      this.#array(value, value, value instanceof TypedArray && holdsFloats(value.elementType));
    } else if (value instanceof PackedStringArray) {
      this.#array(value, value.values, false);
    } else if (value instanceof Int32Array || value instanceof BigInt64Array) {
      this.#array(value, value, false);
    } else if (value instanceof Float32Array || value instanceof Float64Array) {
      this.#array(value, value, true);
    } else {
      const entries = dictionaryEntries(value);
      // The cast is a type edge: valueToStr itself refuses objects that are no Variants.
      if (entries === undefined) this.parts.push(quoteJson(valueToStr(value as VariantInput)));
      else this.#dictionary(value, entries);
    }
  }

  #array(identity: object, elements: ArrayLike<unknown>, isFloat: boolean): void {
    if (elements.length === 0) {
      this.parts.push('[]');
      return;
    }
    if (this.#ancestors.has(identity)) {
      this.parts.push('"[...]"');
      return;
    }
    this.#ancestors.add(identity);
    this.parts.push('[');
    for (let i = 0; i < elements.length; i++) {
      if (i > 0) this.parts.push(',');
      this.#newLine();
      this.value(elements[i], isFloat);
    }
    this.#ancestors.delete(identity);
    this.#newLine();
    this.parts.push(']');
  }

  #dictionary(value: object, entries: Iterable<readonly [unknown, unknown]>): void {
    if (this.#ancestors.has(value)) {
      this.parts.push('"{...}"');
      return;
    }
    const pairs = [...entries];
    if (this.#sortKeys) sortPairs(pairs, (left, right) => compareKeys(left[0], right[0]));
    const hasFloatKeys = value instanceof Dictionary && holdsFloats(value.keyType);
    const hasFloatValues = value instanceof Dictionary && holdsFloats(value.valueType);
    // 8.3: an empty dictionary is `{`, when indenting an empty line, `}`.
    if (pairs.length === 0) {
      this.parts.push(this.#indent === '' ? '{}' : this.#isOld ? '{\n' : '{\n\n');
      if (this.#indent !== '') this.parts.push(this.#indent.repeat(this.#ancestors.size), '}');
      return;
    }
    this.#ancestors.add(value);
    this.parts.push('{');
    pairs.forEach(([key, item], index) => {
      if (index > 0) this.parts.push(',');
      this.#newLine();
      this.parts.push(quoteJson(keyText(key, hasFloatKeys)), this.#indent === '' ? ':' : ': ');
      this.value(item, hasFloatValues);
    });
    this.#ancestors.delete(value);
    this.#newLine();
    this.parts.push('}');
  }

  #newLine(): void {
    if (this.#indent !== '') this.parts.push('\n', this.#indent.repeat(this.#ancestors.size));
  }

  #float(value: number): string {
    if (this.#isOld && !Number.isFinite(value)) return nonFiniteToOldJson(value);
    return this.#fullPrecision ? floatToFullJson(value) : floatToJson(value);
  }
}

/** A key as text: what the engine's conversion to String gives. */
function keyText(key: unknown, isFloat: boolean): string {
  if (key instanceof StringName) return key.value;
  if (typeof key === 'number' && isFloat) return valueToStr(new Float(key));
  // The cast is a type edge: valueToStr itself refuses what is no Variant.
  return valueToStr(key as VariantInput);
}

function quoteJson(text: string): string {
  return `"${text.replace(SPECIAL, (character) => ESCAPED.get(character) ?? character)}"`;
}

const SPECIAL = /[\\\b\f\n\r\t\v"]/g;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
]);

const OPTION_NAMES: OptionNames<StringifyOptions> = {
  indent: true,
  sortKeys: true,
  fullPrecision: true,
  dialect: true,
};
