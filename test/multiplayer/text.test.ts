/** Texts of packets: what becomes of bad UTF-8, and what it costs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BadText, MARKED, readCString } from '../../src/multiplayer/wire/systemPackets.ts';
import { fcParameters } from '../support/fc.ts';

describe('texts of packets', () => {
  it('are what a decoder says of each character, whatever is among them', () => {
    const characters = fc
      .constantFrom('a', 'é', '€', '😀', '\ufffd')
      .map((text) => [...new TextEncoder().encode(text)]);
    const bytes = fc.constantFrom(
      0x7f,
      0x80,
      0x90,
      0xbf,
      0xc0,
      0xc1,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xf8,
      0xff,
    );
    const parts = fc.oneof(characters, fc.array(bytes, { maxLength: 4 }));
    const bad = fc.constantFrom<BadText>(MARKED, { wrong: ' ', cutOff: ' ' });
    const isSame = fc.property(fc.array(parts, { maxLength: 8 }), bad, (list, how) => {
      const text = Uint8Array.from(list.flat());
      expect(readCString(text, 0, text.length, how)).toBe(slowly(text, how));
    });
    fc.assert(isSame, fcParameters(2000));
  });

  it('have no BOM in front, good or bad', () => {
    expect(readCString(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 0, 4)).toBe('a');
    expect(readCString(Uint8Array.of(0xef, 0xbb, 0xbf, 0xff), 0, 4)).toBe('\ufffd');
  });

  it('cost no more when they are bad: a packet may have megabytes of them', () => {
    const bytes = new Uint8Array(1_000_000).fill(0xff);
    const before = performance.now();
    expect(readCString(bytes, 0, bytes.length)).toHaveLength(1_000_000);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

/** Character by character, with a decoder that throws. */
function slowly(bytes: Uint8Array, { wrong, cutOff }: BadText): string {
  const strictly = (part: Uint8Array): string | undefined => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part);
    } catch {
      return undefined;
    }
  };
  const whole = strictly(bytes);
  if (whole !== undefined) return whole;
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const head = bytes[at] ?? 0;
    const size = head < 0x80 ? 1 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : 4;
    const isCutOff = head >= 0xc0 && head < 0xf8 && at + size > bytes.length;
    if (isCutOff && cutOff !== undefined) return text + cutOff;
    const character = at + size > bytes.length ? undefined : strictly(bytes.subarray(at, at + size));
    text += character ?? wrong;
    at += character === undefined ? 1 : size;
  }
  return text;
}
