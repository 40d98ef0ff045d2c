/** What a datagram is that is not ENet 1.3 without checksum: protocols told by their first bytes. */

import { COMMAND_MASK, COMMAND_SIZES, CONTROL_CHANNEL, Command, HEADER_SENT_TIME } from '../enet/internal.ts';
import { FINDINGS, type Finding, otherChecksum, otherProtocol } from './diagnosis.ts';

const CONNECT_SIZE = COMMAND_SIZES[Command.CONNECT] ?? 0;
/** RFC 9146 adds 25 to the content types of RFC 6347 4.1. */
const MIN_CONTENT_TYPE = 20;
const MAX_CONTENT_TYPE = 25;
const DTLS_HEADER_SIZE = 13;
const TLS_HEADER_SIZE = 5;
/** ENet 1.2: checksum, peer id and time, then a CONNECT of 40 bytes, without the user data. */
const OLD_HEADER_SIZE = 8;
const OLD_CONNECT_SIZE = 40;
/** Header, time and checksum of ENet 1.3. */
const CHECKSUM_HEADER_SIZE = 8;
const STUN_COOKIE = 0x2112_a442;
const QUIC_VERSIONS: ReadonlySet<number> = new Set([0x0000_0001, 0x6b33_43cf]);
const REQUEST_LINE = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) \S/;
const STATUS_LINE = /^HTTP\/\d(?:\.\d)? \d{3}/;
const HTTP2_PREFACE = 'PRI * HTTP/2.0';
/** How much of a request is looked at, in bytes. */
const REQUEST_WINDOW = 2048;

/** @returns what the datagram is, or `undefined` for what no other protocol would send. Reads at most 2 KiB. */
export function recognize(bytes: Uint8Array): Finding | undefined {
  if (isDtlsRecord(bytes)) return FINDINGS.dtls;
  if (isOldConnect(bytes)) return FINDINGS.oldEnet;
  if (isConnectWithChecksum(bytes)) return otherChecksum(false);
  const http = recognizeHttp(bytes);
  if (http !== undefined) return http;
  const name = protocolName(bytes);
  return name === undefined ? undefined : otherProtocol(name);
}

/** Whether a datagram begins with a whole DTLS record: RFC 6347 4.1. */
export function isDtlsRecord(bytes: Uint8Array): boolean {
  const type = at(bytes, 0);
  if (bytes.length < DTLS_HEADER_SIZE || type < MIN_CONTENT_TYPE || type > MAX_CONTENT_TYPE) return false;
  // DTLS 1.0 is 0xfeff and 1.2 is 0xfefd.
  if (at(bytes, 1) !== 0xfe || at(bytes, 2) < 0xfc) return false;
  return u16(bytes, 11) <= bytes.length - DTLS_HEADER_SIZE;
}

/** Whether a datagram is a CONNECT of ENet 1.3 without checksum. */
export function isPlainConnect(bytes: Uint8Array): boolean {
  return hasConnectAt(bytes, (u16(bytes, 0) & HEADER_SENT_TIME) !== 0 ? 4 : 2, CONNECT_SIZE);
}

/** A CONNECT of ENet 1.3 that the checksum pushed four bytes back. */
function isConnectWithChecksum(bytes: Uint8Array): boolean {
  return (
    (u16(bytes, 0) & 0x8fff) === 0x8fff &&
    !isPlainConnect(bytes) &&
    hasConnectAt(bytes, CHECKSUM_HEADER_SIZE, CONNECT_SIZE)
  );
}

function isOldConnect(bytes: Uint8Array): boolean {
  return u16(bytes, 4) === 0xffff && hasConnectAt(bytes, OLD_HEADER_SIZE, OLD_CONNECT_SIZE);
}

/** CONNECT is alone in its datagram and on the control channel, as number 1 (enet-protocol 4.3). */
function hasConnectAt(bytes: Uint8Array, start: number, size: number): boolean {
  return (
    bytes.length === start + size &&
    (at(bytes, start) & COMMAND_MASK) === Command.CONNECT &&
    at(bytes, start + 1) === CONTROL_CHANNEL &&
    u16(bytes, start + 2) === 1
  );
}

function recognizeHttp(bytes: Uint8Array): Finding | undefined {
  if (at(bytes, 0) < 0x41 || at(bytes, 0) > 0x5a) return undefined;
  const text = asciiOf(bytes);
  if (!REQUEST_LINE.test(text) && !text.startsWith(HTTP2_PREFACE)) return undefined;
  return /\r\nupgrade:\s*websocket/i.test(text) ? FINDINGS.webSocket : FINDINGS.http;
}

/** What a datagram is in words, for protocols that have nothing to do with games; also answers. Reads at most 2 KiB. */
export function protocolName(bytes: Uint8Array): string | undefined {
  const first = at(bytes, 0);
  if (first === 0x48 && STATUS_LINE.test(asciiOf(bytes))) return 'an HTTP answer';
  if (u32(bytes, 0) === 0xffff_ffff && at(bytes, 4) >= 0x54 && at(bytes, 4) <= 0x57) {
    return 'a query of a game server browser';
  }
  if (bytes.length >= 20 && first < 4 && u32(bytes, 4) === STUN_COOKIE) return 'STUN';
  if ((first & 0xc0) === 0xc0 && QUIC_VERSIONS.has(u32(bytes, 1))) return 'QUIC (HTTP/3)';
  if (
    bytes.length > TLS_HEADER_SIZE &&
    first >= MIN_CONTENT_TYPE &&
    first <= MAX_CONTENT_TYPE &&
    at(bytes, 1) === 3 &&
    at(bytes, 2) <= 4 &&
    u16(bytes, 3) === bytes.length - TLS_HEADER_SIZE
  ) {
    return 'TLS, which belongs on TCP,';
  }
  return undefined;
}

/** Bytes above 126 become U+FFFD, so that no expression matches them. */
function asciiOf(bytes: Uint8Array): string {
  let text = '';
  const end = Math.min(bytes.length, REQUEST_WINDOW);
  for (let i = 0; i < end; i++) text += at(bytes, i) < 127 ? String.fromCharCode(at(bytes, i)) : '\ufffd';
  return text;
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function u16(bytes: Uint8Array, index: number): number {
  return (at(bytes, index) << 8) | at(bytes, index + 1);
}

function u32(bytes: Uint8Array, index: number): number {
  return ((u16(bytes, index) << 16) | u16(bytes, index + 2)) >>> 0;
}
