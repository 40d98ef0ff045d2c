/** What stands for a resource in a scene that was not loaded by an engine (docs/protocol/variant-codec 9.4 and 9.5). */

import { checkText } from '../../codec/internal.ts';
import { shown } from './shown.ts';

/** Where a {@link ResourceReference} points, besides its kind and id. */
export interface ResourceReferenceDetails {
  /** The `res://` path of an external resource. */
  readonly path?: string | undefined;
  /** The `uid://` text of an external resource. */
  readonly uid?: string | undefined;
  /** The class of the resource, e.g. `Texture2D`. */
  readonly className?: string | undefined;
}

/**
 * `ExtResource("id")` or `SubResource("id")` of a scene file: a resource by the name that the file gives it. As a property
 * of a node it stands for an object; packets hold an instance id for it. Immutable; of a
 * `SceneReplicationConfig`, which is one with content, that holds for what is here.
 */
export class ResourceReference {
  /** Whether the resource has a file of its own. */
  readonly kind: 'ExtResource' | 'SubResource';
  /** The id in the scene file; `''` when the resource is known by its path alone. */
  readonly id: string;
  /** The `res://` path, `''` if unknown. */
  readonly path: string;
  /** The `uid://` text, `''` if unknown. */
  readonly uid: string;
  /** The class of the resource, `''` if unknown. */
  readonly className: string;

  /**
   * Makes a reference.
   * @throws TypeError when a text is none; RangeError for another kind.
   */
  constructor(kind: 'ExtResource' | 'SubResource', id: string, details: ResourceReferenceDetails = {}) {
    if (kind !== 'ExtResource' && kind !== 'SubResource') {
      throw new RangeError(`"kind" expected 'ExtResource' or 'SubResource', got ${shown(kind)}`);
    }
    this.kind = kind;
    this.id = checkText('id', id);
    this.path = checkText('path', details.path ?? '');
    this.uid = checkText('uid', details.uid ?? '');
    this.className = checkText('className', details.className ?? '');
  }

  /** Whether kind, id, path, uid and class are the same. */
  equals(other: ResourceReference): boolean {
    return (
      this.kind === other.kind &&
      this.id === other.id &&
      this.path === other.path &&
      this.uid === other.uid &&
      this.className === other.className
    );
  }

  /** Text as scene files have it. */
  toString(): string {
    return `${this.kind}("${this.id === '' ? this.path : this.id}")`;
  }
}
