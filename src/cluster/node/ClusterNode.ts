/** A process with rooms, as one of many. */
import { checkInteger, checkOptions, describe, type OptionNames } from '../../../options/internal.ts';
import { type ErrorReporter, SignalEmitter } from '../../godot/index.ts';
import { callGuarded, safeReporter } from '../../godot/internal.ts';
import type { GatedRooms, ReserveOptions, RoomFilter, RoomServer } from '../../rooms/index.ts';
import type { Timer } from '../../runtime/index.ts';
import { requireRuntime } from '../../runtime/internal.ts';
import type { BusListener, ClusterBus, Unsubscribe } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import { Clock, type ClusterRuntime } from '../clock.ts';
import type { Lease } from '../Lease.ts';
import { ClusterError } from './clusterErrors.ts';
import { type ClusterMetrics, ClusterOps, type MatchmakingState } from './clusterOps.ts';
import type { ClusterPayload } from './frames.ts';
import type { NodeInside } from './inside.ts';
import { NodeList } from './NodeList.ts';
import { isTable, type NodeFacts, type OwnFacts, writeFacts } from './nodeFacts.ts';
import { type ClusterNodeOptions, checkNodeOptions } from './nodeOptions.ts';
import { checkPlacement, type Placement } from './placement.ts';
import { Requests } from './Requests.ts';
import {
  type ClusterReservation,
  type ClusterReserveOptions,
  RoomCalls,
  readOrder,
  readReserve,
} from './RoomCalls.ts';
import { RoomList } from './RoomList.ts';
import { RoomRecords } from './RoomRecords.ts';
import { RootKeeper } from './RootKeeper.ts';
import { type ClusterRoom, type RoomPlace, roomKey } from './roomRecord.ts';

/** What the other folders of this room may do with a node that nobody else may. */
export interface ClusterNodeAccess {
  /** Where clients reach it. */
  addressesOf(node: ClusterNode): Readonly<Record<string, string>>;
  /** As `request`, also by names that begin with `#`. */
  ask(node: ClusterNode, to: string, name: string, payload: Uint8Array, timeoutMs: number): Promise<unknown>;
  /** As `onRequest`, also for names that begin with `#`. */
  handle(node: ClusterNode, name: string, handler: (payload: unknown) => unknown): void;
  /** The claims of its rooms. */
  records(node: ClusterNode): RoomRecords;
  /** Looks which nodes there are. @throws BusError (as rejection) DOWN */
  refresh(node: ClusterNode): Promise<void>;
  /** What the nodes share. */
  bus(node: ClusterNode): ClusterBus;
}

let access!: ClusterNodeAccess; // Set by the static block of the class, before anybody can ask.

/** The signals of a {@link ClusterNode} with their arguments. */
export interface ClusterNodeSignals {
  /** Another node is there, or this one. */
  readonly nodeJoined: [node: NodeFacts];
  /** A node is gone. */
  readonly nodeLeft: [node: NodeFacts];
  /** The node cannot prove its lease: nobody comes in any more. Who is in plays on. */
  readonly fenced: [];
  /** The node is sure of its lease again. */
  readonly unfenced: [];
  /** Somebody has ended the lease of the node. What becomes of its rooms says `onLeaseLost`. */
  readonly leaseLost: [];
  /** Another node has a room of this id, or the lease was lost: the room here ends. */
  readonly roomLost: [roomId: string];
}

