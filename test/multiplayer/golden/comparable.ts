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
 * Cases that need whole objects, or show what nobody should imitate. As golden/multiplayer/README.md says: two different objects look
 * alike in `object-property`, and in `receive-types` the engine sets a native property to the 0 that it makes of a text.
 * More than 64 watched properties are an error of the configuration here (docs/protocol/scene-multiplayer 11.1, 7).
 */
export function exempt(golden: GoldenCase): boolean {
  return /full-objects|objects-decoding-allowed|join-and-leave-client|sync\/object-property|sync\/receive-types|sync\/watch-(65|70)/.test(
    golden.name,
  );
}

const IGNORED = ['error', 'enter', 'exit'];
