/**
 * The cases with libenet on both sides. They are the reference: what holds here is what the other pairings are held
 * to, and they show that driver and cases are right.
 */

import { connectCases } from './cases/connect.ts';
import { disconnectCases } from './cases/disconnect.ts';
import { mismatchCases, packetCases } from './cases/packets.ts';
import { settingCases } from './cases/settings.ts';
import { trafficCases } from './cases/traffic.ts';
import { CPeer } from './cPeer.ts';
import { type Pairing, runCases } from './pairing.ts';

const pairing: Pairing = {
  title: 'libenet against libenet',
  startServer: () => CPeer.start('C server'),
  startClient: () => CPeer.start('C client'),
};

runCases(pairing, packetCases, false);
runCases(
  pairing,
  [...trafficCases, ...settingCases, ...connectCases, ...mismatchCases, ...disconnectCases],
  true,
);
