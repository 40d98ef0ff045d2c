/** Time for what waits: that of Node, or one of tests. */
import { describe } from '../../options/internal.ts';
import type { Timer } from '../runtime/index.ts';

/** A clock with timers. Every `Runtime` is one, also that of the virtual network. */
export interface FleetClock {
  /** Milliseconds, as a u32 that wraps. */
  now(): number;
  /** Calls `callback` once after `delayMs`. */
  startTimer(delayMs: number, callback: () => void): Timer;
}

/** The clock of Node. Its timers hold the process. */
export const NODE_CLOCK: FleetClock = {
  now: () => Math.trunc(performance.now()) >>> 0,
  startTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The clock that was given, or Node's. @throws TypeError for what is none. */
export function clockOf(clock: FleetClock | undefined): FleetClock {
  if (clock === undefined) return NODE_CLOCK;
  if (typeof clock?.now === 'function' && typeof clock.startTimer === 'function') return clock;
  throw new TypeError(`"clock" expected one with now() and startTimer(), got ${describe(clock)}`);
}

/** How long something has to wait that failed `failures` times in a row, in ms: twice as long each time, up to `mostMs`. */
export function backoffMs(failures: number, mostMs: number): number {
  return Math.min(mostMs, FIRST_DELAY_MS * 2 ** Math.min(failures, 20));
}

const FIRST_DELAY_MS = 100;
