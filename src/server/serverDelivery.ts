/** What arrives from the peers of a server, on its way to callbacks and signals. enet-server-module section 7.6. */
import type { VariantValue } from '../../codec/index.ts';
import { type DeliveryTarget, PacketDelivery } from './delivery.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import type { EventTable } from './eventTable.ts';
import type { ReceivedDictionary } from './packets.ts';
import type { PeerSession } from './peerSession.ts';
import { RefusalReason } from './refusals.ts';
import type { ServerParts } from './serverParts.ts';
import type { ServerEventCallback } from './serverSignals.ts';
import { callGuarded } from './signals.ts';

/** Delivers the packets of authenticated peers, and counts them. */
export class ServerDelivery implements DeliveryTarget<PeerSession, ServerEventCallback> {
  readonly #parts: ServerParts;
  readonly #delivery: PacketDelivery<PeerSession, ServerEventCallback>;

  constructor(parts: ServerParts, events: EventTable<ServerEventCallback>) {
    const { reading, settings } = parts;
    this.#parts = parts;
    this.#delivery = new PacketDelivery({
      reading,
      events,
      emitRawFirst: settings.emitRawFirst,
      target: this,
    });
  }

  /** One packet. Its bytes are handed on. */
  deliver(session: PeerSession, bytes: Uint8Array, channel: number): void {
    const { counters } = this.#parts.ops;
    counters.packetsReceived++;
    counters.bytesReceived += bytes.length;
    this.#delivery.deliver(session, bytes, channel);
  }

  canDeliver(session: PeerSession): boolean {
    return session.canDeliver;
  }

  handleOf(session: PeerSession): ENetServerPeer {
    return session.handle;
  }

  call(
    callback: ServerEventCallback,
    session: PeerSession,
    name: string,
    value: unknown,
    channel: number,
  ): void {
    const { ops, journal } = this.#parts;
    ops.counters.eventsReceived++;
    callGuarded(callback, [session.handle, value, channel], journal.report, 'event', name);
  }

  refuse(session: PeerSession, message: string, tell: (() => unknown) | undefined): void {
    const { ops, journal } = this.#parts;
    ops.refuse(RefusalReason.EVENT_INVALID);
    journal.trace(`peer ${session.id}: the payload of an event is invalid: ${message}`);
    if (tell !== undefined) callGuarded(tell, [], journal.report, 'onInvalid');
  }

  emitEvent(session: PeerSession, name: string, payload: ReceivedDictionary, channel: number): void {
    this.#parts.emit('customEventReceived', session.handle, name, payload, channel);
  }

  emitUnknown(session: PeerSession, name: string, payload: ReceivedDictionary, channel: number): void {
    this.#parts.emit('unknownEventReceived', session.handle, name, payload, channel);
  }

  emitPacket(session: PeerSession, packet: VariantValue, channel: number): void {
    this.#parts.emit('packetReceived', session.handle, packet, channel);
  }

  emitRaw(session: PeerSession, bytes: Uint8Array, channel: number): void {
    this.#parts.emit('rawPacketReceived', session.handle, bytes, channel);
  }
}
