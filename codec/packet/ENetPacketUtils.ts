/** Godot's `ENetPacketUtils` (docs/protocol/variant-codec 10). Encoding nodes needs a scene mirror and is not there yet. */

import type { VariantInput, VariantValue } from '../variant/value.ts';
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
 */
export interface ENetPacketUtilsApi {
  /** `encode_variant`; see {@link encodeVariantPacket}. */
  encodeVariant(value: VariantInput, options?: PacketEncodeOptions): Uint8Array;
  /** `encode_dictionary`; see {@link encodeDictionaryPacket}. */
  encodeDictionary(
    dictionary: ReadonlyMap<unknown, unknown> | { readonly [key: string]: VariantInput },
    options?: PacketEncodeOptions,
  ): Uint8Array;
  /** `encode_json`; see {@link encodeJsonPacket}. */
  encodeJson(json: string): Uint8Array;
  /** `encode_string`; see {@link encodeStringPacket}. */
  encodeString(text: string): Uint8Array;
  /** `encode_auto`; see {@link encodeAutoPacket}. */
  encodeAuto(value: VariantInput | PacketSource, options?: PacketEncodeOptions): Uint8Array;
  /** `decode_variant`; see {@link decodeVariantPacket}. */
  decodeVariant(data: Uint8Array, options?: PacketDecodeOptions): VariantValue;
  /** `decode_dictionary`; see {@link decodeDictionaryPacket}. */
  decodeDictionary(data: Uint8Array, options?: PacketDecodeOptions): DecodedDictionary;
  /** `decode_string`; see {@link decodeStringPacket}. */
  decodeString(data: Uint8Array): string;
  /** `decode_json`; see {@link decodeJsonPacket}. */
  decodeJson(data: Uint8Array): string;
  /** `decode_node_metadata`; see {@link decodeNodeMetadataPacket}. */
  decodeNodeMetadata(data: Uint8Array, options?: PacketDecodeOptions): DecodedDictionary;
  /** `decode_auto`; see {@link decodeAutoPacket}. */
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
