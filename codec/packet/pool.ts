/**
 * Memory for small packets. Allocating a small Uint8Array costs more than filling it, so small packets are cut from a
 * shared block, as Node's own Buffer pool does: nobody else ever writes to their bytes, but their `buffer` is shared.
 */

/** Packets up to this size are cut from a block. */
export const POOLED_PACKET_BYTES: number = 1024;

/** The block that packets are being cut from. */
export class PacketPool {
  /** The memory; only from {@link used} on may it be written to. */
  block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  /** Where the next packet begins. */
  used = 0;
  /** Whether something is being written behind {@link used}; nothing may be cut off until that is done. */
  isBusy = false;

  /** Makes sure that a packet of {@link POOLED_PACKET_BYTES} fits behind {@link used}. */
  reserve(): void {
    if (this.block.length - this.used >= POOLED_PACKET_BYTES) return;
    this.block = new Uint8Array(BLOCK_BYTES);
    this.used = 0;
  }

  /** Cuts off the next packet, which must fit, and gives it. */
  cut(size: number): Uint8Array {
    const from = this.used;
    this.used = from + size;
    return this.block.subarray(from, from + size);
  }

  /** Zeroed memory for a packet of any size, which belongs to the caller. */
  take(size: number): Uint8Array {
    if (size > POOLED_PACKET_BYTES || this.isBusy) return new Uint8Array(size);
    this.reserve();
    return this.cut(size);
  }
}

const BLOCK_BYTES = 8192;
