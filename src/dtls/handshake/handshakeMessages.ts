/** The handshake messages, to and from bytes. RFC 5246 7.4, RFC 6347 4.2.1 and 4.2.2, RFC 8422 5.4 and 5.7. */

import { Alert, DTLS_1_0, DTLS_1_2, HandshakeError } from '../protocol.ts';
import { ByteReader, list16, u16, vector } from './byteReader.ts';
import { type Extensions, encodeExtensions, readExtensions } from './extensions.ts';

/** type 1, length 3, message_seq 2, fragment_offset 3, fragment_length 3. */
export const HANDSHAKE_HEADER_BYTES = 12;

/** One piece of a message. */
export interface Fragment {
  /** The type of the message. */
  readonly type: number;
  /** The length of the whole body. */
  readonly length: number;
  /** Which message of its sender it is. */
  readonly messageSeq: number;
  /** Where the piece belongs. */
  readonly offset: number;
  /** The piece, as a view. */
  readonly bytes: Uint8Array;
}

/**
 * The pieces in the payload of one record.
 *
 * @returns undefined when the payload is damaged: nothing of it is used then.
 */
export function readFragments(payload: Uint8Array): Fragment[] | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const u24 = (at: number): number => (view.getUint8(at) << 16) | view.getUint16(at + 1);
  const fragments: Fragment[] = [];
  for (let at = 0; at < payload.length; ) {
    if (payload.length - at < HANDSHAKE_HEADER_BYTES) return undefined;
    const length = u24(at + 1);
    const offset = u24(at + 6);
    const size = u24(at + 9);
    const start = at + HANDSHAKE_HEADER_BYTES;
    if (size > payload.length - start || offset + size > length) return undefined;
    const bytes = payload.subarray(start, start + size);
    fragments.push({ type: view.getUint8(at), length, messageSeq: view.getUint16(at + 4), offset, bytes });
    at = start + size;
  }
  return fragments;
}

/** Writes one piece of a message, with its header. */
export function encodeFragment(
  type: number,
  messageSeq: number,
  body: Uint8Array,
  offset = 0,
  size: number = body.length,
): Uint8Array {
  const out = Buffer.allocUnsafe(HANDSHAKE_HEADER_BYTES + size);
  out[0] = type;
  out.writeUIntBE(body.length, 1, 3);
  out.writeUInt16BE(messageSeq, 4);
  out.writeUIntBE(offset, 6, 3);
  out.writeUIntBE(size, 9, 3);
  out.set(body.subarray(offset, offset + size), HANDSHAKE_HEADER_BYTES);
  return out;
}

/** What a client says first. Bytes are views. */
export interface ClientHello {
  /** The newest version it has. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** What the server asked it to repeat; empty at first. */
  readonly cookie: Uint8Array;
  /** Its cipher suites. */
  readonly suites: readonly number[];
  /** Its compression methods. */
  readonly compressions: Uint8Array;
  /** Its extensions. */
  readonly extensions: Extensions;
  /** The parts that stay the same in the hello with the cookie: all before the extensions but the cookie. */
  readonly boundToCookie: Uint8Array;
}

/** @throws HandshakeError when it is damaged. */
export function readClientHello(body: Uint8Array): ClientHello {
  const reader = new ByteReader(body);
  const version = reader.u16();
  const random = reader.take(32);
  const sessionId = reader.vector(1);
  if (sessionId.length > 32) throw new HandshakeError(Alert.DECODE_ERROR, 'the session id is too long');
  const cookieStart = reader.position;
  const cookie = reader.vector(1);
  const cookieEnd = reader.position;
  const suites = reader.list16();
  const compressions = reader.vector(1);
  const boundToCookie = Buffer.concat([
    body.subarray(0, cookieStart),
    body.subarray(cookieEnd, reader.position),
  ]);
  const extensions = readExtensions(reader);
  return { version, random, cookie, suites, compressions, extensions, boundToCookie };
}

