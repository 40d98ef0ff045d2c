/** Numbers of a server as counters and lists of Agones. */
import { checkInteger, describe, type OptionNames } from '../../options/internal.ts';
import type { AgonesSdk } from './AgonesSdk.ts';
import type { FleetServer } from './fleetServer.ts';
import type { AgonesGameServer } from './gameServer.ts';

/** How many a server takes. */
export interface FleetCapacity {
  /** Players. */
  readonly players?: number | undefined;
  /** Rooms. */
  readonly rooms?: number | undefined;
}

/** Which counters and lists have the numbers of a server. The specification of the game server has to declare each. */
export interface FleetReportOptions {
  /** The counter of players, those whose seat is kept among them. What others count there is overwritten. Default: they are not counted. */
  readonly playersCounter?: string | undefined;
  /** The counter of rooms of a `RoomServer` or a `ClusterNode`. Default: they are not counted. */
  readonly roomsCounter?: string | undefined;
  /**
   * The list of the ids of the players of a `RoomServer`, of which Agones takes 1,000. What others put there stays. Default: there is
   * none.
   */
  readonly playersList?: string | undefined;
  /** The capacities of these. Default: those of the specification. */
  readonly capacity?: FleetCapacity | undefined;
}

/** @throws TypeError or RangeError naming the one that is no count, or too large. */
export function checkCapacity({ players, rooms }: FleetCapacity, mostPlayers: number = MOST_COUNTED): void {
  if (players !== undefined) checkInteger('capacity.players', players, 0, mostPlayers);
  if (rooms !== undefined) checkInteger('capacity.rooms', rooms, 0, MOST_COUNTED);
}

/** How much of a server is in use. */
export interface FleetUse {
  /** Players, those whose seat is kept among them. */
  readonly players: number;
  /** Rooms; 0 where there are none. */
  readonly rooms: number;
}

/** Whether it is the operator's side of a `RoomServer`, or of a `ClusterNode`. */
export function hasRooms(
  ops: FleetServer['ops'],
): ops is Extract<FleetServer['ops'], { kind: 'rooms' | 'cluster' }> {
  return ops.kind === 'rooms' || ops.kind === 'cluster';
}

/** How much of a server is in use now. */
export function useOf({ ops }: Pick<FleetServer, 'ops'>): FleetUse {
  if (!hasRooms(ops)) return { players: ops.metrics().authenticatedPeers, rooms: 0 };
  const { authenticatedPeers, away, rooms } = ops.metrics();
  return { players: authenticatedPeers + away, rooms };
}

/** What Agones knows, and what it has to be told. What it knows is looked up when it may be something else than was told. */
export class FleetReport {
  readonly #sdk: AgonesSdk;
  readonly #counters: Counter[] = [];
  readonly #list: List | undefined;

  /** @throws TypeError or RangeError naming the option. */
  constructor(sdk: AgonesSdk, server: FleetServer, options: FleetReportOptions) {
    const { playersCounter, roomsCounter, playersList, capacity = {} } = options;
    for (const [name, value] of Object.entries({ playersCounter, roomsCounter, playersList }))
      if (value !== undefined && (typeof value !== 'string' || value === ''))
        throw new TypeError(`"${name}" expected a name, got ${describe(value)}`);
    const { players, rooms } = capacity;
    checkCapacity(capacity, playersList === undefined ? MOST_COUNTED : MOST_LISTED);
    if (roomsCounter !== undefined && !hasRooms(server.ops))
      throw new RangeError('"roomsCounter" is for a RoomServer or a ClusterNode: no other server has rooms');
    if (playersList !== undefined && server.players === undefined)
      throw new RangeError('"playersList" is for a RoomServer: no other server says who its players are');
    this.#sdk = sdk;
    if (playersCounter !== undefined) this.#counters.push(new Counter(playersCounter, 'players', players));
    if (roomsCounter !== undefined) this.#counters.push(new Counter(roomsCounter, 'rooms', rooms));
    if (playersList !== undefined) this.#list = new List(playersList, server, players);
  }

