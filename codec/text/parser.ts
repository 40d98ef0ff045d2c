/** The values of Godot's text formats (docs/protocol/variant-codec 9.4), read from the tokens of one text. */

import { MATH_TYPES, type MathType, PACKED_VECTOR_TYPES } from '../json/nativeTypes.ts';
import { ContainerType } from '../values/ContainerType.ts';
import { Dictionary, KeyResolver, setResolved } from '../values/Dictionary.ts';
import { Float } from '../values/Float.ts';
import { KeySession } from '../values/keyToken.ts';
import { NodePath } from '../values/NodePath.ts';
import { PackedStringArray } from '../values/packed.ts';
import { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import { TextResource, type TextResourceKind } from '../values/TextResource.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { KeyFloodGuard } from '../variant/keyFlood.ts';
import { VariantType, variantTypeByString } from '../variant/types.ts';
import type { VariantValue } from '../variant/value.ts';
import { fromBase64 } from './base64.ts';
import { convertTo, type NumberView, type ParsedValue, parsedType, toInt32, toInt64 } from './convert.ts';
import { ROW_ORDER } from './rowOrder.ts';
import type { TextError } from './TextError.ts';
import { TextScanner, type TextScannerOptions } from './tokens.ts';

/** How texts are read. Every option may be left out. */
export interface TextReadOptions extends TextScannerOptions {
  /** `true`: INTs come as bigints and FLOATs as `Float`s. Default `false`: as numbers, INTs beyond 2^53 as bigints. */
  readonly exact?: boolean | undefined;
  /** Width of real components: `'double'` for an engine built with double precision. Default `'single'`: they become f32. */
  readonly real?: 'single' | 'double' | undefined;
  /** The deepest nesting of containers and objects, 0 to 1024; the value itself is at depth 0. Default 1024. */
  readonly maxDepth?: number | undefined;
  /**
   * The most elements, keys, values, properties and packed strings together. Packed numbers do not count: `maxLength` bounds
   * them. Default 1,000,000.
   */
  readonly maxElements?: number | undefined;
  /** The most UTF-16 units that the text may have. Default 67,108,864. */
  readonly maxLength?: number | undefined;
  /**
   * What stands for `ExtResource(…)`, `SubResource(…)` and `Resource(…)`, whatever it is; it goes into the result as it is.
   * Default: the reference itself. It may throw; `fail` makes an error with the place of the reference.
   */
  readonly resource?: ((reference: TextResource, fail: (reason: string) => TextError) => unknown) | undefined;
  /**
   * The `res://` path of a script that types a container, as in `Array[ExtResource("1_ab")]`. Default: the path of a
   * `Resource`, its uid when it has no path, the reference as text for the other two.
   */
  readonly scriptPath?: ((reference: TextResource) => string) | undefined;
}

/** The limits that hold when the options name no others. */
export const DEFAULT_TEXT_LIMITS = {
  /** Nesting of containers. The engine has no limit when reading and writes no more than 100 levels. */
  maxDepth: 1024,
  /** Elements of all containers together. */
  maxElements: 1_000_000,
  /** UTF-16 units of the text. */
  maxLength: 67_108_864,
} as const;

/** Reads values one after the other from one text. */
export class TextParser implements NumberView {
  /** The tokens; a reader of files moves it past what is between the values. */
  readonly scanner: TextScanner;
  readonly #options: TextReadOptions;
  readonly #isExact: boolean;
  readonly #isDouble: boolean;
  readonly #maxDepth: number;
  #elementsLeft: number;
  #isInKey = false;
  /** Whether the value read last was a FLOAT, which a whole number does not tell. */
  #wasFloat = false;
  #session: KeySession | undefined;

  /**
   * @param text - The text.
   * @param options - View, limits and hooks.
   * @throws TypeError or RangeError for a bad argument; TextError when the text is longer than the limit.
   */
  constructor(text: string, options: TextReadOptions = {}) {
    if (typeof text !== 'string') throw new TypeError(`"text" expected a string, got ${typeof text}`);
    const maxLength = limit('maxLength', options.maxLength, DEFAULT_TEXT_LIMITS.maxLength, 0x1fffffff);
    this.#options = options;
    this.#isExact = options.exact === true;
    this.#isDouble = precision(options.real) === 'double';
    this.#maxDepth = limit('maxDepth', options.maxDepth, MAX_DEPTH, MAX_DEPTH);
    this.#elementsLeft = limit(
      'maxElements',
      options.maxElements,
      DEFAULT_TEXT_LIMITS.maxElements,
      0x7fffffff,
    );
    this.scanner = new TextScanner(text.length > maxLength ? '' : text, options);
    if (text.length > maxLength) {
      throw this.scanner.error(`More than ${maxLength} characters`, 0, 'ERR_TEXT_TOO_LARGE');
    }
  }

  /**
   * Reads the next value.
   *
   * @throws TextError when there is none, or one that is refused.
   */
  next(): VariantValue {
    this.scanner.next();
    return this.#value(0);
  }

  /** Counts an element that is about to be read. @throws TextError beyond the limit. */
  takeElement(): void {
    if (this.#elementsLeft-- > 0) return;
    const reason = `More than ${this.#options.maxElements ?? DEFAULT_TEXT_LIMITS.maxElements} elements`;
    throw this.scanner.error(reason, this.scanner.start, 'ERR_TEXT_TOO_LARGE');
  }

  /** An INT in the view that was asked for. */
  int(value: bigint): VariantValue {
    const number = Number(value);
    return !this.#isExact && Number.isSafeInteger(number) ? number : value;
  }

  /** A FLOAT in the view that was asked for; in keys whole ones are told from INTs. */
  float(value: number): VariantValue {
    return this.#isExact || (this.#isInKey && (Number.isSafeInteger(value) || Object.is(value, -0)))
      ? new Float(value)
      : value;
  }

  /** The value whose first token is the current one. */
  #value(depth: number): VariantValue {
    const scanner = this.scanner;
    this.#wasFloat = false;
    switch (scanner.kind) {
      case 'string':
        return scanner.text;
      case 'stringName':
        return new StringName(scanner.text);
      case 'int':
        return this.#isExact ? BigInt(scanner.number) : this.int(BigInt(scanner.number));
      case 'float':
        this.#wasFloat = true;
        return this.float(Number(scanner.number));
      case 'color':
        return scanner.color;
      case '[':
        return this.#list(depth);
      case '{':
        return this.#dictionary(this.#pairs(depth), undefined, undefined);
      case 'word':
        return this.#word(scanner.text, depth);
      default:
        throw scanner.unexpected('a value');
    }
  }

  #word(word: string, depth: number): VariantValue {
    const number = SPECIAL_NUMBERS.get(word);
    if (number !== undefined) {
      this.#wasFloat = true;
      return this.float(number);
    }
    switch (word) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
      case 'nil':
        return null;
      default:
    }
    const name = LEGACY_NAMES.get(word) ?? word;
    const math = MATH_TYPES.get(name);
    if (math !== undefined) return this.#math(name, math);
    const packed = PACKED_VECTOR_TYPES.get(name);
    if (packed !== undefined) {
      const { values } = this.#numbers();
      const whole = values.length - (values.length % packed.stride);
      const numbers = values.slice(0, whole).map(Number);
      const keepsDouble = this.#isDouble && name !== 'PackedColorArray';
      return packed.make(keepsDouble ? Float64Array.from(numbers) : Float32Array.from(numbers));
    }
    return this.#named(name, depth);
  }

  #named(name: string, depth: number): VariantValue {
    switch (name) {
      case 'NodePath': {
        this.#expect('(');
        const path = this.#text('the path as a string');
        this.#expect(')');
        return new NodePath(path);
      }
      case 'RID':
        return this.#rid();
      case 'Callable':
      case 'Signal':
        this.#expect('(');
        this.#expect(')');
        return name === 'Callable' ? new Callable() : new Signal();
      case 'Array':
        return this.#typedArray(depth);
      case 'Dictionary':
        return this.#typedDictionary(depth);
      case 'Object':
        return this.#object(depth);
      case 'Resource':
      case 'ExtResource':
      case 'SubResource': {
        const offset = this.scanner.start;
        const reference = this.#reference(name);
        const { resource } = this.#options;
        if (resource === undefined) return reference;
        // A type edge: what the hook gives is the caller's own.
        return resource(reference, (reason) => this.scanner.error(reason, offset)) as VariantValue;
      }
      case 'PackedByteArray':
        return this.#bytes();
      case 'PackedInt32Array': {
        const { values, floats } = this.#numbers();
        return Int32Array.from(values, (value, index) => toInt32(value, floats.has(index)));
      }
      case 'PackedInt64Array': {
        const { values, floats } = this.#numbers();
        return BigInt64Array.from(values, (value, index) =>
          floats.has(index) ? toInt64(Number(value)) : BigInt(value),
        );
      }
      case 'PackedFloat32Array':
        return Float32Array.from(this.#numbers().values, Number);
      case 'PackedFloat64Array':
        return Float64Array.from(this.#numbers().values, Number);
      case 'PackedStringArray':
        return this.#strings();
      default:
        throw this.scanner.unexpected('a value');
    }
  }

  #math(name: string, type: MathType): VariantValue {
    const offset = this.scanner.start;
    const { values, floats } = this.#numbers();
    if (values.length !== type.size) {
      throw this.scanner.error(`Expected ${type.size} arguments for ${name}, got ${values.length}`, offset);
    }
    if (type.isInteger) return type.make(values.map((value, index) => toInt32(value, floats.has(index))));
    const keepsDouble = this.#isDouble && name !== 'Color';
    const numbers = values.map((value) => (keepsDouble ? Number(value) : Math.fround(Number(value))));
    const order = ROW_ORDER.get(name);
    // The order lists exactly the indexes of the numbers.
    return type.make(order === undefined ? numbers : order.map((index) => numbers[index] as number));
  }

  /** `(n, n, …)`: the arguments of a constructor, without a comma at the end; `floats` says which are no INTs. */
  #numbers(): { readonly values: (number | bigint)[]; readonly floats: ReadonlySet<number> } {
    const scanner = this.scanner;
    const values: (number | bigint)[] = [];
    const floats = new Set<number>();
    this.#expect('(');
    if (scanner.next() === ')') return { values, floats };
    for (;;) {
      const special = scanner.kind === 'word' ? SPECIAL_NUMBERS.get(scanner.text) : undefined;
      if (special !== undefined) {
        floats.add(values.length);
        values.push(special);
      } else if (scanner.kind === 'int' || scanner.kind === 'float') {
        if (scanner.kind === 'float') floats.add(values.length);
        values.push(scanner.number);
      } else throw scanner.unexpected('a number');
      scanner.next();
      if (scanner.kind === ')') return { values, floats };
      if (scanner.kind !== ',') throw scanner.unexpected("',' or ')'");
      scanner.next();
    }
  }

  #bytes(): VariantValue {
    const scanner = this.scanner;
    const { at } = scanner;
    this.#expect('(');
    if (scanner.next() !== 'string') {
      scanner.at = at;
      const { values, floats } = this.#numbers();
      return Uint8Array.from(values, (value, index) => toInt32(value, floats.has(index)) & 0xff);
    }
    const data = fromBase64(scanner.text);
    if (data === undefined) throw scanner.error('Invalid base64-encoded string');
    this.#expect(')');
    return data;
  }

  #strings(): VariantValue {
    const scanner = this.scanner;
    const values: string[] = [];
    this.#expect('(');
    for (;;) {
      if (scanner.next() === ')') return new PackedStringArray(values);
      if (scanner.kind !== 'string') throw scanner.unexpected("a string or ')'");
      this.takeElement();
      values.push(scanner.text);
      const kind = scanner.next();
      if (kind === ')') return new PackedStringArray(values);
      if (kind !== ',') throw scanner.unexpected("',' or ')'");
    }
  }

  #rid(): VariantValue {
    const scanner = this.scanner;
    this.#expect('(');
    if (scanner.next() === ')') return new RID();
    if (scanner.kind !== 'int') throw scanner.unexpected("an int or ')'");
    const id = new RID(BigInt(scanner.number));
    this.#expect(')');
    return id;
  }

  #reference(kind: TextResourceKind): TextResource {
    const scanner = this.scanner;
    this.#expect('(');
    scanner.next();
    if (
      kind !== 'Resource' &&
      scanner.kind === 'int' &&
      scanner.number >= 0 &&
      Number.isSafeInteger(scanner.number)
    ) {
      const id = Number(scanner.number);
      this.#expect(')');
      return new TextResource(kind, id);
    }
    if (scanner.kind !== 'string') throw scanner.unexpected(kind === 'Resource' ? 'a path' : 'an id');
    const first = scanner.text;
    if (kind !== 'Resource') {
      this.#expect(')');
      return new TextResource(kind, first);
    }
    let second = '';
    let closing = scanner.next();
    if (closing === ',') {
      second = this.#text('a path or uid');
      closing = scanner.next();
    }
    if (closing !== ')') throw scanner.unexpected("')'");
    return first.startsWith('uid://')
      ? new TextResource(kind, second, first)
      : new TextResource(kind, first, second);
  }

  #object(depth: number): VariantValue {
    const scanner = this.scanner;
    this.#enter(depth);
    this.#expect('(');
    if (scanner.next() !== 'word') throw scanner.unexpected('a class name');
    const className = scanner.text;
    const properties: [string, VariantValue][] = [];
    for (;;) {
      const separator = scanner.next();
      if (separator === ')') break;
      if (separator !== ',') throw scanner.unexpected("',' or ')'");
      const first = scanner.next();
      if (first === ')') break;
      if (first !== 'string') throw scanner.unexpected('a property name as a string');
      const name = scanner.text;
      this.takeElement();
      this.#expect(':');
      scanner.next();
      properties.push([name, this.#value(depth + 1)]);
    }
    this.#wasFloat = false;
    const object = new GodotObject(className, properties);
    const id = className === 'EncodedObjectAsID' ? object.get('object_id') : undefined;
    return typeof id === 'number' || typeof id === 'bigint' ? new EncodedObjectAsID(BigInt(id)) : object;
  }

  #list(depth: number): VariantValue[] {
    const list: VariantValue[] = [];
    this.#elements(depth, (value) => list.push(value));
    return list;
  }

  /** Reads `a, b]`, whose `[` is the current token. */
  #elements(depth: number, add: (value: VariantValue, type: number) => void): void {
    const scanner = this.scanner;
    this.#enter(depth);
    for (;;) {
      if (scanner.next() === ']') break;
      this.takeElement();
      const value = this.#value(depth + 1);
      add(value, parsedType(value, this.#wasFloat));
      scanner.next();
      if (scanner.kind === ']') break;
      if (scanner.kind !== ',') throw scanner.unexpected("',' or ']'");
    }
    this.#wasFloat = false;
  }

  #typedArray(depth: number): VariantValue {
    this.#expect('[');
    const type = this.#containerType();
    this.#expect(']');
    this.#expect('(');
    this.#expect('[');
    const offset = this.scanner.start;
    const elements: ParsedValue[] = [];
    this.#elements(depth, (value, kind) => elements.push({ value, type: kind }));
    this.#expect(')');
    if (type === undefined) return elements.map((element) => element.value);
    const array = new TypedArray<VariantValue>(type);
    for (const [index, element] of elements.entries()) {
      const value = convertTo(type, element, this);
      if (value === undefined) {
        this.scanner.issue(`element ${index} is no ${type}: the array stays empty`, offset);
        return new TypedArray<VariantValue>(type);
      }
      array.push(value);
    }
    return array;
  }

  #typedDictionary(depth: number): VariantValue {
    this.#expect('[');
    const keyType = this.#containerType();
    this.#expect(',');
    const valueType = this.#containerType();
    this.#expect(']');
    this.#expect('(');
    this.#expect('{');
    const offset = this.scanner.start;
    const pairs = this.#pairs(depth, keyType);
    this.#expect(')');
    for (const pair of pairs) {
      const key = this.#inKey(keyType, () => converted(keyType, pair.key, this));
      const value = converted(valueType, pair.value, this);
      if (key === undefined || value === undefined) {
        const what = key === undefined ? `a key is no ${keyType}` : `a value is no ${valueType}`;
        this.scanner.issue(`${what}: the dictionary stays empty`, offset);
        return this.#dictionary([], keyType, valueType);
      }
      pair.key = { value: key, type: pair.key.type };
      pair.value = { value, type: pair.value.type };
    }
    return this.#dictionary(pairs, keyType, valueType);
  }

  /** Reads `key: value, …}`, whose `{` is the current token. */
  #pairs(depth: number, keyType?: ContainerType): Pair[] {
    const scanner = this.scanner;
    const pairs: Pair[] = [];
    this.#enter(depth);
    for (;;) {
      if (scanner.next() === '}') break;
      this.takeElement();
      this.takeElement();
      const offset = scanner.start;
      const key = this.#inKey(keyType, () => this.#parsed(depth + 1));
      this.#expect(':');
      scanner.next();
      pairs.push({ key, value: this.#parsed(depth + 1), offset });
      scanner.next();
      if (scanner.kind === '}') break;
      if (scanner.kind !== ',') throw scanner.unexpected("',' or '}'");
    }
    this.#wasFloat = false;
    return pairs;
  }

  #parsed(depth: number): ParsedValue {
    const value = this.#value(depth);
    return { value, type: parsedType(value, this.#wasFloat) };
  }

  /** Inside keys int 1 and float 1.0 must stay apart, unless the keys are declared to be floats. */
  #inKey<T>(keyType: ContainerType | undefined, read: () => T): T {
    const wasInKey = this.#isInKey;
    this.#isInKey = keyType === undefined || keyType.type !== VariantType.FLOAT;
    try {
      return read();
    } finally {
      this.#isInKey = wasInKey;
    }
  }

  #dictionary(
    pairs: readonly Pair[],
    keyType: ContainerType | undefined,
    valueType: ContainerType | undefined,
  ): VariantValue {
    const dictionary = new Dictionary<VariantValue, VariantValue>(null, { keyType, valueType });
    const guard = new KeyFloodGuard();
    let resolver: KeyResolver | undefined;
    for (const { key, value, offset } of pairs) {
      const { size } = dictionary;
      if (resolver === undefined && isNative(key.value)) {
        Map.prototype.set.call(dictionary, key.value, value.value);
      } else {
        if (resolver === undefined) {
          this.#session ??= new KeySession();
          resolver = new KeyResolver(this.#session);
          for (const earlier of dictionary.keys()) resolver.resolve(earlier);
        }
        // What was resolved is one of the keys.
        setResolved(dictionary, resolver.resolve(key.value) as VariantValue, value.value);
      }
      if (dictionary.size !== size && !guard.accepts(key.value)) {
        throw this.scanner.error('Number keys that were chosen to collide', offset, 'ERR_TEXT_KEY_FLOOD');
      }
    }
    return dictionary;
  }

  /** The element type of a container: a name or a resource expression; `undefined` for untyped. */
  #containerType(): ContainerType | undefined {
    const scanner = this.scanner;
    if (scanner.next() !== 'word') throw scanner.unexpected('a type');
    const name = scanner.text;
    if (name === 'Resource' || name === 'ExtResource' || name === 'SubResource') {
      const isClass = this.scanner.source.charCodeAt(endOfBlank(scanner)) !== OPEN;
      if (!isClass) return new ContainerType(VariantType.OBJECT, '', this.#script(this.#reference(name)));
    }
    const id = variantTypeByString(name);
    if (id === undefined && !CLASS_NAME.test(name)) throw scanner.unexpected('a type');
    return ContainerType.from(id ?? name);
  }

  #script(reference: TextResource): string {
    if (this.#options.scriptPath !== undefined) return this.#options.scriptPath(reference);
    if (reference.kind !== 'Resource') return reference.toString();
    return reference.id === '' ? reference.uid : String(reference.id);
  }

  #text(expected: string): string {
    if (this.scanner.next() !== 'string') throw this.scanner.unexpected(expected);
    return this.scanner.text;
  }

  #expect(kind: '(' | ')' | '[' | ']' | '{' | ':' | ','): void {
    if (this.scanner.next() !== kind) throw this.scanner.unexpected(`'${kind}'`);
  }

  #enter(depth: number): void {
    if (depth <= this.#maxDepth) return;
    throw this.scanner.error(`Nested deeper than ${this.#maxDepth}`, this.scanner.start, 'ERR_TEXT_TOO_DEEP');
  }
}

