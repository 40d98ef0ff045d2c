/** What a cluster knows of a room, and how that is written down. */
import type { RoomFacts, RoomMetadata } from '../../rooms/index.ts';
import type { BusRecord } from '../bus.ts';
import { ClusterError } from './clusterErrors.ts';
import { isCount, isTable, readObject } from './nodeFacts.ts';

/** Where a room is. Plain values: it may be sent to clients as it is. */
export interface RoomPlace {
  /** The room. */
  readonly roomId: string;
  /** The node that has it. */
  readonly node: string;
  /** Which claim of the room that is: who finds two takes the larger one. */
  readonly epoch: number;
  /** Where clients reach that node, as it has named them. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** A room of the cluster, as it was told last: at most a second or two ago. */
export interface ClusterRoom extends RoomFacts {
  /** Where it is. */
  readonly place: RoomPlace;
}

/** The facts of a room as the value of its record; `undefined` while it is being made. */
export function writeRoom(facts: RoomFacts | undefined): string {
  if (facts === undefined) return '{}';
  const { id: _id, ...said } = facts;
  return JSON.stringify(said);
}

/** @returns `undefined` for a room that is being made, and for what is none. */
export function readRoom(
  { key, value, epoch, root }: BusRecord,
  addressesOf: (node: string) => Readonly<Record<string, string>>,
): ClusterRoom | undefined {
  const read = readObject(value);
  if (read === undefined) return undefined;
  const { kind, players, maxPlayers, freeSeats, spectators, maxSpectators, isLocked, code, isPrivate } = read;
  const { metadata } = read;
  const isGood =
    typeof kind === 'string' &&
    typeof code === 'string' &&
    typeof isLocked === 'boolean' &&
    typeof isPrivate === 'boolean' &&
    isCount(players) &&
    isCount(maxPlayers) &&
    isCount(freeSeats) &&
    isCount(spectators) &&
    isCount(maxSpectators);
  if (!isGood || !isMetadata(metadata)) return undefined;
  const id = nameOf(key);
  const node = nameOf(root);
  return {
    id,
    kind,
    players,
    maxPlayers,
    freeSeats,
    spectators,
    maxSpectators,
    isLocked,
    metadata,
    code,
    isPrivate,
    place: { roomId: id, node, epoch, addresses: addressesOf(node) },
  };
}

/** What a key names, without its kind. */
export function nameOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

/** Whether a room of a cluster may be called so. */
export function isRoomId(id: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(id);
}

/** The key of a room. @throws RangeError for an id that no key can have. */
export function roomKey(id: string): string {
  if (isRoomId(id)) return `room/${id}`;
  throw new RangeError(`"id" expected 1..128 printable ASCII characters on a node of a cluster, got ${id}`);
}

/** A place as nodes send it. @throws ClusterError FAILED for anything else. */
export function readPlace(value: unknown): RoomPlace {
  if (isTable(value)) {
    const { roomId, node, epoch, addresses } = value;
    if (
      typeof roomId === 'string' &&
      typeof node === 'string' &&
      typeof epoch === 'number' &&
      isTable(addresses)
    )
      return { roomId, node, epoch, addresses: addresses as Record<string, string> }; // as nodes say them
  }
  throw new ClusterError('FAILED', 'a node has answered with what is no place');
}

function isMetadata(value: unknown): value is RoomMetadata {
  return (
    isTable(value) &&
    Object.values(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one))
  );
}
