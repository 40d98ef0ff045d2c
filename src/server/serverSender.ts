/** Sending to one, several or all peers of a server. enet-server-module section 3, and section 8 rows 20, 28 and 29. */
import type { Dictionary } from '../../codec/index.ts';
import { Packet } from '../enet/index.ts';
import { describe, GodotError } from '../godot/internal.ts';
import { ConnectionState } from './constants.ts';
import { buildEvent, type EventPayload, isEncodeFailure, type PacketInput } from './packets.ts';
import { LOGIN_TIMEOUT, type PeerSession } from './peerSession.ts';
import { encodeOrExplain, type SendContext, sendPacket, sendShared } from './sending.ts';
import type { ServerRun } from './serverRun.ts';

/** What a {@link ServerSender} needs of its server. */
export interface SenderOwner {
  /** `ENetServerOptions.broadcastToAll`. */
  readonly broadcastToAll: boolean;
  /** `ENetServerOptions.kickReasonEvent`. */
  readonly kickReasonEvent: string | undefined;
  readonly sendContext: SendContext;
  /** The run of now. */
  run(): ServerRun | undefined;
  /** Tells a human why something was refused. */
  trace(line: string): void;
}

/** The sending methods of a server. */
export class ServerSender {
  readonly #owner: SenderOwner;

  constructor(owner: SenderOwner) {
    this.#owner = owner;
  }

  /** `ENetServer.sendPacket`. */
  toPeer(peerId: number, packet: PacketInput, channel: number, isReliable: boolean): number {
    const session = this.#find(peerId, 'sendPacket');
    return session === undefined
      ? GodotError.ERR_INVALID_PARAMETER
      : session.sendPacket(packet, channel, isReliable);
  }

  /** `ENetServer.sendPacketToAll`. */
  toAll(packet: PacketInput, channel: number, isReliable: boolean, exclude: Iterable<number>): void {
    const run = this.#owner.run();
    if (run === undefined) {
      this.#owner.trace('sendPacketToAll: the server is not active');
      return;
    }
    const excluded = new Set(this.#ids(exclude, 'exclude'));
    const sessions: PeerSession[] = [];
    for (const session of run.sessions()) {
      if (!excluded.has(session.id) && this.#isAudience(session)) sessions.push(session);
    }
    this.#toSessions(sessions, packet, channel, isReliable);
  }

  /** `ENetServer.sendPacketToMultiple`. */
  toMultiple(peerIds: Iterable<number>, packet: PacketInput, channel: number, isReliable: boolean): void {
    const sessions: PeerSession[] = [];
    for (const id of this.#ids(peerIds, 'peerIds')) {
      const session = this.#find(id, 'sendPacketToMultiple');
      if (session !== undefined) sessions.push(session);
    }
    this.#toSessions(sessions, packet, channel, isReliable);
  }

  /** The packet of an event; `undefined`, with a trace line, when the payload is none. */
  event(eventName: string, payload: EventPayload): Dictionary | undefined {
    const packet = buildEvent(eventName, payload);
    if (!isEncodeFailure(packet)) return packet;
    this.#owner.trace(`event: ${packet.message} (ERR_INVALID_DATA)`);
    return undefined;
  }

  /** Row 28: tells a peer why it is disconnected. */
  announce(session: PeerSession, reason: string): void {
    const packet = reason === '' ? undefined : this.#reasonEvent(reason);
    if (packet !== undefined) sendPacket(this.#owner.sendContext, session.packetPeer, packet, 0, true);
  }

  /** The same, encoded, for a network thread that has to end a login by itself. */
  loginTimeoutPacket(): Uint8Array | undefined {
    const event = this.#reasonEvent(LOGIN_TIMEOUT);
    const packet = event && encodeOrExplain(this.#owner.sendContext, event, true);
    return packet instanceof Packet ? packet.bytes : undefined;
  }

  #reasonEvent(reason: string): Dictionary | undefined {
    const { kickReasonEvent } = this.#owner;
    return kickReasonEvent === undefined ? undefined : this.event(kickReasonEvent, { reason });
  }

  #isAudience(session: PeerSession): boolean {
    return this.#owner.broadcastToAll
      ? session.connectionState !== ConnectionState.STATE_DISCONNECTING
      : session.canDeliver;
  }

  /** Row 20: one encoding, and the same bytes for everybody. */
  #toSessions(
    sessions: readonly PeerSession[],
    value: PacketInput,
    channel: number,
    isReliable: boolean,
  ): void {
    const { sendContext } = this.#owner;
    const packet = encodeOrExplain(sendContext, value, isReliable);
    if (!(packet instanceof Packet)) return;
    for (const session of sessions) sendShared(sendContext, session.packetPeer, packet, channel);
  }

  /** The ids of a caller who may not have had types. */
  #ids(ids: Iterable<number>, name: string): Iterable<number> {
    if (typeof ids === 'object' && ids !== null && Symbol.iterator in ids) return ids;
    this.#owner.trace(`${name} expected an array or a set of peer ids, got ${describe(ids)}; taken as empty`);
    return [];
  }

  #find(peerId: number, method: string): PeerSession | undefined {
    const session = this.#owner.run()?.find(peerId);
    if (session === undefined)
      this.#owner.trace(`${method}: there is no peer ${describe(peerId)} (ERR_INVALID_PARAMETER)`);
    return session;
  }
}
