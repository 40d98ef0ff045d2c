/** The checksum that C programs give to ENet with `enet_crc32`. enet-protocol section 9.1. */

const TABLE: Uint32Array = makeTable();

/**
 * CRC-32 (reflected polynomial 0xEDB88320, as in zlib and PNG) of `bytes[start, end)`, as an unsigned number.
 * A {@link Checksum}.
 */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[n] = c;
  }
  return table;
}
