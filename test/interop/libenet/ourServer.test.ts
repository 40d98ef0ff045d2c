/** The cases with our server and clients of libenet. */

import { expectDiagnoses } from '../../support/diagnoses.ts';
import { runAllCases } from './cases/all.ts';
import { CPeer } from './cPeer.ts';
import { OurPeer } from './ourPeer.ts';
import { transports } from './transports.ts';

expectDiagnoses('compression and checksum change on one side after the other');

runAllCases(
  transports.map(({ name, runtime, longSeconds }) => ({
    title: `our server (${name}) against clients of libenet`,
    startServer: async () => new OurPeer('our server', runtime),
    startClient: () => CPeer.start('C client'),
    longSeconds,
  })),
);
