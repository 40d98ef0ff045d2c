/** The packets that `poll()` has received and nobody has fetched yet. godot-enet-classes 4.6. */
import { PACKET_HELD_BYTES } from '../../enet/internal.ts';
import type { TransferMode } from './multiplayerConstants.ts';

/** One received packet of a multiplayer peer. */
export interface IncomingPacket {
  /** The payload, without any framing of the transport. */
  readonly bytes: Uint8Array;
  /** The unique id of the peer that sent it. */
  readonly from: number;
  /** The transfer channel. */
  readonly channel: number;
  /** How it travelled. */
  readonly mode: TransferMode;
}

/** First in, first out; every operation takes constant time on average. */
export class IncomingQueue {
  #packets: (IncomingPacket | undefined)[] = [];
  #head = 0;
  #chargedBytes = 0;

  /** How many packets wait. */
  get length(): number {
    return this.#packets.length - this.#head;
  }

  /** How much memory the packets take, in bytes: their payloads and {@link PACKET_OVERHEAD_BYTES} for each. */
  get chargedBytes(): number {
    return this.#chargedBytes;
  }

  /** The next packet, which stays. */
  get next(): IncomingPacket | undefined {
    return this.#packets[this.#head];
  }

  /** Appends a packet. */
  push(packet: IncomingPacket): void {
    this.#packets.push(packet);
    this.#chargedBytes += packet.bytes.length + PACKET_OVERHEAD_BYTES;
  }

  /** Removes the next packet. */
  shift(): IncomingPacket | undefined {
    const packet = this.#packets[this.#head];
    if (packet === undefined) return undefined;
    this.#packets[this.#head] = undefined;
    this.#chargedBytes -= packet.bytes.length + PACKET_OVERHEAD_BYTES;
    this.#head++;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#packets.length) {
      this.#packets = this.#packets.slice(this.#head);
      this.#head = 0;
    }
    return packet;
  }

  /** Forgets everything. */
  clear(): void {
    this.#packets = [];
    this.#head = 0;
    this.#chargedBytes = 0;
  }
}

/** What a packet costs beside its payload, as in ENet's own budget (`memoryBudget.ts`): measured in V8. */
export const PACKET_OVERHEAD_BYTES: number = PACKET_HELD_BYTES;

const COMPACT_AT = 64;
