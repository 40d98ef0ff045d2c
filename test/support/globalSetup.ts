import { reportPeers } from './peers.ts';

/** Says once, before the run, which live peers are missing and how to install them. */
export default function setup(): void {
  reportPeers();
}
