/** REMOTE_CALL as bytes. docs/protocol/scene-multiplayer 5.3, 11.1 (1, 2) and 11.2 (27, 28). */
import {
  DecodeError,
  type DecodeOptions,
  type EncodeOptions,
  type VariantInput,
  type VariantValue,
} from '../../../codec/index.ts';
import { describe } from '../../godot/internal.ts';
import { concat, encodeValues, isByteArray, readCompressed } from './compressedVariant.ts';
import { MAX_ARGUMENTS, PATH_BIT } from './protocol.ts';
import { readCString } from './systemPackets.ts';

/** The arguments of a call as bytes, and how the head has to say so. */
export interface EncodedArguments {
  /** Bit 7 of the first byte: no count; nothing, or the bytes of one PackedByteArray. */
  readonly isBytesOrNothing: boolean;
  /** Everything behind the method id. */
  readonly bytes: Uint8Array;
}

/**
 * Encodes the arguments of a call.
 *
 * @param keepsEmptyBytes - Write one empty PackedByteArray as an argument; the engine writes "no arguments" (5.3, quirk).
 * @returns `undefined` for more than 255 arguments.
 * @throws EncodeError for a value that has no Variant form in the dialect.
 */
export function encodeArguments(
  args: readonly VariantInput[],
  keepsEmptyBytes: boolean,
  options?: EncodeOptions,
): EncodedArguments | undefined {
  if (args.length === 0) return { isBytesOrNothing: true, bytes: NOTHING };
  const [first] = args;
  if (args.length === 1 && isByteArray(first) && (first.length > 0 || !keepsEmptyBytes))
    return { isBytesOrNothing: true, bytes: first };
  if (args.length > MAX_ARGUMENTS) return undefined;
  return {
    isBytesOrNothing: false,
    bytes: concat([Uint8Array.of(args.length), encodeValues(args, options)]),
  };
}

/** A call of a node that the receiver knows by its id: `nodeBytes` 1, 2 or 4. */
export function callById(
  id: number,
  nodeBytes: 1 | 2 | 4,
  methodId: number,
  args: EncodedArguments,
  path?: string,
): Uint8Array {
  const methodBytes = methodId <= 0xff ? 1 : 2;
  const text = path === undefined ? NOTHING : encoder.encode(path);
  const pathOffset = 1 + nodeBytes + methodBytes + args.bytes.length;
  const bytes = new Uint8Array(pathOffset + (path === undefined ? 0 : text.length + 1));
  const view = new DataView(bytes.buffer);
  bytes[0] =
    ((nodeBytes >> 1) << NODE_SHIFT) |
    ((methodBytes - 1) << METHOD_SHIFT) |
    (args.isBytesOrNothing ? BYTES_OR_NOTHING : 0);
  if (path !== undefined) view.setUint32(1, (PATH_BIT | pathOffset) >>> 0, true);
  else if (nodeBytes === 1) bytes[1] = id;
  else if (nodeBytes === 2) view.setUint16(1, id, true);
  else view.setUint32(1, id, true);
  if (methodBytes === 1) bytes[1 + nodeBytes] = methodId;
  else view.setUint16(1 + nodeBytes, methodId, true);
  bytes.set(args.bytes, 1 + nodeBytes + methodBytes);
  bytes.set(text, pathOffset);
  return bytes;
}

/** A call of a node by its path. */
export function callByPath(path: string, methodId: number, args: EncodedArguments): Uint8Array {
  return callById(0, 4, methodId, args, path);
}

/** The smallest size of a node field that holds an id. */
export function nodeBytesFor(id: number): 1 | 2 | 4 {
  return id <= 0xff ? 1 : id <= 0xffff ? 2 : 4;
}

/** The head of a received call. */
export interface ReceivedCall {
  /** The sender's cache id; meaningless with a path. */
  readonly nodeId: number;
  /** The path, if the call names its node so. */
  readonly path: string | undefined;
  /** The method id. */
  readonly methodId: number;
  /** Whether no count is there. */
  readonly isBytesOrNothing: boolean;
  /** Where the arguments begin. */
  readonly start: number;
  /** Where they end. */
  readonly end: number;
}

/** Takes a call apart; a text says why it cannot be. */
export function readCall(bytes: Uint8Array): ReceivedCall | string {
  const head = bytes[0] ?? 0;
  const nodeForm = (head >> NODE_SHIFT) & 3;
  if (nodeForm === 3) return 'the size of the node id is invalid';
  const nodeBytes = 1 << nodeForm;
  const methodBytes = 1 + ((head >> METHOD_SHIFT) & 1);
  const start = 1 + nodeBytes + methodBytes;
  if (bytes.length < start) return `${bytes.length} bytes are too few for node and method`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const nodeId =
    nodeBytes === 1 ? view.getUint8(1) : nodeBytes === 2 ? view.getUint16(1, true) : view.getUint32(1, true);
  const methodId = methodBytes === 1 ? view.getUint8(1 + nodeBytes) : view.getUint16(1 + nodeBytes, true);
  let end = bytes.length;
  let path: string | undefined;
  if (nodeBytes === 4 && nodeId >= PATH_BIT) {
    end = nodeId - PATH_BIT;
    if (end >= bytes.length) return `the path begins at ${end}, behind the end`;
    path = readCString(bytes, end, bytes.length);
    if (end < start) return `the path ${describe(path)} begins at ${end}, inside the head`;
  }
  return { nodeId, path, methodId, isBytesOrNothing: (head & BYTES_OR_NOTHING) !== 0, start, end };
}

/** Decoded arguments; those behind a damaged one are missing. */
export interface ReadArguments {
  /** The values. With damage, as many as the packet claims: the damaged one and all behind it null. */
  readonly values: VariantValue[];
  /** What is wrong with the first damaged one; `undefined` when all are right. */
  readonly damage: string | undefined;
}

/** Reads the arguments of a call; a text says that there is not even a count. */
export function readArguments(
  bytes: Uint8Array,
  call: ReceivedCall,
  options?: DecodeOptions,
): ReadArguments | string {
  const { start, end } = call;
  if (call.isBytesOrNothing)
    return { values: end > start ? [bytes.slice(start, end)] : [], damage: undefined };
  if (start >= end) return 'the number of arguments is missing';
  const count = bytes[start] ?? 0;
  const values: VariantValue[] = [];
  let at = start + 1;
  for (let i = 0; i < count; i++) {
    try {
      const read = readCompressed(bytes, at, end, options);
      values.push(read.value);
      at = read.end;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      while (values.length < count) values.push(null);
      return { values, damage: `argument ${i}: ${error.message}` };
    }
  }
  return { values, damage: undefined };
}

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const NODE_SHIFT = 4;
const METHOD_SHIFT = 6;
const BYTES_OR_NOTHING = 0x80;
