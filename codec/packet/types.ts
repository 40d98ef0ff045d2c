/** The packets of the `enet_server` module: one type byte and a payload (docs/protocol/variant-codec 10). */

/** The type byte that starts a packet. */
export const PacketType = {
  /** The bytes to the end of the packet. */
  RAW: 0,
  /** A binary Variant, objects as ids. */
  VARIANT: 1,
  /** Reserved: never written, and the engine cannot decode it. */
  DICTIONARY: 2,
  /** u32 byte count, UTF-8 JSON text. */
  JSON: 3,
  /** u32 byte count, UTF-8 text. */
  STRING: 4,
  /** A binary Variant: a node dictionary. */
  NODE: 5,
} as const;

/** One of the numbers of {@link PacketType}. */
export type PacketTypeId = (typeof PacketType)[keyof typeof PacketType];

/** An object that makes its own packet; the counterpart of a GDScript object with a method `_to_packet`. */
export interface PacketSource {
  /** The whole packet, type byte included; nothing is added to it. */
  _toPacket(): Uint8Array;
}
