/** A packet on its way out. enet-protocol sections 3.4 and 5.1. */

/**
 * Bytes to send, with their flags. One packet can be given to many peers: the bytes are shared, never copied.
 */
export class Packet {
  /**
   * The payload. The host keeps this array until it was sent (reliable packets: until it was acknowledged), so it
   * must not change after it was given to `send`.
   */
  readonly bytes: Uint8Array;
  /** A combination of {@link PacketFlag} values. */
  readonly flags: number;

  /**
   * @param bytes the payload; ownership passes to the packet, nothing is copied. It may be empty.
   * @param flags a combination of {@link PacketFlag} values; other bits are ignored.
   */
  constructor(bytes: Uint8Array, flags: number) {
    this.bytes = bytes;
    this.flags = flags;
  }
}
