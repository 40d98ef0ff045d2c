/** Who is there, who is away for a while, and who has come back: a state machine without a clock and without I/O. */
import { checkInteger, checkKnownName, describe } from '../../../options/internal.ts';
import { AwayList } from './awayList.ts';
import {
  type PlayerDirectoryOptions,
  type PlayerDirectorySettings,
  readDirectoryOptions,
} from './directoryOptions.ts';
import {
  type ConnectionEnd,
  type EndedSeat,
  type FreedSeat,
  type LoginDetails,
  LoginRefusal,
  type LoginResult,
  type PlayerState,
  type RefusedLogin,
} from './results.ts';
import { type Away, freed, KeptEvents, type KeptTotal, type Seat } from './seat.ts';
import { checkSnapshot, type PlayerDirectorySnapshot } from './snapshot.ts';

/**
 * The players of a server: which connection is whose, and whose seat is kept while they are away. A player is who logged in under an id
 * that outlives connections (an account, not a peer id); a connection is a number of the transport; a seat is what a player has in
 * the game, in a room or in none.
 *
 * ```ts
 * const players = new PlayerDirectory({ graceMs: 30_000 });
 * players.login('ada', 1, 0); // { kind: 'joined' }
 * players.ended(1, 'drop', 1000); // untilMs: 31_000
 * players.login('ada', 2, 5000); // { kind: 'returned', ... }
 * ```
 *
 * Times are milliseconds of any clock that does not go back, e.g. `performance.now()`. A seat whose time is over is there until
 * {@link PlayerDirectory.expire} has told of it: who comes back before that gets it. `Event`: what is kept for those who are away.
 */
