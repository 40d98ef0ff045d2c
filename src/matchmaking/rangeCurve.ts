/** How far from its own value a ticket looks, by the time that it has waited. Ranges grow in steps: between two nothing is to do. */
import { checkList, checkOptions, describe, type OptionNames } from '../../options/internal.ts';

/** Grows evenly. */
export interface EvenWidening {
  /** By how much, above 0. */
  readonly by: number;
  /** How often, in milliseconds, at least 1. */
  readonly everyMs: number;
  /** Where it ends. Default `Infinity`: everybody, in the end. */
  readonly max?: number | undefined;
}

/** One step of a widening in steps. */
export interface WideningStep {
  /** From which waiting time on, in milliseconds; above that of the step before. */
  readonly afterMs: number;
  /** The range from then on, not below the one before; `Infinity`: everybody. */
  readonly range: number;
}

/** A number that tickets have, and how near to each other they must be. */
export interface MatchNumberRule {
  /** How far another value may be from a ticket's own at first, at least 0; `Infinity`: any. */
  readonly range: number;
  /** How it grows with waiting. Default: it stays. */
  readonly widen?: EvenWidening | readonly WideningStep[] | undefined;
}

/** A rule as the queue uses it. */
export interface RangeCurve {
  /** The range after so much waiting. */
  rangeAt(waitedMs: number): number;
  /** The waiting time at which it grows next; `Infinity` when it is at its widest. */
  nextStepMs(waitedMs: number): number;
}

/**
 * @param place what the rule is called.
 * @throws TypeError or RangeError naming what is wrong.
 */
export function readNumberRule(place: string, rule: MatchNumberRule): RangeCurve {
  checkOptions(rule, RULE_NAMES, place);
  atLeast(`${place}.range`, rule.range, 0);
  const { range, widen } = rule;
  if (widen === undefined) return new Steps([{ afterMs: 0, range }]);
  if (!isSteps(widen)) return readEven(`${place}.widen`, range, widen);
  checkList(`${place}.widen`, widen, 'steps');
  const steps: WideningStep[] = [{ afterMs: 0, range }];
  for (const [i, step] of widen.entries()) {
    const name = `${place}.widen[${i}]`;
    checkOptions(step, STEP_NAMES, name);
    const before = steps.at(-1) ?? { afterMs: 0, range };
    atLeast(`${name}.range`, step.range, before.range);
    if (!(Number.isFinite(step.afterMs) && step.afterMs > before.afterMs))
      throw new RangeError(
        `"${name}.afterMs" expected above ${before.afterMs}, got ${describe(step.afterMs)}`,
      );
    steps.push(step);
  }
  return new Steps(steps);
}

function readEven(place: string, range: number, widen: EvenWidening): RangeCurve {
  checkOptions(widen, EVEN_NAMES, place);
  const { by, everyMs, max = Number.POSITIVE_INFINITY } = widen;
  if (!(Number.isFinite(by) && by > 0))
    throw new RangeError(`"${place}.by" expected above 0, got ${describe(by)}`);
  if (!(Number.isFinite(everyMs) && everyMs >= 1))
    throw new RangeError(`"${place}.everyMs" expected at least 1, got ${describe(everyMs)}`);
  atLeast(`${place}.max`, max, range);
  const rangeAt = (waitedMs: number): number => Math.min(max, range + by * Math.floor(waitedMs / everyMs));
  return {
    rangeAt,
    nextStepMs: (waitedMs) =>
      rangeAt(waitedMs) >= max ? Number.POSITIVE_INFINITY : (Math.floor(waitedMs / everyMs) + 1) * everyMs,
  };
}

class Steps implements RangeCurve {
  readonly #steps: readonly WideningStep[];

  constructor(steps: readonly WideningStep[]) {
    this.#steps = steps;
  }

  rangeAt(waitedMs: number): number {
    return this.#steps.findLast(({ afterMs }) => afterMs <= waitedMs)?.range ?? 0;
  }

  nextStepMs(waitedMs: number): number {
    return this.#steps.find(({ afterMs }) => afterMs > waitedMs)?.afterMs ?? Number.POSITIVE_INFINITY;
  }
}

function isSteps(widen: EvenWidening | readonly WideningStep[]): widen is readonly WideningStep[] {
  return Array.isArray(widen);
}

function atLeast(name: string, value: unknown, min: number): void {
  if (typeof value === 'number' && value >= min) return;
  throw new RangeError(`"${name}" expected a number of at least ${min}, got ${describe(value)}`);
}

const RULE_NAMES: OptionNames<MatchNumberRule> = { range: true, widen: true };
const EVEN_NAMES: OptionNames<EvenWidening> = { by: true, everyMs: true, max: true };
const STEP_NAMES: OptionNames<WideningStep> = { afterMs: true, range: true };
