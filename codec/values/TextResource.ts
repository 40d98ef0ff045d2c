/** What stands for a resource in Godot's text formats (docs/protocol/variant-codec 9.1 and 9.5). */

import { checkText } from './component.ts';

/** Where a {@link TextResource} points: into the file's own headings, or to a file of its own. */
export type TextResourceKind = 'ExtResource' | 'SubResource' | 'Resource';

/**
 * A resource that a text names and does not hold: `ExtResource("1_ab3cd")` and `SubResource("Shape_x1y2z")` of scene files,
 * `Resource("res://icon.svg")`. Nothing is ever loaded. It lives in texts alone: the binary codec and JSON refuse it. Immutable.
 */
export class TextResource {
  /** Which of the three notations it is. */
  readonly kind: TextResourceKind;
  /** The id in the file (a number in files of Godot 3), or the `res://` path of a `Resource`, `''` if only its uid is known. */
  readonly id: string | number;
  /** The `uid://` text of a `Resource`, else `''`. */
  readonly uid: string;

  /**
   * Makes a reference.
   * @param kind - The notation.
   * @param id - An id of the file, a string or a whole number from 0; for `Resource` its path.
   * @param uid - For `Resource`: its `uid://` text.
   * @throws TypeError for a kind, id or uid of another type; RangeError for a number that is no id.
   */
  constructor(kind: TextResourceKind, id: string | number, uid = '') {
    if (kind !== 'ExtResource' && kind !== 'SubResource' && kind !== 'Resource') {
      throw new TypeError(`"kind" expected 'ExtResource', 'SubResource' or 'Resource', got ${String(kind)}`);
    }
    if (typeof id === 'number' && kind !== 'Resource') {
      if (!Number.isSafeInteger(id) || id < 0)
        throw new RangeError(`"id" expected an integer from 0, got ${id}`);
    } else checkText('id', id as string);
    this.kind = kind;
    this.id = id;
    this.uid = checkText('uid', uid);
  }

  /** Whether both name the same resource in the same notation. */
  equals(other: TextResource): boolean {
    return this.kind === other.kind && this.id === other.id && this.uid === other.uid;
  }

  /** The notation without escapes, for people. */
  toString(): string {
    const parts = [this.uid, this.id].filter((part) => part !== '');
    return `${this.kind}(${parts.map((part) => (typeof part === 'number' ? part : `"${part}"`)).join(', ')})`;
  }
}
