/**
 * The payloads of Godot 3's MultiplayerAPI: remote calls, remote sets, path announcements and raw bytes
 * (godot-enet-classes A.7).
 */

import { DecodeError, EncodeError } from '../errors.ts';
import type { VariantInput, VariantValue } from '../values/variantValue.ts';
import { decodeVariant } from '../variant/decode.ts';
import { varToBytes } from '../variant/encode.ts';
import type { DecodeOptions, EncodeOptions } from '../variant/options.ts';
import { decodeUtf8 } from '../variant/utf8.ts';
import { decodeGodot3Utf8 } from '../variant/utf8Godot3.ts';

/** The first byte of a payload. */
export const Godot3Command = {
  /** `rpc()`: calls a method of a node. */
  REMOTE_CALL: 0,
  /** `rset()`: sets a property of a node. */
  REMOTE_SET: 1,
  /** Announces an id that will stand for a node path. */
  SIMPLIFY_PATH: 2,
  /** Confirms an announcement. */
  CONFIRM_PATH: 3,
  /** `send_bytes()`: anything. */
  RAW: 4,
} as const;

/** One of the numbers of {@link Godot3Command}. */
export type Godot3CommandId = (typeof Godot3Command)[keyof typeof Godot3Command];

/** A node named by its path. */
export interface Godot3NodePathRef {
  /** The path, relative to the root node, e.g. `Main/Player`. */
  readonly path: string;
}

/** A node named by a number. */
export interface Godot3NodeIdRef {
  /** The id that the sender announced for its path, 0..2147483647. */
  readonly id: number;
}

/** How a payload names a node. */
export type Godot3NodeRef = Godot3NodePathRef | Godot3NodeIdRef;

/** `rpc()` as it travels. `Value` is what arguments are: anything encodable, or what decoding gives. */
export interface Godot3RemoteCall<Value> {
  /** REMOTE_CALL */
  readonly command: typeof Godot3Command.REMOTE_CALL;
  /** The node. */
  readonly node: Godot3NodeRef;
  /** The name of the method. */
  readonly method: string;
  /** The arguments, 255 at most. */
  readonly args: readonly Value[];
}

/** `rset()` as it travels. */
export interface Godot3RemoteSet<Value> {
  /** REMOTE_SET */
  readonly command: typeof Godot3Command.REMOTE_SET;
  /** The node. */
  readonly node: Godot3NodeRef;
  /** The name of the property. */
  readonly property: string;
  /** Its new value. */
  readonly value: Value;
}

/** The announcement of a path. */
export interface Godot3SimplifyPath {
  /** SIMPLIFY_PATH */
  readonly command: typeof Godot3Command.SIMPLIFY_PATH;
  /** The id that will stand for it, 0..2147483647. */
  readonly id: number;
  /** The path, relative to the root node. */
  readonly path: string;
}

/** The confirmation of a path. */
export interface Godot3ConfirmPath {
  /** CONFIRM_PATH */
  readonly command: typeof Godot3Command.CONFIRM_PATH;
  /** The path as it was announced. */
  readonly path: string;
}

/** `send_bytes()` as it travels. */
export interface Godot3Raw {
  /** RAW */
  readonly command: typeof Godot3Command.RAW;
  /** The bytes; those of a decoded payload belong to the caller. */
  readonly bytes: Uint8Array;
}

/** Any payload. */
export type Godot3Payload<Value = VariantValue> =
  | Godot3RemoteCall<Value>
  | Godot3RemoteSet<Value>
  | Godot3SimplifyPath
  | Godot3ConfirmPath
  | Godot3Raw;

/**
 * Decodes the payload of one packet, as Godot 3 reads it. Bytes behind the last argument are ignored.
 *
 * @param options of the arguments; their dialect is Godot 3's in any case.
 * @throws DecodeError if the payload is refused. Where an argument is at fault, the offset counts from its first byte.
 */
export function decodeGodot3Payload(
  bytes: Uint8Array,
  options?: Omit<DecodeOptions, 'dialect'>,
): Godot3Payload {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`"bytes" expected a Uint8Array, got ${typeof bytes}`);
  }
  const command = bytes[0];
  switch (command) {
    case Godot3Command.REMOTE_CALL:
    case Godot3Command.REMOTE_SET:
      return decodeRemote(bytes, command, { ...options, dialect: 'godot3' });
    case Godot3Command.SIMPLIFY_PATH:
      need(bytes, 5, 'SIMPLIFY_PATH');
      return { command, id: u32At(bytes, 1) | 0, path: textAt(bytes, 5, bytes.length, 'SIMPLIFY_PATH') };
    case Godot3Command.CONFIRM_PATH:
      need(bytes, 2, 'CONFIRM_PATH');
      return { command, path: textAt(bytes, 1, bytes.length, 'CONFIRM_PATH') };
    case Godot3Command.RAW:
      need(bytes, 2, 'RAW');
      return { command, bytes: new Uint8Array(bytes.subarray(1)) };
    default:
      throw new DecodeError('ERR_GODOT3_COMMAND', {
        offset: 0,
        message: command === undefined ? 'the payload is empty' : `${command} is no command`,
      });
  }
}

