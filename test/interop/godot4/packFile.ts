/**
 * Writes a Godot pack file (PCK, format 3): the files of a project in one archive that the engine mounts as `res://`.
 *
 * Little-endian: `GDPC`, u32 format, u32 x 3 engine version, u32 flags (2: offsets count from the base), u64 base, u64
 * start of the directory, 64 zero bytes; the files, each at a multiple of 16; the directory: u32 count, then for each
 * file u32 length of the path (padded to 4), path, u64 offset, u64 size, MD5, u32 flags.
 */
import { createHash } from 'node:crypto';

/** Files of a project by their path, with or without `res://`; text is written as UTF-8. */
export type PackFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * Writes files as one pack file for Godot 4.6.
 *
 * @returns bytes that the caller owns.
 */
export function writePack(files: PackFiles): Uint8Array {
  const entries: Entry[] = [];
  let size = 0;
  for (const [path, content] of Object.entries(files)) {
    const bytes = typeof content === 'string' ? UTF8.encode(content) : content;
    entries.push({ path: UTF8.encode(path.replace(/^res:\/\//, '')), bytes, offset: size });
    size += aligned(bytes.length, FILE_ALIGN);
  }
  const base = aligned(HEADER_BYTES, FILE_ALIGN);
  const directory = directoryOf(entries);
  const pack = new Uint8Array(base + size + directory.length);
  const view = new DataView(pack.buffer);
  pack.set(UTF8.encode('GDPC'));
  [FORMAT, ...ENGINE, FLAG_RELATIVE].forEach((word, at) => {
    view.setUint32(4 + 4 * at, word, true);
  });
  view.setBigUint64(24, BigInt(base), true);
  view.setBigUint64(32, BigInt(base + size), true);
  for (const { bytes, offset } of entries) pack.set(bytes, base + offset);
  pack.set(directory, base + size);
  return pack;
}

interface Entry {
  readonly path: Uint8Array;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

function directoryOf(entries: readonly Entry[]): Uint8Array {
  const length = entries.reduce((sum, { path }) => sum + 40 + aligned(path.length, 4), 4);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entries.length, true);
  let at = 4;
  for (const entry of entries) {
    const pathBytes = aligned(entry.path.length, 4);
    view.setUint32(at, pathBytes, true);
    bytes.set(entry.path, at + 4);
    at += 4 + pathBytes;
    view.setBigUint64(at, BigInt(entry.offset), true);
    view.setBigUint64(at + 8, BigInt(entry.bytes.length), true);
    bytes.set(createHash('md5').update(entry.bytes).digest(), at + 16);
    at += 36;
  }
  return bytes;
}

const aligned = (length: number, to: number): number => Math.ceil(length / to) * to;

const UTF8 = new TextEncoder();
const FORMAT = 3;
const ENGINE = [4, 6, 0] as const;
const FLAG_RELATIVE = 2;
const HEADER_BYTES = 104;
const FILE_ALIGN = 16;
