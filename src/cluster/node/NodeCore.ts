/** What makes up a node: its lease, records, requests and lists, and how they hear of each other. `ClusterNode` is its face. */
import type { ErrorReporter } from '../../godot/index.ts';
import type { GatedRooms, RoomServer } from '../../rooms/index.ts';
import { requireRuntime } from '../../runtime/internal.ts';
import type { BusListener, ClusterBus, Unsubscribe } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import { Clock, type ClusterRuntime } from '../clock.ts';
import type { Lease } from '../Lease.ts';
import { ClusterError } from './clusterErrors.ts';
import type { MatchmakingState } from './clusterOps.ts';
import type { ClusterPayload } from './frames.ts';
import type { NodeInside } from './inside.ts';
import { NodeList } from './NodeList.ts';
import { isTable, type NodeFacts, type OwnFacts, writeFacts } from './nodeFacts.ts';
import type { ClusterNodeOptions } from './nodeOptions.ts';
import { type RequestHandler, Requests } from './Requests.ts';
import { RoomCalls, readOrder, readReserve } from './RoomCalls.ts';
import { RoomList } from './RoomList.ts';
import { RoomRecords } from './RoomRecords.ts';
import { RootKeeper } from './RootKeeper.ts';

/** What a core tells the face of its node. None of these throws. */
export interface NodeCoreOwner {
  joined(node: NodeFacts): void;
  left(node: NodeFacts): void;
  /** Whether the node can prove its lease: called when that changes. */
  sure(isSure: boolean): void;
  leaseLost(): void;
  roomLost(id: string): void;
}

/** See the head of this file. */
export class NodeCore implements NodeInside {
  readonly id: string;
  readonly bus: ClusterBus;
  readonly clock: Clock;
  readonly rooms: RoomServer;
  readonly report: ErrorReporter;
  readonly keeper: RootKeeper;
  readonly records: RoomRecords;
  readonly requests: Requests;
  readonly nodes: NodeList;
  readonly list: RoomList;
  readonly calls: RoomCalls;
  readonly leases: Set<Lease> = new Set();
  /** Whether rooms are placed elsewhere, and players are let in still. */
  isDraining: boolean = false;
  /** Counters for operators. */
  readonly counts: Record<'fences' | 'leasesLost' | 'roomsLost', number> = {
    fences: 0,
    leasesLost: 0,
    roomsLost: 0,
  };
  readonly #options: ClusterNodeOptions;
  readonly #owner: NodeCoreOwner;
  readonly #gated: GatedRooms;
  /** What ends with the node. */
  readonly #ends = new Set<Unsubscribe>();
  readonly #shown = new Set<() => MatchmakingState>();
  #state: 'new' | 'starting' | 'running' | 'closed' = 'new';
  #lookedMs = 0;

