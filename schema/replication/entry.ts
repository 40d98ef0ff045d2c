/** A node, as replication follows it. */
import type { Vector2, Vector3 } from '../../codec/index.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { KnownDetails } from './details.ts';
import type { NodeView } from './nodeView.ts';
import type { NodeVoice } from './speaker.ts';

/** A global position, worked out once per tick. */
export interface GlobalPlace {
  tick: number;
  place: Vector2 | Vector3 | undefined;
}

/** A node that is replicated. */
export class Entry {
  /** The node. */
  readonly node: MirrorNode;
  /** Where receivers have it: the entry above, `undefined` for the ones at the top. */
  parent: Entry | undefined;
  /** Its name at receivers. */
  name: string;
  /** The nodes below, as receivers have them. */
  children: Entry[] = [];
  /** It was removed. */
  isGone = false;
  /** The revision of the mirror at which its place last changed, as far as was looked. */
  placeRevision = 0;
  /** The same for properties. */
  propertyRevision = 0;
  /** The same for what `node_changed` tells. */
  detailsRevision = 0;
  /** The tick at which its place last changed. */
  placeTick = 0;
  /** What `node_changed` told last. */
  readonly details: KnownDetails;
  /** The angle that no transform packet holds. */
  skew = 0;
  /** Its place among its siblings. */
  index = 0;
  /** What each peer has of it, by the peer's slot. */
  readonly views: (NodeView | undefined)[] = [];
  /** What says it; `undefined` as long as nobody had to hear of it. */
  voice: NodeVoice | undefined;
  /** Its global position, and the tick of it. */
  readonly global: GlobalPlace = { tick: -1, place: undefined };
  /** The look that last found it. */
  lookId = 0;
  /** The look that found it first. */
  readonly firstLookId: number;

  constructor(node: MirrorNode, parent: Entry | undefined, lookId: number) {
    this.node = node;
    this.parent = parent;
    this.firstLookId = lookId;
    this.name = node.name;
    this.details = new KnownDetails(node);
  }
}

/** Entries with everything below them, parents before children. */
export function collect(entries: readonly Entry[], into: Entry[]): void {
  const waiting = [...entries].reverse();
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    into.push(entry);
    for (let i = entry.children.length - 1; i >= 0; i--) {
      const child = entry.children[i];
      if (child !== undefined) waiting.push(child);
    }
  }
}
