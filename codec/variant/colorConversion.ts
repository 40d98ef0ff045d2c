/** Godot's conversions to Color. */
import { colorOf } from '../lexical/htmlColor.ts';
import { Color } from '../values/Color.ts';

/** Godot's `Color.hex`: 0xRRGGBBAA, the lowest 32 bits count. */
export function colorOfInt(value: bigint): Color {
  const bits = Number(BigInt.asUintN(32, value));
  const channel = (shift: number): number => Math.fround(((bits >>> shift) & 255) / 255);
  return new Color(channel(24), channel(16), channel(8), channel(0));
}

/** 3, 4, 6 or 8 hexadecimal digits, with or without `#`. Any other text is black: the engine's names are not known here. */
export function colorOfText(text: string): Color {
  const digits = text.startsWith('#') ? text.slice(1) : text;
  return (/^[0-9a-f]*$/i.test(digits) ? colorOf(digits) : undefined) ?? new Color();
}
