/** The players of a RoomServer: which connection is whose, who is away and comes back, and who goes from which room to which. */
import {
  checkInteger,
  checkKnownName,
  checkOptions,
  describe,
  type OptionNames,
} from '../../options/internal.ts';
import { DisconnectCause } from '../enet/index.ts';
import type { TransportPeer } from '../godot/index.ts';
import { type Missed, PlayerDirectory, type PlayerDirectoryOptions } from '../identity/index.ts';
import { AbsentConnection, type PlayerConnection, type PlayerProtocol } from './connection.ts';
import { bytesOf, type Kept } from './kept.ts';
import { Move } from './Move.ts';
import { type EnterOptions, Player, type PlayerActions, type PlayerState } from './Player.ts';
import type { LeaveReason, Room } from './Room.ts';
import type { RoomCore } from './roomCore.ts';
import { RoomError } from './roomErrors.ts';
import type { RoomsContext } from './roomsContext.ts';
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
export interface PlayersOwner {
  readonly context: RoomsContext;
  /** Which room is meant. @throws RoomError */
  coreOf(room: Room | string): RoomCore;
  /** Where a player goes who has no room. */
  entryFor(player: Player): Promise<RoomCore>;
  /** Whether there is another such place when that one is taken meanwhile. */
  readonly hasManyEntries: boolean;
  /** Whether somebody may come in now: into a room, or at all. */
  admits(core?: RoomCore | undefined): boolean;
  /** Tells what has happened. */
  emit(signal: 'playerJoined' | 'playerDropped' | 'playerReturned', player: Player): void;
  /** Tells that a player is gone for good. */
  emitLeft(player: Player, reason: LeaveReason): void;
}

/** A player, with what nobody else may change. */
interface Entry {
  readonly player: Player;
  readonly state: PlayerState;
  /** Its room. */
  core: RoomCore | undefined;
  /** The connection of now, or the last one. */
  link: PlayerConnection;
  /** Its number: ours, since a client may choose the id of its peer. */
  connection: number;
  /** The end of the connection, while it is away. */
  lost: { readonly peerId: number; readonly reason: 'timeout' | 'drop' } | undefined;
  /** Where it is going; its seat there is kept. */
  move: Move | undefined;
  /** Whether somebody may log in as the same player. */
  readonly canReturn: boolean;
  /** When it came to its room. */
  arrivedMs: number;
  /** Rooms in a row that failed as soon as it had come, and not in a hook of another player. */
  brokenRooms: number;
  /** Tries of codes that were none. */
  wrongCodes: number;
}

/** Where somebody goes who comes from another node. */
interface Sent {
  readonly room: string;
  readonly options: EnterOptions;
  readonly data: ReadonlyMap<string, unknown>;
}

/** Of a player who goes on at another node. */
export interface Departure {
  readonly session: string | undefined;
  /** Whether somebody may log in as the same player. */
  readonly canReturn: boolean;
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
  readonly #byConnection = new Map<number, Entry>();
  readonly #byLink = new Map<PlayerConnection, Entry>();
  readonly #entries = new Map<Player, Entry>();
  readonly #byId = new Map<string, Set<Player>>();
  readonly #moving = new Set<Move>();
  /** Those who come from another node, and where they go. */
  readonly #sent = new Map<string, Sent>();
  #connections = 0;
  #moves = 0;
  #returns = 0;

  constructor(owner: PlayersOwner, options: PlayerDirectoryOptions) {
    this.#owner = owner;
    this.#directory = new PlayerDirectory<Kept>(options);
  }

