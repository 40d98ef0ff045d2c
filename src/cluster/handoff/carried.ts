/** Plain values of JavaScript as Variants, and back the same: what games keep in `Player.data`, and give to `Room.onSnapshot`. */
import { TypedArray, type VariantInput, variantTypeOf } from '../../../codec/index.ts';
import { describe } from '../../../options/internal.ts';

/**
 * A value as a Variant that {@link unpack} makes the same value of: `null`, `undefined`, booleans, numbers, bigints, strings, arrays, plain
 * objects, Map, Set, and what the codec has types for.
 *
 * @param where what it is called in errors.
 * @throws TypeError naming the place of anything else, and of what is nested deeper than 64.
 */
export function pack(value: unknown, where: string, depth: number = 0): VariantInput {
  if (depth > MOST_DEPTH) throw new TypeError(`${where} is nested deeper than ${MOST_DEPTH}`);
  if (value === undefined) return [Tag.UNDEFINED];
  if (typeof value === 'bigint') return [Tag.BIGINT, String(value)];
  if (value instanceof TypedArray) return value as VariantInput;
  const inside = (item: unknown, at: string): VariantInput => pack(item, `${where}${at}`, depth + 1);
  if (Array.isArray(value)) return [Tag.ARRAY, ...value.map((item, i) => inside(item, `[${i}]`))];
  if (value instanceof Set) return [Tag.SET, ...[...value].map((item, i) => inside(item, `{${i}}`))];
  if (value instanceof Map && Object.getPrototypeOf(value) === Map.prototype)
    return [Tag.MAP, ...[...value].flat().map((item, i) => inside(item, `{${i >> 1}}`))];
  if (isPlain(value))
    return [Tag.OBJECT, ...Object.entries(value).flatMap(([key, item]) => [key, inside(item, `.${key}`)])];
  if (typeof value === 'object' && value !== null && variantTypeOf(value as VariantInput) === undefined)
    throw new TypeError(`${where} expected a plain value or a Variant, got ${describe(value)}`);
  if (!['boolean', 'number', 'string', 'object'].includes(typeof value))
    throw new TypeError(`${where} expected a plain value or a Variant, got ${describe(value)}`);
  return value as VariantInput;
}

/** What {@link pack} has packed. Objects have no prototype. @throws TypeError for what it never makes. */
export function unpack(value: unknown): unknown {
  if (!Array.isArray(value) || value instanceof TypedArray) return value;
  const [tag, ...items] = value as readonly unknown[];
  switch (tag) {
    case Tag.ARRAY:
      return items.map(unpack);
    case Tag.SET:
      return new Set(items.map(unpack));
    case Tag.MAP:
      return new Map(pairs(items).map(([key, item]) => [unpack(key), unpack(item)]));
    case Tag.OBJECT: {
      const made: Record<string, unknown> = Object.create(null);
      for (const [key, item] of pairs(items)) if (typeof key === 'string') made[key] = unpack(item);
      return made;
    }
    case Tag.UNDEFINED:
      return undefined;
    case Tag.BIGINT:
      if (typeof items[0] === 'string' && /^-?\d{1,400}$/.test(items[0])) return BigInt(items[0]);
      break;
  }
  throw new TypeError(`a packed value expected a known tag, got ${describe(tag)}`);
}

function pairs(items: readonly unknown[]): [key: unknown, value: unknown][] {
  const made: [unknown, unknown][] = [];
  for (let i = 0; i + 1 < items.length; i += 2) made.push([items[i], items[i + 1]]);
  return made;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What the first item of an array says of the others. */
const Tag = { ARRAY: 0, OBJECT: 1, MAP: 2, SET: 3, UNDEFINED: 4, BIGINT: 5 } as const;
const MOST_DEPTH = 64;
