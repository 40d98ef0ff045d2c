/// <reference lib="esnext.disposable" preserve="true" />
/** Sends what changes in a mirror to the peers of a server. docs/guide/replication.md. */
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import type { Entry } from './entry.ts';
import { Interest } from './interest.ts';
import type { ReplicationLink, ReplicationPeer } from './link.ts';
import type { PacketMaker } from './nodePackets.ts';
import { NodeView } from './nodeView.ts';
import type { ReplicationSettings } from './options.ts';
import { Outlet } from './outlet.ts';
import { PeerTurn } from './peerTurn.ts';
import { PeerView } from './peerView.ts';
import { type SceneChanges, SceneTracker } from './sceneTracker.ts';
import type { Speaker } from './speaker.ts';
import { StepLog } from './stepLog.ts';
import { Ticker } from './ticker.ts';

/** What a {@link Replication} has done so far. */
export interface ReplicationCounters {
  /** Ticks. */
  readonly ticks: number;
  /** Packets that were queued, each peer counting. */
  readonly packets: number;
  /** Those of them that were unreliable. */
  readonly unreliablePackets: number;
  /** Their bytes. */
  readonly bytes: number;
  /** How often a node or an event was encoded. */
  readonly encoded: number;
  /** How often the server did not take a packet; it is tried again. */
  readonly refused: number;
}

/**
 * A mirror that is replicated to the peers of a server. Made by {@link SceneMirror.replicate}; stopped by
 * {@link Replication.stop}, or at the end of an `await using` block.
 */
export class Replication<P extends ReplicationPeer = ReplicationPeer> implements AsyncDisposable {
  readonly #link: ReplicationLink<P>;
  readonly #tracker: SceneTracker;
  readonly #interest: Interest<P>;
  readonly #outlet: Outlet<P>;
  readonly #turn: PeerTurn<P>;
  readonly #peers = new Map<P, PeerView<P>>();
  readonly #freeSlots: number[] = [];
  /** What has moved in the last ticks. */
  readonly #movers = new Set<Entry>();
  readonly #steps = new StepLog();
  readonly #ticker: Ticker | undefined;
  readonly #onStop: () => void;
  #ticks = 0;
  #encoded = 0;
  #isStopped = false;
  #isInTick = false;

