/** A process with rooms, as one of many. */

import { describe } from '../../../options/internal.ts';
import { SignalEmitter } from '../../godot/index.ts';
import { callGuarded, safeReporter } from '../../godot/internal.ts';
import type { Player, ReserveOptions, RoomFilter, RoomServer } from '../../rooms/index.ts';
import { printError } from '../../runtime/internal.ts';
import type { Unsubscribe } from '../bus.ts';
import {
  type ClusterCallOptions,
  type ClusterCreateSettings,
  checkCreate,
  checkName,
  timeoutOf,
} from './callOptions.ts';
import { type ClusterMetrics, ClusterOps } from './clusterOps.ts';
import type { ClusterPayload } from './frames.ts';
import type { NodeInside } from './inside.ts';
import { NodeCore } from './NodeCore.ts';
import type { NodeFacts } from './nodeFacts.ts';
import { nodeMetrics } from './nodeMetrics.ts';
import { type ClusterNodeOptions, checkNodeOptions } from './nodeOptions.ts';
import { type ClusterNodeSignals, SIGNAL_NAMES } from './nodeSignals.ts';
import type { ClusterReservation, ClusterReserveOptions } from './RoomCalls.ts';
import { type ClusterRoom, type RoomPlace, roomKey } from './roomRecord.ts';
import { triedCode } from './triedCode.ts';

