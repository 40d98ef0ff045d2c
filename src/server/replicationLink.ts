/** What the replication of a mirror gets of an ENetServer: peers, packets, clock and timers. */
import type { ReplicationLink, ReplicationPacket } from '../../schema/index.ts';
import { Packet } from '../enet/index.ts';
import { GodotError, PacketFlag } from '../godot/internal.ts';
import type { Runtime } from '../runtime/index.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import type { PeerSession } from './peerSession.ts';
import { type SendContext, sendShared } from './sending.ts';
import type { ErrorReporter } from './signals.ts';

/** The parts of a server that the link uses. */
export interface ReplicationContext {
  readonly runtime: Runtime;
  readonly sending: SendContext;
  /** All peers of the current run. */
  sessions(): Iterable<PeerSession>;
  /** The peer of an id in the current run. */
  find(peerId: number): PeerSession | undefined;
  readonly report: ErrorReporter;
}

/** Makes the link. */
export function createReplicationLink(context: ReplicationContext): ReplicationLink<ENetServerPeer> {
  const { runtime, sending } = context;
  return {
    encode: sending.encode,
    now: () => runtime.now(),
    startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
    *peers() {
      for (const session of context.sessions()) if (session.canDeliver) yield session.handle;
    },
    createPacket: (bytes, isReliable) => new Packet(bytes, isReliable ? PacketFlag.FLAG_RELIABLE : SEQUENCED),
    send: (peer, packet, channel) => {
      const session = context.find(peer.peerId);
      // Ids start anew with every run of the server.
      if (session?.handle !== peer) return false;
      return sendShared(sending, session.packetPeer, packetOf(packet), channel) === GodotError.OK;
    },
    queuedBytes: (peer) => {
      const session = context.find(peer.peerId);
      return session?.handle === peer ? session.packetPeer.outgoingBytes : 0;
    },
    report: context.report,
  };
}

function packetOf(packet: ReplicationPacket): Packet {
  if (packet instanceof Packet) return packet;
  throw new TypeError('"packet" expected one that this link has made');
}

/** enet-protocol 3.4: unreliable and in order, also relative to the reliable packets of its channel. */
const SEQUENCED = 0;
