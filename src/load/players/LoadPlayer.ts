/** What a bot script sees of its player, whatever that speaks. */
import type { Runtime, Timer } from '../../runtime/index.ts';
import type { Measures } from '../statistics/measures.ts';

/** What a player is made of. */
export interface PlayerParts {
  /** 1 for the first player. */
  readonly id: number;
  /** Random numbers of `[0, 1)`, which hang on the seed of the run and on the player. */
  readonly random: () => number;
  /** Is aborted when the player has left, or was lost. */
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
  /** Milliseconds, as exact as there are. */
  readonly nowMs: () => number;
  readonly measures: Measures;
  /** The script lets it leave. */
  readonly leave: () => void;
}

/** One player of a load test. */
export class LoadPlayer {
  /** Its number in the run: 1 for the first. */
  readonly id: number;
  /** Is aborted when the player has left, or was lost: what waits should end then. */
  readonly signal: AbortSignal;
  /** Free for the script. */
  data: unknown = undefined;
  readonly #parts: PlayerParts;

  /** @internal */
  constructor(parts: PlayerParts) {
    this.id = parts.id;
    this.signal = parts.signal;
    this.#parts = parts;
  }

  /** The next random number of `[0, 1)`: the same ones in each run with the same seed. */
  random(): number {
    return this.#parts.random();
  }

  /**
   * Waits.
   *
   * @param ms how long, from 0 on.
   * @returns whether the player still plays: `while (await player.sleep(100)) { ... }` ends with the run.
   */
  sleep(ms: number): Promise<boolean> {
    const { signal } = this;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = this.#parts.runtime.startTimer(Math.max(0, ms), () => end(true));
      const stop = (): void => end(false);
      const end = (isPlaying: boolean): void => {
        timer.cancel();
        signal.removeEventListener('abort', stop);
        resolve(isPlaying);
      };
      signal.addEventListener('abort', stop);
    });
  }

  /**
   * Measures a round trip: the time until a promise is fulfilled. It counts as failed when that is rejected, and as unanswered when the
   * player leaves before.
   *
   * @param name what it is called in the report. All players share it.
   * @param trip the promise, or a function that begins the round trip and gives it.
   * @returns the promise.
   */
  measure<Answer>(name: string, trip: Promise<Answer> | (() => Promise<Answer>)): Promise<Answer> {
    const { nowMs, measures } = this.#parts;
    const end = measures.begin(String(name));
    const beganAt = nowMs();
    let answer: Promise<Answer>;
    try {
      answer = Promise.resolve(typeof trip === 'function' ? trip() : trip);
    } catch (error) {
      answer = Promise.reject(error);
    }
    answer.then(
      () => end(nowMs() - beganAt),
      () => {
        if (!this.signal.aborted) end(undefined);
      },
    );
    return answer;
  }

  /**
   * Counts something.
   *
   * @param name what it is called in the report. All players share it.
   */
  count(name: string, times: number = 1): void {
    this.#parts.measures.count(String(name), times);
  }

  /** Leaves the game, before the run ends. */
  leave(): void {
    this.#parts.leave();
  }

  /**
   * Waits for something of the server, for a time.
   *
   * @param listen begins to listen, and gives what ends it.
   * @internal
   */
  protected waitFor<Found>(
    what: string,
    timeoutMs: number,
    listen: (found: (value: Found) => void) => () => void,
  ): Promise<Found> {
    const { signal } = this;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const end = (): void => {
        timer?.cancel();
        signal.removeEventListener('abort', stop);
        unlisten();
      };
      const stop = (): void => {
        end();
        reject(signal.reason);
      };
      const unlisten = listen((value) => {
        end();
        resolve(value);
      });
      timer = this.#parts.runtime.startTimer(timeoutMs, () => {
        end();
        reject(new Error(`no ${what} in ${timeoutMs} ms`));
      });
      signal.addEventListener('abort', stop);
    });
  }
}

/** Why what waits is rejected when its player is gone. */
export class PlayerGoneError extends Error {
  override readonly name: string = 'PlayerGoneError';
}

/** How long the players of this room wait for something, in ms, unless they are told otherwise. */
export const ANSWER_MS = 5000;