  /** Everybody, those who are away among them. */
  all(): Player[] {
    return [...this.#entries.keys()];
  }

  /** How many there are. */
  totals(): {
    readonly present: number;
    readonly away: number;
    readonly moves: number;
    readonly returns: number;
  } {
    const { presentCount, awayCount } = this.#directory;
    return { present: presentCount, away: awayCount, moves: this.#moves, returns: this.#returns };
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
    this.#comeBack(entry, link, connection, awayMs, isReturn ? result.missed : { events: [], lost: 0 });
    return undefined;
  }

  /** A connection has ended. */
  ended(link: PlayerConnection, cause: DisconnectCause | undefined): void {
    const entry = this.#byLink.get(link);
    if (entry === undefined) return;
    const how = this.#endOf(entry, cause);
    const { core } = entry;
    const graceMs = entry.canReturn ? this.#graceOf(core) : 0;
    if (graceMs !== undefined) this.#directory.setGrace(entry.connection, graceMs);
    const end = this.#directory.ended(entry.connection, how, this.#owner.context.now());
    const isKept = end?.untilMs !== undefined && (how === 'timeout' || how === 'drop');
    this.#disconnected(entry, cause, isKept);
    if (isKept && core?.isOpen === true) this.#away(entry, how);
    else {
      if (end?.untilMs !== undefined) this.#release(entry);
      this.#gone(entry, how);
    }
    for (const { connection } of end?.displaced ?? []) this.#givenUp(connection);
  }

  /** Those who did not come back in time are gone, and who waits for a room that does not answer stays where it is. */
  expire(): void {
    const now = this.#owner.context.now();
    for (const { connection } of this.#directory.expire(now)) this.#givenUp(connection);
    for (const move of this.#moving) move.expire(now);
  }

  /** Keeps something for a player who is away. */
  keep(player: Player, kept: Kept): void {
    const connection = this.#entries.get(player)?.connection;
    this.#directory.keep(player.id, kept, bytesOf(kept), player.room?.id, connection);
  }

  // --- Rooms --------------------------------------------------------------------------------------------------

  enter(player: Player, room: Room | string, options: EnterOptions): Promise<void> {
    return this.#move(player, (entry) => this.#go(entry, room, options));
  }

  leave(player: Player): Promise<void> {
    return this.#move(player, (entry) => this.#goToEntry(entry, () => true));
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
    for (const move of this.#moving) if (move.core === core) move.stop(endedMeanwhile(core));
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
      this.#leave(entry, !hasFailed);
      // Those who are there when a hook of another one throws are not at fault.
      const isAtFault = failure?.player === undefined || failure.player === player;
      entry.brokenRooms = isShort ? brokenRooms + Number(isAtFault) : 0;
      if (entry.brokenRooms >= MOST_BROKEN_ROOMS) {
        this.#owner.context.trace(
          `${player.id} is disconnected: ${entry.brokenRooms} rooms failed as it came`,
        );
        this.kick(player);
      } else if (this.#isHomeless(entry)) this.#toEntry(entry);
    }
  }

  transportPeer(player: Player): TransportPeer | undefined {
    return player.isAway ? undefined : this.#entries.get(player)?.link.transportPeer();
  }

  /** Counts a code that is none. @returns whether another one may be tried. */
  mayTryCode(player: Player, isWrong: boolean): boolean {
    const entry = this.#entryOf(player);
    if (isWrong) entry.wrongCodes++;
    return entry.wrongCodes < MOST_WRONG_CODES;
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
    if (this.byId(login.player).length > 0 && this.#directory.settings.secondLogin !== 'both')
      return 'it is here already';
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
      .snapshot(now)
      .seats.find(({ connection }) => connection === entry.connection);
    const calls = seat?.away?.events.map(({ event, bytes }) => [event, bytes] as const) ?? [];
    return {
      session: seat?.session,
      canReturn: entry.canReturn,
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
    if (end?.untilMs !== undefined && core?.isOpen === true) this.#away(entry, 'drop');
    else {
      if (end?.untilMs !== undefined) this.#release(entry);
      this.#gone(entry, 'drop');
    }
    for (const { connection } of end?.displaced ?? []) this.#givenUp(connection);
  }

  /** Whether a player may have several seats. */
  get allowsSeconds(): boolean {
    return this.#directory.settings.secondLogin === 'both';
  }

  /** Where somebody goes who logs in next, instead of where newcomers go. */
  send(playerId: string, room: string, options: EnterOptions, data: ReadonlyMap<string, unknown>): void {
    this.#sent.set(playerId, { room, options, data });
  }

  /** Nobody comes any more. */
  unsend(playerId: string): void {
    this.#sent.delete(playerId);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #join(link: PlayerConnection, connection: number, login: Login, canReturn: boolean): void {
    const entry = this.#newEntry(link, connection, login, canReturn);
    this.#byLink.set(link, entry);
    for (const [key, value] of this.#sent.get(login.player)?.data ?? []) entry.player.data.set(key, value);
    this.#owner.emit('playerJoined', entry.player);
    if (this.#isHomeless(entry)) this.#toEntry(entry);
  }

  #newEntry(link: PlayerConnection, connection: number, login: Login, canReturn: boolean): Entry {
    const { peerId, protocol } = link;
    const state: PlayerState = { peerId, protocol, isAway: false, room: undefined };
    const isSecond = this.byId(login.player).length > 0;
    const seat = isSecond ? `${login.player}#${connection}` : login.player;
    const player = new Player(login.player, seat, login.user, state, this);
    const entry: Entry = {
      player,
      state,
      core: undefined,
      connection,
      link,
      lost: undefined,
      move: undefined,
      canReturn,
      arrivedMs: 0,
      brokenRooms: 0,
      wrongCodes: 0,
    };
    this.#entries.set(player, entry);
    this.#byId.set(player.id, new Set([...this.byId(player.id), player]));
    this.#byConnection.set(connection, entry);
    return entry;
  }

  /** The connection of a player is not the one that counts any more. */
  #replace(entry: Entry): void {
    const { peerId } = entry.state;
    this.#disconnected(entry, DisconnectCause.KICK, true);
    entry.link.end();
    if (this.#entries.get(entry.player) !== entry) return;
    entry.lost = { peerId, reason: 'drop' };
    if (entry.core?.isOpen === true) entry.core.call('onDrop', entry.player);
  }

  #comeBack(
    entry: Entry,
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
    state.peerId = link.peerId;
    state.protocol = link.protocol;
    state.isAway = false;
    this.#returns++;
    const { core } = entry;
    if (core === undefined) this.#toEntry(entry);
    else {
      this.#directory.enterRoom(connection, core.id);
      core.comeBack(player, link, { oldPeerId, awayMs, lostCalls, lostEvents }, isSame ? kept : []);
    }
    if (this.#entries.get(player) !== entry) return;
    this.#owner.emit('playerReturned', player);
  }

  /** The connection of a player does not belong to it any more. @param mayReturn whether it may come back to its seat. */
  #disconnected(entry: Entry, cause: DisconnectCause | undefined, mayReturn: boolean): void {
    const { player, state, move } = entry;
    this.#byLink.delete(entry.link);
    state.isAway = true;
    entry.move = undefined;
    move?.core.seats.giveBack(player.seat);
    move?.stop(leftMeanwhile(player));
    entry.link.lose(entry.core, cause, mayReturn);
  }

  #away(entry: Entry, reason: 'timeout' | 'drop'): void {
    // Somebody who heard of it may have kicked the player.
    if (this.#entries.get(entry.player) !== entry) return;
    entry.lost = { peerId: entry.link.peerId, reason };
    entry.core?.call('onDrop', entry.player);
    if (this.#entries.get(entry.player) === entry) this.#owner.emit('playerDropped', entry.player);
  }

  /** The seat of a player who is away is kept no longer. */
  #release(entry: Entry): void {
    this.#directory.release(entry.player.id, undefined, entry.connection);
  }

  /** A seat was kept for long enough. */
  #givenUp(connection: number): void {
    const entry = this.#byConnection.get(connection);
    if (entry !== undefined) this.#gone(entry, entry.lost?.reason ?? 'drop');
  }

  /** A player is gone for good. @param hasHooks whether its room hears of it. */
  #gone(entry: Entry, reason: LeaveReason, hasHooks: boolean = true): void {
    const { player } = entry;
    // It is gone before anybody hears of it: who hears may kick it once more.
    if (!this.#entries.delete(player)) return;
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

  async #move(player: Player, go: (entry: Entry) => Promise<void>): Promise<void> {
    const entry = this.#entryOf(player);
    try {
      await go(entry);
    } catch (error) {
      // Its room may have ended meanwhile.
      if (this.#isHomeless(entry)) this.#toEntry(entry);
      throw error;
    }
  }

  async #go(entry: Entry, room: Room | string, options: EnterOptions): Promise<void> {
    checkEnterOptions(options);
    const { player } = entry;
    const core = this.#owner.coreOf(room);
    if (core === entry.core) return;
    checkSealed(core, entry);
    if (player.isAway) throw new RoomError('PLAYER_GONE', `${player.id} is away`);
    if (entry.move !== undefined) throw new RoomError('BUSY', `${player.id} is on its way to another room`);
    this.#takeSeat(core, player, options);
    const move = new Move(core, this.#owner.context.now());
    entry.move = move;
    this.#moving.add(move);
    const check = (): void => {
      if (entry.move !== move) throw leftMeanwhile(player);
      if (!core.isOpen) throw endedMeanwhile(core);
      this.#checkGate(core);
      checkSealed(core, entry);
    };
    try {
      const answer = await move.ask(player, options.options);
      check();
      if (answer === false) throw new RoomError('REFUSED', `room ${core.id} refuses ${player.id}`);
      this.#leave(entry);
      // The room that it has left may have had its say.
      check();
    } catch (error) {
      if (entry.move === move) {
        entry.move = undefined;
        core.seats.giveBack(player.seat);
      }
      throw asRefusal(error, core, player);
    } finally {
      this.#moving.delete(move);
    }
    entry.move = undefined;
    this.#settle(entry, core, options);
  }

  /** The process may have stood still since it was asked last. */
  #checkGate(core: RoomCore): void {
    if (!this.#owner.admits(core)) throw new RoomError('FENCED', `room ${core.id} lets nobody in now`);
  }

  #takeSeat(core: RoomCore, player: Player, { as = 'player', reservation }: EnterOptions): void {
    if (!core.isOpen) throw new RoomError('ROOM_UNKNOWN', `room ${core.id} has ended`);
    this.#checkGate(core);
    if (core.isLocked && reservation === undefined)
      throw new RoomError('ROOM_LOCKED', `room ${core.id} is locked`);
    const now = this.#owner.context.now();
    const refusal = core.seats.take(player.seat, as, reservation, now, player.id);
    if (refusal === 'full') throw new RoomError('ROOM_FULL', `room ${core.id} has no seat for a ${as}`);
    if (refusal !== undefined)
      throw new RoomError('RESERVATION', `the reservation for room ${core.id} is not known, or of others`);
  }

  /** A player leaves its room, and its connection stays. */
  #leave(entry: Entry, hasHooks: boolean = true): void {
    const { core } = entry;
    if (core === undefined) return;
    entry.core = undefined;
    entry.state.room = undefined;
    entry.brokenRooms = 0;
    core.release(entry.player, entry.link);
    this.#directory.enterRoom(entry.connection, undefined);
    if (hasHooks) core.call('onLeave', entry.player, 'moved');
  }

  #settle(entry: Entry, core: RoomCore, options: EnterOptions): void {
    const { player } = entry;
    entry.core = core;
    entry.state.room = core.room;
    entry.arrivedMs = this.#owner.context.now();
    this.#moves++;
    this.#directory.enterRoom(entry.connection, core.id);
    core.arrive(player, entry.link);
    if (player.room === core.room) core.call('onJoin', player, options.options);
  }

  /** Whether a player is connected, in no room, and on its way to none. */
  #isHomeless(entry: Entry): boolean {
    const isThere = this.#entries.get(entry.player) === entry && !entry.state.isAway;
    return isThere && entry.core === undefined && entry.move === undefined;
  }

  /** A player who is in no room goes where newcomers go; without such a place its connection ends. */
  #toEntry(entry: Entry): void {
    const { player, connection } = entry;
    const isMeant = (): boolean => entry.connection === connection && this.#isHomeless(entry);
    this.#goToEntry(entry, isMeant).catch((error: unknown) => {
      if (!isMeant()) return;
      if (error instanceof RoomError)
        this.#owner.context.refuse('no-room', `${player.id} finds no room: ${error.message}`);
      else this.#owner.context.report(error, 'entry');
      this.kick(player);
    });
  }

  /** Goes where newcomers go, as long as that is meant: elsewhere, if that place ends or is taken by others meanwhile. */
  async #goToEntry(entry: Entry, isMeant: () => boolean): Promise<void> {
    const { id } = entry.player;
    const sent = this.#sent.get(id);
    this.#sent.delete(id);
    if (sent !== undefined) {
      try {
        await this.#go(entry, sent.room, sent.options);
        return;
      } catch (error) {
        if (!(error instanceof RoomError)) throw error;
        this.#owner.context.trace(`${id} does not get into room ${sent.room}: ${error.message}`);
      }
    }
    for (let tries = 1; isMeant(); tries++) {
      const core = await this.#owner.entryFor(entry.player);
      if (!isMeant()) return;
      try {
        await this.#go(entry, core.room, {});
        return;
      } catch (error) {
        if (!mayTryAnother(error, core, tries, this.#owner.hasManyEntries)) throw error;
      }
    }
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

  #entryOf(player: Player): Entry {
    const entry = this.#entries.get(player);
    if (entry === undefined) throw new RoomError('PLAYER_GONE', `${player.id} is gone`);
    return entry;
  }

  #endOf({ player }: Entry, cause: DisconnectCause | undefined): 'goodbye' | 'timeout' | 'drop' | 'kick' {
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

/** Nobody goes into a room, or out of it, that is about to go on at another node. @throws RoomError ROOM_LOCKED or BUSY. */
function checkSealed(core: RoomCore, entry: Entry): void {
  if (core.isSealed) throw new RoomError('ROOM_LOCKED', `room ${core.id} is on its way to another node`);
  if (entry.core?.isSealed === true)
    throw new RoomError('BUSY', `${entry.player.id} is on its way to another node`);
}

/** @throws TypeError or RangeError naming the option. */
function checkEnterOptions(options: EnterOptions): void {
  checkOptions(options, ENTER_NAMES);
  const { as = 'player', reservation } = options;
  checkKnownName('as', as, SEAT_KINDS);
  if (reservation !== undefined && typeof reservation !== 'string')
    throw new TypeError(`"reservation" expected a text, got ${describe(reservation)}`);
}

function leftMeanwhile({ id }: Player): RoomError {
  return new RoomError('PLAYER_GONE', `${id} has left meanwhile`);
}

function endedMeanwhile({ id }: RoomCore): RoomError {
  return new RoomError('ROOM_UNKNOWN', `room ${id} has ended meanwhile`);
}

/** Whether a place has ended, or was taken by others, while somebody was on the way to it: there is, or will be, another one. */
function mayTryAnother(error: unknown, core: RoomCore, tries: number, hasMany: boolean): boolean {
  if (!(error instanceof RoomError) || tries >= MOST_TRIES) return false;
  if (error.code === 'ROOM_UNKNOWN') return tries < MOST_BROKEN_ROOMS;
  return (
    hasMany && (error.code === 'ROOM_FULL' || error.code === 'ROOM_LOCKED') && core.seats.taken('player') > 0
  );
}

/** What the room throws in `onAuth` refuses its player. */
function asRefusal(error: unknown, core: RoomCore, player: Player): RoomError {
  if (error instanceof RoomError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new RoomError('REFUSED', `room ${core.id} refuses ${player.id}: ${why}`, { cause: error });
}

/** Codes that a player may try without one being right: of a thousand million there are. */
const MOST_WRONG_CODES = 20;
/** Rooms in which somebody may wait in vain before its connection ends. */
const MOST_BROKEN_ROOMS = 3;
/** A room that fails so soon after somebody came fails because of that. */
const SHORT_STAY_MS = 1000;
/** For how many newcomers at once there may be a race. */
const MOST_TRIES = 1000;
const SEAT_KINDS: Record<SeatKind, true> = { player: true, spectator: true };
const ENTER_NAMES: OptionNames<EnterOptions> = { options: true, as: true, reservation: true };
