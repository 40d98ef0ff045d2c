/** Why a token is not accepted: docs/errors.md, "Token refusals". */

/** Why a token was refused; stable, for logs and for code. */
export const TokenRefusalReason = {
  /** No token at all, damaged, or without what it has to say. */
  MALFORMED: 'malformed',
  /** Longer than `maxTokenLength`; nobody looked into it. */
  TOO_LONG: 'too-long',
  /** Signed with `none`, or with another algorithm than that of its key. */
  ALGORITHM: 'algorithm',
  /** It names no key, or one that there is not (any more). */
  UNKNOWN_KEY: 'unknown-key',
  /** Not signed with its key, or altered since. */
  SIGNATURE: 'signature',
  /** Made by somebody else than `issuer`. */
  WRONG_ISSUER: 'wrong-issuer',
  /** Made for somebody else than `audience`. */
  WRONG_AUDIENCE: 'wrong-audience',
  /** Its time is over. */
  EXPIRED: 'expired',
  /** Its time is to come. */
  NOT_YET_VALID: 'not-yet-valid',
  /** It is valid for longer than `ttlMs`, so that a revocation could be forgotten too early. */
  LIFETIME: 'lifetime',
  /** Its session was ended by `revoke`. */
  REVOKED: 'revoked',
} as const;

/** One of {@link TokenRefusalReason}. */
export type TokenRefusalReason = (typeof TokenRefusalReason)[keyof typeof TokenRefusalReason];

/** A token that is not accepted. */
export interface TokenRefusal {
  /** Always `false`. */
  readonly ok: false;
  /** Why. */
  readonly reason: TokenRefusalReason;
}

/** The refusal of a reason. */
export function refuse(reason: TokenRefusalReason): TokenRefusal {
  return { ok: false, reason };
}
