/** The declared element type of typed arrays and dictionaries (variant-codec.md section 2.6). */

import { checkText } from './component.ts';
import { VariantType, type VariantTypeId, variantTypeByString, variantTypeString } from './variantTypes.ts';

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
    this.className = checkText('className', className);
    this.scriptPath = checkText('scriptPath', scriptPath);
  }

  /** What users may write for a type: see {@link ContainerTypeInput}. NIL, `'Variant'` and `undefined` are untyped. */
  static from(type: ContainerTypeInput | undefined): ContainerType | undefined {
    if (type === undefined || type === VariantType.NIL) return undefined;
    if (typeof type === 'number') return new ContainerType(type);
    if (type instanceof ContainerType) return type;
    checkText('type', type);
    if (type === 'Variant') return undefined;
    const id = variantTypeByString(type);
    if (id !== undefined) return ContainerType.from(id);
    if (type.startsWith('res://')) return new ContainerType(VariantType.OBJECT, '', type);
    return new ContainerType(VariantType.OBJECT, type);
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

/**
 * A {@link ContainerType}, a Variant type id, or the type as GDScript spells it: `'int'`, `'Vector2'`, a class name
 * such as `'Node'`, or the `res://` path of a script.
 */
export type ContainerTypeInput = ContainerType | VariantTypeId | string;