interface Pair {
  key: ParsedValue;
  value: ParsedValue;
  readonly offset: number;
}

function converted(
  type: ContainerType | undefined,
  parsed: ParsedValue,
  view: NumberView,
): VariantValue | undefined {
  return type === undefined ? parsed.value : convertTo(type, parsed, view);
}

/** Whether the native Map tells the key from all others: anything else is resolved by its token. */
function isNative(key: VariantValue): boolean {
  return (typeof key !== 'object' && typeof key !== 'bigint') || key === null;
}

/** Where the next token begins. */
function endOfBlank(scanner: TextScanner): number {
  scanner.skipBlank();
  return scanner.at;
}

function precision(real: string | undefined): string {
  if (real === undefined || real === 'single' || real === 'double') return real ?? 'single';
  throw new RangeError(`"real" expected 'single' or 'double', got ${String(real)}`);
}

function limit(name: string, value: number | undefined, fallback: number, most: number): number {
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new RangeError(`"${name}" expected an integer 0..${most}, got ${String(value)}`);
  }
  return value;
}

const MAX_DEPTH = DEFAULT_TEXT_LIMITS.maxDepth;
const OPEN = 0x28;
const CLASS_NAME = /^[A-Za-z_]\w*$/;
const SPECIAL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['inf_neg', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
]);
/** Names of Godot 2 and 3 that are still read. */
const LEGACY_NAMES: ReadonlyMap<string, string> = new Map([
  ['Matrix32', 'Transform2D'],
  ['Quat', 'Quaternion'],
  ['Rect3', 'AABB'],
  ['Matrix3', 'Basis'],
  ['Transform', 'Transform3D'],
  ['PoolByteArray', 'PackedByteArray'],
  ['ByteArray', 'PackedByteArray'],
  ['PackedIntArray', 'PackedInt32Array'],
  ['PoolIntArray', 'PackedInt32Array'],
  ['IntArray', 'PackedInt32Array'],
  ['PackedRealArray', 'PackedFloat32Array'],
  ['PoolRealArray', 'PackedFloat32Array'],
  ['FloatArray', 'PackedFloat32Array'],
  ['PoolStringArray', 'PackedStringArray'],
  ['StringArray', 'PackedStringArray'],
  ['PoolVector2Array', 'PackedVector2Array'],
  ['Vector2Array', 'PackedVector2Array'],
  ['PoolVector3Array', 'PackedVector3Array'],
  ['Vector3Array', 'PackedVector3Array'],
  ['PoolVector4Array', 'PackedVector4Array'],
  ['Vector4Array', 'PackedVector4Array'],
  ['PoolColorArray', 'PackedColorArray'],
  ['ColorArray', 'PackedColorArray'],
]);
