/** Sessions: what a player gets who has logged in, and shows to come back. */
import { randomUUID } from 'node:crypto';
import { describe } from '../../../options/internal.ts';
import { OWN_CLAIMS } from './jwtSigner.ts';
import type { RevocationList } from './RevocationList.ts';
import {
  readTokenOptions,
  type SessionTokensOptions,
  type SessionTokensSettings,
} from './sessionTokensOptions.ts';
import { refuse, type TokenRefusal, TokenRefusalReason } from './tokenRefusal.ts';
import type { TokenSigner, VerifiedToken } from './tokenSigner.ts';

/** A new token, and the session of which it is. */
export interface IssuedToken {
  /** Always `true`. */
  readonly ok: true;
  /** For the player, and for nobody else: whoever has it is that player. */
  readonly token: string;
  /** What the token says. */
  readonly session: VerifiedToken;
}

/**
 * Makes the tokens of players who have logged in, and verifies those that clients show. A token is signed and ends after `ttlMs`; it says
 * who the player is (`player`) and which login it belongs to (`sessionId`), which is what `PlayerDirectory.login` takes.
 *
 * ```ts
 * const tokens = new SessionTokens({ keys: [{ id: '2026-01', algorithm: 'HS256', secret }] });
 * const { token } = await tokens.issue('ada');
 * const session = await tokens.verify(token);
 * if (session.ok) console.log(session.player);
 * ```
 *
 * Tokens are JWTs, made by the package `jose` (`npm install jose`), unless the option `signer` says otherwise. They hide nothing: send
 * them over DTLS or TLS only.
 */
export class SessionTokens {
  /** The numbers among the options, complete. */
  readonly settings: SessionTokensSettings;
  /** The sessions that were revoked. */
  readonly revocations: RevocationList;
  readonly #signer: TokenSigner;
  readonly #now: () => number;

  /** @throws TypeError or RangeError naming the option; no message has anything of a secret in it. */
  constructor(options: SessionTokensOptions) {
    const { settings, signer, revocations, now } = readTokenOptions(options);
    this.settings = settings;
    this.revocations = revocations;
    this.#signer = signer;
    this.#now = now;
  }

  /**
   * Begins a session of a player who has logged in, by a password, an account of a platform or whatever the game has.
   *
   * @param claims what else the token shall say, as JSON; none of `sub`, `jti`, `iat`, `exp`, `nbf`, `iss` and `aud`.
   * @throws (rejects with) RangeError for a bad id or claim, or when the token is longer than `maxTokenLength`; PackageUnavailableError
   * without `jose`; TypeError when the first key cannot sign; Error when the signer refuses what it has made.
   */
  async issue(player: string, claims: Readonly<Record<string, unknown>> = {}): Promise<IssuedToken> {
    const { maxIdLength } = this.settings;
    if (!this.#isId(player))
      throw new RangeError(
        `"player" expected a string of 1..${maxIdLength} characters, got ${describe(player)}`,
      );
    for (const name of OWN_CLAIMS)
      if (Object.hasOwn(claims, name)) throw new RangeError(`"claims.${name}" is made by the signer`);
    return this.#sign(player, randomUUID(), claims);
  }

  /**
   * Verifies what a client says is its token.
   *
   * @param token anything.
   * @returns the session, or why not; never throws for what a token is.
   * @throws (rejects with) PackageUnavailableError without `jose`; what a `signer` of your own throws.
   */
  async verify(token: unknown): Promise<VerifiedToken | TokenRefusal> {
    if (typeof token !== 'string') return refuse(TokenRefusalReason.MALFORMED);
    if (token.length > this.settings.maxTokenLength) return refuse(TokenRefusalReason.TOO_LONG);
    const session = await this.#signer.verify(token);
    if (!session.ok) return session;
    const { player, sessionId, issuedAtMs, expiresAtMs } = session;
    const { ttlMs, clockToleranceMs } = this.settings;
    const now = this.#now();
    if (!this.#isId(player) || !this.#isId(sessionId)) return refuse(TokenRefusalReason.MALFORMED);
    if (!(expiresAtMs + clockToleranceMs > now)) return refuse(TokenRefusalReason.EXPIRED);
    if (!(issuedAtMs <= now + clockToleranceMs)) return refuse(TokenRefusalReason.NOT_YET_VALID);
    if (expiresAtMs - issuedAtMs > ttlMs) return refuse(TokenRefusalReason.LIFETIME);
    return this.revocations.has(sessionId, issuedAtMs) ? refuse(TokenRefusalReason.REVOKED) : session;
  }

  /**
   * Gives a session a new token when less than half of the time of its last one is left; for players who are connected and have shown it.
   *
   * @param session as `verify` or `issue` gave it.
   * @returns `undefined` while the last one will do; why there is none any more when the session is over.
   */
  async refresh(session: VerifiedToken): Promise<IssuedToken | TokenRefusal | undefined> {
    const { player, sessionId, issuedAtMs, expiresAtMs, claims } = session;
    if (this.revocations.has(sessionId, issuedAtMs)) return refuse(TokenRefusalReason.REVOKED);
    const leftMs = expiresAtMs - this.#now();
    if (leftMs <= 0) return refuse(TokenRefusalReason.EXPIRED);
    return leftMs * 2 < expiresAtMs - issuedAtMs ? this.#sign(player, sessionId, claims) : undefined;
  }

  /** Ends a session: none of its tokens is accepted from now on, and it gets no new ones. Connections are not this class's. */
  revoke(sessionId: string): void {
    if (!this.#isId(sessionId)) {
      const most = this.settings.maxIdLength;
      throw new RangeError(
        `"sessionId" expected a string of 1..${most} characters, got ${describe(sessionId)}`,
      );
    }
    const { ttlMs, clockToleranceMs } = this.settings;
    // The clock of whoever made its last token, and of whoever verifies it, may be ahead or behind.
    const nowMs = Math.ceil(this.#now());
    const lastIssuedMs = nowMs + clockToleranceMs;
    this.revocations.add(sessionId, lastIssuedMs, lastIssuedMs + ttlMs + clockToleranceMs, nowMs);
  }

  async #sign(
    player: string,
    sessionId: string,
    claims: Readonly<Record<string, unknown>>,
  ): Promise<IssuedToken> {
    const { ttlMs, maxTokenLength } = this.settings;
    const token = await this.#signer.sign({ player, sessionId, claims }, ttlMs);
    if (token.length > maxTokenLength)
      throw new RangeError(
        `"claims" make a token of ${token.length} characters, "maxTokenLength" is ${maxTokenLength}`,
      );
    const session = await this.#signer.verify(token);
    if (!session.ok) throw new Error(`"signer" refuses the token that it has made: ${session.reason}`);
    return { ok: true, token, session };
  }

  #isId(id: unknown): id is string {
    return typeof id === 'string' && id.length >= 1 && id.length <= this.settings.maxIdLength;
  }
}