/** How a room of a cluster is made. */
export interface ClusterCreateSettings {
  /** One of the caller's own, 1..128 printable ASCII characters, so that a repeated call gives the same room. Default one that is made up. */
  readonly id?: string | undefined;
  /** On which node: `'here'`, or what a placement says. Default: the one with the least load. */
  readonly on?: 'here' | Placement | undefined;
  /** Seats that are kept from the beginning; with a `name` of the caller's own, a repeated call keeps no more. */
  readonly reserve?: ReserveOptions | undefined;
  /** How long it may take, in ms, 1..600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** How something is asked of another node. */
export interface ClusterCallOptions {
  /** How long it may take, in ms, 1..600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A process with rooms, as one of many: rooms have one owner in the whole cluster, are found from everywhere, and are made where there is
 * place.
 *
 * ```ts
 * await using node = new ClusterNode({ bus, rooms, addresses: { enet: 'a.example.com:7777' } });
 * await node.start();
 * const place = await node.create('match', { map: 'forest' }, { id: 'match-1' });
 * const { name } = await node.reserve(place.roomId, { players: ['ann', 'bob'] });
 * ```
 *
 * **Who is let in.** Each room, made by whomever, is claimed before it begins, and lets somebody in only while the node can prove that claim
 * by its own clock: it is asked at every login, entry and reservation, so that a process that stood still lets nobody in when it wakes. Who
 * is in plays on meanwhile.
 */
export class ClusterNode extends SignalEmitter<ClusterNodeSignals> {
  /** Its name among all nodes. */
  readonly id: string;
  /** The rooms of this process. */
  readonly rooms: RoomServer;
  /** What operators see and may tell. The functions of `godot-enet/ops` use it. */
  readonly ops: ClusterOps;
  /** @internal For what builds on a node. */
  readonly inside: NodeInside;
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #report: ErrorReporter;
  readonly #options: ClusterNodeOptions;
  readonly #gated: GatedRooms;
  readonly #root: RootKeeper;
  readonly #records: RoomRecords;
  readonly #requests: Requests;
  readonly #nodes: NodeList;
  readonly #list: RoomList;
  readonly #calls: RoomCalls;
  readonly #leases = new Set<Lease>();
  readonly #ends = new Set<Unsubscribe>();
  readonly #matchmakings = new Set<() => MatchmakingState>();
  readonly #counts = { fences: 0, leasesLost: 0, roomsLost: 0 };
  #state: 'new' | 'starting' | 'running' | 'closed' = 'new';
  #isDraining = false;
  #lookedMs = 0;
  /** From when on a node that is not on record is gone: after an outage others are about to renew, or to put themselves back. */
  #wholeFromMs = Number.NEGATIVE_INFINITY;
  #nodesTimer: Timer | undefined;
  #closing: Promise<void> | undefined;

  static {
    access = {
      addressesOf: (node) => node.#options.addresses ?? {},
      ask: (node, to, name, payload, timeoutMs) => {
        node.#checkRunning();
        return node.#ask(to, name, payload, timeoutMs);
      },
      handle: (node, name, handler) => node.#requests.handle(name, handler),
      records: (node) => node.#records,
      refresh: (node) => node.#nodes.refresh(),
      bus: (node) => node.#bus,
    };
  }

