/** Sending to one ENet peer, with the error numbers of enet-server-module section 4 as section 8 (15, 16) mends them. */
import type { PacketEncodeOptions } from '../../codec/index.ts';
import { Packet } from '../enet/index.ts';
import { describe, GodotError, PacketFlag, PeerState, toInteger } from '../godot/internal.ts';
import type { PeerLink } from './link/link.ts';
import { encodePacket, isEncodeFailure, type PacketInput } from './packets.ts';

/** What decides how packets are sent, and where refusals are explained. */
export interface SendContext {
  /** `CommonOptions.unreliableFragments`. */
  readonly unreliableFragments: boolean;
  /** The limits of the host, in bytes; without them nothing is known about full queues. */
  readonly queueLimits?: { readonly maxPacketSizeBytes: number; readonly maxOutgoingBytes: number };
  /** `CommonOptions.encode`. */
  readonly encode: PacketEncodeOptions | undefined;
  /** ENet took no more, because too much waits for this peer already. */
  queueIsFull?(peer: PeerLink, isReliable: boolean): void;
  /** How many channels a peer had when it connected. */
  channelsOf?(peer: PeerLink): number | undefined;
  /** Tells a human why something was refused. */
  trace(line: string): void;
}

/**
 * Encodes a value to a packet that can be sent to any number of peers.
 *
 * @returns the packet, or ERR_INVALID_DATA with a trace line when the value has no Variant.
 */
export function encodeOrExplain(
  context: SendContext,
  value: PacketInput,
  isReliable: boolean,
): Packet | GodotError {
  const encoded = encodePacket(value, context.encode);
  if (!isEncodeFailure(encoded)) return new Packet(encoded, flagsOf(context, isReliable));
  context.trace(`the packet cannot be encoded: ${encoded.message} (ERR_INVALID_DATA)`);
  return GodotError.ERR_INVALID_DATA;
}

/**
 * Encodes a value and queues it for one peer.
 *
 * @returns as {@link sendShared}.
 */
export function sendPacket(
  context: SendContext,
  peer: PeerLink,
  value: PacketInput,
  channel: number,
  isReliable: boolean,
): GodotError {
  if (!peer.isActive()) return refuseEnded(context);
  const packet = encodeOrExplain(context, value, isReliable);
  return packet instanceof Packet ? sendShared(context, peer, packet, channel) : packet;
}

/**
 * Queues a copy of the application's bytes for one peer.
 *
 * @returns as {@link sendShared}.
 */
export function sendRawPacket(
  context: SendContext,
  peer: PeerLink,
  bytes: Uint8Array,
  channel: number,
  isReliable: boolean,
): GodotError {
  if (!peer.isActive()) return refuseEnded(context);
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
    context.trace('send: expected a Uint8Array that is not empty (ERR_INVALID_DATA)');
    return GodotError.ERR_INVALID_DATA;
  }
  const packet = new Packet(new Uint8Array(bytes), flagsOf(context, isReliable));
  return sendShared(context, peer, packet, channel);
}

/**
 * Queues a packet for one peer. Section 8, row 20: its bytes are not copied, so they must not change afterwards.
 *
 * @returns OK, ERR_UNCONFIGURED, ERR_INVALID_PARAMETER or FAILED.
 */
export function sendShared(
  context: SendContext,
  peer: PeerLink,
  packet: Packet,
  channel: number,
): GodotError {
  if (!peer.isActive()) return refuseEnded(context);
  const channelId = toInteger(channel);
  // ENet forgets the number of channels once it has begun to disconnect.
  const channels = peer.getChannels() || (context.channelsOf?.(peer) ?? MAX_CHANNELS);
  if (!(channelId >= 0 && channelId < channels)) {
    const expected = `channel expected integer 0..${channels - 1}, got ${describe(channel)}`;
    context.trace(`send: ${expected} (ERR_INVALID_PARAMETER)`);
    return GodotError.ERR_INVALID_PARAMETER;
  }
  if (peer.sendShared(channelId, packet)) return GodotError.OK;
  if (context.queueIsFull !== undefined && isQueueFull(context, peer, packet)) {
    context.queueIsFull(peer, (packet.flags & PacketFlag.FLAG_RELIABLE) !== 0);
  }
  context.trace(`send: ENet refused ${packet.bytes.length} bytes on channel ${channelId} (FAILED)`);
  return GodotError.FAILED;
}

function isQueueFull(context: SendContext, peer: PeerLink, packet: Packet): boolean {
  const { queueLimits } = context;
  const { length } = packet.bytes;
  return (
    queueLimits !== undefined &&
    peer.getState() === PeerState.STATE_CONNECTED &&
    length <= queueLimits.maxPacketSizeBytes &&
    peer.outgoingBytes + length > queueLimits.maxOutgoingBytes
  );
}

function flagsOf(context: SendContext, isReliable: boolean): number {
  if (isReliable) return PacketFlag.FLAG_RELIABLE;
  return context.unreliableFragments
    ? PacketFlag.FLAG_UNSEQUENCED | PacketFlag.FLAG_UNRELIABLE_FRAGMENT
    : PacketFlag.FLAG_UNSEQUENCED;
}

function refuseEnded(context: SendContext): GodotError {
  context.trace('send: the connection has ended (ERR_UNCONFIGURED)');
  return GodotError.ERR_UNCONFIGURED;
}

const MAX_CHANNELS = 255;
