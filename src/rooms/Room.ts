/** A room: a match, a lobby. What a game makes of it stands in a class that extends this one. */
import type { VariantInput } from '../../codec/index.ts';
import { type ReplicationOptions, SceneMirror } from '../../schema/index.ts';
import type { SceneMultiplayer, SceneMultiplayerOptions } from '../multiplayer/index.ts';
import type { TickDurations } from '../runtime/internal.ts';
import type { ENetServerPeer, EventPayload, ReceivedDictionary } from '../server/index.ts';
import type { RoomFilter, RoomListChanges, RoomListing, RoomMetadata } from './listing.ts';
import type { Player } from './Player.ts';
import { dataReturned } from './returnedNodes.ts';
import type { RoomCore } from './roomCore.ts';
import type { EventOptions } from './roomEvents.ts';
import type { Lateness } from './roomLoop.ts';
import type { SeatKind } from './seats.ts';

/** How a player has left a room. */
export type LeaveReason =
  /** To another room. */
  | 'moved'
  /** It said goodbye. */
  | 'goodbye'
  /** It did not answer any more, and did not come back in time. */
  | 'timeout'
  /** Its connection broke, and it did not come back in time. */
  | 'drop'
  /** The server ended it. */
  | 'kick';

/** What a room may ask of its server: parts of `RoomServer`, where each is explained. */
export interface Rooms {
  /** All rooms that take players. */
  readonly rooms: Room[];
  /** Everybody who has logged in. */
  readonly players: Player[];
  /** `RoomServer.create`. */
  create<R extends Room<never>>(
    kind: new (core: never) => R,
    options?: RoomOptionsOf<R>,
    settings?: CreateSettings,
  ): Promise<R>;
  /** `RoomServer.create`. */
  create(kind: string, options?: unknown, settings?: CreateSettings): Promise<Room>;
  /** `RoomServer.get`. */
  get(id: string): Room | undefined;
  /** `RoomServer.byCode`. */
  byCode(player: Player, code: string): Room;
  /** `RoomServer.list`. */
  list(filter?: RoomFilter): RoomListing[];
  /** `RoomServer.watchList`. */
  watchList(filter: RoomFilter, listener: (changes: RoomListChanges) => void): () => void;
  /** `RoomServer.player`. */
  player(id: string): Player | undefined;
}

/** What `RoomServer.create` can be told beside the options of the room. */
export interface CreateSettings {
  /** An id of the caller's own, 1..128 characters. Default one that is made up. */
  readonly id?: string | undefined;
}

/** Of a player who is back. */
export interface ReturnInfo {
  /** The id of the connection that it had. */
  readonly oldPeerId: number;
  /** How long it was away, in ms. */
  readonly awayMs: number;
  /** How many of the kept calls were too many, and are lost; all of them, if it is back with the protocol of `ENetServer`. */
  readonly lostCalls: number;
  /** The same of kept events; all of them, if it is back with Godot's RPCs. */
  readonly lostEvents: number;
}

/**
 * One match, one lobby: a tree of its own, players of its own, a step of its own. Extend it, and override what is needed.
 *
 * ```ts
 * class Match extends Room {
 *   override readonly maxPlayers = 8;
 *   override makeMirror(): SceneMirror {
 *     return project.newMirror();
 *   }
 *   override onJoin(player: Player): void {
 *     const node = this.mirror.instantiate('res://player.tscn', { name: String(player.peerId) });
 *     this.mirror.getNode('/root/Main/Players')?.addChild(node);
 *   }
 * }
 * rooms.define('match', Match);
 * ```
 *
 * Hooks may be async. One that throws, or rejects, ends its room, and no other; the players go where newcomers go. Whose third
 * room in a row fails within a second of coming is disconnected; where a hook of one player has thrown, that counts for this one alone.
 */
