/** The constructors of Godot's text formats that hold no other values (docs/protocol/variant-codec 9.4). */
import type { MathType, MathValue } from '../values/mathTypes.ts';
import { PackedStringArray } from '../values/packed.ts';
import { RID } from '../values/reference.ts';
import { TextResource, type TextResourceKind } from '../values/TextResource.ts';
import { fromBase64 } from './base64.ts';
import { toInt32 } from './convert.ts';
import type { TextScanner } from './tokens.ts';

/** The punctuation that constructors need at certain places. */
export type Punctuation = '(' | ')' | '[' | ']' | '{' | ':' | ',';

/** The arguments of a constructor. */
export interface NumberArguments {
  /** INTs of more than 15 digits are bigints. */
  readonly values: (number | bigint)[];
  /** Which of them are no INTs. */
  readonly floats: ReadonlySet<number>;
}

/** Moves to the next token, which must be this one. @throws TextError */
export function expect(scanner: TextScanner, kind: Punctuation): void {
  if (scanner.next() !== kind) throw scanner.unexpected(`'${kind}'`);
}

/** Moves to the next token, which must be a string. @throws TextError */
export function readText(scanner: TextScanner, expected: string): string {
  if (scanner.next() !== 'string') throw scanner.unexpected(expected);
  return scanner.text;
}

/** `(n, n, …)`, without a comma at the end. @throws TextError */
export function readNumbers(scanner: TextScanner): NumberArguments {
  const values: (number | bigint)[] = [];
  const floats = new Set<number>();
  expect(scanner, '(');
  if (scanner.next() === ')') return { values, floats };
  for (;;) {
    const special = scanner.kind === 'word' ? SPECIAL_NUMBERS.get(scanner.text) : undefined;
    if (special !== undefined) {
      floats.add(values.length);
      values.push(special);
    } else if (scanner.kind === 'int' || scanner.kind === 'float') {
      if (scanner.kind === 'float') floats.add(values.length);
      values.push(scanner.number);
    } else throw scanner.unexpected('a number');
    scanner.next();
    if (scanner.kind === ')') return { values, floats };
    if (scanner.kind !== ',') throw scanner.unexpected("',' or ')'");
    scanner.next();
  }
}

/** The arguments of a math type, whose name is the current token. @throws TextError */
export function readMath(scanner: TextScanner, name: string, type: MathType, isDouble: boolean): MathValue {
  const offset = scanner.start;
  const { values, floats } = readNumbers(scanner);
  if (values.length !== type.size) {
    throw scanner.error(`Expected ${type.size} arguments for ${name}, got ${values.length}`, offset);
  }
  if (type.isInteger) return type.make(values.map((value, index) => toInt32(value, floats.has(index))));
  // Colors are single precision in every engine.
  const keepsDouble = isDouble && name !== 'Color';
  const numbers = values.map((value) => (keepsDouble ? Number(value) : Math.fround(Number(value))));
  const order = type.rowOrder;
  // The order lists exactly the indexes of the numbers.
  return type.make(order === undefined ? numbers : order.map((index) => numbers[index] as number));
}

/** The bytes of a PackedByteArray: numbers, or base64 in a string. @throws TextError */
export function readBytes(scanner: TextScanner): Uint8Array {
  const { at } = scanner;
  expect(scanner, '(');
  if (scanner.next() !== 'string') {
    scanner.at = at;
    const { values, floats } = readNumbers(scanner);
    return Uint8Array.from(values, (value, index) => toInt32(value, floats.has(index)) & 0xff);
  }
  const data = fromBase64(scanner.text);
  if (data === undefined) throw scanner.error('Invalid base64-encoded string');
  expect(scanner, ')');
  return data;
}

/** The strings of a PackedStringArray; `take` counts each. @throws TextError */
export function readStrings(scanner: TextScanner, take: () => void): PackedStringArray {
  const values: string[] = [];
  expect(scanner, '(');
  for (;;) {
    if (scanner.next() === ')') return new PackedStringArray(values);
    if (scanner.kind !== 'string') throw scanner.unexpected("a string or ')'");
    take();
    values.push(scanner.text);
    const kind = scanner.next();
    if (kind === ')') return new PackedStringArray(values);
    if (kind !== ',') throw scanner.unexpected("',' or ')'");
  }
}

/** `()` or `(id)` of a RID. @throws TextError */
export function readRid(scanner: TextScanner): RID {
  expect(scanner, '(');
  if (scanner.next() === ')') return new RID();
  if (scanner.kind !== 'int') throw scanner.unexpected("an int or ')'");
  const id = new RID(BigInt(scanner.number));
  expect(scanner, ')');
  return id;
}

/** The arguments of `ExtResource`, `SubResource` or `Resource`. @throws TextError */
export function readReference(scanner: TextScanner, kind: TextResourceKind): TextResource {
  expect(scanner, '(');
  scanner.next();
  if (kind === 'Resource') return readPath(scanner);
  let id: string | number;
  if (scanner.kind === 'string') id = scanner.text;
  else if (scanner.kind === 'int' && scanner.number >= 0 && Number.isSafeInteger(scanner.number)) {
    id = Number(scanner.number);
  } else throw scanner.unexpected('an id');
  expect(scanner, ')');
  return new TextResource(kind, id);
}

/** The path and uid of a `Resource`, in either order, one of them optional. */
function readPath(scanner: TextScanner): TextResource {
  if (scanner.kind !== 'string') throw scanner.unexpected('a path');
  const first = scanner.text;
  let second = '';
  let closing = scanner.next();
  if (closing === ',') {
    second = readText(scanner, 'a path or uid');
    closing = scanner.next();
  }
  if (closing !== ')') throw scanner.unexpected("')'");
  return first.startsWith('uid://')
    ? new TextResource('Resource', second, first)
    : new TextResource('Resource', first, second);
}

/** Numbers that are words. */
export const SPECIAL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['inf_neg', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
]);
/** Names of Godot 2 and 3 that are still read. */
export const LEGACY_NAMES: ReadonlyMap<string, string> = new Map([
  ['Matrix32', 'Transform2D'],
  ['Quat', 'Quaternion'],
  ['Rect3', 'AABB'],
  ['Matrix3', 'Basis'],
  ['Transform', 'Transform3D'],
  ['PoolByteArray', 'PackedByteArray'],
  ['ByteArray', 'PackedByteArray'],
  ['PackedIntArray', 'PackedInt32Array'],
  ['PoolIntArray', 'PackedInt32Array'],
  ['IntArray', 'PackedInt32Array'],
  ['PackedRealArray', 'PackedFloat32Array'],
  ['PoolRealArray', 'PackedFloat32Array'],
  ['FloatArray', 'PackedFloat32Array'],
  ['PoolStringArray', 'PackedStringArray'],
  ['StringArray', 'PackedStringArray'],
  ['PoolVector2Array', 'PackedVector2Array'],
  ['Vector2Array', 'PackedVector2Array'],
  ['PoolVector3Array', 'PackedVector3Array'],
  ['Vector3Array', 'PackedVector3Array'],
  ['PoolVector4Array', 'PackedVector4Array'],
  ['Vector4Array', 'PackedVector4Array'],
  ['PoolColorArray', 'PackedColorArray'],
  ['ColorArray', 'PackedColorArray'],
]);
