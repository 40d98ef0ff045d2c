/** What a path of the virtual network does to datagrams, as numbers, and the decision for one datagram. */
import { checkOptions } from '../../options/internal.ts';
import type { Prng } from './prng.ts';

/** The conditions of one direction between two addresses. */
export interface LinkConditions {
  /** Time from one end to the other, in milliseconds; fractions are fine. */
  readonly latencyMs: number;
  /** Added to the latency: 0 up to this many milliseconds. Order is kept; `reorder` is what breaks it. */
  readonly jitterMs: number;
  /** Probability 0..1 that a datagram is lost. */
  readonly loss: number;
  /** Probability 0..1 that a datagram arrives a second time, up to `reorderMs` after the first. */
  readonly duplicate: number;
  /** Probability 0..1 that a datagram is held back, so that later ones overtake it. */
  readonly reorder: number;
  /** How long a datagram is held back at most, in milliseconds. */
  readonly reorderMs: number;
  /** Longest datagram that fits through, in bytes of UDP payload. Longer ones vanish. */
  readonly mtuBytes: number;
  /** Bytes of UDP payload per second, 0 = no limit. */
  readonly bandwidthBytesPerSec: number;
  /** Bytes that may wait for the bandwidth; what comes on top is lost. */
  readonly queueBytes: number;
}

/** A perfect path. */
export const PERFECT_LINK: LinkConditions = {
  latencyMs: 0,
  jitterMs: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 20,
  mtuBytes: 65_507,
  bandwidthBytesPerSec: 0,
  queueBytes: 262_144,
};

/**
 * Checks conditions that a caller gave.
 *
 * @throws RangeError naming the first one that is out of range.
 */
export function checkConditions(given: Partial<LinkConditions>): void {
  checkOptions(given, PERFECT_LINK);
  for (const name of ['loss', 'duplicate', 'reorder'] as const) {
    checkRange(name, given[name], 1);
  }
  for (const name of ['latencyMs', 'jitterMs', 'reorderMs', 'bandwidthBytesPerSec', 'queueBytes'] as const) {
    checkRange(name, given[name], Number.MAX_SAFE_INTEGER);
  }
  checkRange('mtuBytes', given.mtuBytes, 65_507);
}

/** What became of a datagram that was sent. */
export type SendFate = 'sent' | 'lost' | 'blocked' | 'tooLong' | 'queueFull';

/** One direction between two addresses: its conditions and what it remembers. */
export class Link {
  /** What the path does; may change at any time. */
  conditions: LinkConditions;
  /** How many of the next datagrams are lost for certain. */
  lossNext = 0;
  /** Nothing passes. */
  isBlocked = false;
  #freeAt = 0;
  #lastArrival = 0;

  constructor(conditions: LinkConditions) {
    this.conditions = conditions;
  }

  /**
   * Decides about one datagram. Takes the same count of random numbers whatever happens, so that one more loss does
   * not change the fate of all later datagrams.
   *
   * @param arrivals receives the times of arrival, none when the datagram does not get through.
   */
  pass(nowMs: number, byteLength: number, random: Prng, arrivals: number[]): SendFate {
    const lossDraw = random.unit();
    const duplicateDraw = random.unit();
    const jitterDraw = random.unit();
    const reorderDraw = random.unit();
    const delayDraw = random.unit();
    const { latencyMs, jitterMs, loss, duplicate, reorder, reorderMs, mtuBytes } = this.conditions;
    if (this.isBlocked) {
      return 'blocked';
    }
    if (byteLength > mtuBytes) {
      return 'tooLong';
    }
    const leaves = this.#leave(nowMs, byteLength);
    if (leaves === undefined) {
      return 'queueFull';
    }
    if (this.lossNext > 0) {
      this.lossNext -= 1;
      return 'lost';
    }
    if (lossDraw < loss) {
      return 'lost';
    }
    let arrival = leaves + latencyMs + jitterDraw * jitterMs;
    if (reorderDraw < reorder) {
      arrival += (1 - delayDraw) * reorderMs;
    } else {
      arrival = Math.max(arrival, this.#lastArrival);
      this.#lastArrival = arrival;
    }
    arrivals.push(arrival);
    if (duplicateDraw < duplicate) {
      arrivals.push(arrival + delayDraw * reorderMs);
    }
    return 'sent';
  }

  /** When the datagram has left through the bandwidth limit; `undefined` when the queue is full. */
  #leave(nowMs: number, byteLength: number): number | undefined {
    const { bandwidthBytesPerSec, queueBytes } = this.conditions;
    if (bandwidthBytesPerSec === 0) {
      return nowMs;
    }
    const startsAt = Math.max(nowMs, this.#freeAt);
    const waitingBytes = ((startsAt - nowMs) * bandwidthBytesPerSec) / 1000;
    if (waitingBytes > queueBytes) {
      return undefined;
    }
    this.#freeAt = startsAt + (byteLength * 1000) / bandwidthBytesPerSec;
    return this.#freeAt;
  }
}

function checkRange(name: string, value: number | undefined, max: number): void {
  if (value !== undefined && !(value >= 0 && value <= max)) {
    throw new RangeError(`"${name}" expected number 0..${max}, got ${value}`);
  }
}
