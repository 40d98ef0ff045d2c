/** A value as a tree: each part with its type, in Godot's notation. Bounded in depth and number. */
import {
  Dictionary,
  TypedArray,
  type VariantInput,
  type VariantValue,
  valueToStr,
  variantTypeOf,
  variantTypeString,
  varToStr,
} from '../../../codec/index.ts';
import type { ValueDetails } from '../protocol.ts';

/** @param name of the value in what holds it. */
export function valueDetails(value: VariantValue, name?: string, depth = 0): ValueDetails {
  const named = name === undefined ? {} : { name };
  const entries = entriesOf(value);
  if (entries === undefined || depth >= MAX_DEPTH)
    return { ...named, type: typeOf(value), text: valueText(value) };
  const items: ValueDetails[] = [];
  for (const [key, item] of entries) {
    if (items.length >= MAX_ITEMS) break;
    items.push(valueDetails(item, key, depth + 1));
  }
  const size = value instanceof Dictionary ? value.size : (value as { readonly length: number }).length;
  return { ...named, type: typeOf(value), items, ...(size > items.length && { left: size - items.length }) };
}

/** In Godot's notation, cut. */
export function valueText(value: unknown, limit: number = MAX_TEXT): string {
  let text: string;
  try {
    text = varToStr(value as VariantInput);
  } catch (error) {
    // What an application has put somewhere may be no value at all.
    text = `(${error instanceof Error ? error.message : String(error)})`;
  }
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** The name of the type of Variant, of typed arrays with that of their items. */
export function typeOf(value: unknown): string {
  const id = variantTypeOf(value as VariantInput);
  const type = id === undefined ? undefined : variantTypeString(id);
  // An application may have put something somewhere that Godot has no type for.
  if (type === undefined) return typeof value;
  return value instanceof TypedArray ? `${type}[${value.elementType.toString()}]` : type;
}

function* dictionaryEntries(value: Dictionary): Iterable<[string, VariantValue]> {
  // What was decoded holds values alone.
  for (const [key, item] of value) yield [keyText(key), item as VariantValue];
}

function* arrayEntries(value: Iterable<VariantValue>): Iterable<[string, VariantValue]> {
  let index = 0;
  for (const item of value) yield [String(index++), item];
}

function entriesOf(value: VariantValue): Iterable<[string, VariantValue]> | undefined {
  if (value instanceof Dictionary) return dictionaryEntries(value);
  if (Array.isArray(value) || value instanceof TypedArray) return arrayEntries(value);
  return undefined;
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : valueToStr(key as VariantInput);
}

const MAX_DEPTH = 8;
const MAX_ITEMS = 200;
const MAX_TEXT = 2000;
