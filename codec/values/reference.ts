/** Values that name something inside a process: RID, objects, Callable, Signal (variant-codec.md sections 2.1 and 2.5). */

import { checkText } from './component.ts';

/** Godot's `RID`: a 64-bit handle of a server resource. Godot 3 never sends the handle. Immutable. */
export class RID {
  /** The handle, 0 to 2^64 - 1; 0 is the empty RID. */
  readonly id: bigint;

  /**
   * Makes a RID.
   * @throws RangeError if the id does not fit 64 bits.
   */
  constructor(id: bigint | number = 0n) {
    this.id = checkU64('id', id);
  }

  /** Whether both handles are the same. */
  equals(other: RID): boolean {
    return this.id === other.id;
  }

  /** Text as Godot prints it. */
  toString(): string {
    return `RID(${this.id})`;
  }
}

/** Godot's `EncodedObjectAsID`: an object of the sender, known by its instance id only. Immutable. */
export class EncodedObjectAsID {
  /** The instance id, unsigned; negative ids, as `get_instance_id` prints them, are taken modulo 2^64. */
  readonly id: bigint;

  /**
   * Makes a reference.
   * @throws RangeError if the id does not fit 64 bits.
   */
  constructor(id: bigint | number = 0n) {
    this.id = checkU64('id', id);
  }

  /** Whether both ids are the same. As Dictionary keys two references are never equal (section 5). */
  equals(other: EncodedObjectAsID): boolean {
    return this.id === other.id;
  }

  /** Text with the id. */
  toString(): string {
    return `EncodedObjectAsID(${this.id})`;
  }
}

/** A full object: class name and stored properties in order. Nothing is ever instantiated. Immutable. */
export class GodotObject {
  /** The engine class, e.g. `Resource`. */
  readonly className: string;
  /** Name and value of each property in wire order; values are Variants. */
  readonly properties: readonly (readonly [name: string, value: unknown])[];

  /**
   * Makes an object from its class and properties.
   * @throws TypeError if the class or the name of a property is no string.
   */
  constructor(className: string, properties: Iterable<readonly [name: string, value: unknown]> = []) {
    this.className = checkText('className', className);
    this.properties = [...properties];
    for (const property of this.properties) checkText('properties[][0]', property[0]);
  }

  /** The value of a property, or `undefined` if there is none of that name. The last one wins, as in the engine. */
  get(name: string): unknown {
    for (let index = this.properties.length - 1; index >= 0; index--) {
      const property = this.properties[index];
      if (property !== undefined && property[0] === name) return property[1];
    }
    return undefined;
  }

  /** Text with the class name. */
  toString(): string {
    return `<${this.className}>`;
  }
}

/** Godot's `Callable`. Its target never crosses the wire, so there is only the empty one. Immutable. */
export class Callable {
  /** Always true: empty callables are equal. */
  equals(_other: Callable): boolean {
    return true;
  }

  /** Text as Godot prints an empty Callable. */
  toString(): string {
    return 'null::null';
  }
}

/** Godot's `Signal`: the signal's name and the instance id of its object. Immutable. */
export class Signal {
  /** The signal's name. */
  readonly name: string;
  /** The instance id of the object, unsigned; 0 is none. */
  readonly objectId: bigint;

  /**
   * Makes a signal.
   * @throws RangeError if the id does not fit 64 bits; TypeError if the name is no string.
   */
  constructor(name = '', objectId: bigint | number = 0n) {
    this.name = checkText('name', name);
    this.objectId = checkU64('objectId', objectId);
  }

  /** Whether name and object id are the same. */
  equals(other: Signal): boolean {
    return this.name === other.name && this.objectId === other.objectId;
  }

  /** Text with id and name. */
  toString(): string {
    return `${this.objectId}::[signal]${this.name}`;
  }
}

function checkU64(name: string, value: bigint | number): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`"${name}" expected a bigint or a safe integer, got ${String(value)}`);
  }
  const id = BigInt(value);
  if (id < -(2n ** 63n) || id >= 2n ** 64n) {
    throw new RangeError(`"${name}" expected 64 bits, got ${id}`);
  }
  return BigInt.asUintN(64, id);
}
