/** Numbers of a server as counters and lists of Agones. */
import { checkInteger, describe, type OptionNames } from '../../options/internal.ts';
import type { AgonesSdk } from './AgonesSdk.ts';
import type { FleetServer } from './fleetServer.ts';

/** How many a server takes. */
export interface FleetCapacity {
  /** Players. */
  readonly players?: number | undefined;
  /** Rooms. */
  readonly rooms?: number | undefined;
}

/** Which counters and lists have the numbers of a server. The specification of the game server has to declare each. */
export interface FleetReportOptions {
  /** The counter of players, those whose seat is kept among them. Default: they are not counted. */
  readonly playersCounter?: string | undefined;
  /** The counter of rooms of a `RoomServer`. Default: they are not counted. */
  readonly roomsCounter?: string | undefined;
  /** The list of the ids of the players of a `RoomServer`, of which Agones takes 1,000. Default: there is none. */
  readonly playersList?: string | undefined;
  /** The capacities of these. Default: those of the specification. */
  readonly capacity?: FleetCapacity | undefined;
}

/** How much of a server is in use. */
export interface FleetUse {
  /** Players, those whose seat is kept among them. */
  readonly players: number;
  /** Rooms; 0 where there are none. */
  readonly rooms: number;
}

/** How much of a server is in use now. */
export function useOf({ ops }: Pick<FleetServer, 'ops'>): FleetUse {
  if (ops.kind !== 'rooms') return { players: ops.metrics().authenticatedPeers, rooms: 0 };
  const { authenticatedPeers, away, rooms } = ops.metrics();
  return { players: authenticatedPeers + away, rooms };
}

/** What Agones was told, and what it has to be told. */
export class FleetReport {
  readonly #sdk: AgonesSdk;
  readonly #server: FleetServer;
  readonly #counters: Counter[] = [];
  readonly #list: { readonly name: string; readonly capacity: number | undefined } | undefined;
  #listCapacity = 0;
  /** What the list has; `undefined` while nobody knows. */
  #listed: Set<string> | undefined;

  /** @throws TypeError or RangeError naming the option. */
  constructor(sdk: AgonesSdk, server: FleetServer, options: FleetReportOptions) {
    const { playersCounter, roomsCounter, playersList, capacity = {} } = options;
    for (const [name, value] of Object.entries({ playersCounter, roomsCounter, playersList }))
      if (value !== undefined && (typeof value !== 'string' || value === ''))
        throw new TypeError(`"${name}" expected a name, got ${describe(value)}`);
    const { players, rooms } = capacity;
    if (players !== undefined)
      checkInteger('capacity.players', players, 0, playersList === undefined ? MOST_COUNTED : MOST_LISTED);
    if (rooms !== undefined) checkInteger('capacity.rooms', rooms, 0, MOST_COUNTED);
    if (roomsCounter !== undefined && server.ops.kind !== 'rooms')
      throw new RangeError('"roomsCounter" is for a RoomServer: no other server has rooms');
    if (playersList !== undefined && server.players === undefined)
      throw new RangeError('"playersList" is for a RoomServer: no other server says who its players are');
    this.#sdk = sdk;
    this.#server = server;
    if (playersCounter !== undefined) this.#counters.push(new Counter(playersCounter, 'players', players));
    if (roomsCounter !== undefined) this.#counters.push(new Counter(roomsCounter, 'rooms', rooms));
    this.#list = playersList === undefined ? undefined : { name: playersList, capacity: players };
  }

  /** Sets the capacities, and looks whether everything is declared. @throws AgonesError (as rejection) */
  async begin(): Promise<void> {
    for (const counter of this.#counters) await counter.begin(this.#sdk);
    if (this.#list === undefined) return;
    const { name, capacity } = this.#list;
    if (capacity !== undefined) await this.#sdk.updateList(name, { capacity });
    const { values, capacity: declared } = await this.#sdk.list(name);
    this.#listCapacity = capacity ?? declared;
    this.#listed = new Set(values);
  }

  /** Tells what has changed. What fails is told again the next time. @throws AgonesError (as rejection) */
  async tell(use: FleetUse): Promise<void> {
    for (const counter of this.#counters) await counter.tell(this.#sdk, use);
    if (this.#list !== undefined) await this.#tellList(this.#list.name);
  }

  async #tellList(name: string): Promise<void> {
    const ids = new Set((this.#server.players ?? []).map(({ id }) => id).slice(0, this.#listCapacity));
    const listed = this.#listed ?? new Set((await this.#sdk.list(name)).values);
    // Whatever fails leaves a list that has to be read again.
    this.#listed = undefined;
    for (const id of listed)
      if (!ids.has(id)) {
        await this.#sdk.removeListValue(name, id);
        listed.delete(id);
      }
    for (const id of ids)
      if (!listed.has(id)) {
        await this.#sdk.addListValue(name, id);
        listed.add(id);
      }
    this.#listed = listed;
  }
}

/** One counter. */
class Counter {
  readonly #name: string;
  readonly #of: keyof FleetUse;
  #capacity: number | undefined;
  #told = 0;

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
    this.#told = counter.count;
  }

  /** Agones refuses more than the capacity. */
  async tell(sdk: AgonesSdk, use: FleetUse): Promise<void> {
    const count = Math.min(use[this.#of], this.#capacity ?? 0);
    if (count === this.#told) return;
    await sdk.updateCounter(this.#name, { count });
    this.#told = count;
  }
}

const MOST_COUNTED = 2_147_483_647;
const MOST_LISTED = 1000;
/** The names of {@link FleetCapacity}. */
export const CAPACITY_NAMES: OptionNames<FleetCapacity> = { players: true, rooms: true };
