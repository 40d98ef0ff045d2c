/**
 * `godot-enet/testing`: hosts on a virtual network under virtual time, and recorded sessions.
 *
 * @module testing
 */
export type { AttachedHost, HostLike } from './io/attachedHost.ts';
export type { DatagramSink, DatagramSocket, PeerPlace, PeerSource, Scheduler } from './io/datagramSocket.ts';
export { type LinkConditions, PERFECT_LINK, type SendFate } from './testing/conditions.ts';
export { type HostRecorder, type RecordHostOptions, recordHost } from './testing/recordHost.ts';
export { type ReplayOptions, replaySession } from './testing/replay.ts';
export { type Fate, type SimDatagram, SimNetwork, type SimNetworkOptions } from './testing/SimNetwork.ts';
export type { SimRuntime, SimRuntimeOptions } from './testing/SimRuntime.ts';
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
} from './testing/session.ts';