export abstract class Room<Options = unknown> {
  /** Its id, of this process alone unless `create` was given one. */
  readonly id: string;
  /** The name under which its class was defined. */
  readonly kind: string;
  /** Seats of players, 1..4095. A smaller number than are in sends nobody away; what is no such number is an error, and lets nobody in. Default 64. */
  maxPlayers = 64;
  /** Seats of spectators, 0..4095: they see all, and have no seat that a player needs. Default 0. */
  maxSpectators = 0;
  /**
   * Ticks per second, above 0 and at most 1,000: in each the room hears its players, steps, and answers. The first one comes after one
   * interval, or nearly two: rooms are spread over few moments of it, at which the process wakes for all. Read when it begins. Default 20.
   */
  tickHz = 20;
  /** Steps of one length in each tick, 1..100. Read when it begins. Default 1. */
  stepsPerTick = 1;
  /** Ticks that may be made up for at once when the process was busy; what is beyond is skipped, and counted. Default 5. */
  maxCatchUp = 5;
  /** Milliseconds that the seat of a player who dropped is kept; `undefined`: as the server says. */
  graceMs: number | undefined = undefined;
  /** Milliseconds that {@link Room.onAuth} may take, 1..3,600,000: then the seat is given back. Read when it begins. Default 10,000. */
  authMs = 10_000;
  /** Whether it is left out of lists; players find it by its code. Default false. */
  isPrivate = false;
  /** Whether it ends when nobody has been in it, and no seat was kept, for {@link Room.emptyMs}. Default true. */
  endsWhenEmpty = true;
  /** Milliseconds. Default 5,000. */
  emptyMs = 5000;
  readonly #core: RoomCore;

  /** @internal A `RoomServer` makes rooms. Fields are set after it; what a room does first stands in `onCreate`. */
  constructor(core: RoomCore) {
    this.#core = core;
    this.id = core.id;
    this.kind = core.kind;
  }

  // --- What a game overrides ----------------------------------------------------------------------------------

  /** Makes its tree, before anything else. Default: an empty one. */
  makeMirror(): SceneMirror {
    return new SceneMirror();
  }

  /** Options of its {@link Room.multiplayer}; the clock and what traces and takes errors are given. Default none. */
  multiplayerOptions(): RoomMultiplayerOptions {
    return {};
  }

  /** It begins. Players come when it is done. */
  onCreate(options: Options): void | Promise<void> {
    void options;
  }

  /**
   * Whether a player may come in. Its seat is kept meanwhile, and it is where it was.
   *
   * @returns false refuses; so does what it throws. One who is not answered within {@link Room.authMs} gets a RoomError AUTH_TIMEOUT.
   */
  onAuth(player: Player, options: unknown): boolean | undefined | Promise<boolean | undefined> {
    void player;
    void options;
    return true;
  }

  /** A player is in: RPCs reach it, and what is spawned now it gets. */
  onJoin(player: Player, options: unknown): void | Promise<void> {
    void player;
    void options;
  }

  /** The connection of a player broke. Its seat and its nodes are kept; {@link Room.onReturn} or {@link Room.onLeave} follows. */
  onDrop(player: Player): void | Promise<void> {
    void player;
  }

  /**
   * A player is back, under another `peerId`. Nodes that it owned were despawned and spawned again with it as authority, and it
   * has them.
   */
  onReturn(player: Player, info: ReturnInfo): void | Promise<void> {
    void player;
    void info;
  }

  /** A player is gone: free its nodes here. Those that the player itself has spawned are freed already. */
  onLeave(player: Player, reason: LeaveReason): void | Promise<void> {
    void player;
    void reason;
  }

  /**
   * The node of a cluster stops letting players in, since it cannot prove any more that the room is its own, or lets them in again. Who is in
   * plays on. A game may say so, and write nothing meanwhile that another node could write as well.
   */
  onFenced(isFenced: boolean): void | Promise<void> {
    void isFenced;
  }

  /** A step, before the scripts of the tree have theirs. @param delta its length in seconds, always the same. */
  onStep(delta: number): void {
    void delta;
  }

