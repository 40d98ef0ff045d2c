/** Tickets: what a client shows at the node that it is sent to. Signed, for one node, for a few seconds, and taken once. */
import { SessionTokens, type SessionTokensOptions } from '../../identity/index.ts';

/** What a ticket says. */
export interface TicketClaims {
  /** The player. */
  readonly player: string;
  /** For which node it is. */
  readonly to: string;
  /** Which handoff it is of: of one room, or of a player to one. */
  readonly transfer: string;
}

/** A ticket that is good. */
export interface Ticket extends TicketClaims {
  /** What no other ticket has. */
  readonly id: string;
}

/** The keys that all nodes share. */
export type TicketKeys = Pick<SessionTokensOptions, 'keys' | 'signer' | 'clockToleranceMs' | 'now'>;

/** Makes tickets, and reads them. */
export class Tickets {
  readonly #tokens: SessionTokens;
  readonly #nodeId: string;
  readonly #ttlMs: number;
  readonly #now: () => number;
  /** Those that were taken, and until when they would have been good. */
  readonly #used = new Map<string, number>();

  /** @param now a clock that does not go back, in ms. */
  constructor(keys: TicketKeys, nodeId: string, ttlMs: number, now: () => number) {
    this.#tokens = new SessionTokens({ ...keys, ttlMs, maxTokenLength: MOST_LENGTH, maxIdLength: 1024 });
    this.#nodeId = nodeId;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** A new one, as text. */
  async issue({ player, ...claims }: TicketClaims): Promise<string> {
    const { token } = await this.#tokens.issue(player, { ...claims });
    return TICKET_MARK + token;
  }

  /** What a text says that begins as a ticket does. @returns why it is no good, in words. */
  async read(text: string): Promise<Ticket | string> {
    const token = await this.#tokens.verify(text.slice(TICKET_MARK.length));
    if (!token.ok) return token.reason;
    const { player, sessionId: id, claims } = token;
    const { to, transfer } = claims;
    if (typeof to !== 'string' || typeof transfer !== 'string') return 'it is no ticket';
    if (to !== this.#nodeId) return 'it is for another node';
    if (this.#used.has(id)) return 'it was used before';
    return { id, player, to, transfer };
  }

  /** Takes one. @returns whether it was not taken yet. */
  use({ id }: Ticket): boolean {
    const now = this.#now();
    for (const [other, untilMs] of this.#used) {
      if (untilMs > now) break;
      this.#used.delete(other);
    }
    if (this.#used.has(id)) return false;
    this.#used.set(id, now + this.#ttlMs + KEPT_LONGER_MS);
    return true;
  }
}

/** How a ticket begins: what begins so is never asked about as a login. */
export const TICKET_MARK = 'godot-enet-ticket:';
/** For an id of 1024 characters that take six each in JSON; below what may be sent for a login. */
const MOST_LENGTH = 12_288;
/** Clocks of nodes differ. */
const KEPT_LONGER_MS = 60_000;
