/**
 * Who is who in a multiplayer peer: unique ids and connections, both ways. A connection that was removed stays
 * unknown, even if its id belongs to another one by then (godot-enet-classes 4.8).
 */

import type { DisconnectCause } from '../../enet/index.ts';
import type { ENetConnection } from '../ENetConnection.ts';
import type { ENetPacketPeer } from '../ENetPacketPeer.ts';
import type { PeerMeter } from '../peerMeter.ts';

/** One peer that has an id. */
export interface PeerEntry {
  /** Its unique id. */
  readonly id: number;
  /** Its connection. */
  readonly peer: ENetPacketPeer;
  /** The host of that connection. */
  readonly host: ENetConnection;
  /** Whether `peerConnected` was emitted for it; `peerDisconnected` is owed then. */
  isAnnounced: boolean;
  /** How much it may send; a server's clients have one from their first packet on. */
  meter: PeerMeter | undefined;
  /** Why it ends, where its connection does not know. */
  cause: DisconnectCause | undefined;
}

/** The peers of one server, client or mesh, in the order in which they came. */
export class PeerTable {
  readonly #byId: Map<number, PeerEntry> = new Map();
  readonly #byPeer: Map<ENetPacketPeer, PeerEntry> = new Map();

  /** Adds a peer. One with the same id must have been removed before. */
  add(id: number, peer: ENetPacketPeer, host: ENetConnection, isAnnounced: boolean): PeerEntry {
    const entry: PeerEntry = { id, peer, host, isAnnounced, meter: undefined, cause: undefined };
    this.#byId.set(id, entry);
    this.#byPeer.set(peer, entry);
    return entry;
  }

  /** Whether an id is taken. */
  has(id: number): boolean {
    return this.#byId.has(id);
  }

  /** The peer with an id. */
  get(id: number): PeerEntry | undefined {
    return this.#byId.get(id);
  }

  /** The peer with a connection. */
  find(peer: ENetPacketPeer): PeerEntry | undefined {
    return this.#byPeer.get(peer);
  }

  /** Whether exactly this entry is still there. */
  holds(entry: PeerEntry): boolean {
    return this.#byPeer.get(entry.peer) === entry;
  }

  /** Removes exactly this entry, if it is still there. */
  remove(entry: PeerEntry): void {
    if (!this.holds(entry)) return;
    this.#byPeer.delete(entry.peer);
    this.#byId.delete(entry.id);
  }

  /** All entries. The iteration bears additions and removals. */
  entries(): IterableIterator<PeerEntry> {
    return this.#byId.values();
  }
}
