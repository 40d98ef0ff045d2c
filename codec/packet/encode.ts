/**
 * Writing packets (docs/protocol/variant-codec 10.1).
 *
 * Every packet belongs to the caller and shares memory with nothing.
 */
import { EncodeError } from '../errors.ts';
import { Dictionary } from '../values/Dictionary.ts';
import { objectType } from '../values/typeOf.ts';
import { VariantType } from '../values/variantTypes.ts';
import type { VariantInput } from '../values/variantValue.ts';
import { varToBytesAfter } from '../variant/encode.ts';
import type { EncodeOptions } from '../variant/options.ts';
import { type PacketSource, PacketType } from './types.ts';

/** How packets are written: the options of the Variant codec. Full objects are never written. */
export type PacketEncodeOptions = Omit<EncodeOptions, 'fullObjects'>;

/**
 * `ENetPacketUtils.encode_variant`: a VARIANT packet.
 *
 * @param value - Any Variant.
 * @param options - Dialect, width of reals, limits.
 * @returns The packet, owned by the caller; empty when the value is nested deeper than the limit, where the engine's
 *   encoding fails too.
 * @throws EncodeError for a JavaScript value that has no Variant form.
 */
export function encodeVariantPacket(value: VariantInput, options?: PacketEncodeOptions): Uint8Array {
  return encodeTyped(PacketType.VARIANT, value, options);
}

/**
 * `ENetPacketUtils.encode_dictionary`: the same as {@link encodeVariantPacket}, type byte 1 and not 2, as in the engine.
 *
 * @param dictionary - A Dictionary, Map or plain object.
 * @param options - Dialect, width of reals, limits.
 * @returns The packet, owned by the caller; empty when it is nested too deep.
 * @throws TypeError when the value is no dictionary.
 * @throws EncodeError for contents that have no Variant form.
 */
export function encodeDictionaryPacket(
  dictionary: ReadonlyMap<unknown, unknown> | { readonly [key: string]: VariantInput },
  options?: PacketEncodeOptions,
): Uint8Array {
  if (
    typeof dictionary !== 'object' ||
    dictionary === null ||
    objectType(dictionary) !== VariantType.DICTIONARY
  ) {
    throw new TypeError('"dictionary" expected a Dictionary, Map or plain object');
  }
  return encodeTyped(PacketType.VARIANT, dictionary, options);
}

/**
 * `ENetPacketUtils.encode_json`: a JSON packet. The text is not checked.
 *
 * @param json - The JSON text, such as `GodotJSON.stringify` gives.
 * @returns The packet, owned by the caller.
 * @throws EncodeError for a text with U+0000 (`ERR_ENCODE_NUL`): the receiver would cut it there.
 */
export function encodeJsonPacket(json: string): Uint8Array {
  return encodeText(PacketType.JSON, json, 'json');
}

/**
 * `ENetPacketUtils.encode_string`: a STRING packet, without padding or terminator.
 *
 * @param text - The text; lone surrogates are written as U+FFFD.
 * @returns The packet, owned by the caller.
 * @throws EncodeError for a text with U+0000 (`ERR_ENCODE_NUL`): the receiver would cut it there.
 */
export function encodeStringPacket(text: string): Uint8Array {
  return encodeText(PacketType.STRING, text, 'text');
}

/**
 * `ENetPacketUtils.encode_auto`: bytes become a RAW packet, a string a STRING packet, an object with `_toPacket` the
 * bytes that it returns, everything else (StringName, arrays, null and other packed arrays too) a VARIANT packet.
 *
 * @param value - Any Variant, or a {@link PacketSource}.
 * @param options - Dialect, width of reals, limits.
 * @returns The packet, owned by the caller: a copy even of what `_toPacket` returned. Empty when it is nested too deep.
 * @throws EncodeError for a JavaScript value that has no Variant form, an object whose `_toPacket` returns no bytes too.
 */
export function encodeAutoPacket(
  value: VariantInput | PacketSource,
  options?: PacketEncodeOptions,
): Uint8Array {
  if (typeof value === 'string') return encodeStringPacket(value);
  if (value instanceof Uint8Array) {
    const packet = new Uint8Array(1 + value.length);
    packet[0] = PacketType.RAW;
    packet.set(value, 1);
    return packet;
  }
  if (isPacketSource(value)) {
    const packet: unknown = value._toPacket();
    if (packet instanceof Uint8Array) return Uint8Array.from(packet);
    // The engine goes on with encode_variant; here that is an error, since the object is no Variant.
    throw new EncodeError('ERR_ENCODE_UNSUPPORTED', {
      path: '$',
      message: '_toPacket did not return a Uint8Array',
    });
  }
  return encodeTyped(PacketType.VARIANT, value, options);
}

/**
 * A packet of one type byte and one Variant.
 *
 * @param type - The type byte.
 * @param value - Any Variant.
 * @param given - Dialect, width of reals, limits.
 * @returns The packet, owned by the caller; empty when it is nested too deep.
 */
export function encodeTyped(type: number, value: VariantInput, given?: PacketEncodeOptions): Uint8Array {
  try {
    return varToBytesAfter(type, value, withoutObjects(given));
  } catch (error) {
    if (isTooDeep(error)) return new Uint8Array(0);
    throw error;
  }
}

/** Options that are shared with `varToBytes` may ask for full objects; packets hold them as ids only (10). */
function withoutObjects(options: EncodeOptions | undefined): EncodeOptions | undefined {
  return options?.fullObjects === true ? { ...options, fullObjects: false } : options;
}

function isTooDeep(error: unknown): boolean {
  return error instanceof EncodeError && error.code === 'ERR_ENCODE_DEPTH';
}

function encodeText(type: number, text: string, name: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError(`"${name}" expected a string, got ${typeof text}`);
  if (text.includes('\0')) {
    throw new EncodeError('ERR_ENCODE_NUL', {
      path: '$',
      message: 'the text holds U+0000, which Godot strings cannot hold: the receiver would cut it there',
    });
  }
  const size = utf8Size(text);
  const packet = new Uint8Array(5 + size);
  packet[0] = type;
  packet[1] = size;
  packet[2] = size >>> 8;
  packet[3] = size >>> 16;
  packet[4] = size >>> 24;
  if (size === text.length && size <= SHORT_TEXT) {
    for (let i = 0; i < size; i++) packet[5 + i] = text.charCodeAt(i);
  } else {
    ENCODER.encodeInto(text, packet.subarray(5));
  }
  return packet;
}

/** Bytes of a text in UTF-8, a lone surrogate counting as U+FFFD. */
function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      size += 1;
    } else if (unit >= 0xd800 && unit <= 0xdbff && isTrail(text.charCodeAt(i + 1))) {
      size += 2;
      i++;
    } else {
      size += 2;
    }
  }
  return size;
}

function isTrail(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isPacketSource(value: unknown): value is PacketSource {
  if (typeof value !== 'object' || value === null || value instanceof Dictionary) return false;
  return '_toPacket' in value && typeof value._toPacket === 'function';
}

const ENCODER = new TextEncoder();
/** Up to here a loop beats the call of a TextEncoder. */
const SHORT_TEXT = 64;
