/**
 * Which nodes are of interest to which peers, on top of Godot's visibility: our addition, worked out by the same rules as
 * `SceneMirror.replicate` has.
 */
import type { MirrorNode, PeerInterest } from '../../../schema/index.ts';
import { Interest } from '../../../schema/internal.ts';
import type { ErrorReporter } from '../../godot/index.ts';
import type { Replica, Tracked, TrackedNode } from './tracked.ts';

/** The interest of all peers. */
export class NodeInterest {
  readonly #interest: Interest<number> | undefined;
  readonly #everyTicks: number;
  readonly #tracked: Tracked;
  #tick = 0;

  /** @param everyTicks every how many steps it is worked out anew for a peer. */
  constructor(
    interest: PeerInterest<number> | undefined,
    everyTicks: number,
    tracked: Tracked,
    report: ErrorReporter,
  ) {
    this.#interest =
      interest === undefined ? undefined : new Interest(interest, (error) => report(error, 'interest'));
    this.#everyTicks = everyTicks;
    this.#tracked = tracked;
  }

  /** Whether a peer gets a node, as far as interest goes. Decides about what nothing was decided of. */
  isWanted(replica: Replica, node: MirrorNode): boolean {
    if (this.#interest === undefined) return true;
    const tracked = this.#tracked.nodes.get(node);
    if (tracked === undefined) return true;
    const { wanted } = tracked;
    if (wanted[replica.slot] === undefined) {
      const check = this.#interest.checkFor(replica.id, this.#tick);
      wanted[replica.slot] = check === undefined || check(tracked, false);
    }
    return wanted[replica.slot] === true;
  }

  /** Works it out anew for the peers whose turn it is in this step. @param changed is told of nodes that a peer gets now, or no more. */
  step(changed: (replica: Replica, tracked: TrackedNode) => void): void {
    const interest = this.#interest;
    if (interest === undefined) return;
    this.#tick++;
    for (const replica of [...this.#tracked.replicas.values()]) {
      if (this.#tick % this.#everyTicks !== replica.slot % this.#everyTicks) continue;
      const check = interest.checkFor(replica.id, this.#tick);
      if (check === undefined) continue;
      const others: TrackedNode[] = [];
      for (const tracked of this.#tracked.nodes.values()) {
        const before = tracked.wanted[replica.slot] === true;
        const isWanted = check(tracked, before);
        if (isWanted === before) continue;
        tracked.wanted[replica.slot] = isWanted;
        others.push(tracked);
      }
      for (const tracked of others) changed(replica, tracked);
    }
  }
}
