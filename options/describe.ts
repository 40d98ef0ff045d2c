/**
 * Values in trace lines. Callers without types may pass anything, and `String()`, templates and `JSON.stringify()` throw
 * for some of it (symbols, bigints, circular objects, objects without a prototype).
 */

/** A short text for any value; never throws. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}...` : value);
    case 'object':
      return value === null ? 'null' : 'an object';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

const MAX_TEXT = 80;
