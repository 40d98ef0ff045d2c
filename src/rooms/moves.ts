/** Who goes from which room to which, and where those go who have none. */
import { checkKnownName, checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import { Move } from './Move.ts';
import type { EnterOptions, Player } from './Player.ts';
import type { PlayerEntry } from './playerEntry.ts';
import type { Room } from './Room.ts';
import type { RoomCore } from './roomCore.ts';
import { RoomError } from './roomErrors.ts';
import type { RoomsContext } from './roomsContext.ts';
import type { SeatKind } from './seats.ts';

/** What moves need of their server. */
export interface MovesOwner {
  readonly context: RoomsContext;
  /** Which room is meant. @throws RoomError */
  coreOf(room: Room | string): RoomCore;
  /** Where a player goes who has no room. */
  entryFor(player: Player): Promise<RoomCore>;
  /** Whether there is another such place when that one is taken meanwhile. */
  readonly hasManyEntries: boolean;
  /** How long somebody may wait for a room, in ms. */
  readonly entryMs: number;
  /** Whether somebody may come in now: into a room, or at all. */
  admits(core?: RoomCore | undefined): boolean;
  /** Whether somebody is a player still. */
  isPlayer(entry: PlayerEntry): boolean;
  /** A connection is in another room now, or in none. */
  enterRoom(connection: number, room: string | undefined): void;
  /** Ends a player's connection. */
  kick(player: Player): void;
}

/** Where somebody goes who comes from another node. */
interface Sent {
  readonly room: string;
  readonly options: EnterOptions;
  readonly data: ReadonlyMap<string, unknown>;
}

/** One who waits for a room. */
interface Wait {
  readonly untilMs: number;
  /** Whether what is waited for is there; looked at now and then. */
  isOver(): boolean;
  /** It is there. */
  go(): void;
  /** Nobody waits any more. */
  stop(error: RoomError): void;
}

/** The moves of all players. */
export class Moves {
  readonly #owner: MovesOwner;
  readonly #moving = new Set<Move>();
  readonly #waits = new Set<Wait>();
  /** Those who come from another node, and where they go. */
  readonly #sent = new Map<string, Sent>();
  #count = 0;

  constructor(owner: MovesOwner) {
    this.#owner = owner;
  }

  /** How many have come into a room so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether somebody waits for a room. */
  get isBusy(): boolean {
    return this.#moving.size > 0 || this.#waits.size > 0;
  }

  /** A player goes to a room. @throws (as rejection) RoomError when it does not get in; TypeError or RangeError for bad options. */
  enter(entry: PlayerEntry, room: Room | string, options: EnterOptions): Promise<void> {
    return this.#orHome(entry, this.#go(entry, room, options));
  }

  /** A player goes where newcomers go. @throws (as rejection) as {@link Moves.enter}. */
  leave(entry: PlayerEntry): Promise<void> {
    return this.#orHome(
      entry,
      this.#goToEntry(entry, () => true),
    );
  }

  /** A player leaves its room, and its connection stays. @param hasHooks whether the room hears of it. */
  leaveRoom(entry: PlayerEntry, hasHooks: boolean = true): void {
    const { core } = entry;
    if (core === undefined) return;
    entry.core = undefined;
    entry.state.room = undefined;
    entry.brokenRooms = 0;
    core.release(entry.player, entry.link);
    this.#owner.enterRoom(entry.connection, undefined);
    if (hasHooks) core.call('onLeave', entry.player, 'moved');
  }

  /** Whether a player is connected, in no room, and on its way to none. */
  isHomeless(entry: PlayerEntry): boolean {
    const isThere = this.#owner.isPlayer(entry) && !entry.state.isAway;
    return isThere && entry.core === undefined && entry.move === undefined;
  }

  /** A player who is in no room goes where newcomers go; without such a place its connection ends. */
  toEntry(entry: PlayerEntry): void {
    const { player, connection } = entry;
    const isMeant = (): boolean => entry.connection === connection && this.isHomeless(entry);
    this.#goToEntry(entry, isMeant).catch((error: unknown) => {
      if (!isMeant()) return;
      if (error instanceof RoomError)
        this.#owner.context.refuse('no-room', `${player.id} finds no room: ${error.message}`);
      else this.#owner.context.report(error, 'entry');
      this.#owner.kick(player);
    });
  }

  /** Where somebody goes who logs in next, instead of where newcomers go. */
  send(playerId: string, room: string, options: EnterOptions, data: ReadonlyMap<string, unknown>): void {
    this.#sent.set(playerId, { room, options, data });
  }

  /** Nobody comes any more. */
  unsend(playerId: string): void {
    this.#sent.delete(playerId);
  }

  /** What somebody brings who was sent here. */
  dataOf(playerId: string): ReadonlyMap<string, unknown> | undefined {
    return this.#sent.get(playerId)?.data;
  }

  /** A room ends: nobody comes into it any more. */
  ended(core: RoomCore): void {
    for (const move of this.#moving) if (move.core === core) move.stop(endedMeanwhile(core));
  }

  /** Rooms that do not answer in time are not waited for. */
  expire(nowMs: number): void {
    for (const move of this.#moving) move.expire(nowMs);
    for (const wait of this.#waits)
      if (wait.isOver()) wait.go();
      else if (nowMs >= wait.untilMs) wait.stop(new RoomError('ENTRY_TIMEOUT', 'there was none in time'));
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  async #orHome(entry: PlayerEntry, going: Promise<void>): Promise<void> {
    try {
      await going;
    } catch (error) {
      // Its room may have ended meanwhile.
      if (this.isHomeless(entry)) this.toEntry(entry);
      throw error;
    }
  }

  /** Where a player goes who has no room, if that is known in time. @throws RoomError. */
  async #entryFor(player: Player): Promise<RoomCore> {
    const untilMs = this.#owner.context.now() + this.#owner.entryMs;
    let isThere = false;
    const late = this.#inTime(untilMs, () => isThere);
    const found = this.#owner.entryFor(player).finally(() => {
      isThere = true;
    });
    return (await Promise.race([found, late])) ?? found;
  }

  /** Waits until something is so. @throws RoomError ENTRY_TIMEOUT (as rejection) */
  async #inTime(untilMs: number, isOver: () => boolean): Promise<void> {
    let wait: Wait | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        wait = { untilMs, isOver, go: resolve, stop: reject };
        this.#waits.add(wait);
      });
    } finally {
      if (wait !== undefined) this.#waits.delete(wait);
    }
  }

  async #go(entry: PlayerEntry, room: Room | string, options: EnterOptions): Promise<void> {
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
      this.leaveRoom(entry);
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

  #settle(entry: PlayerEntry, core: RoomCore, options: EnterOptions): void {
    const { player } = entry;
    entry.core = core;
    entry.state.room = core.room;
    entry.arrivedMs = this.#owner.context.now();
    this.#count++;
    this.#owner.enterRoom(entry.connection, core.id);
    core.arrive(player, entry.link);
    if (player.room === core.room) core.call('onJoin', player, options.options);
  }

  /** Goes where newcomers go, as long as that is meant: elsewhere, if that place ends or is taken by others meanwhile. */
  async #goToEntry(entry: PlayerEntry, isMeant: () => boolean): Promise<void> {
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
    const untilMs = this.#owner.context.now() + this.#owner.entryMs;
    for (let tries = 1; isMeant(); ) {
      const core = await this.#entryFor(entry.player);
      if (!isMeant()) return;
      if (core.isSealed && core !== entry.core) {
        // Who asks then is told where it is, or another one.
        await this.#inTime(untilMs, () => !core.isSealed || !core.isOpen);
        continue;
      }
      try {
        await this.#go(entry, core.room, {});
        return;
      } catch (error) {
        if (!mayTryAnother(error, core, tries++, this.#owner.hasManyEntries)) throw error;
      }
    }
  }
}

