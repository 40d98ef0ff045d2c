/** Round trips and losses of all peers of a server as quantiles: as many numbers, however many players there are. */

import type { ENetMultiplayerPeer } from '../godot/index.ts';
import { PACKET_LOSS_SCALE, PeerStatistic } from '../godot/index.ts';
import type { ENetServer } from '../server/index.ts';
import type { OperatedServer } from './operatedServer.ts';

/** A number of each peer, told as quantiles. */
export interface LinkNumber {
  /** Its name without prefix. */
  readonly name: string;
  readonly help: string;
  /** Of each peer now, sorted. */
  read(): Float64Array;
}

/** The quantiles that are told, as Prometheus writes them; 1 is the largest. */
export const QUANTILES = ['0.5', '0.9', '0.99', '1'] as const;

/** What can be told of the connections of a server: of kinds whose connections are over ENet and their own. */
export function linkNumbers(server: OperatedServer): LinkNumber[] {
  if (!hasLinks(server)) return [];
  const sorted = (statistic: number, scale: number): Float64Array => {
    const peers: readonly { getStatistic(statistic: number): number }[] =
      'connections' in server ? server.connections() : server.getPeers();
    return Float64Array.from(peers, (peer) => peer.getStatistic(statistic) / scale).sort();
  };
  return [
    {
      name: 'round_trip_seconds',
      help: 'Smoothed round-trip times of the peers that are there, as quantiles over them',
      read: () => sorted(PeerStatistic.PEER_ROUND_TRIP_TIME, 1000),
    },
    {
      name: 'packet_loss_ratio',
      help: 'Smoothed loss of reliable packets to the peers that are there, as quantiles over them',
      read: () => sorted(PeerStatistic.PEER_PACKET_LOSS, PACKET_LOSS_SCALE),
    },
  ];
}

/** A quantile of sorted values, by the nearest rank; `undefined` of none. */
export function quantileOf(sorted: Float64Array, quantile: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)];
}

function hasLinks(
  server: OperatedServer,
): server is OperatedServer & (Pick<ENetServer, 'getPeers'> | Pick<ENetMultiplayerPeer, 'connections'>) {
  return server.ops.kind === 'server' || server.ops.kind === 'enet';
}