  /** @throws Error when the rooms belong to a node already. */
  constructor(options: ClusterNodeOptions, report: ErrorReporter, owner: NodeCoreOwner) {
    const { bus, rooms } = options;
    this.#options = options;
    this.#owner = owner;
    this.report = report;
    this.bus = bus;
    this.rooms = rooms;
    this.clock = new Clock(requireRuntime<ClusterRuntime>(options.runtime, 'ClusterNode', 'cluster'));
    this.id = options.id ?? this.clock.newId();
    this.nodes = this.#newNodes();
    this.requests = new Requests(bus, this.clock, {
      report,
      strange: (error, where) => this.strange(error, where),
    });
    this.keeper = this.#newKeeper();
    this.records = this.#newRecords();
    this.list = this.#newList();
    this.calls = this.#newCalls();
    this.requests.handle('#create', (payload) => this.calls.createHere(readOrder(payload)));
    this.requests.handle('#reserve', (payload) => {
      if (!isTable(payload) || typeof payload['id'] !== 'string')
        throw new TypeError('a node asks for seats of no room');
      return this.calls.reserveHere(payload['id'], readReserve(payload['options']));
    });
    this.#gated = rooms.keepGate({
      admits: (roomId) => (roomId === undefined ? this.keeper.isHeld : this.records.isHeld(roomId)),
      claim: (id) => this.records.claim(id),
      release: (id) => this.records.release(id),
      changed: (changes) => {
        for (const id of changes.keys()) this.records.changed(id);
      },
    });
  }

  // --- For what builds on it ----------------------------------------------------------------------------------

  get root(): Lease | undefined {
    return this.keeper.root;
  }

  get addresses(): Readonly<Record<string, string>> {
    return this.#options.addresses ?? {};
  }

  async ask(node: string, name: string, payload: ClusterPayload, timeoutMs: number): Promise<unknown> {
    this.checkRunning();
    return this.send(node, name, payload, timeoutMs);
  }

  handle(name: string, handler: RequestHandler): void {
    this.requests.handle(name, handler);
  }

  lookForNodes(): Promise<void> {
    return this.nodes.refresh();
  }

  show(state: () => MatchmakingState): () => void {
    this.#shown.add(state);
    return () => this.#shown.delete(state);
  }

  onClose(end: () => void): void {
    this.#ends.add(end);
  }

  /** That the bus is away, its own status says; the next renewal hears of a lost lease. */
  strange(error: unknown, where: string): void {
    const code = isTable(error) ? error['code'] : undefined;
    if (typeof code !== 'string' || !PASSES.has(code)) this.report(error, where);
  }

  checkRunning(): void {
    this.checkOpen();
    if (this.#state !== 'running')
      throw new ClusterError('NOT_RUNNING', `the node ${this.id} was not started`);
  }

  // --- Its life -----------------------------------------------------------------------------------------------

  /** Whether it is not closed. */
  get isOpen(): boolean {
    return this.#state !== 'closed';
  }

  /** @throws ClusterError NOT_RUNNING */
  checkOpen(): void {
    if (!this.isOpen) throw new ClusterError('NOT_RUNNING', `the node ${this.id} is closed`);
  }

  /** See `ClusterNode.start`. */
  async start(): Promise<void> {
    if (this.#state !== 'new') throw new ClusterError('NOT_RUNNING', 'a node is started once');
    this.#state = 'starting';
    await this.keeper.start();
    await this.requests.ensure();
    // Those that were made before there was a node.
    for (const { id } of this.rooms.rooms) await this.#adopt(id);
    await this.nodes.watch();
    this.checkOpen();
    this.#state = 'running';
    this.nodes.announce();
  }

  /** See `ClusterNode.close`. */
  async close(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'closed';
    if (wasRunning) await this.keeper.tell().catch((error: unknown) => this.strange(error, 'end'));
    this.records.refuse();
    await this.rooms.close();
    this.nodes.close();
    this.requests.close();
    for (const end of [...this.#ends]) end();
    this.list.close();
    try {
      await this.keeper.close();
    } catch (error) {
      // It runs out by itself.
      this.strange(error, 'end');
    }
    this.records.close();
    if (wasRunning) this.nodes.announce();
  }

  /** See `ClusterNode.tell`. */
  async tell(): Promise<void> {
    await this.keeper.tell();
    this.nodes.announce();
  }

  /** The same, for who does not wait. Never throws. */
  tellSoon(): void {
    if (this.#state === 'running')
      this.tell().catch((error: unknown) => this.strange(error, 'what the node says of itself'));
  }

  // --- What it knows ------------------------------------------------------------------------------------------

  /** See `ClusterNode.nodes`. */
  knownNodes(): NodeFacts[] {
    const others = this.nodes.nodes.filter(({ id }) => id !== this.id);
    const { root } = this;
    if (root?.isHeld !== true) return others;
    return [...others, { ...this.#ownFacts(), id: this.id, epoch: root.epoch }];
  }

  /** How the matchmakings do. */
  shown(): MatchmakingState[] {
    return [...this.#shown].map((state) => state());
  }

  /** Listens to a topic until that is ended, or the node. */
  async hear(topic: string, listener: BusListener): Promise<Unsubscribe> {
    this.checkOpen();
    const end = await this.bus.subscribe(topic, listener);
    const own = (): void => {
      this.#ends.delete(own);
      end();
    };
    this.#ends.add(own);
    if (!this.isOpen) own();
    this.checkOpen();
    return own;
  }

  /** Asks a node, whether this one runs or not. */
  async send(nodeId: string, name: string, payload: ClusterPayload, timeoutMs: number): Promise<unknown> {
    if (this.nodes.get(nodeId) === undefined) await this.nodes.refresh();
    const node = this.nodes.get(nodeId);
    if (node === undefined) throw new ClusterError('NODE_GONE', `there is no node ${nodeId}`);
    return this.requests.ask(inboxOf(node), name, payload, timeoutMs);
  }

  // --- Its parts ----------------------------------------------------------------------------------------------

  #newNodes(): NodeList {
    return new NodeList(this.bus, this.clock, {
      id: this.id,
      epoch: () => this.root?.epoch,
      strange: (error, where) => this.strange(error, where),
      joined: (node) => this.#owner.joined(node),
      left: (node) => {
        this.requests.gone(inboxOf(node));
        this.list.stale();
        this.#owner.left(node);
      },
    });
  }

  #newKeeper(): RootKeeper {
    const { bus } = this;
    return new RootKeeper(bus, this.clock, `node/${this.id}`, {
      value: () => writeFacts(this.#ownFacts()),
      claimed: (root) => {
        this.requests
          .listen(inboxOf({ id: this.id, epoch: root.epoch }))
          .catch((error: unknown) => this.strange(error, 'inbox'));
        this.records.heal();
      },
      restore: (root) => {
        this.nodes.expectOthers(bus.leaseMs);
        return this.records.restore(root, this.leases, true);
      },
      renewed: () => void this.#renewed(),
      sure: (isSure) => {
        if (!isSure && this.isOpen) this.counts.fences++;
        this.#gated.fence(!isSure);
        this.#owner.sure(isSure);
      },
      lost: () => this.#lost(),
      report: this.report,
    });
  }

  #newRecords(): RoomRecords {
    const { keeper } = this;
    return new RoomRecords(this.bus, this.clock, {
      get root() {
        return keeper.root;
      },
      facts: (id) => this.#gated.facts(id),
      lost: (id) => this.#loseRoom(id),
      told: (id, value, epoch) => this.list.tell(id, value, epoch),
      report: this.report,
    });
  }

  #newList(): RoomList {
    return new RoomList(this.bus, this.clock, {
      node: this.id,
      addressesOf: (id) => this.#addressesOf(id),
      knowNodes: async (records) => {
        if (records.some(({ root, rootEpoch }) => !this.#isKnown(root, rootEpoch)))
          await this.nodes.refresh();
      },
    });
  }

  #newCalls(): RoomCalls {
    return new RoomCalls(this.bus, this.clock, {
      id: this.id,
      rooms: this.rooms,
      nodes: () => this.knownNodes(),
      making: (id) => this.#gated.making(id),
      listed: (id) => this.records.opened(id),
      epochOf: (id) => this.records.epochOf(id),
      addressesOf: (id) => this.#addressesOf(id),
      knowNode: async (id, epoch) => {
        if (!this.#isKnown(`node/${id}`, epoch)) await this.nodes.refresh();
      },
      lookForNodes: () => this.nodes.refresh(),
      expect: (id, players) => this.nodes.expect(id, players),
      ask: (id, name, payload, timeoutMs) => this.send(id, name, payload, timeoutMs),
    });
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #addressesOf(id: string): Readonly<Record<string, string>> {
    return id === this.id ? this.addresses : (this.nodes.get(id)?.addresses ?? {});
  }

  #ownFacts(): OwnFacts {
    const { addresses, rooms } = this;
    const { region = '', labels = {}, version = '', capacity = {} } = this.#options;
    const { maxPlayers = null, maxRooms = null } = capacity;
    const isDraining = this.isDraining || !this.isOpen || !rooms.ops.acceptsPeers;
    const [players, count] = [rooms.players.length, rooms.rooms.length];
    return { addresses, region, labels, version, isDraining, players, rooms: count, maxPlayers, maxRooms };
  }

  #isKnown(root: string, epoch: number): boolean {
    return this.nodes.get(root.slice('node/'.length))?.epoch === epoch;
  }

  /** After each renewal: the bus answers. */
  async #renewed(): Promise<void> {
    const { root } = this;
    try {
      await this.requests.ensure();
      const now = this.clock.now();
      if (root !== undefined && now - this.#lookedMs >= LOOK_MS) {
        this.#lookedMs = now;
        await this.records.restore(root, this.leases, false);
      } else this.records.heal();
    } catch (error) {
      this.strange(error, 'look at the cluster');
    }
  }

  /** A room that is there already becomes this node's, unless somebody has one of its id. */
  async #adopt(id: string): Promise<void> {
    try {
      await this.records.claim(id);
      await this.records.opened(id);
    } catch (error) {
      if (!(error instanceof BusError && error.code === 'TAKEN')) throw error;
      this.#loseRoom(id);
    }
  }

  #lost(): void {
    this.counts.leasesLost++;
    this.#owner.leaseLost();
    if (this.#options.onLeaseLost === 'end') for (const { id } of this.rooms.rooms) this.#loseRoom(id);
  }

  #loseRoom(id: string): void {
    const room = this.rooms.get(id);
    if (room === undefined) return;
    this.counts.roomsLost++;
    this.#owner.roomLost(id);
    void room.end();
  }
}

/** Where a node listens: one that was started anew reads nothing that was for the one before. */
function inboxOf({ id, epoch }: Pick<NodeFacts, 'id' | 'epoch'>): string {
  return `inbox/${id}.${epoch}`;
}

/** How often records of rooms are looked for that nobody has deleted. */
const LOOK_MS = 30_000;
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
