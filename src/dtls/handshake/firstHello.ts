/**
 * What a server does with a hello before it keeps anything: reading it from its one record, and asking for a cookie. RFC 6347,
 * 4.2.1.
 */
import type { DtlsDropReason } from '../endpoint.ts';
import { ContentType, DTLS_1_0, HandshakeError, HandshakeType } from '../protocol.ts';
import { RECORD_HEADER_BYTES, type RecordView, writeRecordHeader } from '../record/record.ts';
import {
  type ClientHello,
  encodeFragment,
  encodeHelloVerifyRequest,
  readClientHello,
  readFragments,
} from './handshakeMessages.ts';

/** A hello with the numbers from which the answer goes on. Bytes are views. */
export interface FirstHello {
  /** The hello. */
  readonly hello: ClientHello;
  /** The number of its record. */
  readonly sequence: number;
  /** Its number among the messages of the client. */
  readonly messageSeq: number;
}

/** Reads the hello in a record, or tells why it is of no use. A server without state cannot put pieces together. */
export function readFirstHello({ payload, sequence }: RecordView): FirstHello | DtlsDropReason {
  const [fragment, second] = readFragments(payload) ?? [];
  const isWhole = fragment?.offset === 0 && fragment.bytes.length === fragment.length;
  if (fragment === undefined || second !== undefined || !isWhole) return 'fragment';
  const { messageSeq } = fragment;
  if (messageSeq > MAX_HELLO_SEQ) return 'unexpected';
  try {
    return { hello: readClientHello(fragment.bytes), sequence, messageSeq };
  } catch (error) {
    if (error instanceof HandshakeError) return 'malformed';
    throw error;
  }
}

/** The datagram that asks for a cookie. It is shorter than any hello. */
export function encodeCookieRequest({ sequence, messageSeq }: FirstHello, cookie: Uint8Array): Uint8Array {
  const body = encodeHelloVerifyRequest(cookie);
  const message = encodeFragment(HandshakeType.HELLO_VERIFY_REQUEST, messageSeq, body);
  const datagram = new Uint8Array(RECORD_HEADER_BYTES + message.length);
  // Without state, the number of the hello is the one that has not been used.
  writeRecordHeader(datagram, ContentType.HANDSHAKE, DTLS_1_0, 0, sequence, message.length);
  datagram.set(message, RECORD_HEADER_BYTES);
  return datagram;
}

/** A hello has the number 0 or 1, and a little more when cookies expired in between. */
const MAX_HELLO_SEQ = 255;
