/** What is known of a player beside what the player itself says. */
import type { PlayerConnection } from './connection.ts';
import type { Kept } from './kept.ts';
import type { Move } from './Move.ts';
import type { Player, PlayerState } from './Player.ts';
import type { RoomCore } from './roomCore.ts';

/** A player, with what nobody else may change. */
export interface PlayerEntry {
  readonly player: Player;
  readonly state: PlayerState;
  /** Its room. */
  core: RoomCore | undefined;
  /** The connection of now, or the last one. */
  link: PlayerConnection;
  /** Its number: ours, since a client may choose the id of its peer. */
  connection: number;
  /** The end of the connection, while it is away. */
  lost: { readonly peerId: number; readonly reason: 'timeout' | 'drop' } | undefined;
  /** What is kept for it while another connection takes over; else `undefined`. */
  meanwhile: Kept[] | undefined;
  /** Where it is going; its seat there is kept. */
  move: Move | undefined;
  /** Whether somebody may log in as the same player. */
  readonly canReturn: boolean;
  /** When it came to its room. */
  arrivedMs: number;
  /** Rooms in a row that failed as soon as it had come, and not in a hook of another player. */
  brokenRooms: number;
  /** Tries of codes that were none. */
  wrongCodes: number;
}
