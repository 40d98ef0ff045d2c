/** The world as one player saw it at one tick. */
import { Transform2D, type Transform3D, type Vector2, type Vector3 } from '../../codec/index.ts';
import type { MirrorNode } from '../../schema/index.ts';
import { EULER_ORDERS, eulerOf, rotationOf, scaleOf, scaleOf3D } from '../../schema/internal.ts';
import { blendNumbers, blendPositions, blendTransforms } from './blend.ts';
import type { NodeHistory } from './nodeHistory.ts';
import type { PeerSlot } from './peerSlots.ts';

/** What is read. */
export interface RewoundSource {
  /** All nodes that are remembered. */
  readonly histories: ReadonlyMap<MirrorNode, NodeHistory>;
  /** The recorded properties. */
  readonly properties: readonly string[];
}

/**
 * Where nodes were for a player at a tick, of those that it saw then. Made by `WorldHistory.rewind`; nothing is copied: it reads the
 * history, and is empty once that has moved on. Between two ticks everything is in between, as with a client that interpolates; a node
 * that is gone at the second tick is where it was at the first.
 */
export class RewoundWorld {
  /** Whose view it is. */
  readonly peer: number;
  /** The tick, with a fraction between two; within what is remembered, whatever was asked for. -1 when nothing is. */
  readonly tick: number;
  readonly #source: RewoundSource;
  readonly #seer: PeerSlot | undefined;
  readonly #from: number;
  readonly #weight: number;

  /** @internal Use `WorldHistory.rewind`. */
  constructor(source: RewoundSource, peer: number, tick: number, seer: PeerSlot | undefined) {
    this.#source = source;
    this.peer = peer;
    this.tick = tick;
    this.#seer = seer;
    this.#from = Math.floor(tick);
    this.#weight = tick - this.#from;
  }

  /** Whether the node was there and the player saw it. */
  has(node: MirrorNode): boolean {
    return this.#find(node) !== undefined;
  }

  /** The nodes that the player saw, those that have left the tree since among them. */
  *nodes(): IterableIterator<MirrorNode> {
    for (const node of this.#source.histories.keys()) if (this.has(node)) yield node;
  }

  /** The whole transform; `undefined` for a node that the player did not see. */
  transformOf(node: MirrorNode): Transform2D | Transform3D | undefined {
    const history = this.#find(node);
    if (history === undefined) return undefined;
    const from = history.transformAt(this.#from);
    return this.#isBetween(history)
      ? blendTransforms(from, history.transformAt(this.#from + 1), this.#weight)
      : from;
  }

  /** Where it was; `undefined` for a node that the player did not see. */
  positionOf(node: MirrorNode): Vector2 | Vector3 | undefined {
    const history = this.#find(node);
    if (history === undefined) return undefined;
    const from = history.positionAt(this.#from);
    return this.#isBetween(history)
      ? blendPositions(from, history.positionAt(this.#from + 1), this.#weight)
      : from;
  }

  /** How it was turned: radians, or Euler angles in the order YXZ; `undefined` for a node that the player did not see. */
  rotationOf(node: MirrorNode): number | Vector3 | undefined {
    const transform = this.transformOf(node);
    if (transform === undefined || transform instanceof Transform2D)
      return transform && rotationOf(transform);
    return eulerOf(transform.basis, EULER_YXZ);
  }

  /** How it was scaled; `undefined` for a node that the player did not see. */
  scaleOf(node: MirrorNode): Vector2 | Vector3 | undefined {
    const transform = this.transformOf(node);
    if (transform === undefined || transform instanceof Transform2D) return transform && scaleOf(transform);
    return scaleOf3D(transform.basis);
  }

  /**
   * A recorded property as a number, a boolean as 0 or 1; NaN when it was neither. `undefined` for a node that the player did not see.
   *
   * @throws RangeError for a property that is not recorded.
   */
  propertyOf(node: MirrorNode, name: string): number | undefined {
    const index = this.#source.properties.indexOf(name);
    if (index < 0)
      throw new RangeError(
        `"name" expected one of ${this.#source.properties.join(', ') || 'no properties'}, got ${name}`,
      );
    const history = this.#find(node);
    if (history === undefined) return undefined;
    const from = history.valueAt(this.#from, index);
    return this.#isBetween(history)
      ? blendNumbers(from, history.valueAt(this.#from + 1, index), this.#weight)
      : from;
  }

  #find(node: MirrorNode): NodeHistory | undefined {
    const history = this.#source.histories.get(node);
    if (history === undefined || this.#seer === undefined || !history.has(this.#from)) return undefined;
    if (this.#from < this.#seer.since || history.isHidden(this.#from, this.#seer.slot)) return undefined;
    return history;
  }

  #isBetween(history: NodeHistory): boolean {
    return this.#weight > 0 && history.has(this.#from + 1);
  }
}

const EULER_YXZ = EULER_ORDERS.indexOf('YXZ');
