/** Who has to know at once what enters and leaves the tree of a mirror: scripts, and the multiplayer. */
import type { MirrorNode } from './mirrorNode.ts';

/** What is called while the tree changes, before the events of the mirror. It may not throw. */
export interface TreeWatcher {
  /** A node has entered; parents before children. */
  entered?(node: MirrorNode): void;
  /** A node and everything below it have entered for the first time; children before parents. */
  ready?(node: MirrorNode): void;
  /** A node is about to leave, and still has its path; last children first. */
  exiting?(node: MirrorNode): void;
}

/** The watchers of one mirror, in the order in which they came. */
export class TreeWatchers {
  #watchers: readonly TreeWatcher[] = [];
  readonly #ready = new WeakSet<MirrorNode>();

  /** Adds one. @returns what takes it away again. */
  add(watcher: TreeWatcher): () => void {
    this.#watchers = [...this.#watchers, watcher];
    return () => {
      this.#watchers = this.#watchers.filter((other) => other !== watcher);
    };
  }

  /** A branch hangs in the tree now. */
  branchEntered(top: MirrorNode): void {
    const nodes = [...top.walk()];
    for (const node of nodes) for (const watcher of this.#watchers) watcher.entered?.(node);
    this.#makeReady(top);
  }

  /** A branch is about to be taken out. */
  branchExiting(top: MirrorNode): void {
    const nodes = [...top.walk()];
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      if (node !== undefined) for (const watcher of this.#watchers) watcher.exiting?.(node);
    }
  }

  #makeReady(top: MirrorNode): void {
    // Children before parents, siblings in order: without recursion, trees may be deep.
    const waiting: { node: MirrorNode; isOpen: boolean }[] = [{ node: top, isOpen: false }];
    for (let last = waiting.at(-1); last !== undefined; last = waiting.at(-1)) {
      if (!last.isOpen) {
        last.isOpen = true;
        for (const child of last.node.getChildren().reverse()) waiting.push({ node: child, isOpen: false });
        continue;
      }
      waiting.pop();
      const { node } = last;
      if (this.#ready.has(node) || !node.isInsideTree()) continue;
      this.#ready.add(node);
      for (const watcher of this.#watchers) watcher.ready?.(node);
    }
  }
}
