/**
 * What has changed in a scene since the last look: nodes that came, went and moved, in an order in which receivers can do
 * the same, and what changed of each node. Many edits between two looks become one.
 */
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { Spatial2D } from '../mirror/spatial.ts';
import { collect, Entry } from './entry.ts';
import type { MovedStep, OrderedStep, RemovedStep } from './speaker.ts';

/** A step of the tree with the entries that it concerns. */
export type TrackedStep =
  | (RemovedStep & {
      readonly entry: Entry;
      /** The entry with everything below it. */
      readonly all: readonly Entry[];
    })
  | (MovedStep & {
      readonly entry: Entry;
      readonly parent: Entry | undefined;
      /** For another parent: the entry with everything below it. */
      readonly all: readonly Entry[];
    })
  | (OrderedStep & { readonly parent: Entry | undefined });

/** What a look found. */
export interface SceneChanges {
  /** Steps that the tree takes, before anything is added. */
  readonly steps: readonly TrackedStep[];
  /** New nodes, parents before children. */
  readonly added: readonly Entry[];
  /** Nodes with new properties, details or places. */
  readonly changed: readonly Entry[];
}

/** Follows one tree. Reads revisions of nodes; listens to nothing. */
export class SceneTracker {
  readonly #root: MirrorNode;
  readonly #entries = new Map<MirrorNode, Entry>();
  #top: Entry[] = [];
  #basePath: readonly string[] = [];
  /** All entries, parents before children. */
  #order: readonly Entry[] = [];
  #revision = -1;
  #structureId = 0;
  #lookId = 0;
  #temporaryNames = 0;

  constructor(root: MirrorNode) {
    this.#root = root;
  }

  /** All entries, parents before children. */
  get entries(): readonly Entry[] {
    return this.#order;
  }

  /** The entries without a parent. */
  get top(): readonly Entry[] {
    return this.#top;
  }

  /** Counts up when paths may have changed. */
  get structureId(): number {
    return this.#structureId;
  }

  /** The entry of a node, if it is replicated. */
  find(node: MirrorNode): Entry | undefined {
    return this.#entries.get(node);
  }

