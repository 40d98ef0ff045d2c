/**
 * Dictionary of Godot 4 (variant-codec.md section 5): a Map with Godot's key equality.
 *
 * The pairs live in the native Map, so iteration, `size`, `console.log` and `structuredClone` work as for any Map, and
 * String and number keys cost what they cost there. Keys that a Map would compare by identity (and bigints, which it
 * tells from numbers) are found through an index of key tokens, made on first need.
 */

import { ContainerType, type ContainerTypeInput } from './ContainerType.ts';
import { Float } from './Float.ts';
import { floatToken, type KeySession, keyToken } from './keyToken.ts';
import { StringName } from './StringName.ts';
import { VariantType } from './variantTypes.ts';

/** The declared types of a typed Dictionary; both optional. */
export interface DictionaryTypes {
  /** The declared key type; absent or NIL for any. */
  readonly keyType?: ContainerTypeInput | undefined;
  /** The declared value type; absent or NIL for any. */
  readonly valueType?: ContainerTypeInput | undefined;
}

/**
 * For the decoder: sets a pair whose key is known to equal no stored key but itself. The index of tokens is left for
 * later, so that decoding does not pay for look-ups that never come.
 */
export let setResolved: <K, V>(dictionary: Dictionary<K, V>, key: K, value: V) => void;

/** For the decoder: declares the types of a Dictionary that is being filled. */
export let declareTypes: (
  dictionary: Dictionary,
  keyType: ContainerType | undefined,
  valueType: ContainerType | undefined,
) => void;

/**
 * Godot's `Dictionary`. Keys keep their insertion order; setting a key that is there already keeps its position and
 * the key object that came first. String and StringName keys of the same text are one key; `1` (int) and `float(1)`
 * are two; arrays, dictionaries and vectors are compared by content and must not be changed while they are keys.
 * A JavaScript number is an int when it is a safe integer other than -0, else a float, as for encoding; in a
 * Dictionary whose key type is FLOAT every number is a float.
 */
export class Dictionary<K = unknown, V = unknown> extends Map<K, V> {
  /** `undefined`: all keys are native; `null`: there are others and the index must be made. */
  #index: Map<string, K> | null | undefined;
  #keyType: ContainerType | undefined;
  #valueType: ContainerType | undefined;

  /**
   * Makes a Dictionary.
   * @param entries pairs, set in order
   * @param types the declared types of a typed Dictionary
   */
  constructor(entries?: Iterable<readonly [K, V]> | null, types?: DictionaryTypes) {
    super();
    this.#index = undefined;
    this.#keyType = types === undefined ? undefined : ContainerType.from(types.keyType);
    this.#valueType = types === undefined ? undefined : ContainerType.from(types.valueType);
    if (entries !== undefined && entries !== null) for (const entry of entries) this.set(entry[0], entry[1]);
  }

  /** A Dictionary of the own enumerable properties of an object; all keys are Strings. */
  static fromObject<V>(object: Readonly<Record<string, V>>): Dictionary<string, V> {
    return new Dictionary(Object.entries(object));
  }

  /** The declared key type, `undefined` for any. */
  get keyType(): ContainerType | undefined {
    return this.#keyType;
  }

  /** The declared value type, `undefined` for any. */
  get valueType(): ContainerType | undefined {
    return this.#valueType;
  }

  /** The value of a key that is equal in Godot's sense, or `undefined`. */
  override get(key: K): V | undefined {
    const value = super.get(key);
    if (value !== undefined && key !== 0) return value;
    const stored = this.#find(key);
    return stored === NONE ? undefined : super.get(stored as K);
  }

  /** Whether there is a key that is equal in Godot's sense. */
  override has(key: K): boolean {
    return (key !== 0 && super.has(key)) || this.#find(key) !== NONE;
  }

