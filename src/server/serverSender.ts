/** Sending to one, several or all peers of a server. enet-server-module section 3, and section 8 rows 20 and 29. */
import type { Dictionary } from '../../codec/index.ts';
import { GodotError } from '../godot/index.ts';
import { describe } from '../godot/internal.ts';
import { ConnectionState } from './constants.ts';
import { buildEvent, type EventPayload, isEncodeFailure, type PacketInput } from './packets.ts';
import type { PeerSession } from './peerSession.ts';
import type { ServerParts } from './serverParts.ts';
import type { ServerRun } from './serverRun.ts';

/** The sending methods of a server; `run` is the run of now. */
export class ServerSender {
  readonly #parts: ServerParts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** `ENetServer.sendPacket`. */
  toPeer(
    run: ServerRun | undefined,
    peerId: number,
    packet: PacketInput,
    channel: number,
    isReliable: boolean,
  ): number {
    const session = this.#find(run, peerId, 'sendPacket');
    return session === undefined
      ? GodotError.ERR_INVALID_PARAMETER
      : session.sendPacket(packet, channel, isReliable);
  }

  /** `ENetServer.sendPacketToAll`. */
  toAll(
    run: ServerRun | undefined,
    packet: PacketInput,
    channel: number,
    isReliable: boolean,
    exclude: Iterable<number>,
  ): void {
    if (run === undefined) {
      this.#parts.journal.trace('sendPacketToAll: the server is not active');
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
  toMultiple(
    run: ServerRun | undefined,
    peerIds: Iterable<number>,
    packet: PacketInput,
    channel: number,
    isReliable: boolean,
  ): void {
    const sessions: PeerSession[] = [];
    for (const id of this.#ids(peerIds, 'peerIds')) {
      const session = this.#find(run, id, 'sendPacketToMultiple');
      if (session !== undefined) sessions.push(session);
    }
    this.#toSessions(sessions, packet, channel, isReliable);
  }

  /** The packet of an event; `undefined`, with a trace line, when the payload is none. */
  event(eventName: string, payload: EventPayload): Dictionary | undefined {
    const packet = buildEvent(eventName, payload);
    if (!isEncodeFailure(packet)) return packet;
    this.#parts.journal.trace(`event: ${packet.message} (ERR_INVALID_DATA)`);
    return undefined;
  }

  #isAudience(session: PeerSession): boolean {
    return this.#parts.settings.broadcastToAll
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
    const { sender } = this.#parts;
    const packet = sender.packetOf(value, isReliable);
    if (typeof packet === 'number') return;
    for (const session of sessions) sender.sendShared(session, packet, channel);
  }

  /** The ids of a caller who may not have had types. */
  #ids(ids: Iterable<number>, name: string): Iterable<number> {
    if (typeof ids === 'object' && ids !== null && Symbol.iterator in ids) return ids;
    const got = describe(ids);
    this.#parts.journal.trace(`${name} expected an array or a set of peer ids, got ${got}; taken as empty`);
    return [];
  }

  #find(run: ServerRun | undefined, peerId: number, method: string): PeerSession | undefined {
    const session = run?.find(peerId);
    if (session === undefined) {
      this.#parts.journal.trace(`${method}: there is no peer ${describe(peerId)} (ERR_INVALID_PARAMETER)`);
    }
    return session;
  }
}
