/** On which node a room is made. Pure: facts in, an order out. */
import {
  checkFunctions,
  checkKnownName,
  checkOptions,
  describe,
  type OptionNames,
} from '../../../options/internal.ts';
import type { NodeFacts } from './nodeFacts.ts';

/** Which nodes may have a room, and which of them shall; everything that is given has to be true. */
export interface Placement {
  /** In this region, or in the first of several that has a node. */
  readonly region?: string | readonly string[] | undefined;
  /** With these labels, each of which may be one of several. */
  readonly labels?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** With this version of the game. */
  readonly version?: string | undefined;
  /** Seats that the room needs: a node with fewer left is left out. Default 0. */
  readonly seats?: number | undefined;
  /** `'spread'`: the node with the least load; `'pack'`: the one with the most, so that others can be ended. Default `'spread'`. */
  readonly prefer?: 'spread' | 'pack' | undefined;
  /** Whatever else the game asks of a node. */
  readonly where?: ((node: NodeFacts) => boolean) | undefined;
  /** The order of the game's own, a smaller number first, before what `prefer` says. */
  readonly rank?: ((node: NodeFacts) => number) | undefined;
}

/** @throws TypeError or RangeError naming the option. */
export function checkPlacement(placement: Placement, place = 'on'): void {
  checkOptions(placement, PLACEMENT_NAMES, place);
  checkFunctions(placement, ['where', 'rank']);
  const { region, labels, version, seats = 0, prefer = 'spread' } = placement;
  if (region !== undefined && !isOneOrMore(region)) fail(`${place}.region`, 'a text or texts', region);
  if (version !== undefined && typeof version !== 'string') fail(`${place}.version`, 'a text', version);
  const isGood = typeof labels === 'object' && labels !== null && Object.values(labels).every(isOneOrMore);
  if (labels !== undefined && !isGood) fail(`${place}.labels`, 'texts by name', labels);
  if (!Number.isSafeInteger(seats) || seats < 0)
    throw new RangeError(`"${place}.seats" expected an integer from 0 on, got ${describe(seats)}`);
  checkKnownName(`${place}.prefer`, prefer, { spread: true, pack: true });
}

/** The nodes that may have a room, the best one first. Nodes that are draining or full may not. */
export function placeRoom(nodes: readonly NodeFacts[], placement: Placement = {}): NodeFacts[] {
  const { region, labels = {}, version, seats = 0, prefer = 'spread', where, rank } = placement;
  const regions = region === undefined ? undefined : listOf(region);
  const ranked = nodes
    .filter((node) => !node.isDraining && hasRoom(node, seats))
    .filter((node) => version === undefined || node.version === version)
    .filter((node) => Object.entries(labels).every(([name, those]) => fitsLabel(node, name, those)))
    .filter((node) => where === undefined || where(node))
    .map((node) => ({
      node,
      region: regions?.indexOf(node.region) ?? 0,
      rank: rank?.(node) ?? 0,
      load: prefer === 'pack' ? -loadOf(node) : loadOf(node),
    }))
    .filter((one) => one.region >= 0);
  ranked.sort(
    (a, b) =>
      a.region - b.region ||
      a.rank - b.rank ||
      a.load - b.load ||
      (a.node.id < b.node.id ? -1 : Number(a.node.id > b.node.id)),
  );
  return ranked.map(({ node }) => node);
}

/** The share of what it may have that a node has; of nodes without a limit, players for each thousand, and rooms for each hundred. */
function loadOf({ players, rooms, maxPlayers, maxRooms }: NodeFacts): number {
  return Math.max(players / (maxPlayers ?? 1000), rooms / (maxRooms ?? 100));
}

function hasRoom({ players, rooms, maxPlayers, maxRooms }: NodeFacts, seats: number): boolean {
  const hasSeats = maxPlayers === null || players + Math.max(seats, 1) <= maxPlayers;
  return hasSeats && (maxRooms === null || rooms < maxRooms);
}

function fitsLabel({ labels }: NodeFacts, name: string, those: string | readonly string[]): boolean {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value !== undefined && listOf(those).includes(value);
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function isOneOrMore(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

function fail(name: string, expected: string, got: unknown): never {
  throw new TypeError(`"${name}" expected ${expected}, got ${describe(got)}`);
}

const PLACEMENT_NAMES: OptionNames<Placement> = {
  region: true,
  labels: true,
  version: true,
  seats: true,
  prefer: true,
  where: true,
  rank: true,
};
