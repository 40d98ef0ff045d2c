/** The time of a login as a network thread takes it; see `RemoteHost.setLoginTimeout`. */
import { MAX_TIMER_MS } from '../settings.ts';

/** Whole milliseconds, at most those of a timer; 0 or less is no limit. */
export function loginTimeoutOf(timeoutMs: number): number {
  return timeoutMs > 0 ? Math.min(Math.ceil(timeoutMs), MAX_TIMER_MS) : 0;
}

/** A login is expected, but it may take as long as it likes. */
export const NO_TIME_LIMIT: number = 0xffff_ffff;
