/** Reading packets (docs/protocol/variant-codec 10.2). Nothing here throws because of its bytes. */
import { DecodeError } from '../errors.ts';
import { JsonError } from '../json/JsonError.ts';
import { parseJson } from '../json/parse.ts';
import { Dictionary } from '../values/Dictionary.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { decodeVariant } from '../variant/decode.ts';
import type { DecodeOptions } from '../variant/options.ts';
import { decodeUtf8 } from '../variant/utf8.ts';
import { PacketType } from './types.ts';

/** How packets are read: view and limits of the Variant codec. Full objects are never accepted, and nothing is borrowed. */
export interface PacketDecodeOptions extends Omit<DecodeOptions, 'allowObjects' | 'borrow'> {
  /**
   * `true`: type byte 2 is read as a Variant, as its name promises. Default `false`: it gives null, as in the engine.
   */
  readonly acceptDictionaryType?: boolean | undefined;
}

/** A Dictionary as decoding gives it: ours, or a plain object under the option `dictionaries: 'object'`. */
export type DecodedDictionary =
  | Dictionary<VariantValue, VariantValue>
  | { readonly [key: string]: VariantValue };

/**
 * `ENetPacketUtils.decode_variant`.
 *
 * @param data - A packet; read only.
 * @param options - View, limits, and whether type byte 2 counts.
 * @returns The value, owned by the caller; null for another packet type and for malformed bytes.
 */
export function decodeVariantPacket(data: Uint8Array, options?: PacketDecodeOptions): VariantValue {
  checkData(data);
  const type = data[0];
  const isVariant =
    type === PacketType.VARIANT || (type === PacketType.DICTIONARY && options?.acceptDictionaryType === true);
  return isVariant ? decodeBody(data, options) : null;
}

/**
 * `ENetPacketUtils.decode_dictionary`.
 *
 * @param data - A packet; read only.
 * @param options - View, limits, and whether type byte 2 counts.
 * @returns The Dictionary, owned by the caller; an empty one for anything else.
 */
export function decodeDictionaryPacket(data: Uint8Array, options?: PacketDecodeOptions): DecodedDictionary {
  return dictionaryOr(decodeVariantPacket(data, options), options);
}

/**
 * `ENetPacketUtils.decode_string`.
 *
 * @param data - A packet; read only.
 * @returns The text without BOM and up to the first NUL; `''` for another packet type, a length beyond the packet and
 *   malformed UTF-8.
 */
export function decodeStringPacket(data: Uint8Array): string {
  return decodeText(PacketType.STRING, data);
}

/**
 * `ENetPacketUtils.decode_json`: the text of a JSON packet, not the parsed value.
 *
 * @param data - A packet; read only.
 * @returns The text, as {@link decodeStringPacket} reads it.
 */
export function decodeJsonPacket(data: Uint8Array): string {
  return decodeText(PacketType.JSON, data);
}

/**
 * `ENetPacketUtils.decode_node_metadata`: the node dictionary of a NODE packet, whatever its form.
 *
 * @param data - A packet; read only.
 * @param options - View and limits.
 * @returns The Dictionary, owned by the caller (`readNodeState` of the schema gives it types); an empty one for
 *   anything else.
 */
export function decodeNodeMetadataPacket(data: Uint8Array, options?: PacketDecodeOptions): DecodedDictionary {
  checkData(data);
  return dictionaryOr(data[0] === PacketType.NODE ? decodeBody(data, options) : null, options);
}

/**
 * `ENetPacketUtils.decode_auto`: the value of a packet of any type.
 *
 * A JSON packet gives the parsed value, or the text itself when it does not parse; so malformed ones give `''`.
 *
 * @param data - A packet; read only.
 * @param options - View, limits, and whether type byte 2 counts.
 * @returns The value, owned by the caller; null for no bytes, an unknown type and malformed Variants.
 */
export function decodeAutoPacket(data: Uint8Array, options?: PacketDecodeOptions): VariantValue {
  checkData(data);
  switch (data[0]) {
    case PacketType.RAW:
      return Uint8Array.from(data.subarray(1));
    case PacketType.JSON:
      return parseOrText(decodeJsonPacket(data), options);
    case PacketType.STRING:
      return decodeStringPacket(data);
    case PacketType.NODE:
      return decodeNodeMetadataPacket(data, options);
    default:
      return decodeVariantPacket(data, options);
  }
}

/** Wrong arguments are mistakes of the program, unlike wrong bytes. */
function checkData(data: unknown): void {
  if (!(data instanceof Uint8Array)) {
    throw new TypeError(`"data" expected a Uint8Array, got ${data === null ? 'null' : typeof data}`);
  }
}

function decodeBody(data: Uint8Array, options?: PacketDecodeOptions): VariantValue {
  try {
    return decodeVariant(data.subarray(1), ownOptions(options)).value;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** Options that are shared with `bytesToVar` may allow objects, which packets hold as ids only (10), and borrow. */
function ownOptions(options: DecodeOptions | undefined): DecodeOptions | undefined {
  return options?.allowObjects === true || options?.borrow === true
    ? { ...options, allowObjects: false, borrow: false }
    : options;
}

function dictionaryOr(value: VariantValue, options?: PacketDecodeOptions): DecodedDictionary {
  if (value instanceof Dictionary) return value;
  if (options?.dictionaries !== 'object') return new Dictionary();
  return isPlainObject(value) ? value : Object.create(null);
}

/** Dictionaries of the `'object'` view are the only values without a prototype. */
function isPlainObject(value: VariantValue): value is { readonly [key: string]: VariantValue } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

function decodeText(type: number, data: Uint8Array): string {
  checkData(data);
  if (data.length < 5 || data[0] !== type) return '';
  const count = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
  if (count > data.length - 5) return '';
  return decodeUtf8(data, 5, count) ?? '';
}

function parseOrText(text: string, options?: PacketDecodeOptions): VariantValue {
  try {
    return parseJson(text, {
      exact: options?.exact,
      dictionaries: options?.dictionaries,
      maxDepth: options?.maxDepth,
      maxElements: options?.maxElements,
    });
  } catch (error) {
    if (error instanceof JsonError) return text;
    throw error;
  }
}
