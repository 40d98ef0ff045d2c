/** The order of the signals of a peer. enet-server-module section 8, guarantee 2. */
import type { Emission } from './world.ts';

/** What a peer may do next in its life, by the signal before. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  start: ['peerConnecting'],
  peerConnecting: ['peerPrelogin', 'peerAuthenticated', 'peerDisconnected'],
  peerPrelogin: ['peerPrelogin', 'peerAuthenticated', 'peerDisconnected'],
  peerAuthenticated: ['packet', 'peerDisconnected'],
  packet: ['packet', 'peerDisconnected'],
  peerDisconnected: [],
};

/** Where a log of a stopped server breaks that order. */
export function brokenRules(log: readonly Emission[]): string[] {
  const broken: string[] = [];
  const last = new Map<unknown, string>();
  for (const [name, peer] of log) {
    if (name === 'serverStarted' || name === 'serverStopped') continue;
    const step = String(name).endsWith('Received') ? 'packet' : String(name);
    const before = last.get(peer) ?? 'start';
    if (!NEXT[before]?.includes(step)) broken.push(`peer ${String(peer)}: ${step} after ${before}`);
    last.set(peer, step);
  }
  for (const [peer, step] of last) {
    if (step !== 'peerDisconnected') broken.push(`peer ${String(peer)}: no peerDisconnected`);
  }
  return broken;
}
