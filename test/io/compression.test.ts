import { createRequire } from 'node:module';
import { deflateRawSync, deflateSync, gzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Compressor } from '../../src/enet/compressor.ts';
import {
  createCompressor,
  prepareZstd,
  type ZstdLibraryName,
  type ZstdUnavailableError,
  zstdContentSize,
} from '../../src/io/compression.ts';
import {
  anyBody,
  bytes,
  compress,
  decompress,
  hex,
  hostileInput,
  MAX_BODY,
  recorded,
  walkCommands,
} from '../enet/compress/support.ts';
import { fcParameters } from '../support/fc.ts';

const twenty = Uint8Array.from({ length: 20 }, (_, i) => i);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasBuiltIn = major > 23 || (major === 23 && minor >= 8) || (major === 22 && minor >= 15);
const hasNapi = isInstalled('zstd-napi');

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function mode(number: number): Compressor {
  const compressor = createCompressor(number);
  if (compressor === undefined) throw new Error(`no compressor for mode ${number}`);
  return compressor;
}

// First in the file: the tests behind it prepare zstd.
test.skipIf(hasBuiltIn || hasNapi)('zstd that is not prepared: an error that says what to do', () => {
  const problem = caught(() => createCompressor(4));
  expect(problem.code).toBe('ERR_ZSTD_UNAVAILABLE');
  for (const part of ['Node 22.15', 'zstd-napi', '@bokuweb/zstd-wasm', 'await prepareZstd()']) {
    expect(problem.message).toContain(part);
  }
});

function caught(call: () => unknown): ZstdUnavailableError {
  try {
    call();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_ZSTD_UNAVAILABLE') {
      return Object.assign(error, { code: 'ERR_ZSTD_UNAVAILABLE' as const });
    }
  }
  throw new Error('no ZstdUnavailableError was thrown');
}

describe('createCompressor', () => {
  test('modes 0 to 3', () => {
    expect(createCompressor(0)).toBeUndefined();
    expect([1, 2, 3].map((number) => mode(number).name)).toEqual(['range coder', 'FastLZ', 'zlib']);
  });

  test.each([-1, 5, 1.5, Number.NaN, '1', undefined])('%s is a RangeError', (wrong) => {
    // The wrong type is the point.
    expect(() => createCompressor(wrong as number)).toThrow(RangeError);
  });
});

describe('mode 3, zlib', () => {
  const zlib = mode(3);

  test.each([
    ['100 zeros', new Uint8Array(100), '789c6360a03d000000640001'],
    ['abc x 10', new TextEncoder().encode('abc'.repeat(10)), '789c4b4c4a4ec48d00b20c0b7d'],
  ])('5.4 vector: %s', (_name, input, output) => {
    expect(hex(decompress(zlib, bytes(output)))).toBe(hex(input));
    const ours = compress(zlib, input);
    expect(hex(ours.subarray(0, 2))).toBe('789c');
    expect(hex(decompress(zlib, ours))).toBe(hex(input));
  });

  test('5.4 only a whole zlib stream with a right checksum counts; what follows it does not', () => {
    const packed = new Uint8Array(deflateSync(twenty));
    expect(decompress(zlib, packed)).toEqual(twenty);
    expect(decompress(zlib, Uint8Array.from([...packed, 1, 2, 3]))).toEqual(twenty);
    for (let length = 0; length < packed.length; length++) {
      expect(decompress(zlib, packed.subarray(0, length))).toHaveLength(0);
    }
    const wrong = packed.slice();
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    expect(decompress(zlib, wrong)).toHaveLength(0);
    expect(decompress(zlib, new Uint8Array(gzipSync(twenty)))).toHaveLength(0);
    expect(decompress(zlib, new Uint8Array(deflateRawSync(twenty)))).toHaveLength(0);
  });

  test('a bomb is refused', () => {
    const bomb = new Uint8Array(deflateSync(new Uint8Array(4_000_000)));
    expect(bomb.length).toBeLessThan(MAX_BODY);
    expect(decompress(zlib, bomb, 4092)).toHaveLength(0);
    expect(decompress(zlib, new Uint8Array(deflateSync(new Uint8Array(4093))), 4092)).toHaveLength(0);
    expect(decompress(zlib, new Uint8Array(deflateSync(new Uint8Array(4092))), 4092)).toHaveLength(4092);
  });

  test('every limit and chunk size, small and large', () => {
    for (const size of [1, 63, 64, 65, 4092, 16_383, 16_384, 40_000]) {
      const body = Uint8Array.from({ length: size }, (_, i) => i >> 3);
      const packed = compress(zlib, body, 2 * size + 64);
      expect(hex(new Uint8Array(inflateSync(packed)))).toBe(hex(body));
      expect(hex(decompress(zlib, packed, size))).toBe(hex(body));
      expect(decompress(zlib, packed, size - 1)).toHaveLength(0);
      expect(compress(zlib, body, packed.length - 1)).toHaveLength(0);
    }
  });

  contract(() => zlib);
  session('module-zlib', () => zlib);
});

