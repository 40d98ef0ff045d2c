/** The declared element type of typed arrays and dictionaries (variant-codec.md section 2.6). */

import { VariantType, type VariantTypeId, variantTypeString } from '../variant/types.ts';

/** Element, key or value type of a typed container. Immutable; compare with `equals`. */
export class ContainerType {
  /** The Variant type id; never NIL. */
  readonly type: VariantTypeId;
  /** The class name when `type` is OBJECT, `''` if there is none. */
  readonly className: string;
  /** The `res://` path of the script when there is one, else `''`. */
  readonly scriptPath: string;

  /** Makes a type. A class name or script path needs `type` OBJECT. */
  constructor(type: VariantTypeId, className = '', scriptPath = '') {
    if (type !== VariantType.OBJECT && (className !== '' || scriptPath !== '')) {
      throw new TypeError(`"type" expected OBJECT (24) with a class or script, got ${type}`);
    }
    if (variantTypeString(type) === undefined || type === VariantType.NIL) {
      throw new RangeError(`"type" expected a Variant type 1..38, got ${String(type)}`);
    }
    this.type = type;
    this.className = className;
    this.scriptPath = scriptPath;
  }

  /** What users may write for a type: an id, a class name of objects, or a ContainerType. NIL and `undefined` are untyped. */
  static from(type: ContainerTypeInput | undefined): ContainerType | undefined {
    if (type === undefined || type === VariantType.NIL) return undefined;
    if (typeof type === 'number') return new ContainerType(type);
    if (typeof type === 'string') return new ContainerType(VariantType.OBJECT, type);
    return type;
  }

  /** Whether type, class and script are the same. */
  equals(other: ContainerType): boolean {
    return (
      this.type === other.type && this.className === other.className && this.scriptPath === other.scriptPath
    );
  }

  /** The type as GDScript spells it, e.g. `int`, `Node`. */
  toString(): string {
    if (this.scriptPath !== '') return this.scriptPath;
    if (this.className !== '') return this.className;
    return variantTypeString(this.type) ?? '';
  }
}

/** A {@link ContainerType}, a Variant type id, or the class name of an object type. */
export type ContainerTypeInput = ContainerType | VariantTypeId | string;
