/** The cases with a server of libenet and our clients. */

import { expectDiagnoses } from '../../support/diagnoses.ts';
import { runAllCases } from './cases/all.ts';
import { CPeer } from './cPeer.ts';
import { OurPeer } from './ourPeer.ts';
import { transports } from './transports.ts';

expectDiagnoses('compression and checksum change on one side after the other');

runAllCases(
  transports.map(({ name, runtime, longSeconds }) => ({
    title: `a server of libenet against our clients (${name})`,
    startServer: () => CPeer.start('C server'),
    startClient: async () => new OurPeer('our client', runtime),
    longSeconds,
  })),
);
