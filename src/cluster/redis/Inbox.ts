/** Takes the messages of one inbox, one after the other. */
import type { BusListener } from '../bus.ts';

/** A message of an inbox. */
export interface Message {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** What an inbox is taken from. */
export interface InboxSource {
  /** The first that wait; none when it is empty. */
  readonly read: () => Promise<readonly Message[]>;
  /** Takes one out. */
  readonly remove: (id: string) => Promise<void>;
  /** Calls the listener; never rejects. */
  readonly call: BusListener;
}

export class Inbox {
  readonly #source: InboxSource;
  /** Those that were handled and could not be taken out yet. */
  readonly #done = new Set<string>();
  readonly #removals = new Set<Promise<void>>();
  #isRunning = false;
  #isWoken = false;
  #isOver = false;
  /** How many waited at the last look. */
  waiting = 0;

  constructor(source: InboxSource) {
    this.#source = source;
  }

  /** Something may be in it. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isRunning || this.#isOver) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Takes nothing more. @returns when all that was handled is taken out, as far as that is possible. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#removals);
  }

  async #run(): Promise<void> {
    while (this.#isWoken && !this.#isOver) {
      this.#isWoken = false;
      // What fails is tried again at the next look, and when the server answers again.
      const messages = await this.#source.read().catch(() => []);
      for (const message of messages) await this.#handle(message);
      await Promise.all(this.#removals);
      if (messages.some(({ id }) => !this.#done.has(id))) this.#isWoken = true;
    }
    this.#isRunning = false;
  }

  async #handle({ id, bytes }: Message): Promise<void> {
    if (this.#isOver) return;
    if (!this.#done.has(id)) {
      await this.#source.call(bytes);
      this.#done.add(id);
    }
    const removal = this.#source
      .remove(id)
      .then(
        () => void this.#done.delete(id),
        () => undefined,
      )
      .then(() => void this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}
