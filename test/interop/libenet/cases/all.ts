/** All cases of one pairing. */
import { type Pairing, runCases } from '../pairing.ts';
import { connectCases } from './connect.ts';
import { disconnectCases } from './disconnect.ts';
import { mismatchCases, packetCases } from './packets.ts';
import { settingCases } from './settings.ts';
import { trafficCases } from './traffic.ts';

/**
 * Registers every case: one after the other where bytes are moved as fast as possible, else side by side.
 *
 * @param longSeconds how long the longest run of random traffic lasts.
 */
export function runAllCases(pairing: Pairing, longSeconds: number): void {
  runCases(pairing, packetCases, false);
  const waiting = [
    ...trafficCases(longSeconds),
    ...settingCases,
    ...connectCases,
    ...mismatchCases,
    ...disconnectCases,
  ];
  runCases(pairing, waiting, true);
}
