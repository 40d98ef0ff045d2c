/** Who may say how much, and what newcomers hear of it. */
import { CHAT_BURST, CHAT_HISTORY, cleanLine, MAX_CHAT } from './rules.ts';

/** A line of chat: who, and what; nobody's are the server's. */
export type ChatLine = readonly [who: string, text: string];

/** The chat of an arena. All of it is bounded. */
export class Chat {
  /** The last lines, the oldest first. */
  readonly history: ChatLine[] = [];
  readonly #tell: (line: ChatLine) => void;
  readonly #budgets = new Map<string, { lines: number; sec: number }>();

  /** @param tell gives a line to everybody. */
  constructor(tell: (line: ChatLine) => void) {
    this.#tell = tell;
  }

  /** The server says something. */
  announce(text: string): void {
    this.#add(['', text]);
  }

  /**
   * A player says something.
   *
   * @param nowSec the time, in seconds.
   * @returns whether it is told: it is not when there is nothing in it, or the player talks too much.
   */
  say(id: string, who: string, text: string, nowSec: number): boolean {
    const budget = this.#budgets.get(id) ?? { lines: CHAT_BURST, sec: nowSec };
    budget.lines = Math.min(CHAT_BURST, budget.lines + nowSec - budget.sec);
    budget.sec = nowSec;
    this.#budgets.set(id, budget);
    if (budget.lines < 1) return false;
    budget.lines--;
    const line = cleanLine(text, MAX_CHAT);
    if (line === '') return false;
    this.#add([who, line]);
    return true;
  }

  /** A player is gone. */
  forget(id: string): void {
    this.#budgets.delete(id);
  }

  #add(line: ChatLine): void {
    this.history.push(line);
    if (this.history.length > CHAT_HISTORY) this.history.shift();
    this.#tell(line);
  }
}
