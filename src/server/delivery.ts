/**
 * From the bytes of a packet to callbacks and signals, for servers and clients alike. enet-server-module section 6.3 and
 * the end of section 7.
 */
import type { VariantValue } from '../../codec/index.ts';
import { checkPayload } from './eventCheck.ts';
import type { EventTable } from './eventTable.ts';
import {
  asDictionary,
  decodePacket,
  eventNameOf,
  type PacketReading,
  payloadOf,
  type ReceivedDictionary,
  takePayload,
} from './packets.ts';

/** Who gets what arrives; `Sender` is who sent it. None of the functions may throw. */
export interface DeliveryTarget<Sender, Callback> {
  /** Whether signals may still be emitted: a handler may have ended the connection. */
  canDeliver(sender: Sender): boolean;
  /** What a check of the payload is told of the sender. */
  handleOf(sender: Sender): unknown;
  /** Calls the callback of an event. */
  call(callback: Callback, sender: Sender, eventName: string, value: unknown, channel: number): void;
  /** The payload of an event is not what was declared: no callback and no signal. `tell` may throw. */
  refuse(sender: Sender, message: string, tell: (() => unknown) | undefined): void;
  /** Emits `customEventReceived`. */
  emitEvent(sender: Sender, eventName: string, payload: ReceivedDictionary, channel: number): void;
  /** Emits `unknownEventReceived`. */
  emitUnknown(sender: Sender, eventName: string, payload: ReceivedDictionary, channel: number): void;
  /** Emits `packetReceived`. */
  emitPacket(sender: Sender, packet: VariantValue, channel: number): void;
  /** Emits `rawPacketReceived`. */
  emitRaw(sender: Sender, bytes: Uint8Array, channel: number): void;
}

/** What a {@link PacketDelivery} works with. */
export interface DeliveryOptions<Sender, Callback extends (...args: never) => unknown> {
  readonly reading: PacketReading;
  readonly events: EventTable<Callback>;
  readonly emitRawFirst: boolean;
  readonly target: DeliveryTarget<Sender, Callback>;
}

/** Delivers packets. */
export class PacketDelivery<Sender, Callback extends (...args: never) => unknown> {
  readonly #reading: PacketReading;
  readonly #events: EventTable<Callback>;
  readonly #emitRawFirst: boolean;
  readonly #target: DeliveryTarget<Sender, Callback>;

  constructor(options: DeliveryOptions<Sender, Callback>) {
    this.#reading = options.reading;
    this.#events = options.events;
    this.#emitRawFirst = options.emitRawFirst;
    this.#target = options.target;
  }

  /** Every step asks again whether it may. The bytes are handed on. */
  deliver(sender: Sender, bytes: Uint8Array, channel: number): void {
    const target = this.#target;
    const packet = decodePacket(bytes, this.#reading);
    const dictionary = asDictionary(packet);
    const eventName = eventNameOf(dictionary);
    if (dictionary !== undefined && eventName !== undefined) {
      const callback = this.#events.find(eventName);
      if (callback !== undefined) {
        this.#deliverEvent(callback, sender, eventName, takePayload(dictionary), channel);
        return;
      }
      target.emitUnknown(sender, eventName, payloadOf(dictionary), channel);
    }
    if (this.#emitRawFirst && target.canDeliver(sender)) target.emitRaw(sender, bytes, channel);
    if (target.canDeliver(sender)) target.emitPacket(sender, packet, channel);
    if (!this.#emitRawFirst && target.canDeliver(sender)) target.emitRaw(sender, bytes, channel);
  }

  #deliverEvent(
    callback: Callback,
    sender: Sender,
    eventName: string,
    payload: ReceivedDictionary,
    channel: number,
  ): void {
    const target = this.#target;
    const checked = checkPayload(callback, payload, target.handleOf(sender));
    if (!checked.isValid) {
      target.refuse(sender, checked.message, checked.tell);
      return;
    }
    target.call(callback, sender, eventName, checked.value, channel);
    if (target.canDeliver(sender)) target.emitEvent(sender, eventName, payload, channel);
  }
}
