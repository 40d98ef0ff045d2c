/**
 * The compressors of `ENetConnection.compress()` for Node: godot-enet-classes section 5. Range coder and FastLZ are
 * our own (src/enet/compress/); zlib is Node's; zstd is Node's from 22.15 on, else one of two optional packages.
 *
 * All of them work on one datagram at a time, keep nothing between two calls and never throw: what cannot be packed
 * or unpacked gives 0, and the host then sends it plain or drops it (enet-protocol 9.3, 9.4).
 */

import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import type { Compressor } from '../enet/index.ts';
import { createFastLz, createRangeCoder } from '../enet/internal.ts';
import { moduleUrl } from './moduleUrl.ts';

/** The libraries that can do zstd, in the order in which they are tried. */
export type ZstdLibraryName = 'node:zlib' | 'zstd-napi' | '@bokuweb/zstd-wasm';

/** Options of {@link prepareZstd}. */
export interface ZstdOptions {
  /** The one library to use. Default: the first one that is there. */
  readonly library?: ZstdLibraryName;
}

/** The error that says that there is no zstd here. */
export interface ZstdUnavailableError extends Error {
  /** Always `"ERR_ZSTD_UNAVAILABLE"`. */
  readonly code: 'ERR_ZSTD_UNAVAILABLE';
}

/**
 * Makes the compressor of a `COMPRESS_*` mode: 0 none, 1 range coder, 2 FastLZ, 3 zlib, 4 zstd.
 *
 * @returns `undefined` for mode 0. A compressor may serve any number of hosts of this thread.
 * @throws RangeError for any other number; {@link ZstdUnavailableError} for mode 4 when this process has no zstd,
 * with a text that says how to get one.
 */
export function createCompressor(mode: number): Compressor | undefined {
  switch (mode) {
    case 0:
      return undefined;
    case 1:
      return createRangeCoder();
    case 2:
      return createFastLz();
    case 3:
      return ZLIB;
    case 4:
      zstd ??= loadZstdNow();
      return createZstd(zstd);
    default:
      throw new RangeError(`"mode" expected integer 0..4, got ${String(mode)}`);
  }
}

/**
 * Loads zstd ahead of {@link createCompressor}. Needed only on a Node below 22.15 with `@bokuweb/zstd-wasm`, which
 * cannot start synchronously; harmless elsewhere. Also the way to choose a library: the last call wins, for the
 * compressors that are made after it.
 *
 * @returns the library that is used from now on.
 * @throws (rejects with) {@link ZstdUnavailableError} when it cannot be loaded; what was loaded before stays.
 */
export async function prepareZstd(options: ZstdOptions = {}): Promise<ZstdLibraryName> {
  checkOptions(options, { library: true } satisfies OptionNames<ZstdOptions>);
  const problems: string[] = [];
  for (const name of options.library === undefined ? ZSTD_LIBRARIES : [options.library]) {
    const loaded = name === '@bokuweb/zstd-wasm' ? await startWasm(problems) : loadNow(name, problems);
    if (loaded !== undefined) {
      zstd = loaded;
      return name;
    }
  }
  throw unavailable(problems);
}

/**
 * Reads the header of a zstd frame (RFC 8878, 3.1.1.1) in `bytes[start, end)`.
 *
 * @returns the content size in bytes; -1 when this is no zstd frame, the header is cut off, it wants a dictionary or
 * does not say how large the content is.
 */
export function zstdContentSize(bytes: Uint8Array, start: number, end: number): number {
  const stop = Math.min(end, bytes.length);
  if (stop - start < 6) return -1;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, stop - start);
  if (view.getUint32(0, true) !== 0xfd2fb528) return -1;
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const isReservedBitSet = (descriptor & 0x08) !== 0;
  const hasDictionary = (descriptor & 0x03) !== 0;
  if (isReservedBitSet || hasDictionary) return -1;
  const at = isSingleSegment ? 5 : 6;
  const left = view.byteLength - at;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment && left >= 1 ? view.getUint8(at) : -1;
    case 1:
      return left >= 2 ? view.getUint16(at, true) + 256 : -1;
    case 2:
      return left >= 4 ? view.getUint32(at, true) : -1;
    default:
      return left >= 8 ? Number(view.getBigUint64(at, true)) : -1;
  }
}

