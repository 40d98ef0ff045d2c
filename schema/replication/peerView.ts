/** What one peer has of the scene, and what waits to be sent to it. */
import type { ReplicationPeer } from './link.ts';
import type { Entry } from './sceneTracker.ts';

/** What one peer has of one node. */
export class NodeView {
  /** It is of interest to the peer. */
  isWanted: boolean;
  /** The peer was told that it is there. */
  isKnown = false;
  /** It waits in the peer's queue. */
  isQueued = false;
  /** The last place was sent unreliably. */
  isLoose = false;
  /** The revisions that were sent last, -1 for none. */
  sentPlace = -1;
  sentProperties = -1;
  sentDetails = -1;

  constructor(isWanted: boolean) {
    this.isWanted = isWanted;
  }

  /** The peer has it no more. */
  forget(): void {
    this.isKnown = false;
    this.isLoose = false;
    this.sentPlace = -1;
    this.sentProperties = -1;
    this.sentDetails = -1;
  }
}

/** One peer. */
export class PeerView<P extends ReplicationPeer> {
  readonly peer: P;
  /** Where views of nodes are for this peer. */
  readonly slot: number;
  /** The number of the next step of the tree that it gets. */
  cursor: number;
  /** Bytes that may be sent in this tick; negative: what the last ones took too much. */
  credit = 0;
  #queue: Entry[] = [];
  #head = 0;

  constructor(peer: P, slot: number, cursor: number) {
    this.peer = peer;
    this.slot = slot;
    this.cursor = cursor;
  }

  /** How many nodes wait. */
  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** What it has of a node. Every node that is replicated has a view of every peer. */
  view(entry: Entry): NodeView {
    let view = entry.views[this.slot];
    if (view === undefined) {
      view = new NodeView(true);
      entry.views[this.slot] = view;
    }
    return view;
  }

  /** Lets a node wait behind those that do; once is enough. */
  enqueue(entry: Entry): void {
    const view = this.view(entry);
    if (view.isQueued) return;
    view.isQueued = true;
    this.#queue.push(entry);
  }

  /** The node that has waited longest. */
  first(): Entry | undefined {
    return this.#queue[this.#head];
  }

  /** Takes {@link PeerView.first} out. */
  shift(): void {
    const entry = this.#queue[this.#head];
    if (entry === undefined) return;
    this.view(entry).isQueued = false;
    this.#head++;
    if (this.#head < COMPACT_AT && this.#head < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}

const COMPACT_AT = 1024;
