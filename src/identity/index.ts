/** Who a client is, and what is kept for one who comes back: part of `godot-enet/rooms`. Re-exports only. */
export {
  PLAYER_DIRECTORY_DEFAULTS,
  type PlayerDirectoryOptions,
  type PlayerDirectorySettings,
  type SecondLogin,
} from './directory/directoryOptions.ts';
export { PlayerDirectory } from './directory/PlayerDirectory.ts';
export type {
  Absence,
  ConnectionEnd,
  EndedSeat,
  FreedSeat,
  LoginDetails,
  LoginRefusal,
  LoginResult,
  Missed,
  PlayerState,
} from './directory/results.ts';
export type { PlayerDirectorySnapshot, SeatSnapshot } from './directory/snapshot.ts';