let insideOf!: (node: ClusterNode) => NodeInside; // Set by the static block of the class, before anybody can ask.

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
  readonly #core: NodeCore;
  #closing: Promise<void> | undefined;

  static {
    insideOf = (node) => node.#core;
  }

  /**
   * @param options `rooms` lets nobody in before {@link ClusterNode.start}.
   * @throws TypeError or RangeError naming the option; Error when the rooms belong to a node already.
   */
  constructor(options: ClusterNodeOptions) {
    checkNodeOptions(options);
    const report = safeReporter(options.onError ?? printError);
    super(report, SIGNAL_NAMES);
    const core = new NodeCore(options, report, {
      joined: (node) => this.emitSignal('nodeJoined', node),
      left: (node) => this.emitSignal('nodeLeft', node),
      sure: (isSure) => this.emitSignal(isSure ? 'unfenced' : 'fenced'),
      leaseLost: () => this.emitSignal('leaseLost'),
      roomLost: (id) => this.emitSignal('roomLost', id),
    });
    this.#core = core;
    this.id = core.id;
    this.rooms = options.rooms;
    this.ops = new ClusterOps({
      id: core.id,
      engine: core.bus.engine,
      rooms: options.rooms,
      metrics: () => this.metrics(),
      nodes: () => core.knownNodes(),
      allRooms: async () => {
        core.checkRunning();
        return core.list.all();
      },
      matchmakings: () => core.shown(),
      tellSoon: () => core.tellSoon(),
    });
  }

  // --- Its life -----------------------------------------------------------------------------------------------

  /**
   * Joins the cluster. While an earlier process with this id has its lease, or the bus is away, it tries again, for three leases.
   *
   * @throws BusError (as rejection) why it could not; ClusterError NOT_RUNNING when it was started before, or is closed meanwhile.
   */
  start(): Promise<void> {
    return this.#core.start();
  }

  /**
   * Ends its rooms with their `RoomServer`, waits for their `onDispose`, and leaves the cluster. Calling it twice is fine. The bus stays
   * open.
   */
  close(): Promise<void> {
    this.#closing ??= this.#core.close();
    return this.#closing;
  }

  /** {@link ClusterNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether it can prove its lease: somebody may come in. */
  get isHeld(): boolean {
    return this.#core.keeper.isHeld;
  }

  /**
   * Whether rooms are placed elsewhere, since this node is about to end; the other nodes are told at once. Players are let in still: those of
   * the rooms that are here, and who comes back to a room that has moved. `Handoff.drain` sets it. Default false.
   */
  get isDraining(): boolean {
    return this.#core.isDraining;
  }
  /** @throws TypeError for no boolean. */
  set isDraining(isDraining: boolean) {
    if (typeof isDraining !== 'boolean')
      throw new TypeError(`"isDraining" expected a boolean, got ${describe(isDraining)}`);
    this.#core.isDraining = isDraining;
    this.#core.tellSoon();
  }

  /** All numbers: those of {@link ClusterOps.metrics}. */
  metrics(): ClusterMetrics {
    return nodeMetrics(this.#core);
  }

  /** Says at once what the node says of itself every third of a lease: after `rooms.ops.acceptsPeers` was set. `ops.acceptsPeers` does it. */
  tell(): Promise<void> {
    return this.#core.tell();
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
    const longestMs = checkCreate(kind, settings);
    const { id = this.#core.clock.newId(), on = {}, reserve } = settings;
    this.#core.checkRunning();
    const kept = reserve === undefined ? undefined : this.#named(reserve, 'reserve');
    return this.#core.calls.create({ id, kind, options, reserve: kept }, on, longestMs);
  }

  /**
   * Which claim of the cluster a room of this node is; `undefined` for none. It is larger than that of any room that had the id before, and
   * another one once the node had lost its lease.
   */
  epochOf(roomId: string): number | undefined {
    return this.#core.records.epochOf(roomId);
  }

  /** A room by its id; `undefined` when there is none that takes players. @throws BusError (as rejection) DOWN */
  async find(roomId: string): Promise<ClusterRoom | undefined> {
    roomKey(roomId);
    this.#core.checkRunning();
    return this.#core.calls.find(roomId);
  }

  /**
   * Rooms of all nodes that are not private. The first list asks the bus; from then on, while lists are asked for, nodes say what changes,
   * and it is a second old at most, ten where a message got lost.
   *
   * @throws (as rejection) TypeError or RangeError for what is no filter; BusError DOWN.
   */
  async list(filter: RoomFilter = {}): Promise<ClusterRoom[]> {
    this.#core.checkRunning();
    return this.#core.list.list(filter);
  }

  /**
   * The room with a code, private or not, for a player who has typed it; small letters count as large ones. A player may try as many codes that
   * are none as with `RoomServer.byCode`, and both count together.
   *
   * @param player one of this node.
   * @throws (as rejection) RoomError ROOM_UNKNOWN, TOO_MANY_TRIES; BusError DOWN.
   */
  async byCode(player: Player, code: string): Promise<ClusterRoom> {
    this.#core.checkRunning();
    return triedCode(this.rooms, player, code, () => this.#core.list.byCode(code));
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
    this.#core.checkRunning();
    return this.#core.calls.reserve(roomId, this.#named(options, 'options'), timeoutMs);
  }

  // --- Nodes --------------------------------------------------------------------------------------------------

  /** All nodes, as of the last look; this one as it is now, while it can prove its lease. */
  nodes(): NodeFacts[] {
    return this.#core.knownNodes();
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
    this.#core.checkRunning();
    return this.#core.send(nodeId, name, payload, timeoutMs);
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
    this.#core.requests.handle(name, (payload) => handler(payload));
  }

  /**
   * Tells all nodes that listen now, this one as well. Whoever is not connected at that moment misses it.
   *
   * @throws (as rejection) RangeError for no name; BusError DOWN, TOO_LARGE.
   */
  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    checkName(topic);
    await this.#core.bus.publish(`game/${topic}`, bytes);
  }

  /** Listens to what nodes publish. @returns a function that ends it. @throws (as rejection) RangeError for no name; BusError DOWN. */
  async subscribe(
    topic: string,
    listener: (bytes: Uint8Array) => void | Promise<void>,
  ): Promise<Unsubscribe> {
    checkName(topic);
    return this.#core.hear(`game/${topic}`, (bytes) =>
      callGuarded(listener, [bytes], this.#core.report, 'topic', topic),
    );
  }

  #named(options: ReserveOptions, what: string): ClusterReserveOptions {
    if (typeof options !== 'object' || options === null)
      throw new TypeError(`"${what}" expected an object, got ${describe(options)}`);
    const { clock } = this.#core;
    return { ...options, name: options.name ?? clock.newId() + clock.newId() };
  }
}

/** What parts of a cluster that build on a node have of it. */
export const nodeInside: (node: ClusterNode) => NodeInside = insideOf;
