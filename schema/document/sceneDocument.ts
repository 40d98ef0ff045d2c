/**
 * The JSON document of a scene (docs/guide/scene-mirror): what `schema/scene.schema.json` describes and what
 * `SceneMirror.toJSON` writes.
 *
 * Values are in the native notation of Godot's JSON (docs/protocol/variant-codec 8.4), extended so that nothing is lost;
 * `sceneValue.ts` reads and writes them.
 */

import type { SceneValue, SceneValues } from '../values/sceneNotation.ts';

/**
 * The `$id` of `schema/scene.schema.json`, and the `$schema` of every document that is written. A name and no address: nothing
 * is fetched from it. Documents may have any other text there, e.g. the path of the file for an editor.
 */
export const SCENE_SCHEMA_URL = 'urn:godot-enet:scene';

/** The version of the format that this package writes. */
export const SCENE_FORMAT = 1;

/** A stored property that the class table does not know: a script variable, or one of an unknown class. */
export interface SceneVariable {
  /** The property's name. */
  readonly name: string;
  /** Godot's name of its type (`int`, `Vector2`, `Array[String]`), `Object` for resources; absent or `Variant` for any. */
  readonly type?: string;
  /** Its value before anything is set. Absent: the type's empty value. */
  readonly default?: SceneValue;
  /** Its value. Absent: the default. */
  readonly value?: SceneValue;
}

/** A node and everything below it. */
export interface SceneNode {
  /** The node's name. */
  readonly name: string;
  /** Native class name. */
  readonly class: string;
  /**
   * For a class that the table does not know: the known class whose properties come first. Absent: `declared` is the
   * whole list.
   */
  readonly base?: string;
  /** For a class that the table does not know: its properties, in the engine's order. */
  readonly declared?: readonly SceneVariable[];
  /** Stored properties that differ from the class's defaults, `script` among them. */
  readonly properties?: SceneValues;
  /** Variables of the script with `@export`, in the engine's order: the most derived script first. */
  readonly scriptVariables?: readonly SceneVariable[];
  /** Metadata, in order of insertion; names without `metadata/`. */
  readonly metadata?: SceneValues;
  /** Groups, in order. */
  readonly groups?: readonly string[];
  /** The node's owner: a path from the document's root, `.` for the root itself. Absent: none. */
  readonly owner?: string;
  /** The `res://` path of the scene that this node is an instance of. */
  readonly instance?: string;
  /** The children, in order. */
  readonly children?: readonly SceneNode[];
}

/** A whole document. */
export interface SceneDocument {
  /** {@link SCENE_SCHEMA_URL}. */
  readonly $schema?: string;
  /** {@link SCENE_FORMAT}. */
  readonly format: 1;
  /** Which engine's class table the document was written with, e.g. `4.6`. */
  readonly engine?: string;
  /** The first node: `/root` in what `SceneMirror.toJSON` writes, a scene's own root in what a scene file gives. */
  readonly root: SceneNode;
}