  /**
   * It goes on at another node: what it has besides its tree, its players and their data. It stands still from now on, until it ends here or goes
   * on because the other node did not take it.
   *
   * @returns plain values and Variants: `null`, booleans, numbers, bigints, strings, arrays, plain objects, Map, Set, and the types of the codec.
   */
  onSnapshot(): unknown {
    return undefined;
  }

  /**
   * It comes from another node: `onCreate` is done, its tree is as it was there, and its players have their seats and are on their way.
   * {@link Room.onReturn} follows for each who arrives.
   *
   * @param state what {@link Room.onSnapshot} gave there; objects have no prototype.
   */
  onRestore(state: unknown): void | Promise<void> {
    void state;
  }

  /**
   * It ends; nobody is in it any more, or it goes on at another node ({@link Room.isMoved}). It is called, too, when `onCreate` has thrown or came too late: what that had taken before, it gives
   * back.
   */
  onDispose(): void | Promise<void> {}

  /**
   * The new name of a node whose owner is back. Default: a node that was named by the old id is named by the new one, as
   * `str(multiplayer.get_unique_id())` asks for; others keep theirs.
   */
  renameReturned(name: string, oldPeerId: number, newPeerId: number): string {
    return name === String(oldPeerId) ? String(newPeerId) : name;
  }

  /**
   * The data of a node that was spawned by `spawn(data)`, for its owner who is back. Default: the old id as such, or as value of an
   * Array or Dictionary, becomes the new one.
   */
  dataReturned(data: VariantInput, oldPeerId: number, newPeerId: number): VariantInput {
    return dataReturned(data, oldPeerId, newPeerId);
  }

  // --- What it has --------------------------------------------------------------------------------------------

  /** The server of all rooms: to make others, find them, list them. */
  get server(): Rooms {
    return this.#core.server;
  }

  /** Its tree. */
  get mirror(): SceneMirror {
    return this.#core.multiplayer.mirror;
  }

  /** Its players' RPCs, spawners and synchronizers. The room polls and closes it. */
  get multiplayer(): SceneMultiplayer {
    return this.#core.multiplayer;
  }

  /** Who is in, those who are away and spectators among them, by their seats, in the order in which they came. */
  get players(): ReadonlyMap<string, Player> {
    return this.#core.players;
  }

  /** Whether a member has the seat of a spectator. */
  isSpectator(player: Player): boolean {
    return this.#core.seats.kindOf(player.seat) === 'spectator';
  }

  /** The member with a connection; `undefined` when there is none: `room.playerOf(multiplayer.getRemoteSenderId())`. */
  playerOf(peerId: number): Player | undefined {
    return this.#core.playerOf(peerId);
  }

  /** The code by which players find it, if it is private; six letters and digits. */
  get code(): string {
    return this.#core.code;
  }

  /** Whether it goes on at another node: it ends here, and nothing of it is over. */
  get isMoved(): boolean {
    return this.#core.isMoved;
  }

  /** Whether nobody gets in without a reservation. */
  get isLocked(): boolean {
    return this.#core.isLocked;
  }

  /** Locks it, or lets players in again. */
  set isLocked(isLocked: boolean) {
    this.#core.isLocked = Boolean(isLocked);
    this.#core.changed();
  }

  /** What lists say of it beside its seats. Default `{}`. */
  get metadata(): RoomMetadata {
    return this.#core.metadata;
  }

  /** @throws TypeError for anything but an object of at most 32 texts, numbers and booleans. */
  set metadata(metadata: RoomMetadata) {
    this.#core.setMetadata(metadata);
  }

  /** Seats that anybody may take. */
  freeSeats(kind: SeatKind = 'player'): number {
    return this.#core.seats.free(kind);
  }

  /** How long its latest 128 ticks took: receiving, steps, scripts and sending. */
  tickTimes(): TickDurations {
    return this.#core.tickTimes.durations();
  }

  /** How late its ticks are. */
  lateness(): Lateness {
    return this.#core.lateness();
  }

  // --- What it does -------------------------------------------------------------------------------------------

