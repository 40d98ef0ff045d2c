/** StringName of Godot 4 (variant-codec.md sections 2.3 and 5). */

import { checkText } from './component.ts';

/** Godot's `StringName`: a string of its own type, `&"text"` in GDScript. Immutable. */
export class StringName {
  /** The text. */
  readonly value: string;

  /**
   * Wraps a text.
   * @throws TypeError for anything but a string.
   */
  constructor(value = '') {
    this.value = checkText('value', value);
  }

  /** Whether the texts are the same; as a Dictionary key a StringName also equals a plain string. */
  equals(other: StringName | string): boolean {
    return this.value === (typeof other === 'string' ? other : other.value);
  }

  /** The text. */
  toString(): string {
    return this.value;
  }

  /** The text, for `JSON.stringify`. */
  toJSON(): string {
    return this.value;
  }
}
