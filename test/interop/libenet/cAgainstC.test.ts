/**
 * The cases with libenet on both sides. They are the reference: what holds here is what the other pairings are held
 * to, and they show that driver and cases are right.
 */
import { runAllCases } from './cases/all.ts';
import { CPeer } from './cPeer.ts';

runAllCases([
  {
    title: 'libenet against libenet',
    startServer: () => CPeer.start('C server'),
    startClient: () => CPeer.start('C client'),
    longSeconds: 3,
  },
]);
