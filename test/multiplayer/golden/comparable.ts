/** What of a step has to match (golden/multiplayer/README.md, "What must match"). */
import type { GoldenCase, GoldenEvent } from './cases.ts';

/** A step's outcome in a form that can be compared. */
export interface Comparable {
  readonly result: unknown;
  readonly events: readonly unknown[];
}

/** Leaves out what is the engine's own affair: errors, and the orientation of enter and exit. */
export function comparable(result: unknown, events: readonly GoldenEvent[]): Comparable {
  return {
    result,
    events: events.filter((event) => !IGNORED.some((name) => name in event)),
  };
}

/**
 * Cases that need whole objects, or show what nobody should imitate; and two that need the visibility of
 * synchronizers, which are not there yet.
 */
export function exempt(golden: GoldenCase): boolean {
  return /full-objects|objects-decoding-allowed|join-and-leave-client|rpc\/send\/hidden-static-node|hidden-node-still-receives/.test(
    golden.name,
  );
}

const IGNORED = ['error', 'enter', 'exit'];
