/** Sending to one ENet peer, with the error numbers of enet-server-module section 4 as section 8 (15, 16) mends them. */
import type { PacketEncodeOptions } from '../../codec/packet/encode.ts';
import { PacketFlag } from '../godot/constants.ts';
import { GodotError } from '../godot/errors.ts';
import { toInteger } from '../godot/numbers.ts';
import { encodePacket, isEncodeFailure, type PacketInput } from './packets.ts';
import type { PacketLink } from './sharedLink.ts';

/** What decides how packets are sent, and where refusals are explained. */
export interface SendContext {
  /** `CommonOptions.unreliableFragments`. */
  readonly unreliableFragments: boolean;
  /** `CommonOptions.encode`. */
  readonly encode: PacketEncodeOptions;
  /** Tells a human why something was refused. */
  trace(line: string): void;
}

/**
 * Encodes a value.
 *
 * @returns the bytes, or ERR_INVALID_DATA with a trace line when the value has no Variant.
 */
export function encodeOrExplain(context: SendContext, packet: PacketInput): Uint8Array | GodotError {
  const encoded = encodePacket(packet, context.encode);
  if (!isEncodeFailure(encoded)) return encoded;
  context.trace(`the packet cannot be encoded: ${encoded.message} (ERR_INVALID_DATA)`);
  return GodotError.ERR_INVALID_DATA;
}

/**
 * Encodes a value and queues it for one peer.
 *
 * @returns as {@link sendBytes}.
 */
export function sendPacket(
  context: SendContext,
  link: PacketLink,
  packet: PacketInput,
  channel: number,
  isReliable: boolean,
): GodotError {
  if (!link.isActive()) return refuseEnded(context);
  const bytes = encodeOrExplain(context, packet);
  return bytes instanceof Uint8Array ? sendBytes(context, link, bytes, channel, isReliable) : bytes;
}

/**
 * Queues a copy of the application's bytes for one peer.
 *
 * @returns as {@link sendBytes}.
 */
export function sendRawPacket(
  context: SendContext,
  link: PacketLink,
  bytes: Uint8Array,
  channel: number,
  isReliable: boolean,
): GodotError {
  if (!link.isActive()) return refuseEnded(context);
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
    context.trace('send: expected a Uint8Array that is not empty (ERR_INVALID_DATA)');
    return GodotError.ERR_INVALID_DATA;
  }
  return sendBytes(context, link, new Uint8Array(bytes), channel, isReliable);
}

/**
 * Queues bytes for one peer. They must not change afterwards.
 *
 * @returns OK, ERR_UNCONFIGURED, ERR_INVALID_DATA, ERR_INVALID_PARAMETER or FAILED.
 */
export function sendBytes(
  context: SendContext,
  link: PacketLink,
  bytes: Uint8Array,
  channel: number,
  isReliable: boolean,
): GodotError {
  if (!link.isActive()) return refuseEnded(context);
  const channelId = toInteger(channel);
  // The number of channels is 0 once ENet has begun to disconnect; then it refuses, which gives FAILED.
  const channels = link.getChannels();
  if (!(channelId >= 0 && channelId < (channels === 0 ? MAX_CHANNELS : channels))) {
    context.trace(
      `send: channel expected integer 0..${channels - 1}, got ${String(channel)} (ERR_INVALID_PARAMETER)`,
    );
    return GodotError.ERR_INVALID_PARAMETER;
  }
  const unreliable = context.unreliableFragments
    ? PacketFlag.FLAG_UNSEQUENCED | PacketFlag.FLAG_UNRELIABLE_FRAGMENT
    : PacketFlag.FLAG_UNSEQUENCED;
  const error = link.send(channelId, bytes, isReliable ? PacketFlag.FLAG_RELIABLE : unreliable);
  if (error === GodotError.OK) return GodotError.OK;
  context.trace(`send: ENet refused ${bytes.length} bytes on channel ${channelId} (FAILED)`);
  return GodotError.FAILED;
}

function refuseEnded(context: SendContext): GodotError {
  context.trace('send: the connection has ended (ERR_UNCONFIGURED)');
  return GodotError.ERR_UNCONFIGURED;
}

const MAX_CHANNELS = 255;
