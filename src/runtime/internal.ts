/** The internal door of src/runtime, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export {
  type DatagramSink,
  type DatagramSocket,
  isAttachError,
  MAX_DATAGRAM_BYTES,
  MAX_LONG_DATAGRAM_BYTES,
  type PeerPlace,
  type PeerSource,
  type Scheduler,
  toAttachError,
} from './datagramSocket.ts';
export { Elapsed } from './Elapsed.ts';
export { requireRuntime, setPlatform, withPlatform } from './platform.ts';
export { printError } from './printError.ts';
export {
  checkSecureLimit,
  checkSecureLimits,
  SECURE_LIMIT_NAMES,
  SECURE_LIMITS,
  type SecureLimitName,
} from './secureLimits.ts';
export { SUITE_TABLE, type SuiteRow } from './secureSuites.ts';
export { sleep } from './sleep.ts';
export { type TickDurations, TickTimes } from './TickTimes.ts';
export { checkThreadLimits, THREAD_LIMIT_NAMES } from './threadLimits.ts';
