/** SYS, RAW, SIMPLIFY_PATH and CONFIRM_PATH as bytes. docs/protocol/scene-multiplayer 3 and 4. */
import { Command, SYS_BYTES, SysCommand } from './protocol.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { fatal: true });

/** `07 00` with data; without data it says "I am done". */
export function authPacket(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + data.length);
  bytes[0] = Command.SYS;
  bytes[1] = SysCommand.AUTH;
  bytes.set(data, 2);
  return bytes;
}

/** ADD_PEER or DEL_PEER. */
export function peerPacket(command: SysCommand, id: number): Uint8Array {
  const bytes = new Uint8Array(SYS_BYTES);
  bytes[0] = Command.SYS;
  bytes[1] = command;
  new DataView(bytes.buffer).setInt32(2, id, true);
  return bytes;
}

/** A packet wrapped for another peer (client to server), or from one (server to client). */
export function relayPacket(peer: number, inner: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SYS_BYTES + inner.length);
  bytes[0] = Command.SYS;
  bytes[1] = SysCommand.RELAY;
  new DataView(bytes.buffer).setInt32(2, peer, true);
  bytes.set(inner, SYS_BYTES);
  return bytes;
}

/** The peer of a SYS packet of at least {@link SYS_BYTES} bytes. */
export function peerOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getInt32(2, true);
}

/** A raw packet. */
export function rawPacket(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + data.length);
  bytes[0] = Command.RAW;
  bytes.set(data, 1);
  return bytes;
}

/** SIMPLIFY_PATH: "from now on this id is that node". */
export function simplifyPathPacket(checksum: string, id: number, path: string): Uint8Array {
  const text = encoder.encode(path);
  const bytes = new Uint8Array(PATH_OFFSET + text.length + 1);
  bytes[0] = Command.SIMPLIFY_PATH;
  encoder.encodeInto(checksum, bytes.subarray(1, 1 + CHECKSUM_BYTES));
  new DataView(bytes.buffer).setUint32(ID_OFFSET, id, true);
  bytes.set(text, PATH_OFFSET);
  return bytes;
}

/** What a SIMPLIFY_PATH says; `undefined` when it is too short. */
export function readSimplifyPath(
  bytes: Uint8Array,
): { readonly checksum: string; readonly id: number; readonly path: string } | undefined {
  if (bytes.length < PATH_OFFSET) return undefined;
  return {
    checksum: decoder.decode(bytes.subarray(1, 1 + CHECKSUM_BYTES)),
    id: new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(ID_OFFSET, true),
    path: readCString(bytes, PATH_OFFSET, bytes.length),
  };
}

/** CONFIRM_PATH of Godot 4.3 and later: 6 bytes with the id. */
export function confirmIdPacket(isRight: boolean, id: number): Uint8Array {
  const bytes = new Uint8Array(CONFIRM_BYTES);
  bytes[0] = Command.CONFIRM_PATH;
  bytes[1] = isRight ? 1 : 0;
  new DataView(bytes.buffer).setUint32(2, id, true);
  return bytes;
}

/** CONFIRM_PATH of Godot 4.0 to 4.2: with the path. */
export function confirmPathPacket(isRight: boolean, path: string): Uint8Array {
  const text = encoder.encode(path);
  const bytes = new Uint8Array(2 + text.length + 1);
  bytes[0] = Command.CONFIRM_PATH;
  bytes[1] = isRight ? 1 : 0;
  bytes.set(text, 2);
  return bytes;
}

/** The id of a CONFIRM_PATH of 4.3 and later; `undefined` for another size. */
export function readConfirmId(bytes: Uint8Array): number | undefined {
  if (bytes.length !== CONFIRM_BYTES) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(2, true);
}

/** The path of a CONFIRM_PATH up to 4.2; `undefined` when it is too short. */
export function readConfirmPath(bytes: Uint8Array): string | undefined {
  return bytes.length < 3 ? undefined : readCString(bytes, 2, bytes.length);
}

/** What becomes of bad UTF-8. */
export interface BadText {
  /** Stands for each byte that is wrong. */
  readonly wrong: string;
  /** Stands for a character that is cut off at the end. `undefined`: its bytes are wrong. */
  readonly cutOff: string | undefined;
}

/** As 4.4 and later do it. */
export const MARKED: BadText = { wrong: '\ufffd', cutOff: undefined };

/** Text up to the first 00, or to the end. Each byte of bad UTF-8 becomes U+FFFD, as in the engine, unless `bad` says otherwise. */
export function readCString(bytes: Uint8Array, start: number, end: number, bad: BadText = MARKED): string {
  const zero = bytes.indexOf(0, start);
  const text = bytes.subarray(start, zero < 0 || zero > end ? end : zero);
  return strictly(text) ?? leniently(text, bad);
}

function strictly(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    // The only complaint that it has: bad UTF-8.
    return undefined;
  }
}

/** Without exceptions: a stranger may send megabytes of bad text. A BOM is skipped, as `strictly` does it. */
function leniently(bytes: Uint8Array, { wrong, cutOff }: BadText): string {
  let text = '';
  for (let at = codePointAt(bytes, 0, 3) === BOM ? 3 : 0; at < bytes.length; ) {
    const head = bytes[at] ?? 0;
    const size = head < 0x80 ? 1 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : 4;
    const isCutOff = head >= 0xc0 && head < 0xf8 && at + size > bytes.length;
    if (isCutOff && cutOff !== undefined) return text + cutOff;
    const point = codePointAt(bytes, at, size);
    text += point < 0 ? wrong : String.fromCodePoint(point);
    at += point < 0 ? 1 : size;
  }
  return text;
}

/** The code point of so many bytes; -1 when they are not well-formed, or not all there. */
function codePointAt(bytes: Uint8Array, at: number, size: number): number {
  const head = bytes[at] ?? 0;
  if (size === 1) return head;
  if (head < 0xc0 || head >= 0xf8) return -1;
  let point = head & (0x7f >> size);
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i] ?? 0;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point < (LEAST_OF_SIZE[size] ?? 0) || isSurrogate || point > MOST_POINT ? -1 : point;
}

const BOM = 0xfeff;
const MOST_POINT = 0x10ffff;
/** The first code point that needs so many bytes. */
const LEAST_OF_SIZE = [0, 0, 0x80, 0x800, 0x1_0000];
const CHECKSUM_BYTES = 32;
const ID_OFFSET = 34;
const PATH_OFFSET = 38;
const CONFIRM_BYTES = 6;