  /**
   * @internal Use {@link SceneMirror.replicate}.
   * @param makeSpeaker - Who says to peers what they lack.
   * @param onStop - Is called when it is stopped, at most once.
   */
  constructor(
    link: ReplicationLink<P>,
    settings: ReplicationSettings<P>,
    makeSpeaker: (maker: PacketMaker) => Speaker,
    onStop: () => void,
  ) {
    this.#onStop = onStop;
    this.#link = link;
    this.#tracker = new SceneTracker(settings.root);
    this.#interest = new Interest(settings.interest, (error) => link.report(error, 'replication interest'));
    this.#outlet = new Outlet(link, settings.channel);
    this.#turn = new PeerTurn({
      settings,
      tracker: this.#tracker,
      steps: this.#steps,
      interest: this.#interest,
      outlet: this.#outlet,
      speaker: makeSpeaker({
        encode: link.encode,
        createPacket: (bytes, isReliable) => link.createPacket(bytes, isReliable),
        encoded: () => {
          this.#encoded++;
        },
      }),
    });
    const { rate } = settings;
    this.#ticker = rate === 0 ? undefined : new Ticker(link, rate, () => this.#guardedTick());
  }

  /** Sends what has changed, now. With a rate this happens by itself. Does nothing once stopped, and in its own callbacks. */
  tick(): void {
    if (this.#isStopped || this.#isInTick) return;
    this.#isInTick = true;
    try {
      this.#ticks++;
      const changes = this.#tracker.look(this.#ticks);
      for (const step of changes.steps) this.#steps.push(step);
      this.#updatePeers();
      for (const peer of this.#peers.values()) this.#takeChanges(peer, changes);
      this.#noteRest(changes.changed);
      for (const peer of this.#peers.values()) this.#turn.take(peer, this.#ticks);
      this.#trimSteps();
    } finally {
      this.#isInTick = false;
    }
  }

  /**
   * Tells a peer that is still there to free all that it has, e.g. because it goes elsewhere. The link must not name it among its peers from
   * then on; while it does, the peer is a newcomer. Does nothing for a peer that has nothing.
   */
  dismiss(peer: P): void {
    // Its paths have to be those of now.
    this.tick();
    const view = this.#peers.get(peer);
    if (view === undefined || this.#isStopped) return;
    this.#turn.dismiss(view);
    this.#forget(peer, view);
  }

  /** Sends nothing more. What was queued still leaves; peers keep what they have. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#ticker?.stop();
    this.#onStop();
  }

  /** As {@link Replication.stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  /** Whether every peer has been sent all that it should have, as of the last tick. Packets may still be on their way. */
  get isSettled(): boolean {
    if (this.#movers.size > 0 || !this.#steps.isEmpty) return false;
    for (const peer of this.#peers.values()) if (peer.waiting > 0) return false;
    return true;
  }

  /** The peers that were told of a node and not of its end; `undefined` for a node that is not replicated. @internal */
  peersWith(node: MirrorNode): P[] | undefined {
    const entry = this.#tracker.find(node);
    if (entry === undefined) return undefined;
    return [...this.#peers.values()].flatMap(({ peer, slot }) => (entry.views[slot]?.isKnown ? [peer] : []));
  }

  /** What was done so far. */
  getCounters(): ReplicationCounters {
    const { packets, unreliablePackets, bytes, refused } = this.#outlet.counters;
    return { ticks: this.#ticks, packets, unreliablePackets, bytes, encoded: this.#encoded, refused };
  }

  #guardedTick(): void {
    try {
      this.tick();
    } catch (error) {
      this.#link.report(error, 'replication tick');
    }
  }

  #updatePeers(): void {
    const present = new Set(this.#link.peers());
    for (const [peer, view] of this.#peers) {
      if (!present.has(peer)) this.#forget(peer, view);
    }
    for (const peer of present) if (!this.#peers.has(peer)) this.#addPeer(peer);
  }

  #forget(peer: P, view: PeerView<P>): void {
    this.#peers.delete(peer);
    for (const entry of this.#tracker.entries) entry.views[view.slot] = undefined;
    this.#freeSlots.push(view.slot);
  }

  #addPeer(peer: P): void {
    const slot = this.#freeSlots.pop() ?? this.#peers.size;
    const view = new PeerView(peer, slot, this.#steps.end, this.#outlet);
    this.#peers.set(peer, view);
    this.#wantEntries(view, this.#tracker.entries);
    for (const entry of this.#tracker.top) view.enqueue(entry);
  }

  #takeChanges(peer: PeerView<P>, { added, changed }: SceneChanges): void {
    this.#wantEntries(peer, added);
    for (const entry of added) peer.enqueue(entry);
    for (const entry of changed) if (peer.view(entry).isKnown) peer.enqueue(entry);
  }

  /** Decides about nodes of which nothing was decided for a peer. */
  #wantEntries(peer: PeerView<P>, entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const check = this.#interest.checkFor(peer.peer, this.#ticks);
    for (const entry of entries) {
      if (entry.views[peer.slot] !== undefined) continue;
      const isPossible = entry.parent === undefined || peer.view(entry.parent).isWanted;
      const isWanted = isPossible && (check === undefined || check(entry, false));
      entry.views[peer.slot] = new NodeView(isWanted);
    }
  }

  /** What has come to rest is sent once more, reliably. */
  #noteRest(changed: readonly Entry[]): void {
    for (const entry of changed) if (entry.placeTick === this.#ticks) this.#movers.add(entry);
    for (const entry of this.#movers) {
      if (!entry.isGone && !this.#turn.rests(entry, this.#ticks)) continue;
      this.#movers.delete(entry);
      if (entry.isGone) continue;
      for (const peer of this.#peers.values()) if (peer.view(entry).isLoose) peer.enqueue(entry);
    }
  }

  #trimSteps(): void {
    let oldest = this.#steps.end;
    for (const { cursor } of this.#peers.values()) oldest = Math.min(oldest, cursor);
    this.#steps.trim(oldest);
  }
}