/**
 * Encodes a payload, as Godot 3 writes it.
 *
 * @param options of the arguments; their dialect is Godot 3's in any case.
 * @throws EncodeError if a value has no form in Godot 3, a name is empty or holds U+0000, or there are more than 255
 * arguments; RangeError for an id out of range.
 */
export function encodeGodot3Payload(
  payload: Godot3Payload<VariantInput>,
  options?: Omit<EncodeOptions, 'dialect'>,
): Uint8Array {
  switch (payload.command) {
    case Godot3Command.REMOTE_CALL:
    case Godot3Command.REMOTE_SET:
      return encodeRemote(payload, { ...options, dialect: 'godot3' });
    case Godot3Command.SIMPLIFY_PATH:
      return join([[payload.command], u32(checkId(payload.id)), nameBytes('path', payload.path)]);
    case Godot3Command.CONFIRM_PATH:
      return join([[payload.command], nameBytes('path', payload.path)]);
    default:
      return join([[Godot3Command.RAW], payload.bytes]);
  }
}

function decodeRemote(bytes: Uint8Array, command: 0 | 1, options: DecodeOptions): Godot3Payload {
  const type = command === Godot3Command.REMOTE_CALL ? 'REMOTE_CALL' : 'REMOTE_SET';
  need(bytes, 6, type);
  const target = u32At(bytes, 1);
  let node: Godot3NodeRef = { id: target };
  if (target >= PATH_FLAG) {
    const offset = target - PATH_FLAG;
    need(bytes, offset + 1, type);
    node = { path: textAt(bytes, offset, bytes.length, type) };
  }
  const nameEnd = bytes.indexOf(0, 5);
  if (nameEnd < 0) {
    throw new DecodeError('ERR_GODOT3_NAME', { offset: 5, type, message: 'the name has no end' });
  }
  const name = textAt(bytes, 5, nameEnd, type);
  let at = nameEnd + 1;
  need(bytes, at + 1, type);
  if (command === Godot3Command.REMOTE_SET) {
    const { value } = decodeVariant(bytes.subarray(at), options);
    return { command, node, property: name, value };
  }
  const count = bytes[at] ?? 0;
  const args: VariantValue[] = [];
  at += 1;
  for (let index = 0; index < count; index++) {
    need(bytes, at + 1, type);
    const { value, size } = decodeVariant(bytes.subarray(at), options);
    args.push(value);
    at += size;
  }
  return { command, node, method: name, args };
}

function encodeRemote(
  payload: Godot3RemoteCall<VariantInput> | Godot3RemoteSet<VariantInput>,
  options: EncodeOptions,
): Uint8Array {
  const isCall = payload.command === Godot3Command.REMOTE_CALL;
  const parts: ArrayLike<number>[] = [[payload.command], [0, 0, 0, 0]];
  if (isCall) {
    const { args } = payload;
    if (args.length > MAX_ARGUMENTS) {
      throw new EncodeError('ERR_GODOT3_ARGUMENTS', {
        path: '$.args',
        message: `${args.length} arguments, at most ${MAX_ARGUMENTS} can be sent`,
      });
    }
    parts.push(nameBytes('method', payload.method), [args.length]);
    for (const value of args) parts.push(varToBytes(value, options));
  } else {
    parts.push(nameBytes('property', payload.property), varToBytes(payload.value, options));
  }
  if ('id' in payload.node) {
    parts[1] = u32(checkId(payload.node.id));
  } else {
    parts[1] = u32(PATH_FLAG + parts.reduce((sum, part) => sum + part.length, 0));
    parts.push(nameBytes('path', payload.node.path));
  }
  return join(parts);
}

/** The text from `start` up to a NUL or to `end`. */
function textAt(bytes: Uint8Array, start: number, end: number, type: string): string {
  const size = end - start;
  const text = decodeUtf8(bytes, start, size) ?? decodeGodot3Utf8(bytes, start, size);
  if (text !== undefined) return text;
  throw new DecodeError('ERR_GODOT3_NAME', {
    offset: start,
    type,
    message: 'the text is not well-formed UTF-8',
  });
}

function nameBytes(what: string, text: string): Uint8Array {
  if (typeof text === 'string' && text !== '' && !text.includes('\0')) return ENCODER.encode(`${text}\0`);
  throw new EncodeError('ERR_GODOT3_NAME', {
    path: `$.${what}`,
    message: 'expected a text that is not empty and holds no U+0000',
  });
}

function checkId(id: number): number {
  if (Number.isInteger(id) && id >= 0 && id < PATH_FLAG) return id;
  throw new RangeError(`"id" expected an integer 0..${PATH_FLAG - 1}, got ${String(id)}`);
}

function need(bytes: Uint8Array, size: number, type: string): void {
  if (bytes.length >= size) return;
  throw new DecodeError('ERR_GODOT3_TRUNCATED', { offset: 0, type, need: size, have: bytes.length });
}

function u32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

function join(parts: readonly ArrayLike<number>[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Set in the node field where an offset to the path stands for the id. */
const PATH_FLAG = 0x8000_0000;
const MAX_ARGUMENTS = 255;
const ENCODER = new TextEncoder();
