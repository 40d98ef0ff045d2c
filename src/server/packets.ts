/**
 * Packets and custom events as bytes: what ENetPacketUtils does to them, and the rules of `_event`.
 * enet-server-module sections 6.2 and 6.3, variant-codec section 10.
 */
import {
  Dictionary,
  ENetPacketUtils,
  type PacketDecodeOptions,
  type PacketEncodeOptions,
  type PacketSource,
  PacketType,
  type VariantInput,
  VariantType,
  type VariantValue,
  variantTypeName,
} from '../../codec/index.ts';
import { resolveDecodeOptions, resolveEncodeOptions } from '../../codec/internal.ts';
import { describe } from '../godot/internal.ts';

/** A value that can be sent: anything with a Variant, or an object with `_toPacket`. */
export type PacketInput = VariantInput | PacketSource;

/** A Dictionary that arrived. */
export type ReceivedDictionary = Dictionary<VariantValue, VariantValue>;

/** The payload of an event when it is sent: a Dictionary, Map or plain object. */
export type EventPayload = ReadonlyMap<unknown, unknown> | { readonly [key: string]: VariantInput };

/** How packets are read. Dictionaries always become `Dictionary`, and type byte 2 is accepted (section 8, row 25). */
export type ReceiveOptions = Omit<PacketDecodeOptions, 'dictionaries' | 'acceptDictionaryType'>;

/** Why a value was not encoded. */
export interface EncodeFailure {
  /** One line for a human. */
  readonly message: string;
}

/** Encodes a value as `ENetPacketUtils.encode_auto` does. Never throws. */
export function encodePacket(
  value: PacketInput,
  options: PacketEncodeOptions | undefined,
): Uint8Array | EncodeFailure {
  try {
    const bytes = ENetPacketUtils.encodeAuto(value, options);
    return bytes.length > 0 ? bytes : { message: 'the value encodes to nothing' };
  } catch (error) {
    return { message: messageOf(error) };
  }
}

/** How packets are read, prepared once for all of them. */
export interface PacketReading {
  /** What the application asked for; `undefined`, which the codec need not check, when it asked for nothing. */
  readonly options: PacketDecodeOptions | undefined;
  /** The same for packets of type byte 2. */
  readonly dictionaryOptions: PacketDecodeOptions;
}

/** Completes and checks the options of reading. @throws TypeError or RangeError for a bad one. */
export function preparePacketReading(options: ReceiveOptions | undefined): PacketReading {
  const dictionaryOptions = { ...options, dictionaries: 'map', acceptDictionaryType: true } as const;
  resolveDecodeOptions(dictionaryOptions);
  return { options: options === undefined ? undefined : dictionaryOptions, dictionaryOptions };
}

/** Checks the options of writing. @throws TypeError or RangeError for a bad one. */
export function checkEncodeOptions(options: PacketEncodeOptions | undefined): void {
  if (options !== undefined) resolveEncodeOptions(options);
}

/** Decodes a packet as `ENetPacketUtils.decode_auto` does: null for anything damaged. */
export function decodePacket(bytes: Uint8Array, reading: PacketReading): VariantValue {
  const isDictionaryType = bytes[0] === PacketType.DICTIONARY;
  return ENetPacketUtils.decodeAuto(bytes, isDictionaryType ? reading.dictionaryOptions : reading.options);
}

/** The value itself if it is a Dictionary, else `undefined`. */
export function asDictionary(value: VariantValue): ReceivedDictionary | undefined {
  return value instanceof Dictionary ? value : undefined;
}

/** The name of a custom event: a Dictionary whose `_event` is a String. `undefined` for any other packet. */
export function eventNameOf(packet: ReceivedDictionary | undefined): string | undefined {
  const name = packet?.get(EVENT_KEY);
  return typeof name === 'string' ? name : undefined;
}

/** The payload of an event whose packet nobody else gets: the same Dictionary without `_event`. */
export function takePayload(packet: ReceivedDictionary): ReceivedDictionary {
  packet.delete(EVENT_KEY);
  return packet;
}

/** The payload of an event whose packet is delivered as well: a copy without `_event`. */
export function payloadOf(packet: ReceivedDictionary): ReceivedDictionary {
  return takePayload(copyDictionary(packet));
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
    return { message: messageOf(error) };
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : describe(error);
}

/** A shallow copy that keeps the declared types. */
function copyDictionary<K, V>(dictionary: Dictionary<K, V>): Dictionary<K, V> {
  return new Dictionary(dictionary, { keyType: dictionary.keyType, valueType: dictionary.valueType });
}

const EVENT_KEY = '_event';
