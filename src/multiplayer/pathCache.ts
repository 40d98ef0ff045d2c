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

/** The numbers that we give. They begin at 1 and count up; a node keeps its own until it leaves the tree. */
export class OwnPaths {
  readonly #byKey = new Map<PathKey, OwnPath>();
  readonly #byId = new Map<number, OwnPath>();
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

  /** The entry with a number. */
  byId(id: number): OwnPath | undefined {
    return this.#byId.get(id);
  }

  /** A further number of an entry, for one peer. */
  addId(entry: OwnPath, announcement: Announcement): number {
    const id = ++this.#lastId;
    announcement.extraIds.push(id);
    this.#byId.set(id, entry);
    return id;
  }

  /** What a key stood for is gone: its numbers are never used again. */
  forget(key: PathKey): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    this.#byId.delete(entry.id);
    for (const { extraIds } of entry.peers.values()) for (const id of extraIds) this.#byId.delete(id);
  }

  /** A peer knows nothing of an entry any more. */
  forgetAnnouncement(entry: OwnPath, peer: number): void {
    for (const id of entry.peers.get(peer)?.extraIds ?? []) this.#byId.delete(id);
    entry.peers.delete(peer);
  }

  /** A peer is gone, or knows nothing any more. */
  forgetPeer(peer: number): void {
    for (const entry of this.#byKey.values()) this.forgetAnnouncement(entry, peer);
  }

  /** All entries. */
  entries(): IterableIterator<OwnPath> {
    return this.#byKey.values();
  }

  /** Forgets everything; numbers begin at 1 again. */
  clear(): void {
    this.#byKey.clear();
    this.#byId.clear();
    this.#lastId = 0;
  }
}

/** A number of a peer and what it means. */
export interface RemotePath {
  /** The path as it came. */
  readonly path: string;
  /** The node that it was found at; another one once that was freed. */
  node: MirrorNode;
  /** Whether its methods are ours. */
  readonly isRight: boolean;
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
