/** What a RoomServer turned away, counted by reason. docs/errors.md, "Room refusals", explains each. */

/** The stable names of all reasons. */
export const RoomRefusal = {
  /** `auth` refused a connection, or threw. */
  AUTH: 'auth',
  /** A login that the rules of players refuse: an id that is none, a second login, one that has another's peer id. */
  LOGIN: 'login',
  /** A player for whom there is no room. Its connection ends. */
  NO_ROOM: 'no-room',
  /** A connection that sends more than its room looks at, and more than any other there. It ends. */
  FLOODED: 'flooded',
  /** An event that its room does not handle. */
  UNHANDLED_EVENT: 'unhandled-event',
  /** A packet for a room in which its sender, or its receiver, was no more. */
  LATE: 'late',
} as const;

/** One of the names of {@link RoomRefusal}. */
export type RoomRefusal = (typeof RoomRefusal)[keyof typeof RoomRefusal];
