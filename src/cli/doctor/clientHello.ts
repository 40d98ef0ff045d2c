/** One DTLS 1.2 ClientHello, to see whether a server answers it. RFC 6347 4.2, RFC 5246 7.4.1.2. */

const DTLS_1_2 = 0xfefd;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** What Godot's mbedTLS offers first: ECDHE with AES-GCM or ChaCha20; and the renegotiation signal. */
const SUITES = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x00ff];
const GROUPS = [0x001d, 0x0017, 0x0018];
const SIGNATURES = [0x0403, 0x0401, 0x0503, 0x0501, 0x0603, 0x0601];

/**
 * Builds the datagram.
 *
 * @param random 32 random bytes.
 * @returns owned by the caller.
 */
export function clientHello(random: Uint8Array): Uint8Array {
  const extensions = [
    ...extension(10, sized(2, GROUPS.flatMap(u16))),
    ...extension(11, sized(1, [0])),
    ...extension(13, sized(2, SIGNATURES.flatMap(u16))),
    ...extension(23, []),
  ];
  const body = [
    ...u16(DTLS_1_2),
    ...random,
    ...sized(1, []),
    ...sized(1, []),
    ...sized(2, SUITES.flatMap(u16)),
    ...sized(1, [0]),
    ...sized(2, extensions),
  ];
  const length = [0, ...u16(body.length)];
  const handshake = [CLIENT_HELLO, ...length, 0, 0, 0, 0, 0, ...length, ...body];
  return Uint8Array.from([
    HANDSHAKE,
    ...u16(DTLS_1_2),
    ...new Array<number>(8).fill(0),
    ...sized(2, handshake),
  ]);
}

function extension(type: number, content: readonly number[]): number[] {
  return [...u16(type), ...sized(2, content)];
}

function sized(lengthBytes: 1 | 2, content: readonly number[]): number[] {
  return [...(lengthBytes === 1 ? [content.length] : u16(content.length)), ...content];
}

function u16(value: number): number[] {
  return [value >>> 8, value & 0xff];
}
