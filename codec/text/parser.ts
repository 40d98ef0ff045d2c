/** The values of Godot's text formats (docs/protocol/variant-codec 9.4), read from the tokens of one text. */

import { ContainerType } from '../values/ContainerType.ts';
import { Float } from '../values/Float.ts';
import { KeySession } from '../values/keyToken.ts';
import { MATH_TYPES } from '../values/mathTypes.ts';
import { NodePath } from '../values/NodePath.ts';
import { PACKED_VECTOR_TYPES } from '../values/packedTypes.ts';
import { Callable, EncodedObjectAsID, GodotObject, Signal } from '../values/reference.ts';
import { StringName } from '../values/StringName.ts';
import type { TextResource } from '../values/TextResource.ts';
import { TypedArray } from '../values/TypedArray.ts';
import { VariantType, variantTypeByString } from '../values/variantTypes.ts';
import type { VariantValue } from '../values/variantValue.ts';
import {
  expect,
  LEGACY_NAMES,
  type Punctuation,
  readBytes,
  readMath,
  readNumbers,
  readReference,
  readRid,
  readStrings,
  readText,
  SPECIAL_NUMBERS,
} from './constructors.ts';
import { convertTo, type NumberView, type ParsedValue, parsedType, toInt32, toInt64 } from './convert.ts';
import { dictionaryOf, type ParsedPair } from './dictionaryOf.ts';
import { resolveTextOptions, type TextReadOptions } from './readOptions.ts';
import { TextScanner } from './tokens.ts';

/** Reads values one after the other from one text. */
export class TextParser implements NumberView {
  /** The tokens; a reader of files moves it past what is between the values. */
  readonly scanner: TextScanner;
  readonly #options: TextReadOptions;
  readonly #isExact: boolean;
  readonly #isDouble: boolean;
  readonly #maxDepth: number;
  readonly #maxElements: number;
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
    const { isExact, isDouble, maxDepth, maxElements, maxLength } = resolveTextOptions(options);
    this.#options = options;
    this.#isExact = isExact;
    this.#isDouble = isDouble;
    this.#maxDepth = maxDepth;
    this.#maxElements = maxElements;
    this.#elementsLeft = maxElements;
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
    const reason = `More than ${this.#maxElements} elements`;
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
    if (math !== undefined) return readMath(this.scanner, name, math, this.#isDouble);
    const packed = PACKED_VECTOR_TYPES.get(name);
    if (packed !== undefined) {
      const { values } = readNumbers(this.scanner);
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
        const path = readText(this.scanner, 'the path as a string');
        this.#expect(')');
        return new NodePath(path);
      }
      case 'RID':
        return readRid(this.scanner);
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
        const reference = readReference(this.scanner, name);
        const { resource } = this.#options;
        if (resource === undefined) return reference;
        // A type edge: what the hook gives is the caller's own.
        return resource(reference, (reason) => this.scanner.error(reason, offset)) as VariantValue;
      }
      case 'PackedByteArray':
        return readBytes(this.scanner);
      case 'PackedInt32Array': {
        const { values, floats } = readNumbers(this.scanner);
        return Int32Array.from(values, (value, index) => toInt32(value, floats.has(index)));
      }
      case 'PackedInt64Array': {
        const { values, floats } = readNumbers(this.scanner);
        return BigInt64Array.from(values, (value, index) =>
          floats.has(index) ? toInt64(Number(value)) : BigInt(value),
        );
      }
      case 'PackedFloat32Array':
        return Float32Array.from(readNumbers(this.scanner).values, Number);
      case 'PackedFloat64Array':
        return Float64Array.from(readNumbers(this.scanner).values, Number);
      case 'PackedStringArray':
        return readStrings(this.scanner, () => this.takeElement());
      default:
        throw this.scanner.unexpected('a value');
    }
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
    return typeof id === 'bigint' || Number.isSafeInteger(id)
      ? new EncodedObjectAsID(BigInt(id as bigint))
      : object;
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
  #pairs(depth: number, keyType?: ContainerType): ParsedPair[] {
    const scanner = this.scanner;
    const pairs: ParsedPair[] = [];
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
    pairs: readonly ParsedPair[],
    keyType: ContainerType | undefined,
    valueType: ContainerType | undefined,
  ): VariantValue {
    this.#session ??= new KeySession();
    return dictionaryOf(pairs, keyType, valueType, this.#session, this.scanner);
  }

  /** The element type of a container: a name or a resource expression; `undefined` for untyped. */
  #containerType(): ContainerType | undefined {
    const scanner = this.scanner;
    if (scanner.next() !== 'word') throw scanner.unexpected('a type');
    const name = scanner.text;
    if (name === 'Resource' || name === 'ExtResource' || name === 'SubResource') {
      const isClass = this.scanner.source.charCodeAt(endOfBlank(scanner)) !== OPEN;
      if (!isClass)
        return new ContainerType(VariantType.OBJECT, '', this.#script(readReference(this.scanner, name)));
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

  #expect(kind: Punctuation): void {
    expect(this.scanner, kind);
  }

  #enter(depth: number): void {
    if (depth <= this.#maxDepth) return;
    throw this.scanner.error(`Nested deeper than ${this.#maxDepth}`, this.scanner.start, 'ERR_TEXT_TOO_DEEP');
  }
}

function converted(
  type: ContainerType | undefined,
  parsed: ParsedValue,
  view: NumberView,
): VariantValue | undefined {
  return type === undefined ? parsed.value : convertTo(type, parsed, view);
}

/** Where the next token begins. */
function endOfBlank(scanner: TextScanner): number {
  scanner.skipBlank();
  return scanner.at;
}

const OPEN = 0x28;
const CLASS_NAME = /^[A-Za-z_]\w*$/;
