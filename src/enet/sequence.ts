/** All arithmetic on numbers that wrap: times (u32) and sequence numbers (u16). enet-protocol sections 0.4 and 0.5. */
import { WINDOW_SHIFT } from './protocol.ts';

/** Times further apart than this are not compared: 24 hours in milliseconds. */
export const TIME_HORIZON_MS = 86_400_000;

/** Whether time `a` is before time `b`. */
export function isBefore(a: number, b: number): boolean {
  return (a - b) >>> 0 >= TIME_HORIZON_MS;
}

/** The absolute distance between two times, right within 24 hours. */
export function timeDifference(a: number, b: number): number {
  const forward = (a - b) >>> 0;
  return forward >= TIME_HORIZON_MS ? (b - a) >>> 0 : forward;
}

/**
 * How many windows of 4096 numbers `seq` lies ahead of `inReliable`: 0..6 can be delivered, 7 and 8 are too far
 * ahead, 9..16 lie behind.
 */
export function windowDistance(seq: number, inReliable: number): number {
  return (seq >> WINDOW_SHIFT) + (seq < inReliable ? 16 : 0) - (inReliable >> WINDOW_SHIFT);
}

/** The place of `seq` in the order that starts at `inReliable`: 0..65535. */
export function sequenceKey(seq: number, inReliable: number): number {
  return (seq - inReliable) & 0xffff;
}

/**
 * Whether `seq` is one of the numbers given so far, `latest` being the last. They begin with 1, and of those more than half of
 * all numbers ago nobody speaks any more.
 *
 * @param hasWrapped whether they began anew with 0.
 */
export function isPast(seq: number, latest: number, hasWrapped: boolean): boolean {
  if (!hasWrapped) return seq > 0 && seq <= latest;
  return ((latest - seq) & 0xffff) < HALF_OF_ALL;
}

const HALF_OF_ALL = 0x8000;

/** The number after `seq`. */
export function nextSequence(seq: number): number {
  return (seq + 1) & 0xffff;
}
