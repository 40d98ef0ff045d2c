/** What makes tokens and reads them; `SessionTokens` has one that makes JWTs. */

import type { TokenRefusal } from './tokenRefusal.ts';

/** What a token says. */
export interface TokenClaims {
  /** Whose it is, the JWT's `sub`. */
  readonly player: string;
  /** Which login it belongs to, the JWT's `jti`: one for all tokens of a session. */
  readonly sessionId: string;
  /** Anything else, as JSON: everybody who has the token can read it, nobody can change it. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A token whose signature and times are right, and what it says. */
export interface VerifiedToken extends TokenClaims {
  /** Always `true`. */
  readonly ok: true;
  /** When it was made, in ms since 1970. */
  readonly issuedAtMs: number;
  /** When it ends, in ms since 1970. */
  readonly expiresAtMs: number;
}

/** Makes and reads tokens. One of your own may keep them in a database, or ask another service. */
export interface TokenSigner {
  /**
   * Makes a token.
   *
   * @param ttlMs how long it is valid; never for longer.
   */
  sign(claims: TokenClaims, ttlMs: number): Promise<string>;
  /** Reads a token, which may be anything that a stranger wrote, of limited length. Has to answer a refusal, not to throw. */
  verify(token: string): Promise<VerifiedToken | TokenRefusal>;
}