  /** Sets the capacities, and looks whether everything is declared. @throws AgonesError (as rejection) */
  async begin(): Promise<void> {
    for (const counter of this.#counters) await counter.begin(this.#sdk);
    await this.#list?.begin(this.#sdk);
  }

  /** Tells what has changed. What fails is told again the next time. @throws AgonesError (as rejection) */
  async tell(use: FleetUse): Promise<void> {
    for (const counter of this.#counters) await counter.tell(this.#sdk, use);
    await this.#list?.tell(this.#sdk);
  }

  /** News of the game server, which may be older than what was told: others may have changed it, or a sidecar forgotten it. */
  compare(gameServer: AgonesGameServer): void {
    for (const counter of this.#counters) counter.compare(gameServer);
    this.#list?.compare(gameServer);
  }
}

/** One counter. It is the server's: what others make of it is overwritten. */
class Counter {
  readonly #name: string;
  readonly #of: keyof FleetUse;
  #capacity: number | undefined;
  /** What Agones has; `undefined` while nobody knows. */
  #known: number | undefined;

  constructor(name: string, of: keyof FleetUse, capacity: number | undefined) {
    this.#name = name;
    this.#of = of;
    this.#capacity = capacity;
  }

  async begin(sdk: AgonesSdk): Promise<void> {
    const capacity = this.#capacity;
    const counter =
      capacity === undefined
        ? await sdk.counter(this.#name)
        : await sdk.updateCounter(this.#name, { capacity, count: 0 });
    this.#capacity = counter.capacity;
    this.#known = counter.count;
  }

  async tell(sdk: AgonesSdk, use: FleetUse): Promise<void> {
    this.#known ??= (await sdk.counter(this.#name)).count;
    // Agones refuses more than the capacity.
    const count = Math.min(use[this.#of], this.#capacity ?? 0);
    if (count === this.#known) return;
    this.#known = undefined;
    await sdk.updateCounter(this.#name, { count });
    this.#known = count;
  }

  compare({ counters }: AgonesGameServer): void {
    if (counters.get(this.#name)?.count !== this.#known) this.#known = undefined;
  }
}

/** The list of players. Values of others stay, e.g. those of an allocation, until they are of a player who has left. */
class List {
  readonly #name: string;
  readonly #server: FleetServer;
  #capacity: number | undefined;
  /** What Agones has; `undefined` while nobody knows. */
  #known: Set<string> | undefined;
  /** Players that are in it, or may be. */
  readonly #players = new Set<string>();

  constructor(name: string, server: FleetServer, capacity: number | undefined) {
    this.#name = name;
    this.#server = server;
    this.#capacity = capacity;
  }

  async begin(sdk: AgonesSdk): Promise<void> {
    const capacity = this.#capacity;
    if (capacity !== undefined) await sdk.updateList(this.#name, { capacity });
    const list = await sdk.list(this.#name);
    this.#capacity ??= list.capacity;
    this.#known = new Set(list.values);
  }

  async tell(sdk: AgonesSdk): Promise<void> {
    const ids = new Set(this.#server.players?.map(({ id }) => id));
    const known = this.#known ?? new Set((await sdk.list(this.#name)).values);
    // Whatever fails leaves a list that has to be read again.
    this.#known = undefined;
    for (const id of this.#players)
      if (!ids.has(id)) {
        if (known.has(id)) await sdk.removeListValue(this.#name, id);
        known.delete(id);
        this.#players.delete(id);
      }
    for (const id of ids) {
      if (!known.has(id)) {
        if (known.size >= (this.#capacity ?? 0)) continue;
        this.#players.add(id);
        await sdk.addListValue(this.#name, id);
        known.add(id);
      }
      this.#players.add(id);
    }
    this.#known = known;
  }

  compare({ lists }: AgonesGameServer): void {
    const values = lists.get(this.#name)?.values ?? [];
    const isKnown = values.length === this.#known?.size && values.every((id) => this.#known?.has(id));
    if (!isKnown) this.#known = undefined;
  }
}

const MOST_COUNTED = 2_147_483_647;
const MOST_LISTED = 1000;
/** The names of {@link FleetCapacity}. */
export const CAPACITY_NAMES: OptionNames<FleetCapacity> = { players: true, rooms: true };
