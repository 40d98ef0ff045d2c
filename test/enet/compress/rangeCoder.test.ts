import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRangeCoder } from '../../../src/enet/compress/rangeCoder.ts';
import { twinCompress, twinDecompress } from '../../reference/rangeCoder.ts';
import { fcParameters } from '../../support/fc.ts';
import { anyBody, bytes, compress, decompress, hex, hostileInput } from './support.ts';

const coder = createRangeCoder();
const vectors: { name: string; input_hex: string; output_hex: string }[] = JSON.parse(
  readFileSync(new URL('../../../golden/enet/range-coder.json', import.meta.url), 'utf8'),
);

describe('golden: the C library', () => {
  test.each(vectors)('$name is encoded to the same bytes', ({ input_hex, output_hex }) => {
    const input = bytes(input_hex);
    expect(hex(compress(coder, input, input.length))).toBe(output_hex);
    expect(hex(twinCompress(input, input.length).bytes)).toBe(output_hex);
  });

  test.each(vectors.filter((vector) => vector.output_hex !== ''))('$name is decoded', (vector) => {
    const output = bytes(vector.output_hex);
    expect(hex(decompress(coder, output))).toBe(vector.input_hex);
    expect(hex(twinDecompress(output, 4096).bytes)).toBe(vector.input_hex);
  });

  test('10.5 the jumbo vectors reset the model', () => {
    const resets = vectors
      .filter((vector) => vector.name.startsWith('jumbo'))
      .map((vector) => twinCompress(bytes(vector.input_hex), 8192).resets);
    expect(Math.max(...resets)).toBeGreaterThan(0);
  });
});

describe('the slow twin agrees', () => {
  test('encoding, at any limit', () => {
    fc.assert(
      fc.property(anyBody(700), fc.integer({ min: 0, max: 900 }), (body, limit) => {
        expect(hex(compress(coder, body, limit))).toBe(hex(twinCompress(body, limit).bytes));
      }),
      fcParameters(120),
    );
  });

  test('decoding of good data', () => {
    fc.assert(
      fc.property(anyBody(400), (body) => {
        const packed = compress(coder, body);
        expect(hex(twinDecompress(packed, 4096).bytes)).toBe(hex(body));
        expect(hex(decompress(coder, packed))).toBe(hex(body));
      }),
      fcParameters(40),
    );
  });

  test('decoding of damaged data, at any limit', () => {
    const change = fc.tuple(fc.nat({ max: 700 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        anyBody(400),
        fc.array(change, { maxLength: 4 }),
        fc.integer({ min: 0, max: 900 }),
        (body, changes, limit) => {
          const packed = compress(coder, body);
          for (const [at, value] of changes) packed[at % Math.max(1, packed.length)] = value;
          expect(hex(decompress(coder, packed, limit))).toBe(hex(twinDecompress(packed, limit).bytes));
        },
      ),
      fcParameters(150),
    );
  });

  test.each([1919, 1920, 1921, 2600, 4096])('10.5 noise of %i bytes, which uses up the nodes', (length) => {
    const body = noise(length);
    const twin = twinCompress(body, 8192);
    if (length > 2000) expect(twin.resets).toBeGreaterThan(0);
    const packed = compress(coder, body);
    expect(hex(packed)).toBe(hex(twin.bytes));
    expect(hex(decompress(coder, packed))).toBe(hex(body));
  });

  test('10.5 one byte over and over rescales every context', () => {
    const body = new Uint8Array(4096).fill(7);
    const packed = compress(coder, body);
    expect(hex(packed)).toBe(hex(twinCompress(body, 8192).bytes));
    expect(hex(decompress(coder, packed))).toBe(hex(body));
  });

  test('bytes that come sorted, up and down, do not change the output when a tree is balanced', () => {
    for (const direction of [1, -1]) {
      const body = Uint8Array.from({ length: 1500 }, (_, i) => (i % 2 === 0 ? 65 : (i >> 1) * direction));
      const packed = compress(coder, body);
      expect(hex(packed)).toBe(hex(twinCompress(body, 8192).bytes));
      expect(hex(decompress(coder, packed))).toBe(hex(body));
    }
  });
});

describe('contract', () => {
  test('W1, 9.2 empty input gives 0 in both directions', () => {
    expect(compress(coder, new Uint8Array(0))).toHaveLength(0);
    expect(decompress(coder, new Uint8Array(0))).toHaveLength(0);
  });

  test('anything up to 4096 bytes survives', () => {
    fc.assert(
      fc.property(anyBody(), (body) => {
        expect(hex(decompress(coder, compress(coder, body)))).toBe(hex(body));
      }),
      fcParameters(100),
    );
  });

  test('nothing is left from one datagram to the next, whatever came before', () => {
    const body = bytes(vectors.find((vector) => vector.name === 'connect-command-48')?.input_hex ?? '');
    const expected = hex(compress(coder, body));
    fc.assert(
      fc.property(anyBody(300), fc.boolean(), (before, isDamaged) => {
        if (isDamaged) decompress(coder, before);
        else compress(coder, before, 20);
        expect(hex(compress(createRangeCoder(), body))).toBe(expected);
        expect(hex(decompress(coder, bytes(expected)))).toBe(hex(body));
      }),
      fcParameters(60),
    );
  });

  test('the limit is exact in both directions', () => {
    const body = noise(48).map((value) => value & 3);
    const packed = compress(coder, body);
    expect(compress(coder, body, packed.length)).toEqual(packed);
    expect(compress(coder, body, packed.length - 1)).toHaveLength(0);
    expect(decompress(coder, packed, body.length)).toEqual(body);
    expect(decompress(coder, packed, body.length - 1)).toHaveLength(0);
  });

  test('12.1 W13 any bytes: no throw, no byte beyond the limit, in time', () => {
    hostileInput(coder, fcParameters(150));
  });
});

/** The same noise in every run. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
