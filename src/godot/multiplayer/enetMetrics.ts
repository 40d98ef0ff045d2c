/** The numbers of a multiplayer peer over ENet. */
import type { DropReason } from '../../enet/index.ts';
import type { SecureCounters } from '../../runtime/index.ts';
import type { ENetConnection } from '../ENetConnection.ts';
import type { ENetDoor } from './enetDoor.ts';
import type { ENetRefusal } from './enetRefusals.ts';
import { MultiplayerConnectionStatus } from './multiplayerConstants.ts';
import type { PeerTable } from './peerTable.ts';
import type { TransportMetrics } from './transportCounters.ts';
import type { TransportOps } from './transportOps.ts';

/** Numbers of a multiplayer peer over ENet. */
export interface ENetMetrics extends TransportMetrics {
  /** Counter: UDP datagrams received by the current or last server, with those that were dropped. u32, wraps. */
  readonly datagramsReceived: number;
  /** Counter: their bytes. u32, wraps. */
  readonly datagramBytesReceived: number;
  /** Counter: UDP datagrams sent. u32, wraps. */
  readonly datagramsSent: number;
  /** Counter: their bytes. u32, wraps. */
  readonly datagramBytesSent: number;
  /** Counter: datagrams and commands that the ENet core did not use in the current or last server, by reason. */
  readonly drops: ReadonlyMap<DropReason, number>;
  /** Counter: what was turned away, by reason; every reason is there. */
  readonly refusals: ReadonlyMap<ENetRefusal, number>;
  /** The numbers of DTLS of the current host; undefined on plain UDP and while nothing is open. */
  readonly dtls: SecureCounters | undefined;
}

/** What is looked at of the life that is going on. */
interface OpenSession {
  readonly status: MultiplayerConnectionStatus;
  readonly table: PeerTable;
  readonly host: ENetConnection | undefined;
}

/** All numbers of a peer, whatever it is at the moment. */
export function enetMetrics(
  session: OpenSession | undefined,
  door: ENetDoor,
  ops: TransportOps<'enet', ENetMetrics>,
): ENetMetrics {
  let peers = 0;
  for (const { isAnnounced } of session?.table.entries() ?? []) if (isAnnounced) peers++;
  const statistics = door.host?.statistics;
  return {
    isActive: session?.status === MultiplayerConnectionStatus.CONNECTION_CONNECTED,
    acceptsPeers: ops.acceptsPeers,
    peers,
    authenticatedPeers: peers,
    ...ops.counters.snapshot(),
    datagramsReceived: statistics?.totalReceivedPackets ?? 0,
    datagramBytesReceived: statistics?.totalReceivedData ?? 0,
    datagramsSent: statistics?.totalSentPackets ?? 0,
    datagramBytesSent: statistics?.totalSentData ?? 0,
    drops: door.drops(),
    refusals: door.refusals(),
    dtls: session?.host?.getDtlsCounters(),
  };
}
