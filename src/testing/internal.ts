/** The internal door of src/testing, for the other rooms of this package: nothing of it is public API. Re-exports only. */

export { type LinkConditions, PERFECT_LINK, type SendFate } from './conditions.ts';
export { Prng } from './prng.ts';
export { type HostRecorder, type RecordHostOptions, recordHost } from './recordHost.ts';
export { type ReplayOptions, replaySession } from './replay.ts';
export { RoomTest, type RoomTestError, type RoomTestOptions, type RoomTestServer } from './rooms/RoomTest.ts';
export type { SeenCall, SeenNode, Sight } from './rooms/sees.ts';
export { TestPlayer } from './rooms/TestPlayer.ts';
export { type Fate, type SimDatagram, SimNetwork, type SimNetworkOptions } from './SimNetwork.ts';
export { SimRuntime, type SimRuntimeOptions } from './SimRuntime.ts';
export {
  formatSession,
  parseSession,
  type RecordOptions,
  recordSession,
  type Session,
  type SessionDatagram,
  type SessionRecorder,
  type SessionSide,
  sessionBytes,
} from './session.ts';