  /** Where receivers have an entry; of `undefined`, where they have the entries at the top. */
  pathOf(entry: Entry | undefined): readonly string[] {
    const names: string[] = [];
    for (let above = entry; above !== undefined; above = above.parent) names.push(above.name);
    return [...this.#basePath, ...names.reverse()];
  }

  /** Looks what has changed since the last look. `tick` is noted for what has moved. */
  look(tick: number): SceneChanges {
    const { revision } = this.#root.mirror;
    if (revision === this.#revision) return NOTHING;
    const changed: Entry[] = [];
    let isRebuilt = this.#revision < 0 || this.#baseHasChanged();
    for (const entry of this.#order) {
      if (entry.node.revision <= this.#revision) continue;
      if (this.#note(entry, tick)) isRebuilt = true;
      changed.push(entry);
    }
    this.#revision = revision;
    if (!isRebuilt) return { steps: [], added: [], changed };
    const { steps, added } = this.#rebuild(tick);
    return { steps, added, changed: changed.filter((entry) => !entry.isGone) };
  }

  /** Notes what changed of one node. @returns Whether the tree may have changed. */
  #note(entry: Entry, tick: number): boolean {
    const { node } = entry;
    const { revision } = node;
    let isPlace = false;
    let isProperty = false;
    let isTree = false;
    const names = node.changesSince(this.#revision);
    for (const name of names) {
      if (name === '$children' || name === '$name') isTree = true;
      else if (name.startsWith('$')) isProperty = true;
      else if (PLACE.has(name) && node.spatial !== undefined) {
        if (name !== 'skew') isPlace = true;
        else if (node.spatial instanceof Spatial2D && node.spatial.skew !== entry.skew) {
          entry.skew = node.spatial.skew;
          isProperty = true;
        }
      } else isProperty = true;
    }
    if (isPlace) {
      entry.placeRevision = revision;
      entry.placeTick = tick;
    }
    if (isProperty) {
      entry.propertyRevision = revision;
      if (entry.details.update(node, names)) entry.detailsRevision = revision;
    }
    return isTree;
  }

  /** The node above the root, or the root's place itself, changed. */
  #baseHasChanged(): boolean {
    const { root } = this.#root.mirror;
    const base = this.#root === root ? root : this.#root.getParent();
    if (!this.#root.isInsideTree() || base === undefined) return this.#top.length > 0;
    if (base.revision > this.#revision) return true;
    const path = base.getPath().names;
    return path.length !== this.#basePath.length || path.some((name, i) => name !== this.#basePath[i]);
  }

  #rebuild(tick: number): { steps: TrackedStep[]; added: Entry[] } {
    this.#lookId++;
    this.#structureId++;
    const steps: TrackedStep[] = [];
    const tops = this.#findTops(steps);
    this.#markFound(tops);
    this.#removeMissing(steps);
    const added: Entry[] = [];
    const order: Entry[] = [];
    const wanted: { parent: Entry | undefined; nodes: readonly MirrorNode[] }[] = [
      { parent: undefined, nodes: tops },
    ];
    for (let place = wanted.pop(); place !== undefined; place = wanted.pop()) {
      const { parent } = place;
      const list: Entry[] = [];
      for (const node of place.nodes) {
        const known = this.#entries.get(node);
        if (known !== undefined) this.#settle(known, parent, steps);
        list.push(known ?? this.#add(node, parent, tick, added));
      }
      this.#orderChildren(parent, list, steps);
      for (const entry of list) wanted.push({ parent: entry, nodes: entry.node.getChildren() });
    }
    collect(this.#top, order);
    this.#order = order;
    return { steps, added };
  }

  #findTops(steps: TrackedStep[]): readonly MirrorNode[] {
    const { root } = this.#root.mirror;
    const base = this.#root === root ? root : this.#root.getParent();
    const isThere = this.#root.isInsideTree() && base !== undefined;
    const path = isThere ? base.getPath().names : this.#basePath;
    // Receivers cannot move what is above: all that hangs there is made anew.
    if (path.join('/') !== this.#basePath.join('/')) {
      for (const entry of [...this.#top]) this.#remove(entry, steps);
      this.#basePath = path;
    }
    if (!isThere) return [];
    return this.#root === root ? root.getChildren() : [this.#root];
  }

  #markFound(tops: readonly MirrorNode[]): void {
    for (const top of tops) {
      for (const node of top.walk()) {
        const entry = this.#entries.get(node);
        if (entry !== undefined) entry.lookId = this.#lookId;
      }
    }
  }

  /** Removes what is gone. What was below it and lives on elsewhere goes too, and is made anew. */
  #removeMissing(steps: TrackedStep[]): void {
    for (const entry of this.#order) {
      if (!entry.isGone && entry.lookId !== this.#lookId) this.#remove(entry, steps);
    }
  }

  #remove(entry: Entry, steps: TrackedStep[]): void {
    const all: Entry[] = [];
    collect([entry], all);
    steps.push({ kind: 'removed', entry, path: this.pathOf(entry), all });
    const siblings = this.#childrenOf(entry.parent);
    siblings.splice(siblings.indexOf(entry), 1);
    for (const gone of all) {
      gone.isGone = true;
      this.#entries.delete(gone.node);
    }
  }

  #add(node: MirrorNode, parent: Entry | undefined, tick: number, added: Entry[]): Entry {
    const entry = new Entry(node, parent, this.#lookId);
    const { revision } = node;
    entry.placeRevision = revision;
    entry.propertyRevision = revision;
    entry.detailsRevision = revision;
    entry.placeTick = tick;
    entry.skew = node.spatial instanceof Spatial2D ? node.spatial.skew : 0;
    this.#entries.set(node, entry);
    this.#childrenOf(parent).push(entry);
    added.push(entry);
    return entry;
  }

  /** Brings a known entry below its parent, under its name. Parents come before children, so no path can run in a circle. */
  #settle(entry: Entry, parent: Entry | undefined, steps: TrackedStep[]): void {
    const { name } = entry.node;
    if (entry.parent === parent && entry.name === name) return;
    const rival = this.#childrenOf(parent).find((other) => other.name === name && other !== entry);
    // Two nodes that swap names: one has another name in between.
    if (rival !== undefined) this.#move(rival, parent, this.#temporaryName(parent), steps);
    this.#move(entry, parent, name, steps);
  }

  #move(entry: Entry, parent: Entry | undefined, name: string, steps: TrackedStep[]): void {
    const path = this.pathOf(entry);
    const parentPath = this.pathOf(parent);
    const all: Entry[] = [];
    if (entry.parent !== parent) {
      collect([entry], all);
      const from = this.#childrenOf(entry.parent);
      from.splice(from.indexOf(entry), 1);
      this.#childrenOf(parent).push(entry);
      entry.parent = parent;
    }
    entry.name = name;
    steps.push({ kind: 'moved', entry, path, parent, parentPath, name, all });
  }

  #temporaryName(parent: Entry | undefined): string {
    const siblings = this.#childrenOf(parent);
    const isTaken = (name: string): boolean =>
      siblings.some((entry) => entry.name === name || entry.node.name === name);
    let name: string;
    do name = `_moving_${++this.#temporaryNames}`;
    while (isTaken(name));
    return name;
  }

  /** Receivers put new nodes behind the sibling that comes before, and moved ones last: so far, what is known has an order. */
  #orderChildren(parent: Entry | undefined, list: readonly Entry[], steps: TrackedStep[]): void {
    const children = this.#childrenOf(parent);
    const stays = new Set(list);
    const isOld = (entry: Entry): boolean => stays.has(entry) && entry.firstLookId !== this.#lookId;
    const now = children.filter(isOld);
    const then = list.filter(isOld);
    // What moves away from here does so later.
    const leaving = children.filter((entry) => !stays.has(entry));
    children.length = 0;
    for (const entry of list) children.push(entry);
    for (const entry of leaving) children.push(entry);
    for (let i = 0; i < children.length; i++) {
      const entry = children[i];
      if (entry !== undefined) entry.index = i;
    }
    if (now.every((entry, i) => entry === then[i])) return;
    steps.push({ kind: 'ordered', parent, path: this.pathOf(parent), names: then.map(({ name }) => name) });
  }

  #childrenOf(parent: Entry | undefined): Entry[] {
    return parent === undefined ? this.#top : parent.children;
  }
}

const NOTHING: SceneChanges = { steps: [], added: [], changed: [] };
/** Properties of a node's place; skew is none, because transform packets do not hold it, but changes with them. */
const PLACE: ReadonlySet<string> = new Set(['position', 'rotation', 'scale', 'skew', 'transform']);
