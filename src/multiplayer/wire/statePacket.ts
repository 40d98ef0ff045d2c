/** SYNC and DELTA as bytes: a head, and entries with the state of one synchronizer each. docs/protocol/scene-multiplayer 8.2, 8.3, 11.2 (41). */
import { Command } from './protocol.ts';

/** One entry of a received packet. It points into the packet. */
export interface StateEntry {
  /** The sender's number of the synchronizer; with bit 31, of its path. */
  readonly id: number;
  /** Which watched properties follow; 0 in a SYNC. */
  readonly mask: bigint;
  /** The values. */
  readonly state: Uint8Array;
}

/** Whether a packet of changes, not of whole states. */
export function isDelta(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & DELTA_BIT) !== 0;
}

/** The time in a SYNC of at least {@link SYNC_LEAST} bytes. */
export function syncTimeOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint16(1, true);
}

/**
 * The entries of a SYNC or (`delta`) DELTA, in order. Behind the last one a few bytes are ignored, as the engine does it.
 *
 * @returns in the end, what is wrong with the packet; `undefined` when nothing is.
 */
export function* readStates(bytes: Uint8Array, delta: boolean): Generator<StateEntry, string | undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = delta ? DELTA_ENTRY : SYNC_ENTRY;
  let at = delta ? DELTA_HEAD : SYNC_HEAD;
  // 11.2 (41): an entry begins only where more than its head is left.
  while (bytes.length - at > head) {
    const id = view.getUint32(at, true);
    const mask = delta ? view.getBigUint64(at + 4, true) : 0n;
    const size = view.getUint32(at + head - 4, true);
    at += head;
    if (size > bytes.length - at) return `an entry of ${size} bytes where ${bytes.length - at} are left`;
    yield { id, mask, state: bytes.subarray(at, at + size) };
    at += size;
  }
  return undefined;
}

/** The head of an entry of a SYNC with its values: the same for all receivers. */
export function syncEntry(id: number, state: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SYNC_ENTRY + state.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, id, true);
  view.setUint32(4, state.length, true);
  bytes.set(state, SYNC_ENTRY);
  return bytes;
}

/** An entry of a DELTA. */
export function deltaEntry(id: number, mask: bigint, state: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DELTA_ENTRY + state.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, id, true);
  view.setBigUint64(4, mask, true);
  view.setUint32(12, state.length, true);
  bytes.set(state, DELTA_ENTRY);
  return bytes;
}

/** Puts entries into packets of at most so many bytes. What it hands out is the receiver's. */
export class StatePacker {
  readonly #hasQuirk: boolean;

  /** @param hasQuirk As the engine, send an empty packet before an entry that does not fit behind the head: 8.2. */
  constructor(hasQuirk: boolean) {
    this.#hasQuirk = hasQuirk;
  }

  /** SYNC packets, with the time 0. */
  packStates(entries: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
    return this.#pack(entries, maxBytes, Uint8Array.of(Command.SYNC, 0, 0));
  }

  /** DELTA packets. */
  packChanges(entries: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
    return this.#pack(entries, maxBytes, Uint8Array.of(Command.SYNC | DELTA_BIT));
  }

  #pack(entries: readonly Uint8Array[], maxBytes: number, head: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (let from = 0; from < entries.length; ) {
      let size = head.length;
      let to = from;
      for (; to < entries.length; to++) {
        const { length } = entries[to] ?? NOTHING;
        if (size + length > maxBytes && (to > from || this.#hasQuirk)) break;
        size += length;
      }
      if (to === from) {
        // What is larger than a packet: one with nothing in it, and then all the same.
        packets.push(head.slice());
        size += entries[to++]?.length ?? 0;
      }
      const packet = new Uint8Array(size);
      packet.set(head);
      let at = head.length;
      for (; from < to; from++) {
        const entry = entries[from] ?? NOTHING;
        packet.set(entry, at);
        at += entry.length;
      }
      packets.push(packet);
    }
    return packets;
  }
}

/** Writes the time into a SYNC. @returns the same bytes. */
export function setSyncTime(packet: Uint8Array, time: number): Uint8Array {
  packet[1] = time & 0xff;
  packet[2] = time >> 8;
  return packet;
}

/** A shorter SYNC is no SYNC. */
export const SYNC_LEAST = 11;
/** The most watched properties of a synchronizer: bits of the mask. */
export const MOST_WATCHED = 64;
const DELTA_BIT = 0x10;
const NOTHING = new Uint8Array(0);
const SYNC_HEAD = 3;
const DELTA_HEAD = 1;
const SYNC_ENTRY = 8;
const DELTA_ENTRY = 16;
