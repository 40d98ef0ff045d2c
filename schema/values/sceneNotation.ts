/** The form of values in scene documents: Godot's native notation (docs/protocol/variant-codec 8.4), extended so that nothing is lost. */

/**
 * A value in extended native notation: null, a boolean, a string with a prefix (`i:5`, `f:0.5`, `s:text`, `sn:name`,
 * `np:path`), an array, or an object with `type`.
 */
export type SceneValue = null | boolean | string | readonly SceneValue[] | SceneValueObject;

/** A value with a `type`: `{"type": "Vector2", "args": [1, 2]}`. */
export interface SceneValueObject {
  /** Godot's name of the type, a class name, `ExtResource` or `SubResource`. */
  readonly type: string;
  /** Numbers, texts or values, as the type needs them. */
  readonly args?: readonly (SceneValue | number)[];
  /** The name and value of each property of a full object, or of a SceneReplicationConfig, one after the other. */
  readonly props?: readonly SceneValue[];
  /** Element type of a typed Array. */
  readonly elem_type?: string;
  /** Key type of a typed Dictionary. */
  readonly key_type?: string;
  /** Value type of a typed Dictionary. */
  readonly value_type?: string;
  /** Class beside the script in `elem_type`. */
  readonly elem_class?: string;
  /** Class beside the script in `key_type`. */
  readonly key_class?: string;
  /** Class beside the script in `value_type`. */
  readonly value_class?: string;
  /** Decimal id of a RID or EncodedObjectAsID; the id of an ExtResource or SubResource in its scene file. */
  readonly id?: string;
  /** Of a Signal: its name. */
  readonly name?: string;
  /** Of a Signal: the decimal instance id of its object. */
  readonly object?: string;
  /** Of a float that is a NaN other than Godot's: its 64 bits, 16 hexadecimal digits. */
  readonly bits?: string;
  /** Of an ExtResource: the class of the resource. */
  readonly class?: string;
  /** Of an ExtResource: its `res://` path. */
  readonly path?: string;
  /** Of an ExtResource: its `uid://` text. */
  readonly uid?: string;
}

/** Values by name. Names are those of Godot, so none of them looks like an array index. */
export interface SceneValues {
  readonly [name: string]: SceneValue;
}