  /**
   * Keeps seats for those who are told the name of the reservation, or for players alone.
   *
   * @param options with a `name` of the caller's own a repeated call keeps no more.
   * @returns its name.
   * @throws RoomError ROOM_FULL when there are not so many; RangeError or TypeError for bad options.
   */
  reserve(options: ReserveOptions = {}): string {
    return this.#core.reserve(options);
  }

  /** Gives back what is left of a reservation. @returns whether there was something. */
  cancelReservation(name: string): boolean {
    return this.#core.seats.cancel(name);
  }

  /**
   * Calls a method of a node at every member who speaks Godot's RPCs; those who are away are called when they are back, after they have got
   * all nodes again; who goes to another room before that is not. The arguments may be changed afterwards: what is kept is a copy.
   *
   * @param path of the node. Nothing is called at one that is away if there is no such node when it is back.
   */
  rpcKept(path: string, method: string, ...args: readonly unknown[]): void {
    this.#core.rpcKept(path, method, args);
  }

  /**
   * Sets who handles an event of members who speak the protocol of `ENetServer`, in place of an earlier handler. What it throws goes to
   * `onError` of the server.
   *
   * @throws TypeError for no name or no function.
   */
  onEvent(name: string, handler: (player: Player, payload: ReceivedDictionary) => unknown): void {
    this.#core.events.on(name, handler);
  }

  /**
   * Sends an event to a member who speaks the protocol of `ENetServer`.
   *
   * @param options with `kept` one who is away gets it when it is back, after `room_joined`; it is copied.
   * @returns as `ENetServer.triggerEvent`; ERR_DOES_NOT_EXIST (33) for one who is no member, speaks Godot's RPCs, or is away, if it is
   * not kept.
   */
  sendEvent(player: Player, name: string, payload: EventPayload, options: EventOptions = {}): number {
    return this.#core.sendEvent(player, name, payload, options);
  }

  /** Sends an event to all members who speak the protocol of `ENetServer`: {@link Room.sendEvent}. */
  broadcastEvent(name: string, payload: EventPayload, options: EventOptions = {}): void {
    this.#core.broadcastEvent(name, payload, options);
  }

  /**
   * Sends its tree, and what changes in it, to the members who speak the protocol of `ENetServer`, as `SceneMirror.replicate` does; who leaves
   * is told to free it. Once, e.g. in `onCreate`.
   *
   * @throws Error when it is replicated already, or the server of the rooms has no `events`.
   */
  replicate(options: ReplicationOptions<ENetServerPeer> = {}): void {
    this.#core.events.replicate(this.mirror, options);
  }

  /**
   * Ends it: its players go where newcomers go. Resolves when `onDispose` is done. One that ends itself in `onCreate` does not come to be:
   * `create` rejects with ROOM_FAILED.
   */
  end(): Promise<void> {
    return this.#core.end();
  }
}

/** What {@link Room.reserve} can be told. */
export interface ReserveOptions {
  /** How many, 1..4095. Default 1, or as many as there are `players`. */
  readonly seats?: number | undefined;
  /** For how long, 1..86,400,000 ms. Default 15,000. */
  readonly forMs?: number | undefined;
  /** What they are for. Default `'player'`. */
  readonly as?: SeatKind | undefined;
  /** Who may take them, by id. Default: whoever has the name. */
  readonly players?: readonly string[] | undefined;
  /** The name of the reservation. Default one that nobody can guess. */
  readonly name?: string | undefined;
}

/** Options of the SceneMultiplayer of a room; the room itself gives the rest. */
export type RoomMultiplayerOptions = Omit<
  SceneMultiplayerOptions,
  'mirror' | 'runtime' | 'onTrace' | 'onError' | 'authTimeout' | 'maxAuthBytes'
>;

/** What `onCreate` of a room is given. */
export type RoomOptionsOf<R> = R extends Room<infer Options> ? Options : never;

/** A class that extends {@link Room}. */
export type RoomClass<Options = unknown> = new (core: never) => Room<Options>;
