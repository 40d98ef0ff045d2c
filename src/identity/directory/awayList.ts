/** The seats whose players are away, by the time at which they are freed. */
import type { Away, Seat } from './seat.ts';

/** A seat of one who is away. */
export interface AwaySeat<Event> extends Seat<Event> {
  away: Away<Event>;
}

/** A list in the order of `untilMs`, then in that of `order`. Finding a place takes a logarithm of its length. */
export class AwayList<Event> {
  readonly #seats: AwaySeat<Event>[] = [];

  /** How many there are. */
  get size(): number {
    return this.#seats.length;
  }

  /** The one that is freed first. */
  get first(): AwaySeat<Event> | undefined {
    return this.#seats[0];
  }

  /** Puts it where it belongs. */
  add(seat: AwaySeat<Event>): void {
    this.#seats.splice(this.#placeOf(seat.away), 0, seat);
  }

  /** Takes out the seat of which this is; it is there. */
  remove(away: Away<Event>): void {
    this.#seats.splice(this.#placeOf(away), 1);
  }

  /** How many are before it. */
  #placeOf(away: Away<Event>): number {
    let [low, high] = [0, this.#seats.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#seats[middle]?.away;
      if (other !== undefined && isBefore(other, away)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(a: Away<unknown>, b: Away<unknown>): boolean {
  return a.untilMs < b.untilMs || (a.untilMs === b.untilMs && a.order < b.order);
}
