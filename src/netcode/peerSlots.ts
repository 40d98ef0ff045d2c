/** Small numbers for the peers that are there, so that sets of them are bits. */

/** One peer. */
export interface PeerSlot {
  /** The number; given to another peer once this one has left. */
  readonly slot: number;
  /** The first tick at which it was there. */
  readonly since: number;
}

/** Slots by peer. */
export class PeerSlots {
  readonly #slots = new Map<number, PeerSlot>();
  readonly #free: number[] = [];
  #used = 0;

  /** How many words of 32 bits all slots need that were ever given. */
  get words(): number {
    return (this.#used + 31) >>> 5;
  }

  /** The slot of a peer; `undefined` for one that is not there. */
  of(peer: number): PeerSlot | undefined {
    return this.#slots.get(peer);
  }

  /** Says who is there at a tick. */
  update(peers: readonly number[], tick: number): void {
    let known = 0;
    for (const peer of peers) if (this.#slots.has(peer)) known++;
    if (known < this.#slots.size) {
      const there = new Set(peers);
      for (const [peer, { slot }] of this.#slots) {
        if (there.has(peer)) continue;
        this.#slots.delete(peer);
        this.#free.push(slot);
      }
    }
    if (known === peers.length) return;
    for (const peer of peers)
      if (!this.#slots.has(peer))
        this.#slots.set(peer, { slot: this.#free.pop() ?? this.#used++, since: tick });
  }

  /** A peer has left. */
  remove(peer: number): void {
    const known = this.#slots.get(peer);
    if (known === undefined) return;
    this.#slots.delete(peer);
    this.#free.push(known.slot);
  }

  /** Everybody who is there. */
  [Symbol.iterator](): IterableIterator<[peer: number, slot: PeerSlot]> {
    return this.#slots.entries();
  }
}
