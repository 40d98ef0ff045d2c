/** Godot's `ENetPacketUtils` (docs/protocol/variant-codec 10). Nodes are encoded by `godot-enet/schema`, which knows them. */

import type { VariantInput, VariantValue } from '../values/variantValue.ts';
import {
  type DecodedDictionary,
  decodeAutoPacket,
  decodeDictionaryPacket,
  decodeJsonPacket,
  decodeNodeMetadataPacket,
  decodeStringPacket,
  decodeVariantPacket,
  type PacketDecodeOptions,
} from './decode.ts';
import {
  encodeAutoPacket,
  encodeDictionaryPacket,
  encodeJsonPacket,
  encodeStringPacket,
  encodeVariantPacket,
  type PacketEncodeOptions,
} from './encode.ts';
import type { PacketSource } from './types.ts';

/**
 * The engine singleton `ENetPacketUtils` by its method names.
 *
 * Decoding never throws because of the bytes: it gives null, an empty Dictionary or `''`, as the engine does. Encoding
 * throws an `EncodeError` for JavaScript values that are no Variants, which the engine cannot be given.
 *
 * Packets belong to the caller and share memory with nothing.
 * Arguments of a wrong type are a `TypeError`. Full objects are neither written nor accepted, whatever the options say.
 */
export interface ENetPacketUtilsApi {
  /**
   * `encode_variant`: a VARIANT packet.
   *
   * @param value - Any Variant. A safe integer number is written as INT, `float(1)` as FLOAT.
   * @param options - Dialect, width of reals, limits.
   * @returns The packet, owned by the caller; empty when the value is nested deeper than the limit, where the engine's
   *   encoding fails too.
   * @throws EncodeError for a JavaScript value that has no Variant form.
   */
  encodeVariant(value: VariantInput, options?: PacketEncodeOptions): Uint8Array;
  /**
   * `encode_dictionary`: the same as `encodeVariant`, type byte 1 and not 2, as in the engine.
   *
   * @param dictionary - A Dictionary, Map or plain object.
   * @param options - Dialect, width of reals, limits.
   * @returns The packet, owned by the caller; empty when it is nested too deep.
   * @throws TypeError when the value is no dictionary; EncodeError for contents that have no Variant form.
   */
  encodeDictionary(
    dictionary: ReadonlyMap<unknown, unknown> | { readonly [key: string]: VariantInput },
    options?: PacketEncodeOptions,
  ): Uint8Array;
  /**
   * `encode_json`: a JSON packet. The text is not checked.
   *
   * @param json - The JSON text, such as `GodotJSON.stringify` gives.
   * @returns The packet, owned by the caller.
   * @throws EncodeError for a text with U+0000 (`ERR_ENCODE_NUL`): the receiver would cut it there.
   */
  encodeJson(json: string): Uint8Array;
  /**
   * `encode_string`: a STRING packet, without padding or terminator.
   *
   * @param text - The text; lone surrogates are written as U+FFFD.
   * @returns The packet, owned by the caller.
   * @throws EncodeError for a text with U+0000 (`ERR_ENCODE_NUL`): the receiver would cut it there.
   */
  encodeString(text: string): Uint8Array;
  /**
   * `encode_auto`: a Uint8Array becomes a RAW packet, a string a STRING packet, an object with a method `_toPacket` the
   * bytes that it returns, everything else (null, StringName and arrays of all kinds too) a VARIANT packet.
   *
   * @param value - Any Variant, or an object that makes its own packet.
   * @param options - Dialect, width of reals, limits.
   * @returns The packet, owned by the caller: a copy even of what `_toPacket` returned. Empty when nested too deep.
   * @throws EncodeError for a JavaScript value that has no Variant form; also when `_toPacket` returns no bytes.
   */
  encodeAuto(value: VariantInput | PacketSource, options?: PacketEncodeOptions): Uint8Array;
  /**
   * `decode_variant`: the value of a VARIANT packet.
   *
   * @param data - A packet; read only.
   * @param options - View, limits, and whether type byte 2 counts.
   * @returns The value, owned by the caller; null for another packet type and for malformed bytes.
   */
  decodeVariant(data: Uint8Array, options?: PacketDecodeOptions): VariantValue;
  /**
   * `decode_dictionary`: the Dictionary in a VARIANT packet.
   *
   * @param data - A packet; read only.
   * @param options - View, limits, and whether type byte 2 counts.
   * @returns The Dictionary, owned by the caller; an empty one for anything else.
   */
  decodeDictionary(data: Uint8Array, options?: PacketDecodeOptions): DecodedDictionary;
  /**
   * `decode_string`: the text of a STRING packet.
   *
   * @param data - A packet; read only.
   * @returns The text without BOM and up to the first NUL; `''` for another packet type, a length beyond the packet and
   *   malformed UTF-8.
   */
  decodeString(data: Uint8Array): string;
  /**
   * `decode_json`: the text of a JSON packet, not the parsed value.
   *
   * @param data - A packet; read only.
   * @returns The text, read as by `decodeString`.
   */
  decodeJson(data: Uint8Array): string;
  /**
   * `decode_node_metadata`: the node dictionary of a NODE packet, whatever its form; `readNodeState` of
   * `godot-enet/schema` gives it types.
   *
   * @param data - A packet; read only.
   * @param options - View and limits.
   * @returns The Dictionary, owned by the caller; an empty one for anything else.
   */
  decodeNodeMetadata(data: Uint8Array, options?: PacketDecodeOptions): DecodedDictionary;
  /**
   * `decode_auto`: the value of a packet of any type. A JSON packet gives the parsed value, or the text itself when it
   * does not parse; so malformed ones give `''`.
   *
   * @param data - A packet; read only.
   * @param options - View, limits, and whether type byte 2 counts.
   * @returns The value, owned by the caller; null for no bytes, an unknown type and malformed Variants.
   */
  decodeAuto(data: Uint8Array, options?: PacketDecodeOptions): VariantValue;
}

/** Godot's `ENetPacketUtils`: packets of one type byte and a payload. */
export const ENetPacketUtils: ENetPacketUtilsApi = {
  encodeVariant: encodeVariantPacket,
  encodeDictionary: encodeDictionaryPacket,
  encodeJson: encodeJsonPacket,
  encodeString: encodeStringPacket,
  encodeAuto: encodeAutoPacket,
  decodeVariant: decodeVariantPacket,
  decodeDictionary: decodeDictionaryPacket,
  decodeString: decodeStringPacket,
  decodeJson: decodeJsonPacket,
  decodeNodeMetadata: decodeNodeMetadataPacket,
  decodeAuto: decodeAutoPacket,
};
