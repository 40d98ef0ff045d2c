/** Who has a say over the rooms of a RoomServer from outside: the node of a cluster. */
import type { RoomListing } from './listing.ts';

/** What is known of a room that takes players, private ones included. */
export interface RoomFacts extends RoomListing {
  /** `Room.code`. */
  readonly code: string;
  /** `Room.isPrivate`. */
  readonly isPrivate: boolean;
}

/** What a `RoomServer` asks before it lets somebody in or makes a room, and what it tells. One at most. */
export interface RoomGate {
  /**
   * Whether somebody may come in now. Asked synchronously each time: at the login of newcomers (without a room), when a player enters a room
   * and once more when its `onAuth` has answered, and in `Room.reserve`. Who is in already, and who returns to its seat, is not asked about.
   */
  admits(roomId?: string | undefined): boolean;
  /** A room is to be made. Rejects when it may not: its constructor is not called then, and `create` rejects with the same. */
  claim(id: string, kind: string): Promise<void>;
  /** A room that was claimed did not come about, or has ended, and its `onDispose` is done. */
  release(id: string): void;
  /** Rooms that are otherwise than before, at most once per poll; `undefined` for one that has ended. */
  changed(rooms: ReadonlyMap<string, RoomFacts | undefined>): void;
}

/** What whoever keeps the gate may do. */
export interface GatedRooms {
  /** What is known of a room; `undefined` for one that takes no players. */
  facts(id: string): RoomFacts | undefined;
  /** Calls `onFenced` of all rooms. */
  fence(isFenced: boolean): void;
  /** Resolves when the room that is being made under an id takes players; rejects as its `create`; `undefined` when none is. */
  making(id: string): Promise<unknown> | undefined;
}
