/** What is in a packet: ENetPacketUtils packets and bare Variants, or why it cannot be read. variant-codec 10. */
import {
  DecodeError,
  type DecodeOptions,
  Dictionary,
  decodeVariant,
  ENetPacketUtils,
  JsonError,
  PacketType,
  parseJson,
  type VariantValue,
} from '../../codec/index.ts';
import type { MultiplayerDissector } from '../multiplayer/index.ts';

/**
 * How packets are read: as ENetPacketUtils packets, as bare Variants (`put_var`), as those of SceneMultiplayer, or not at all.
 */
export type PayloadMode = 'packet' | 'variant' | 'multiplayer' | 'raw';

/** All payload modes. */
export const PAYLOAD_MODES: readonly PayloadMode[] = ['packet', 'variant', 'multiplayer', 'raw'];

/** A packet taken apart. */
export interface PacketValue {
  /** Name of the packet type, e.g. `STRING`; `undefined` for bare Variants and raw bytes. */
  readonly type: string | undefined;
  /** What it holds, INT as bigint and FLOAT as `Float`; absent when it cannot be read or is not asked for. */
  readonly value?: VariantValue;
  /** The type and the value in words, where those say more. */
  readonly words?: string;
  /** Why it cannot be read; `undefined` when it could or nobody asked. */
  readonly problem: string | undefined;
  /** What else a reader should know, such as bytes behind the value. */
  readonly notes: readonly string[];
}

/**
 * Reads a packet of SceneMultiplayer. Never throws because of its bytes.
 *
 * @param dissector - Knows the numbers of nodes that it was shown.
 * @param from - Who sent the packet.
 */
export function readMultiplayerPacket(
  dissector: MultiplayerDissector,
  from: string,
  packet: Uint8Array,
): PacketValue {
  const { words, problem } = dissector.read(from, packet);
  const [type = '', ...rest] = words.split(' ');
  if (problem !== undefined)
    return unread(undefined, words === 'unreadable' ? problem : `${words}: ${problem}`);
  return { type, value: rest.join(' '), words, problem, notes: [] };
}

/**
 * Reads a packet that stands for itself. Never throws because of its bytes.
 *
 * @param packet - The whole packet; read only.
 * @param mode - What it is taken for.
 */
export function readPacketValue(packet: Uint8Array, mode: Exclude<PayloadMode, 'multiplayer'>): PacketValue {
  if (mode === 'raw') return { type: undefined, problem: undefined, notes: [] };
  if (mode === 'variant') return readVariant(packet, 0, undefined, { exact: true, allowObjects: true });
  switch (packet[0]) {
    case undefined:
      return unread(undefined, 'an empty packet has no type byte');
    case PacketType.RAW:
      return { type: 'RAW', value: packet.slice(1), problem: undefined, notes: [] };
    case PacketType.VARIANT:
      return readVariant(packet, 1, 'VARIANT', { exact: true });
    case PacketType.DICTIONARY:
      return unread('DICTIONARY', 'packet type 2 is reserved: engines neither write nor read it');
    case PacketType.JSON:
      return readText(packet, 'JSON');
    case PacketType.STRING:
      return readText(packet, 'STRING');
    case PacketType.NODE:
      return readNode(packet);
    default:
      return unread(undefined, `its first byte ${packet[0]} is no packet type (0 to 5)`);
  }
}

function readVariant(
  packet: Uint8Array,
  start: number,
  type: string | undefined,
  options: DecodeOptions,
): PacketValue {
  try {
    const { value, size } = decodeVariant(packet.subarray(start), options);
    return { type, value, problem: undefined, notes: trailing(packet.length - start - size) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const where = `byte ${error.offset + start} of the packet`;
    return unread(type, `no Variant, see ${where}: ${error.message}`);
  }
}

function readNode(packet: Uint8Array): PacketValue {
  const read = readVariant(packet, 1, 'NODE', { exact: true });
  if (read.problem !== undefined || read.value instanceof Dictionary) return read;
  return { ...read, notes: [...read.notes, 'a node packet without a Dictionary: engines read {}'] };
}

function readText(packet: Uint8Array, type: 'JSON' | 'STRING'): PacketValue {
  if (packet.length < 5) {
    return unread(type, `its length needs bytes 1 to 4 of the packet, which has ${packet.length}`);
  }
  const count = new DataView(packet.buffer, packet.byteOffset).getUint32(1, true);
  const left = packet.length - 5;
  if (count > left)
    return unread(type, `at byte 1 of the packet: ${count} bytes announced, ${left} are there`);
  const text = type === 'JSON' ? ENetPacketUtils.decodeJson(packet) : ENetPacketUtils.decodeString(packet);
  const notes = trailing(left - count);
  if (text === '' && count > 0 && packet[5] !== 0 && !isByteOrderMark(packet, count)) {
    return unread(type, 'at byte 5 of the packet: the text is not UTF-8');
  }
  const zero = packet.subarray(5, 5 + count).indexOf(0);
  if (zero >= 0) notes.push(`the text ends at a zero byte, ${count - zero} bytes early`);
  if (type === 'STRING') return { type, value: text, problem: undefined, notes };
  try {
    return { type, value: parseJson(text, { exact: true }), problem: undefined, notes };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    notes.push(`the text is no JSON: ${error.message}`);
    return { type, value: text, problem: undefined, notes };
  }
}

/** A text of nothing but a byte order mark reads as empty. */
function isByteOrderMark(packet: Uint8Array, count: number): boolean {
  return packet[5] === 0xef && packet[6] === 0xbb && packet[7] === 0xbf && (count === 3 || packet[8] === 0);
}

/** After an unpadded PackedByteArray the size may pass the packet, hence the test for positive numbers. */
function trailing(count: number): string[] {
  return count > 0 ? [`${count} more ${count === 1 ? 'byte follows' : 'bytes follow'} the value`] : [];
}

function unread(type: string | undefined, problem: string): PacketValue {
  return { type, problem, notes: [] };
}
