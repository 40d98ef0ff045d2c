/** The seats of a room: who has one, and for whom one is kept. Pure: the time comes in. */

import { isIntegerIn } from '../../options/internal.ts';

/** Most seats of a kind. */
export const MAX_SEATS = 4095;

/** What a seat is for. */
export type SeatKind = 'player' | 'spectator';

/** Seats that are kept. */
interface Reserved {
  readonly kind: SeatKind;
  /** Who may still take one; `undefined`: whoever has the name of the reservation. */
  readonly players: Set<string> | undefined;
  /** How many are left. One with none is known until its time is over: asked for again, it keeps no more. */
  left: number;
  readonly untilMs: number;
}

/** Seats that are kept, for another room that goes on in place of this one. */
export interface KeptSeats {
  readonly name: string;
  readonly kind: SeatKind;
  /** Who may still take one; `undefined`: whoever has the name. */
  readonly players: readonly string[] | undefined;
  /** How many are left. */
  readonly left: number;
  /** For how long, in ms. */
  readonly forMs: number;
}

/** A seat that somebody has. */
interface Taken {
  readonly kind: SeatKind;
  readonly player: string;
  /** Where it came from. */
  readonly reservation: Reserved | undefined;
}

/** Why there is no seat. */
export type SeatRefusal = 'full' | 'reservation-unknown' | 'reservation-of-others';

/** How many seats there are. */
export type SeatCounts = Readonly<Record<SeatKind, number>>;

/** The seats of one room. No more are ever taken and kept together than there are. */
export class Seats {
  readonly #counts: () => SeatCounts;
  readonly #changed: () => void;
  readonly #taken = new Map<string, Taken>();
  readonly #reserved = new Map<string, Reserved>();

  /**
   * @param counts how many there are now; fewer than before send nobody away.
   * @param changed other seats are taken or kept than before.
   */
  constructor(counts: () => SeatCounts, changed: () => void) {
    this.#counts = counts;
    this.#changed = changed;
  }

  /** How many of a kind are taken. */
  taken(kind: SeatKind): number {
    let count = 0;
    for (const one of this.#taken.values()) if (one.kind === kind) count++;
    return count;
  }

  /** How many of a kind are kept. */
  reserved(kind: SeatKind): number {
    let count = 0;
    for (const one of this.#reserved.values()) if (one.kind === kind) count += one.left;
    return count;
  }

  /** Whether none is taken, also by somebody who is on the way, and none is kept. */
  get isUnused(): boolean {
    return this.#taken.size === 0 && this.reserved('player') + this.reserved('spectator') === 0;
  }

  /** How many of a kind anybody may take. */
  free(kind: SeatKind): number {
    const count = this.#counts()[kind];
    // A game may have set what is no number of seats, which is told: there are none then.
    if (!isIntegerIn(count, 0, MAX_SEATS)) return 0;
    return Math.max(0, count - this.taken(kind) - this.reserved(kind));
  }

  /** What the seat of a holder is for; `undefined` when it has none. */
  kindOf(holder: string): SeatKind | undefined {
    return this.#taken.get(holder)?.kind;
  }

  /**
   * Takes a seat. Who has one keeps it.
   *
   * @param reservation the name of the reservation that it is taken from.
   * @param player who the holder is, for reservations of some alone.
   * @returns why not; `undefined` when it was taken.
   */
  take(
    holder: string,
    kind: SeatKind,
    reservation: string | undefined,
    nowMs: number,
    player: string = holder,
  ): SeatRefusal | undefined {
    this.expire(nowMs);
    if (this.#taken.has(holder)) return undefined;
    if (reservation === undefined) {
      if (this.free(kind) === 0) return 'full';
      this.#taken.set(holder, { kind, player, reservation: undefined });
      this.#changed();
      return undefined;
    }
    const kept = this.#reserved.get(reservation);
    if (kept === undefined || kept.left === 0) return 'reservation-unknown';
    if (kept.players !== undefined && !kept.players.delete(player)) return 'reservation-of-others';
    kept.left--;
    this.#taken.set(holder, { kind: kept.kind, player, reservation: kept });
    this.#changed();
    return undefined;
  }

  /** Gives a seat to somebody who has it elsewhere, whether or not there is one. */
  put(holder: string, kind: SeatKind, player: string): void {
    this.#taken.set(holder, { kind, player, reservation: undefined });
    this.#changed();
  }

  /** What is kept, with the time that is left. */
  reservations(nowMs: number): KeptSeats[] {
    this.expire(nowMs);
    return [...this.#reserved].map(([name, { kind, players, left, untilMs }]) => {
      const those = players === undefined ? undefined : [...players];
      return { name, kind, players: those, left, forMs: untilMs - nowMs };
    });
  }

  /** Keeps what was kept elsewhere, whether or not there are so many. */
  putReservation({ name, kind, players, left, forMs }: KeptSeats, nowMs: number): void {
    const those = players === undefined ? undefined : new Set(players);
    this.#reserved.set(name, { kind, players: those, left, untilMs: nowMs + forMs });
    this.#changed();
  }

  /** Gives a seat back. */
  leave(holder: string): void {
    if (this.#taken.delete(holder)) this.#changed();
  }

  /** Gives a seat back that its holder did not come to have: what it was reserved for, it is again. */
  giveBack(holder: string): void {
    const { reservation, player } = this.#taken.get(holder) ?? {};
    if (reservation !== undefined) {
      reservation.left++;
      if (player !== undefined) reservation.players?.add(player);
    }
    this.leave(holder);
  }

  /**
   * Keeps seats under a name.
   *
   * @returns why not; `undefined` when they are kept, also when that name keeps some already: those stay.
   */
  reserve(
    name: string,
    kind: SeatKind,
    count: number,
    players: readonly string[] | undefined,
    untilMs: number,
    nowMs: number,
  ): 'full' | undefined {
    this.expire(nowMs);
    if (this.#reserved.has(name)) return undefined;
    if (this.free(kind) < count) return 'full';
    const those = players === undefined ? undefined : new Set(players);
    this.#reserved.set(name, { kind, players: those, left: count, untilMs });
    this.#changed();
    return undefined;
  }

  /** Keeps those of a name no longer. @returns whether there were any. */
  cancel(name: string): boolean {
    const { left = 0 } = this.#reserved.get(name) ?? {};
    if (this.#reserved.delete(name)) this.#changed();
    return left > 0;
  }

  /** Lets go of what was kept too long. */
  expire(nowMs: number): void {
    for (const [name, { untilMs }] of this.#reserved) {
      if (nowMs < untilMs) continue;
      this.#reserved.delete(name);
      this.#changed();
    }
  }
}
