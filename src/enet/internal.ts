/** The internal door of src/enet, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { AddressRules, limitKey } from './addressRules.ts';
export { commandLength } from './commands.ts';
export { createFastLz } from './compress/fastlz.ts';
export { createRangeCoder } from './compress/rangeCoder.ts';
export { Fifo } from './fifo.ts';
export { NO_STATISTICS } from './host.ts';
export { HOST_OPTION_NAMES } from './hostOptions.ts';
export { canonicalIp, formatIp, isIpv4Text, parseIp } from './ip.ts';
export {
  COMMAND_MASK,
  COMMAND_SIZES,
  CONTROL_CHANNEL,
  Command,
  HEADER_COMPRESSED,
  HEADER_SENT_TIME,
  MAX_CHANNELS,
  MAX_COMMAND,
  MAX_FRAGMENTS,
  MAX_MTU,
  MAX_PEERS,
  MAX_RELIABLE_FRAGMENTS,
  NO_PEER,
  PEER_ID_MASK,
  SESSION_MASK,
  SESSION_SHIFT,
} from './protocol.ts';
export { packetCharge } from './send/queueing.ts';
export { setSpareDoctor } from './spareDoctor.ts';
export { PACKET_HELD_BYTES } from './state/memoryBudget.ts';
export { Tally } from './tally.ts';
export { type Rate, TokenBucket, TokenBuckets } from './tokenBucket.ts';
