/**
 * Relayed packets that wait until their receiver has been spawned what it is to have: a client announces its nodes once, to everybody
 * whom it hears of, and an engine that has no such node yet never gets its states. Bounded per receiver, in order.
 */
import type { TransferMode } from '../godot/index.ts';
import { PACKET_HELD_BYTES } from '../godot/internal.ts';

/** One of them. */
export interface HeldRelay {
  /** Who sent it. */
  readonly from: number;
  readonly mode: TransferMode;
  readonly channel: number;
  readonly packet: Uint8Array;
}

/** The relayed packets that wait, by receiver. */
export class HeldRelays {
  readonly #peers = new Map<number, { relays: HeldRelay[]; bytes: number }>();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether packets for a peer wait. */
  has(peer: number): boolean {
    return this.#peers.has(peer);
  }

  /** Lets a packet wait. @returns whether there was room. */
  hold(peer: number, relay: HeldRelay): boolean {
    const held = this.#peers.get(peer) ?? { relays: [], bytes: 0 };
    const bytes = held.bytes + relay.packet.length + PACKET_HELD_BYTES;
    if (bytes > this.#maxBytes) return false;
    held.relays.push(relay);
    held.bytes = bytes;
    this.#peers.set(peer, held);
    return true;
  }

  /** Takes out what waits for a peer, in order. */
  take(peer: number): readonly HeldRelay[] {
    const relays = this.#peers.get(peer)?.relays ?? [];
    this.#peers.delete(peer);
    return relays;
  }

  /** A peer is gone: what waits for it, and what it has sent. Its receivers hear of its end at once, and nothing may follow that. */
  forgetPeer(peer: number): void {
    this.#peers.delete(peer);
    for (const [receiver, { relays }] of this.#peers) {
      if (!relays.some(({ from }) => from === peer)) continue;
      this.#peers.delete(receiver);
      for (const relay of relays) if (relay.from !== peer) this.hold(receiver, relay);
    }
  }

  /** Everybody is gone. */
  clear(): void {
    this.#peers.clear();
  }
}
