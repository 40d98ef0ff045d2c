/** What a ClusterNode can be told at creation. */
import {
  checkFunctions,
  checkInteger,
  checkKnownName,
  checkOptions,
  describe,
  type OptionNames,
} from '../../../options/internal.ts';
import type { ErrorReporter } from '../../godot/index.ts';
import { RoomServer } from '../../rooms/index.ts';
import type { ClusterBus } from '../bus.ts';
import type { ClusterRuntime } from '../clock.ts';

/** What a node may have at most. */
export interface NodeCapacity {
  /** Players; default as many as come. */
  readonly maxPlayers?: number | undefined;
  /** Rooms; default as many as are asked for. */
  readonly maxRooms?: number | undefined;
}

/** Options of a `ClusterNode`. */
export interface ClusterNodeOptions {
  /** What the nodes share. The node listens and asks; whoever made the bus closes it, after the node. */
  readonly bus: ClusterBus;
  /** The rooms of this process. They belong to the node from now on: it decides whether they let somebody in, and closes them with itself. */
  readonly rooms: RoomServer;
  /** Its name among all nodes: 1..64 of letters, digits, `.`, `_` and `-`. Default one that is made up. */
  readonly id?: string | undefined;
  /** Where clients reach it, by any name: `{ enet: 'host:port', websocket: 'wss://...' }`. Default none. */
  readonly addresses?: Readonly<Record<string, string>> | undefined;
  /** Where it stands. Default none. */
  readonly region?: string | undefined;
  /** What else placements ask for. Default none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Of the game's program. Default none. */
  readonly version?: string | undefined;
  /** What it may have at most: no room is placed on it beyond that. Default no limit. */
  readonly capacity?: NodeCapacity | undefined;
  /**
   * What becomes of its rooms when somebody has ended its lease, since it ran out: `'continue'`: they go on, unless another node has made a
   * room with the same id meanwhile; `'end'`: they end, and the node goes on without them. Default `'continue'`.
   */
  readonly onLeaseLost?: 'continue' | 'end' | undefined;
  /** Takes what handlers and listeners throw, and what is strange, and where. Default: it is printed to the console. */
  readonly onError?: ErrorReporter | undefined;
  /** The clock. The Node entry brings one. */
  readonly runtime?: ClusterRuntime | undefined;
}

/** @throws TypeError or RangeError naming the option. */
export function checkNodeOptions(options: ClusterNodeOptions): void {
  checkOptions(options, NODE_OPTION_NAMES);
  checkFunctions(options, ['onError']);
  const { bus, rooms, id, addresses = {}, region, labels = {}, version, capacity = {} } = options;
  const { onLeaseLost = 'continue' } = options;
  if (typeof bus?.claim !== 'function')
    throw new TypeError(`"bus" expected a ClusterBus, got ${describe(bus)}`);
  if (!(rooms instanceof RoomServer))
    throw new TypeError(`"rooms" expected a RoomServer, got ${describe(rooms)}`);
  if (id !== undefined && !(typeof id === 'string' && NODE_ID.test(id)))
    throw new RangeError(`"id" expected 1..64 letters, digits, ".", "_" and "-", got ${describe(id)}`);
  checkTexts('addresses', addresses);
  checkTexts('labels', labels);
  for (const [name, value] of Object.entries({ region, version }))
    if (value !== undefined && typeof value !== 'string')
      throw new TypeError(`"${name}" expected a text, got ${describe(value)}`);
  checkOptions(capacity, CAPACITY_NAMES, 'capacity');
  for (const name of ['maxPlayers', 'maxRooms'] as const)
    if (capacity[name] !== undefined) checkInteger(`capacity.${name}`, capacity[name], 0, 1_000_000);
  checkKnownName('onLeaseLost', onLeaseLost, { continue: true, end: true });
}

function checkTexts(name: string, value: unknown): void {
  const isGood = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isGood ? Object.entries(value) : [];
  if (!isGood || entries.length > MOST_TEXTS || !entries.every(([, text]) => typeof text === 'string'))
    throw new TypeError(
      `"${name}" expected an object of at most ${MOST_TEXTS} texts, got ${describe(value)}`,
    );
}

const NODE_ID = /^[A-Za-z0-9._-]{1,64}$/;
const MOST_TEXTS = 32;
const CAPACITY_NAMES: OptionNames<NodeCapacity> = { maxPlayers: true, maxRooms: true };
const NODE_OPTION_NAMES: OptionNames<ClusterNodeOptions> = {
  bus: true,
  rooms: true,
  id: true,
  addresses: true,
  region: true,
  labels: true,
  version: true,
  capacity: CAPACITY_NAMES,
  onLeaseLost: true,
  onError: true,
  runtime: true,
};
