/** The throttle of unreliable packets and the sharing of bandwidth. enet-protocol 6.4, 6.11, 6.12. */
import { windowForBandwidths } from './connection.ts';
import { BANDWIDTH_INTERVAL_MS, Command, FLAG_ACKNOWLEDGE, THROTTLE_SCALE } from './protocol.ts';
import { Handled, type Reader } from './receive/reader.ts';
import { queueControl } from './send/queueing.ts';
import { timeDifference } from './sequence.ts';
import type { HostRecord } from './state/hostRecord.ts';
import type { PeerRecord } from './state/peerRecord.ts';

/** W16: a step larger than the scale means nothing. */
export function clampThrottleStep(step: number): number {
  return Math.min(step, THROTTLE_SCALE);
}

/** W16: an interval of 0 would refresh the epoch with every acknowledgement. */
export function clampThrottleInterval(intervalMs: number): number {
  return Math.max(intervalMs, 1);
}

/** enet-protocol 6.11, the table. */
export function throttleBySample(peer: PeerRecord, sample: number): void {
  if (peer.lastRtt <= peer.lastRttVariance) {
    peer.throttle = peer.throttleLimit;
  } else if (sample <= peer.lastRtt) {
    peer.throttle = Math.min(peer.throttle + peer.throttleAcceleration, peer.throttleLimit);
  } else if (sample > peer.lastRtt + 2 * peer.lastRttVariance) {
    peer.throttle = Math.max(peer.throttle - peer.throttleDeceleration, 0);
  }
}

/** enet-protocol 6.11, the interval. */
export function closeThrottleEpoch(now: number, peer: PeerRecord): void {
  if (peer.throttleEpoch !== 0 && timeDifference(now, peer.throttleEpoch) < peer.throttleIntervalMs) return;
  peer.lastRtt = peer.lowestRtt;
  peer.lastRttVariance = Math.max(peer.highestRttVariance, 1);
  peer.lowestRtt = peer.rtt;
  peer.highestRttVariance = peer.rttVariance;
  peer.throttleEpoch = now;
}

/** THROTTLE_CONFIGURE from the remote. */
export function handleThrottleConfigure(peer: PeerRecord, reader: Reader): Handled {
  peer.throttleIntervalMs = clampThrottleInterval(reader.u32(4));
  peer.throttleAcceleration = clampThrottleStep(reader.u32(8));
  peer.throttleDeceleration = clampThrottleStep(reader.u32(12));
  return Handled.CONTINUE;
}

/** BANDWIDTH_LIMIT from the remote. */
export function handleBandwidthLimit(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  host.setRemoteInBandwidth(peer, reader.u32(4));
  peer.remoteOutBandwidth = reader.u32(8);
  peer.windowSize = windowForBandwidths(host.outBandwidth, peer.remoteInBandwidth);
  host.pending.add(peer.slot);
  return Handled.CONTINUE;
}

/** When the bandwidth throttle must run although nothing else happens; `undefined` while nobody is connected. */
export function bandwidthDeadline(host: HostRecord): number | undefined {
  if (host.connectedPeers === 0) return undefined;
  return (host.bandwidthEpoch + BANDWIDTH_INTERVAL_MS) >>> 0;
}

/** enet-protocol 6.12. Runs when a second has passed since its last run. */
export function throttleBandwidth(host: HostRecord): void {
  const elapsed = timeDifference(host.now, host.bandwidthEpoch);
  if (elapsed < BANDWIDTH_INTERVAL_MS) return;
  host.bandwidthEpoch = host.now;
  if (host.connectedPeers === 0) return;
  const peers = host.peers.filter((peer): peer is PeerRecord => peer?.isConnected === true);
  limitOutgoing(host, peers, elapsed);
  if (!host.isRecalculating) return;
  host.isRecalculating = false;
  announceLimits(host, peers);
}

/** Part 1: what each peer may send. */
function limitOutgoing(host: HostRecord, peers: readonly PeerRecord[], elapsed: number): void {
  let budget = 0xffffffff;
  let data = 0xffffffff;
  if (host.outBandwidth !== 0) {
    budget = Math.floor((host.outBandwidth * elapsed) / 1000);
    data = peers.reduce((sum, peer) => sum + peer.outDataTotal, 0);
  }
  let unsettled = peers;
  let isSettling = host.bandwidthLimitedPeers > 0;
  while (isSettling && unsettled.length > 0) {
    isSettling = false;
    const share = shareOf(data, budget);
    const left: PeerRecord[] = [];
    for (const peer of unsettled) {
      const cap = Math.floor((peer.remoteInBandwidth * elapsed) / 1000);
      if (peer.remoteInBandwidth === 0 || Math.floor((share * peer.outDataTotal) / THROTTLE_SCALE) <= cap) {
        left.push(peer);
        continue;
      }
      setThrottleLimit(host, peer, Math.max(1, Math.floor((cap * THROTTLE_SCALE) / peer.outDataTotal)));
      peer.outThrottleEpoch = host.now;
      budget = Math.max(0, budget - cap);
      data = Math.max(0, data - cap);
      isSettling = true;
    }
    unsettled = left;
  }
  const share = shareOf(data, budget);
  for (const peer of unsettled) setThrottleLimit(host, peer, share);
}

function shareOf(data: number, budget: number): number {
  return data <= budget ? THROTTLE_SCALE : Math.floor((budget * THROTTLE_SCALE) / data);
}

function setThrottleLimit(host: HostRecord, peer: PeerRecord, limit: number): void {
  peer.throttleLimit = limit;
  if (peer.throttle > limit) peer.throttle = limit;
  peer.inDataTotal = 0;
  peer.outDataTotal = 0;
  if (!peer.hasNothingToSend) host.pending.add(peer.slot);
}

/** Part 2: what each peer is told. */
function announceLimits(host: HostRecord, peers: readonly PeerRecord[]): void {
  const settled = new Set<PeerRecord>();
  let limit = 0;
  let budget = host.inBandwidth;
  let isSettling = budget !== 0;
  while (isSettling && settled.size < peers.length) {
    isSettling = false;
    limit = Math.floor(budget / (peers.length - settled.size));
    for (const peer of peers) {
      if (settled.has(peer) || (peer.remoteOutBandwidth > 0 && peer.remoteOutBandwidth >= limit)) continue;
      settled.add(peer);
      peer.inThrottleEpoch = host.now;
      budget -= peer.remoteOutBandwidth;
      isSettling = true;
    }
  }
  for (const peer of peers) {
    const body = new Uint8Array(8);
    const view = new DataView(body.buffer);
    view.setUint32(0, settled.has(peer) ? peer.remoteOutBandwidth : limit);
    view.setUint32(4, host.outBandwidth);
    queueControl(host, peer, Command.BANDWIDTH_LIMIT | FLAG_ACKNOWLEDGE, body);
  }
}
