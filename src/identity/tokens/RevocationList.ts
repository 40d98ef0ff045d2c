/** Sessions that were ended before their tokens are: remembered until no token of them is valid, and never more than so many. */
import { checkInteger, describe, isIntegerIn } from '../../../options/internal.ts';

/** A {@link RevocationList} as plain JSON; times in ms since 1970. */
export interface RevocationSnapshot {
  /** The number of this format. */
  readonly version: 1;
  /** Every token that was made until then is revoked. */
  readonly allUntilMs: number;
  /** The sessions, in the order in which they were revoked. */
  readonly sessions: readonly {
    /** Its id. */
    readonly sessionId: string;
    /** No token of it was made later. */
    readonly lastIssuedMs: number;
    /** No token of it is valid then. */
    readonly forgetAtMs: number;
  }[];
}

/**
 * The revoked sessions of a `SessionTokens`, or of several that share it. When there are too many, the oldest is forgotten in the one
 * way that lets nobody in: all tokens that were made until it was revoked count as revoked, and their players log in again.
 */
export class RevocationList {
  /** How many sessions are remembered at most. */
  readonly maxSessions: number;
  readonly #sessions = new Map<string, { readonly lastIssuedMs: number; readonly forgetAtMs: number }>();
  #allUntilMs = 0;

  /**
   * @param maxSessions the most sessions that are remembered, each about 150 bytes.
   * @throws RangeError when it is no integer from 1 on.
   */
  constructor(maxSessions: number = 65_536) {
    this.maxSessions = checkInteger('maxSessions', maxSessions, 1, MAX);
  }

  /** How many sessions are remembered. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Revokes a session.
   *
   * @param lastIssuedMs no token of it was made later.
   * @param forgetAtMs no token of it is valid then.
   * @param nowMs what time it is; those that are over are forgotten.
   */
  add(sessionId: string, lastIssuedMs: number, forgetAtMs: number, nowMs: number): void {
    for (const [id, { forgetAtMs: end }] of this.#sessions) {
      if (end > nowMs) break;
      this.#sessions.delete(id);
    }
    // At the end, where those are whose time is the latest.
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, { lastIssuedMs, forgetAtMs });
    for (const [id, oldest] of this.#sessions) {
      if (this.#sessions.size <= this.maxSessions) break;
      this.#sessions.delete(id);
      this.#allUntilMs = Math.max(this.#allUntilMs, oldest.lastIssuedMs);
    }
  }

  /** Whether a token of a session that was made then is revoked. */
  has(sessionId: string, issuedAtMs: number): boolean {
    return issuedAtMs <= this.#allUntilMs || this.#sessions.has(sessionId);
  }

  /** All of it as plain JSON. */
  snapshot(): RevocationSnapshot {
    const sessions = [...this.#sessions].map(([sessionId, times]) => ({ sessionId, ...times }));
    return { version: 1, allUntilMs: this.#allUntilMs, sessions };
  }

  /**
   * Makes a list of a snapshot.
   *
   * @throws TypeError for what is none; RangeError for a bad `maxSessions`.
   */
  static restore(snapshot: RevocationSnapshot, maxSessions?: number): RevocationList {
    if (!isSnapshot(snapshot))
      throw new TypeError(`"snapshot" expected one of version 1, got ${describe(snapshot)}`);
    const list = new RevocationList(maxSessions);
    list.#allUntilMs = snapshot.allUntilMs;
    for (const { sessionId, lastIssuedMs, forgetAtMs } of snapshot.sessions)
      list.add(sessionId, lastIssuedMs, forgetAtMs, 0);
    return list;
  }
}

function isSnapshot(snapshot: unknown): boolean {
  if (!isTable(snapshot)) return false;
  const { version, allUntilMs, sessions } = snapshot;
  return (
    version === 1 && isIntegerIn(allUntilMs, 0, MAX) && Array.isArray(sessions) && sessions.every(isSession)
  );
}

function isSession(session: unknown): boolean {
  if (!isTable(session)) return false;
  const { sessionId, lastIssuedMs, forgetAtMs } = session;
  return (
    typeof sessionId === 'string' && isIntegerIn(lastIssuedMs, 0, MAX) && isIntegerIn(forgetAtMs, 0, MAX)
  );
}

function isTable(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

const MAX = Number.MAX_SAFE_INTEGER;
