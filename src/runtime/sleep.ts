/** Waiting by the clock of a runtime. */
import type { Runtime } from './runtime.ts';

/** Waits, in the time of a runtime. @param ms milliseconds. */
export function sleep(runtime: Pick<Runtime, 'startTimer'>, ms: number): Promise<void> {
  return new Promise((resolve) => void runtime.startTimer(ms, resolve));
}
