/** Received Dictionaries as plain objects, as schemas and typed handlers expect them. */
import { Dictionary, StringName, type VariantValue } from '../../codec/index.ts';
import type { ReceivedDictionary } from './packets.ts';

/** A payload as a plain object, or why there is none. */
export type PlainPayload = { readonly object: Record<string, unknown> } | { readonly message: string };

/**
 * Turns a payload, and everything in it, into objects with a null prototype and arrays; other values stay as they are.
 * Keys become texts: a key that is none, two that are spelled alike, and `__proto__` are refused. Never throws.
 */
export function plainPayload(payload: ReceivedDictionary): PlainPayload {
  try {
    return { object: plainObject(payload) };
  } catch (error) {
    return { message: error instanceof Error ? error.message : 'it cannot be read' };
  }
}

function plainObject(dictionary: ReceivedDictionary): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of dictionary) {
    const name = keyText(key);
    if (name === undefined) throw new TypeError('a key is no text and no integer');
    if (name === '__proto__') throw new TypeError('a key is __proto__');
    if (name in object) throw new TypeError(`two keys are spelled ${JSON.stringify(name.slice(0, 40))}`);
    object[name] = plainValue(value);
  }
  return object;
}

function plainValue(value: VariantValue): unknown {
  if (value instanceof Dictionary) return plainObject(value);
  // Subclasses of Array, such as typed arrays of Godot, lose nothing but their declared type.
  if (Array.isArray(value)) return Array.from(value, plainValue);
  return value;
}

function keyText(key: VariantValue): string | undefined {
  if (typeof key === 'string') return key;
  if (key instanceof StringName) return key.value;
  if (typeof key === 'bigint' || Number.isInteger(key)) return String(key);
  return undefined;
}
