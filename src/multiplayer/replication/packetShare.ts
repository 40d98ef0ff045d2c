/** Packets of one step that several peers get: those with the same entries get copies of the same bytes. */

/** Entries, and the packets that hold them. */
interface Share {
  readonly entries: readonly Uint8Array[];
  readonly packets: readonly Uint8Array[];
}

/** The packets of a step by their entries. */
export class PacketShare {
  readonly #shares = new Map<number, Share[]>();

  /** Another step has begun. */
  clear(): void {
    this.#shares.clear();
  }

  /** Packets with these entries, in this order; `make` makes them when nobody has needed them yet. They are not changed any more. */
  packets(entries: readonly Uint8Array[], make: () => Uint8Array[]): readonly Uint8Array[] {
    // Most peers see as many as others; what is in the middle tells the others apart.
    const key = entries.length;
    const shares = this.#shares.get(key) ?? [];
    const known = shares.find((share) => areSame(share.entries, entries));
    if (known !== undefined) return known.packets;
    const packets = make();
    shares.push({ entries: [...entries], packets });
    if (shares.length <= MOST_SHARES) this.#shares.set(key, shares);
    return packets;
  }
}

function areSame(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Of lists of one length; what is beyond is made for each peer. */
const MOST_SHARES = 8;
