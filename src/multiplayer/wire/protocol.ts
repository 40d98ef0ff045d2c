/** The numbers of SceneMultiplayer's packets. docs/protocol/scene-multiplayer 1 and 3. */

/** Commands: the low three bits of a packet's first byte. */
export const Command = {
  REMOTE_CALL: 0,
  SIMPLIFY_PATH: 1,
  CONFIRM_PATH: 2,
  RAW: 3,
  SPAWN: 4,
  DESPAWN: 5,
  SYNC: 6,
  SYS: 7,
} as const;

/** One of the numbers of {@link Command}. */
export type Command = (typeof Command)[keyof typeof Command];

/** The low three bits of a packet's first byte. */
export const COMMAND_MASK = 7;

/** The second byte of SYS packets. */
export const SysCommand = {
  AUTH: 0,
  ADD_PEER: 1,
  DEL_PEER: 2,
  RELAY: 3,
} as const;

/** One of the numbers of {@link SysCommand}. */
export type SysCommand = (typeof SysCommand)[keyof typeof SysCommand];

/** SYS packets other than AUTH have at least so many bytes. */
export const SYS_BYTES = 6;

/** The bit of a node field, and of a synchronizer's id, that says that the rest is about a path. */
export const PATH_BIT = 0x8000_0000;

/** The bit of a method id that says that it belongs to the configuration of the node. */
export const NODE_METHOD_BIT = 0x8000;

/** The most arguments of a call. */
export const MAX_ARGUMENTS = 255;
