/** What runs a room: its transport, its tree, its seats, its loop, and the calls of its hooks. */

import { checkOptions, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import { type ErrorReporter, GodotError } from '../godot/index.ts';
import { callGuarded, describe } from '../godot/internal.ts';
import { SceneMultiplayer } from '../multiplayer/index.ts';
import { type SharedNetIds, sceneMultiplayerAccess } from '../multiplayer/internal.ts';
import { TickTimes } from '../runtime/internal.ts';
import type { ENetServer, ENetServerPeer, EventPayload } from '../server/index.ts';
import type { PlayerConnection } from './connection.ts';
import type { RoomFacts } from './gate.ts';
import { type Kept, keepCall, keepEvent } from './kept.ts';
import type { RoomListing, RoomMetadata } from './listing.ts';
import type { Player } from './Player.ts';
import type { LeaveReason, ReserveOptions, ReturnInfo, Room, Rooms } from './Room.ts';
import { RoomLane } from './RoomLane.ts';
import { giveNodes } from './returnedNodes.ts';
import { RoomError } from './roomErrors.ts';
import { type EventOptions, RoomEvents } from './roomEvents.ts';
import { checkFields } from './roomFields.ts';
import { type Lateness, RoomLoop } from './roomLoop.ts';
import type { RoomsContext } from './roomsContext.ts';
import type { Switchboard } from './Switchboard.ts';
import { MAX_SEATS, type SeatKind, Seats } from './seats.ts';

/** What a room has of its server. */
export interface RoomOwner {
  /** What rooms may ask of it. */
  readonly server: Rooms;
  readonly context: RoomsContext;
  readonly switchboard: Switchboard;
  readonly netIds: SharedNetIds;
  /** The server of those who speak events. */
  readonly eventServer: ENetServer | undefined;
  /** The connection of a player who speaks events. */
  eventPeerOf(player: Player): ENetServerPeer | undefined;
  /** A room is listed otherwise than before. */
  changed(core: RoomCore): void;
  /** A hook or a step has thrown: the room is to end. @param player whose hook it was. */
  failed(core: RoomCore, error: unknown, where: string, player?: Player): void;
  /** A room is to end. */
  end(core: RoomCore): Promise<void>;
  /** Whether somebody may come into a room now. */
  admits(core: RoomCore): boolean;
  /** Keeps something for a player who is away. */
  keep(player: Player, kept: Kept): void;
}

/** How far a room is. */
export type RoomStage = 'creating' | 'open' | 'ending' | 'ended';

/** One room. */
export class RoomCore {
  readonly id: string;
  readonly kind: string;
  readonly code: string;
  /** Who is in, by seat. */
  readonly players: Map<string, Player> = new Map();
  readonly seats: Seats;
  readonly lane: RoomLane;
  readonly events: RoomEvents<Player>;
  /** How long its ticks take. */
  readonly tickTimes: TickTimes = new TickTimes();
  /** Counter: events for the room before. */
  lateEvents = 0;
  stage: RoomStage = 'creating';
  isLocked = false;
  /** Whether it is about to go on elsewhere: nobody comes, and nobody goes to another room. */
  isSealed = false;
  /** Whether it stands still: it hears its members, and does nothing. */
  isFrozen = false;
  /** Whether it goes on at another node. */
  isMoved = false;
  /** Whether it was to end before it had begun. */
  isUnwanted = false;
  /** Whether a hook or a step has thrown. */
  hasFailed = false;
  /** What `create` was given for `onCreate`; `undefined`: what `define` was. */
  readonly options: unknown;
  /** Since when nobody is in; `undefined` while somebody is. */
  emptySince: number | undefined;
  readonly #owner: RoomOwner;
  #room: Room | undefined;
  #multiplayer: SceneMultiplayer | undefined;
  #loop: RoomLoop | undefined;
  #steps = { count: 1, delta: 0 };
  #authMs = 0;
  #metadata: RoomMetadata = {};
  /** As lists were last told. */
  #listed: Partial<Pick<Room, 'maxPlayers' | 'maxSpectators' | 'isPrivate'>> = {};
  readonly #fail = (error: unknown, where: string): void => this.#owner.failed(this, error, where);

  constructor(owner: RoomOwner, id: string, kind: string, code: string, options: unknown) {
    this.#owner = owner;
    this.options = options;
    this.id = id;
    this.kind = kind;
    this.code = code;
    this.lane = new RoomLane(owner.switchboard, (line) => owner.context.trace(`room ${id}: ${line}`));
    this.events = new RoomEvents(owner.eventServer, owner.context);
    this.seats = new Seats(
      () => ({ player: this.room.maxPlayers, spectator: this.room.maxSpectators }),
      () => this.changed(),
    );
  }

  // --- Its life -----------------------------------------------------------------------------------------------

  /** Its object is made. @throws what the class throws; RangeError for fields out of range. */
  begin(room: Room): void {
    this.#room = room;
    checkFields(room);
    const { context } = this.#owner;
    const { runtime } = context;
    const multiplayer = new SceneMultiplayer({
      ...room.multiplayerOptions(),
      mirror: room.makeMirror(),
      runtime,
      onTrace: (line) => context.trace(`room ${this.id}: ${line}`),
      onError: (error, where) => context.report(error, `room ${this.id}: ${where}`),
    });
    this.#multiplayer = multiplayer;
    sceneMultiplayerAccess.handover(multiplayer).share(this.#owner.netIds);
    multiplayer.multiplayerPeer = this.lane;
  }

  /** Players may come. @throws RangeError for fields out of range. */
  open(): void {
    // onCreate may have set them.
    checkFields(this.room);
    const { tickHz, stepsPerTick, maxCatchUp, authMs } = this.room;
    const now = this.#owner.context.now();
    const firstMs = this.#owner.context.tickMoments.next(tickHz, now);
    this.#loop = new RoomLoop({ tickHz, stepsPerTick, maxCatchUp }, now, firstMs);
    this.#steps = { count: stepsPerTick, delta: 1 / (tickHz * stepsPerTick) };
    this.#authMs = authMs;
    this.emptySince = this.players.size === 0 ? now : undefined;
    this.stage = 'open';
  }

  /** Nothing of it is there any more. */
  close(): void {
    this.stage = 'ended';
    this.events.close();
    this.#multiplayer?.close();
    this.lane.close();
  }

  /** The object of the game. */
  get room(): Room {
    if (this.#room === undefined)
      throw new Error('the fields of a room are set after its constructor: use onCreate');
    return this.#room;
  }

  /** Its multiplayer. */
  get multiplayer(): SceneMultiplayer {
    if (this.#multiplayer === undefined) throw new Error('a room has its tree from onCreate on');
    return this.#multiplayer;
  }

  /** Calls a hook. What it throws ends the room. */
  call<Name extends 'onJoin' | 'onDrop' | 'onReturn' | 'onLeave' | 'onFenced'>(
    name: Name,
    ...args: Parameters<Room[Name]>
  ): void {
    const room = this.room as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
    const [player] = args;
    const fail: ErrorReporter = (error, where) =>
      this.#owner.failed(this, error, where, typeof player === 'object' ? player : undefined);
    callGuarded(() => room[name]?.(...args), [], fail, `${name} of room ${this.id}`);
  }

  // --- Time ---------------------------------------------------------------------------------------------------

  /** Makes the ticks that are due. @returns whether there were any. */
  tick(now: number): boolean {
    const loop = this.#loop;
    if (loop === undefined || this.stage !== 'open') return false;
    if (this.isFrozen) {
      if (this.lane.members.size > 0) sceneMultiplayerAccess.receive(this.multiplayer);
      return false;
    }
    const ticks = loop.due(now);
    if (ticks === 0) return false;
    this.tickTimes.run(() => this.#tick(ticks));
    return true;
  }

  #tick(ticks: number): void {
    const { multiplayer, room } = this;
    const { members } = this.lane;
    const { count, delta } = this.#steps;
    if (members.size > 0) sceneMultiplayerAccess.receive(multiplayer);
    const where = `step of room ${this.id}`;
    const step = (): unknown => room.onStep(delta);
    const process = (): void => multiplayer.mirror.process(delta);
    for (let i = 0; i < ticks * count && this.isOpen; i++) {
      callGuarded(step, [], this.#fail, where);
      if (this.isOpen) callGuarded(process, [], this.#fail, where);
    }
    if (this.isOpen && members.size > 0) sceneMultiplayerAccess.send(multiplayer);
  }

  /** Milliseconds until the next tick. */
  untilNext(now: number): number {
    return this.#loop?.untilNext(now) ?? Number.POSITIVE_INFINITY;
  }

  /** What all rooms are asked for at once. */
  loopTotals(): Pick<Lateness, 'p99Ms' | 'skippedTicks'> {
    return { p99Ms: this.#loop?.p99Ms() ?? 0, skippedTicks: this.#loop?.skippedTicks ?? 0 };
  }

  /** How late its ticks are. */
  lateness(): Lateness {
    return this.#loop?.lateness() ?? { p50Ms: 0, p99Ms: 0, maxMs: 0, skippedTicks: 0 };
  }

  /** Counter: what was for the room before. */
  get latePackets(): number {
    return (this.multiplayer.refusals().late ?? 0) + this.lateEvents;
  }

  /** How long `onAuth` may take, in ms. */
  get authMs(): number {
    return this.#authMs;
  }

  /** Whether players may be in it. */
  get isOpen(): boolean {
    return this.stage === 'open';
  }

  // --- Players ------------------------------------------------------------------------------------------------

  /** A player comes. */
  arrive(player: Player, connection: PlayerConnection): void {
    this.players.set(player.seat, player);
    this.emptySince = undefined;
    connection.join(this);
  }

  /** A player who was away is back, by another connection. */
  comeBack(player: Player, connection: PlayerConnection, info: ReturnInfo, kept: readonly Kept[]): void {
    try {
      giveNodes(this.multiplayer, this.room, info.oldPeerId, player.peerId);
    } catch (error) {
      this.#owner.failed(this, error, `return of ${player.id} to room ${this.id}`, player);
      return;
    }
    connection.join(this);
    for (const one of kept) {
      if (one.protocol === 'scene') this.#callAt(player, one.path, one.method, one.args);
      else this.sendEvent(player, one.name, one.payload, one.options);
    }
    if (this.isOpen) this.call('onReturn', player, info);
  }

  /** A player of another node has its seat and its nodes here, and is on its way. */
  expect(player: Player, as: SeatKind): void {
    this.players.set(player.seat, player);
    this.seats.put(player.seat, as, player.id);
    this.emptySince = undefined;
  }

  /** A player is not in it any more, and nobody hears of it: so one goes on at another node. */
  forget(player: Player): void {
    this.players.delete(player.seat);
    sceneMultiplayerAccess.handover(this.multiplayer).giveUp(player.peerId);
    if (this.players.size === 0) this.emptySince = this.#owner.context.now();
    this.seats.leave(player.seat);
  }

  /** Nodes of one id are those of another now, as when their owner comes back. */
  own(oldPeerId: number, newPeerId: number): void {
    giveNodes(this.multiplayer, this.room, oldPeerId, newPeerId);
  }

  /** A player goes, and its connection stays. */
  release(player: Player, connection: PlayerConnection): void {
    connection.release(this);
    this.forget(player);
  }

  /** A player is gone for good. */
  remove(player: Player, reason: LeaveReason): void {
    this.forget(player);
    if (this.stage !== 'ended') this.call('onLeave', player, reason);
  }

  /** The member with a connection. */
  playerOf(peerId: number): Player | undefined {
    for (const player of this.players.values()) if (player.peerId === peerId) return player;
    return undefined;
  }

  // --- What the class hands on --------------------------------------------------------------------------------

  /** The server of all rooms. */
  get server(): Rooms {
    return this.#owner.server;
  }

  /** What lists say. */
  get metadata(): RoomMetadata {
    return this.#metadata;
  }

  /** @throws TypeError for what no list can say. */
  setMetadata(metadata: RoomMetadata): void {
    const entries = typeof metadata === 'object' && metadata !== null ? Object.entries(metadata) : undefined;
    const isGood = entries?.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
    if (entries === undefined || isGood !== true || entries.length > MOST_METADATA)
      throw new TypeError(
        `"metadata" expected an object of at most ${MOST_METADATA} texts, numbers and booleans, got ${describe(metadata)}`,
      );
    this.#metadata = Object.freeze({ ...metadata });
    this.changed();
  }

  /** What lists say of it; `undefined` for one that is in none. */
  listing(): RoomListing | undefined {
    const facts = this.facts();
    if (facts === undefined || facts.isPrivate) return undefined;
    const { code: _code, isPrivate: _isPrivate, ...listing } = facts;
    return listing;
  }

  /** What whoever keeps the gate is told of it; `undefined` when it takes no players. */
  facts(): RoomFacts | undefined {
    // One that is being made has no object yet.
    if (!this.isOpen) return undefined;
    const { room, seats, id, kind, code, isLocked, metadata } = this;
    return {
      id,
      kind,
      players: seats.taken('player'),
      maxPlayers: room.maxPlayers,
      freeSeats: seats.free('player'),
      spectators: seats.taken('spectator'),
      maxSpectators: room.maxSpectators,
      isLocked,
      metadata,
      code,
      isPrivate: room.isPrivate,
    };
  }

  /** Looks whether a game has set what is a plain field, and lists show. What is no good is told once; there are no seats then. */
  lookAtFields(): void {
    const { room } = this;
    const { maxPlayers, maxSpectators, isPrivate } = this.#listed;
    if (
      Object.is(room.maxPlayers, maxPlayers) &&
      Object.is(room.maxSpectators, maxSpectators) &&
      room.isPrivate === isPrivate
    )
      return;
    try {
      checkFields(room);
    } catch (error) {
      this.#owner.context.report(error, `room ${this.id}`);
    }
    this.#listed = {
      maxPlayers: room.maxPlayers,
      maxSpectators: room.maxSpectators,
      isPrivate: room.isPrivate,
    };
    this.changed();
  }

  /** It is listed otherwise than before. */
  changed(): void {
    if (this.stage === 'open') this.#owner.changed(this);
  }

  reserve(options: ReserveOptions): string {
    checkOptions(options, RESERVE_OPTION_NAMES);
    const { players, forMs = 15_000, as = 'player' } = options;
    if (players !== undefined && (!Array.isArray(players) || players.some((id) => typeof id !== 'string')))
      throw new TypeError(`"players" expected an array of ids, got ${describe(players)}`);
    const { seats = players ? new Set(players).size : 1, name = this.#owner.context.newSecret() } = options;
    if (players?.length === 0) throw new RangeError('"players" expected at least one id, got none');
    if (!isIntegerIn(seats, 1, MAX_SEATS))
      throw new RangeError(`"seats" expected 1..${MAX_SEATS}, got ${describe(seats)}`);
    if (!isIntegerIn(forMs, 1, 86_400_000))
      throw new RangeError(`"forMs" expected 1..86400000, got ${describe(forMs)}`);
    if (as !== 'player' && as !== 'spectator')
      throw new RangeError(`"as" expected 'player' or 'spectator', got ${describe(as)}`);
    if (typeof name !== 'string' || name === '')
      throw new TypeError(`"name" expected a text, got ${describe(name)}`);
    if (!this.#owner.admits(this)) throw new RoomError('FENCED', `room ${this.id} keeps no seats now`);
    if (this.isSealed) throw new RoomError('ROOM_LOCKED', `room ${this.id} is on its way to another node`);
    const now = this.#owner.context.now();
    const refusal = this.seats.reserve(name, as, seats, players, now + forMs, now);
    if (refusal !== undefined)
      throw new RoomError('ROOM_FULL', `room ${this.id} has no ${seats} seats to keep`);
    return name;
  }

  rpcKept(path: string, method: string, args: readonly unknown[]): void {
    const members = [...this.players.values()].filter(({ protocol }) => protocol === 'scene');
    const away = members.filter(({ isAway }) => isAway);
    this.#keep(away, `${method} of ${path}`, () => keepCall(path, method, args));
    for (const player of members) if (!player.isAway) this.#callAt(player, path, method, args);
  }

  /** @returns Godot's Error number; ERR_DOES_NOT_EXIST for one who does not get it. */
  sendEvent(player: Player, name: string, payload: EventPayload, options: EventOptions): number {
    const isMember = this.players.get(player.seat) === player;
    const peer = isMember ? this.#owner.eventPeerOf(player) : undefined;
    if (peer !== undefined) return this.events.send(peer, name, payload, options);
    if (!isMember || !isKeptFor(player, options)) return GodotError.ERR_DOES_NOT_EXIST;
    return this.#keep([player], name, () => keepEvent(name, payload, options));
  }

  broadcastEvent(name: string, payload: EventPayload, options: EventOptions): void {
    this.events.broadcast(name, payload, options);
    const away = [...this.players.values()].filter((player) => isKeptFor(player, options));
    this.#keep(away, name, () => keepEvent(name, payload, options));
  }

  end(): Promise<void> {
    return this.#owner.end(this);
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  /** Keeps the same for each of some players. @returns Godot's Error number. */
  #keep(players: readonly Player[], what: string, make: () => Kept | string): number {
    if (players.length === 0) return GodotError.OK;
    const kept = make();
    if (typeof kept === 'string') {
      this.#owner.context.trace(`room ${this.id}: ${what} cannot be kept: ${kept}`);
      return GodotError.ERR_INVALID_DATA;
    }
    for (const player of players) this.#owner.keep(player, kept);
    return GodotError.OK;
  }

  #callAt(player: Player, path: string, method: string, args: readonly unknown[]): void {
    const node = this.multiplayer.mirror.getNode(path);
    const error = node?.rpcId(player.peerId, method, ...args) ?? GodotError.ERR_DOES_NOT_EXIST;
    if (error !== GodotError.OK)
      this.#owner.context.trace(
        `room ${this.id}: rpcKept ${method} of ${path} did not go to ${player.id} (${error})`,
      );
  }
}

/** Whether an event waits for a player: it is away, and spoke events when it was last here. */
function isKeptFor(player: Player, { kept = false }: EventOptions): boolean {
  return kept && player.isAway && player.protocol === 'events';
}

const MOST_METADATA = 32;
const RESERVE_OPTION_NAMES: OptionNames<ReserveOptions> = {
  seats: true,
  forMs: true,
  as: true,
  players: true,
  name: true,
};
