/**
 * `godot-enet/testing`: hosts and rooms on a virtual network under virtual time, and recorded sessions.
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
  RoomTest,
  type RoomTestError,
  type RoomTestOptions,
  type RoomTestServer,
  recordHost,
  recordSession,
  replaySession,
  type SeenCall,
  type SeenNode,
  type SendFate,
  type Session,
  type SessionDatagram,
  type SessionRecorder,
  type SessionSide,
  type Sight,
  type SimDatagram,
  SimNetwork,
  type SimNetworkOptions,
  type SimRuntime,
  type SimRuntimeOptions,
  sessionBytes,
  TestPlayer,
} from './testing/internal.ts';
