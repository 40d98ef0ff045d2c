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
export {
  SECURE_SUITES,
  type SecureClientOptions,
  type SecureCounters,
  type SecureLimits,
  type SecureOptions,
  type SecureServerOptions,
  type SecureSuite,
  type TrustedCertificates,
} from './secureTransport.ts';
