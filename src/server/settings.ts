/** Settings that a server and a client have in common. enet-server-module section 2 and section 8 row 26. */
import { toInteger } from '../godot/internal.ts';

/** The poll rate of a new server or client, in ms. */
export const DEFAULT_POLL_RATE_MS = 10;

/** The poll rate that a call of `setPollRate` sets: at least 1 ms. */
export function pollRateOf(rateMs: number): number {
  const rate = toInteger(rateMs);
  return Number.isNaN(rate) ? 1 : Math.min(Math.max(1, rate), MAX_TIMER_MS);
}

/** The longest delay of a timer in ms: Node counts in 31 bits. */
export const MAX_TIMER_MS = 0x7fff_ffff;
