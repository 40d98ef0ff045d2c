/** What Godot's text format leaves of a value (variant-codec 9.1 to 9.4), said independently of the parser. */
import {
  Dictionary,
  Float,
  NodePath,
  PackedNumbers,
  PackedStringArray,
  parseDecimal,
  Signal,
  StringName,
  TypedArray,
  type VariantValue,
} from '../../codec/index.ts';
import { floatToVarText } from '../../codec/lexical/floatText.ts';
import { compareKeys } from '../../codec/lexical/keyOrder.ts';
import { sortKeys } from '../../codec/lexical/keySort.ts';
import { MATH_TYPES, mathParts } from '../../codec/values/mathTypes.ts';

/** What a text does not carry. */
export type TextLoss =
  | 'the sign of a zero'
  | 'the payload of a NaN'
  | 'a FLOAT that is an f32: its short text is another double'
  | 'a FLOAT that the decimal reader misses'
  | 'a component that the decimal reader misses'
  | 'the order of dictionary keys'
  | 'bells and vertical tabs where they are escaped'
  | 'the content of a Signal'
  | 'the parts of a NodePath that its text does not tell apart';

/** What is left of a value that went through its text. */
export function wear(value: VariantValue, losses: Set<TextLoss>): VariantValue {
  if (value instanceof Float) return wearFloat(value, losses);
  if (value instanceof Float64Array) return value.map((number) => wearReal(number, false, losses));
  if (value instanceof Float32Array) return value.map((number) => wearReal(number, true, losses));
  if (value instanceof PackedNumbers) {
    const data = Float32Array.from(value.data, (number) => wearReal(number, true, losses));
    // A packed array of the same class.
    return Reflect.construct(value.constructor, [data]) as VariantValue;
  }
  if (value instanceof StringName) return new StringName(wearEscapes(value.value, losses));
  if (value instanceof PackedStringArray) {
    return new PackedStringArray(value.values.map((text) => wearEscapes(text, losses)));
  }
  if (value instanceof NodePath) {
    const path = new NodePath(wearEscapes(value.toString(), losses));
    if (!path.equals(value)) losses.add('the parts of a NodePath that its text does not tell apart');
    return path;
  }
  if (value instanceof Signal) {
    if (!value.equals(new Signal())) losses.add('the content of a Signal');
    return new Signal();
  }
  const parts = mathParts(value);
  if (parts !== undefined && !parts.isInteger) {
    const numbers = parts.numbers.map((number) => wearReal(number, true, losses));
    return MATH_TYPES.get(parts.name)?.make(numbers) ?? null;
  }
  if (Array.isArray(value)) {
    const elements = value.map((element) => wear(element, losses));
    return value instanceof TypedArray ? new TypedArray(value.elementType, elements) : elements;
  }
  if (!(value instanceof Dictionary)) return value;
  const pairs = [...value];
  const sorted = [...pairs];
  // Not toSorted: among others, random 479 has keys that the engine's order puts in a circle.
  sortKeys(sorted, ([left], [right]) => compareKeys(left, right));
  if (sorted.some((pair, index) => pair !== pairs[index])) losses.add('the order of dictionary keys');
  return new Dictionary(
    sorted.map(([key, item]) => [wear(key, losses), wear(item, losses)] as const),
    value,
  );
}

function wearFloat(value: Float, losses: Set<TextLoss>): Float {
  if (Number.isNaN(value.value)) {
    if (value.nanBits !== undefined) losses.add('the payload of a NaN');
    return new Float(Number.NaN);
  }
  if (!Number.isFinite(value.value)) return value;
  const read = parseDecimal(floatToVarText(value.value));
  if (!Object.is(read, value.value)) {
    if (read === value.value) losses.add('the sign of a zero');
    else if (Math.fround(value.value) === value.value) {
      losses.add('a FLOAT that is an f32: its short text is another double');
    } else losses.add('a FLOAT that the decimal reader misses');
  }
  return new Float(read);
}

function wearReal(value: number, isSingle: boolean, losses: Set<TextLoss>): number {
  if (!Number.isFinite(value)) return value;
  const double = parseDecimal(floatToVarText(value));
  const read = isSingle ? Math.fround(double) : double;
  if (read !== value) losses.add('a component that the decimal reader misses');
  else if (!Object.is(read, value)) losses.add('the sign of a zero');
  return read;
}

/** `\\a` and `\\v` are written and read as the letters. */
function wearEscapes(text: string, losses: Set<TextLoss>): string {
  const worn = text.replaceAll('\u0007', 'a').replaceAll('\v', 'v');
  if (worn !== text) losses.add('bells and vertical tabs where they are escaped');
  return worn;
}
