/** Who has to know at once what enters and leaves the tree of a mirror, and who decides about nodes: scripts, the multiplayer. */

/** What is called while the tree changes, before the events of the mirror. It may not throw. */
export interface WatcherOf<N> {
  /** A node has entered; parents before children. */
  entered?(node: N): void;
  /** A node and everything below it have entered for the first time; children before parents. */
  ready?(node: N): void;
  /** A node and everything below it have entered, for the first time or not; before `ready`, children before parents. */
  settled?(node: N): void;
  /** A node is about to leave, and still has its path; last children first. */
  exiting?(node: N): void;
  /** A frame is over: scripts have run. */
  processed?(): void;
  /** Another peer is about to decide about a node, in the tree or not: `id`. */
  authorityChanging?(node: N, id: number): void;
  /** Another peer decides about a node now. */
  authorityChanged?(node: N): void;
}

/** What is asked of a node to tell of it. */
export interface WatchedNode<N> {
  /** It and everything below it, parents before children. */
  walk(): Iterable<N>;
  /** The nodes below, in order. */
  getChildren(): N[];
  /** Whether it hangs below the root. */
  isInsideTree(): boolean;
}

/** The watchers of one mirror, in the order in which they came. */
export class TreeWatchers<N extends WatchedNode<N>> {
  #watchers: readonly WatcherOf<N>[] = [];
  readonly #ready = new WeakSet<N>();

  /** Adds one. @returns what takes it away again. */
  add(watcher: WatcherOf<N>): () => void {
    this.#watchers = [...this.#watchers, watcher];
    return () => {
      this.#watchers = this.#watchers.filter((other) => other !== watcher);
    };
  }

  /** A branch hangs in the tree now. */
  branchEntered(top: N): void {
    const nodes = [...top.walk()];
    for (const node of nodes) for (const watcher of this.#watchers) watcher.entered?.(node);
    this.#makeReady(top);
  }

  /** A branch is about to be taken out. */
  branchExiting(top: N): void {
    const nodes = [...top.walk()];
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      if (node !== undefined) for (const watcher of this.#watchers) watcher.exiting?.(node);
    }
  }

  /** A frame is over. */
  processed(): void {
    for (const watcher of this.#watchers) watcher.processed?.();
  }

  /** Gives a node another authority, between what watchers are told before and after. */
  authorityChanges(node: N, id: number, change: () => void): void {
    for (const watcher of this.#watchers) watcher.authorityChanging?.(node, id);
    change();
    for (const watcher of this.#watchers) watcher.authorityChanged?.(node);
  }

  #makeReady(top: N): void {
    // Children before parents, siblings in order: without recursion, trees may be deep.
    const waiting: { node: N; isOpen: boolean }[] = [{ node: top, isOpen: false }];
    for (let last = waiting.at(-1); last !== undefined; last = waiting.at(-1)) {
      if (!last.isOpen) {
        last.isOpen = true;
        for (const child of last.node.getChildren().reverse()) waiting.push({ node: child, isOpen: false });
        continue;
      }
      waiting.pop();
      const { node } = last;
      if (!node.isInsideTree()) continue;
      for (const watcher of this.#watchers) watcher.settled?.(node);
      if (this.#ready.has(node)) continue;
      this.#ready.add(node);
      for (const watcher of this.#watchers) watcher.ready?.(node);
    }
  }
}
