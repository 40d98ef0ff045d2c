/** Godot's `JSON` class, its static methods (docs/protocol/variant-codec 8). */
import type { VariantInput, VariantValue } from '../values/variantValue.ts';
import { type FromNativeOptions, fromNative } from './fromNative.ts';
import { JsonError } from './JsonError.ts';
import { type JsonParseOptions, parseJson } from './parse.ts';
import { type StringifyOptions, stringifyJson } from './stringify.ts';
import { type ToNativeOptions, toNative } from './toNative.ts';

/** Godot's `JSON`. The functions behind it are exported under their own names too. */
export interface GodotJSONApi {
  /**
   * Godot's `JSON.parse_string`: the value of a JSON text.
   *
   * @param text - The JSON text.
   * @param options - View of the numbers and depth limit.
   * @returns The value, or null when the text is not JSON (use {@link parseJson} to learn why).
   */
  parseString(text: string, options?: JsonParseOptions): VariantValue;
  /** Godot's `JSON.stringify`; see {@link stringifyJson}. */
  stringify(
    data: VariantInput,
    indent?: string | StringifyOptions,
    sortKeys?: boolean,
    fullPrecision?: boolean,
  ): string;
  /** Godot's `JSON.from_native`; see {@link fromNative}. */
  fromNative(
    variant: VariantInput,
    fullObjects?: boolean | FromNativeOptions,
    options?: FromNativeOptions,
  ): VariantValue;
  /** Godot's `JSON.to_native`; see {@link toNative}. */
  toNative(
    json: VariantInput,
    allowObjects?: boolean | ToNativeOptions,
    options?: ToNativeOptions,
  ): VariantValue;
}

/** Godot's `JSON` by the names of its static methods. */
export const GodotJSON: GodotJSONApi = {
  parseString(text: string, options: JsonParseOptions = {}): VariantValue {
    try {
      return parseJson(text, options);
    } catch (error) {
      if (error instanceof JsonError) return null;
      throw error;
    }
  },
  stringify: stringifyJson,
  fromNative,
  toNative,
};
