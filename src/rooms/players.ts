/** The players of a RoomServer: which connection is whose, and who is away and comes back. */
import { checkInteger } from '../../options/internal.ts';
import { DisconnectCause } from '../enet/index.ts';
import type { TransportPeer } from '../godot/index.ts';
import {
  type ConnectionEnd,
  type EndedSeat,
  type Missed,
  PlayerDirectory,
  type PlayerDirectoryOptions,
} from '../identity/index.ts';
import { AbsentConnection, type PlayerConnection, type PlayerProtocol } from './connection.ts';
import { bytesOf, type Kept, newestOf } from './kept.ts';
import { leftMeanwhile, Moves, type MovesOwner } from './moves.ts';
import { type EnterOptions, Player, type PlayerActions, type PlayerState } from './Player.ts';
import type { PlayerEntry } from './playerEntry.ts';
import type { LeaveReason, Room } from './Room.ts';
import type { RoomCore } from './roomCore.ts';
import { RoomError } from './roomErrors.ts';
import type { RoomFailure } from './roomTable.ts';
import type { SeatKind } from './seats.ts';

/** Who somebody is. */
export interface Login {
  /** The id of the player. */
  readonly player: string;
  /** For `Player.user`. */
  readonly user?: unknown;
  /** The session, e.g. of a token: who logs in with it again has the same seat. */
  readonly session?: string | undefined;
}

/** Somebody who is on the way from another node. */
export interface Expected extends Login {
  /** The id of its connection there: its nodes have it. */
  readonly peerId: number;
  readonly protocol: PlayerProtocol;
  readonly as: SeatKind;
  /** `Player.data`. */
  readonly data: ReadonlyMap<string, unknown>;
  /** For how long its seat is kept, in ms. */
  readonly graceMs: number;
  /** What it missed. */
  readonly calls: readonly (readonly [kept: Kept, bytes: number])[];
}

/** What the players need of their server. */
export interface PlayersOwner extends Omit<MovesOwner, 'isPlayer' | 'enterRoom' | 'kick'> {
  /** Tells what has happened. */
  emit(signal: 'playerJoined' | 'playerDropped' | 'playerReturned', player: Player): void;
  /** Tells that a player is gone for good. */
  emitLeft(player: Player, reason: LeaveReason): void;
}

/** Of a player who goes on at another node. */
export interface Departure {
  readonly session: string | undefined;
  /** For how long its seat is kept when it drops, in ms. */
  readonly graceMs: number;
  /** How long its seat is still kept; `undefined`: it is here. */
  readonly leftMs: number | undefined;
  /** What waits for it, and the bytes of each. */
  readonly calls: readonly (readonly [kept: Kept, bytes: number])[];
}

/** All players. */
export class Players implements PlayerActions {
  readonly #owner: PlayersOwner;
  readonly #directory: PlayerDirectory<Kept>;
  readonly #byConnection = new Map<number, PlayerEntry>();
  readonly #byLink = new Map<PlayerConnection, PlayerEntry>();
  readonly #entries = new Map<Player, PlayerEntry>();
  readonly #byId = new Map<string, Set<Player>>();
  /** Those who were told to go to another node, with how long their seats are kept at least. */
  readonly #leaving = new Map<Player, number>();
  /** The seats of all. */
  readonly #seats = new Set<string>();
  readonly #moves: Moves;
  #connections = 0;
  #returns = 0;

