/** The packets that `service()` delivered for one peer and nobody has fetched yet. godot-enet-classes 3.2. */

/** A received packet. */
export interface ReceivedPacket {
  /** The payload. */
  readonly bytes: Uint8Array;
  /** How it travelled: 0, 1, 2 or 8. */
  readonly flags: number;
}

/** First in, first out; every operation takes constant time on average. */
export class PacketQueue {
  #packets: (ReceivedPacket | undefined)[] = [];
  #head = 0;

  /** How many packets wait. */
  get length(): number {
    return this.#packets.length - this.#head;
  }

  /** The next packet, which stays. */
  get next(): ReceivedPacket | undefined {
    return this.#packets[this.#head];
  }

  /** Appends a packet. */
  push(packet: ReceivedPacket): void {
    this.#packets.push(packet);
  }

  /** Removes the next packet. */
  shift(): ReceivedPacket | undefined {
    const packet = this.#packets[this.#head];
    if (packet === undefined) return undefined;
    // The usual case, one packet at a time, without a new array.
    if (this.#packets.length === 1) return this.#packets.pop();
    this.#packets[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#packets.length) {
      this.#packets = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#packets.length) {
      this.#packets = this.#packets.slice(this.#head);
      this.#head = 0;
    }
    return packet;
  }
}

const COMPACT_AT = 64;
