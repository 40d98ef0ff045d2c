/** What is done to rooms wherever they are: made, found, seats kept. Each may be repeated: ids and names are the caller's. */

import type { ReserveOptions, RoomServer } from '../../rooms/index.ts';
import { RoomError } from '../../rooms/index.ts';
import { sleep } from '../../runtime/internal.ts';
import type { BusRecord, ClusterBus } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import { ClusterError } from './clusterErrors.ts';
import type { ClusterPayload, JsonValue } from './frames.ts';
import { isTable, type NodeFacts } from './nodeFacts.ts';
import { type Placement, placeRoom } from './placement.ts';
import { type ClusterRoom, nameOf, type RoomPlace, readPlace, readRoom, roomKey } from './roomRecord.ts';

/** Seats that are kept in a room of the cluster. */
export interface ClusterReservation {
  /** The name of the reservation, for `EnterOptions.reservation`. */
  readonly name: string;
  /** Where the room is. */
  readonly place: RoomPlace;
}

/** What is asked of the node of a room: `Room.reserve`, over the wire. */
export type ClusterReserveOptions = Omit<ReserveOptions, 'name'> & { readonly name: string };

/** What the calls need of their node. */
export interface CallsOwner {
  readonly id: string;
  readonly rooms: RoomServer;
  readonly nodes: () => NodeFacts[];
  /** Resolves when a room that is being made here takes players; `undefined` when none is. */
  making(id: string): Promise<unknown> | undefined;
  /** A room was made here: others find it when this resolves. */
  listed(id: string): Promise<void>;
  /** The claim of a room of this node. */
  epochOf(id: string): number | undefined;
  addressesOf(node: string): Readonly<Record<string, string>>;
  /** Looks for a node that was not seen yet. */
  knowNode(node: string, epoch: number): Promise<void>;
  /** Looks which nodes there are. */
  lookForNodes(): Promise<void>;
  /** A room goes to a node. */
  expect(node: string, players: number): void;
  ask(node: string, name: string, payload: ClusterPayload, timeoutMs: number): Promise<unknown>;
}

/** What is to be made. */
export interface RoomOrder {
  readonly id: string;
  readonly kind: string;
  readonly options: unknown;
  /** Seats that are kept from the beginning. */
  readonly reserve: ClusterReserveOptions | undefined;
  /** It is made only while this claim of a key holds: whoever asked may have stood still since. Default: whatever holds. */
  readonly asLongAs?: { readonly key: string; readonly epoch: number } | undefined;
}

/** The calls of one node. */
export class RoomCalls {
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #owner: CallsOwner;

