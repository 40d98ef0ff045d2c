/**
 * Which number stands for which node, in both directions. docs/protocol/scene-multiplayer 4 and 11.2 (20 to 23).
 * It knows nothing of packets: who announces and confirms is in nodePaths.ts.
 */
import type { MirrorNode } from '../../schema/index.ts';

/** What a receiver knows of one of our nodes. */
export const PathState = { ANNOUNCED: 1, CONFIRMED: 2 } as const;
/** One of the numbers of {@link PathState}. */
export type PathState = (typeof PathState)[keyof typeof PathState];

/** One of our nodes under its number. */
export interface OwnPath {
  /** The number. */
  readonly id: number;
  /** The node. */
  readonly node: MirrorNode;
  /** How far each peer is; a peer that was told nothing is missing. */
  readonly peers: Map<number, PathState>;
}

/** The numbers that we give. They begin at 1 and count up; a node keeps its own until it leaves the tree. */
export class OwnPaths {
  readonly #byNode = new Map<MirrorNode, OwnPath>();
  readonly #byId = new Map<number, OwnPath>();
  #lastId = 0;

  /** The entry of a node; made when there is none. */
  of(node: MirrorNode): OwnPath {
    const known = this.#byNode.get(node);
    if (known !== undefined) return known;
    this.#lastId++;
    const entry: OwnPath = { id: this.#lastId, node, peers: new Map() };
    this.#byNode.set(node, entry);
    this.#byId.set(entry.id, entry);
    return entry;
  }

  /** The entry of a node, if it has one. */
  find(node: MirrorNode): OwnPath | undefined {
    return this.#byNode.get(node);
  }

  /** The entry with a number. */
  byId(id: number): OwnPath | undefined {
    return this.#byId.get(id);
  }

  /** A node has left the tree: its number is never used again. */
  forgetNode(node: MirrorNode): void {
    const entry = this.#byNode.get(node);
    if (entry === undefined) return;
    this.#byNode.delete(node);
    this.#byId.delete(entry.id);
  }

  /** A peer is gone, or knows nothing any more. */
  forgetPeer(peer: number): void {
    for (const entry of this.#byNode.values()) entry.peers.delete(peer);
  }

  /** Forgets everything; numbers begin at 1 again. */
  clear(): void {
    this.#byNode.clear();
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
}

/** The numbers that peers gave us. */
export class RemotePaths {
  readonly #peers = new Map<number, Map<number, RemotePath>>();
  readonly #maxPerPeer: number;

  constructor(maxPerPeer: number) {
    this.#maxPerPeer = maxPerPeer;
  }

  /** What a number of a peer means. */
  get(peer: number, id: number): RemotePath | undefined {
    return this.#peers.get(peer)?.get(id);
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

  /** A peer is gone, or came anew. */
  forgetPeer(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Forgets everything. */
  clear(): void {
    this.#peers.clear();
  }
}
