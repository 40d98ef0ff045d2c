/**
 * Which number stands for which node, in both directions. docs/protocol/scene-multiplayer 4 and 11.2 (20 to 23).
 * It knows nothing of packets: who announces and confirms is in announcements.ts and remotePaths.ts.
 */
import type { MirrorNode } from '../../schema/index.ts';

/** What a peer was told of one of our nodes. */
export interface Announcement {
  /** The number that calls use: the one announced last, or the one that was confirmed. */
  id: number;
  /** Whether the peer has confirmed a number. */
  isConfirmed: boolean;
  /** The path that was told. */
  path: string;
  /** Whether it counts no longer: the node gets a fresh number there. */
  readonly isVoid: boolean;
  /** How often it was told. */
  count: number;
  /** When it is told again, on the clock of the multiplayer. */
  againMs: number;
  /** Numbers beyond that of the node, which this peer alone was told. */
  readonly extraIds: number[];
}

/** One of our nodes under its number. */
export interface OwnPath {
  /** The number. */
  readonly id: number;
  /** The node. */
  readonly node: MirrorNode;
  /** How far each peer is; a peer that was told nothing is missing. */
  readonly peers: Map<number, Announcement>;
}

/** What a number stands for: a node, or (as in 4.0 and 4.1) a path. */
export type PathKey = MirrorNode | string;

/** The numbers of one peer who came from another SceneMultiplayer, and may know what is usual here as something else. */
interface PeerNumbers {
  readonly byId: Map<number, OwnPath>;
  lastId: number;
}

/**
 * The numbers that we give. They begin at 1 and count up; a node keeps its own until it leaves the tree. Peers who came from elsewhere
 * have numbers of their own, from where theirs left off.
 */
export class OwnPaths {
  readonly #byKey = new Map<PathKey, OwnPath>();
  readonly #byId = new Map<number, OwnPath>();
  readonly #travellers = new Map<number, PeerNumbers>();
  #lastId = 0;

  /** How many entries there are. */
  get size(): number {
    return this.#byKey.size;
  }

  /** The entry of a key; made when there is none. */
  of(key: PathKey, node: MirrorNode): OwnPath {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const entry: OwnPath = { id: ++this.#lastId, node, peers: new Map() };
    this.#byKey.set(key, entry);
    this.#byId.set(entry.id, entry);
    return entry;
  }

  /** The entry of a key, if it has one. */
  find(key: PathKey): OwnPath | undefined {
    return this.#byKey.get(key);
  }

  /** The entry that a peer knows by a number. */
  byId(id: number, peer: number): OwnPath | undefined {
    return this.#numbersOf(peer).get(id);
  }

  /** A further number of an entry, for one peer. */
  addId(entry: OwnPath, announcement: Announcement, peer: number): number {
    const traveller = this.#travellers.get(peer);
    const id = traveller === undefined ? ++this.#lastId : ++traveller.lastId;
    announcement.extraIds.push(id);
    this.#numbersOf(peer).set(id, entry);
    return id;
  }

  /** A peer comes who was told numbers up to `lastId` elsewhere: it gets none of them again. */
  arrive(peer: number, lastId: number): void {
    this.#travellers.set(peer, { byId: new Map(), lastId });
  }

  /** Whether a peer has numbers of its own. */
  hasOwnNumbers(peer: number): boolean {
    return this.#travellers.has(peer);
  }

  /** No number that a peer was told is above it. */
  lastIdOf(peer: number): number {
    return this.#travellers.get(peer)?.lastId ?? this.#lastId;
  }

  /** What a key stood for is gone: its numbers are never used again. */
  forget(key: PathKey): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    this.#byId.delete(entry.id);
    for (const peer of entry.peers.keys()) this.#forgetExtra(entry, peer);
  }

  /** A peer knows nothing of an entry any more. */
  forgetAnnouncement(entry: OwnPath, peer: number): void {
    this.#forgetExtra(entry, peer);
    entry.peers.delete(peer);
  }

  /** A peer is gone, or knows nothing any more. */
  forgetPeer(peer: number): void {
    for (const entry of this.#byKey.values()) this.forgetAnnouncement(entry, peer);
    this.#travellers.delete(peer);
  }

  /** All entries. */
  entries(): IterableIterator<OwnPath> {
    return this.#byKey.values();
  }

  /** Forgets everything; numbers begin at 1 again. */
  clear(): void {
    this.#byKey.clear();
    this.#byId.clear();
    this.#travellers.clear();
    this.#lastId = 0;
  }

  #numbersOf(peer: number): Map<number, OwnPath> {
    return this.#travellers.get(peer)?.byId ?? this.#byId;
  }

  #forgetExtra(entry: OwnPath, peer: number): void {
    for (const id of entry.peers.get(peer)?.extraIds ?? []) this.#numbersOf(peer).delete(id);
  }
}

/** A number of a peer and what it means. */
export interface RemotePath {
  /** The path as it came. */
  readonly path: string;
  /** The checksum of the methods that the peer has there. */
  readonly checksum: string;
  /** The node that it was found at; another one once that was freed; `undefined`: there was none yet. */
  node: MirrorNode | undefined;
  /** Whether the peer was told that it is known here. */
  isConfirmed: boolean;
}

/** The numbers that peers gave us. */
export class RemotePathTable {
  readonly #peers = new Map<number, Map<number, RemotePath>>();
  readonly #maxPerPeer: number;

  constructor(maxPerPeer: number) {
    this.#maxPerPeer = maxPerPeer;
  }

  /** What a number of a peer means. */
  get(peer: number, id: number): RemotePath | undefined {
    return this.#peers.get(peer)?.get(id);
  }

  /** How many numbers are remembered, of all peers. */
  get size(): number {
    let size = 0;
    for (const ids of this.#peers.values()) size += ids.size;
    return size;
  }

  /** Whether one more number of this peer can be remembered. */
  hasRoom(peer: number): boolean {
    return (this.#peers.get(peer)?.size ?? 0) < this.#maxPerPeer;
  }

  /** Remembers a number of a peer. */
  set(peer: number, id: number, entry: RemotePath): void {
    const ids = this.#peers.get(peer);
    if (ids !== undefined) ids.set(id, entry);
    else this.#peers.set(peer, new Map([[id, entry]]));
  }

  /** All numbers of a peer. */
  of(peer: number): Iterable<[id: number, entry: RemotePath]> {
    return this.#peers.get(peer) ?? [];
  }

  /** All numbers of a peer, which are known here no more. */
  take(peer: number): Map<number, RemotePath> {
    const ids = this.#peers.get(peer) ?? new Map<number, RemotePath>();
    this.#peers.delete(peer);
    return ids;
  }

  /** A peer comes with the numbers that it gave elsewhere. */
  put(peer: number, ids: Map<number, RemotePath>): void {
    this.#peers.set(peer, ids);
  }

  /** Forgets every number of a node. */
  forgetNode(node: MirrorNode): void {
    for (const ids of this.#peers.values())
      for (const [id, entry] of ids) if (entry.node === node) ids.delete(id);
  }

  /** A peer is gone, or came anew. */
  forgetPeer(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Forgets everything. */
  clear(): void {
    this.#peers.clear();
  }
}
