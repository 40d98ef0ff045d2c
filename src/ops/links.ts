/** Round trips and losses of all peers of a server as quantiles: as many numbers, however many players there are. */

import type { ENetMultiplayerPeer } from '../godot/index.ts';
import { PACKET_LOSS_SCALE, PeerStatistic } from '../godot/index.ts';
import type { ENetServer } from '../server/index.ts';
import type { OperatedServer } from './operatedServer.ts';
import { QUANTILES, type QuantileNumber, type Quantiles, quantileOf } from './quantiles.ts';

/** What can be told of the connections of a server: of kinds whose connections are over ENet and their own. */
export function linkNumbers(server: OperatedServer): QuantileNumber[] {
  if (!hasLinks(server)) return [];
  const quantiles = (statistic: number, scale: number): Quantiles => {
    const peers: readonly { getStatistic(statistic: number): number }[] =
      'connections' in server ? server.connections() : server.getPeers();
    const sorted = Float64Array.from(peers, (peer) => peer.getStatistic(statistic) / scale).sort();
    return QUANTILES.map((quantile) => [quantile, quantileOf(sorted, Number(quantile))]);
  };
  return [
    {
      name: 'round_trip_seconds',
      help: 'Smoothed round-trip times of the peers that are there, as quantiles over them',
      read: () => quantiles(PeerStatistic.PEER_ROUND_TRIP_TIME, 1000),
    },
    {
      name: 'packet_loss_ratio',
      help: 'Smoothed loss of reliable packets to the peers that are there, as quantiles over them',
      read: () => quantiles(PeerStatistic.PEER_PACKET_LOSS, PACKET_LOSS_SCALE),
    },
  ];
}

function hasLinks(
  server: OperatedServer,
): server is OperatedServer & (Pick<ENetServer, 'getPeers'> | Pick<ENetMultiplayerPeer, 'connections'>) {
  return server.ops.kind === 'server' || server.ops.kind === 'enet';
}
