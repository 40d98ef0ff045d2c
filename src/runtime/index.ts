/** What the layers above the core need from the world, as interfaces: what `godot-enet/enet` exports of it. */
export type { AttachError, BindOptions, HostPort } from './hostPort.ts';
export {
  type AttachRemote,
  DEFAULT_THREAD_LIMITS,
  type RemoteEvent,
  RemoteEventType,
  type RemoteHost,
  type RemoteHostListener,
  type RemoteHostOptions,
  type RemoteNumbers,
  type ThreadCounters,
  type ThreadLimits,
  type TraceChoice,
  type WaitingBytes,
} from './remoteHost.ts';
export type { Runtime, Timer } from './runtime.ts';
export type { SecureLimits } from './secureLimits.ts';
export { SECURE_SUITES, type SecureSuite } from './secureSuites.ts';
export type {
  SecureClientOptions,
  SecureCounters,
  SecureOptions,
  SecureServerOptions,
  TrustedCertificates,
} from './secureTransport.ts';
