/** Calls the hooks of the bot of one player: nothing that they throw or wait for harms the run. */
import { BotScriptError, type LoadBot, type LoadContext, type MakeBot } from '../bot.ts';
import { PlayerGoneError } from '../players/LoadPlayer.ts';
import type { AnyPlayer } from '../players/link.ts';

/** The bot of one player. */
export class BotDriver {
  readonly #make: MakeBot;
  readonly #context: LoadContext;
  readonly #threw: (where: string, error: unknown) => void;
  #bot: LoadBot = {};
  readonly #pending = new Set<Promise<void>>();
  #isTickPending = false;

  /** @param threw hears what the script throws, and in which hook. */
  constructor(make: MakeBot, context: LoadContext, threw: (where: string, error: unknown) => void) {
    this.#make = make;
    this.#context = context;
    this.#threw = threw;
  }

  /** Whether it wants ticks. */
  get hasTicks(): boolean {
    return this.#bot.onTick !== undefined;
  }

  /** Promises of hooks that are not settled. */
  get pending(): ReadonlySet<Promise<void>> {
    return this.#pending;
  }

  /** Makes the bot. @throws what the script throws: without a bot there is no player. */
  setUp(player: AnyPlayer): void {
    try {
      this.#bot = this.#make(player, this.#context);
      this.#bot.onSetup?.(player, this.#context);
    } catch (error) {
      if (!(error instanceof BotScriptError)) this.#threw('onSetup', error);
      throw error;
    }
  }

  /** The player has joined. */
  joined(player: AnyPlayer): void {
    this.#call('onJoin', player, () => this.#bot.onJoin?.(player, this.#context));
  }

  /** A tick of the player. */
  tick(player: AnyPlayer, deltaSec: number): void {
    if (this.#isTickPending) return;
    const answer = this.#call('onTick', player, () => this.#bot.onTick?.(player, deltaSec));
    if (answer === undefined) return;
    this.#isTickPending = true;
    void answer.finally(() => {
      this.#isTickPending = false;
    });
  }

  /** The player leaves, or was lost. */
  left(player: AnyPlayer): void {
    this.#call('onLeave', player, () => this.#bot.onLeave?.(player));
  }

  /** @returns a promise that is never rejected, for a hook that is not done yet. */
  #call(where: string, player: AnyPlayer, hook: () => unknown): Promise<void> | undefined {
    let answer: unknown;
    try {
      answer = hook();
    } catch (error) {
      this.#failed(where, player, error);
      return undefined;
    }
    if (!isThenable(answer)) return undefined;
    const settled = Promise.resolve(answer).then(
      () => undefined,
      (error: unknown) => this.#failed(where, player, error),
    );
    this.#pending.add(settled);
    return settled.finally(() => this.#pending.delete(settled));
  }

  /** What waits ends with the player: that is no error of the script. */
  #failed(where: string, player: AnyPlayer, error: unknown): void {
    if (player.signal.aborted && error instanceof PlayerGoneError) return;
    this.#threw(where, error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