/** godot-enet-classes 5.4. */
const ZLIB: Compressor = {
  name: 'zlib',

  compress(input, inStart, inEnd, output, outStart, outLimit) {
    if (inStart >= inEnd) return 0;
    // One chunk that surely holds the result saves the 16 KiB that Node takes by default.
    DEFLATE_OPTIONS.chunkSize = Math.max(MIN_CHUNK, inEnd - inStart + DEFLATE_MARGIN);
    try {
      return place(
        zlib.deflateSync(input.subarray(inStart, inEnd), DEFLATE_OPTIONS),
        output,
        outStart,
        outLimit,
      );
    } catch {
      // Only for want of memory: the datagram goes out plain.
      return 0;
    }
  },

  decompress(input, inStart, inEnd, output, outStart, outLimit) {
    if (outLimit < 1 || !isZlibStart(input, inStart, inEnd)) return 0;
    INFLATE_OPTIONS.maxOutputLength = outLimit;
    INFLATE_OPTIONS.chunkSize = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, outLimit + 1));
    try {
      return place(
        zlib.inflateSync(input.subarray(inStart, inEnd), INFLATE_OPTIONS),
        output,
        outStart,
        outLimit,
      );
    } catch {
      // Damaged, cut off or larger than the limit: the interface says 0.
      return 0;
    }
  },
};

/**
 * Whether the bytes can be a zlib stream (RFC 1950, 2.2): its header, a block, the checksum. What cannot costs nothing;
 * setting up Node's inflate costs as much for damage as for a datagram.
 */
function isZlibStart(input: Uint8Array, start: number, end: number): boolean {
  if (end - start < MIN_ZLIB) return false;
  const method = input[start] ?? 0;
  const flags = input[start + 1] ?? 0;
  const isDeflate = (method & 0x0f) === 8 && method >> 4 <= 7;
  const hasDictionary = (flags & 0x20) !== 0;
  const isReservedBlock = ((input[start + 2] ?? 0) & 0x06) === 0x06;
  return isDeflate && !hasDictionary && !isReservedBlock && ((method << 8) | flags) % 31 === 0;
}

/** godot-enet-classes 5.5, over one of the libraries. */
function createZstd(library: ZstdLibrary): Compressor {
  return {
    name: 'zstd',

    compress(input, inStart, inEnd, output, outStart, outLimit) {
      if (inStart >= inEnd) return 0;
      try {
        return place(library.compress(input.subarray(inStart, inEnd)), output, outStart, outLimit);
      } catch {
        // Only for want of memory: the datagram goes out plain.
        return 0;
      }
    },

    decompress(input, inStart, inEnd, output, outStart, outLimit) {
      // The libraries trust the announced size, and go on without one: ask before they do.
      const size = zstdContentSize(input, inStart, inEnd);
      if (size < 1 || size > outLimit) return 0;
      try {
        const result = library.decompress(input.subarray(inStart, inEnd), size);
        return result.length === size ? place(result, output, outStart, outLimit) : 0;
      } catch {
        // Damaged or cut off: the interface says 0.
        return 0;
      }
    },
  };
}

/** Copies a result to where the host wants it; 0 when it does not fit. */
function place(result: Uint8Array, output: Uint8Array, outStart: number, outLimit: number): number {
  if (result.length > outLimit || result.length > output.length - outStart) return 0;
  output.set(result, outStart);
  return result.length;
}

/** A zstd library in the shape that we need. May throw. */
interface ZstdLibrary {
  readonly compress: (bytes: Uint8Array) => Uint8Array;
  /** `size` is the content size of the frame, which is also the limit. */
  readonly decompress: (bytes: Uint8Array, size: number) => Uint8Array;
}

/** What can be had without waiting. */
function loadZstdNow(): ZstdLibrary {
  const problems: string[] = [];
  for (const name of ZSTD_LIBRARIES) {
    if (name === '@bokuweb/zstd-wasm') {
      problems.push(`${name}: not started yet; call "await prepareZstd()" first, if it is installed`);
      continue;
    }
    const loaded = loadNow(name, problems);
    if (loaded !== undefined) return loaded;
  }
  throw unavailable(problems);
}

function loadNow(name: 'node:zlib' | 'zstd-napi', problems: string[]): ZstdLibrary | undefined {
  if (name === 'zstd-napi') return fromNapi(requireOptional(name, problems));
  const builtIn = fromNodeZlib(zlib);
  if (builtIn === undefined) {
    problems.push(`node:zlib: Node ${process.versions.node} has no zstd; 22.15 and later have it`);
  }
  return builtIn;
}

