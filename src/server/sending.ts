/** Sending to one peer, with the error numbers of enet-server-module section 4 as section 8 (15, 16) mends them. */
import type { PacketEncodeOptions } from '../../codec/index.ts';
import { Packet } from '../enet/index.ts';
import { GodotError, PacketFlag, PeerState } from '../godot/index.ts';
import { describe, toInteger } from '../godot/internal.ts';
import type { PeerLink } from './link/link.ts';
import { encodePacket, isEncodeFailure, type PacketInput } from './packets.ts';

/** Who is sent to. */
export interface Recipient {
  readonly link: PeerLink;
  /** How many channels it had when it connected: its link forgets the number once it has begun to disconnect. */
  readonly channels: number;
  /** The link took no more, because too much waits for this peer already. */
  queueIsFull(isReliable: boolean): void;
}

/** From when on a queue counts as full, in bytes. */
export interface QueueLimits {
  readonly maxPacketSizeBytes: number;
  readonly maxOutgoingBytes: number;
}

/** How packets are made. */
export interface SendSettings {
  /** `CommonOptions.encode`. */
  readonly encode: PacketEncodeOptions | undefined;
  /** `CommonOptions.unreliableFragments`. */
  readonly unreliableFragments: boolean;
}

/** Makes packets and queues them. */
export class PacketSender {
  /** `CommonOptions.encode`. */
  readonly encode: PacketEncodeOptions | undefined;
  readonly #unreliableFlags: number;
  readonly #trace: (line: string) => void;
  readonly #limits: QueueLimits | undefined;

  /** @param limits those of the host; without them nothing is known about full queues. */
  constructor(settings: SendSettings, trace: (line: string) => void, limits?: QueueLimits) {
    this.encode = settings.encode;
    this.#unreliableFlags = settings.unreliableFragments
      ? PacketFlag.FLAG_UNSEQUENCED | PacketFlag.FLAG_UNRELIABLE_FRAGMENT
      : PacketFlag.FLAG_UNSEQUENCED;
    this.#trace = trace;
    this.#limits = limits;
  }

  /**
   * Encodes a value to a packet that can be sent to any number of peers.
   *
   * @returns the packet, or ERR_INVALID_DATA with a trace line when the value has no Variant.
   */
  packetOf(value: PacketInput, isReliable: boolean): Packet | GodotError {
    const encoded = encodePacket(value, this.encode);
    if (!isEncodeFailure(encoded)) return new Packet(encoded, this.#flagsOf(isReliable));
    this.#trace(`the packet cannot be encoded: ${encoded.message} (ERR_INVALID_DATA)`);
    return GodotError.ERR_INVALID_DATA;
  }

  /**
   * Encodes a value and queues it for one peer.
   *
   * @returns as {@link PacketSender.sendShared}.
   */
  send(to: Recipient, value: PacketInput, channel: number, isReliable: boolean): GodotError {
    if (!to.link.isActive()) return this.#refuseEnded();
    const packet = this.packetOf(value, isReliable);
    return typeof packet === 'number' ? packet : this.sendShared(to, packet, channel);
  }

  /**
   * Queues a copy of the application's bytes for one peer.
   *
   * @returns as {@link PacketSender.sendShared}.
   */
  sendRaw(to: Recipient, bytes: Uint8Array, channel: number, isReliable: boolean): GodotError {
    if (!to.link.isActive()) return this.#refuseEnded();
    if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
      this.#trace('send: expected a Uint8Array that is not empty (ERR_INVALID_DATA)');
      return GodotError.ERR_INVALID_DATA;
    }
    return this.sendShared(to, new Packet(new Uint8Array(bytes), this.#flagsOf(isReliable)), channel);
  }

  /**
   * Queues a packet for one peer. Section 8, row 20: its bytes are not copied, so they must not change afterwards.
   *
   * @returns OK, ERR_UNCONFIGURED, ERR_INVALID_PARAMETER or FAILED.
   */
  sendShared(to: Recipient, packet: Packet, channel: number): GodotError {
    const { link } = to;
    if (!link.isActive()) return this.#refuseEnded();
    const channelId = toInteger(channel);
    const channels = link.getChannels() || to.channels;
    if (!(channelId >= 0 && channelId < channels)) {
      const expected = `channel expected integer 0..${channels - 1}, got ${describe(channel)}`;
      this.#trace(`send: ${expected} (ERR_INVALID_PARAMETER)`);
      return GodotError.ERR_INVALID_PARAMETER;
    }
    if (link.sendShared(channelId, packet)) return GodotError.OK;
    if (this.#isQueueFull(link, packet)) to.queueIsFull((packet.flags & PacketFlag.FLAG_RELIABLE) !== 0);
    this.#trace(`send: ENet refused ${packet.bytes.length} bytes on channel ${channelId} (FAILED)`);
    return GodotError.FAILED;
  }

  #isQueueFull(link: PeerLink, packet: Packet): boolean {
    const limits = this.#limits;
    const { length } = packet.bytes;
    return (
      limits !== undefined &&
      link.getState() === PeerState.STATE_CONNECTED &&
      length <= limits.maxPacketSizeBytes &&
      link.outgoingBytes + length > limits.maxOutgoingBytes
    );
  }

  #flagsOf(isReliable: boolean): number {
    return isReliable ? PacketFlag.FLAG_RELIABLE : this.#unreliableFlags;
  }

  #refuseEnded(): GodotError {
    this.#trace('send: the connection has ended (ERR_UNCONFIGURED)');
    return GodotError.ERR_UNCONFIGURED;
  }
}
