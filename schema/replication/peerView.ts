/** What waits to be said to one peer, and its budget. */
import type { Entry } from './entry.ts';
import type { ReplicationPacket, ReplicationPeer } from './link.ts';
import { NodeView } from './nodeView.ts';
import type { Outlet } from './outlet.ts';
import type { Listener } from './speaker.ts';

/** One peer. */
export class PeerView<P extends ReplicationPeer> implements Listener {
  readonly peer: P;
  /** Where views of nodes are for this peer. */
  readonly slot: number;
  /** The number of the next step of the tree that it gets. */
  cursor: number;
  readonly #outlet: Outlet<P>;
  /** Bytes that may be sent in this tick; negative: what the last ones took too much. */
  #credit = 0;
  #queue: Entry[] = [];
  #head = 0;

  constructor(peer: P, slot: number, cursor: number, outlet: Outlet<P>) {
    this.peer = peer;
    this.slot = slot;
    this.cursor = cursor;
    this.#outlet = outlet;
  }

  /** A tick has begun. What was not used of the last budget is gone, what was used too much counts. */
  addCredit(bytes: number): void {
    this.#credit = Math.min(this.#credit, 0) + bytes;
  }

  /** Whether something is left of the budget. */
  get hasCredit(): boolean {
    return this.#credit > 0;
  }

  hear(packet: ReplicationPacket, isReliable: boolean): boolean {
    if (!this.#outlet.send(this.peer, packet, isReliable)) return false;
    this.#credit -= packet.bytes.length;
    return true;
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
