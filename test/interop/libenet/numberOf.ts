import type { Args } from './actor.ts';

/** A field of a command's answer. */
export function numberOf(reply: Args, key: string): number {
  const value = reply[key];
  if (value === undefined) throw new Error(`the answer has no "${key}": ${JSON.stringify(reply)}`);
  return value;
}
