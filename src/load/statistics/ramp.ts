/** When which player joins: the load rises to each of some numbers of players, and rests there. */
import { checkInteger, describe } from '../../../options/internal.ts';

/** How the load rises. */
export interface RampSpec {
  /** The numbers of players that it rises to, one after the other: integers from 1 on, each above the one before. */
  readonly stages: readonly number[];
  /** How long the rise to each of them takes, in ms; 0: all join at once. */
  readonly rampMs: number;
  /** How long it rests at each of them, in ms. */
  readonly holdMs: number;
}

/** The plan of a run. Times are milliseconds since its beginning. */
export class Ramp {
  readonly #stages: readonly number[];
  readonly #rampMs: number;
  readonly #stageMs: number;

  /** @throws RangeError naming what is out of range. */
  constructor({ stages, rampMs, holdMs }: RampSpec) {
    if (stages.length === 0)
      throw new RangeError('"stages" expected at least one number of players, got none');
    stages.forEach((players, index) => {
      checkInteger('stages', players, 1, Number.MAX_SAFE_INTEGER);
      const before = stages[index - 1] ?? 0;
      if (players <= before) {
        throw new RangeError(`"stages" expected numbers that rise, got ${players} after ${before}`);
      }
    });
    for (const [name, ms] of Object.entries({ rampMs, holdMs })) {
      if (!(Number.isFinite(ms) && ms >= 0)) {
        throw new RangeError(`"${name}" expected milliseconds from 0 on, got ${describe(ms)}`);
      }
    }
    this.#stages = [...stages];
    this.#rampMs = rampMs;
    this.#stageMs = rampMs + holdMs;
  }

  /** How long all of it takes. */
  get durationMs(): number {
    return this.#stages.length * this.#stageMs;
  }

  /** How many players there are in the end. */
  get players(): number {
    return this.#stages.at(-1) ?? 0;
  }

  /** How many players each stage has. */
  get stages(): readonly number[] {
    return this.#stages;
  }

  /**
   * When a player begins to join.
   *
   * @param number 1 for the first, {@link Ramp.players} for the last.
   */
  joinMs(number: number): number {
    const stage = this.#stages.findIndex((players) => number <= players);
    const before = this.#stages[stage - 1] ?? 0;
    const joining = (this.#stages[stage] ?? before) - before;
    return stage * this.#stageMs + ((number - before - 1) / joining) * this.#rampMs;
  }

  /** Which stage it is, from 0 on; the last one when all is over. */
  stageAt(ms: number): number {
    return Math.min(this.#stages.length - 1, Math.floor(ms / this.#stageMs) || 0);
  }
}
