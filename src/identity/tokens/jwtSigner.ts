/** Tokens as JWTs (RFC 7519), made and verified by the package `jose`. */
import { type JoseModule, loadJose } from './joseModule.ts';
import type { ReadKey } from './tokenKeys.ts';
import { refuse, type TokenRefusal, TokenRefusalReason } from './tokenRefusal.ts';
import type { TokenClaims, TokenSigner, VerifiedToken } from './tokenSigner.ts';

/** What a signer of JWTs has to know. */
export interface JwtRules {
  /** By their ids; the first one signs. */
  readonly keys: ReadonlyMap<string, ReadKey>;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly clockToleranceMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Claims that the signer makes. */
export const OWN_CLAIMS: readonly string[] = ['sub', 'jti', 'iat', 'exp', 'nbf', 'iss', 'aud'];

/**
 * Signs with the first key, and verifies each token with the key that its `kid` names, with that key's own algorithm: what a token says of
 * its algorithm can only be wrong.
 */
export class JwtSigner implements TokenSigner {
  readonly #rules: JwtRules;

  constructor(rules: JwtRules) {
    this.#rules = rules;
  }

  /** @throws (rejects with) PackageUnavailableError; TypeError when the first key cannot sign. */
  async sign({ player, sessionId, claims }: TokenClaims, ttlMs: number): Promise<string> {
    const { keys, issuer, audience, now } = this.#rules;
    const [key] = keys.values();
    if (key?.signing === undefined)
      throw new TypeError('"keys[0]" has no "privateKey": this server only verifies tokens');
    const { SignJWT } = await loadJose();
    const issuedSec = Math.floor(now() / 1000);
    const token = new SignJWT({ ...claims })
      .setProtectedHeader({ alg: key.algorithm, kid: key.id, typ: 'JWT' })
      .setSubject(player)
      .setJti(sessionId)
      .setIssuedAt(issuedSec)
      .setExpirationTime(issuedSec + Math.floor(ttlMs / 1000));
    if (issuer !== undefined) token.setIssuer(issuer);
    if (audience !== undefined) token.setAudience(audience);
    return token.sign(key.signing);
  }

  /** @throws (rejects with) PackageUnavailableError, and for nothing that a token may be. */
  async verify(token: string): Promise<VerifiedToken | TokenRefusal> {
    const jose = await loadJose();
    const key = this.#keyOf(token, jose);
    if (typeof key === 'string') return refuse(key);
    const { issuer, audience, clockToleranceMs, now } = this.#rules;
    try {
      const { payload } = await jose.jwtVerify(token, key.verifying, {
        algorithms: [key.algorithm],
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience === undefined ? {} : { audience }),
        clockTolerance: clockToleranceMs / 1000,
        currentDate: new Date(now()),
      });
      const { sub, jti, iat, exp } = payload;
      if (typeof sub !== 'string' || typeof jti !== 'string' || iat === undefined || exp === undefined)
        return refuse(TokenRefusalReason.MALFORMED);
      const claims = Object.fromEntries(
        Object.entries(payload).filter(([name]) => !OWN_CLAIMS.includes(name)),
      );
      const times = { issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
      return { ok: true, player: sub, sessionId: jti, claims, ...times };
    } catch (error) {
      // The keys and the rules are good: what is thrown is about the token.
      return refuse(reasonOf(error, jose));
    }
  }

  /** The key that a token names, or why there is none. */
  #keyOf(token: string, jose: JoseModule): ReadKey | TokenRefusalReason {
    let header: ReturnType<JoseModule['decodeProtectedHeader']>;
    try {
      header = jose.decodeProtectedHeader(token);
    } catch {
      // It throws for nothing but a token without a header.
      return TokenRefusalReason.MALFORMED;
    }
    const { keys } = this.#rules;
    if (![...keys.values()].some(({ algorithm }) => algorithm === header.alg))
      return TokenRefusalReason.ALGORITHM;
    const key = header.kid === undefined ? undefined : keys.get(header.kid);
    if (key === undefined) return TokenRefusalReason.UNKNOWN_KEY;
    return key.algorithm === header.alg ? key : TokenRefusalReason.ALGORITHM;
  }
}

function reasonOf(error: unknown, { errors }: JoseModule): TokenRefusalReason {
  if (error instanceof errors.JWTExpired) return TokenRefusalReason.EXPIRED;
  if (error instanceof errors.JWSSignatureVerificationFailed) return TokenRefusalReason.SIGNATURE;
  if (!(error instanceof errors.JWTClaimValidationFailed)) return TokenRefusalReason.MALFORMED;
  if (error.claim === 'iss') return TokenRefusalReason.WRONG_ISSUER;
  if (error.claim === 'aud') return TokenRefusalReason.WRONG_AUDIENCE;
  return error.claim === 'nbf' && error.reason === 'check_failed'
    ? TokenRefusalReason.NOT_YET_VALID
    : TokenRefusalReason.MALFORMED;
}