export class PlayerDirectory<Event = unknown> {
  /** The options, complete. */
  readonly settings: PlayerDirectorySettings;
  /** Never empty; under `'refuse'` and `'takeOver'` one for each player. In the order in which they logged in. */
  readonly #seats = new Map<string, Seat<Event>[]>();
  readonly #present = new Map<number, Seat<Event>>();
  readonly #away = new AwayList<Event>();
  readonly #kept: KeptTotal = { bytes: 0 };
  #order = 0;

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: PlayerDirectoryOptions = {}) {
    this.settings = readDirectoryOptions(options);
  }

  /** How many connections have a player. */
  get presentCount(): number {
    return this.#present.size;
  }

  /** How many seats are kept for players who are away. */
  get awayCount(): number {
    return this.#away.size;
  }

  /** The bytes of all events that are kept. */
  get keptBytes(): number {
    return this.#kept.bytes;
  }

  /** When the next seat is to be freed, see {@link PlayerDirectory.expire}; `undefined`: nobody is away. */
  get nextDeadlineMs(): number | undefined {
    return this.#away.first?.away.untilMs;
  }

  /**
   * A player who has proved to be who they say, on a connection. Whose seat is kept gets it back. Whose seat is taken: see `secondLogin`; but who
   * names the session of a present seat is the same client, whose old connection is not known to be dead yet, and takes it over under
   * every policy. Under `'both'` two sessions never get each other's seat, and a login without one gets what was kept longest.
   *
   * @throws RangeError for a connection that is no safe integer from 0 on, and for a bad `graceMs` or `now`.
   */
  login(player: string, connection: number, now: number, details: LoginDetails = {}): LoginResult<Event> {
    checkConnection(connection);
    checkNow(now);
    const { session, graceMs = this.settings.graceMs } = details;
    checkInteger('graceMs', graceMs, 0, Number.MAX_SAFE_INTEGER);
    if (!this.#isId(player)) return refused(LoginRefusal.PLAYER_ID);
    if (session !== undefined && !this.#isId(session)) return refused(LoginRefusal.SESSION_ID);
    if (this.#present.has(connection)) return refused(LoginRefusal.LOGGED_IN);

    const seats = this.#seats.get(player) ?? [];
    const seat = this.#seatFor(seats, session);
    if (typeof seat === 'string') return refused(seat);
    if (seat === undefined) {
      const own = { player, session, connection, room: undefined, graceMs, away: undefined };
      this.#seats.set(player, [...seats, own]);
      this.#present.set(connection, own);
      return { kind: 'joined' };
    }
    const { away, room, connection: previous } = seat;
    if (away === undefined) this.#present.delete(previous);
    else this.#away.remove(away);
    Object.assign(seat, { session, connection, graceMs, away: undefined });
    this.#present.set(connection, seat);
    if (away === undefined) return { kind: 'tookOver', replaced: previous, room };
    const absence = { sinceMs: away.sinceMs, room, previousConnection: previous };
    return { kind: 'returned', away: absence, missed: away.kept.take() };
  }

  /**
   * A connection ended. `'goodbye'` and `'kick'` free the seat at once, `'timeout'` and `'drop'` after its grace.
   *
   * @returns `undefined` when the connection has no player, e.g. because another one took over.
   */
  ended(connection: number, how: ConnectionEnd, now: number): EndedSeat | undefined {
    checkKnownName('how', how, KEEPS_SEAT);
    checkNow(now);
    const seat = this.#present.get(connection);
    if (seat === undefined) return undefined;
    this.#present.delete(connection);
    if (!KEEPS_SEAT[how] || seat.graceMs === 0) {
      this.#remove(seat);
      return { ...freed(seat), untilMs: undefined, displaced: [] };
    }
    const untilMs = now + seat.graceMs;
    this.#setAway(seat, { sinceMs: now, untilMs, order: this.#order++, kept: this.#keptEvents() });
    const displaced = this.#freeWhile(() => this.#away.size > this.settings.maxAway);
    const others = displaced.filter((other) => other !== seat).map(freed);
    return { ...freed(seat), untilMs: seat.away === undefined ? undefined : untilMs, displaced: others };
  }

  /** Frees the seats whose time is over at `now`. @returns them, each once, in the order of their ends. */
  expire(now: number): FreedSeat[] {
    checkNow(now);
    return this.#freeWhile(({ untilMs }) => untilMs <= now).map(freed);
  }

  /**
   * Frees the kept seats of a player at once, e.g. because the game has ended.
   *
   * @param room only those in this room.
   * @param connection only that which this connection had.
   */
  release(player: string, room?: string, connection?: number): FreedSeat[] {
    const away = this.#awaySeats(player, room, connection);
    for (const [seat, since] of away) this.#free(seat, since);
    return away.map(([seat]) => freed(seat));
  }

  /**
   * Puts the seat of a connection into a room; `undefined`: out of it.
   *
   * @returns `false` when the connection has no player.
   * @throws RangeError for an id that is none, see `maxIdLength`.
   */
  enterRoom(connection: number, room: string | undefined): boolean {
    if (room !== undefined && !this.#isId(room)) {
      const most = this.settings.maxIdLength;
      throw new RangeError(`"room" expected a string of 1..${most} characters, got ${describe(room)}`);
    }
    const seat = this.#present.get(connection);
    if (seat !== undefined) seat.room = room;
    return seat !== undefined;
  }

  /** Sets the `graceMs` of the seat of a connection. @returns `false` when it has no player. */
  setGrace(connection: number, graceMs: number): boolean {
    checkInteger('graceMs', graceMs, 0, Number.MAX_SAFE_INTEGER);
    const seat = this.#present.get(connection);
    if (seat !== undefined) seat.graceMs = graceMs;
    return seat !== undefined;
  }

  /**
   * Keeps an event for a player who is away, until they come back. What does not fit makes the oldest be lost, see `Missed`.
   *
   * @param bytes what it takes of the limits.
   * @param room only for seats in this room.
   * @param connection only for the seat that this connection had.
   * @returns `false` when there is no such seat that is kept.
   */
  keep(player: string, event: Event, bytes: number, room?: string, connection?: number): boolean {
    checkInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER);
    const away = this.#awaySeats(player, room, connection);
    for (const [, { kept }] of away) kept.add(event, bytes);
    return away.length > 0;
  }

  /** The connection of a player, under `'both'` that of the newest seat; `undefined`: they are not present. */
  peerOf(player: string): number | undefined {
    return this.connectionsOf(player).at(-1);
  }

  /** The connections of a player, in the order in which their seats were made. */
  connectionsOf(player: string): number[] {
    const seats = this.#seats.get(player) ?? [];
    return seats.filter(({ away }) => away === undefined).map(({ connection }) => connection);
  }

  /** All connections that have a player. */
  connections(): number[] {
    return [...this.#present.keys()];
  }

  /** The player of a connection. */
  playerOf(connection: number): string | undefined {
    return this.#present.get(connection)?.player;
  }

  /** The session of a connection, if its login named one. */
  sessionOf(connection: number): string | undefined {
    return this.#present.get(connection)?.session;
  }

  /** The room in which the seat of a connection is. */
  roomOf(connection: number): string | undefined {
    return this.#present.get(connection)?.room;
  }

  /** Where a player is; under `'both'` present with one seat is present. */
  stateOf(player: string): PlayerState {
    const seats = this.#seats.get(player);
    if (seats === undefined) return 'gone';
    return seats.some(({ away }) => away === undefined) ? 'present' : 'away';
  }

  /**
   * All of it as plain JSON, if the events are; times are told as distances to `now`.
   *
   * @param player the seats of this player alone. Default: of all.
   */
  snapshot(now: number, player?: string | undefined): PlayerDirectorySnapshot<Event> {
    checkNow(now);
    const those = player === undefined ? [...this.#seats.values()].flat() : (this.#seats.get(player) ?? []);
    const seats = those.map(({ away, session, room, ...seat }) => ({
      ...seat,
      ...(session === undefined ? {} : { session }),
      ...(room === undefined ? {} : { room }),
      ...(away === undefined
        ? {}
        : {
            away: {
              awayMs: now - away.sinceMs,
              leftMs: away.untilMs - now,
              order: away.order,
              lost: away.kept.lost,
              events: away.kept.entries.map(([event, bytes]) => ({ event, bytes })),
            },
          }),
    }));
    return { version: 1, seats };
  }

  /**
   * Makes a directory of a snapshot, also in another process, whose clock shows something else. Who was present is so with the same
   * connection: where connections did not outlive the process, `ended(connection, 'drop', now)` for each of `connections()` follows.
   * Limits that are lower now count from the next call on.
   *
   * @throws TypeError for what is no snapshot; RangeError when a connection or more seats than a player may have are in it twice.
   */
  static restore<Event>(
    snapshot: PlayerDirectorySnapshot<Event>,
    now: number,
    options: PlayerDirectoryOptions = {},
  ): PlayerDirectory<Event> {
    checkNow(now);
    checkSnapshot(snapshot);
    const directory = new PlayerDirectory<Event>(options);
    for (const { away, session, room, ...told } of snapshot.seats) {
      const seat: Seat<Event> = { ...told, session, room, away: undefined };
      const others = directory.#seats.get(seat.player) ?? [];
      if (others.length > 0 && directory.settings.secondLogin !== 'both')
        throw new RangeError(
          `"snapshot" has two seats of ${describe(seat.player)}, "secondLogin" allows one`,
        );
      directory.#seats.set(seat.player, [...others, seat]);
      if (away === undefined) {
        if (directory.#present.has(seat.connection))
          throw new RangeError(`"snapshot" has the connection ${seat.connection} twice`);
        directory.#present.set(seat.connection, seat);
        continue;
      }
      const kept = directory.#keptEvents(away.lost);
      for (const { event, bytes } of away.events) kept.add(event, bytes);
      const [sinceMs, untilMs] = [now - away.awayMs, now + away.leftMs];
      directory.#setAway(seat, { sinceMs, untilMs, order: away.order, kept });
      directory.#order = Math.max(directory.#order, away.order + 1);
    }
    return directory;
  }

  /** The seat that a login gets; `undefined`: a new one. */
  #seatFor(
    seats: readonly Seat<Event>[],
    session: string | undefined,
  ): Seat<Event> | LoginRefusal | undefined {
    const same = session === undefined ? undefined : seats.find((seat) => seat.session === session);
    if (same !== undefined) return same;
    if (this.settings.secondLogin === 'both') {
      const unclaimed = seats.filter(
        (seat) => seat.away !== undefined && (session === undefined || seat.session === undefined),
      );
      if (unclaimed.length > 0) return unclaimed.reduce(longerAway);
      return seats.length < this.settings.maxSeatsPerPlayer ? undefined : LoginRefusal.TOO_MANY_SEATS;
    }
    const [only] = seats;
    const isTurnedAway =
      this.settings.secondLogin === 'refuse' && only !== undefined && only.away === undefined;
    return isTurnedAway ? LoginRefusal.PRESENT : only;
  }

  #keptEvents(lost?: number): KeptEvents<Event> {
    return new KeptEvents(this.settings, this.#kept, lost);
  }

  #setAway(seat: Seat<Event>, away: Away<Event>): void {
    this.#away.add(Object.assign(seat, { away }));
  }

  #awaySeats(
    player: string,
    room: string | undefined,
    connection: number | undefined,
  ): (readonly [Seat<Event>, Away<Event>])[] {
    const seats = this.#seats.get(player) ?? [];
    const isMeant = (seat: Seat<Event>): boolean =>
      (room === undefined || seat.room === room) &&
      (connection === undefined || seat.connection === connection);
    return seats.flatMap((seat) => (seat.away !== undefined && isMeant(seat) ? [[seat, seat.away]] : []));
  }

  /** Frees those whose time ends first, as long as `isDue` says so. */
  #freeWhile(isDue: (away: Away<Event>) => boolean): Seat<Event>[] {
    const seats: Seat<Event>[] = [];
    for (let { first } = this.#away; first !== undefined && isDue(first.away); { first } = this.#away) {
      seats.push(first);
      this.#free(first, first.away);
    }
    return seats;
  }

  #free(seat: Seat<Event>, away: Away<Event>): void {
    this.#away.remove(away);
    away.kept.take();
    seat.away = undefined;
    this.#remove(seat);
  }

  #remove(seat: Seat<Event>): void {
    const others = this.#seats.get(seat.player)?.filter((other) => other !== seat) ?? [];
    if (others.length > 0) this.#seats.set(seat.player, others);
    else this.#seats.delete(seat.player);
  }

  #isId(id: unknown): id is string {
    return typeof id === 'string' && id.length >= 1 && id.length <= this.settings.maxIdLength;
  }
}

function refused(reason: LoginRefusal): RefusedLogin {
  return { kind: 'refused', reason };
}

function longerAway<S extends Seat<unknown>>(a: S, b: S): S {
  return (b.away?.order ?? 0) < (a.away?.order ?? 0) ? b : a;
}

function checkConnection(connection: unknown): void {
  checkInteger('connection', connection, 0, Number.MAX_SAFE_INTEGER);
}

function checkNow(now: unknown): void {
  if (typeof now === 'number' && Number.isFinite(now)) return;
  throw new RangeError(`"now" expected a finite number, got ${describe(now)}`);
}

/** The ends of a connection, and whether the seat is kept. */
const KEEPS_SEAT: Record<ConnectionEnd, boolean> = { goodbye: false, kick: false, timeout: true, drop: true };