/** Nobody goes into a room, or out of it, that is about to go on at another node. @throws RoomError ROOM_LOCKED or BUSY. */
function checkSealed(core: RoomCore, entry: PlayerEntry): void {
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

/** Why somebody does not get in who has left while a room was asked. */
export function leftMeanwhile({ id }: Player): RoomError {
  return new RoomError('PLAYER_GONE', `${id} has left meanwhile`);
}

function endedMeanwhile({ id }: RoomCore): RoomError {
  return new RoomError('ROOM_UNKNOWN', `room ${id} has ended meanwhile`);
}

/** Whether a place has ended, was taken by others, or began to move, while somebody was on the way to it: there is, or will be, another one. */
function mayTryAnother(error: unknown, core: RoomCore, tries: number, hasMany: boolean): boolean {
  if (!(error instanceof RoomError) || tries >= MOST_TRIES) return false;
  if (error.code === 'ROOM_UNKNOWN') return tries < MOST_ENDED_ROOMS;
  if (error.code === 'ROOM_LOCKED' && core.isSealed) return true;
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

/** How often a place may end while somebody is on the way to it. */
const MOST_ENDED_ROOMS = 3;
/** For how many newcomers at once there may be a race. */
const MOST_TRIES = 1000;
const SEAT_KINDS: Record<SeatKind, true> = { player: true, spectator: true };
const ENTER_NAMES: OptionNames<EnterOptions> = { options: true, as: true, reservation: true };
