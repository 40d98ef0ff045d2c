/** The slow twin of Dictionary's key look-up: pairwise comparison by the table of variant-codec.md section 5. */

import {
  Callable,
  EncodedObjectAsID,
  Float,
  GodotObject,
  StringName,
  VariantType,
  variantTypeOf,
} from '../../codec/index.ts';

/** Whether two keys are one key. */
export function slowSameKey(a: unknown, b: unknown): boolean {
  if (a === b && !Object.is(a, 0) && !Object.is(a, -0)) return true;
  const left = variantTypeOf(a);
  const right = variantTypeOf(b);
  if (isText(left) && isText(right)) return textOf(a) === textOf(b);
  if (left !== right) return false;
  switch (left) {
    case VariantType.NIL:
      return true;
    case VariantType.BOOL:
      return a === b;
    case VariantType.INT:
      return BigInt(a as number | bigint) === BigInt(b as number | bigint);
    case VariantType.FLOAT:
      return sameFloat(numberOf(a), numberOf(b));
    case VariantType.OBJECT:
      return false;
    case VariantType.CALLABLE:
      return a instanceof Callable && b instanceof Callable;
    case VariantType.ARRAY:
      return sameList(a as readonly unknown[], b as readonly unknown[]);
    case VariantType.DICTIONARY: {
      const first = [...(a as ReadonlyMap<unknown, unknown>)];
      const second = [...(b as ReadonlyMap<unknown, unknown>)];
      return (
        first.length === second.length &&
        first.every(([key, value], index) => {
          const [otherKey, otherValue] = second[index] ?? [];
          return slowSameKey(key, otherKey) && sameElement(value, otherValue);
        })
      );
    }
    default:
      // Vectors, paths, packed arrays: component by component.
      return sameParts(a, b);
  }
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((element, index) => sameElement(element, b[index]));
}

/** Inside containers a bare NaN equals nothing, and objects only themselves. */
function sameElement(a: unknown, b: unknown): boolean {
  if (variantTypeOf(a) === VariantType.FLOAT && Number.isNaN(numberOf(a))) return false;
  if (a instanceof EncodedObjectAsID || a instanceof GodotObject) return false;
  return slowSameKey(a, b);
}

function sameParts(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return sameFloat(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([name, part]) => sameParts(part, right.get(name)));
}

function sameFloat(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function isText(type: number | undefined): boolean {
  return type === VariantType.STRING || type === VariantType.STRING_NAME;
}

function textOf(value: unknown): string {
  return value instanceof StringName ? value.value : String(value);
}

function numberOf(value: unknown): number {
  return value instanceof Float ? value.value : Number(value);
}