const LIBRARIES: readonly { library: ZstdLibraryName; isMissing: boolean; needs: string }[] = [
  { library: 'node:zlib', isMissing: !hasBuiltIn, needs: 'Node 22.15 or later' },
  { library: '@bokuweb/zstd-wasm', isMissing: false, needs: 'npm install' },
  { library: 'zstd-napi', isMissing: !hasNapi, needs: 'npm install --no-save zstd-napi@0.0.13' },
];

test.skipIf(hasBuiltIn)('a library that is not there is named', async () => {
  await expect(prepareZstd({ library: 'node:zlib' })).rejects.toThrow(/node:zlib: Node .* has no zstd/);
});

describe.each(LIBRARIES)('mode 4, zstd with $library', ({ library, isMissing, needs }) => {
  describe.skipIf(isMissing)(isMissing ? `[skipped: needs ${needs}]` : 'is there', () => {
    let zstd: Compressor;
    beforeAll(async () => {
      expect(await prepareZstd({ library })).toBe(library);
      zstd = mode(4);
    });

    test.each([
      ['bytes 0..19', twenty, '28b52ffd2014a10000000102030405060708090a0b0c0d0e0f10111213'],
      ['300 zeros', new Uint8Array(300), '28b52ffd602c004d00001000000100272ac002'],
    ])('5.5 vector: %s', (_name, input, output) => {
      expect(hex(decompress(zstd, bytes(output)))).toBe(hex(input));
      expect(hex(decompress(zstd, compress(zstd, input)))).toBe(hex(input));
    });

    test('our frames say how large they are, so that a peer as careful as we are accepts them', () => {
      for (const length of [1, 255, 256, 4096]) {
        const packed = compress(zstd, new Uint8Array(length).fill(9));
        expect(zstdContentSize(packed, 0, packed.length)).toBe(length);
      }
    });

    test('a bomb is refused, whether it tells its size or lies', () => {
      // 4 MB of zeros: one raw-free frame of RLE blocks of 128 KiB each.
      const block = (size: number, isLast: boolean): number[] => {
        const header = (size << 3) | (1 << 1) | (isLast ? 1 : 0);
        return [header & 0xff, (header >> 8) & 0xff, header >> 16, 0];
      };
      const blocks = Array.from({ length: 32 }, (_, i) => block(131_072, i === 31)).flat();
      const frame = (size: number): Uint8Array => {
        const header = new Uint8Array(9);
        header.set(bytes('28b52ffda0'));
        new DataView(header.buffer).setUint32(5, size, true);
        return Uint8Array.from([...header, ...blocks]);
      };
      expect(decompress(zstd, frame(4 * 1024 * 1024), 4092)).toHaveLength(0);
      expect(decompress(zstd, frame(4000), 4092)).toHaveLength(0);
      // Without a size: window descriptor only.
      expect(decompress(zstd, Uint8Array.from([...bytes('28b52ffd0058'), ...blocks]), 4092)).toHaveLength(0);
      // The same block in a small frame is fine.
      expect(
        decompress(zstd, Uint8Array.from([...bytes('28b52ffd6000'), 0, ...block(256, true)]), 4092),
      ).toEqual(new Uint8Array(256));
    });

    test('a frame that is cut off is refused', () => {
      const packed = bytes('28b52ffd602c004d00001000000100272ac002');
      for (let length = 0; length < packed.length; length++) {
        expect(decompress(zstd, packed.subarray(0, length))).toHaveLength(0);
      }
    });

    contract(() => zstd);
    session('module-zstd', () => zstd);
  });
});

