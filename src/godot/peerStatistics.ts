/** The 14 statistics of a peer. Implements godot-enet-classes 3.3. */
import type { Peer } from '../enet/index.ts';
import { PACKET_THROTTLE_SCALE } from './constants.ts';

/** Reads one statistic of a connection; 0 for a number that is none. */
export function readPeerStatistic(peer: Peer, statistic: number): number {
  const entry = entryOf(statistic);
  return entry === undefined ? 0 : peer[entry[0]];
}

/** Whether there is such a statistic. */
export function isPeerStatistic(statistic: unknown): boolean {
  return entryOf(statistic) !== undefined;
}

/** The statistic of a connection that has not been begun yet: the initial value. */
export function initialPeerStatistic(statistic: number): number {
  return entryOf(statistic)?.[1] ?? 0;
}

function entryOf(statistic: unknown): (typeof STATISTICS)[number] | undefined {
  // An array has more than numbers in it, e.g. its length.
  return typeof statistic === 'number' ? STATISTICS[statistic] : undefined;
}

/** In the order of `PeerStatistic`: the name in the ENet core, and the initial value. */
const STATISTICS = [
  ['packetLoss', 0],
  ['packetLossVariance', 0],
  ['packetLossEpoch', 0],
  ['rttMs', 500],
  ['rttVarianceMs', 0],
  ['lastRttMs', 500],
  ['lastRttVarianceMs', 0],
  ['throttle', PACKET_THROTTLE_SCALE],
  ['throttleLimit', PACKET_THROTTLE_SCALE],
  ['throttleCounter', 0],
  ['throttleEpoch', 0],
  ['throttleAcceleration', 2],
  ['throttleDeceleration', 2],
  ['throttleIntervalMs', 5000],
] as const satisfies readonly (readonly [keyof Peer, number])[];
