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
export { checkSecureLimits } from './secureTransport.ts';
export { checkThreadLimits } from './threadLimits.ts';
