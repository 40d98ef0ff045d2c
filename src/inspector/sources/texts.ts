/** Texts for the page of what strangers and applications have put somewhere. */
import { Dictionary, type VariantInput, varToStr } from '../../../codec/index.ts';

/** One line, cut. */
export function oneLine(text: string, limit = 500): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

/** What an application keeps of a player, in Godot's notation or as JSON; empty for nothing. */
export function dataText(data: unknown, limit = 10_000): string {
  if (data === undefined || data === null) return '';
  if ((data instanceof Dictionary || data instanceof Map) && data.size === 0) return '';
  const text = data instanceof Dictionary ? godotText(data) : jsonText(data);
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

function godotText(data: unknown): string {
  try {
    return varToStr(data as VariantInput);
  } catch (error) {
    // A Dictionary may hold what is no value of Godot.
    return `(${error instanceof Error ? error.message : String(error)})`;
  }
}

function jsonText(data: unknown): string {
  let left = MAX_PARTS;
  const plain = (_key: string, value: unknown): unknown => {
    if (--left < 0) return undefined;
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Map) return Object.fromEntries(value);
    if (value instanceof Set) return [...value];
    return value;
  };
  try {
    return JSON.stringify(data, plain, 2) ?? String(data);
  } catch (error) {
    // Circles, and getters that throw.
    return `(${error instanceof Error ? error.message : String(error)})`;
  }
}

const MAX_PARTS = 2000;