describe('zstdContentSize', () => {
  test.each([
    ['one byte', '28b52ffd2014a1', 20],
    ['two bytes', '28b52ffd602c00', 300],
    ['four bytes', '28b52ffda000000100', 65_536],
    ['eight bytes', '28b52ffde00000000001000000', 2 ** 32],
    ['eight bytes, the largest', '28b52ffde0ffffffffffffffff', 2 ** 64],
    ['window descriptor, two bytes', '28b52ffd40582c00', 300],
    ['with a checksum', '28b52ffd2414a1', 20],
    ['no size', '28b52ffd0058a1', -1],
    ['other magic', '28b52ffe2014a1', -1],
    ['skippable frame', '502a4d180400000000000000', -1],
    ['reserved bit', '28b52ffd2814a1', -1],
    ['dictionary', '28b52ffd210714a1', -1],
    ['cut off: two bytes', '28b52ffd602c', -1],
    ['cut off: four bytes', '28b52ffda0000001', -1],
    ['cut off: eight bytes', '28b52ffde000000000010000', -1],
    ['cut off: magic', '28b52ffd', -1],
    ['nothing', '', -1],
  ])('%s', (_name, digits, size) => {
    const header = bytes(digits);
    expect(zstdContentSize(header, 0, header.length)).toBe(size);
    expect(zstdContentSize(Uint8Array.from([0xff, ...header, 0xff]), 1, 1 + header.length)).toBe(size);
  });
});

function contract(get: () => Compressor): void {
  test('anything up to 4096 bytes survives', () => {
    fc.assert(
      fc.property(anyBody(), (body) => {
        expect(hex(decompress(get(), compress(get(), body)))).toBe(hex(body));
      }),
      fcParameters(150),
    );
  });

  test('any bytes: no throw, no byte beyond the limit, in time', () => {
    hostileInput(get(), fcParameters(200));
  });

  test('nothing in, nothing out; no room, nothing out', () => {
    expect(compress(get(), new Uint8Array(0))).toHaveLength(0);
    expect(decompress(get(), new Uint8Array(0))).toHaveLength(0);
    expect(compress(get(), twenty, 0)).toHaveLength(0);
    expect(decompress(get(), compress(get(), twenty), 0)).toHaveLength(0);
  });
}

function session(name: string, get: () => Compressor): void {
  test(`9.4 every flagged datagram of golden/sessions/${name} decompresses to ENet commands`, () => {
    const packed = recorded(name).filter((datagram) => datagram.isCompressed);
    expect(packed.length).toBeGreaterThanOrEqual(9);
    for (const { body, headerLength } of packed) {
      const commands = decompress(get(), body, MAX_BODY - headerLength);
      expect(walkCommands(commands).length).toBeGreaterThan(0);
      expect(hex(decompress(get(), compress(get(), commands)))).toBe(hex(commands));
    }
  });
}

test('preparing zstd again and again leaves it working', async () => {
  const input = Uint8Array.from({ length: 300 }, (_, index) => index % 7);
  for (let round = 0; round < 5; round++) {
    await prepareZstd({ library: '@bokuweb/zstd-wasm' });
    const compressor = createCompressor(4);
    const packed = new Uint8Array(400);
    const size = compressor?.compress(input, 0, input.length, packed, 0, packed.length) ?? 0;
    const output = new Uint8Array(400);
    expect(compressor?.decompress(packed, 0, size, output, 0, output.length)).toBe(input.length);
    expect(output.subarray(0, input.length)).toEqual(input);
  }
});
