import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFastLz } from '../../../src/enet/compress/fastlz.ts';
import { fcParameters } from '../../support/fc.ts';
import { anyBody, bytes, compress, decompress, hex, hostileInput } from './support.ts';

const coder = createFastLz();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const pangram = 'The quick brown fox jumps over the lazy dog. ';

describe('godot-enet-classes 5.3 vectors', () => {
  test.each([
    [
      'bytes 0..19',
      Uint8Array.from({ length: 20 }, (_, i) => i),
      '13000102030405060708090a0b0c0d0e0f10111213',
    ],
    ['100 zeros', new Uint8Array(100), '010000e0560102000000'],
    ['300 zeros', new Uint8Array(300), '010000e0fd01e0180102000000'],
    ['600 zeros', new Uint8Array(600), '010000e0fd01e0fd01e03e0102000000'],
    ['abc x 10', text('abc'.repeat(10)), '02616263e00f0202616263'],
    ['17 x ab', new Uint8Array(17).fill(0xab), '01ababe0030102ababab'],
    ['1200 x ab', new Uint8Array(1200).fill(0xab), '01ababe0fd01e0fd01e0fd01e0fd01e08a0102ababab'],
    ['5 bytes, padded to 16', bytes('0102030405'), '0f01020304050000000000000000000000'],
    [
      'the pangram twice',
      text((pangram + pangram).trimEnd()),
      '1f54686520717569636b2062726f776e20666f78206a756d7073206f76657220740c6865206c617a7920646f672e20e0202c026f672e',
    ],
  ])('%s', (_name, input, output) => {
    expect(hex(compress(coder, input))).toBe(output);
    const padded = new Uint8Array(Math.max(16, input.length));
    padded.set(input);
    expect(hex(decompress(coder, bytes(output)))).toBe(hex(padded));
  });
});

describe('encoder', () => {
  test('what goes in comes out, zeros added below 16 bytes', () => {
    fc.assert(
      fc.property(anyBody(), (body) => {
        const back = decompress(coder, compress(coder, body));
        const padded = new Uint8Array(body.length === 0 ? 0 : Math.max(16, body.length));
        padded.set(body);
        expect(hex(back)).toBe(hex(padded));
      }),
      fcParameters(200),
    );
  });

  test('the limit is exact: one byte less gives 0', () => {
    fc.assert(
      fc.property(anyBody(600), (body) => {
        const packed = compress(coder, body);
        expect(hex(compress(coder, body, packed.length))).toBe(hex(packed));
        if (packed.length > 0) expect(compress(coder, body, packed.length - 1)).toHaveLength(0);
      }),
      fcParameters(150),
    );
  });

  test.each([
    [8191, true],
    [8192, false],
  ])('a repetition %i bytes back: is it used? %s', (distance, isUsed) => {
    const piece = bytes('f1f2f3f4f5f6f7f8f9');
    // Zeros and ones in between, so that nothing takes the piece's place in the table. Not at position 0, which is
    // what an empty entry means.
    const body = Uint8Array.from(
      { length: 3 + distance + 40 },
      (_, i) => (Math.imul(i, 0x9e3779b1) >>> 20) & 1,
    );
    body.set(piece, 3);
    body.set(piece, 3 + distance);
    const packed = compress(coder, body, 2 * body.length);
    expect(decompress(coder, packed, body.length)).toEqual(body);
    // t = 7 and the high bits of distance - 1, any length, the low bits. No other byte here is ff.
    const isThere = packed.some((byte, i) => byte === 0xff && packed[i + 2] === ((distance - 1) & 0xff));
    expect(isThere).toBe(isUsed);
  });

  test('more than 65535 bytes, where the engine would write level 2, are declined', () => {
    expect(compress(coder, new Uint8Array(65_535), 70_000)).not.toHaveLength(0);
    expect(compress(coder, new Uint8Array(65_536), 70_000)).toHaveLength(0);
  });

  test('the position table survives 2^31 bytes', { timeout: 60_000 }, () => {
    const zeros = new Uint8Array(65_535);
    const output = new Uint8Array(70_000);
    const body = text(pangram.repeat(4));
    const expected = hex(compress(coder, body));
    let total = 0;
    while (total < 2 ** 31 + 10 * zeros.length) {
      expect(coder.compress(zeros, 0, zeros.length, output, 0, output.length)).toBeGreaterThan(0);
      if (total > 2 ** 31 - 10 * zeros.length) expect(hex(compress(coder, body))).toBe(expected);
      total += zeros.length;
    }
  });
});

