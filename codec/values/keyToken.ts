/**
 * Godot's key equality as text (variant-codec.md section 5): two keys are equal exactly when their tokens are.
 * Looking keys up by token keeps a Dictionary linear whatever keys a sender chooses: there are no hash buckets of ours
 * that could be made to collide.
 */

import { Float } from './Float.ts';
import { type MathValue, mathTypeOf } from './mathTypes.ts';
import { NodePath } from './NodePath.ts';
import { PackedNumbers, PackedStringArray } from './packed.ts';
import { Callable, RID, Signal } from './reference.ts';
import { StringName } from './StringName.ts';

/**
 * Remembers the tokens of containers while many keys are looked at whose contents do not change meanwhile, so that
 * keys nested in keys are not walked again at every level. Its tokens mean nothing outside the session.
 */
export class KeySession {
  /**
   * Godot 3's equality (section 7.2): dictionaries are equal to nothing but themselves, and NaN inside of an array
   * equals NaN.
   */
  readonly isGodot3: boolean;
  readonly #tokens = new Map<object, string | undefined>();
  readonly #ids = new Map<string, number>();

  /** Makes a session for one message. */
  constructor(isGodot3 = false) {
    this.isGodot3 = isGodot3;
  }

  /** The token of a container, computed once. */
  shorten(container: object, compute: () => string | undefined): string | undefined {
    if (this.#tokens.has(container)) return this.#tokens.get(container);
    const long = compute();
    let short: string | undefined;
    if (long !== undefined) {
      let id = this.#ids.get(long);
      if (id === undefined) {
        id = this.#ids.size;
        this.#ids.set(long, id);
      }
      short = `#${id}`;
    }
    this.#tokens.set(container, short);
    return short;
  }
}

/**
 * The token of a key, or `undefined` if the key equals nothing but itself (objects, arrays that hold NaN, anything
 * that is no Variant). Containers are walked; their tokens hold until they are changed.
 */
export function keyToken(key: unknown, session?: KeySession, depth = 0): string | undefined {
  switch (typeof key) {
    case 'string':
      return `s${key}`;
    case 'number':
      return Number.isSafeInteger(key) && !Object.is(key, -0) ? `i${key}` : floatToken(key);
    case 'bigint':
      return `i${key}`;
    case 'boolean':
      return key ? 'b1' : 'b0';
    case 'undefined':
      return 'n';
    case 'object':
      return key === null ? 'n' : objectToken(key, session, depth);
    default:
      return undefined;
  }
}

/** The token of a float, whole or not. */
export function floatToken(value: number): string {
  // String(-0) is "0": both zeros are the same key.
  return `f${String(value)}`;
}

function objectToken(key: object, session: KeySession | undefined, depth: number): string | undefined {
  if (key instanceof StringName) return `s${key.value}`;
  if (key instanceof Float) return floatToken(key.value);
  if (Array.isArray(key) || key instanceof Map) {
    if (depth > MAX_TOKEN_DEPTH || (session?.isGodot3 === true && !Array.isArray(key))) return undefined;
    const compute = (): string | undefined =>
      Array.isArray(key) ? arrayToken(key, session, depth) : mapToken(key, session, depth);
    return session === undefined ? compute() : session.shorten(key, compute);
  }
  if (ArrayBuffer.isView(key)) return viewToken(key);
  if (key instanceof PackedNumbers) return `P${key.constructor.name}:${key.data.join(',')}`;
  if (key instanceof PackedStringArray) return `P${JSON.stringify(key.values)}`;
  if (key instanceof NodePath) {
    return `p${key.absolute ? '/' : ''}${JSON.stringify([key.names, key.subnames])}`;
  }
  if (key instanceof RID) return `r${key.id}`;
  if (key instanceof Callable) return 'c';
  if (key instanceof Signal) return `S${key.objectId}:${key.name}`;
  const type = mathTypeOf(key);
  // The row was found by the value's class.
  return type === undefined ? undefined : `v${type.name}:${type.numbers(key as MathValue).join(',')}`;
}

function arrayToken(
  key: readonly unknown[],
  session: KeySession | undefined,
  depth: number,
): string | undefined {
  // Texts are added, not joined: adding copies nothing, so that what lies deep is not copied once per level.
  let text = 'a';
  for (const element of key) {
    const token = elementToken(element, session, depth);
    if (token === undefined) return undefined;
    text += `${token.length}:${token}`;
  }
  return text;
}

function mapToken(
  key: ReadonlyMap<unknown, unknown>,
  session: KeySession | undefined,
  depth: number,
): string | undefined {
  let text = 'd';
  for (const [innerKey, value] of key) {
    const left = keyToken(innerKey, session, depth + 1);
    const right = elementToken(value, session, depth);
    if (left === undefined || right === undefined) return undefined;
    text += `${left.length}:${left}${right.length}:${right}`;
  }
  return text;
}

/** Inside a container NaN as a bare float equals nothing. */
function elementToken(element: unknown, session: KeySession | undefined, depth: number): string | undefined {
  const token = keyToken(element, session, depth + 1);
  return token === 'fNaN' && session?.isGodot3 !== true ? undefined : token;
}

function viewToken(view: ArrayBufferView): string | undefined {
  if (view instanceof Uint8Array) return `B1:${view.join(',')}`;
  if (view instanceof Int32Array) return `B2:${view.join(',')}`;
  if (view instanceof BigInt64Array) return `B3:${view.join(',')}`;
  if (view instanceof Float32Array) return `B4:${view.join(',')}`;
  if (view instanceof Float64Array) return `B5:${view.join(',')}`;
  return undefined;
}

/** Deeper keys, cyclic ones among them, equal nothing but themselves. The codec's own depth limit is the same. */
const MAX_TOKEN_DEPTH = 1024;