  constructor(owner: PlayersOwner, options: PlayerDirectoryOptions) {
    this.#owner = owner;
    this.#directory = new PlayerDirectory<Kept>(options);
    this.#moves = new Moves({
      ...owner,
      isPlayer: (entry) => this.#entries.get(entry.player) === entry,
      enterRoom: (connection, room) => this.#directory.enterRoom(connection, room),
      kick: (player) => this.kick(player),
    });
  }

  /** Everybody, those who are away among them. */
  all(): Player[] {
    return [...this.#entries.keys()];
  }

  /** Whether there is nobody, and nothing to wait for. */
  get isEmpty(): boolean {
    return this.#entries.size === 0 && !this.#moves.isBusy;
  }

  /** How many there are. */
  totals(): {
    readonly present: number;
    readonly away: number;
    readonly moves: number;
    readonly returns: number;
  } {
    const { presentCount, awayCount } = this.#directory;
    return { present: presentCount, away: awayCount, moves: this.#moves.count, returns: this.#returns };
  }

  /** The players with an id: several only where a second login has a seat of its own. */
  byId(id: string): Player[] {
    return [...(this.#byId.get(id) ?? [])];
  }

  /** The player of a connection. */
  byLink(link: PlayerConnection): Player | undefined {
    return this.#byLink.get(link)?.player;
  }

  // --- Connections --------------------------------------------------------------------------------------------

  /** The connection of a player who is there. */
  linkOf(player: Player): PlayerConnection | undefined {
    return player.isAway ? undefined : this.#entries.get(player)?.link;
  }

  /**
   * Somebody has logged in.
   *
   * @param canReturn whether it can log in as the same player again.
   * @returns why not; `undefined` when it is a player now.
   */
  login(link: PlayerConnection, login: Login, canReturn: boolean): string | undefined {
    const { context } = this.#owner;
    // Nodes of one who is away have its last id as authority still, and a client chooses the id of its peer.
    if (this.hasPeerId(link.peerId, login.player)) return `${link.peerId} is the peer id of another player`;
    if (!this.#owner.admits() && this.byId(login.player).length === 0) return 'nobody is let in now';
    const connection = this.#connections++;
    const result = this.#directory.login(login.player, connection, context.now(), { session: login.session });
    if (result.kind === 'refused') return result.reason;
    if (result.kind === 'joined') {
      this.#join(link, connection, login, canReturn);
      return undefined;
    }
    const isReturn = result.kind === 'returned';
    const before = isReturn ? result.away.previousConnection : result.replaced;
    const entry = this.#byConnection.get(before);
    if (entry === undefined) throw new Error(`connection ${before} has no player`);
    if (!isReturn) this.#replace(entry);
    if (this.#entries.get(entry.player) !== entry) {
      // Its room has ended because of that, and what was its seat is gone.
      this.#join(link, connection, login, canReturn);
      return undefined;
    }
    const awayMs = isReturn ? context.now() - result.away.sinceMs : 0;
    entry.state.user = login.user;
    const { meanwhile = [] } = entry;
    entry.meanwhile = undefined;
    const missed = isReturn ? result.missed : newestOf(meanwhile, this.#directory.settings);
    this.#comeBack(entry, link, connection, awayMs, missed);
    return undefined;
  }

  /** A connection has ended. */
  ended(link: PlayerConnection, cause: DisconnectCause | undefined): void {
    const entry = this.#byLink.get(link);
    if (entry === undefined) return;
    const { core } = entry;
    const leavingMs = this.#leaving.get(entry.player);
    const how = leavingMs === undefined ? this.#endOf(entry, cause) : 'drop';
    let graceMs = entry.canReturn ? this.#graceOf(core) : 0;
    if (leavingMs !== undefined) graceMs = Math.max(graceMs ?? this.#directory.settings.graceMs, leavingMs);
    if (graceMs !== undefined) this.#directory.setGrace(entry.connection, graceMs);
    const end = this.#directory.ended(entry.connection, how, this.#owner.context.now());
    this.#disconnected(entry, cause, end?.untilMs !== undefined);
    this.#afterEnd(entry, core, how, end);
  }

  /** Those who did not come back in time are gone, and who waits for a room that does not answer stays where it is. */
  expire(): void {
    const now = this.#owner.context.now();
    for (const { connection } of this.#directory.expire(now)) this.#givenUp(connection);
    this.#moves.expire(now);
  }

  /** Keeps something for a player who is away. */
  keep(player: Player, kept: Kept): void {
    const { meanwhile, connection } = this.#entries.get(player) ?? {};
    if (meanwhile !== undefined) meanwhile.push(kept);
    else this.#directory.keep(player.id, kept, bytesOf(kept), player.room?.id, connection);
  }

  // --- Rooms --------------------------------------------------------------------------------------------------

  async enter(player: Player, room: Room | string, options: EnterOptions): Promise<void> {
    await this.#moves.enter(this.#entryOf(player), room, options);
  }

  async leave(player: Player): Promise<void> {
    await this.#moves.leave(this.#entryOf(player));
  }

  kick(player: Player): void {
    const entry = this.#entries.get(player);
    if (entry === undefined) return;
    if (player.isAway) {
      this.#release(entry);
    } else {
      this.#directory.ended(entry.connection, 'kick', this.#owner.context.now());
      this.#disconnected(entry, DisconnectCause.KICK, false);
      entry.link.end();
    }
    this.#gone(entry, 'kick');
  }

  /** A room ends: whoever is in it goes where newcomers go. @param failure why it has failed, if it has: it hears of nothing then. */
  evict(core: RoomCore, failure: RoomFailure | undefined): void {
    const hasFailed = failure !== undefined;
    this.#moves.ended(core);
    for (const player of [...core.players.values()]) {
      const entry = this.#entries.get(player);
      // A hook may have ended others.
      if (entry?.core !== core) continue;
      if (player.isAway) {
        this.#release(entry);
        this.#gone(entry, entry.lost?.reason ?? 'drop', !hasFailed);
        continue;
      }
      const { brokenRooms, arrivedMs } = entry;
      const isShort = hasFailed && this.#owner.context.now() - arrivedMs < SHORT_STAY_MS;
      this.#moves.leaveRoom(entry, !hasFailed);
      // Those who are there when a hook of another one throws are not at fault.
      const isAtFault = failure?.player === undefined || failure.player === player;
      entry.brokenRooms = isShort ? brokenRooms + Number(isAtFault) : 0;
      if (entry.brokenRooms >= MOST_BROKEN_ROOMS) {
        this.#owner.context.trace(
          `${player.id} is disconnected: ${entry.brokenRooms} rooms failed as it came`,
        );
        this.kick(player);
      } else if (this.#moves.isHomeless(entry)) this.#moves.toEntry(entry);
    }
  }

  transportPeer(player: Player): TransportPeer | undefined {
    return player.isAway ? undefined : this.#entries.get(player)?.link.transportPeer();
  }

  /** A player tries a code; it counts as one that is none until {@link Players.forgetTry}. @returns whether it may. */
  tryCode(player: Player): boolean {
    const entry = this.#entryOf(player);
    if (entry.wrongCodes >= MOST_WRONG_CODES) return false;
    entry.wrongCodes++;
    return true;
  }

  /** There is a room with the code, or nobody could look. Harmless for a player who has left meanwhile. */
  forgetTry(player: Player): void {
    const entry = this.#entries.get(player);
    if (entry !== undefined) entry.wrongCodes--;
  }

  /**
   * Whether a peer id is that of a player, or was the last one of a player who is away, and so may be the owner of nodes.
   *
   * @param exceptId a player who may have it.
   */
  hasPeerId(peerId: number, exceptId: string | undefined = undefined): boolean {
    for (const { player } of this.#entries.values())
      if (player.peerId === peerId && player.id !== exceptId) return true;
    return false;
  }

  // --- Other nodes --------------------------------------------------------------------------------------------

  /**
   * Keeps the seat of somebody who is on the way from another node, as of one who is away.
   *
   * @returns the player, or why not.
   */
  expect(
    core: RoomCore,
    { data, peerId, protocol, as, calls, graceMs, ...login }: Expected,
  ): Player | string {
    const { context } = this.#owner;
    if (this.byId(login.player).length > 0 && !this.allowsSeconds) return 'it is here already';
    if (this.#directory.awayCount >= this.#directory.settings.maxAway) return 'no more seats can be kept';
    const connection = this.#connections++;
    const { session } = login;
    const { kind } = this.#directory.login(login.player, connection, context.now(), { session, graceMs });
    if (kind !== 'joined') return 'its id is none here';
    this.#directory.enterRoom(connection, core.id);
    this.#directory.ended(connection, 'drop', context.now());
    const link = new AbsentConnection(peerId, protocol);
    const entry = this.#newEntry(link, connection, login, true);
    const { player, state } = entry;
    for (const [key, value] of data) player.data.set(key, value);
    for (const [call, bytes] of calls) this.#directory.keep(player.id, call, bytes, core.id, connection);
    state.isAway = true;
    entry.lost = { peerId, reason: 'drop' };
    entry.core = core;
    entry.state.room = core.room;
    core.expect(player, as);
    return player;
  }

  /** What another node has to know of a player, beside what the player itself says. */
  departureOf(player: Player): Departure | undefined {
    const entry = this.#entries.get(player);
    if (entry === undefined) return undefined;
    const now = this.#owner.context.now();
    const seat = this.#directory
      .snapshot(now, player.id)
      .seats.find(({ connection }) => connection === entry.connection);
    const calls = seat?.away?.events.map(({ event, bytes }) => [event, bytes] as const) ?? [];
    return {
      session: seat?.session,
      graceMs: this.#graceOf(entry.core) ?? this.#directory.settings.graceMs,
      leftMs: seat?.away?.leftMs,
      calls,
    };
  }

  /**
   * A player goes on at another node. Its connection stays until it is ended.
   *
   * @param hasHooks whether its room hears of it.
   */
  depart(player: Player, hasHooks: boolean): PlayerConnection | undefined {
    const entry = this.#entries.get(player);
    if (entry === undefined) return undefined;
    const { core, link } = entry;
    if (player.isAway) this.#release(entry);
    else {
      this.#directory.ended(entry.connection, 'goodbye', this.#owner.context.now());
      this.#disconnected(entry, DisconnectCause.GOODBYE, false);
    }
    if (!hasHooks) core?.forget(player);
    this.#gone(entry, 'moved', hasHooks);
    return link;
  }

  /** A player is on its way to another node, and may come back: its seat is kept, at least for so long. Its connection is ended. */
  suspend(player: Player, leastGraceMs: number): void {
    const entry = this.#entries.get(player);
    if (entry === undefined || player.isAway) return;
    const { link, core } = entry;
    const graceMs = this.#graceOf(core) ?? this.#directory.settings.graceMs;
    this.#directory.setGrace(entry.connection, Math.max(graceMs, leastGraceMs));
    const end = this.#directory.ended(entry.connection, 'drop', this.#owner.context.now());
    this.#disconnected(entry, DisconnectCause.TIMEOUT, true);
    link.end();
    this.#afterEnd(entry, core, 'drop', end);
  }

  /** Whether a player may have several seats. */
  get allowsSeconds(): boolean {
    return this.#directory.settings.secondLogin === 'both';
  }

  /**
   * A player was told to go to another node: the end of its connection is not the end of its seat.
   *
   * @param leastGraceMs for how long that is kept then; `undefined`: it stays here.
   */
  setLeaving(player: Player, leastGraceMs: number | undefined): void {
    if (leastGraceMs === undefined) this.#leaving.delete(player);
    else if (this.#entries.has(player)) this.#leaving.set(player, leastGraceMs);
  }

  /** Where somebody goes who logs in next, instead of where newcomers go. */
  send(playerId: string, room: string, options: EnterOptions, data: ReadonlyMap<string, unknown>): void {
    this.#moves.send(playerId, room, options, data);
  }

  /** Nobody comes any more. */
  unsend(playerId: string): void {
    this.#moves.unsend(playerId);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #join(link: PlayerConnection, connection: number, login: Login, canReturn: boolean): void {
    const entry = this.#newEntry(link, connection, login, canReturn);
    this.#byLink.set(link, entry);
    for (const [key, value] of this.#moves.dataOf(login.player) ?? []) entry.player.data.set(key, value);
    this.#owner.emit('playerJoined', entry.player);
    if (this.#moves.isHomeless(entry)) this.#moves.toEntry(entry);
  }

  #newEntry(link: PlayerConnection, connection: number, login: Login, canReturn: boolean): PlayerEntry {
    const { peerId, protocol } = link;
    const state: PlayerState = { peerId, protocol, isAway: false, room: undefined, user: login.user };
    let seat = login.player;
    // Somebody may be called as the second seat of another one is.
    while (this.#seats.has(seat)) seat = `${seat}#${connection}`;
    const player = new Player(login.player, seat, state, this);
    const entry: PlayerEntry = {
      player,
      state,
      core: undefined,
      connection,
      link,
      lost: undefined,
      meanwhile: undefined,
      move: undefined,
      canReturn,
      arrivedMs: 0,
      brokenRooms: 0,
      wrongCodes: 0,
    };
    this.#entries.set(player, entry);
    this.#seats.add(seat);
    this.#byId.set(player.id, new Set([...this.byId(player.id), player]));
    this.#byConnection.set(connection, entry);
    return entry;
  }

  /** The connection of a player is not the one that counts any more. */
  #replace(entry: PlayerEntry): void {
    entry.meanwhile = [];
    this.#disconnected(entry, DisconnectCause.KICK, true);
    entry.link.end();
    this.#away(entry, 'drop');
  }

  #comeBack(
    entry: PlayerEntry,
    link: PlayerConnection,
    connection: number,
    awayMs: number,
    { events: kept, lost }: Missed<Kept>,
  ): void {
    const { player, state } = entry;
    // What its client does not understand any more is lost, too.
    const isSame = state.protocol === link.protocol;
    const lostNow = isSame ? lost : lost + kept.length;
    const [lostCalls, lostEvents] = state.protocol === 'scene' ? [lostNow, 0] : [0, lostNow];
    const oldPeerId = entry.lost?.peerId ?? 0;
    this.#byConnection.delete(entry.connection);
    this.#byConnection.set(connection, entry);
    this.#byLink.set(link, entry);
    entry.link = link;
    entry.connection = connection;
    entry.lost = undefined;
    this.#leaving.delete(player);
    state.peerId = link.peerId;
    state.protocol = link.protocol;
    state.isAway = false;
    this.#returns++;
    const { core } = entry;
    if (core === undefined) this.#moves.toEntry(entry);
    else {
      this.#directory.enterRoom(connection, core.id);
      core.comeBack(player, link, { oldPeerId, awayMs, lostCalls, lostEvents }, isSame ? kept : []);
    }
    if (this.#entries.get(player) !== entry) return;
    this.#owner.emit('playerReturned', player);
  }

  /** The connection of a player does not belong to it any more. @param mayReturn whether it may come back to its seat. */
  #disconnected(entry: PlayerEntry, cause: DisconnectCause | undefined, mayReturn: boolean): void {
    const { player, state, move } = entry;
    this.#byLink.delete(entry.link);
    state.isAway = true;
    entry.move = undefined;
    move?.core.seats.giveBack(player.seat);
    move?.stop(leftMeanwhile(player));
    entry.link.lose(entry.core, cause, mayReturn);
  }

  /** A connection has ended: its player is away, or gone for good, and so is whose seat had to make room. */
  #afterEnd(
    entry: PlayerEntry,
    core: RoomCore | undefined,
    how: ConnectionEnd,
    end: EndedSeat | undefined,
  ): void {
    const isKept = end?.untilMs !== undefined;
    if (isKept && core?.isOpen === true) this.#away(entry, how === 'timeout' ? how : 'drop');
    else {
      if (isKept) this.#release(entry);
      this.#gone(entry, how);
    }
    for (const { connection } of end?.displaced ?? []) this.#givenUp(connection);
  }

  #away(entry: PlayerEntry, reason: 'timeout' | 'drop'): void {
    // Somebody who heard of it may have kicked the player.
    if (this.#entries.get(entry.player) !== entry) return;
    entry.lost = { peerId: entry.link.peerId, reason };
    // Who was told to go to another node has not dropped.
    if (this.#leaving.has(entry.player)) return;
    if (entry.core?.isOpen === true) entry.core.call('onDrop', entry.player);
    if (this.#entries.get(entry.player) === entry) this.#owner.emit('playerDropped', entry.player);
  }

  /** The seat of a player who is away is kept no longer. */
  #release(entry: PlayerEntry): void {
    this.#directory.release(entry.player.id, undefined, entry.connection);
  }

  /** A seat was kept for long enough. */
  #givenUp(connection: number): void {
    const entry = this.#byConnection.get(connection);
    if (entry !== undefined) this.#gone(entry, entry.lost?.reason ?? 'drop');
  }

  /** A player is gone for good. @param hasHooks whether its room hears of it. */
  #gone(entry: PlayerEntry, reason: LeaveReason, hasHooks: boolean = true): void {
    const { player } = entry;
    // It is gone before anybody hears of it: who hears may kick it once more.
    if (!this.#entries.delete(player)) return;
    this.#leaving.delete(player);
    this.#seats.delete(player.seat);
    const others = this.byId(player.id).filter((other) => other !== player);
    if (others.length > 0) this.#byId.set(player.id, new Set(others));
    else this.#byId.delete(player.id);
    if (this.#byConnection.get(entry.connection) === entry) this.#byConnection.delete(entry.connection);
    const { core } = entry;
    entry.core = undefined;
    entry.state.room = undefined;
    if (hasHooks) core?.remove(player, reason);
    this.#owner.emitLeft(player, reason);
  }

  /** How long its room keeps the seat of a player; `undefined`: as the server says. */
  #graceOf(core: RoomCore | undefined): number | undefined {
    const graceMs = core?.room.graceMs;
    if (graceMs === undefined) return undefined;
    try {
      checkInteger('graceMs', graceMs, 0, Number.MAX_SAFE_INTEGER);
      return graceMs;
    } catch (error) {
      this.#owner.context.report(error, `room ${core?.id}`);
      return undefined;
    }
  }

  #entryOf(player: Player): PlayerEntry {
    const entry = this.#entries.get(player);
    if (entry === undefined) throw new RoomError('PLAYER_GONE', `${player.id} is gone`);
    return entry;
  }

  #endOf({ player }: PlayerEntry, cause: DisconnectCause | undefined): ConnectionEnd {
    switch (cause) {
      case DisconnectCause.GOODBYE:
        // A page that is closed and a game that says goodbye look alike: Godot drops the connection without a word.
        return this.transportPeer(player)?.transport === 'WebSocket' ? 'drop' : 'goodbye';
      case DisconnectCause.TIMEOUT:
        return 'timeout';
      case DisconnectCause.KICK:
      case DisconnectCause.LOCAL:
      case DisconnectCause.LIMIT:
      case DisconnectCause.LOGIN_REFUSED:
      case DisconnectCause.SHUTDOWN:
        return 'kick';
      default:
        return 'drop';
    }
  }
}

/** Codes that a player may try without one being right: of a thousand million there are. */
const MOST_WRONG_CODES = 20;
/** Rooms that may fail as somebody comes before its connection ends. */
const MOST_BROKEN_ROOMS = 3;
/** A room that fails so soon after somebody came fails because of that. */
const SHORT_STAY_MS = 1000;