  /**
   * @param options `rooms` lets nobody in before {@link ClusterNode.start}.
   * @throws TypeError or RangeError naming the option; Error when the rooms belong to a node already.
   */
  constructor(options: ClusterNodeOptions) {
    checkNodeOptions(options);
    const report = safeReporter(options.onError ?? tell);
    super(report, SIGNAL_NAMES);
    const { bus, rooms } = options;
    this.#options = options;
    this.#report = report;
    this.#bus = bus;
    this.rooms = rooms;
    this.#clock = new Clock(requireRuntime<ClusterRuntime>(options.runtime, 'ClusterNode', 'cluster'));
    this.id = options.id ?? this.#clock.newId();
    this.#nodes = new NodeList(bus, {
      isWhole: (records) =>
        records.some(({ key, epoch }) => key === `node/${this.id}` && epoch === this.#root.root?.epoch) &&
        this.#clock.now() >= this.#wholeFromMs,
      joined: (node) => this.emitSignal('nodeJoined', node),
      left: (node) => {
        this.#requests.gone(inboxOf(node));
        this.#list.stale();
        this.emitSignal('nodeLeft', node);
      },
    });
    this.#requests = new Requests(bus, this.#clock, {
      report,
      strange: (error, where) => this.#strange(error, where),
    });
    this.#root = new RootKeeper(bus, this.#clock, `node/${this.id}`, {
      value: () => writeFacts(this.#ownFacts()),
      claimed: (root) => {
        this.#listen(root.epoch);
        this.#records.heal();
      },
      restore: (root) => {
        this.#expectOthers(bus.leaseMs);
        return this.#records.restore(root, this.#leases, true);
      },
      renewed: () => void this.#renewed(),
      sure: (isSure) => {
        if (!isSure && this.#state !== 'closed') this.#counts.fences++;
        this.#gated.fence(!isSure);
        this.emitSignal(isSure ? 'unfenced' : 'fenced');
      },
      lost: () => this.#lost(),
      report,
    });
    const root = this.#root;
    this.#records = new RoomRecords(bus, this.#clock, {
      get root() {
        return root.root;
      },
      facts: (id) => this.#gated.facts(id),
      lost: (id) => this.#loseRoom(id),
      told: (id, value, epoch) => this.#list.tell(id, value, epoch),
      report,
    });
    const addressesOf = (id: string): Readonly<Record<string, string>> =>
      (id === this.id ? this.#options.addresses : this.#nodes.get(id)?.addresses) ?? {};
    this.#list = new RoomList(bus, this.#clock, {
      node: this.id,
      addressesOf,
      knowNodes: async (records) => {
        if (records.some(({ root, rootEpoch }) => !this.#isKnown(root, rootEpoch)))
          await this.#nodes.refresh();
      },
    });
    this.#calls = new RoomCalls(bus, this.#clock, {
      id: this.id,
      rooms,
      nodes: () => this.nodes(),
      making: (id) => this.#gated.making(id),
      listed: (id) => this.#records.opened(id),
      epochOf: (id) => this.#records.epochOf(id),
      addressesOf,
      knowNode: async (id, epoch) => {
        if (!this.#isKnown(`node/${id}`, epoch)) await this.#nodes.refresh();
      },
      lookForNodes: () => this.#nodes.refresh(),
      expect: (id, players) => this.#nodes.expect(id, players),
      ask: (id, name, payload, timeoutMs) => this.#ask(id, name, payload, timeoutMs),
    });
    this.#requests.handle('#create', (payload) => this.#calls.createHere(readOrder(payload)));
    this.#requests.handle('#reserve', (payload) => {
      if (!isTable(payload) || typeof payload['id'] !== 'string')
        throw new TypeError('a node asks for seats of no room');
      return this.#calls.reserveHere(payload['id'], readReserve(payload['options']));
    });
    const clock = this.#clock;
    this.inside = {
      id: this.id,
      bus,
      clock,
      calls: this.#calls,
      get root() {
        return root.root;
      },
      leases: this.#leases,
      ask: (id, name, payload, timeoutMs) => this.#ask(id, name, payload, timeoutMs),
      handle: (name, handler) => this.#requests.handle(name, handler),
      show: (state) => {
        this.#matchmakings.add(state);
        return () => this.#matchmakings.delete(state);
      },
      onClose: (end) => void this.#ends.add(end),
      checkRunning: () => this.#checkRunning(),
      wait: (ms) => new Promise((resolve) => void clock.runtime.startTimer(ms, resolve)),
      bar: (roomId, value, forMs) => this.#records.bar(roomId, value, forMs),
      report,
      strange: (error, where) => this.#strange(error, where),
    };
    this.ops = new ClusterOps({
      id: this.id,
      engine: bus.engine,
      rooms,
      metrics: () => this.metrics(),
      nodes: () => this.nodes(),
      allRooms: async () => {
        this.#checkRunning();
        return this.#list.all();
      },
      matchmakings: () => [...this.#matchmakings].map((state) => state()),
      tellSoon: () => this.#tellSoon(),
    });
    this.#gated = rooms.keepGate({
      admits: (roomId) => (roomId === undefined ? this.#root.isHeld : this.#records.isHeld(roomId)),
      claim: (id) => this.#records.claim(id),
      release: (id) => this.#records.release(id),
      changed: (changes) => {
        for (const id of changes.keys()) this.#records.changed(id);
      },
    });
  }

  // --- Its life -----------------------------------------------------------------------------------------------

  /**
   * Joins the cluster. While an earlier process with this id has its lease, or the bus is away, it tries again, for three leases.
   *
   * @throws BusError (as rejection) why it could not; ClusterError NOT_RUNNING when it was started before, and when it is closed meanwhile.
   */
  async start(): Promise<void> {
    if (this.#state !== 'new') throw new ClusterError('NOT_RUNNING', 'a node is started once');
    this.#state = 'starting';
    await this.#root.start();
    await this.#requests.ensure();
    // Those that were made before there was a node.
    for (const { id } of this.rooms.rooms) await this.#adopt(id);
    await this.#hear(NODES_TOPIC, () => void this.#refreshNodes());
    this.#ends.add(
      this.#bus.onState((isUp) => {
        if (isUp) this.#expectOthers(this.#bus.leaseMs / 2);
      }),
    );
    await this.#nodes.refresh();
    this.#checkOpen();
    this.#announce();
    this.#state = 'running';
    this.#watchNodes();
  }

  /**
   * Ends its rooms with their `RoomServer`, waits for their `onDispose`, and leaves the cluster. Calling it twice is fine. The bus stays
   * open.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** {@link ClusterNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether it can prove its lease: somebody may come in. */
  get isHeld(): boolean {
    return this.#root.isHeld;
  }

  /**
   * Whether rooms are placed elsewhere, since this node is about to end; the other nodes are told at once. Players are let in still: those of
   * the rooms that are here, and who comes back to a room that has moved. `Handoff.drain` sets it. Default false.
   */
  get isDraining(): boolean {
    return this.#isDraining;
  }
  /** @throws TypeError for no boolean. */
  set isDraining(isDraining: boolean) {
    if (typeof isDraining !== 'boolean')
      throw new TypeError(`"isDraining" expected a boolean, got ${describe(isDraining)}`);
    this.#isDraining = isDraining;
    this.#tellSoon();
  }

  /** All numbers: those of {@link ClusterOps.metrics}. */
  metrics(): ClusterMetrics {
    const { isActive, acceptsPeers, peers, authenticatedPeers, away, refusals } = this.rooms.metrics();
    const { root } = this.#root;
    const isHeld = this.isHeld;
    const states = [...this.#matchmakings].map((state) => state());
    const leases = [...this.#records.leases, ...this.#leases].filter((lease) => lease.isHeld).length;
    return {
      isActive: isActive && this.#state !== 'closed',
      acceptsPeers,
      isFenced: !isHeld,
      peers,
      authenticatedPeers,
      away,
      nodes: this.nodes().length,
      rooms: this.#records.leases.length,
      leases: isHeld ? leases + 1 : 0,
      leaseLeftMs: isHeld && root !== undefined ? Math.ceil(root.heldUntilMs - this.#clock.now()) : 0,
      ...this.#counts,
      pendingRequests: this.#requests.pending,
      runningRequests: this.#requests.running,
      bus: this.#bus.status(),
      matchmaking: {
        leading: states.filter((state) => state.isLeading).length,
        tickets: states.reduce((sum, state) => sum + state.tickets, 0),
        queued: states.reduce((sum, state) => sum + state.queued, 0),
      },
      refusals,
    };
  }

  /** Says at once what the node says of itself every third of a lease: after `rooms.ops.acceptsPeers` was set. `ops.acceptsPeers` does it. */
  async tell(): Promise<void> {
    await this.#root.tell();
    this.#announce();
  }

  // --- Rooms --------------------------------------------------------------------------------------------------

  /**
   * Makes a room somewhere, unless there is one with that id: whoever repeats it, from whatever node, is told the same place.
   *
   * @param options for `onCreate`; plain JSON, since the room may be made on another node.
   * @throws (as rejection) ClusterError NO_NODE, TIMEOUT, BUSY; RoomError as `RoomServer.create`; BusError DOWN, WARMING. After TIMEOUT and
   * DOWN it may be made all the same: repeat it with the same id.
   */
  async create(kind: string, options?: unknown, settings: ClusterCreateSettings = {}): Promise<RoomPlace> {
    checkOptions(settings, CREATE_NAMES);
    const { id = this.#clock.newId(), on = {}, reserve, timeoutMs } = settings;
    if (typeof kind !== 'string' || kind === '')
      throw new TypeError(`"kind" expected a name, got ${describe(kind)}`);
    if (on !== 'here') checkPlacement(on);
    const longestMs = timeoutOf({ timeoutMs });
    roomKey(id);
    this.#checkRunning();
    const order = {
      id,
      kind,
      options,
      reserve: reserve === undefined ? undefined : this.#named(reserve, 'reserve'),
    };
    return this.#calls.create(order, on, longestMs);
  }

  /**
   * Which claim of the cluster a room of this node is; `undefined` for none. It is larger than that of any room that had the id before, and
   * another one once the node had lost its lease.
   */
  epochOf(roomId: string): number | undefined {
    return this.#records.epochOf(roomId);
  }

  /** A room by its id; `undefined` when there is none that takes players. @throws BusError (as rejection) DOWN */
  async find(roomId: string): Promise<ClusterRoom | undefined> {
    roomKey(roomId);
    this.#checkRunning();
    return this.#calls.find(roomId);
  }

  /**
   * Rooms of all nodes that are not private. The first list asks the bus; from then on, while lists are asked for, nodes say what changes,
   * and it is a second old at most, ten where a message got lost.
   *
   * @throws (as rejection) TypeError or RangeError for what is no filter; BusError DOWN.
   */
  async list(filter: RoomFilter = {}): Promise<ClusterRoom[]> {
    this.#checkRunning();
    return this.#list.list(filter);
  }

  /**
   * The room with a code, private or not; small letters count as large ones. Bound how often one player may ask: codes can be tried.
   *
   * @throws BusError (as rejection) DOWN
   */
  async byCode(code: string): Promise<ClusterRoom | undefined> {
    this.#checkRunning();
    return typeof code === 'string' && code.length <= MOST_CODE ? this.#list.byCode(code) : undefined;
  }

  /**
   * Keeps seats of a room, wherever it is: its node decides, so no seat is kept twice.
   *
   * @param options as for `Room.reserve`; with a `name` of the caller's own a repeated call keeps no more.
   * @throws (as rejection) RoomError ROOM_UNKNOWN, ROOM_FULL, FENCED; ClusterError TIMEOUT, NODE_GONE, BUSY; BusError DOWN.
   */
  async reserve(
    roomId: string,
    options: ReserveOptions = {},
    call: ClusterCallOptions = {},
  ): Promise<ClusterReservation> {
    roomKey(roomId);
    const timeoutMs = timeoutOf(call);
    this.#checkRunning();
    return this.#calls.reserve(roomId, this.#named(options, 'options'), timeoutMs);
  }

  // --- Nodes --------------------------------------------------------------------------------------------------

  /** All nodes, as of the last look; this one as it is now, while it can prove its lease. */
  nodes(): NodeFacts[] {
    const others = this.#nodes.nodes.filter(({ id }) => id !== this.id);
    const { root } = this.#root;
    if (root?.isHeld !== true) return others;
    return [...others, { ...this.#ownFacts(), id: this.id, epoch: root.epoch }];
  }

  /**
   * Asks a node what the game wants to know: its handler of {@link ClusterNode.onRequest} answers.
   *
   * @param payload plain JSON, or bytes (a Variant, say), as the answer is.
   * @throws (as rejection) RoomError, ClusterError and BusError that the handler has thrown; ClusterError FAILED for all else that it has
   * thrown, UNHANDLED, TIMEOUT, NODE_GONE, BUSY; BusError DOWN, FULL, TOO_LARGE. After TIMEOUT and DOWN it may be done all the same.
   */
  async request(
    nodeId: string,
    name: string,
    payload?: ClusterPayload,
    call: ClusterCallOptions = {},
  ): Promise<unknown> {
    checkName(name);
    const timeoutMs = timeoutOf(call);
    this.#checkRunning();
    return this.#ask(nodeId, name, payload, timeoutMs);
  }

  /**
   * Sets who answers requests of a name, in place of an earlier handler. It may be called again for what was answered already.
   *
   * @throws TypeError for no name or no function; RangeError for a name that begins with `#`.
   */
  onRequest(name: string, handler: (payload: unknown) => unknown): void {
    checkName(name);
    if (typeof handler !== 'function')
      throw new TypeError(`"handler" expected a function, got ${describe(handler)}`);
    this.#requests.handle(name, (payload) => handler(payload));
  }

  /**
   * Tells all nodes that listen now, this one as well. Whoever is not connected at that moment misses it.
   *
   * @throws (as rejection) RangeError for no name; BusError DOWN, TOO_LARGE.
   */
  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    checkName(topic);
    await this.#bus.publish(`game/${topic}`, bytes);
  }

  /** Listens to what nodes publish. @returns a function that ends it. @throws (as rejection) RangeError for no name; BusError DOWN. */
  async subscribe(
    topic: string,
    listener: (bytes: Uint8Array) => void | Promise<void>,
  ): Promise<Unsubscribe> {
    checkName(topic);
    return this.#hear(`game/${topic}`, (bytes) =>
      callGuarded(listener, [bytes], this.#report, 'topic', topic),
    );
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #ownFacts(): OwnFacts {
    const { addresses = {}, region = '', labels = {}, version = '', capacity = {} } = this.#options;
    const { maxPlayers = null, maxRooms = null } = capacity;
    const { rooms } = this;
    const isDraining = this.#isDraining || this.#state === 'closed' || !rooms.ops.acceptsPeers;
    const [players, count] = [rooms.players.length, rooms.rooms.length];
    return { addresses, region, labels, version, isDraining, players, rooms: count, maxPlayers, maxRooms };
  }

  /** Listens to a topic until that is ended, or the node. */
  async #hear(topic: string, listener: BusListener): Promise<Unsubscribe> {
    this.#checkOpen();
    const end = await this.#bus.subscribe(topic, listener);
    const own = (): void => {
      this.#ends.delete(own);
      end();
    };
    this.#ends.add(own);
    if (this.#isClosed) own();
    this.#checkOpen();
    return own;
  }

  async #ask(nodeId: string, name: string, payload: ClusterPayload, timeoutMs: number): Promise<unknown> {
    if (this.#nodes.get(nodeId) === undefined) await this.#nodes.refresh();
    const node = this.#nodes.get(nodeId);
    if (node === undefined) throw new ClusterError('NODE_GONE', `there is no node ${nodeId}`);
    return this.#requests.ask(inboxOf(node), name, payload, timeoutMs);
  }

  #isKnown(root: string, epoch: number): boolean {
    return this.#nodes.get(root.slice('node/'.length))?.epoch === epoch;
  }

  #listen(epoch: number): void {
    this.#requests
      .listen(inboxOf({ id: this.id, epoch }))
      .catch((error: unknown) => this.#strange(error, 'inbox'));
  }

  /** After each renewal: the bus answers. */
  async #renewed(): Promise<void> {
    const { root } = this.#root;
    try {
      await this.#requests.ensure();
      const now = this.#clock.now();
      if (root !== undefined && now - this.#lookedMs >= LOOK_MS) {
        this.#lookedMs = now;
        await this.#records.restore(root, this.#leases, false);
      } else this.#records.heal();
    } catch (error) {
      this.#strange(error, 'look at the cluster');
    }
  }

  /** A room that is there already becomes this node's, unless somebody has one of its id. */
  async #adopt(id: string): Promise<void> {
    try {
      await this.#records.claim(id);
      await this.#records.opened(id);
    } catch (error) {
      if (!(error instanceof BusError && error.code === 'TAKEN')) throw error;
      this.#loseRoom(id);
    }
  }

  /** Looks often enough for a dead node to be seen a tenth of a lease after its own has run out. */
  #watchNodes(): void {
    this.#nodesTimer = this.#clock.runtime.startTimer(this.#bus.leaseMs / 10, async () => {
      await this.#refreshNodes();
      if (this.#state === 'running') this.#watchNodes();
    });
  }

  #expectOthers(ms: number): void {
    this.#wholeFromMs = Math.max(this.#wholeFromMs, this.#clock.now() + ms);
  }

  async #refreshNodes(): Promise<void> {
    try {
      await this.#nodes.refresh();
    } catch (error) {
      this.#strange(error, 'look at the nodes');
    }
  }

  /** That the bus is away, its own status says; the next renewal hears of a lost lease. */
  #strange(error: unknown, where: string): void {
    const code = isTable(error) ? error['code'] : undefined;
    if (typeof code !== 'string' || !PASSES.has(code)) this.#report(error, where);
  }

  #tellSoon(): void {
    if (this.#state === 'running')
      this.tell().catch((error: unknown) => this.#strange(error, 'what the node says of itself'));
  }

  /** Others look at once. */
  #announce(): void {
    this.#bus
      .publish(NODES_TOPIC, new TextEncoder().encode(this.id))
      .catch((error: unknown) => this.#strange(error, 'announcement'));
  }

  #lost(): void {
    this.#counts.leasesLost++;
    this.emitSignal('leaseLost');
    if (this.#options.onLeaseLost === 'end') for (const { id } of this.rooms.rooms) this.#loseRoom(id);
  }

  #loseRoom(id: string): void {
    const room = this.rooms.get(id);
    if (room === undefined) return;
    this.#counts.roomsLost++;
    this.emitSignal('roomLost', id);
    void room.end();
  }

  async #close(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'closed';
    if (wasRunning) await this.#root.tell().catch((error: unknown) => this.#strange(error, 'end'));
    await this.rooms.close();
    this.#nodesTimer?.cancel();
    this.#requests.close();
    for (const end of [...this.#ends]) end();
    this.#list.close();
    try {
      await this.#root.close();
    } catch (error) {
      // It runs out by itself.
      this.#strange(error, 'end');
    }
    this.#records.close();
    if (wasRunning) this.#announce();
  }

  #named(options: ReserveOptions, what: string): ClusterReserveOptions {
    if (typeof options !== 'object' || options === null)
      throw new TypeError(`"${what}" expected an object, got ${describe(options)}`);
    return { ...options, name: options.name ?? this.#clock.newId() + this.#clock.newId() };
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ClusterError('NOT_RUNNING', `the node ${this.id} is closed`);
  }

  #checkRunning(): void {
    this.#checkOpen();
    if (this.#state !== 'running')
      throw new ClusterError('NOT_RUNNING', `the node ${this.id} was not started`);
  }
}