  /** Sets a value. An equal key that is there already stays, with its position. */
  override set(key: K, value: V): this {
    if (typeof key === 'string' && this.#index === undefined) return super.set(key, value);
    const stored = this.#find(key);
    if (stored !== NONE) return super.set(stored as K, value);
    const own = ownKey(key) as K;
    if (isForeign(own)) {
      const index = this.#builtIndex();
      const token = this.#token(own);
      if (token !== undefined) index.set(token, own);
    }
    return super.set(own, value);
  }

  /** Removes the pair of an equal key; whether there was one. */
  override delete(key: K): boolean {
    const stored = this.#find(key);
    if (stored === NONE) return false;
    if (this.#index !== undefined) {
      const token = this.#token(stored as K);
      if (token !== undefined) this.#builtIndex().delete(token);
    }
    return super.delete(stored as K);
  }

  /** Removes all pairs; the declared types stay. */
  override clear(): void {
    this.#index = undefined;
    super.clear();
  }

  /**
   * The pairs as a plain object with a null prototype. StringName and other keys become their text; of keys with the
   * same text the last one wins. Values are not converted.
   */
  toObject(): Record<string, V> {
    const object: Record<string, V> = Object.create(null);
    for (const [key, value] of this) object[String(key)] = value;
    return object;
  }

  /** The stored key that equals a key, or NONE. */
  #find(key: K): K | typeof NONE {
    // A Map takes -0 for 0, but they are a float and an int here, unless all keys are floats.
    if (super.has(key) && (key !== 0 || !Object.is(key, -0) || this.#hasFloatKeys())) return key;
    const native = this.#nativeForm(key);
    if (native !== undefined && super.has(native as K)) return native as K;
    if (this.#index === undefined) return NONE;
    const token = this.#token(key);
    if (token === undefined) return NONE;
    const index = this.#builtIndex();
    const stored = index.get(token);
    return stored === undefined ? NONE : stored;
  }

  /** The primitive that the native Map holds for an equal key, if there is one. */
  #nativeForm(key: unknown): string | number | null | undefined {
    if (key === undefined) return null;
    if (key instanceof StringName) return key.value;
    if (key instanceof Float) {
      return this.#hasFloatKeys() || !Number.isSafeInteger(key.value) ? key.value : undefined;
    }
    if (typeof key === 'bigint' && !this.#hasFloatKeys()) {
      const number = Number(key);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    return undefined;
  }

  #token(key: unknown): string | undefined {
    return typeof key === 'number' && this.#hasFloatKeys() ? floatToken(key) : keyToken(key);
  }

  #hasFloatKeys(): boolean {
    return this.#keyType !== undefined && this.#keyType.type === VariantType.FLOAT;
  }

  #builtIndex(): Map<string, K> {
    let index = this.#index;
    if (index !== undefined && index !== null) return index;
    const wasEmpty = index === undefined;
    index = new Map();
    this.#index = index;
    if (wasEmpty) return index;
    for (const key of super.keys()) {
      if (!isForeign(key)) continue;
      const token = this.#token(key);
      if (token !== undefined && !index.has(token)) index.set(token, key);
    }
    return index;
  }

  static {
    setResolved = <K, V>(dictionary: Dictionary<K, V>, key: K, value: V): void => {
      if (isForeign(key)) dictionary.#index = null;
      Map.prototype.set.call(dictionary, key, value);
    };
    declareTypes = (dictionary, keyType, valueType): void => {
      dictionary.#keyType = keyType;
      dictionary.#valueType = valueType;
    };
  }
}

/** For the decoder: resolves keys of one Dictionary by token, sharing work with its whole message. */
export class KeyResolver {
  readonly #session: KeySession;
  readonly #stored = new Map<string, unknown>();

  /** Makes a resolver for one Dictionary. */
  constructor(session: KeySession) {
    this.#session = session;
  }

  /** The key that was resolved first among those equal to this one. */
  resolve(key: unknown): unknown {
    const token = keyToken(key, this.#session);
    if (token === undefined) return key;
    const stored = this.#stored.get(token);
    if (stored !== undefined || this.#stored.has(token)) return stored;
    this.#stored.set(token, key);
    return key;
  }
}

/** Whether the native Map would not find the key by Godot's equality. */
function isForeign(key: unknown): boolean {
  return (typeof key === 'object' && key !== null) || typeof key === 'bigint';
}

/** The key as it is stored: a Map has neither -0 nor, here, undefined. */
function ownKey(key: unknown): unknown {
  if (key === undefined) return null;
  return Object.is(key, -0) ? new Float(-0) : key;
}

const NONE: unique symbol = Symbol('none');
