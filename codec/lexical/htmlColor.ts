/** Colors in hexadecimal, as after `#` (docs/protocol/variant-codec 9.4). */
import { Color } from '../values/Color.ts';

/** The color of 3, 4, 6 or 8 hexadecimal digits (rgb, rgba, rrggbb, rrggbbaa); `undefined` for another count. */
export function colorOf(digits: string): Color | undefined {
  const isShort = digits.length === 3 || digits.length === 4;
  if (!isShort && digits.length !== 6 && digits.length !== 8) return undefined;
  const size = isShort ? 1 : 2;
  const most = isShort ? 15 : 255;
  const channels: number[] = [];
  for (let at = 0; at < digits.length; at += size) {
    channels.push(Math.fround(Number.parseInt(digits.slice(at, at + size), 16) / most));
  }
  return new Color(channels[0], channels[1], channels[2], channels[3]);
}
