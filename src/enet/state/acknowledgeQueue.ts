/** Acknowledgements on their way out. enet-protocol 5.4 and 6.3. */

/** What is acknowledged, and the sentTime to echo: two numbers each in a ring that grows, and no objects. */
export class AcknowledgeQueue {
  /** An even place has command (bits 24..27), channel (16..23) and number, the one behind it the sentTime. */
  #ring: Uint32Array = NO_RING;
  #head = 0;
  #length = 0;

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Appends one. `command` is a command number, the others are a u8 and two u16. */
  push(command: number, channelId: number, reliableSeq: number, sentTime: number): void {
    if (2 * this.#length === this.#ring.length) this.#grow();
    const at = (this.#head + 2 * this.#length) & (this.#ring.length - 1);
    this.#ring[at] = (command << 24) | (channelId << 16) | reliableSeq;
    this.#ring[at + 1] = sentTime;
    this.#length++;
  }

  /** Command, channel and number of the oldest one, as in the ring; nothing of sense when none waits. */
  get first(): number {
    return this.#ring[this.#head] ?? 0;
  }

  /** Its sentTime. */
  get firstSentTime(): number {
    return this.#ring[this.#head + 1] ?? 0;
  }

  /** Removes the oldest one. */
  shift(): void {
    this.#head = (this.#head + 2) & (this.#ring.length - 1);
    if (--this.#length === 0 && this.#ring.length > LARGE_RING) this.clear();
  }

  /** Drops everything, the ring included. */
  clear(): void {
    this.#ring = NO_RING;
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#ring;
    const ring = new Uint32Array(Math.max(2 * old.length, SMALLEST_RING));
    for (let i = 0; i < old.length; i++) ring[i] = old[(this.#head + i) & (old.length - 1)] ?? 0;
    this.#ring = ring;
    this.#head = 0;
  }
}

const NO_RING: Uint32Array = new Uint32Array(0);
/** Room for two, in numbers. */
const SMALLEST_RING = 4;
/** Rings up to this size stay. */
const LARGE_RING = 512;
