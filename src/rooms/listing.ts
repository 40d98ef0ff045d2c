/** Lists of rooms, and what changes in them, for lobbies. */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { describe } from '../godot/internal.ts';

/** What others see of a room in lists: numbers, texts and booleans. */
export type RoomMetadata = Readonly<Record<string, string | number | boolean>>;

/** A room in a list. Plain values: it may be sent as it is. */
export interface RoomListing {
  /** `Room.id`. */
  readonly id: string;
  /** `Room.kind`. */
  readonly kind: string;
  /** Seats of players that are taken. */
  readonly players: number;
  /** `Room.maxPlayers`. */
  readonly maxPlayers: number;
  /** Seats of players that anybody may take. */
  readonly freeSeats: number;
  /** Seats of spectators that are taken. */
  readonly spectators: number;
  /** `Room.maxSpectators`. */
  readonly maxSpectators: number;
  /** `Room.isLocked`. */
  readonly isLocked: boolean;
  /** `Room.metadata`. */
  readonly metadata: RoomMetadata;
}

/** Which rooms are meant; everything that is given has to be true. */
export interface RoomFilter {
  /** Rooms of this kind. */
  readonly kind?: string | undefined;
  /** Rooms with a seat that anybody may take, which are not locked. */
  readonly hasSeats?: boolean | undefined;
  /** Rooms whose metadata have these values, each of which may be one of several. */
  readonly metadata?: Readonly<Record<string, MetadataValue | readonly MetadataValue[]>> | undefined;
  /** Whatever else the application asks. */
  readonly where?: ((room: RoomListing) => boolean) | undefined;
}

type MetadataValue = RoomMetadata[string];

/** What has changed in a list. */
export interface RoomListChanges {
  /** Rooms that were not in it, or are there with other values. */
  readonly changed: readonly RoomListing[];
  /** The ids of rooms that are not in it any more. */
  readonly removed: readonly string[];
}

/** Whether a filter means a room. */
export function fits(filter: RoomFilter, room: RoomListing): boolean {
  const { kind, hasSeats, metadata, where } = filter;
  if (kind !== undefined && room.kind !== kind) return false;
  if (hasSeats !== undefined && hasSeats !== (room.freeSeats > 0 && !room.isLocked)) return false;
  for (const [key, wanted] of Object.entries(metadata ?? {})) {
    const value = Object.hasOwn(room.metadata, key) ? room.metadata[key] : undefined;
    const isWanted = Array.isArray(wanted) ? wanted.includes(value) : wanted === value;
    if (!isWanted) return false;
  }
  return where === undefined || where(room);
}

/** @throws TypeError or RangeError for what is no filter. */
export function checkFilter(filter: RoomFilter): void {
  checkOptions(filter, FILTER_NAMES);
  const { kind, hasSeats, metadata, where } = filter;
  if (kind !== undefined && typeof kind !== 'string')
    throw new TypeError(`"kind" expected a string, got ${describe(kind)}`);
  if (hasSeats !== undefined && typeof hasSeats !== 'boolean')
    throw new TypeError(`"hasSeats" expected a boolean, got ${describe(hasSeats)}`);
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null))
    throw new TypeError(`"metadata" expected an object, got ${describe(metadata)}`);
  if (where !== undefined && typeof where !== 'function')
    throw new TypeError(`"where" expected a function, got ${describe(where)}`);
}

/** One who watches a list. */
export class ListWatch {
  readonly #filter: RoomFilter;
  readonly #listener: (changes: RoomListChanges) => void;
  readonly #listed = new Set<string>();

  constructor(filter: RoomFilter, listener: (changes: RoomListChanges) => void) {
    this.#filter = filter;
    this.#listener = listener;
  }

  /** Rooms may be other than they were. @param rooms each with its listing; without one it is in no list. */
  update(rooms: Iterable<readonly [id: string, listing: RoomListing | undefined]>): void {
    const changed: RoomListing[] = [];
    const removed: string[] = [];
    for (const [id, listing] of rooms) {
      if (listing !== undefined && fits(this.#filter, listing)) {
        this.#listed.add(id);
        changed.push(listing);
      } else if (this.#listed.delete(id)) {
        removed.push(id);
      }
    }
    if (changed.length + removed.length > 0) this.#listener({ changed, removed });
  }
}

const FILTER_NAMES: OptionNames<RoomFilter> = { kind: true, hasSeats: true, metadata: true, where: true };
