/** Why a room or a player does not get to another node. docs/errors.md, "Handoffs", explains each. */

/** The stable names of all reasons. */
export const HandoffErrorCode = {
  /** The room is on its way already, or has ended. */
  BUSY: 'BUSY',
  /** The other node does not take it: it has no such kind, is going itself, or is full. */
  REFUSED: 'REFUSED',
  /** The other node did not answer in time, or is gone. */
  UNREACHABLE: 'UNREACHABLE',
  /** The room takes more bytes than may be sent. */
  TOO_LARGE: 'TOO_LARGE',
  /** What came from another node cannot be read. */
  MALFORMED: 'MALFORMED',
  /** The other node could not make the room, or the key of the room was not given to it. */
  FAILED: 'FAILED',
  /** There is no other node that could take it. */
  NO_NODE: 'NO_NODE',
} as const;

/** One of the names of {@link HandoffErrorCode}. */
export type HandoffErrorCode = (typeof HandoffErrorCode)[keyof typeof HandoffErrorCode];

/** A room or a player stays where it is. */
export class HandoffError extends Error {
  /** Why. */
  readonly code: HandoffErrorCode;

  /** @param code why. */
  constructor(code: HandoffErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HandoffError';
    this.code = code;
  }
}
