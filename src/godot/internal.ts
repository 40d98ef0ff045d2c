/** The internal door of src/godot, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { describe } from '../../options/internal.ts';
export { PACKET_HELD_BYTES, type Rate, TokenBucket } from '../enet/internal.ts';
export { CLIENT_LIMIT_DEFAULTS } from './clientLimits.ts';
export { CONNECTION_HOST_OPTION_NAMES, checkConnectTimeout } from './connectionOptions.ts';
/** @internal */
export { connectionAccess } from './ENetConnection.ts';
/** @internal */
export { peerAccess } from './ENetPacketPeer.ts';
export { findCompressor } from './findCompressor.ts';
export { readHostParameters } from './hostParameters.ts';
export { formatIpAddress, isBindAddress, isHostName } from './ipAddress.ts';
export { checkLinger } from './lingering.ts';
export { limitedHost } from './multiplayer/enetLimits.ts';
export { TransportCounters } from './multiplayer/transportCounters.ts';
export { TransportOps } from './multiplayer/transportOps.ts';
export { INT32_MAX, isInRange, toInteger, toUint32 } from './numbers.ts';
export { LivePeers } from './operator.ts';
export { PeerMeter, type PeerRates, peerMeter } from './peerMeter.ts';
export { callGuarded, countingReporter, isThenable, safeReporter } from './signals.ts';
export { StartWarning } from './startWarning.ts';
export { serverSecurity } from './tlsOptions.ts';
