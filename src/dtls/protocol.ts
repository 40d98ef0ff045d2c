/** Numbers of DTLS 1.2 and the error that ends a handshake. RFC 5246 (6.2, 7.2, 7.4), RFC 6347 (4.1, 4.2). */
import type { DtlsFailure, DtlsFailureCode } from './endpoint.ts';

/** DTLS 1.2 in its one's complement notation. */
export const DTLS_1_2 = 0xfefd;
/** DTLS 1.0: what a hello and its cookie request carry in their record header. */
export const DTLS_1_0 = 0xfeff;

/** The types of records. */
export const ContentType = {
  CHANGE_CIPHER_SPEC: 20,
  ALERT: 21,
  HANDSHAKE: 22,
  APPLICATION_DATA: 23,
} as const;

/** The types of handshake messages that a full handshake without client certificates has. */
export const HandshakeType = {
  HELLO_REQUEST: 0,
  CLIENT_HELLO: 1,
  SERVER_HELLO: 2,
  HELLO_VERIFY_REQUEST: 3,
  CERTIFICATE: 11,
  SERVER_KEY_EXCHANGE: 12,
  CERTIFICATE_REQUEST: 13,
  SERVER_HELLO_DONE: 14,
  CLIENT_KEY_EXCHANGE: 16,
  FINISHED: 20,
} as const;

/** The levels of alerts. */
export const AlertLevel = { WARNING: 1, FATAL: 2 } as const;

/** The alerts that are sent or looked at here. */
export const Alert = {
  CLOSE_NOTIFY: 0,
  UNEXPECTED_MESSAGE: 10,
  HANDSHAKE_FAILURE: 40,
  BAD_CERTIFICATE: 42,
  UNSUPPORTED_CERTIFICATE: 43,
  CERTIFICATE_EXPIRED: 45,
  ILLEGAL_PARAMETER: 47,
  UNKNOWN_CA: 48,
  DECODE_ERROR: 50,
  DECRYPT_ERROR: 51,
  PROTOCOL_VERSION: 70,
  INTERNAL_ERROR: 80,
  NO_RENEGOTIATION: 100,
  UNSUPPORTED_EXTENSION: 110,
} as const;

/** The other side broke the handshake. Stays inside this folder: endpoints turn it into an event. */
export class HandshakeError extends Error {
  override readonly name: string = 'HandshakeError';
  /** The kind of failure. */
  readonly code: DtlsFailureCode;
  /** The alert that tells the other side. */
  readonly alert: number;

  constructor(alert: number, message: string, code: DtlsFailureCode = 'ERR_DTLS_PROTOCOL') {
    super(message);
    this.alert = alert;
    this.code = code;
  }

  /** The error as an event carries it. */
  get failure(): DtlsFailure {
    return { code: this.code, message: this.message, alert: this.alert };
  }
}
