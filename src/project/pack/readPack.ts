/**
 * The files of a Godot pack file (`.pck`, formats 1 to 3). Only its directory is read at once; a file when it is asked for.
 *
 * Little-endian: `GDPC`, u32 format, u32 x 3 engine version; from format 2 on u32 flags and u64 base of the files; from 3 on u64
 * start of the directory; 64 bytes; then, or there, the directory: u32 count, then for each file u32 length of the path, the path,
 * u64 offset, u64 size, MD5, from format 2 on u32 flags.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ProjectFiles, readProjectText, SceneTextError } from '../../../schema/index.ts';

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
  /** The bytes of a file, also of a script that the export has moved; `undefined` when it is not there, encrypted, or beyond 128 MiB. */
  bytes(path: string): Uint8Array | undefined;
  /** What is there and cannot be read, with why: binary scenes and resources, what is encrypted or too long. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/**
 * Opens a pack file. Scenes and resources can be read when the export keeps them as text
 * (`editor/export/convert_text_resources_to_binary` off). Binary scripts are no texts; `loadProject` reads them.
 *
 * @param file - Its path.
 * @throws PackError for what is no pack, a damaged one, an unknown format or an encrypted directory; errors of the file system.
 */
export function readPack(file: string): PackFiles {
  if (typeof file !== 'string') throw new TypeError(`"file" expected a string, got ${typeof file}`);
  const entries = withFile(file, (read, size) => readDirectory(file, read, size));
  const bytesOf = (path: string): Uint8Array | undefined => {
    const entry = entries.get(path);
    if (entry === undefined || problemOf(path, entry) !== '') return undefined;
    return new Uint8Array(withFile(file, (read) => read(entry.offset, entry.size)));
  };
  const textOf = (path: string): string | undefined => {
    const found = path.endsWith(BINARY_SCRIPT) ? undefined : bytesOf(path);
    return found === undefined ? undefined : TEXT.decode(found);
  };
  const { moved, targets, unreadable } = readRemaps(entries, textOf);
  const files = (path: string): string | undefined => textOf(path) ?? textOf(moved.get(path) ?? '');
  const bytes = (path: string): Uint8Array | undefined => bytesOf(path) ?? bytesOf(moved.get(path) ?? '');
  const list = (): string[] =>
    [...entries.keys(), ...moved.keys()].filter((path) => !path.endsWith(REMAP) && !targets.has(path));
  return Object.assign(files, { list, bytes, unreadable });
}

/** Where the export has moved files. */
interface Remaps {
  /** Where they are, by the paths that they had in the project: those that can be read. */
  readonly moved: ReadonlyMap<string, string>;
  /** Where moved files are, readable or not. */
  readonly targets: ReadonlySet<string>;
  /** Why files cannot be read, by the paths that they had; those that were not moved, too. */
  readonly unreadable: ReadonlyMap<string, string>;
}

function readRemaps(
  entries: ReadonlyMap<string, Entry>,
  textOf: (path: string) => string | undefined,
): Remaps {
  const moved = new Map<string, string>();
  const unreadable = new Map<string, string>();
  const targets = new Set<string>();
  for (const [path, entry] of entries) {
    if (!path.endsWith(REMAP)) continue;
    const own = path.slice(0, -REMAP.length);
    const target = entry.size > MAX_REMAP ? undefined : remapTarget(textOf(path));
    const there = target === undefined ? undefined : entries.get(target);
    if (target === undefined) unreadable.set(own, `${path} does not say where it is`);
    // Of many for one file each would be read.
    else if (targets.has(target)) unreadable.set(own, `${target}, where it is, is where another file is`);
    else if (there === undefined) unreadable.set(own, `${target}, where it is, is not there`);
    else if (problemOf(target, there) !== '')
      unreadable.set(own, `${target}, where it is, ${problemOf(target, there)}`);
    else moved.set(own, target);
    if (target !== undefined) targets.add(target);
  }
  for (const [path, entry] of entries) {
    const problem = problemOf(path, entry);
    if (targets.has(path) || path.endsWith(REMAP)) continue;
    if (problem !== '') unreadable.set(path, `It ${problem}`);
    else if (path.endsWith(BINARY_SCRIPT)) unreadable.set(path, 'No .remap says which script it is of');
  }
  return { moved, targets, unreadable };
}

/** What a `.remap` file says. */
function remapTarget(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const target = readProjectText(text, { maxElements: 1000 }).settings.get('remap/path')?.value;
    return typeof target === 'string' ? target : undefined;
  } catch (error) {
    if (error instanceof SceneTextError) return undefined;
    throw error;
  }
}

/** Why a file cannot be read; `''` when it can. */
function problemOf(path: string, { size, isEncrypted }: Entry): string {
  if (isEncrypted) return 'is encrypted';
  if (size > MAX_BYTES) return `has more than ${MAX_BYTES} bytes`;
  return BINARY_KINDS.find(([end]) => path.endsWith(end))?.[1] ?? '';
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
  let total = 0;
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
    total += bytes;
    if (total > MOST_OVERLAP * size) throw fail('its files are the same bytes over and over');
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
/** How often as long as the pack its files may be together; the engine writes every byte for one file. */
const MOST_OVERLAP = 4;
const MAX_BYTES = 134_217_728;
const MAX_REMAP = 65_536;
const BLOCK = 65_536;
const REMAP = '.remap';
const BINARY_SCRIPT = '.gdc';
const BINARY_RESOURCE =
  'is a binary resource: turn editor/export/convert_text_resources_to_binary off, or save it as text';
/** What an export makes of scenes, and how it is told not to. */
const BINARY_KINDS: readonly (readonly [end: string, problem: string])[] = [
  ['.scn', BINARY_RESOURCE],
  ['.res', BINARY_RESOURCE],
];
const TEXT = new TextDecoder();
