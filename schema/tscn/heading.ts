/** A heading `[name field=value …]` of a text scene, with checked access to its fields (docs/protocol/variant-codec 9.5). */
import { NodePath, PackedStringArray, StringName } from '../../codec/index.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { type ScenePlace, SceneTextError, type SceneTextErrorCode } from './SceneTextError.ts';

/** A field with its place. */
export interface HeadingField {
  /** Its value, in the exact view. */
  readonly value: NodeValue;
  /** Where its name begins. */
  readonly place: ScenePlace;
}

/** One heading. Fields that no one asks for are ignored, as in the engine. */
export class Heading {
  /** Its name, e.g. `node`. */
  readonly name: string;
  /** Where its `[` is. */
  readonly place: ScenePlace;
  readonly #fields: ReadonlyMap<string, HeadingField>;

  /** Takes what was read. */
  constructor(name: string, place: ScenePlace, fields: ReadonlyMap<string, HeadingField>) {
    this.name = name;
    this.place = place;
    this.#fields = fields;
  }

  /** An error at this heading. */
  fail(code: SceneTextErrorCode, reason: string): SceneTextError {
    return new SceneTextError(code, reason, this.place);
  }

  /** A text that must be there. @throws SceneTextError. */
  required(field: string): string {
    const text = this.text(field);
    if (text === undefined) {
      throw this.fail('ERR_TSCN_FIELD', `Expected the field "${field}" in the heading ${this.name}`);
    }
    return text;
  }

  /** A text (String, StringName or NodePath), if it is there. @throws SceneTextError for another type. */
  text(field: string): string | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined || typeof value === 'string') return value;
    if (value instanceof StringName || value instanceof NodePath) return value.toString();
    throw this.#wrong(field, 'a text');
  }

  /** The field `id`: a text, or an int of Godot 3. @throws SceneTextError. */
  id(): string {
    const value = this.#fields.get('id')?.value;
    return typeof value === 'bigint' ? String(value) : this.required('id');
  }

  /** An int that is safe as a number, if it is there. @throws SceneTextError for anything else. */
  int(field: string): number | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined) return undefined;
    const number = typeof value === 'bigint' ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(number)) throw this.#wrong(field, 'an int');
    return number;
  }

  /** The field `index`: digits in a string, as written, or an int. @throws SceneTextError. */
  index(): number | undefined {
    const value = this.#fields.get('index')?.value;
    if (typeof value !== 'string') return this.int('index');
    if (!/^-?\d{1,9}$/.test(value)) throw this.#wrong('index', 'digits in a string');
    return Number(value);
  }

  /** Ints, if they are there. @throws SceneTextError for anything else. */
  ints(field: string): readonly number[] | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined) return undefined;
    if (!(value instanceof Int32Array)) throw this.#wrong(field, 'a PackedInt32Array');
    return [...value];
  }

  /** Texts, if they are there. @throws SceneTextError for anything else. */
  texts(field: string): readonly string[] | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined) return undefined;
    if (value instanceof PackedStringArray) return value.values;
    if (!Array.isArray(value)) throw this.#wrong(field, 'an array of strings');
    return value.map((item) => {
      if (typeof item === 'string') return item;
      if (item instanceof StringName) return item.value;
      throw this.#wrong(field, 'an array of strings');
    });
  }

  /** An array, if it is there. @throws SceneTextError for anything else. */
  list(field: string): readonly NodeValue[] | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined || Array.isArray(value)) return value;
    if (value instanceof PackedStringArray) return value.values;
    throw this.#wrong(field, 'an array');
  }

  /** The id of an external resource, if one is named. @throws SceneTextError for anything else. */
  extResource(field: string): string | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined) return undefined;
    if (value instanceof ResourceReference && value.kind === 'ExtResource' && value.id !== '')
      return value.id;
    throw this.#wrong(field, 'an ExtResource');
  }

  #wrong(field: string, expected: string): SceneTextError {
    const place = this.#fields.get(field)?.place ?? this.place;
    return new SceneTextError(
      'ERR_TSCN_FIELD',
      `Expected ${expected} as "${field}" of the heading ${this.name}`,
      place,
    );
  }
}
