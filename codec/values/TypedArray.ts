/** Typed arrays of Godot 4, `Array[int]` (variant-codec.md section 2.6). Untyped arrays are plain JavaScript arrays. */

import { ContainerType, type ContainerTypeInput } from './ContainerType.ts';

/**
 * An array with a declared element type. It is a JavaScript array in every way; elements are not checked when they
 * are put in. Numbers in an `Array[float]` are encoded as FLOAT. `map`, `filter` and the like give plain arrays.
 */
export class TypedArray<T = unknown> extends Array<T> {
  /** Derived arrays are plain ones: their elements need not be of the type. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  readonly #elementType: ContainerType;

  /**
   * Makes a typed array.
   * @param elementType a Variant type id, a class name, or a ContainerType
   * @param elements copied in order
   * @throws RangeError if the type is NIL or unknown.
   */
  constructor(elementType: ContainerTypeInput, elements?: Iterable<T>) {
    super();
    const type = ContainerType.from(elementType);
    if (type === undefined) throw new RangeError('"elementType" expected a type, got NIL: use a plain array');
    this.#elementType = type;
    if (elements !== undefined) for (const element of elements) this.push(element);
  }

  /** The declared element type. */
  get elementType(): ContainerType {
    return this.#elementType;
  }
}
