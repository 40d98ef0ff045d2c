/** The packed arrays by Godot's names. */
import { PackedColorArray, PackedVector2Array, PackedVector3Array, PackedVector4Array } from './packed.ts';

/** A packed array of vectors or colors. */
export type PackedVectorValue =
  | PackedVector2Array
  | PackedVector3Array
  | PackedVector4Array
  | PackedColorArray;

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

/**
 * Godot's name of a packed array of bare numbers.
 *
 * @param value - Any object.
 * @returns For example `PackedByteArray`; `undefined` for anything else.
 */
export function packedNumberName(value: object): string | undefined {
  if (value instanceof Uint8Array) return 'PackedByteArray';
  if (value instanceof Int32Array) return 'PackedInt32Array';
  if (value instanceof BigInt64Array) return 'PackedInt64Array';
  if (value instanceof Float32Array) return 'PackedFloat32Array';
  return value instanceof Float64Array ? 'PackedFloat64Array' : undefined;
}
