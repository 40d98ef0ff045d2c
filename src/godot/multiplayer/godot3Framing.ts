/** Channels, headers and system messages of Godot 3's NetworkedMultiplayerENet. Implements godot-enet-classes A.1 to A.4. */
import { PacketFlag } from '../constants.ts';
import { TransferMode } from './multiplayerConstants.ts';
import type { TransferRoute } from './transfer.ts';

/** The ENet channels that Godot 3 keeps for itself. */
export const Godot3Channel = {
  /** System messages, from the server to its clients. */
  SYSCH_CONFIG: 0,
  /** Reliable packets. */
  SYSCH_RELIABLE: 1,
  /** All others. */
  SYSCH_UNRELIABLE: 2,
  /** How many there are. */
  SYSCH_MAX: 3,
} as const;

/** The numbers of the system messages. */
export const SystemMessage = {
  /** Another client is there. */
  ADD_PEER: 0,
  /** Another client is gone. */
  REMOVE_PEER: 1,
} as const;

/** The bytes before the payload of a data packet, and the whole of a system message. */
export const HEADER_SIZE = 8;

/** The way of a packet. @param transferChannel an ENet channel, or -1 for the system channel of the mode. */
export function godot3RouteOf(
  mode: TransferMode,
  transferChannel: number,
  isAlwaysOrdered: boolean,
): TransferRoute {
  const isReliable = mode === TransferMode.TRANSFER_MODE_RELIABLE;
  const systemChannel = isReliable ? Godot3Channel.SYSCH_RELIABLE : Godot3Channel.SYSCH_UNRELIABLE;
  let flags: number = PacketFlag.FLAG_UNRELIABLE_FRAGMENT;
  if (isReliable) flags = PacketFlag.FLAG_RELIABLE;
  else if (mode === TransferMode.TRANSFER_MODE_UNRELIABLE && !isAlwaysOrdered)
    flags |= PacketFlag.FLAG_UNSEQUENCED;
  return { channel: transferChannel > Godot3Channel.SYSCH_CONFIG ? transferChannel : systemChannel, flags };
}

/** Puts the header before a payload. */
export function frame(source: number, target: number, payload: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER_SIZE + payload.length);
  const view = new DataView(framed.buffer);
  view.setUint32(0, source, true);
  view.setInt32(4, target, true);
  framed.set(payload, HEADER_SIZE);
  return framed;
}

/** A system message about a peer. */
export function systemMessage(message: number, id: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, message, true);
  view.setUint32(4, id, true);
  return bytes;
}
