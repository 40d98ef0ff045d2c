/** The ENet core: what `godot-enet/enet` exports of it. */

export { type Address, type Datagram, isSameAddress } from './address.ts';
export {
  type AcknowledgeCommand,
  type BandwidthLimitCommand,
  buildDatagram,
  type ConnectCommand,
  type DisconnectCommand,
  type FragmentCommand,
  type ParsedCommand,
  type ParsedDatagram,
  type ParseOptions,
  type PingCommand,
  parseDatagram,
  type SendCommand,
  type ThrottleConfigureCommand,
} from './commands.ts';
export { type CommandTraceEntry, type CommandTraceOptions, traceCommands } from './commandTrace.ts';
export type { Checksum, Compressor } from './compressor.ts';
export { ConnectGate, ConnectRefusal, type ConnectRules } from './connectGate.ts';
export { crc32 } from './crc32.ts';
export { DisconnectCause } from './disconnectCause.ts';
export { DropReason } from './dropReason.ts';
export { Host, type HostStatistics } from './host.ts';
export type { DoctoredHost, HostDoctor, MakeHostDoctor } from './hostDoctor.ts';
export {
  type AdmitHook,
  type ConnectAttempt,
  DEFAULT_HOST_OPTIONS,
  type HostOptions,
} from './hostOptions.ts';
export { Packet } from './packet.ts';
export { PacketFlag, PeerState } from './protocol.ts';
export type { VerifyTime } from './state/handshakeProof.ts';
export { EventType, HostEvent } from './state/hostEvent.ts';
export { Peer } from './state/peer.ts';
export type { HostTrace } from './trace.ts';
