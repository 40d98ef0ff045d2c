/**
 * The text files of a Godot pack file (`.pck`, formats 1 to 3). Only its directory is read at once; a file when it is asked for.
 *
 * Little-endian: `GDPC`, u32 format, u32 x 3 engine version; from format 2 on u32 flags and u64 base of the files; from 3 on u64
 * start of the directory; 64 bytes; then, or there, the directory: u32 count, then for each file u32 length of the path, the path,
 * u64 offset, u64 size, MD5, from format 2 on u32 flags.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ProjectFiles } from '../../../schema/index.ts';

/**
 * Why a pack file cannot be read:
 *
 * - `ERR_PACK_FORMAT`: no pack file, or one of an unknown format.
 * - `ERR_PACK_ENCRYPTED`: its directory is encrypted.
 * - `ERR_PACK_DAMAGED`: what it says of itself does not fit it.
 */
export type PackErrorCode = 'ERR_PACK_FORMAT' | 'ERR_PACK_ENCRYPTED' | 'ERR_PACK_DAMAGED';

/** A pack file that cannot be read. */
export class PackError extends Error {
  /** `PackError`. */
  override readonly name: string = 'PackError';
  /** Stable code; the message is not stable. */
  readonly code: PackErrorCode;

  constructor(code: PackErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The files of a pack, as the option `resources` of a `SceneMirror` takes them. */
export interface PackFiles extends ProjectFiles {
  /** The `res://` paths of all files; of those that the export has moved, where they were. */
  list(): Iterable<string>;
  /** What the export made binary (scenes, scripts) or encrypted: there, and not readable. */
  readonly unreadable: readonly string[];
}

/**
 * Opens a pack file. Scripts and scenes can be read when the export keeps them as text (script export mode "text", and
 * `editor/export/convert_text_resources_to_binary` off).
 *
 * @param file - Its path.
 * @throws PackError for what is no pack, a damaged one, an unknown format or an encrypted directory; errors of the file system.
 */
export function readPack(file: string): PackFiles {
  if (typeof file !== 'string') throw new TypeError(`"file" expected a string, got ${typeof file}`);
  const entries = withFile(file, (read, size) => readDirectory(file, read, size));
  const moved = new Map<string, string>();
  const textOf = (path: string): string | undefined => {
    const entry = entries.get(path);
    if (entry === undefined || entry.isEncrypted || entry.size > MAX_TEXT) return undefined;
    return withFile(file, (read) => TEXT.decode(read(entry.offset, entry.size)));
  };
  const unreadable: string[] = [...entries].filter(([, entry]) => entry.isEncrypted).map(([path]) => path);
  for (const path of entries.keys()) {
    if (!path.endsWith(REMAP)) continue;
    const own = path.slice(0, -REMAP.length);
    const target = /^path\s*=\s*"([^"]*)"/m.exec(textOf(path) ?? '')?.[1] ?? '';
    if (TEXT_FILE.test(target)) moved.set(own, target);
    else unreadable.push(own);
  }
  const files = (path: string): string | undefined => textOf(path) ?? textOf(moved.get(path) ?? '');
  const list = (): string[] => [...entries.keys(), ...moved.keys()].filter((path) => !path.endsWith(REMAP));
  return Object.assign(files, { list, unreadable });
}

/** One file of a pack. */
interface Entry {
  readonly offset: number;
  readonly size: number;
  readonly isEncrypted: boolean;
}

type Read = (offset: number, size: number) => Buffer;

function readDirectory(file: string, read: Read, size: number): ReadonlyMap<string, Entry> {
  const fail = (what: string, code: PackErrorCode = 'ERR_PACK_DAMAGED'): PackError =>
    new PackError(code, `${file}: ${what}`);
  const header = read(0, Math.min(HEADER_BYTES, size));
  if (header.length < 88 || header.toString('latin1', 0, 4) !== 'GDPC')
    throw fail('no pack file of Godot', 'ERR_PACK_FORMAT');
  const format = header.readUInt32LE(4);
  if (format < 1 || format > 3)
    throw fail(`a pack file of the format ${format}, expected 1 to 3`, 'ERR_PACK_FORMAT');
  const flags = format === 1 ? 0 : header.readUInt32LE(20);
  if ((flags & DIRECTORY_ENCRYPTED) !== 0) throw fail('its directory is encrypted', 'ERR_PACK_ENCRYPTED');
  if (header.length < HEADER_BYTES && format === 3) throw fail('it ends in its header');
  const base = format === 1 ? 0 : number64(header, 24);
  const start = format === 1 ? 84 : format === 2 ? 96 : number64(header, 32);
  if (start + 4 > size) throw fail('its directory lies behind its end');
  const directory = new Cursor(read, start, size, () => fail('its directory is damaged'));
  const count = directory.u32();
  // 36 bytes are the least that an entry has.
  if (count > (size - start) / 36) throw fail(`its directory of ${count} files is longer than the pack`);
  const entries = new Map<string, Entry>();
  for (let i = 0; i < count; i++) {
    const length = directory.u32();
    if (length > MAX_PATH) throw fail(`a path of ${length} bytes`);
    const name = TEXT.decode(directory.take(length)).replace(/\0+$/, '');
    const offset = base + directory.u64();
    const bytes = directory.u64();
    directory.take(16);
    const own = format === 1 ? 0 : directory.u32();
    if ((own & FILE_REMOVED) !== 0) continue;
    if (offset + bytes > size) throw fail(`${JSON.stringify(name)} lies behind its end`);
    const path = name.startsWith('res://') ? name : `res://${name.replace(/^\/+/, '')}`;
    entries.set(path, { offset, size: bytes, isEncrypted: (own & FILE_ENCRYPTED) !== 0 });
  }
  return entries;
}

/** Reads on, in blocks. */
class Cursor {
  readonly #read: Read;
  readonly #end: number;
  readonly #damaged: () => PackError;
  #at: number;
  #block: Buffer = Buffer.alloc(0);
  #inBlock = 0;

  constructor(read: Read, start: number, end: number, damaged: () => PackError) {
    this.#read = read;
    this.#at = start;
    this.#end = end;
    this.#damaged = damaged;
  }

  u32(): number {
    return this.take(4).readUInt32LE(0);
  }

  u64(): number {
    return number64(this.take(8), 0);
  }

  take(size: number): Buffer {
    if (this.#inBlock + size > this.#block.length) {
      const start = this.#at - (this.#block.length - this.#inBlock);
      this.#block = this.#read(start, Math.min(Math.max(BLOCK, size), this.#end - start));
      this.#at = start + this.#block.length;
      this.#inBlock = 0;
      if (size > this.#block.length) throw this.#damaged();
    }
    this.#inBlock += size;
    return this.#block.subarray(this.#inBlock - size, this.#inBlock);
  }
}

function withFile<T>(file: string, action: (read: Read, size: number) => T): T {
  const descriptor = openSync(file, 'r');
  try {
    const read: Read = (offset, size) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, size, offset));
    };
    return action(read, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

/** What is beyond 2^53 lies behind every end. */
function number64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

const HEADER_BYTES = 104;
const DIRECTORY_ENCRYPTED = 1;
const FILE_ENCRYPTED = 1;
const FILE_REMOVED = 2;
const MAX_PATH = 4096;
const MAX_TEXT = 134_217_728;
const BLOCK = 65_536;
const REMAP = '.remap';
/** What may be text although it was moved. */
const TEXT_FILE = /\.(?:tscn|tres|gd|cs|godot)$/;
const TEXT = new TextDecoder();
