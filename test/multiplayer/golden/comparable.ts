/** What of a step has to match (golden/multiplayer/README.md, "What must match"). */
import type { Dialect } from '../../../codec/index.ts';
import type { GoldenCase, GoldenEvent } from './cases.ts';

/** A step's outcome in a form that can be compared. */
export interface Comparable {
  readonly result: unknown;
  readonly events: readonly unknown[];
}

/**
 * Leaves out what is the engine's own affair: errors, and the orientation of enter and exit; of 4.0 the names that it makes up, and
 * whether `visibility_changed` is told before or after what comes of it (golden/dialects/README.md, `auto-names`, `listener-order`).
 */
export function comparable(
  result: unknown,
  events: readonly GoldenEvent[],
  dialect: Dialect = '4.6',
): Comparable {
  const kept = events.filter((event) => !IGNORED.some((name) => name in event));
  if (dialect !== '4.0') return { result, events: kept };
  const [first, rest] = [true, false].map((isFirst) =>
    kept.filter((event) => isVisibility(event) === isFirst),
  );
  const whole: Comparable = { result: result ?? null, events: [...(first ?? []), ...(rest ?? [])] };
  return JSON.parse(JSON.stringify(whole).replaceAll(/@\w*@#/g, '@@#')) as Comparable;
}

function isVisibility({ emit }: GoldenEvent): boolean {
  return Array.isArray(emit) && emit[1] === 'visibility_changed';
}

/**
 * Cases that need whole objects, or show what nobody should imitate. As golden/multiplayer/README.md says: two different objects look
 * alike in `object-property`, and in `receive-types` the engine sets a native property to the 0 that it makes of a text; so it does in
 * two more cases whose configurations mix properties up.
 */
export function exempt(golden: GoldenCase, dialect: Dialect = '4.6'): boolean {
  // 4.0 leaves characters out that no name may have; nodes here have names as in 4.1 and later.
  if (dialect === '4.0' && golden.name === 'spawn/auto-names') return true;
  return /full-objects|objects-decoding-allowed|join-and-leave-client|sync\/object-property|sync\/receive-types|sync\/receive-(server|after-freeing-client)\/set-by-script/.test(
    golden.name,
  );
}

const IGNORED = ['error', 'enter', 'exit'];
