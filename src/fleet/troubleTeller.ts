/** Trouble that comes again and again is told once, until it is over. */

/** Who hears of it. */
export class TroubleTeller {
  readonly #onError: (error: unknown, where: string) => void;
  readonly #told = new Map<string, string>();

  constructor(onError: (error: unknown, where: string) => void) {
    this.#onError = onError;
  }

  /** Something went wrong. */
  tell(error: unknown, where: string): void {
    const text = String(error);
    if (this.#told.get(where) === text) return;
    this.#told.set(where, text);
    try {
      this.#onError(error, where);
    } catch (own) {
      console.error('godot-enet: AgonesFleet, onError:', own);
    }
  }

  /** It went well: the next trouble is news. */
  good(where: string): void {
    this.#told.delete(where);
  }
}
