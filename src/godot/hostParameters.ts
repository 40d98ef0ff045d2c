/** The parameters that `create_host` and `create_host_bound` share, and their checks. godot-enet-classes 2.2. */

import { describe } from '../../options/internal.ts';
import { MAX_CHANNELS, MAX_PEERS } from '../enet/internal.ts';
import { INT32_MAX, isInRange, toInteger } from './numbers.ts';

/** Checked parameters, under the names of the ENet host. */
export interface HostParameters {
  /** 1..4095. */
  readonly peerCount: number;
  /** 0..255; 0 stands for 255. */
  readonly channelLimit: number;
  /** Bytes per second; 0 = unlimited. */
  readonly incomingBandwidth: number;
  /** Bytes per second; 0 = unlimited. */
  readonly outgoingBandwidth: number;
}

/**
 * Checks the parameters in Godot's order.
 *
 * @returns them, or the explanation of the first one that is out of range.
 */
export function readHostParameters(
  maxPeers: number,
  maxChannels: number,
  inBandwidth: number,
  outBandwidth: number,
): HostParameters | string {
  const ranges = [
    ['maxPeers', maxPeers, 1, MAX_PEERS],
    ['maxChannels', maxChannels, 0, MAX_CHANNELS],
    ['inBandwidth', inBandwidth, 0, INT32_MAX],
    ['outBandwidth', outBandwidth, 0, INT32_MAX],
  ] as const;
  for (const [name, value, min, max] of ranges) {
    if (!isInRange(toInteger(value), min, max))
      return `${name} expected ${min}..${max}, got ${describe(value)}`;
  }
  return {
    peerCount: toInteger(maxPeers),
    channelLimit: toInteger(maxChannels),
    incomingBandwidth: toInteger(inBandwidth),
    outgoingBandwidth: toInteger(outBandwidth),
  };
}
