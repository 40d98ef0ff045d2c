/**
 * `godot-enet/testing`: hosts on a virtual network under virtual time, and recorded sessions.
 *
 * @module testing
 */
export type { AttachedHost, HostLike } from './io/internal.ts';
export type { DatagramSink, DatagramSocket, PeerPlace, PeerSource, Scheduler } from './runtime/internal.ts';
export {
  type Fate,
  formatSession,
  type HostRecorder,
  type LinkConditions,
  PERFECT_LINK,
  parseSession,
  type RecordHostOptions,
  type RecordOptions,
  type ReplayOptions,
  recordHost,
  recordSession,
  replaySession,
  type SendFate,
  type Session,
  type SessionDatagram,
  type SessionRecorder,
  type SessionSide,
  type SimDatagram,
  SimNetwork,
  type SimNetworkOptions,
  type SimRuntime,
  type SimRuntimeOptions,
  sessionBytes,
} from './testing/internal.ts';
