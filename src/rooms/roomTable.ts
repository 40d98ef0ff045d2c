/** The rooms of a RoomServer: of which kinds they are, how one begins, is found, fails and ends. */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { describe } from '../godot/internal.ts';
import { SharedNetIds, sceneMultiplayerAccess } from '../multiplayer/internal.ts';
import type { GatedRooms, RoomGate } from './gate.ts';
import type { Player } from './Player.ts';
import type { CreateSettings, Room, RoomClass } from './Room.ts';
import { RoomCore, type RoomOwner } from './roomCore.ts';
import { RoomError } from './roomErrors.ts';
import { RoomLists } from './roomLists.ts';

/** What the table needs of its server. */
export interface RoomTableOwner
  extends Pick<RoomOwner, 'server' | 'context' | 'switchboard' | 'eventServer' | 'eventPeerOf' | 'keep'> {
  /** A room begins: time goes on from now on. */
  begins(): void;
  /** A room ends: its players go where newcomers go. @param failed what has thrown, if that is why. */
  evict(core: RoomCore, failed: RoomFailure | undefined): void;
  /** Tells that a room takes players. */
  emitOpened(room: Room, tookMs: number): void;
  /** Tells that a room did not come to be. */
  emitNotMade(order: { readonly id: string; readonly kind: string }, error: unknown, tookMs: number): void;
  /** Tells that a room has ended. */
  emitEnded(room: Room): void;
  /** Tells that a room ends because of an error. */
  emitFailed(room: Room, error: unknown): void;
}

/** Why a room fails. */
export interface RoomFailure {
  /** The player in whose hook it was; `undefined`: in no such hook. */
  readonly player: Player | undefined;
}

/** How a room is made that was one elsewhere. */
export interface RoomRestoring {
  /** `Room.code`. */
  readonly code: string;
  /** Is called when `onCreate` is done; the room opens when it is done itself. What it throws ends the room. */
  restore(core: RoomCore): Promise<void>;
}

/** A room that has not begun yet. */
interface Creating {
  readonly kind: string;
  /** Whether it was one elsewhere: nobody who looks for a room of its kind waits for it. */
  readonly isRestored: boolean;
  readonly made: Promise<Room>;
}

/** The rooms. */
export class RoomTable {
  readonly lists: RoomLists;
  readonly #owner: RoomTableOwner;
  readonly #maxRooms: number;
  /** What each room has of this. */
  readonly #roomOwner: RoomOwner;
  readonly #kinds = new Map<string, { readonly roomClass: RoomClass<never>; readonly options: unknown }>();
  readonly #cores = new Map<string, RoomCore>();
  readonly #creating = new Map<string, Creating>();
  /** By kind, the rooms that are being made for those who are in none. */
  readonly #entries = new Map<string, Promise<Room>>();
  readonly #ends = new Map<RoomCore, Promise<void>>();
  #gate: RoomGate | undefined;
  #isClosed = false;
  #failedRooms = 0;
  /** Of rooms that have ended. */
  #lateBefore = 0;
  #skippedBefore = 0;

