/** Types as GDScript writes them: `int`, `Array[int]`, `Player.State`. */
import type { Cursor } from './cursor.ts';

/** A type. */
export interface TypeName {
  /** Its names: `['Player', 'State']`. */
  readonly names: readonly string[];
  /** What stands between the brackets. */
  readonly inner: readonly TypeName[];
}

/** Reads a type; `undefined` when none stands there, or one that is nested deeper than any can be. */
export function readTypeName(cursor: Cursor, depth: number = 0): TypeName | undefined {
  const names: string[] = [];
  do {
    const name = cursor.isAtLine() ? undefined : cursor.takeIf('name');
    if (name === undefined) return undefined;
    names.push(name.text);
  } while (cursor.skip('.'));
  const inner: TypeName[] = [];
  if (cursor.skip('[')) {
    if (depth >= DEEPEST) return undefined;
    do {
      const type = readTypeName(cursor, depth + 1);
      if (type === undefined) return undefined;
      inner.push(type);
    } while (cursor.skip(','));
    if (!cursor.skip(']')) return undefined;
  }
  return { names, inner };
}

/** `Array[Array[int]]` is refused by the engine already. */
const DEEPEST = 4;