describe('decoder', () => {
  test.each([
    ['level 1, a single last byte is not read', '0141 42 e0'.replaceAll(' ', ''), '4142'],
    ['level 2, literals', '2141 42'.replaceAll(' ', ''), '4142'],
    ['level 2, short match that overlaps', '2041 2000'.replaceAll(' ', ''), '41414141'],
    ['level 2, length 9 + 255 + 1', '2041 e0ff0100'.replaceAll(' ', ''), '41'.repeat(1 + 265)],
    ['level 1, length 9 + 255', '0041 e0ff00'.replaceAll(' ', ''), '41'.repeat(1 + 264)],
  ])('%s', (_name, input, output) => {
    expect(hex(decompress(coder, bytes(input)))).toBe(output);
  });

  test('level 2, the far form', () => {
    // 32 times 256 + 8 literal bytes, then 3 bytes from 8192 + 5 back.
    const runsOf32 = Array.from({ length: 257 }, (_, i) => [
      i === 0 ? 0x3f : 0x1f,
      ...Array.from({ length: 32 }, (_, j) => (i * 32 + j) % 251),
    ]).flat();
    const input = Uint8Array.from([...runsOf32, 0x3f, 0xff, 0x00, 0x05]);
    const output = decompress(coder, input, 16_384);
    expect(output).toHaveLength(257 * 32 + 3);
    const from = 257 * 32 - 8197;
    expect(output.slice(-3)).toEqual(output.slice(from, from + 3));
  });

  test.each([
    ['level 3', '40'],
    ['level 8', 'ff0000'],
    ['literal run beyond the input', '0541'],
    ['literal run of nothing', '00'],
    ['match before the start of the output', '0041 2001'.replaceAll(' ', '')],
    ['level 1, extension but no distance', '0041 e005'.replaceAll(' ', '')],
    ['level 2, no distance', '2041 20'.replaceAll(' ', '')],
    ['level 2, no extension', '2041 e0'.replaceAll(' ', '')],
    ['level 2, extension but no distance', '2041 e005'.replaceAll(' ', '')],
    ['level 2, far form cut off', '2041 3fff00'.replaceAll(' ', '')],
    ['level 2, far form before the start', '2041 3fff0000'.replaceAll(' ', '')],
    ['nothing at all', ''],
  ])('refused: %s', (_name, input) => {
    expect(decompress(coder, bytes(input))).toHaveLength(0);
  });

  test('the limit is exact', () => {
    const packed = bytes('0041e0ff00');
    expect(decompress(coder, packed, 265)).toHaveLength(265);
    expect(decompress(coder, packed, 264)).toHaveLength(0);
    expect(decompress(coder, bytes('024142430000'), 2)).toHaveLength(0);
  });

  test('any bytes: no throw, no byte beyond the limit, in time', () => {
    hostileInput(coder, fcParameters(200));
  });

  test('level 2 of any bytes: no throw, no byte beyond the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (input) => {
        input[0] = 0x20 | ((input[0] ?? 0) & 0x1f);
        const output = decompress(coder, input, 4092);
        // Cutting the last byte off may change the answer, but it must stay an answer.
        expect(decompress(coder, input.subarray(0, -1), 4092).length).toBeLessThanOrEqual(4092);
        expect(output.length).toBeLessThanOrEqual(4092);
      }),
      fcParameters(400),
    );
  });
});