  constructor(owner: RoomTableOwner, maxRooms: number) {
    this.#owner = owner;
    this.#maxRooms = maxRooms;
    this.lists = new RoomLists(this.#cores, owner.context);
    this.#roomOwner = {
      ...owner,
      netIds: new SharedNetIds((id) => this.#isNetIdUsed(id)),
      changed: ({ id }) => this.lists.changed(id),
      failed: (core, error, where, player) => this.#failed(core, error, where, player),
      end: (core) => this.#end(core, undefined),
      admits: ({ id }) => this.admits(id),
    };
  }

  /** Says which class rooms of a kind have. @throws TypeError or RangeError. */
  define(kind: string, roomClass: RoomClass<never>, options: unknown): void {
    if (typeof kind !== 'string' || kind === '')
      throw new TypeError(`"kind" expected a name, got ${describe(kind)}`);
    if (typeof roomClass !== 'function')
      throw new TypeError(`"roomClass" expected a class that extends Room, got ${describe(roomClass)}`);
    if (this.#kinds.has(kind)) throw new RangeError(`"kind" ${describe(kind)} is defined already`);
    this.#kinds.set(kind, { roomClass, options });
  }

  /** Lets somebody decide which rooms are made, and whether players come in. @throws Error when somebody decides already. */
  keepGate(gate: RoomGate): GatedRooms {
    if (this.#gate !== undefined) throw new Error('the rooms belong to a node already');
    this.#gate = gate;
    return {
      facts: (id) => this.#cores.get(id)?.facts(),
      fence: (isFenced) => {
        for (const core of this.open) if (core.isOpen) core.call('onFenced', isFenced);
      },
      making: (id) => this.#creating.get(id)?.made,
    };
  }

  /** Whether somebody may come in now: into a room, or at all. */
  admits(id: string | undefined): boolean {
    return this.#gate?.admits(id) ?? true;
  }

  /** Tells lists what has changed. */
  tellLists(): void {
    const ids = this.lists.takeChanged();
    if (ids.length === 0) return;
    this.#gate?.changed(new Map(ids.map((id) => [id, this.#cores.get(id)?.facts()])));
    this.lists.tell(ids);
  }

  // --- Making -------------------------------------------------------------------------------------------------

  /** Makes a room of a class. @throws (as rejection) as {@link RoomTable.create}; RangeError for a class of several kinds. */
  async createOf<R extends Room<never>>(
    roomClass: new (core: never) => R,
    options: unknown,
    settings: CreateSettings,
  ): Promise<R> {
    const kinds = [...this.#kinds].filter(([, kind]) => kind.roomClass === roomClass).map(([name]) => name);
    const [kind] = kinds;
    if (kind === undefined)
      throw new RoomError('KIND_UNKNOWN', `no kind of room has the class ${roomClass.name}`);
    if (kinds.length > 1)
      throw new RangeError(
        `"kind" expected a name: ${roomClass.name} is the class of ${kinds.join(' and ')}`,
      );
    const room: unknown = await this.create(kind, options, settings);
    if (!(room instanceof roomClass)) throw new TypeError(`"roomClass" expected to make a ${roomClass.name}`);
    return room;
  }

  /** Makes a room, or gives the one with this id. @throws (as rejection) RoomError, RangeError for a bad id. */
  async create(kind: string, options: unknown, settings: CreateSettings): Promise<Room> {
    checkOptions(settings, CREATE_NAMES);
    const { id = this.#owner.context.newSecret().slice(0, 16) } = settings;
    if (typeof id !== 'string' || id.length < 1 || id.length > MOST_ID)
      throw new RangeError(`"id" expected 1..${MOST_ID} characters, got ${describe(id)}`);
    const known = this.#cores.get(id);
    const creating = this.#creating.get(id);
    const knownKind = known?.kind ?? creating?.kind ?? kind;
    if (knownKind !== kind)
      throw new RoomError('ID_TAKEN', `room ${id} is a ${knownKind}, and no ${describe(kind)}`);
    if (known?.isOpen === true) return known.room;
    return creating?.made ?? this.#creation(kind, id, options);
  }

  /** Makes a room that was one elsewhere. @throws (as rejection) RoomError. */
  async restore(kind: string, id: string, options: unknown, restoring: RoomRestoring): Promise<Room> {
    if (this.#cores.has(id) || this.#creating.has(id))
      throw new RoomError('ID_TAKEN', `there is a room ${id} already`);
    return this.#creation(kind, id, options, restoring);
  }

  /** Whether there are rooms of a kind. */
  isDefined(kind: string): boolean {
    return this.#kinds.has(kind);
  }

  // --- Finding ------------------------------------------------------------------------------------------------

  /** All, those that begin and have not ended. */
  get cores(): RoomCore[] {
    return [...this.#cores.values()];
  }

  /** Those that take players. */
  get open(): RoomCore[] {
    return this.cores.filter(({ isOpen }) => isOpen);
  }

  /** Whether there is no room, and nothing to tell of one. */
  get isEmpty(): boolean {
    return this.#cores.size === 0 && !this.lists.hasChanged;
  }

  /** Milliseconds until the next tick of any. */
  untilNext(now: number): number {
    let leastMs = Number.POSITIVE_INFINITY;
    for (const core of this.#cores.values()) leastMs = Math.min(leastMs, core.untilNext(now));
    return leastMs;
  }

  /** The room with an id, also one that begins. */
  get(id: string): RoomCore | undefined {
    return this.#cores.get(id);
  }

  /** The room that is meant. @throws RoomError ROOM_UNKNOWN. */
  coreOf(room: Room | string): RoomCore {
    const id = typeof room === 'string' ? room : room?.id;
    const core = this.#cores.get(id);
    if (core === undefined || (typeof room !== 'string' && core.room !== room))
      throw new RoomError('ROOM_UNKNOWN', `there is no room ${describe(id)}`);
    return core;
  }

  /** The room with a code. */
  byCode(code: string): Room | undefined {
    const wanted = typeof code === 'string' && code.length < MOST_ID ? code.toUpperCase() : '';
    return this.open.find((core) => core.code === wanted)?.room;
  }

  /** A room of a kind into which anybody may go; made when there is none. */
  async freeOf(kind: string): Promise<RoomCore> {
    for (;;) {
      for (const core of this.#cores.values())
        if (
          core.kind === kind &&
          core.isOpen &&
          !core.isLocked &&
          !core.isSealed &&
          !core.room.isPrivate &&
          core.seats.free('player') > 0
        )
          return core;
      const own = this.#entries.get(kind);
      if (own !== undefined) return this.coreOf(await own);
      const ofOthers = [...this.#creating.values()].find((one) => one.kind === kind && !one.isRestored);
      if (ofOthers === undefined) return this.coreOf(await this.#createEntry(kind));
      // It may turn out to be private, or not come about: that is for whoever makes it to hear.
      await Promise.allSettled([ofOthers.made]);
    }
  }

  // --- Ending -------------------------------------------------------------------------------------------------

  /** No room begins any more, and all end. Resolves when every `onCreate` and `onDispose` is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const core of this.open) void this.#end(core, undefined);
    await Promise.allSettled([...this.#creating.values()].map(({ made }) => made));
    // Those that were ending already, too.
    await Promise.all(this.#ends.values());
  }

  /** What all rooms, also those that have ended, were late with. */
  totals(): {
    readonly open: number;
    readonly failedRooms: number;
    readonly latePackets: number;
    readonly lateP99Ms: number;
    readonly skippedTicks: number;
  } {
    const { open } = this;
    let [latePackets, lateP99Ms, skippedTicks] = [this.#lateBefore, 0, this.#skippedBefore];
    for (const core of open) {
      const late = core.loopTotals();
      latePackets += core.latePackets;
      lateP99Ms = Math.max(lateP99Ms, late.p99Ms);
      skippedTicks += late.skippedTicks;
    }
    return { open: open.length, failedRooms: this.#failedRooms, latePackets, lateP99Ms, skippedTicks };
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  /** Those who come at once share the first one. */
  #createEntry(kind: string): Promise<Room> {
    const made = this.create(kind, undefined, {});
    this.#entries.set(kind, made);
    const done = (): boolean => this.#entries.delete(kind);
    made.then(done, done);
    return made;
  }

  #creation(kind: string, id: string, options: unknown, restoring?: RoomRestoring): Promise<Room> {
    const { context } = this.#owner;
    const sinceMs = context.now();
    const made = this.#create(kind, id, options, sinceMs, restoring);
    this.#creating.set(id, { kind, isRestored: restoring !== undefined, made });
    const done = (): boolean => this.#creating.delete(id);
    made.then(done, (error: unknown) => {
      done();
      this.#owner.emitNotMade({ id, kind }, error, context.now() - sinceMs);
    });
    return made;
  }

  async #create(
    kind: string,
    id: string,
    options: unknown,
    sinceMs: number,
    restoring: RoomRestoring | undefined,
  ): Promise<Room> {
    const defined = this.#kinds.get(kind);
    const checkOpen = (): void => {
      if (this.#isClosed) throw new RoomError('CLOSED', 'the server of the rooms is closed');
    };
    // Of two under one id the later begins with what the earlier has left.
    for (const [ending, end] of this.#ends) if (ending.id === id) await end;
    checkOpen();
    if (defined === undefined)
      throw new RoomError('KIND_UNKNOWN', `there are no rooms of the kind ${describe(kind)}`);
    if (this.#cores.size >= this.#maxRooms)
      throw new RoomError('TOO_MANY_ROOMS', `there are ${this.#cores.size} rooms already`);
    const core = new RoomCore(this.#roomOwner, id, kind, restoring?.code ?? this.#newCode(), options);
    this.#cores.set(id, core);
    this.#owner.begins();
    try {
      // What was a room elsewhere has a key, which is claimed last.
      if (restoring === undefined) await this.#gate?.claim(id, kind);
    } catch (error) {
      this.#cores.delete(id);
      core.close();
      throw error;
    }
    let hasBegun = false;
    try {
      checkOpen();
      const room = new (defined.roomClass as unknown as new (core: RoomCore) => Room)(core);
      core.begin(room);
      hasBegun = true;
      await room.onCreate(options ?? defined.options);
      await restoring?.restore(core);
      checkOpen();
      if (core.isUnwanted) throw new RoomError('ROOM_FAILED', `room ${id} has ended itself before it began`);
      core.open();
      this.lists.changed(id);
      this.#owner.emitOpened(room, this.#owner.context.now() - sinceMs);
      return room;
    } catch (error) {
      this.#cores.delete(id);
      core.stage = 'ending';
      // What it had taken before it threw it has to give back.
      this.#finish(core, this.#dispose(core, hasBegun));
      if (error instanceof RoomError) throw error;
      throw new RoomError('ROOM_FAILED', `room ${id} cannot begin: ${String(error)}`, { cause: error });
    }
  }

  #failed(core: RoomCore, error: unknown, where: string, player: Player | undefined): void {
    if (!core.hasFailed) this.#failedRooms++;
    core.hasFailed = true;
    this.#owner.context.report(error, where);
    if (!core.isOpen) return;
    this.#owner.emitFailed(core.room, error);
    void this.#end(core, { player });
  }

  /** Ends a room. @returns what is done when `onDispose` is, also for one that is ending. */
  #end(core: RoomCore, failure: RoomFailure | undefined): Promise<void> {
    if (core.isOpen) {
      core.stage = 'ending';
      this.#cores.delete(core.id);
      this.lists.changed(core.id);
      this.#finish(core, this.#empty(core, failure));
    } else if (core.stage === 'creating') core.isUnwanted = true;
    return this.#ends.get(core) ?? Promise.resolve();
  }

  #finish(core: RoomCore, end: Promise<void>): void {
    this.#ends.set(core, end);
    void end.then(() => this.#ends.delete(core));
  }

  async #empty(core: RoomCore, failure: RoomFailure | undefined): Promise<void> {
    this.#owner.evict(core, failure);
    this.#lateBefore += core.latePackets;
    this.#skippedBefore += core.loopTotals().skippedTicks;
    await this.#dispose(core, true);
    this.#owner.emitEnded(core.room);
  }

  /** @param hasBegun whether it was asked to begin. */
  async #dispose(core: RoomCore, hasBegun: boolean): Promise<void> {
    try {
      if (hasBegun) await core.room.onDispose();
    } catch (error) {
      this.#owner.context.report(error, `onDispose of room ${core.id}`);
    }
    core.close();
    this.#gate?.release(core.id);
  }

  #newCode(): string {
    for (;;) {
      const code = this.#owner.context.newCode();
      if (!this.cores.some((core) => core.code === code)) return code;
    }
  }

  #isNetIdUsed(id: number): boolean {
    for (const core of this.#cores.values())
      if (core.stage !== 'creating' && sceneMultiplayerAccess.isNetIdUsed(core.multiplayer, id)) return true;
    return false;
  }
}

const MOST_ID = 128;
const CREATE_NAMES: OptionNames<CreateSettings> = { id: true };
