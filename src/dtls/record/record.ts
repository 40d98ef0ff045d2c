/** The header of a record (RFC 6347, 4.1): type, version, epoch, sequence number, length. */

/** type 1, version 2, epoch 2, sequence number 6, length 2. */
export const RECORD_HEADER_BYTES = 13;
/** Sequence numbers have 48 bits. */
export const LAST_SEQUENCE: number = 2 ** 48 - 1;

/** One record of a datagram. All bytes are views. */
export interface RecordView {
  /** See `ContentType`; may be any byte. */
  readonly type: number;
  /** See `DTLS_1_2`; may be any number of two bytes. */
  readonly version: number;
  /** 0 is plaintext, 1 is encrypted. */
  readonly epoch: number;
  /** 48 bits. */
  readonly sequence: number;
  /** Header and payload. */
  readonly whole: Uint8Array;
  /** What follows the header. */
  readonly payload: Uint8Array;
}

/**
 * Reads the record that starts at an offset.
 *
 * @returns undefined when there is no whole record: RFC 6347 4.1.2.7 wants the rest of the datagram ignored.
 */
export function readRecord(datagram: Uint8Array, offset: number): RecordView | undefined {
  if (datagram.length - offset < RECORD_HEADER_BYTES) return undefined;
  const end = offset + RECORD_HEADER_BYTES + u16At(datagram, offset + 11);
  if (end > datagram.length) return undefined;
  return {
    type: datagram[offset] ?? 0,
    version: u16At(datagram, offset + 1),
    epoch: u16At(datagram, offset + 3),
    sequence:
      u16At(datagram, offset + 5) * 2 ** 32 +
      u16At(datagram, offset + 7) * 2 ** 16 +
      u16At(datagram, offset + 9),
    whole: datagram.subarray(offset, end),
    payload: datagram.subarray(offset + RECORD_HEADER_BYTES, end),
  };
}

/** Writes a header at the start of `out`. */
export function writeRecordHeader(
  out: Uint8Array,
  type: number,
  version: number,
  epoch: number,
  sequence: number,
  length: number,
): void {
  out[0] = type;
  out[1] = version >>> 8;
  out[2] = version & 0xff;
  out[3] = epoch >>> 8;
  out[4] = epoch & 0xff;
  const high = Math.floor(sequence / 2 ** 32);
  const low = sequence >>> 0;
  out[5] = high >>> 8;
  out[6] = high & 0xff;
  out[7] = low >>> 24;
  out[8] = (low >>> 16) & 0xff;
  out[9] = (low >>> 8) & 0xff;
  out[10] = low & 0xff;
  out[11] = length >>> 8;
  out[12] = length & 0xff;
}

function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
