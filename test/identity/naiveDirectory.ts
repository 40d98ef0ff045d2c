/** A PlayerDirectory that anybody can read: one list of seats, looked through for everything. */
import type {
  ConnectionEnd,
  EndedSeat,
  FreedSeat,
  LoginResult,
  PlayerDirectorySettings,
} from '../../src/identity/index.ts';

interface NaiveSeat {
  player: string;
  session: string | undefined;
  connection: number;
  room: string | undefined;
  isAway: boolean;
  sinceMs: number;
  untilMs: number;
  /** When it was dropped, as a count. */
  order: number;
  all: { event: string; bytes: number }[];
  lost: number;
}

export class NaiveDirectory {
  seats: NaiveSeat[] = [];
  #order = 0;
  readonly #settings: PlayerDirectorySettings;

  constructor(settings: PlayerDirectorySettings) {
    this.#settings = settings;
  }

  present(): NaiveSeat[] {
    return this.seats.filter((seat) => !seat.isAway);
  }

  away(): NaiveSeat[] {
    const away = this.seats.filter((seat) => seat.isAway);
    return away.sort((a, b) => a.untilMs - b.untilMs || a.order - b.order);
  }

  keptBytes(): number {
    return this.seats.flatMap(({ all }) => all).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  login(player: string, connection: number, now: number, session: string | undefined): LoginResult<string> {
    if (this.present().some((seat) => seat.connection === connection))
      return { kind: 'refused', reason: 'logged-in' };
    const own = this.seats.filter((seat) => seat.player === player);
    const ofSession = own.find((seat) => session !== undefined && seat.session === session);
    const { secondLogin, maxSeatsPerPlayer } = this.#settings;
    let seat = ofSession;
    if (seat === undefined && secondLogin === 'both') {
      const free = own.filter((each) => each.isAway && (each.session === undefined || session === undefined));
      seat = free.sort((a, b) => a.order - b.order)[0];
      if (seat === undefined && own.length >= maxSeatsPerPlayer)
        return { kind: 'refused', reason: 'too-many-seats' };
    } else if (seat === undefined) {
      seat = own[0];
      if (seat !== undefined && !seat.isAway && secondLogin === 'refuse')
        return { kind: 'refused', reason: 'present' };
    }
    if (seat === undefined) {
      const rest = { room: undefined, isAway: false, sinceMs: now, untilMs: 0, order: 0, all: [], lost: 0 };
      this.seats.push({ player, session, connection, ...rest });
      return { kind: 'joined' };
    }
    const before = { ...seat };
    Object.assign(seat, { session, connection, isAway: false, all: [], lost: 0 });
    const { room, connection: previousConnection } = before;
    if (!before.isAway) return { kind: 'tookOver', replaced: previousConnection, room };
    return {
      kind: 'returned',
      away: { sinceMs: before.sinceMs, room, previousConnection },
      missed: { events: before.all.map(({ event }) => event), lost: before.lost },
    };
  }

  ended(connection: number, how: ConnectionEnd, now: number): EndedSeat | undefined {
    const seat = this.present().find((each) => each.connection === connection);
    if (seat === undefined) return undefined;
    const { graceMs, maxAway } = this.#settings;
    if (how === 'goodbye' || how === 'kick' || graceMs === 0)
      return { ...this.#free(seat), untilMs: undefined, displaced: [] };
    const untilMs = now + graceMs;
    Object.assign(seat, { isAway: true, sinceMs: now, untilMs, order: this.#order++, all: [], lost: 0 });
    const displaced = this.away().slice(0, Math.max(0, this.away().length - maxAway));
    const told = displaced.map((each) => this.#free(each));
    const isFreed = displaced.includes(seat);
    return {
      ...tell(seat),
      untilMs: isFreed ? undefined : untilMs,
      displaced: told.filter((_, index) => displaced[index] !== seat),
    };
  }

  expire(now: number): FreedSeat[] {
    return this.away()
      .filter(({ untilMs }) => untilMs <= now)
      .map((seat) => this.#free(seat));
  }

  release(player: string, room: string | undefined): FreedSeat[] {
    return this.#awayOf(player, room).map((seat) => this.#free(seat));
  }

  keep(player: string, event: string, bytes: number, room: string | undefined): boolean {
    const seats = this.#awayOf(player, room);
    const { maxKeptEvents, maxKeptBytes, maxKeptBytesInAll } = this.#settings;
    for (const seat of seats) {
      seat.all.push({ event, bytes });
      const sum = (): number => seat.all.reduce((total, each) => total + each.bytes, 0);
      while (
        seat.all.length > maxKeptEvents ||
        sum() > maxKeptBytes ||
        (seat.all.length > 0 && this.keptBytes() > maxKeptBytesInAll)
      ) {
        seat.all = seat.all.slice(1);
        seat.lost++;
      }
    }
    return seats.length > 0;
  }

  #awayOf(player: string, room: string | undefined): NaiveSeat[] {
    return this.seats.filter(
      (seat) => seat.isAway && seat.player === player && (room === undefined || seat.room === room),
    );
  }

  #free(seat: NaiveSeat): FreedSeat {
    this.seats = this.seats.filter((each) => each !== seat);
    return tell(seat);
  }
}

function tell({ player, connection, room }: NaiveSeat): FreedSeat {
  return { player, connection, room };
}