  constructor(bus: ClusterBus, clock: Clock, owner: CallsOwner) {
    this.#bus = bus;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** A room that takes players, from what its node has said last. */
  async find(id: string): Promise<ClusterRoom | undefined> {
    const record = await this.#bus.find(roomKey(id));
    if (record === undefined) return undefined;
    await this.#owner.knowNode(nameOf(record.root), record.rootEpoch);
    return readRoom(record, (node) => this.#owner.addressesOf(node));
  }

  /** Makes a room where the placement says, unless it is there already. */
  async create(order: RoomOrder, where: 'here' | Placement, timeoutMs: number): Promise<RoomPlace> {
    const endMs = this.#clock.now() + timeoutMs;
    const tried = new Set<string>();
    let owner = ownerOf(await this.#bus.find(roomKey(order.id)));
    for (;;) {
      const leftMs = endMs - this.#clock.now();
      const node = owner ?? (await this.#choose(where, tried));
      if (leftMs <= 0) throw new ClusterError('TIMEOUT', `room ${order.id} was not made in ${timeoutMs} ms`);
      const isKnown = owner !== undefined;
      owner = undefined;
      try {
        const made = await this.#createOn(node, order, leftMs);
        if (typeof made !== 'string') return made;
        owner = made;
      } catch (error) {
        const isWarming = error instanceof BusError && error.code === 'WARMING';
        if (!isWarming && !mayTryElsewhere(error)) throw error;
        await sleep(this.#clock.runtime, PAUSE_MS);
        // It may have been made all the same. One that ended a moment ago is somebody's still.
        owner = ownerOf(await this.#bus.find(roomKey(order.id)));
        if (owner === node) throw error;
        if (owner === undefined && !isKnown && !isWarming) {
          if (where === 'here') throw error;
          tried.add(node);
        }
      }
    }
  }

  /** Keeps seats: the node of the room decides. */
  async reserve(id: string, options: ClusterReserveOptions, timeoutMs: number): Promise<ClusterReservation> {
    const node = ownerOf(await this.#bus.find(roomKey(id)));
    if (node === undefined) throw new RoomError('ROOM_UNKNOWN', `no node has a room ${id}`);
    const place =
      node === this.#owner.id
        ? await this.reserveHere(id, options)
        : readPlace(await this.#owner.ask(node, '#reserve', { id, options: plain(options) }, timeoutMs));
    return { name: options.name, place };
  }

  /** @returns where the room is, or the node that has it instead. */
  async createHere({ id, kind, options, reserve, asLongAs }: RoomOrder): Promise<RoomPlace | string> {
    try {
      const wasThere = this.#owner.rooms.get(id) !== undefined;
      await this.#checkOrder(id, asLongAs);
      const room = await this.#owner.rooms.create(kind, options, { id });
      try {
        await this.#checkOrder(id, asLongAs);
      } catch (error) {
        if (!wasThere) await room.end();
        throw error;
      }
      await this.#owner.listed(id);
      if (reserve !== undefined) return await this.reserveHere(id, reserve);
    } catch (error) {
      const isTaken = error instanceof BusError && error.code === 'TAKEN';
      const owner = isTaken ? ownerOf(error.record) : undefined;
      if (owner === undefined || owner === this.#owner.id) throw error;
      return owner;
    }
    return this.#placeHere(id);
  }

  async reserveHere(id: string, options: ClusterReserveOptions): Promise<RoomPlace> {
    await this.#owner.making(id);
    const room = this.#owner.rooms.get(id);
    if (room === undefined) throw new RoomError('ROOM_UNKNOWN', `there is no room ${id} here`);
    room.reserve(options);
    return this.#placeHere(id);
  }

  /** @throws ClusterError FAILED when whoever asked for a room may not have it any more; BusError DOWN. */
  async #checkOrder(id: string, asLongAs: RoomOrder['asLongAs']): Promise<void> {
    if (asLongAs === undefined) return;
    const record = await this.#bus.find(asLongAs.key);
    if (record?.epoch !== asLongAs.epoch)
      throw new ClusterError('FAILED', `who asked for room ${id} has not ${asLongAs.key} any more`);
  }

  async #createOn(node: string, order: RoomOrder, timeoutMs: number): Promise<RoomPlace | string> {
    const { reserve, ...room } = order;
    if (node === this.#owner.id) return this.createHere(order);
    this.#owner.expect(node, reserve?.seats ?? reserve?.players?.length ?? 0);
    const sent = { ...room, options: asJson(room.options), reserve: reserve && plain(reserve) };
    const made = await this.#owner.ask(node, '#create', sent, timeoutMs);
    return typeof made === 'string' ? made : readPlace(made);
  }

  async #choose(where: 'here' | Placement, tried: ReadonlySet<string>): Promise<string> {
    if (where === 'here') return this.#owner.id;
    const fitting = (): NodeFacts | undefined =>
      placeRoom(
        this.#owner.nodes().filter(({ id }) => !tried.has(id)),
        where,
      )[0];
    let best = fitting();
    if (best === undefined) {
      // One may have come a moment ago.
      await this.#owner.lookForNodes();
      best = fitting();
    }
    if (best === undefined) throw new ClusterError('NO_NODE', 'no node that fits takes another room');
    return best.id;
  }

  #placeHere(roomId: string): RoomPlace {
    const { id: node, addressesOf, epochOf } = this.#owner;
    const epoch = epochOf(roomId);
    if (epoch === undefined) throw new RoomError('ROOM_UNKNOWN', `room ${roomId} has ended meanwhile`);
    return { roomId, node, epoch, addresses: addressesOf(node) };
  }
}

/** @throws TypeError for what another node cannot be told. */
export function readOrder(payload: unknown): RoomOrder {
  if (isTable(payload)) {
    const { id, kind, options, reserve, asLongAs } = payload;
    const { key, epoch } = isTable(asLongAs) ? asLongAs : {};
    if (typeof id === 'string' && typeof kind === 'string')
      return {
        id,
        kind,
        options: options ?? undefined,
        reserve: isTable(reserve) ? readReserve(reserve) : undefined,
        asLongAs: typeof key === 'string' && typeof epoch === 'number' ? { key, epoch } : undefined,
      };
  }
  throw new TypeError('a node asks for a room without an id or a kind');
}

/** What is wrong in it, `Room.reserve` says. @throws TypeError for one without a name. */
export function readReserve(options: unknown): ClusterReserveOptions {
  if (!isTable(options) || typeof options['name'] !== 'string')
    throw new TypeError('a node asks for seats without a name');
  return options as unknown as ClusterReserveOptions; // the room checks each of them
}

function ownerOf(record: BusRecord | undefined): string | undefined {
  return record && nameOf(record.root);
}

/** Whether another node may do it. */
function mayTryElsewhere(error: unknown): boolean {
  if (error instanceof RoomError)
    return error.code === 'TOO_MANY_ROOMS' || error.code === 'FENCED' || error.code === 'CLOSED';
  if (error instanceof ClusterError) return error.code !== 'FAILED' && error.code !== 'NO_NODE';
  return error instanceof BusError && error.code === 'FULL';
}

/** Between two tries. */
const PAUSE_MS = 50;

/** Without what is not given. */
function plain(options: ClusterReserveOptions): JsonValue {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as JsonValue; // plain values
}

/** @throws TypeError for options that cannot travel. */
function asJson(options: unknown): JsonValue {
  const text: string | undefined = JSON.stringify(options);
  return text === undefined ? null : (JSON.parse(text) as JsonValue); // what JSON.parse gives is JSON
}
