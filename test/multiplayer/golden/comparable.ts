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
    events: events.filter((event) => !IGNORED.some((name) => name in event)).map(masked),
  };
}

/** Cases that need whole objects, or show what nobody should imitate. */
export function exempt(golden: GoldenCase): boolean {
  return /full-objects|join-and-leave-client/.test(golden.name);
}

/** Ids of objects are zeroed; one that arrives as 0 is no object to us. */
function masked(event: GoldenEvent): unknown {
  const call = event['call'];
  if (!Array.isArray(call)) return event;
  const [path, method, args, sender] = call as [string, string, string[], number];
  return {
    call: [path, method, args.map((hex) => (hex === '180001000000000000000000' ? '00000000' : hex)), sender],
  };
}

const IGNORED = ['error', 'enter', 'exit'];
