/** Public entry `godot-enet/server`: Godot's ENetServer and ENetClient, with Node as their platform. */
import './node/internal.ts';

export { DisconnectCause } from './enet/index.ts';
export {
  type ErrorReporter,
  type PemText,
  SignalEmitter,
  type SignalListener,
  TLSOptions,
} from './godot/index.ts';
export {
  DEFAULT_THREAD_LIMITS,
  SECURE_SUITES,
  type SecureCounters,
  type SecureLimits,
  type SecureSuite,
  type ThreadCounters,
  type ThreadLimits,
} from './runtime/index.ts';
export * from './server/index.ts';
