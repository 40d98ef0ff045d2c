/** What a value must be to be that of a property. */
import type { ContainerType, VariantTypeId } from '../../codec/index.ts';

/** The declared type of a property. */
export interface PropertyType {
  /** The Variant type id; NIL for a property that takes any value. */
  readonly type: VariantTypeId;
  /** Of a typed Array: the type of its elements. */
  readonly elementType?: ContainerType | undefined;
  /** Of a typed Dictionary: the type of its keys. */
  readonly keyType?: ContainerType | undefined;
  /** Of a typed Dictionary: the type of its values. */
  readonly valueType?: ContainerType | undefined;
  /** How wide the engine's number is: FLOAT in single precision, INT of 32 bits; `undefined` for 64 bits. */
  readonly width?: 'f32' | 'i32' | 'u32' | undefined;
}
