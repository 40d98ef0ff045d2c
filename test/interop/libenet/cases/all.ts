/** All cases of some pairings. */
import { vi } from 'vitest';
import { type Pairing, runCases } from '../pairing.ts';
import { connectCases } from './connect.ts';
import { disconnectCases } from './disconnect.ts';
import { mismatchCases, packetCases } from './packets.ts';
import { settingCases } from './settings.ts';
import { trafficCases } from './traffic.ts';

/** A pairing, and how long its longest run of random traffic lasts. */
export interface TimedPairing extends Pairing {
  readonly longSeconds: number;
}

/** Registers every case: one after the other where bytes are moved as fast as possible, else side by side. */
export function runAllCases(pairings: readonly TimedPairing[]): void {
  // They wait for timeouts of the protocol far more than they work.
  vi.setConfig({ maxConcurrency: 12 });
  for (const pairing of pairings) runCases(pairing, packetCases, false);
  for (const pairing of pairings) {
    const traffic = trafficCases(pairing.longSeconds);
    const waiting = [...traffic, ...settingCases, ...connectCases, ...mismatchCases, ...disconnectCases];
    runCases(pairing, waiting, true);
  }
}
