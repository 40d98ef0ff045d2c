/** Many rooms in one process, behind one set of transports. Our addition; Godot has one game per process. */
import { checkFunctions, checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';
import type { DisconnectCause } from '../enet/index.ts';
import { Tally } from '../enet/internal.ts';
import { type ErrorReporter, MultiplayerPeer, SignalEmitter } from '../godot/index.ts';
import { describe, LivePeers, safeReporter } from '../godot/internal.ts';
import { PLAYER_DIRECTORY_DEFAULTS, type PlayerDirectoryOptions } from '../identity/index.ts';
import { printError, requireRuntime } from '../runtime/internal.ts';
import { ENetServer, type ReceivedDictionary } from '../server/index.ts';
import { SceneConnection } from './connection.ts';
import { EventConnection, EventDoor, type EventPlayersOptions } from './eventDoor.ts';
import { type Authenticate, Front } from './front.ts';
import type { GatedRooms, RoomGate } from './gate.ts';
import type { RoomFilter, RoomListChanges, RoomListing } from './listing.ts';
import type { EnterOptions, Player } from './Player.ts';
import { type Login, Players } from './players.ts';
import type { CreateSettings, LeaveReason, Room, RoomClass, RoomOptionsOf, Rooms } from './Room.ts';
import type { RoomServerParts } from './roomAccess.ts';
import type { RoomCore } from './roomCore.ts';
import { RoomError } from './roomErrors.ts';
import { LeaveReasons, type RoomMetrics, RoomOps } from './roomOps.ts';
import { RoomRefusal } from './roomRefusals.ts';
import { RoomsContext, type RoomsRuntime } from './roomsContext.ts';
import { RoomTable } from './roomTable.ts';
import { Switchboard } from './Switchboard.ts';

/** What the other rooms of this package may do with a RoomServer that nobody else may. */
export interface RoomServerAccess {
  /** Its parts. */
  partsOf(rooms: RoomServer): RoomServerParts;
}

let access!: RoomServerAccess; // Set by the static block of the class, before anybody can ask.

/** What a {@link RoomServer} can be told at creation. */
export interface RoomServerOptions extends PlayerDirectoryOptions {
  /** The server that all players connect to: of ENet, of WebSockets, or a `JoinedMultiplayerPeer` of several. */
  readonly transport: MultiplayerPeer;
  /**
   * Where players go who are in no room: the name of a kind, of which an open room with a free seat is found or made, or a function that
   * says which room. What it throws ends the connection.
   */
  readonly entry: string | ((player: Player) => Room | string | Promise<Room | string>);
  /**
   * Who is who, by what clients send with `send_auth`. Default: nobody is asked, and each connection is a player of its own, who does not
   * come back.
   */
  readonly auth?: Authenticate | undefined;
  /** Players who speak the protocol of `ENetServer`, in the same rooms. Default: there are none. */
  readonly events?: EventPlayersOptions | undefined;
  /** Seconds that authentication may take, above 0. Default 10. */
  readonly authTimeout?: number | undefined;
  /**
   * Seconds that a player may wait until `entry` says which room, and that is made; above 0. Then the connection of one in no room ends.
   * Default 30.
   */
  readonly entryTimeout?: number | undefined;
  /** The most bytes that a connection may send before it is a player. Default 16,384. */
  readonly maxAuthBytes?: number | undefined;
  /** The most rooms at once. Default 1,000. */
  readonly maxRooms?: number | undefined;
  /** Takes one line for everything that is refused or is strange. Default: nobody listens. */
  readonly onTrace?: ((line: string) => void) | undefined;
  /** Takes what rooms, handlers and listeners throw, and where. Default: it is printed to the console, and the other rooms go on. */
  readonly onError?: ErrorReporter | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: RoomsRuntime | undefined;
}

/** A room that was asked for. */
export interface RoomOrder {
  /** Its id. */
  readonly id: string;
  /** Its kind. */
  readonly kind: string;
}

/** The signals of a {@link RoomServer} with their arguments. */
export interface RoomServerSignals {
  /** Somebody has logged in; it is in no room yet. */
  readonly playerJoined: [player: Player];
  /** The connection of a player broke; its seat is kept. */
  readonly playerDropped: [player: Player];
  /** A player is back. */
  readonly playerReturned: [player: Player];
  /** A player is gone for good. */
  readonly playerLeft: [player: Player, reason: LeaveReason];
  /** A room takes players. `tookMs`: since it was asked for. */
  readonly roomOpened: [room: Room, tookMs: number];
  /** A room did not come to be; `create` rejects with `error` as well. `tookMs`: since it was asked for. */
  readonly roomNotMade: [order: RoomOrder, error: unknown, tookMs: number];
  /** A room has ended. */
  readonly roomEnded: [room: Room];
  /** A hook or a step of a room has thrown: it ends. `onError` hears of it, too. */
  readonly roomFailed: [room: Room, error: unknown];
}

/**
 * Rooms for unmodified Godot clients. Each is a class that extends {@link Room}, with a tree, players and steps of its own; players see
 * nothing of other rooms, and go from one to another without connecting again.
 *
 * ```ts
 * const peer = new ENetMultiplayerPeer();
 * peer.createServer(7777);
 * const rooms = new RoomServer({ transport: peer, entry: 'match' });
 * rooms.define('match', Match);
 * rooms.start();
 * ```
 */
export class RoomServer extends SignalEmitter<RoomServerSignals> implements Rooms {
  /** What operators see and may tell. The functions of `godot-enet/ops` use it. */
  readonly ops: RoomOps;
  readonly #live: LivePeers;
  readonly #context: RoomsContext;
  readonly #leaves = new Tally(LeaveReasons);
  readonly #entry: RoomServerOptions['entry'];
  readonly #switchboard: Switchboard;
  readonly #players: Players;
  readonly #front: Front | undefined;
  readonly #eventDoor: EventDoor | undefined;
  /** The connections of stock clients who have logged in. */
  readonly #links = new Map<number, SceneConnection>();
  readonly #table: RoomTable;
  readonly #eventServer: ENetServer | undefined;
  #timer: { cancel(): void } | undefined;
  #pollMs = 0;
  #hurriesUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether {@link RoomServer.start} holds. */
  #isRunning = false;
  /** Whether nothing is polled until the transport, a room or a player wakes it. */
  #isResting = false;
  readonly #woken = (): void => {
    if (!this.#isResting) return;
    this.poll();
    if (this.#isResting) this.#arm();
  };
  #closing: Promise<void> | undefined;
  /** Hears events before rooms do. @returns whether it was meant. */
  #handoffEvents: ((player: Player, name: string, payload: ReceivedDictionary) => boolean) | undefined;
  #isClosed = false;

  static {
    access = {
      partsOf: (rooms) => ({
        context: rooms.#context,
        players: rooms.#players,
        transport: rooms.#switchboard.transport,
        eventServer: rooms.#eventServer,
        hasAuth: rooms.#front !== undefined,
        coreOf: (room) => rooms.#table.coreOf(room),
        cores: () => rooms.#table.cores,
        hasRoom: (id) => rooms.#table.get(id) !== undefined,
        isDefined: (kind) => rooms.#table.isDefined(kind),
        newPeerId: () => rooms.#newPeerId(),
        isPeerIdTaken: (id) => rooms.#isPeerIdTaken(id),
        restore: (kind, id, options, restoring) => rooms.#table.restore(kind, id, options, restoring),
        setTickets: (reader) => {
          if (rooms.#front !== undefined) rooms.#front.tickets = reader;
          if (rooms.#eventDoor !== undefined) rooms.#eventDoor.tickets = reader;
        },
        setEvents: (listener) => {
          rooms.#handoffEvents = listener;
        },
        hurry: (forMs) => rooms.#hurry(forMs),
      }),
    };
  }

  /**
   * @param options the transport is this object's own from now on: do not poll or close it.
   * @throws TypeError or RangeError naming the option.
   */
  constructor(options: RoomServerOptions) {
    checkOptions(options, OPTION_NAMES);
    checkFunctions(options, ['auth', 'onTrace', 'onError']);
    const {
      transport,
      entry,
      auth,
      events,
      authTimeout = 10,
      entryTimeout = 30,
      maxAuthBytes = 16_384,
      maxRooms = 1000,
    } = options;
    if (!(transport instanceof MultiplayerPeer) || !transport.isServer())
      throw new TypeError(`"transport" expected an open server, got ${describe(transport)}`);
    if (typeof entry !== 'function' && (typeof entry !== 'string' || entry === ''))
      throw new TypeError(`"entry" expected the name of a kind or a function, got ${describe(entry)}`);
    for (const [name, seconds] of Object.entries({ authTimeout, entryTimeout }))
      if (!(typeof seconds === 'number' && seconds > 0 && seconds <= 3600))
        throw new RangeError(`"${name}" expected above 0, at most 3600, got ${describe(seconds)}`);
    if (events !== undefined) checkEvents(events);
    checkInteger('maxAuthBytes', maxAuthBytes, 1, 1_048_576);
    checkInteger('maxRooms', maxRooms, 1, 1_000_000);
    const report = safeReporter(options.onError ?? printError);
    super(report, SIGNAL_NAMES);
    this.#entry = entry;
    this.#eventServer = events?.server;
    const runtime = requireRuntime<RoomsRuntime>(options.runtime, 'RoomServer', 'rooms');
    this.#context = new RoomsContext(runtime, report, options.onTrace);
    const context = this.#context;
    // Options that it refuses leave the transport alone.
    this.#players = new Players(
      {
        context,
        coreOf: (room) => this.#table.coreOf(room),
        entryFor: (player) => this.#entryFor(player),
        admits: (core) => this.#table.admits(core?.id),
        hasManyEntries: typeof entry === 'string',
        entryMs: entryTimeout * 1000,
        emit: (signal, player) => this.emitSignal(signal, player),
        emitLeft: (player, reason) => {
          this.#leaves.add(reason);
          this.emitSignal('playerLeft', player, reason);
        },
      },
      directoryOptions(options),
    );
    this.#live = new LivePeers(() => runtime.now(), report);
    this.ops = new RoomOps({
      eventServer: events?.server,
      transport,
      runtime,
      live: this.#live,
      metrics: () => this.metrics(),
    });
    this.#switchboard = new Switchboard(transport, {
      came: (id) => this.#came(id),
      left: (id, cause) => {
        if (this.#front?.lose(id) !== true) this.#ended(id, cause);
        this.#live.left(id, '', cause);
      },
      ended: () => {
        const why = new Error('the transport of the rooms has ended: nobody can connect any more');
        context.report(why, 'transport');
      },
      flooded: (id) => {
        context.refuse('flooded', `peer ${id} sends more than its room looks at, and is disconnected`);
        this.#switchboard.disconnect(id, false);
        this.#ended(id, 'LIMIT');
      },
    });
    const switchboard = this.#switchboard;
    this.#table = new RoomTable(
      {
        server: this,
        context,
        switchboard,
        eventServer: events?.server,
        eventPeerOf: (player) => {
          const link = this.#players.linkOf(player);
          return link instanceof EventConnection ? link.peer : undefined;
        },
        keep: (player, kept) => this.#players.keep(player, kept),
        begins: () => this.#rouse(),
        evict: (core, failure) => this.#players.evict(core, failure),
        emitOpened: (room, tookMs) => this.emitSignal('roomOpened', room, tookMs),
        emitEnded: (room) => this.emitSignal('roomEnded', room),
        emitNotMade: (order, error, tookMs) => this.emitSignal('roomNotMade', order, error, tookMs),
        emitFailed: (room, error) => this.emitSignal('roomFailed', room, error),
      },
      maxRooms,
    );
    this.#front =
      auth &&
      new Front(
        { context, switchboard, login: (id, login) => this.#login(id, login, true) },
        auth,
        authTimeout,
        maxAuthBytes,
      );
    this.#eventDoor =
      events &&
      new EventDoor(
        {
          context,
          newPeerId: () => this.#newPeerId(),
          login: (link, login) => {
            const { address, port } = link.transportPeer();
            const refusal = this.#players.login(link, login, events.login !== undefined);
            this.#rouse();
            if (refusal === undefined) this.#live.authenticated(link.peerId, address, port);
            return refusal;
          },
          ended: (link, cause) => {
            this.#players.ended(link, cause);
            this.#live.left(link.peerId, '', cause);
          },
          event: (link, name, payload) => this.#event(link, name, payload),
          late: (link, name) => this.#lateEvent(link, name),
        },
        events,
      );
  }

  // --- Rooms --------------------------------------------------------------------------------------------------

  /**
   * Says which class rooms of a kind have.
   *
   * @param options for `onCreate` of rooms that are made without any, as `entry` makes them.
   * @throws TypeError for what is no class or no name; RangeError for a kind that is defined already.
   */
  define<Options>(kind: string, roomClass: RoomClass<Options>, options?: Options): this {
    this.#table.define(kind, roomClass, options);
    return this;
  }

  /**
   * Makes a room. It takes players when its `onCreate` is done.
   *
   * @param kind its kind, or its class, if one kind alone has it: then options and room have the types of that.
   * @param options for `onCreate`; default those of `define`.
   * @param settings `id`: one of the caller's own, so that a repeated call gives the same room; default one that is made up. If the last
   * room with that id is ending still, the new one begins when its `onDispose` is done.
   * @throws RoomError (as rejection): KIND_UNKNOWN, ID_TAKEN when the room with that id is of another kind, TOO_MANY_ROOMS, CLOSED, or
   * ROOM_FAILED with what `onCreate` has thrown as `cause`. RangeError or TypeError for bad settings, or a class of several kinds.
   */
  create<R extends Room<never>>(
    kind: new (core: never) => R,
    options?: RoomOptionsOf<R>,
    settings?: CreateSettings,
  ): Promise<R>;
  create(kind: string, options?: unknown, settings?: CreateSettings): Promise<Room>;
  create(
    kind: string | (new (core: never) => Room<never>),
    options?: unknown,
    settings: CreateSettings = {},
  ): Promise<Room<never>> {
    return typeof kind === 'function'
      ? this.#table.createOf(kind, options, settings)
      : this.#table.create(kind, options, settings);
  }

  /** A room by its id; `undefined` when there is none that takes players. */
  get(id: string): Room | undefined {
    const core = this.#table.get(id);
    return core?.isOpen === true ? core.room : undefined;
  }

  /**
   * The room with a code, for a player who has typed it; small letters count as large ones.
   *
   * @throws RoomError ROOM_UNKNOWN, or TOO_MANY_TRIES after 20 codes of this player that were none.
   */
  byCode(player: Player, code: string): Room {
    if (!this.#players.tryCode(player))
      throw new RoomError('TOO_MANY_TRIES', `${player.id} has tried too many codes`);
    const room = this.#table.byCode(code);
    if (room === undefined) throw new RoomError('ROOM_UNKNOWN', 'there is no room with this code');
    this.#players.forgetTry(player);
    return room;
  }

  /** All rooms that take players. */
  get rooms(): Room[] {
    return this.#table.open.map(({ room }) => room);
  }

  /** Rooms that are not private, in the order in which they were made. @throws TypeError or RangeError for what is no filter. */
  list(filter: RoomFilter = {}): RoomListing[] {
    return this.#table.lists.list(filter);
  }

  /**
   * Tells what is in a list now, and what changes in it, at most once per poll.
   *
   * @returns a function that ends it.
   * @throws TypeError or RangeError for what is no filter or no function.
   */
  watchList(filter: RoomFilter, listener: (changes: RoomListChanges) => void): () => void {
    return this.#table.lists.watch(filter, listener);
  }

  /**
   * Lets somebody decide which rooms are made, and whether players come in: the node of a cluster.
   *
   * @throws Error when somebody decides already.
   */
  keepGate(gate: RoomGate): GatedRooms {
    return this.#table.keepGate(gate);
  }

  // --- Players ------------------------------------------------------------------------------------------------

  /** Everybody who has logged in, those who are away among them. */
  get players(): Player[] {
    return this.#players.all();
  }

  /** The player with an id: who is connected, rather than who is away; `undefined` for nobody. */
  player(id: string): Player | undefined {
    const those = this.#players.byId(id);
    return those.findLast((player) => !player.isAway) ?? those.at(-1);
  }

  /** The connection of a player; 0 for one who is away or unknown. */
  peerOf(id: string): number {
    const player = this.player(id);
    return player === undefined || player.isAway ? 0 : player.peerId;
  }

  /** The player of a connection that speaks Godot's RPCs; `undefined` for one that has not logged in. */
  playerOf(peerId: number): Player | undefined {
    const link = this.#links.get(peerId);
    return link && this.#players.byLink(link);
  }

  /**
   * Lets a player into a room: {@link Player.moveTo}.
   *
   * @throws RoomError (as rejection) when it does not get in; it stays where it is then.
   */
  move(player: Player, room: Room | string, options: EnterOptions = {}): Promise<void> {
    return this.#players.enter(player, room, options);
  }

  // --- Time ---------------------------------------------------------------------------------------------------

  /**
   * Moves the network and the rooms, until {@link RoomServer.stop}. While there is neither a room nor a connection nor a player, nothing
   * runs until the transport has something, where it tells of that ({@link MultiplayerPeer.setWakeListener}).
   *
   * @param options `pollHz`: how often the network is looked at otherwise, at least; more often when rooms are due. Default 60.
   * @throws RangeError for another rate.
   */
  start(options: { readonly pollHz?: number | undefined } = {}): void {
    checkOptions(options, START_NAMES);
    const { pollHz = 60 } = options;
    if (!(typeof pollHz === 'number' && pollHz > 0 && pollHz <= 1000))
      throw new RangeError(`"pollHz" expected above 0, at most 1000, got ${describe(pollHz)}`);
    this.stop();
    if (this.#isClosed) return;
    this.#isRunning = true;
    this.#pollMs = 1000 / pollHz;
    // Whoever observes from now on hears of the start with the first poll.
    this.#armTimer();
  }

  /** Stops what {@link RoomServer.start} began. */
  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#setResting(false);
  }

  /** Moves the network, and makes the ticks of rooms that are due. For those who have a loop of their own. */
  poll(): void {
    if (this.#isClosed) return;
    // Observers that were added after the constructor hear of the start, too.
    this.#live.setStarted(true, this.#switchboard.transport.getLocalPort());
    this.#switchboard.poll();
    this.#front?.tick();
    let now = this.#context.now();
    this.#players.expire();
    for (const core of this.#table.cores) {
      // What one takes makes those behind it late.
      if (core.tick(now)) now = this.#context.now();
      if (!core.isOpen) continue;
      core.lookAtFields();
      core.seats.expire(now);
      const { room, emptySince } = core;
      if (core.isSealed || !room.endsWhenEmpty || emptySince === undefined || now - emptySince < room.emptyMs)
        continue;
      if (core.seats.isUnused) void core.end();
    }
    this.#table.tellLists();
    this.#switchboard.flush();
  }

  /** All numbers: those of {@link RoomOps.metrics}. */
  metrics(): RoomMetrics {
    const { present, away, moves, returns } = this.#players.totals();
    const { open: rooms, latePackets, ...late } = this.#table.totals();
    const refusals = new Map(
      Object.values(RoomRefusal).map((reason) => [reason, this.#context.refused(reason)]),
    );
    refusals.set('late', latePackets);
    return {
      isActive: !this.#isClosed && this.#switchboard.isConnected,
      acceptsPeers: this.ops.acceptsPeers,
      isFenced: !this.#table.admits(undefined),
      peers: this.#switchboard.size + (this.#eventDoor?.size ?? 0),
      authenticatedPeers: present,
      rooms,
      away,
      entered: moves,
      returns,
      leaves: this.#leaves.snapshot(),
      ...late,
      refusals,
    };
  }

  /** Ends every room, and the transport. Calling it twice is fine. Resolves when every `onCreate` and `onDispose` is done. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** {@link RoomServer.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  async #close(): Promise<void> {
    this.stop();
    this.#isClosed = true;
    for (const player of this.#players.all()) player.kick();
    const ended = this.#table.close();
    this.#front?.close();
    this.#eventDoor?.close();
    this.#switchboard.flush();
    const { transport } = this.#switchboard;
    this.#switchboard.close();
    transport.close();
    this.#live.setStarted(false, 0, 'SHUTDOWN');
    // One that hangs holds no port.
    await ended;
  }

  #came(id: number): void {
    const { address = '', port = 0 } = this.#switchboard.transport.transportPeer(id) ?? {};
    this.#live.came(id, address, port);
    if (this.#front !== undefined) {
      this.#front.add(id);
      return;
    }
    const why = this.#login(id, { player: this.#context.newGuest() }, false);
    if (why === undefined) return;
    this.#context.refuse('login', `peer ${id} is refused: ${why}`);
    this.#switchboard.disconnect(id, false);
  }

  /** @param canReturn whether it can log in as the same player again. @returns why not. */
  #login(id: number, login: Login, canReturn: boolean): string | undefined {
    const link = new SceneConnection(id, this.#switchboard);
    this.#links.set(id, link);
    const refusal = this.#players.login(link, login, canReturn);
    if (refusal === undefined) this.#live.authenticated(id);
    else this.#links.delete(id);
    return refusal;
  }

  #ended(id: number, cause: DisconnectCause | undefined): void {
    const link = this.#links.get(id);
    this.#links.delete(id);
    if (link !== undefined) this.#players.ended(link, cause);
  }

  #event(link: EventConnection, name: string, payload: ReceivedDictionary): void {
    const { player, core } = this.#placeOf(link);
    if (player !== undefined && this.#handoffEvents?.(player, name, payload) === true) return;
    if (player === undefined || core?.events.receive(player, name, payload) !== true)
      this.#context.refuse(
        'unhandled-event',
        `nobody handles the event ${describe(name)} of ${player?.id ?? 'nobody'}`,
      );
  }

  #lateEvent(link: EventConnection, name: string): void {
    const { player, core } = this.#placeOf(link);
    if (core !== undefined) core.lateEvents++;
    this.#context.trace(`the event ${describe(name)} of ${player?.id ?? 'nobody'} was for the room before`);
  }

  #placeOf(link: EventConnection): {
    readonly player: Player | undefined;
    readonly core: RoomCore | undefined;
  } {
    const player = this.#players.byLink(link);
    return { player, core: player?.room && this.#table.get(player.room.id) };
  }

  /** An id that no peer has, for players whose protocol has none of Godot's. */
  #newPeerId(): number {
    for (;;) {
      const id = this.#context.runtime.random32() >>> 1;
      if (id > 1 && !this.#isPeerIdTaken(id)) return id;
    }
  }

  #isPeerIdTaken(id: number): boolean {
    return this.#switchboard.has(id) || this.#players.hasPeerId(id);
  }

  async #entryFor(player: Player): Promise<RoomCore> {
    if (this.#isClosed) throw new RoomError('CLOSED', 'the server of the rooms is closed');
    const entry = this.#entry;
    return typeof entry === 'function'
      ? this.#table.coreOf(await entry(player))
      : await this.#table.freeOf(entry);
  }

  #hurry(forMs: number): void {
    this.#hurriesUntilMs = Math.max(this.#hurriesUntilMs, this.#context.now() + forMs);
    if (!this.#isRunning || (this.#timer === undefined && !this.#isResting)) return;
    this.#timer?.cancel();
    this.#arm();
  }

  /** Something begins while nothing was polled. */
  #rouse(): void {
    if (this.#isResting) this.#arm();
  }

  /** Whether nothing can happen but what comes over the transport. */
  get #isQuiet(): boolean {
    return (
      this.#context.now() >= this.#hurriesUntilMs &&
      this.#switchboard.size === 0 &&
      this.#players.isEmpty &&
      this.#table.isEmpty
    );
  }

  #setResting(rests: boolean): void {
    if (this.#isResting && !rests) this.#switchboard.transport.setWakeListener(undefined);
    this.#isResting = rests;
  }

  #arm(): void {
    this.#setResting(this.#isQuiet && this.#switchboard.transport.setWakeListener(this.#woken));
    if (!this.#isResting) this.#armTimer();
  }

  #armTimer(): void {
    const now = this.#context.now();
    const pollMs = now < this.#hurriesUntilMs ? Math.min(this.#pollMs, HURRY_MS) : this.#pollMs;
    const delayMs = Math.max(1, Math.min(pollMs, this.#table.untilNext(now)));
    this.#timer = this.#context.runtime.startTimer(delayMs, () => {
      this.#timer = undefined;
      this.poll();
      // Somebody may have stopped it, or started it anew.
      if (this.#isRunning && this.#timer === undefined) this.#arm();
    });
  }
}

/** See {@link RoomServerAccess}. */
export const roomServerAccess: RoomServerAccess = access;

/** @throws TypeError */
function checkEvents(events: EventPlayersOptions): void {
  checkOptions(events, EVENT_NAMES, 'events');
  if (!(events.server instanceof ENetServer))
    throw new TypeError(`"events.server" expected an ENetServer, got ${describe(events.server)}`);
  checkFunctions(events, ['login']);
}

function directoryOptions(options: RoomServerOptions): PlayerDirectoryOptions {
  const names = Object.keys(PLAYER_DIRECTORY_DEFAULTS) as (keyof PlayerDirectoryOptions)[];
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

/** Between two looks at the network while somebody waits for each. */
const HURRY_MS = 2;
const START_NAMES: OptionNames<{ pollHz?: number }> = { pollHz: true };
const EVENT_NAMES: OptionNames<EventPlayersOptions> = { server: true, login: true };
const SIGNAL_NAMES: OptionNames<RoomServerSignals> = {
  playerJoined: true,
  playerDropped: true,
  playerReturned: true,
  playerLeft: true,
  roomOpened: true,
  roomNotMade: true,
  roomEnded: true,
  roomFailed: true,
};
const OPTION_NAMES: OptionNames<RoomServerOptions> = {
  transport: true,
  entry: true,
  auth: true,
  events: EVENT_NAMES,
  authTimeout: true,
  entryTimeout: true,
  maxAuthBytes: true,
  maxRooms: true,
  onTrace: true,
  onError: true,
  runtime: true,
  secondLogin: true,
  graceMs: true,
  maxAway: true,
  maxSeatsPerPlayer: true,
  maxIdLength: true,
  maxKeptEvents: true,
  maxKeptBytes: true,
  maxKeptBytesInAll: true,
};
