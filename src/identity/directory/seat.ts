/** A seat: what a player has who is present, and what is kept for one who is away. */
import type { PlayerDirectorySettings } from './directoryOptions.ts';
import type { FreedSeat, Missed } from './results.ts';

/** Of a seat whose player is away. */
export interface Away<Event> {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Which of two that end at the same time comes first. */
  readonly order: number;
  readonly kept: KeptEvents<Event>;
}

/** One seat. */
export interface Seat<Event> {
  readonly player: string;
  session: string | undefined;
  /** The connection that has it, or the last that had it. */
  connection: number;
  room: string | undefined;
  graceMs: number;
  /** `undefined`: the player is present. */
  away: Away<Event> | undefined;
}

/** What is told of a seat that is free. */
export function freed({ player, connection, room }: FreedSeat): FreedSeat {
  return { player, connection, room };
}

/** How many bytes are kept for all. */
export interface KeptTotal {
  bytes: number;
}

type KeptLimits = Pick<PlayerDirectorySettings, 'maxKeptEvents' | 'maxKeptBytes' | 'maxKeptBytesInAll'>;

/** The newest events of one who is away, within the limits. */
export class KeptEvents<Event> {
  readonly #limits: KeptLimits;
  readonly #total: KeptTotal;
  readonly #events: (readonly [event: Event, bytes: number])[] = [];
  #bytes = 0;
  #lost = 0;

  constructor(limits: KeptLimits, total: KeptTotal, lost: number = 0) {
    this.#limits = limits;
    this.#total = total;
    this.#lost = lost;
  }

  /** How many did not fit. */
  get lost(): number {
    return this.#lost;
  }

  /** The events with their bytes, oldest first. */
  get entries(): readonly (readonly [event: Event, bytes: number])[] {
    return this.#events;
  }

  /** Appends; the oldest leave until it fits. One that alone is too large makes all leave, itself as well: no gap comes to be. */
  add(event: Event, bytes: number): void {
    this.#events.push([event, bytes]);
    this.#count(bytes);
    const { maxKeptEvents, maxKeptBytes, maxKeptBytesInAll } = this.#limits;
    while (
      this.#events.length > maxKeptEvents ||
      this.#bytes > maxKeptBytes ||
      this.#total.bytes > maxKeptBytesInAll
    ) {
      const oldest = this.#events.shift();
      if (oldest === undefined) return;
      this.#count(-oldest[1]);
      this.#lost++;
    }
  }

  /** Gives all that is there, and forgets it. */
  take(): Missed<Event> {
    this.#count(-this.#bytes);
    return { events: this.#events.splice(0).map(([event]) => event), lost: this.#lost };
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#total.bytes += bytes;
  }
}
