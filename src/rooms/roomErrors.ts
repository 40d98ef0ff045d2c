/** Why a player does not get into a room, or a room is not made. docs/errors.md, "Rooms", explains each. */

/** The stable names of all reasons. */
export const RoomErrorCode = {
  /** There is no such room, or it has ended. */
  ROOM_UNKNOWN: 'ROOM_UNKNOWN',
  /** Nobody has defined rooms of this kind. */
  KIND_UNKNOWN: 'KIND_UNKNOWN',
  /** All seats are taken or kept for others. */
  ROOM_FULL: 'ROOM_FULL',
  /** The room lets nobody in. */
  ROOM_LOCKED: 'ROOM_LOCKED',
  /** There is no such reservation, it has expired, or it is of others. */
  RESERVATION: 'RESERVATION',
  /** `onAuth` of the room refused the player. */
  REFUSED: 'REFUSED',
  /** `onAuth` of the room did not answer within its `authMs`. */
  AUTH_TIMEOUT: 'AUTH_TIMEOUT',
  /** The room where newcomers go was not known, or not made, within `entryTimeout`. */
  ENTRY_TIMEOUT: 'ENTRY_TIMEOUT',
  /** The player left before it was in. */
  PLAYER_GONE: 'PLAYER_GONE',
  /** The player is on its way to another room already. */
  BUSY: 'BUSY',
  /** A room was to be made under the id of one of another kind. */
  ID_TAKEN: 'ID_TAKEN',
  /** There are as many rooms as there may be. */
  TOO_MANY_ROOMS: 'TOO_MANY_ROOMS',
  /** The player has tried too many codes that are none. */
  TOO_MANY_TRIES: 'TOO_MANY_TRIES',
  /** What the room does when it begins has failed. */
  ROOM_FAILED: 'ROOM_FAILED',
  /** The node of the cluster cannot prove that the room is its own: it lets nobody in. Who is in plays on. */
  FENCED: 'FENCED',
  /** The server of the rooms is closed. */
  CLOSED: 'CLOSED',
} as const;

/** One of the names of {@link RoomErrorCode}. */
export type RoomErrorCode = (typeof RoomErrorCode)[keyof typeof RoomErrorCode];

/** A player does not get into a room, or a room is not made. */
export class RoomError extends Error {
  /** Why. */
  readonly code: RoomErrorCode;

  /** @param code why. */
  constructor(code: RoomErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RoomError';
    this.code = code;
  }
}
