/**
 * Writes a Godot pack file (PCK, format 3, or 1 and 2): the files of a project in one archive that the engine mounts as `res://`.
 *
 * Little-endian: `GDPC`, u32 format, u32 x 3 engine version, u32 flags (2: offsets count from the base), u64 base, u64
 * start of the directory, 64 zero bytes (format 2: no start, the directory follows here; 1: no flags and base either); the files, each at a multiple of 16; the directory: u32 count, then for each
 * file u32 length of the path (padded to 4), path, u64 offset, u64 size, MD5, u32 flags.
 */
import { createHash } from 'node:crypto';

/** Files of a project by their path, with or without `res://`; text is written as UTF-8. */
export type PackFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * Writes files as one pack file for Godot 4.6, in format 1 for Godot 3, in 2 for 4.0 to 4.4.
 *
 * @returns bytes that the caller owns.
 */
export function writePack(files: PackFiles, format: 1 | 2 | 3 = 3): Uint8Array {
  const entries: Entry[] = [];
  let size = 0;
  for (const [path, content] of Object.entries(files)) {
    const bytes = typeof content === 'string' ? UTF8.encode(content) : content;
    const name = path.replace(/^res:\/\//, '');
    entries.push({ path: UTF8.encode(format === 3 ? name : `res://${name}`), bytes, offset: size });
    size += aligned(bytes.length, FILE_ALIGN);
  }
  const header = HEADER_BYTES[format];
  const directorySize = directoryOf(entries, format, 0).length;
  const base = aligned(format === 3 ? header : header + directorySize, FILE_ALIGN);
  const directory = directoryOf(entries, format, format === 1 ? base : 0);
  const pack = new Uint8Array(base + size + (format === 3 ? directorySize : 0));
  const view = new DataView(pack.buffer);
  pack.set(UTF8.encode('GDPC'));
  [format, ...ENGINE, ...(format === 1 ? [] : [FLAG_RELATIVE])].forEach((word, at) => {
    view.setUint32(4 + 4 * at, word, true);
  });
  if (format > 1) view.setBigUint64(24, BigInt(base), true);
  if (format === 3) view.setBigUint64(32, BigInt(base + size), true);
  for (const { bytes, offset } of entries) pack.set(bytes, base + offset);
  pack.set(directory, format === 3 ? base + size : header);
  return pack;
}

interface Entry {
  readonly path: Uint8Array;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

function directoryOf(entries: readonly Entry[], format: 1 | 2 | 3, base: number): Uint8Array {
  const own = format === 1 ? 36 : 40;
  const length = entries.reduce((sum, { path }) => sum + own + aligned(path.length, 4), 4);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entries.length, true);
  let at = 4;
  for (const entry of entries) {
    const pathBytes = aligned(entry.path.length, 4);
    view.setUint32(at, pathBytes, true);
    bytes.set(entry.path, at + 4);
    at += 4 + pathBytes;
    view.setBigUint64(at, BigInt(base + entry.offset), true);
    view.setBigUint64(at + 8, BigInt(entry.bytes.length), true);
    bytes.set(createHash('md5').update(entry.bytes).digest(), at + 16);
    at += own - 4;
  }
  return bytes;
}

const aligned = (length: number, to: number): number => Math.ceil(length / to) * to;

const UTF8 = new TextEncoder();
const ENGINE = [4, 6, 0] as const;
const FLAG_RELATIVE = 2;
const HEADER_BYTES = { 1: 84, 2: 96, 3: 104 } as const;
const FILE_ALIGN = 16;
