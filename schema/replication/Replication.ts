/// <reference lib="esnext.disposable" preserve="true" />
/** Sends what changes in a mirror to the peers of a server. docs/guide/replication.md. */

import type { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { type InterestCheck, interestOf } from './interest.ts';
import type { ReplicationLink, ReplicationPacket, ReplicationPeer, ReplicationServer } from './link.ts';
import { removedPacket, stepPacket } from './messages.ts';
import type { PacketMaker } from './nodePackets.ts';
import { checkReplicationOptions, type ReplicationOptions, type ReplicationSettings } from './options.ts';
import { NodeView, PeerView } from './peerView.ts';
import { collect, type Entry, type SceneChanges, SceneTracker, type TreeStep } from './sceneTracker.ts';
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

/** A step of the tree, as long as peers have not got it. */
interface LoggedStep {
  readonly step: TreeStep;
  packet: ReplicationPacket | undefined;
  /** For peers that do not have the new parent. */
  lost: ReplicationPacket | undefined;
}

/**
 * Sends a mirror to the authenticated peers of a server: whole to newcomers, and then what changes, at a rate. What
 * {@link SceneMirror.replicate} does.
 *
 * @param server - An `ENetServer`, or anything with a `replicationLink`.
 * @returns What stops it. A mirror can be replicated several times, to several servers.
 * @throws TypeError or RangeError for a bad option.
 */
export function replicate<P extends ReplicationPeer>(
  mirror: MirrorTree,
  server: ReplicationServer<P>,
  options: ReplicationOptions<P> = {},
): Replication<P> {
  return new Replication(mirror, server, options);
}

/**
 * A mirror that is replicated to the peers of a server. Made by {@link SceneMirror.replicate}; stopped by
 * {@link Replication.stop}, or at the end of an `await using` block.
 */
export class Replication<P extends ReplicationPeer = ReplicationPeer> implements AsyncDisposable {
  readonly #link: ReplicationLink<P>;
  readonly #settings: ReplicationSettings<P>;
  readonly #tracker: SceneTracker;
  readonly #maker: PacketMaker;
  readonly #peers = new Map<P, PeerView<P>>();
  readonly #freeSlots: number[] = [];
  /** What has moved in the last ticks. */
  readonly #movers = new Set<Entry>();
  readonly #counters = { ticks: 0, packets: 0, unreliablePackets: 0, bytes: 0, encoded: 0, refused: 0 };
  /** Steps that some peer has not got. */
  #steps: LoggedStep[] = [];
  /** The number of the first of them. */
  #firstStep = 0;
  readonly #ticker: Ticker | undefined;
  #isStopped = false;
  #isInTick = false;

  /** @internal Use {@link SceneMirror.replicate}. */
  constructor(mirror: MirrorTree, server: ReplicationServer<P>, options: ReplicationOptions<P>) {
    if (typeof server !== 'object' || server === null || typeof server.replicationLink !== 'function') {
      throw new TypeError(`"server" expected an ENetServer, got ${server === null ? 'null' : typeof server}`);
    }
    this.#settings = checkReplicationOptions(mirror, options);
    const link = server.replicationLink();
    this.#link = link;
    this.#tracker = new SceneTracker(this.#settings.root);
    this.#maker = {
      encode: link.encode,
      createPacket: (bytes, isReliable) => link.createPacket(bytes, isReliable),
      encoded: () => {
        this.#counters.encoded++;
      },
    };
    const { rate } = this.#settings;
    this.#ticker = rate === 0 ? undefined : new Ticker(link, rate, () => this.#guardedTick());
  }

  /** Sends what has changed, now. With a rate this happens by itself. Does nothing once stopped, and in its own callbacks. */
  tick(): void {
    if (this.#isStopped || this.#isInTick) return;
    this.#isInTick = true;
    try {
      this.#counters.ticks++;
      const changes = this.#tracker.look(this.#counters.ticks);
      for (const step of changes.steps) this.#steps.push({ step, packet: undefined, lost: undefined });
      this.#updatePeers();
      for (const peer of this.#peers.values()) this.#takeChanges(peer, changes);
      this.#noteRest(changes.changed);
      for (const peer of this.#peers.values()) this.#serve(peer);
      this.#trimSteps();
    } finally {
      this.#isInTick = false;
    }
  }

  /** Sends nothing more. What was queued still leaves; peers keep what they have. */
  stop(): void {
    this.#isStopped = true;
    this.#ticker?.stop();
  }

  /** As {@link Replication.stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  /** Whether every peer has been sent all that it should have, as of the last tick. Packets may still be on their way. */
  get isSettled(): boolean {
    if (this.#movers.size > 0 || this.#steps.length > 0) return false;
    for (const peer of this.#peers.values()) if (peer.waiting > 0) return false;
    return true;
  }

  /** What was done so far. */
  getCounters(): ReplicationCounters {
    return { ...this.#counters };
  }

  #guardedTick(): void {
    try {
      this.tick();
    } catch (error) {
      this.#link.report(error, 'replication tick');
    }
  }

  // --- Peers --------------------------------------------------------------------------------------------------

  #updatePeers(): void {
    const present = new Set(this.#link.peers());
    for (const [peer, view] of this.#peers) {
      if (present.has(peer)) continue;
      this.#peers.delete(peer);
      for (const entry of this.#tracker.entries) entry.views[view.slot] = undefined;
      this.#freeSlots.push(view.slot);
    }
    for (const peer of present) if (!this.#peers.has(peer)) this.#addPeer(peer);
  }

  #addPeer(peer: P): void {
    const slot = this.#freeSlots.pop() ?? this.#peers.size;
    const view = new PeerView(peer, slot, this.#firstStep + this.#steps.length);
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
    const check = this.#checkOf(peer);
    for (const entry of entries) {
      if (entry.views[peer.slot] !== undefined) continue;
      const isPossible = entry.parent === undefined || peer.view(entry.parent).isWanted;
      const isWanted = isPossible && (check === undefined || this.#ask(check, entry, false));
      entry.views[peer.slot] = new NodeView(isWanted);
    }
  }

  /** What has come to rest is sent once more, reliably. */
  #noteRest(changed: readonly Entry[]): void {
    const { ticks } = this.#counters;
    for (const entry of changed) if (entry.placeTick === ticks) this.#movers.add(entry);
    for (const entry of this.#movers) {
      if (!entry.isGone && !this.#rests(entry)) continue;
      this.#movers.delete(entry);
      if (entry.isGone) continue;
      for (const peer of this.#peers.values()) if (peer.view(entry).isLoose) peer.enqueue(entry);
    }
  }

  #rests(entry: Entry): boolean {
    return this.#counters.ticks - entry.placeTick >= this.#settings.restTicks;
  }

  // --- One peer -----------------------------------------------------------------------------------------------

  #serve(peer: PeerView<P>): void {
    peer.credit = Math.min(peer.credit, 0) + this.#settings.bytesPerTick;
    if (!this.#sendSteps(peer)) return;
    if (this.#counters.ticks % this.#settings.interestTicks === peer.slot % this.#settings.interestTicks) {
      this.#updateInterest(peer);
    }
    // A peer that does not keep up gets the newest states later, not all of them.
    if (this.#link.queuedBytes(peer.peer) >= MAX_QUEUED_TICKS * this.#settings.bytesPerTick) return;
    while (peer.credit > 0) {
      const entry = peer.first();
      if (entry === undefined || !this.#sendEntry(peer, entry)) return;
      peer.shift();
    }
  }

  /** Steps of the tree come before everything else, whatever the credit, so that all paths are right. */
  #sendSteps(peer: PeerView<P>): boolean {
    const end = this.#firstStep + this.#steps.length;
    for (; peer.cursor < end; peer.cursor++) {
      const logged = this.#steps[peer.cursor - this.#firstStep];
      if (logged !== undefined && !this.#sendStep(peer, logged)) return false;
    }
    return true;
  }

  #sendStep(peer: PeerView<P>, logged: LoggedStep): boolean {
    const { step } = logged;
    if (step.kind === 'ordered') {
      if (step.parent !== undefined && !peer.view(step.parent).isKnown) return true;
      return this.#sendLogged(peer, logged);
    }
    if (!peer.view(step.entry).isKnown) {
      // It may have waited for a parent that it does not have any more.
      if (step.kind === 'moved') peer.enqueue(step.entry);
      return true;
    }
    const staysKnown = step.kind === 'moved' && (step.parent === undefined || peer.view(step.parent).isKnown);
    if (staysKnown) return this.#sendLogged(peer, logged);
    if (step.kind === 'removed') {
      if (!this.#sendLogged(peer, logged)) return false;
    } else if (this.#settings.events) {
      // It went below a node that the peer does not have yet.
      logged.lost ??= this.#make(removedPacket(step.path, false, this.#link.encode));
      if (!this.#send(peer, logged.lost, true)) return false;
    }
    for (const entry of step.all) peer.view(entry).forget();
    if (!step.entry.isGone) peer.enqueue(step.entry);
    return true;
  }

  #sendLogged(peer: PeerView<P>, logged: LoggedStep): boolean {
    if (!this.#settings.events) return true;
    logged.packet ??= this.#make(stepPacket(logged.step, this.#link.encode));
    return this.#send(peer, logged.packet, true);
  }

  #updateInterest(peer: PeerView<P>): void {
    const check = this.#checkOf(peer);
    if (check === undefined) return;
    for (const entry of this.#tracker.entries) {
      const view = peer.view(entry);
      const isPossible = entry.parent === undefined || peer.view(entry.parent).isWanted;
      const isWanted = isPossible && this.#ask(check, entry, view.isWanted);
      if (isWanted === view.isWanted) continue;
      if (!isWanted && view.isKnown && !this.#lose(peer, entry)) continue;
      view.isWanted = isWanted;
      if (isWanted) peer.enqueue(entry);
    }
  }

  /** Tells a peer that it gets a node no more. */
  #lose(peer: PeerView<P>, entry: Entry): boolean {
    if (this.#settings.events) {
      const packet = this.#make(removedPacket(this.#tracker.pathOf(entry), false, this.#link.encode));
      if (!this.#send(peer, packet, true)) return false;
    }
    const all: Entry[] = [];
    collect([entry], all);
    for (const lost of all) peer.view(lost).forget();
    return true;
  }

  #checkOf(peer: PeerView<P>): InterestCheck | undefined {
    try {
      return interestOf(this.#settings.interest, peer.peer, this.#counters.ticks);
    } catch (error) {
      this.#link.report(error, 'replication interest');
      // Nothing is known: what is so stays so.
      return (_entry, isWanted) => isWanted;
    }
  }

  #ask(check: InterestCheck, entry: Entry, isWanted: boolean): boolean {
    try {
      return check(entry, isWanted);
    } catch (error) {
      this.#link.report(error, 'replication interest');
      return isWanted;
    }
  }

  // --- One node -----------------------------------------------------------------------------------------------

  /** Sends what a peer lacks of a node. @returns `false` when the server did not take it. */
  #sendEntry(peer: PeerView<P>, entry: Entry): boolean {
    const view = peer.view(entry);
    if (entry.isGone || !view.isWanted) return true;
    if (entry.parent !== undefined && !peer.view(entry.parent).isKnown) return true;
    const { node, packets } = entry;
    packets.refresh(node, this.#tracker.structureId);
    const { revision } = node;
    if (!view.isKnown) {
      if (this.#settings.events) {
        const packet = packets.added(node, this.#siblingBefore(peer, entry), this.#maker);
        if (!this.#send(peer, packet, true)) return false;
      }
      view.isKnown = true;
      view.sentDetails = revision;
      for (const child of entry.children) if (peer.view(child).isWanted) peer.enqueue(child);
    }
    if (entry.detailsRevision > view.sentDetails && this.#settings.events) {
      if (!this.#send(peer, packets.details(node, this.#maker), true)) return false;
      view.sentDetails = revision;
    }
    const isProperty = entry.propertyRevision > view.sentProperties;
    if (isProperty) {
      const packet =
        view.sentProperties < 0
          ? packets.whole(node, this.#maker)
          : packets.changes(node, view.sentProperties, this.#maker);
      if (!this.#send(peer, packet, true)) return false;
      view.sentProperties = revision;
    } else if (entry.placeRevision > view.sentPlace || (view.isLoose && this.#rests(entry))) {
      const isReliable = this.#rests(entry);
      if (!this.#send(peer, packets.place(node, isReliable, this.#maker), isReliable)) return false;
      view.isLoose = !isReliable;
      view.sentPlace = revision;
      return true;
    } else {
      return true;
    }
    view.isLoose = false;
    view.sentPlace = revision;
    return true;
  }

  /** The name of the nearest sibling before a node that a peer has. */
  #siblingBefore(peer: PeerView<P>, entry: Entry): string {
    const { root } = this.#settings;
    if (entry.node === root) return siblingBefore(root);
    const siblings = entry.parent === undefined ? this.#tracker.top : entry.parent.children;
    for (let i = entry.index - 1; i >= 0; i--) {
      const sibling = siblings[i];
      if (sibling !== undefined && peer.view(sibling).isKnown) return sibling.name;
    }
    return '';
  }

  #make(bytes: Uint8Array): ReplicationPacket {
    this.#counters.encoded++;
    return this.#link.createPacket(bytes, true);
  }

  #send(peer: PeerView<P>, packet: ReplicationPacket, isReliable: boolean): boolean {
    const { length } = packet.bytes;
    if (length === 0) {
      // What is nested too deep has no packet, in the engine neither: it is told, and left out.
      this.#link.report(
        new RangeError('a node holds a value that is nested too deep to be sent'),
        'replication',
      );
      return true;
    }
    if (!this.#link.send(peer.peer, packet, this.#settings.channel)) {
      this.#counters.refused++;
      return false;
    }
    peer.credit -= length;
    this.#counters.packets++;
    this.#counters.bytes += length;
    if (!isReliable) this.#counters.unreliablePackets++;
    return true;
  }

  #trimSteps(): void {
    const end = this.#firstStep + this.#steps.length;
    let oldest = end;
    for (const { cursor } of this.#peers.values()) oldest = Math.min(oldest, cursor);
    if (oldest === this.#firstStep) return;
    this.#steps = this.#steps.slice(oldest - this.#firstStep);
    this.#firstStep = oldest;
  }
}

/** A root has siblings that are not replicated; clients may have them nevertheless. */
function siblingBefore(root: MirrorNode): string {
  const siblings = root.getParent()?.getChildren() ?? [];
  return siblings[siblings.indexOf(root) - 1]?.name ?? '';
}

/** How many ticks' bytes may wait in the server's queue of a peer. */
const MAX_QUEUED_TICKS = 8;
