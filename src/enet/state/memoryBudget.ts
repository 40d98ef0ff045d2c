/**
 * What received data really holds in memory, for one peer and for the whole host. ENet's own limit (`maxWaitingBytes`)
 * counts payloads; but a packet of one byte that waits behind a gap is a few objects, and many peers wait at once.
 * enet-protocol 12.2 G.
 */

/** Whom the budget charges. */
export interface MemoryHolder {
  /** What it holds, in bytes. Only the budget writes it. */
  heldBytes: number;
  /** What it has sent, in bytes. */
  readonly receivedBytes: number;
  /** Whether {@link MemoryBudget.trust} has yet to be called for it. */
  isStranger: boolean;
  /** Most that it may hold while it is a stranger, in bytes. */
  readonly maxWaitingBytes: number;
}

/** What a packet holds that waits, beside its payload: entry, place in a map or queue, array. Measured in V8. */
export const PACKET_HELD_BYTES = 384;
/** What a fragment holds beside its payload. */
export const PIECE_HELD_BYTES = 250;
/** What a channel holds. */
export const CHANNEL_HELD_BYTES = 600;

/** The budget of one host. The sum of what its peers hold is at most `maxBytes`. */
export class MemoryBudget {
  readonly #sharedBytes: number;
  readonly #floorBytes: number;
  readonly #maxStrangerBytes: number;
  #heldBytes = 0;
  #strangerBytes = 0;

  /** @param maxStrangerBytes for all together for whom {@link MemoryBudget.trust} was not called. */
  constructor(maxBytes: number, maxStrangerBytes: number, peerCount: number) {
    const floors = Math.floor(maxBytes / FLOOR_SHARE);
    this.#sharedBytes = maxBytes - floors;
    this.#floorBytes = Math.floor(floors / peerCount);
    this.#maxStrangerBytes = maxStrangerBytes;
  }

  /** What all peers hold, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Whether a peer may hold this many bytes more. Every peer has its floor, so that nobody goes without because others
   * have taken everything.
   */
  admits(peer: MemoryHolder, bytes: number): boolean {
    const held = peer.heldBytes + bytes;
    if (held > Math.max(FREE_BYTES, HELD_PER_RECEIVED * peer.receivedBytes)) return false;
    if (peer.isStranger && peer.heldBytes >= peer.maxWaitingBytes) return false;
    if (held <= this.#floorBytes) return true;
    if (peer.isStranger && this.#strangerBytes + bytes > this.#maxStrangerBytes) return false;
    return this.#heldBytes + bytes <= this.#sharedBytes;
  }

  /** Charges a peer. */
  hold(peer: MemoryHolder, bytes: number): void {
    peer.heldBytes += bytes;
    this.#heldBytes += bytes;
    if (peer.isStranger) this.#strangerBytes += bytes;
  }

  /** Takes a charge back. */
  release(peer: MemoryHolder, bytes: number): void {
    this.hold(peer, -bytes);
  }

  /** The peer's data counts among that of everybody from now on. */
  trust(peer: MemoryHolder): void {
    if (peer.isStranger) this.#strangerBytes -= peer.heldBytes;
    peer.isStranger = false;
  }
}

/** The part of the budget that is set aside for the floors: one in five. */
const FLOOR_SHARE = 5;
/** What a peer may hold however little it has sent. */
const FREE_BYTES = 4 * 1024 * 1024;
/** What it may hold for each byte that it has sent, headers included and unpacked. */
const HELD_PER_RECEIVED = 4;
