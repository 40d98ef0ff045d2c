/** What every kind of server lets its clients do by default. */

/** The defaults that ENetServer and the multiplayer peers have in common, so that one of them is not the weaker door. */
export const CLIENT_LIMIT_DEFAULTS: Readonly<
  Record<
    | 'connectsPerSec'
    | 'connectBurst'
    | 'connectsPerSecPerAddress'
    | 'connectBurstPerAddress'
    | 'maxTrackedAddresses'
    | 'maxHalfOpen'
    | 'maxHalfOpenPerAddress'
    | 'packetsPerSec'
    | 'packetBurst'
    | 'bytesPerSec'
    | 'byteBurst',
    number
  >
> = {
  connectsPerSec: 1000,
  connectBurst: 4095,
  connectsPerSecPerAddress: 50,
  connectBurstPerAddress: 200,
  maxTrackedAddresses: 65_536,
  maxHalfOpen: 1024,
  maxHalfOpenPerAddress: 256,
  packetsPerSec: 5000,
  packetBurst: 20_000,
  bytesPerSec: 4 * 1024 * 1024,
  byteBurst: 32 * 1024 * 1024,
};
