/**
 * The types of fixed size that are made of numbers, in one table: native notation, texts, key tokens, type ids and empty
 * values derive from it. The binary codec has switches of its own for speed (variant/math.ts); a test holds them equal.
 */

import { Color } from './Color.ts';
import { AABB, Plane, Quaternion, Rect2, Rect2i } from './geometry.ts';
import { Basis, Projection, Transform2D, Transform3D } from './transform.ts';
import { VariantType, type VariantTypeId, variantTypeString } from './variantTypes.ts';
import { Vector2, Vector3, Vector4 } from './vector.ts';
import { Vector2i, Vector3i, Vector4i } from './vectorInt.ts';

/** A value made of components only. */
export type MathValue =
  | Vector2
  | Vector2i
  | Vector3
  | Vector3i
  | Vector4
  | Vector4i
  | Rect2
  | Rect2i
  | Plane
  | Quaternion
  | AABB
  | Transform2D
  | Basis
  | Transform3D
  | Projection
  | Color;

/** How a math type is made of numbers. */
export interface MathType {
  /** The Variant type id. */
  readonly id: VariantTypeId;
  /** Godot's name of the type. */
  readonly name: string;
  /** The prototype of its class. */
  readonly prototype: object;
  /** How many numbers it has. */
  readonly size: number;
  /** `true` for i32 components, `false` for reals. */
  readonly isInteger: boolean;
  /** Whether GDScript has `<` for it. */
  readonly isOrdered: boolean;
  /**
   * For types that `var_to_bytes` and `var_to_str` write row by row: which of {@link numbers} stands at each place there.
   * The same both ways.
   */
  readonly rowOrder: readonly number[] | undefined;
  /** What `str()` names, and how many numbers each name has; `undefined` for types printed as one row. */
  readonly parts: readonly (readonly [string, number])[] | undefined;
  /** The numbers of a value of its class, vectors one after the other: columns of matrices. */
  readonly numbers: (value: MathValue) => number[];
  /** Makes the value from exactly `size` numbers. */
  readonly make: (numbers: readonly number[]) => MathValue;
  /** What a variable of the type holds before anything is set. */
  readonly empty: () => MathValue;
}

/** The table's row of a value, `undefined` for anything else. */
export function mathTypeOf(value: unknown): MathType | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const known = BY_PROTOTYPE.get(Object.getPrototypeOf(value));
  if (known !== undefined) return known;
  for (const type of MATH_TYPES.values()) {
    if (Object.prototype.isPrototypeOf.call(type.prototype, value)) return type;
  }
  return undefined;
}

/** The components of a math value with its type's name, or `undefined` when the value is none. */
export function mathParts(
  value: unknown,
): { readonly name: string; readonly isInteger: boolean; readonly numbers: readonly number[] } | undefined {
  const type = mathTypeOf(value);
  // The row was found by the value's class.
  return type && { name: type.name, isInteger: type.isInteger, numbers: type.numbers(value as MathValue) };
}

type Numbers = readonly number[];

function type<T extends MathValue>(
  id: VariantTypeId,
  owner: new () => T,
  size: number,
  numbers: (value: T) => number[],
  make: (numbers: Numbers) => T,
  more: Partial<Pick<MathType, 'isInteger' | 'isOrdered' | 'rowOrder' | 'parts'>> = {},
): MathType {
  return {
    id,
    name: variantTypeString(id) ?? '',
    prototype: owner.prototype as object,
    size,
    isInteger: more.isInteger ?? false,
    isOrdered: more.isOrdered ?? false,
    rowOrder: more.rowOrder,
    parts: more.parts,
    // Rows are found by the class of the value.
    numbers: numbers as MathType['numbers'],
    make,
    empty: () => new owner(),
  };
}

const xy = ({ x, y }: Vector2 | Vector2i): number[] => [x, y];
const xyz = ({ x, y, z }: Vector3 | Vector3i): number[] => [x, y, z];
const xyzw = ({ x, y, z, w }: Vector4 | Vector4i | Quaternion): number[] => [x, y, z, w];
const columns = ({ x, y, z }: Basis): number[] => [...xyz(x), ...xyz(y), ...xyz(z)];
const v2 = (n: Numbers, at = 0): Vector2 => new Vector2(n[at], n[at + 1]);
const v2i = (n: Numbers, at = 0): Vector2i => new Vector2i(n[at], n[at + 1]);
const v3 = (n: Numbers, at = 0): Vector3 => new Vector3(n[at], n[at + 1], n[at + 2]);
const v4 = (n: Numbers, at = 0): Vector4 => new Vector4(n[at], n[at + 1], n[at + 2], n[at + 3]);
const basis = (n: Numbers): Basis => new Basis(v3(n), v3(n, 3), v3(n, 6));

