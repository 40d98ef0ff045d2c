/**
 * What can be wrong with keys and certificates, ours and theirs: one stable code each (docs/errors.md). Messages name the
 * subject and the dates of a certificate, never a key.
 */

/** The codes of a {@link CredentialsError}: our own key, certificate or trusted chain cannot be used. */
export type CredentialsErrorCode =
  | 'ERR_DTLS_PEM'
  | 'ERR_DTLS_KEY'
  | 'ERR_DTLS_KEY_ENCRYPTED'
  | 'ERR_DTLS_KEY_TYPE'
  | 'ERR_DTLS_KEY_MISMATCH'
  | 'ERR_DTLS_CERTIFICATE';

/** Our own key, certificate or trusted chain cannot be used. */
export class CredentialsError extends Error {
  override readonly name: string = 'CredentialsError';
  /** What is wrong. */
  readonly code: CredentialsErrorCode;

  constructor(code: CredentialsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The codes of an {@link IdentityProblem}. */
export type IdentityProblemCode =
  | 'ERR_DTLS_PEER_NO_CERTIFICATE'
  | 'ERR_DTLS_PEER_CERTIFICATE'
  | 'ERR_DTLS_PEER_EXPIRED'
  | 'ERR_DTLS_PEER_NOT_YET_VALID'
  | 'ERR_DTLS_PEER_NAME'
  | 'ERR_DTLS_PEER_UNTRUSTED'
  | 'ERR_DTLS_PEER_NOT_CA'
  | 'ERR_DTLS_PEER_USAGE'
  | 'ERR_DTLS_PEER_CONSTRAINTS'
  | 'ERR_DTLS_PEER_PATH_LENGTH'
  | 'ERR_DTLS_PEER_DEPTH'
  | 'ERR_DTLS_PEER_ALGORITHM'
  | 'ERR_DTLS_PEER_EXTENSION';

/** Why the other side is not who it should be. */
export interface IdentityProblem {
  /** The kind of problem. */
  readonly code: IdentityProblemCode;
  /** One line for a human, without line breaks and controls whatever the certificate says. */
  readonly message: string;
}
