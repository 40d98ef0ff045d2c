/**
 * The types whose native notation is `{"type": name, "args": [numbers]}` (docs/protocol/variant-codec 8.4), with their
 * components in the order of that notation: Basis and Transform3D column by column, unlike the binary format.
 */
import { Color } from '../values/Color.ts';
import { AABB, Plane, Quaternion, Rect2, Rect2i } from '../values/geometry.ts';
import {
  PackedColorArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from '../values/packed.ts';
import { Basis, Projection, Transform2D, Transform3D } from '../values/transform.ts';
import { Vector2, Vector3, Vector4 } from '../values/vector.ts';
import { Vector2i, Vector3i, Vector4i } from '../values/vectorInt.ts';

/** A value of fixed size made of numbers. */
export type MathValue =
  | Vector2
  | Vector2i
  | Rect2
  | Rect2i
  | Vector3
  | Vector3i
  | Transform2D
  | Vector4
  | Vector4i
  | Plane
  | Quaternion
  | AABB
  | Basis
  | Transform3D
  | Projection
  | Color;

/** A packed array of vectors or colors. */
export type PackedVectorValue =
  | PackedVector2Array
  | PackedVector3Array
  | PackedVector4Array
  | PackedColorArray;

/** How a math type is made of numbers. */
export interface MathType {
  /** Godot's name of the type. */
  readonly name: string;
  /** How many numbers it has. */
  readonly size: number;
  /** `true` for i32 components, `false` for reals. */
  readonly isInteger: boolean;
  /** Makes the value from exactly `size` numbers. */
  readonly make: (numbers: readonly number[]) => MathValue;
}

/** The components of a math value with its type's name, or `undefined` when the value is none. */
export function mathParts(
  value: unknown,
): { readonly name: string; readonly isInteger: boolean; readonly numbers: readonly number[] } | undefined {
  if (value instanceof Vector2) return reals('Vector2', xy(value));
  if (value instanceof Vector2i) return integers('Vector2i', xy(value));
  if (value instanceof Rect2) return reals('Rect2', [...xy(value.position), ...xy(value.size)]);
  if (value instanceof Rect2i) return integers('Rect2i', [...xy(value.position), ...xy(value.size)]);
  if (value instanceof Vector3) return reals('Vector3', xyz(value));
  if (value instanceof Vector3i) return integers('Vector3i', xyz(value));
  if (value instanceof Transform2D) {
    return reals('Transform2D', [...xy(value.x), ...xy(value.y), ...xy(value.origin)]);
  }
  if (value instanceof Vector4) return reals('Vector4', xyzw(value));
  if (value instanceof Vector4i) return integers('Vector4i', xyzw(value));
  if (value instanceof Plane) return reals('Plane', [...xyz(value.normal), value.d]);
  if (value instanceof Quaternion) return reals('Quaternion', xyzw(value));
  if (value instanceof AABB) return reals('AABB', [...xyz(value.position), ...xyz(value.size)]);
  if (value instanceof Basis) return reals('Basis', columns(value));
  if (value instanceof Transform3D) {
    return reals('Transform3D', [...columns(value.basis), ...xyz(value.origin)]);
  }
  if (value instanceof Projection) {
    return reals('Projection', [...xyzw(value.x), ...xyzw(value.y), ...xyzw(value.z), ...xyzw(value.w)]);
  }
  if (value instanceof Color) return reals('Color', [value.r, value.g, value.b, value.a]);
  return undefined;
}

/** The math types by Godot's names. */
export const MATH_TYPES: ReadonlyMap<string, MathType> = new Map(
  (
    [
      { name: 'Vector2', size: 2, isInteger: false, make: (n) => new Vector2(n[0], n[1]) },
      { name: 'Vector2i', size: 2, isInteger: true, make: (n) => new Vector2i(n[0], n[1]) },
      { name: 'Rect2', size: 4, isInteger: false, make: (n) => new Rect2(vector2(n, 0), vector2(n, 2)) },
      {
        name: 'Rect2i',
        size: 4,
        isInteger: true,
        make: (n) => new Rect2i(new Vector2i(n[0], n[1]), new Vector2i(n[2], n[3])),
      },
      { name: 'Vector3', size: 3, isInteger: false, make: (n) => vector3(n, 0) },
      { name: 'Vector3i', size: 3, isInteger: true, make: (n) => new Vector3i(n[0], n[1], n[2]) },
      {
        name: 'Transform2D',
        size: 6,
        isInteger: false,
        make: (n) => new Transform2D(vector2(n, 0), vector2(n, 2), vector2(n, 4)),
      },
      { name: 'Vector4', size: 4, isInteger: false, make: (n) => vector4(n, 0) },
      { name: 'Vector4i', size: 4, isInteger: true, make: (n) => new Vector4i(n[0], n[1], n[2], n[3]) },
      { name: 'Plane', size: 4, isInteger: false, make: (n) => new Plane(vector3(n, 0), n[3]) },
      {
        name: 'Quaternion',
        size: 4,
        isInteger: false,
        make: (n) => new Quaternion(n[0], n[1], n[2], n[3]),
      },
      { name: 'AABB', size: 6, isInteger: false, make: (n) => new AABB(vector3(n, 0), vector3(n, 3)) },
      { name: 'Basis', size: 9, isInteger: false, make: basis },
      {
        name: 'Transform3D',
        size: 12,
        isInteger: false,
        make: (n) => new Transform3D(basis(n), vector3(n, 9)),
      },
      {
        name: 'Projection',
        size: 16,
        isInteger: false,
        make: (n) => new Projection(vector4(n, 0), vector4(n, 4), vector4(n, 8), vector4(n, 12)),
      },
      { name: 'Color', size: 4, isInteger: false, make: (n) => new Color(n[0], n[1], n[2], n[3]) },
    ] satisfies MathType[]
  ).map((type): [string, MathType] => [type.name, type]),
);

/** How a packed array of vectors or colors is made of numbers. */
export interface PackedVectorType {
  /** Numbers per element. */
  readonly stride: number;
  /** Makes the array from flat numbers, a multiple of `stride`; keeps them. */
  readonly make: (numbers: Float32Array | Float64Array) => PackedVectorValue;
}

/** The packed vector and color arrays by Godot's names. */
export const PACKED_VECTOR_TYPES: ReadonlyMap<string, PackedVectorType> = new Map<string, PackedVectorType>([
  ['PackedVector2Array', { stride: 2, make: (numbers) => new PackedVector2Array(numbers) }],
  ['PackedVector3Array', { stride: 3, make: (numbers) => new PackedVector3Array(numbers) }],
  ['PackedVector4Array', { stride: 4, make: (numbers) => new PackedVector4Array(numbers) }],
  ['PackedColorArray', { stride: 4, make: (numbers) => new PackedColorArray(numbers) }],
]);

/** Godot's name of a packed vector or color array; `undefined` for anything else. */
export function packedVectorName(value: PackedVectorValue): string;
export function packedVectorName(value: unknown): string | undefined;
export function packedVectorName(value: unknown): string | undefined {
  if (value instanceof PackedVector2Array) return 'PackedVector2Array';
  if (value instanceof PackedVector3Array) return 'PackedVector3Array';
  if (value instanceof PackedVector4Array) return 'PackedVector4Array';
  if (value instanceof PackedColorArray) return 'PackedColorArray';
  return undefined;
}

function reals(name: string, numbers: readonly number[]) {
  return { name, isInteger: false, numbers };
}

function integers(name: string, numbers: readonly number[]) {
  return { name, isInteger: true, numbers };
}

function xy(value: { readonly x: number; readonly y: number }): number[] {
  return [value.x, value.y];
}

function xyz(value: { readonly x: number; readonly y: number; readonly z: number }): number[] {
  return [value.x, value.y, value.z];
}

function xyzw(value: {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly w: number;
}): number[] {
  return [value.x, value.y, value.z, value.w];
}

function columns(value: Basis): number[] {
  return [...xyz(value.x), ...xyz(value.y), ...xyz(value.z)];
}

function vector2(numbers: readonly number[], from: number): Vector2 {
  return new Vector2(numbers[from], numbers[from + 1]);
}

function vector3(numbers: readonly number[], from: number): Vector3 {
  return new Vector3(numbers[from], numbers[from + 1], numbers[from + 2]);
}

function vector4(numbers: readonly number[], from: number): Vector4 {
  return new Vector4(numbers[from], numbers[from + 1], numbers[from + 2], numbers[from + 3]);
}

function basis(numbers: readonly number[]): Basis {
  return new Basis(vector3(numbers, 0), vector3(numbers, 3), vector3(numbers, 6));
}
