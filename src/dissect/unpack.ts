/** Compression on the command line: the modes by name, and finding out which one a datagram uses. */
import { type Compressor, parseDatagram } from '../enet/index.ts';
import { MAX_MTU } from '../enet/internal.ts';
import { createCompressor, prepareZstd } from '../io/internal.ts';

/** The names of the compressions, by `COMPRESS_*` number. */
export const COMPRESSION_NAMES = ['none', 'range-coder', 'fastlz', 'zlib', 'zstd'] as const;

/** One of {@link COMPRESSION_NAMES}. */
export type CompressionName = (typeof COMPRESSION_NAMES)[number];

/** A compression, or `auto`: find out for each compressed datagram. */
export type CompressionChoice = CompressionName | 'auto';

/** What came out of the compressed part of a datagram. */
export interface Unpacked {
  /** The commands as bytes; owned by the caller. */
  readonly body: Uint8Array;
  /** Which compression it was. */
  readonly mode: CompressionName;
}

/** Takes the compressed part of a datagram apart. */
export interface Unpacker {
  /**
   * @param packed - The compressed part.
   * @param headerLength - Length of what stands before it, in bytes.
   * @returns what came out, or a text that says why nothing did.
   */
  unpack(packed: Uint8Array, headerLength: number): Unpacked | string;
}

/** Whether a text names a compression or is `auto`. */
export function isCompressionChoice(text: string): text is CompressionChoice {
  return text === 'auto' || COMPRESSION_NAMES.some((name) => name === text);
}

/**
 * Makes an unpacker.
 *
 * @throws (rejects with) a `ZstdUnavailableError` when zstd is asked for by name and this process has none.
 */
export async function createUnpacker(choice: CompressionChoice): Promise<Unpacker> {
  if (choice === 'none') return { unpack: () => 'it is compressed, but the compression is "none"' };
  if (choice === 'zstd') await loadZstd();
  if (choice !== 'auto') return single(choice, compressorOf(choice));
  const compressors: [CompressionName, Compressor][] = AUTO_ORDER.map((name) => [name, compressorOf(name)]);
  let missing = '';
  try {
    await loadZstd();
    compressors.splice(1, 0, ['zstd', compressorOf('zstd')]);
  } catch (error) {
    // Without zstd the other modes still work; a datagram that needs it says so.
    missing = ` (zstd was not tried: ${error instanceof Error ? error.message : String(error)})`;
  }
  return automatic(compressors, missing);
}

/** Once per process: a library stays loaded, and one that is missing stays missing. */
function loadZstd(): Promise<unknown> {
  zstd ??= prepareZstd();
  return zstd;
}

function single(mode: CompressionName, compressor: Compressor): Unpacker {
  return {
    unpack(packed, headerLength) {
      const body = run(compressor, packed, headerLength);
      return body === undefined
        ? `its ${packed.length} compressed bytes from byte ${headerLength} on are damaged or not ${mode}`
        : { body, mode };
    },
  };
}

/** Takes the mode whose output is nothing but whole commands; the one that was right last time is asked first. */
function automatic(compressors: [CompressionName, Compressor][], missing: string): Unpacker {
  return {
    unpack(packed, headerLength) {
      for (const [index, entry] of compressors.entries()) {
        const body = run(entry[1], packed, headerLength);
        if (body === undefined || !isWhole(body)) continue;
        compressors.splice(index, 1);
        compressors.unshift(entry);
        return { body, mode: entry[0] };
      }
      const tried = compressors
        .map(([name]) => name)
        .sort()
        .join(', ');
      return (
        `its ${packed.length} compressed bytes from byte ${headerLength} on give no whole commands ` +
        `with ${tried}${missing}`
      );
    },
  };
}

function compressorOf(name: CompressionName): Compressor {
  const compressor = createCompressor(COMPRESSION_NAMES.indexOf(name));
  if (compressor === undefined) throw new RangeError(`"name" expected a compression, got ${name}`);
  return compressor;
}

/** enet-protocol 9.4: more than 4096 bytes, header included, never come out. */
function run(compressor: Compressor, packed: Uint8Array, headerLength: number): Uint8Array | undefined {
  const limit = MAX_MTU - headerLength;
  const size = compressor.decompress(packed, 0, packed.length, SCRATCH, 0, limit);
  return size > 0 && size <= limit ? SCRATCH.slice(0, size) : undefined;
}

function isWhole(body: Uint8Array): boolean {
  const datagram = new Uint8Array(2 + body.length);
  datagram.set(body, 2);
  const parsed = parseDatagram(datagram);
  return parsed !== undefined && parsed.commands.length > 0 && isPadding(parsed.rest);
}

/** Whether bytes after the last command are what FastLZ pads short bodies with: at most 15 zeros. */
export function isPadding(rest: Uint8Array): boolean {
  return rest.length < 16 && rest.every((byte) => byte === 0);
}

/** Those with a checksum or a signature first: they accept nothing by chance. zstd is put behind zlib. */
const AUTO_ORDER: readonly CompressionName[] = ['zlib', 'fastlz', 'range-coder'];
const SCRATCH: Uint8Array = new Uint8Array(MAX_MTU);
let zstd: Promise<unknown> | undefined;
