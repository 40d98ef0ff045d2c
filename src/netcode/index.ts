/** The clock of the server, input of the players, and the world as a player saw it: `godot-enet/multiplayer`. Re-exports only. */
export type { ClockEstimate } from './clockEstimate.ts';
export { NetworkTime, type NetworkTimeSignals } from './NetworkTime.ts';
export {
  NETWORK_TIME_DEFAULTS,
  type NetworkTimeOptions,
  type NetworkTimeSettings,
} from './networkTimeOptions.ts';
export { NETWORK_TIME_RPCS } from './networkTimeRpcs.ts';
export type { PlayerInput } from './playerInput.ts';
export type { RewoundWorld } from './RewoundWorld.ts';
export { NetworkTimeRefusal, type NetworkTimeRefusals } from './refusal.ts';
export { WorldHistory } from './WorldHistory.ts';
export {
  WORLD_HISTORY_DEFAULTS,
  type WorldHistoryOptions,
  type WorldHistorySettings,
} from './worldHistoryOptions.ts';
