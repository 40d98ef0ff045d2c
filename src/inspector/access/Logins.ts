/** Who is logged in: one token for all, sessions in cookies that no script reads, and a bound on tries. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What came of a try. */
export type LoginOutcome = { readonly session: string } | 'wrong' | 'too often';

/** See the head of this file. */
export class Logins {
  readonly #token: Uint8Array;
  readonly #now: () => number;
  /** When each session was last used, by the hash of its secret; the one that was used last at the end. */
  readonly #sessions = new Map<string, number>();
  #tries = MAX_TRIES;
  #filledMs: number;

  /** @param now a clock in ms that does not go back. */
  constructor(token: string, now: () => number) {
    // Hashes are of one length: comparing them tells nothing of the token's.
    this.#token = hashOf(token);
    this.#now = now;
    this.#filledMs = now();
  }

  /** Takes a token. Tries are limited for all together: who guesses cannot choose another address. */
  login(token: string): LoginOutcome {
    const now = this.#now();
    this.#tries = Math.min(MAX_TRIES, this.#tries + ((now - this.#filledMs) / 1000) * TRIES_PER_SECOND);
    this.#filledMs = now;
    if (this.#tries < 1) return 'too often';
    if (!timingSafeEqual(hashOf(token), this.#token)) {
      this.#tries -= 1;
      return 'wrong';
    }
    const session = randomBytes(32).toString('base64url');
    this.#sessions.set(keyOf(session), now);
    for (const key of this.#sessions.keys()) {
      if (this.#sessions.size <= MAX_SESSIONS) break;
      this.#sessions.delete(key);
    }
    return { session };
  }

  /** Whether a session is one, and has not been idle for too long. */
  isSession(session: string | undefined): boolean {
    if (session === undefined) return false;
    const key = keyOf(session);
    const usedMs = this.#sessions.get(key);
    if (usedMs === undefined) return false;
    this.#sessions.delete(key);
    const now = this.#now();
    if (now - usedMs > IDLE_MS) return false;
    this.#sessions.set(key, now);
    return true;
  }

  /** Ends a session. */
  logout(session: string | undefined): void {
    if (session !== undefined) this.#sessions.delete(keyOf(session));
  }
}

/** The fewest characters of a token. */
export const MIN_TOKEN = 16;

function hashOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** Sessions are looked up by their hashes: how long that takes tells nothing of a secret. */
function keyOf(session: string): string {
  return createHash('sha256').update(session).digest('base64url');
}

/** Wrong tokens in a row; then one each five seconds. */
const MAX_TRIES = 10;
const TRIES_PER_SECOND = 0.2;
const MAX_SESSIONS = 64;
/** 12 hours. */
const IDLE_MS = 43_200_000;
