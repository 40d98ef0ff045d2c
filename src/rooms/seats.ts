/** The seats of a room: who has one, and for whom one is kept. Pure: the time comes in. */

/** What a seat is for. */
export type SeatKind = 'player' | 'spectator';

/** Seats that are kept. */
interface Reserved {
  readonly kind: SeatKind;
  /** Who may take them; `undefined`: whoever has the name of the reservation. */
  readonly players: ReadonlySet<string> | undefined;
  /** How many are left. */
  left: number;
  readonly untilMs: number;
}

/** Why there is no seat. */
export type SeatRefusal = 'full' | 'reservation-unknown' | 'reservation-of-others';

/** How many seats there are. */
export type SeatCounts = Readonly<Record<SeatKind, number>>;

/** The seats of one room. No more are ever taken and kept together than there are. */
export class Seats {
  readonly #counts: () => SeatCounts;
  readonly #taken = new Map<string, SeatKind>();
  readonly #reserved = new Map<string, Reserved>();

  /** @param counts how many there are now; fewer than before send nobody away. */
  constructor(counts: () => SeatCounts) {
    this.#counts = counts;
  }

  /** How many of a kind are taken. */
  taken(kind: SeatKind): number {
    let count = 0;
    for (const one of this.#taken.values()) if (one === kind) count++;
    return count;
  }

  /** How many of a kind are kept. */
  reserved(kind: SeatKind): number {
    let count = 0;
    for (const one of this.#reserved.values()) if (one.kind === kind) count += one.left;
    return count;
  }

  /** How many of a kind anybody may take. */
  free(kind: SeatKind): number {
    return Math.max(0, this.#counts()[kind] - this.taken(kind) - this.reserved(kind));
  }

  /** What the seat of a holder is for; `undefined` when it has none. */
  kindOf(holder: string): SeatKind | undefined {
    return this.#taken.get(holder);
  }

  /**
   * Takes a seat. Who has one keeps it.
   *
   * @param reservation the name of the reservation that it is taken from.
   * @returns why not; `undefined` when it was taken.
   */
  take(
    holder: string,
    kind: SeatKind,
    reservation: string | undefined,
    nowMs: number,
  ): SeatRefusal | undefined {
    this.expire(nowMs);
    if (this.#taken.has(holder)) return undefined;
    if (reservation === undefined) {
      if (this.free(kind) === 0) return 'full';
      this.#taken.set(holder, kind);
      return undefined;
    }
    const kept = this.#reserved.get(reservation);
    if (kept === undefined) return 'reservation-unknown';
    if (kept.players !== undefined && !kept.players.has(holder)) return 'reservation-of-others';
    if (--kept.left === 0) this.#reserved.delete(reservation);
    this.#taken.set(holder, kept.kind);
    return undefined;
  }

  /** Gives a seat back. */
  leave(holder: string): void {
    this.#taken.delete(holder);
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
    return undefined;
  }

  /** Keeps those of a name no longer. @returns whether there were any. */
  cancel(name: string): boolean {
    return this.#reserved.delete(name);
  }

  /** Lets go of what was kept too long. */
  expire(nowMs: number): void {
    for (const [name, { untilMs }] of this.#reserved) if (nowMs >= untilMs) this.#reserved.delete(name);
  }
}
