/** What a SceneMultiplayer turned away, counted by reason. docs/errors.md, "Multiplayer refusals", explains each. */

/** The stable names of all reasons. */
export const MultiplayerRefusal = {
  /** A packet that is too short, or otherwise not what its first byte says. */
  MALFORMED: 'malformed',
  /** A packet from somebody who is not admitted. */
  UNKNOWN_PEER: 'unknown-peer',
  /** Anything but authentication from somebody who has not authenticated. */
  NOT_AUTHENTICATED: 'not-authenticated',
  /** Authentication data where nobody asks for it. */
  AUTH_UNEXPECTED: 'auth-unexpected',
  /** More bytes than a peer may send before it is admitted. It is disconnected. */
  AUTH_BYTES: 'auth-bytes',
  /** No root node: nothing but SYS packets is read. */
  NO_ROOT: 'no-root',
  /** A command that does not exist, or not inside a relay. */
  UNKNOWN_COMMAND: 'unknown-command',
  /** ADD_PEER, DEL_PEER or RELAY from somebody who may not send it, or with the relay off. */
  RELAY_REFUSED: 'relay-refused',
  /** More bytes to others than a peer may have relayed. */
  RELAY_BUDGET: 'relay-budget',
  /**
   * A packet to or from a peer that has moved to another room meanwhile: it was meant for the room before. Only with `godot-enet/rooms`.
   */
  LATE: 'late',
  /** More calls than a peer may make. */
  CALL_BUDGET: 'call-budget',
  /** A number or a path that leads to no node. */
  UNKNOWN_NODE: 'unknown-node',
  /** A path that leads out of the root. */
  OUTSIDE_ROOT: 'outside-root',
  /** A number that the peer has given to another node already. */
  DUPLICATE_ID: 'duplicate-id',
  /** More numbers than one peer may give. */
  TOO_MANY_PATHS: 'too-many-paths',
  /** A confirmation of something that the peer was not told. */
  CONFIRM_UNEXPECTED: 'confirm-unexpected',
  /** A method list that differs from ours. The path counts all the same. */
  CHECKSUM: 'checksum',
  /** A method number that the node does not have. */
  UNKNOWN_METHOD: 'unknown-method',
  /** A call from somebody who may not make it. */
  NOT_ALLOWED: 'not-allowed',
  /** Arguments that cannot be decoded. */
  DAMAGED_ARGUMENTS: 'damaged-arguments',
  /** Arguments of other types, or another number of them, than the method declares. */
  WRONG_ARGUMENTS: 'wrong-arguments',
  /** A SPAWN that makes no node, or not all of it: the name, the scene, the number or the place is not right. */
  SPAWN_REFUSED: 'spawn-refused',
  /** A state that cannot be decoded, or whose values do not fit. */
  DAMAGED_STATE: 'damaged-state',
  /** A state or spawn beyond `maxStatesPerSec`. */
  STATE_BUDGET: 'state-budget',
  /** A state that the validator of its synchronizer refuses. */
  STATE_REFUSED: 'state-refused',
  /** A call of a method that nobody handles. */
  NO_HANDLER: 'no-handler',
  /** A call of ours that is not sent to a peer: its gate is closed, too many wait, or its version cannot carry an argument. */
  NOT_SENT: 'not-sent',
  /** A peer has not confirmed a node that it was told of 3 seconds ago. Nothing is turned away: it is told again. */
  UNCONFIRMED: 'unconfirmed',
  /** A peer did not say in time which version it is: it is taken for 4.4 or later, or for what its transport says. Nothing is turned away. */
  DIALECT_UNKNOWN: 'dialect-unknown',
  /** A peer said late that it is another version than it was taken for. Nothing is turned away. */
  DIALECT_CORRECTED: 'dialect-corrected',
} as const;

/** One of the names of {@link MultiplayerRefusal}. */
export type MultiplayerRefusal = (typeof MultiplayerRefusal)[keyof typeof MultiplayerRefusal];

/** How often each reason came up; one that never did is missing. */
export type MultiplayerRefusals = Readonly<Partial<Record<MultiplayerRefusal, number>>>;