/** Node's own zstd. Its types are those of Node 20, so the two functions are looked up by name. */
function fromNodeZlib(module: object): ZstdLibrary | undefined {
  if (!hasFunctions(module, 'zstdCompressSync', 'zstdDecompressSync')) return undefined;
  const { zstdCompressSync, zstdDecompressSync } = module;
  const options = { maxOutputLength: 1, chunkSize: MIN_CHUNK };
  return {
    // Its default level is 3, as in Godot. Deno writes the size into the frame, without which nobody unpacks it, only when it is told.
    compress: (bytes) =>
      IS_DENO ? zstdCompressSync(bytes, { pledgedSrcSize: bytes.length }) : zstdCompressSync(bytes),
    decompress: (bytes, size) => {
      options.maxOutputLength = size;
      options.chunkSize = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, size + 1));
      return zstdDecompressSync(bytes, options);
    },
  };
}

function fromNapi(module: object | undefined): ZstdLibrary | undefined {
  if (module === undefined || !hasFunctions(module, 'compress', 'decompress')) return undefined;
  const { compress, decompress } = module;
  return {
    compress: (bytes) => compress(bytes, NAPI_OPTIONS),
    decompress: (bytes) => decompress(bytes),
  };
}

/** The start of the wasm package. A second `init()` would replace the memory under its feet, so there is only one. */
let wasmStart: Promise<unknown> | undefined;

async function startWasm(problems: string[]): Promise<ZstdLibrary | undefined> {
  const name = '@bokuweb/zstd-wasm';
  const module = requireOptional(name, problems);
  if (module === undefined || !hasFunctions(module, 'init', 'compress', 'decompress')) return undefined;
  const { init, compress, decompress } = module;
  try {
    wasmStart ??= Promise.resolve(init());
    await wasmStart;
  } catch (error) {
    wasmStart = undefined;
    problems.push(`${name}: ${String(error)}`);
    return undefined;
  }
  return {
    compress: (bytes) => compress(bytes, ZSTD_LEVEL),
    decompress: (bytes) => decompress(bytes),
  };
}

function requireOptional(name: string, problems: string[]): object | undefined {
  try {
    const module: unknown = createRequire(moduleUrl(import.meta.url))(name);
    if (typeof module === 'object' && module !== null) return module;
    problems.push(`${name}: not a module`);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    problems.push(`${name}: ${isMissing ? 'not installed' : String(error)}`);
  }
  return undefined;
}

/** The functions of the libraries take bytes and settings, and the ones whose result we use return bytes. */
type LibraryFunction = (...settings: unknown[]) => Uint8Array;

function hasFunctions<Name extends string>(
  module: object,
  ...names: Name[]
): module is Record<Name, LibraryFunction> {
  return names.every((name) => typeof Reflect.get(module, name) === 'function');
}

function unavailable(problems: readonly string[]): ZstdUnavailableError {
  const text =
    'COMPRESS_ZSTD needs Node 22.15 or later, or the package "zstd-napi", or the package "@bokuweb/zstd-wasm" with ' +
    '"await prepareZstd()" before the first use. ' +
    `Tried: ${problems.join('; ')}.`;
  return Object.assign(new Error(text), { code: 'ERR_ZSTD_UNAVAILABLE' as const });
}

const ZSTD_LIBRARIES: readonly ZstdLibraryName[] = ['node:zlib', 'zstd-napi', '@bokuweb/zstd-wasm'];
/** Godot's default for `compression/formats/zstd/compression_level`. */
const ZSTD_LEVEL = 3;
const NAPI_OPTIONS = { compressionLevel: ZSTD_LEVEL };

/** The shortest zlib stream: that of nothing. */
const MIN_ZLIB = 8;
/** Node refuses smaller chunks. */
const MIN_CHUNK = 64;
/** Enough for every datagram; larger limits just take more than one chunk. */
const MAX_CHUNK = 16 * 1024;
/** More than deflate ever adds to a datagram. */
const DEFLATE_MARGIN = 64;

// Node reads these during the call, so that one object each can be used again.
const DEFLATE_OPTIONS = {
  level: zlib.constants.Z_DEFAULT_COMPRESSION,
  windowBits: zlib.constants.Z_MAX_WINDOWBITS,
  memLevel: 8,
  chunkSize: MIN_CHUNK,
};
const IS_DENO = 'deno' in process.versions;
const INFLATE_OPTIONS = { maxOutputLength: 1, chunkSize: MIN_CHUNK };

let zstd: ZstdLibrary | undefined;
