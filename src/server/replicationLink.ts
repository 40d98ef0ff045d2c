/** What the replication of a mirror gets of an ENetServer: peers, packets, clock and timers. */
import type { PacketEncodeOptions } from '../../codec/index.ts';
import type { ReplicationLink, ReplicationPacket } from '../../schema/index.ts';
import { Packet } from '../enet/index.ts';
import { GodotError, PacketFlag } from '../godot/index.ts';
import type { Timer } from '../runtime/index.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import type { PeerSession } from './peerSession.ts';
import type { ServerCore } from './serverCore.ts';

/** See the head of this file. */
export class ServerReplicationLink implements ReplicationLink<ENetServerPeer> {
  readonly encode: PacketEncodeOptions | undefined;
  readonly #core: ServerCore;

  constructor(core: ServerCore) {
    this.#core = core;
    this.encode = core.parts.sender.encode;
  }

  now(): number {
    return this.#core.now();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#core.startTimer(delayMs, callback);
  }

  *peers(): Iterable<ENetServerPeer> {
    for (const session of this.#core.run?.sessions() ?? []) if (session.canDeliver) yield session.handle;
  }

  createPacket(bytes: Uint8Array, isReliable: boolean): ReplicationPacket {
    return new Packet(bytes, isReliable ? PacketFlag.FLAG_RELIABLE : SEQUENCED);
  }

  send(peer: ENetServerPeer, packet: ReplicationPacket, channel: number): boolean {
    const session = this.#sessionOf(peer);
    if (session === undefined) return false;
    return this.#core.parts.sender.sendShared(session, packetOf(packet), channel) === GodotError.OK;
  }

  queuedBytes(peer: ENetServerPeer): number {
    return this.#sessionOf(peer)?.link.outgoingBytes ?? 0;
  }

  report(error: unknown, where: string): void {
    this.#core.parts.journal.report(error, where);
  }

  /** Ids start anew with every run of the server. */
  #sessionOf(peer: ENetServerPeer): PeerSession | undefined {
    const session = this.#core.run?.find(peer.peerId);
    return session?.handle === peer ? session : undefined;
  }
}

function packetOf(packet: ReplicationPacket): Packet {
  if (packet instanceof Packet) return packet;
  throw new TypeError('"packet" expected one that this link has made');
}

/** enet-protocol 3.4: unreliable and in order, also relative to the reliable packets of its channel. */
const SEQUENCED = 0;
