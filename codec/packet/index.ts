/** ENetPacketUtils packets. Re-exports only. */
export type { DecodedDictionary, PacketDecodeOptions } from './decode.ts';
export { ENetPacketUtils, type ENetPacketUtilsApi } from './ENetPacketUtils.ts';
export type { PacketEncodeOptions } from './encode.ts';
export { type PacketSource, PacketType, type PacketTypeId } from './types.ts';