const T = VariantType;
const ORDERED = { isOrdered: true };
const ORDERED_INTEGERS = { isOrdered: true, isInteger: true };
const ROWS = [0, 3, 6, 1, 4, 7, 2, 5, 8];

const TABLE: readonly MathType[] = [
  type(T.VECTOR2, Vector2, 2, xy, (n) => v2(n), ORDERED),
  type(T.VECTOR2I, Vector2i, 2, xy, (n) => v2i(n), ORDERED_INTEGERS),
  type(
    T.RECT2,
    Rect2,
    4,
    (r) => [...xy(r.position), ...xy(r.size)],
    (n) => new Rect2(v2(n), v2(n, 2)),
    {
      parts: [
        ['P', 2],
        ['S', 2],
      ],
    },
  ),
  type(
    T.RECT2I,
    Rect2i,
    4,
    (r) => [...xy(r.position), ...xy(r.size)],
    (n) => new Rect2i(v2i(n), v2i(n, 2)),
    {
      isInteger: true,
      parts: [
        ['P', 2],
        ['S', 2],
      ],
    },
  ),
  type(T.VECTOR3, Vector3, 3, xyz, (n) => v3(n), ORDERED),
  type(T.VECTOR3I, Vector3i, 3, xyz, (n) => new Vector3i(n[0], n[1], n[2]), ORDERED_INTEGERS),
  type(
    T.TRANSFORM2D,
    Transform2D,
    6,
    (t) => [...xy(t.x), ...xy(t.y), ...xy(t.origin)],
    (n) => new Transform2D(v2(n), v2(n, 2), v2(n, 4)),
    {
      parts: [
        ['X', 2],
        ['Y', 2],
        ['O', 2],
      ],
    },
  ),
  type(T.VECTOR4, Vector4, 4, xyzw, (n) => v4(n), ORDERED),
  type(T.VECTOR4I, Vector4i, 4, xyzw, (n) => new Vector4i(n[0], n[1], n[2], n[3]), ORDERED_INTEGERS),
  type(
    T.PLANE,
    Plane,
    4,
    (p) => [...xyz(p.normal), p.d],
    (n) => new Plane(v3(n), n[3]),
    {
      parts: [
        ['N', 3],
        ['D', 1],
      ],
    },
  ),
  type(T.QUATERNION, Quaternion, 4, xyzw, (n) => new Quaternion(n[0], n[1], n[2], n[3])),
  type(
    T.AABB,
    AABB,
    6,
    (b) => [...xyz(b.position), ...xyz(b.size)],
    (n) => new AABB(v3(n), v3(n, 3)),
    {
      parts: [
        ['P', 3],
        ['S', 3],
      ],
    },
  ),
  type(T.BASIS, Basis, 9, columns, basis, {
    rowOrder: ROWS,
    parts: [
      ['X', 3],
      ['Y', 3],
      ['Z', 3],
    ],
  }),
  type(
    T.TRANSFORM3D,
    Transform3D,
    12,
    (t) => [...columns(t.basis), ...xyz(t.origin)],
    (n) => new Transform3D(basis(n), v3(n, 9)),
    {
      rowOrder: [...ROWS, 9, 10, 11],
      parts: [
        ['X', 3],
        ['Y', 3],
        ['Z', 3],
        ['O', 3],
      ],
    },
  ),
  type(
    T.PROJECTION,
    Projection,
    16,
    (p) => [...xyzw(p.x), ...xyzw(p.y), ...xyzw(p.z), ...xyzw(p.w)],
    (n) => new Projection(v4(n), v4(n, 4), v4(n, 8), v4(n, 12)),
    {
      parts: [
        ['X', 4],
        ['Y', 4],
        ['Z', 4],
        ['W', 4],
      ],
    },
  ),
  type(
    T.COLOR,
    Color,
    4,
    ({ r, g, b, a }) => [r, g, b, a],
    (n) => new Color(n[0], n[1], n[2], n[3]),
  ),
];

/** The math types by Godot's names. */
export const MATH_TYPES: ReadonlyMap<string, MathType> = new Map(TABLE.map((row) => [row.name, row]));
/** The math types at the places of their ids, below 256. */
export const MATH_TYPES_BY_ID: readonly (MathType | undefined)[] = Array.from({ length: 256 }, (_, id) =>
  TABLE.find((row) => row.id === id),
);
const BY_PROTOTYPE: ReadonlyMap<unknown, MathType> = new Map(TABLE.map((row) => [row.prototype, row]));
