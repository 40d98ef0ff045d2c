/**
 * Packets and custom events as bytes: what ENetPacketUtils does to them, and the rules of `_event`.
 * enet-server-module sections 6.2 and 6.3, variant-codec section 10.
 */
import type { PacketDecodeOptions } from '../../codec/packet/decode.ts';
import { ENetPacketUtils } from '../../codec/packet/ENetPacketUtils.ts';
import type { PacketEncodeOptions } from '../../codec/packet/encode.ts';
import type { PacketSource } from '../../codec/packet/types.ts';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { VariantType, variantTypeName } from '../../codec/variant/types.ts';
import type { VariantInput, VariantValue } from '../../codec/variant/value.ts';

/** A value that can be sent: anything with a Variant, or an object with `_toPacket`. */
export type PacketInput = VariantInput | PacketSource;

/** A Dictionary that arrived. */
export type ReceivedDictionary = Dictionary<VariantValue, VariantValue>;

/** The payload of an event when it is sent: a Dictionary, Map or plain object. */
export type EventPayload = ReadonlyMap<unknown, unknown> | { readonly [key: string]: VariantInput };

/** How packets are read. Dictionaries always become `Dictionary`, and type byte 2 is accepted (section 8, row 25). */
export type ReceiveOptions = Omit<PacketDecodeOptions, 'dictionaries' | 'acceptDictionaryType'>;

/** An event that arrived. */
export interface ReceivedEvent {
  /** The event's name. */
  readonly name: string;
  /** What came with it: a copy without the key `_event`. */
  readonly payload: ReceivedDictionary;
}

/** Why a value was not encoded. */
export interface EncodeFailure {
  /** One line for a human. */
  readonly message: string;
}

/** Encodes a value as `ENetPacketUtils.encode_auto` does. Never throws. */
export function encodePacket(value: PacketInput, options: PacketEncodeOptions): Uint8Array | EncodeFailure {
  try {
    const bytes = ENetPacketUtils.encodeAuto(value, options);
    return bytes.length > 0 ? bytes : { message: 'the value encodes to nothing' };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

/** Decodes a packet as `ENetPacketUtils.decode_auto` does: null for anything damaged. */
export function decodePacket(bytes: Uint8Array, options: ReceiveOptions): VariantValue {
  return ENetPacketUtils.decodeAuto(bytes, { ...options, acceptDictionaryType: true });
}

/** The value itself if it is a Dictionary, else `undefined`. */
export function asDictionary(value: VariantValue): ReceivedDictionary | undefined {
  return value instanceof Dictionary ? value : undefined;
}

/** Recognises a custom event: a Dictionary whose `_event` is a String. */
export function readEvent(value: VariantValue): ReceivedEvent | undefined {
  const packet = asDictionary(value);
  const name = packet?.get(EVENT_KEY);
  if (packet === undefined || typeof name !== 'string') return undefined;
  const payload = copyDictionary(packet);
  payload.delete(EVENT_KEY);
  return { name, payload };
}

/**
 * Builds the packet of an event: a copy of the payload with `_event` set to the name, last unless it was there.
 * Never throws, and leaves the payload as it is.
 */
export function buildEvent(name: string, payload: EventPayload): Dictionary | EncodeFailure {
  if (typeof name !== 'string') return { message: `the event's name expected string, got ${typeof name}` };
  try {
    const packet = copyPayload(payload);
    if (packet === undefined) {
      return { message: 'the payload expected Dictionary, Map or plain object, got something else' };
    }
    const keyType = packet.keyType?.type ?? VariantType.STRING;
    if (keyType !== VariantType.STRING && keyType !== VariantType.STRING_NAME) {
      return {
        message: `a payload with keys of type ${variantTypeName(keyType)} cannot hold the key ${EVENT_KEY}`,
      };
    }
    packet.set(EVENT_KEY, name);
    return packet;
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether encoding or building failed. */
export function isEncodeFailure(result: object): result is EncodeFailure {
  return !(result instanceof Uint8Array) && !(result instanceof Dictionary);
}

function copyPayload(payload: unknown): Dictionary | undefined {
  if (payload instanceof Dictionary) return copyDictionary(payload);
  if (payload instanceof Map) return new Dictionary(payload);
  if (typeof payload !== 'object' || payload === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(payload);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  return new Dictionary(Object.entries(payload));
}

/** A shallow copy that keeps the declared types. */
function copyDictionary<K, V>(dictionary: Dictionary<K, V>): Dictionary<K, V> {
  return new Dictionary(dictionary, { keyType: dictionary.keyType, valueType: dictionary.valueType });
}

const EVENT_KEY = '_event';
