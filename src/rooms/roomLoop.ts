/** The steps of a room: a fixed length, made up for when they are late, and how late they were. Pure: the time comes in. */

/** How a room steps. */
export interface LoopSettings {
  /** Ticks per second. */
  readonly tickHz: number;
  /** Steps of the same length in each tick. */
  readonly stepsPerTick: number;
  /** How many ticks may be made up for at once; what is beyond is skipped. */
  readonly maxCatchUp: number;
}

/** How late the latest ticks of a room were, in ms: those that were made up for, too, each by its own time. */
export interface Lateness {
  /** Half of them were at most so late. */
  readonly p50Ms: number;
  /** 99 of 100 were at most so late. */
  readonly p99Ms: number;
  /** The latest of them. */
  readonly maxMs: number;
  /** Counter: ticks that were skipped, because the process was behind for longer than `maxCatchUp` ticks. */
  readonly skippedTicks: number;
}

/** When the ticks of a room are due. */
export class RoomLoop {
  readonly #intervalMs: number;
  readonly #maxCatchUp: number;
  readonly #late = new Float64Array(REMEMBERED);
  #lateCount = 0;
  #lastMs: number;
  /** How long the next tick is overdue; below 0: not yet. */
  #overdueMs: number;
  #skipped = 0;

  /** @param firstMs how long after `nowMs` the first tick is due. Default: one interval. */
  constructor(settings: LoopSettings, nowMs: number, firstMs: number = 1000 / settings.tickHz) {
    this.#intervalMs = 1000 / settings.tickHz;
    this.#maxCatchUp = settings.maxCatchUp;
    this.#lastMs = nowMs;
    this.#overdueMs = -firstMs;
  }

  /** How many ticks are to be made now. */
  due(nowMs: number): number {
    this.#overdueMs += nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    // A millisecond has parts, and clocks none.
    if (this.#overdueMs < -EARLY_MS) return 0;
    const owed = Math.max(1, Math.floor(this.#overdueMs / this.#intervalMs) + 1);
    const made = Math.min(owed, this.#maxCatchUp);
    // Those that are made up for are late, too.
    for (let i = 0; i < made; i++)
      this.#late[this.#lateCount++ % REMEMBERED] = Math.max(0, this.#overdueMs - i * this.#intervalMs);
    this.#skipped += owed - made;
    this.#overdueMs -= owed * this.#intervalMs;
    return made;
  }

  /** Milliseconds from now until the next tick. */
  untilNext(nowMs: number): number {
    return Math.max(0, -this.#overdueMs - (nowMs - this.#lastMs));
  }

  /** {@link Lateness.skippedTicks}. */
  get skippedTicks(): number {
    return this.#skipped;
  }

  /** {@link Lateness.p99Ms}, without looking at the rest: it is asked of all rooms at once. */
  p99Ms(): number {
    const count = Math.min(this.#lateCount, REMEMBERED);
    // The last of the few that are later, those in ascending order.
    const latest = new Float64Array(count - Math.min(count - 1, Math.floor(count * 0.99)) || 1);
    for (let i = 0; i < count; i++) {
      const late = this.#late[i] ?? 0;
      if (late <= (latest[0] ?? 0)) continue;
      let at = 0;
      for (; at + 1 < latest.length && (latest[at + 1] ?? 0) < late; at++) latest[at] = latest[at + 1] ?? 0;
      latest[at] = late;
    }
    return latest[0] ?? 0;
  }

  /** Of the latest 1,024 ticks. */
  lateness(): Lateness {
    const late = this.#late.slice(0, Math.min(this.#lateCount, REMEMBERED)).sort();
    const at = (share: number): number =>
      late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0;
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), skippedTicks: this.#skipped };
  }
}

/**
 * Spreads the ticks of rooms over few moments, so that the process wakes for many at once: each receives and sends for all of them. Rooms
 * of the same rate are evenly spread over their interval.
 */
export class TickMoments {
  /** How many rooms have one of so many moments. */
  readonly #given = new Map<number, number>();

  /** @returns in how many ms the first tick of one more room is due: an interval and more, less than two. */
  next(tickHz: number, nowMs: number): number {
    const intervalMs = 1000 / tickHz;
    const moments = Math.max(1, Math.round(intervalMs / MOMENT_MS));
    const given = this.#given.get(moments) ?? 0;
    this.#given.set(moments, (given + 1) % moments);
    const atMs = (given / moments) * intervalMs;
    const sinceMs = (((nowMs - atMs) % intervalMs) + intervalMs) % intervalMs;
    return sinceMs === 0 ? intervalMs : 2 * intervalMs - sinceMs;
  }
}

const REMEMBERED = 1024;
/** About how far apart the moments are. */
const MOMENT_MS = 5;
const EARLY_MS = 0.5;
