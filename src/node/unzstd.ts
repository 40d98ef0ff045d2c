/** Undoes zstd, with what this process has for it. */
import { createCompressor, prepareZstd } from '../io/internal.ts';

/** What undoes zstd: the bytes of a known size, `undefined` for damaged ones. */
type Unzstd = (bytes: Uint8Array, size: number) => Uint8Array | undefined;

/** Makes one; `undefined` where there is no zstd: before Node 22.15 without one of the optional packages. */
export async function loadUnzstd(): Promise<Unzstd | undefined> {
  const compressor = zstdNow() ?? ((await isPrepared()) ? zstdNow() : undefined);
  if (compressor === undefined) return undefined;
  return (bytes, size) => {
    const output = new Uint8Array(size);
    return compressor.decompress(bytes, 0, bytes.length, output, 0, size) === size ? output : undefined;
  };
}

function zstdNow(): ReturnType<typeof createCompressor> {
  try {
    return createCompressor(ZSTD);
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}

async function isPrepared(): Promise<boolean> {
  try {
    await prepareZstd();
    return true;
  } catch (error) {
    if (isUnavailable(error)) return false;
    throw error;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_ZSTD_UNAVAILABLE';
}

/** Godot's number of the mode. */
const ZSTD = 4;
