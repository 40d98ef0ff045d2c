/**
 * Transfer modes and channels of ENetMultiplayerPeer as flags and channels of ENet, both ways.
 * Implements godot-enet-classes 4.4.
 */
import { PacketFlag } from '../constants.ts';
import { TransferMode } from './multiplayerConstants.ts';

/** The ENet channels that stand for transfer channel 0; the others follow behind them. */
export const SystemChannel = {
  /** Reliable packets. */
  SYSCH_RELIABLE: 0,
  /** All others. */
  SYSCH_UNRELIABLE: 1,
  /** How many system channels there are. */
  SYSCH_MAX: 2,
} as const;

/** How a packet goes over ENet. */
export interface TransferRoute {
  /** The channel of the connection, 0..255. */
  readonly channel: number;
  /** A combination of `PacketFlag`s. */
  readonly flags: number;
}

/**
 * The way of a packet.
 *
 * @param transferChannel 0 and less stand for the system channels. As in Godot, the channel is cut to 8 bits.
 */
export function routeOf(mode: TransferMode, transferChannel: number): TransferRoute {
  const systemChannel =
    mode === TransferMode.TRANSFER_MODE_RELIABLE
      ? SystemChannel.SYSCH_RELIABLE
      : SystemChannel.SYSCH_UNRELIABLE;
  const channel =
    transferChannel > 0 ? (SystemChannel.SYSCH_MAX + transferChannel - 1) & 0xff : systemChannel;
  return { channel, flags: FLAGS[mode] };
}

/** The transfer channel of a packet that came on a channel of the connection. */
export function transferChannelOf(channel: number): number {
  return channel < SystemChannel.SYSCH_MAX ? 0 : channel - SystemChannel.SYSCH_MAX + 1;
}

/** The transfer mode of a packet that came with these flags. An unreliable one that was in fragments is ordered. */
export function transferModeOf(flags: number): TransferMode {
  if ((flags & PacketFlag.FLAG_RELIABLE) !== 0) return TransferMode.TRANSFER_MODE_RELIABLE;
  if ((flags & PacketFlag.FLAG_UNSEQUENCED) !== 0) return TransferMode.TRANSFER_MODE_UNRELIABLE;
  return TransferMode.TRANSFER_MODE_UNRELIABLE_ORDERED;
}

/**
 * The channels to ask ENet for.
 *
 * @param transferChannels how many channels of its own the application wants; 0 and less stand for as many as there
 * are.
 * @returns 0, which ENet takes for 255, or 3..255.
 */
export function channelCountFor(transferChannels: number): number {
  return transferChannels > 0 ? Math.min(transferChannels + SystemChannel.SYSCH_MAX, MAX_CHANNELS) : 0;
}

/** In the order of `TransferMode`. */
const FLAGS = [
  PacketFlag.FLAG_UNSEQUENCED | PacketFlag.FLAG_UNRELIABLE_FRAGMENT,
  PacketFlag.FLAG_UNRELIABLE_FRAGMENT,
  PacketFlag.FLAG_RELIABLE,
] as const;
const MAX_CHANNELS = 255;
