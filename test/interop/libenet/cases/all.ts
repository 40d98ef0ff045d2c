/** All cases of one pairing. */
import { type Pairing, runCases } from '../pairing.ts';
import { connectCases } from './connect.ts';
import { disconnectCases } from './disconnect.ts';
import { mismatchCases, packetCases } from './packets.ts';
import { settingCases } from './settings.ts';
import { trafficCases } from './traffic.ts';

/** Registers every case: one after the other where bytes are moved as fast as possible, else side by side. */
export function runAllCases(pairing: Pairing): void {
  runCases(pairing, packetCases, false);
  const waiting = [...trafficCases, ...settingCases, ...connectCases, ...mismatchCases, ...disconnectCases];
  runCases(pairing, waiting, true);
}
