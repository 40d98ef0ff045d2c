/** One peer's turn in a tick: what it lacks, in order, as far as its budget goes. */
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { collect, type Entry } from './entry.ts';
import type { Interest } from './interest.ts';
import type { ReplicationPeer } from './link.ts';
import type { ReplicationSettings } from './options.ts';
import type { Outlet } from './outlet.ts';
import type { PeerView } from './peerView.ts';
import type { SceneTracker, TrackedStep } from './sceneTracker.ts';
import type { Speaker } from './speaker.ts';
import type { StepLog } from './stepLog.ts';

/** What the turns of all peers have between them. */
export interface TurnParts<P extends ReplicationPeer> {
  readonly settings: ReplicationSettings<P>;
  readonly tracker: SceneTracker;
  readonly steps: StepLog;
  readonly interest: Interest<P>;
  readonly outlet: Outlet<P>;
  readonly speaker: Speaker;
}

/** Gives peers their turns. */
export class PeerTurn<P extends ReplicationPeer> {
  readonly #parts: TurnParts<P>;
  #tick = 0;

  constructor(parts: TurnParts<P>) {
    this.#parts = parts;
  }

  /** Says to a peer what it lacks. `tick`: the number of this tick. */
  take(peer: PeerView<P>, tick: number): void {
    const { settings, outlet, speaker } = this.#parts;
    this.#tick = tick;
    peer.addCredit(settings.bytesPerTick);
    if (this.#saySteps(peer)) {
      if (tick % settings.interestTicks === peer.slot % settings.interestTicks) this.#updateInterest(peer);
      // A peer that does not keep up gets the newest states later, not all of them.
      if (!outlet.isBehind(peer.peer, MAX_QUEUED_TICKS * settings.bytesPerTick)) this.#sayEntries(peer);
    }
    speaker.finish(peer);
  }

  /** Whether a node was not moved for so long that its place is the last one. */
  rests(entry: Entry, tick: number): boolean {
    return tick - entry.placeTick >= this.#parts.settings.restTicks;
  }

  /** Tells a peer that it gets nothing any more. */
  dismiss(peer: PeerView<P>): void {
    const { tracker, speaker } = this.#parts;
    for (const entry of [...tracker.top].reverse()) if (peer.view(entry).isKnown) this.#lose(peer, entry);
    speaker.finish(peer);
  }

  // --- The tree -----------------------------------------------------------------------------------------------

  /** Steps of the tree come before everything else, whatever the budget, so that all paths are right. */
  #saySteps(peer: PeerView<P>): boolean {
    const { steps } = this.#parts;
    for (const { end } = steps; peer.cursor < end; peer.cursor++) {
      const step = steps.at(peer.cursor);
      if (step !== undefined && !this.#sayStep(peer, step)) return false;
    }
    return true;
  }

  #sayStep(peer: PeerView<P>, step: TrackedStep): boolean {
    const { speaker } = this.#parts;
    if (step.kind === 'ordered') {
      if (step.parent !== undefined && !peer.view(step.parent).isKnown) return true;
      return speaker.step(peer, step);
    }
    if (!peer.view(step.entry).isKnown) {
      // It may have waited for a parent that it does not have any more.
      if (step.kind === 'moved') peer.enqueue(step.entry);
      return true;
    }
    const staysKnown = step.kind === 'moved' && (step.parent === undefined || peer.view(step.parent).isKnown);
    if (staysKnown) return speaker.step(peer, step);
    // Moved below a node that the peer does not have yet, it is lost.
    if (!(step.kind === 'removed' ? speaker.step(peer, step) : speaker.lost(peer, step.path))) return false;
    for (const entry of step.all) peer.view(entry).forget();
    if (!step.entry.isGone) peer.enqueue(step.entry);
    return true;
  }

  // --- Interest -----------------------------------------------------------------------------------------------

  #updateInterest(peer: PeerView<P>): void {
    const { interest, tracker } = this.#parts;
    const check = interest.checkFor(peer.peer, this.#tick);
    if (check === undefined) return;
    for (const entry of tracker.entries) {
      const view = peer.view(entry);
      const isPossible = entry.parent === undefined || peer.view(entry.parent).isWanted;
      const isWanted = isPossible && check(entry, view.isWanted);
      if (isWanted === view.isWanted) continue;
      if (!isWanted && view.isKnown && !this.#lose(peer, entry)) continue;
      view.isWanted = isWanted;
      if (isWanted) peer.enqueue(entry);
    }
  }

  /** Tells a peer that it gets a node no more. */
  #lose(peer: PeerView<P>, entry: Entry): boolean {
    const { speaker, tracker } = this.#parts;
    if (!speaker.lost(peer, tracker.pathOf(entry))) return false;
    const all: Entry[] = [];
    collect([entry], all);
    for (const lost of all) peer.view(lost).forget();
    return true;
  }

  // --- Nodes --------------------------------------------------------------------------------------------------

  #sayEntries(peer: PeerView<P>): void {
    while (peer.hasCredit) {
      const entry = peer.first();
      if (entry === undefined || !this.#sayEntry(peer, entry)) return;
      peer.shift();
    }
  }

  /** Says what a peer lacks of a node. @returns `false` when the server did not take it. */
  #sayEntry(peer: PeerView<P>, entry: Entry): boolean {
    const { speaker, tracker } = this.#parts;
    const view = peer.view(entry);
    if (entry.isGone || !view.isWanted) return true;
    if (entry.parent !== undefined && !peer.view(entry.parent).isKnown) return true;
    entry.voice ??= speaker.voiceOf(entry.node);
    const { voice } = entry;
    voice.refresh(tracker.structureId);
    const { revision } = entry.node;
    if (!view.isKnown) {
      if (!voice.added(peer, this.#siblingBefore(peer, entry))) return false;
      view.isKnown = true;
      view.sentDetails = revision;
      for (const child of entry.children) if (peer.view(child).isWanted) peer.enqueue(child);
    }
    if (entry.detailsRevision > view.sentDetails) {
      if (!voice.details(peer)) return false;
      view.sentDetails = revision;
    }
    if (entry.propertyRevision > view.sentProperties) {
      if (!voice.properties(peer, view.sentProperties)) return false;
      view.sentProperties = revision;
      view.isLoose = false;
    } else {
      const isReliable = this.rests(entry, this.#tick);
      if (entry.placeRevision <= view.sentPlace && !(view.isLoose && isReliable)) return true;
      if (!voice.place(peer, isReliable)) return false;
      view.isLoose = !isReliable;
    }
    view.sentPlace = revision;
    return true;
  }

  /** The name of the nearest sibling before a node that a peer has. */
  #siblingBefore(peer: PeerView<P>, entry: Entry): string {
    const { settings, tracker } = this.#parts;
    if (entry.node === settings.root) return siblingBefore(settings.root);
    const siblings = entry.parent === undefined ? tracker.top : entry.parent.children;
    for (let i = entry.index - 1; i >= 0; i--) {
      const sibling = siblings[i];
      if (sibling !== undefined && peer.view(sibling).isKnown) return sibling.name;
    }
    return '';
  }
}

/** A root has siblings that are not replicated; clients may have them nevertheless. */
function siblingBefore(root: MirrorNode): string {
  const siblings = root.getParent()?.getChildren() ?? [];
  return siblings[siblings.indexOf(root) - 1]?.name ?? '';
}

/** How many ticks' bytes may wait in the server's queue of a peer. */
const MAX_QUEUED_TICKS = 8;