/** The body of a ClientHello. */
export function encodeClientHello(
  random: Uint8Array,
  cookie: Uint8Array,
  suites: readonly number[],
  extensions: Extensions,
): Uint8Array {
  const noSession = vector(1);
  const noCompression = vector(1, Uint8Array.of(0));
  const parts = [u16(DTLS_1_2), random, noSession, vector(1, cookie), list16(suites), noCompression];
  return Buffer.concat([...parts, encodeExtensions(extensions)]);
}

/** The body of a HelloVerifyRequest. Its version is no promise (RFC 6347 4.2.1); 1.0 is what every client takes. */
export function encodeHelloVerifyRequest(cookie: Uint8Array): Uint8Array {
  return Buffer.concat([u16(DTLS_1_0), vector(1, cookie)]);
}

/** The cookie of a HelloVerifyRequest, as a view. */
export function readHelloVerifyRequest(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  reader.u16();
  const cookie = reader.vector(1);
  reader.end();
  return cookie;
}

/** What a server chose. Bytes are views. */
export interface ServerHello {
  /** The version. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** The cipher suite. */
  readonly suite: number;
  /** The compression method. */
  readonly compression: number;
  /** Its extensions. */
  readonly extensions: Extensions;
}

/** @throws HandshakeError when it is damaged. */
export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body);
  const version = reader.u16();
  const random = reader.take(32);
  if (reader.vector(1).length > 32)
    throw new HandshakeError(Alert.DECODE_ERROR, 'the session id is too long');
  const suite = reader.u16();
  const compression = reader.u8();
  return { version, random, suite, compression, extensions: readExtensions(reader) };
}

/** The body of a ServerHello: no session to resume, no compression. */
export function encodeServerHello(random: Uint8Array, suite: number, extensions: Extensions): Uint8Array {
  const rest = encodeExtensions(extensions);
  return Buffer.concat([u16(DTLS_1_2), random, vector(1), u16(suite), Uint8Array.of(0), rest]);
}

/** The certificates of a Certificate message in DER, as copies. */
export function readCertificates(body: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.vector(3));
  reader.end();
  const chain: Uint8Array[] = [];
  while (list.left > 0) chain.push(Uint8Array.from(list.vector(3)));
  return chain;
}

/** The body of a Certificate message. */
export function encodeCertificates(chain: readonly Uint8Array[]): Uint8Array {
  return vector(3, ...chain.map((certificate) => vector(3, certificate)));
}

/** The server's half of the key exchange. Bytes are views. */
export interface ServerKeyExchange {
  /** The group. */
  readonly group: number;
  /** The server's public value. */
  readonly publicValue: Uint8Array;
  /** What is signed, besides the randoms of the hellos. */
  readonly parameters: Uint8Array;
  /** The signature scheme. */
  readonly scheme: number;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** @throws HandshakeError when it is damaged, or has a curve without a name. */
export function readServerKeyExchange(body: Uint8Array): ServerKeyExchange {
  const reader = new ByteReader(body);
  if (reader.u8() !== NAMED_CURVE) {
    throw new HandshakeError(Alert.ILLEGAL_PARAMETER, 'the server has a curve without a name');
  }
  const group = reader.u16();
  const publicValue = reader.vector(1);
  const parameters = body.subarray(0, reader.position);
  const scheme = reader.u16();
  const signature = reader.vector(2);
  reader.end();
  return { group, publicValue, parameters, scheme, signature };
}

/** The signed part of a ServerKeyExchange. */
export function encodeKeyExchangeParameters(group: number, publicValue: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(NAMED_CURVE), u16(group), vector(1, publicValue)]);
}

/** The body of a ServerKeyExchange. */
export function encodeServerKeyExchange(
  parameters: Uint8Array,
  scheme: number,
  signature: Uint8Array,
): Uint8Array {
  return Buffer.concat([parameters, u16(scheme), vector(2, signature)]);
}

/** The client's public value, as a view. */
export function readClientKeyExchange(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  const publicValue = reader.vector(1);
  reader.end();
  return publicValue;
}

/** The body of a ClientKeyExchange. */
export function encodeClientKeyExchange(publicValue: Uint8Array): Uint8Array {
  return vector(1, publicValue);
}

const NAMED_CURVE = 3;
