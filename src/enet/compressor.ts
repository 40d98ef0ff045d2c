/** The two hooks of a datagram: compression and checksum. enet-protocol section 9. */

/**
 * Packs and unpacks the body of one datagram, without state between datagrams. Both ends need the same one; it is
 * not negotiated. Synchronous; must not throw, whatever the input.
 */
export interface Compressor {
  /** A short name for traces, e.g. `"zlib"`. */
  readonly name: string;
  /**
   * Compresses `input[inStart, inEnd)` into `output` from `outStart` on.
   *
   * @param outLimit how many bytes may be written at most.
   * @returns how many bytes were written; 0 when it does not fit or cannot be compressed.
   */
  compress(
    input: Uint8Array,
    inStart: number,
    inEnd: number,
    output: Uint8Array,
    outStart: number,
    outLimit: number,
  ): number;
  /**
   * The reverse of {@link Compressor.compress}, with the same parameters.
   *
   * @returns how many bytes were written; 0 for bad input or when more than `outLimit` would come out.
   */
  decompress(
    input: Uint8Array,
    inStart: number,
    inEnd: number,
    output: Uint8Array,
    outStart: number,
    outLimit: number,
  ): number;
}

/**
 * A checksum over `bytes[start, end)`, as an unsigned 32-bit number. Both ends need the same one; it is not
 * negotiated. The usual one is {@link crc32}.
 */
export type Checksum = (bytes: Uint8Array, start: number, end: number) => number;