/** See {@link ClusterNodeAccess}. */
export const clusterNodeAccess: ClusterNodeAccess = access;

/** Where a node listens: one that was started anew reads nothing that was for the one before. */
function inboxOf({ id, epoch }: Pick<NodeFacts, 'id' | 'epoch'>): string {
  return `inbox/${id}.${epoch}`;
}

function checkName(name: string): void {
  if (typeof name === 'string' && /^[\x21-\x22\x24-\x7e][\x21-\x7e]{0,99}$/.test(name)) return;
  throw new RangeError(
    `"name" expected 1..100 printable ASCII characters that do not begin with #, got ${describe(name)}`,
  );
}

function timeoutOf(call: ClusterCallOptions): number {
  checkOptions(call, CALL_NAMES);
  const { timeoutMs = 10_000 } = call;
  checkInteger('timeoutMs', timeoutMs, 1, 600_000);
  return timeoutMs;
}

function tell(error: unknown, where: string): void {
  console.error(`godot-enet: ${where}:`, error);
}

const NODES_TOPIC = 'cluster/nodes';
/** How often records of rooms are looked for that nobody has deleted. */
const LOOK_MS = 30_000;
const MOST_CODE = 32;
/** What is otherwise in a while, and is seen elsewhere: in the status of the bus, in signals. */
const PASSES: ReadonlySet<string> = new Set([
  'DOWN',
  'LOST',
  'CLOSED',
  'WARMING',
  'TIMEOUT',
  'NODE_GONE',
  'NOT_RUNNING',
]);
const CALL_NAMES: OptionNames<ClusterCallOptions> = { timeoutMs: true };
const CREATE_NAMES: OptionNames<ClusterCreateSettings> = {
  id: true,
  on: true,
  reserve: true,
  timeoutMs: true,
};
const SIGNAL_NAMES: OptionNames<ClusterNodeSignals> = {
  nodeJoined: true,
  nodeLeft: true,
  fenced: true,
  unfenced: true,
  leaseLost: true,
  roomLost: true,
};
