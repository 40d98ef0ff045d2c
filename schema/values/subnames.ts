/** Parts of values by name, as in `position:x` (Godot's `get_indexed` and `set_indexed`). */

import { Dictionary, Float } from '../../codec/index.ts';
import { mathParts } from '../../codec/internal.ts';
import type { NodeValue } from './ownVariant.ts';
import { shown } from './shown.ts';

/** A component of a vector, matrix, rectangle or color, or an entry of a Dictionary; `undefined` if there is none. */
export function field(value: NodeValue | undefined, name: string): NodeValue | undefined {
  if (value instanceof Dictionary) return value.get(name);
  if (typeof value !== 'object' || value === null || mathParts(value) === undefined) return undefined;
  return Object.hasOwn(value, name) ? (Reflect.get(value, name) as NodeValue) : undefined;
}

/**
 * The value with another part.
 * @throws RangeError when it has no such part.
 */
export function withField(value: NodeValue | undefined, path: readonly string[], part: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return part;
  const inner = withField(field(value, name), rest, part);
  if (value instanceof Dictionary) return new Dictionary(value, value).set(name, inner as NodeValue);
  if (field(value, name) === undefined || typeof value !== 'object' || value === null) {
    throw new RangeError(`"path" expected a part of the value, got ${shown(name)}`);
  }
  // The classes of math values take their fields in the order in which they declare them.
  const fields = Object.keys(value).map((key) =>
    key === name ? component(inner, name) : Reflect.get(value, key),
  );
  return Reflect.construct(value.constructor as new (...args: unknown[]) => object, fields);
}

/** A number where a component is expected. */
function component(value: unknown, name: string): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Float) return Number(value);
  if (typeof value === 'object' && value !== null && mathParts(value) !== undefined) return value;
  throw new TypeError(`"${name}" expected a number, got ${shown(value)}`);
}
