/** Which nodes a peer gets. */
import { Vector2, Vector3 } from '../../codec/index.ts';
import { MirrorNode } from '../mirror/mirrorNode.ts';
import { Spatial2D, Spatial3D } from '../mirror/spatial.ts';
import { shown } from '../values/shown.ts';
import type { GlobalPlace } from './entry.ts';
import type { GridInterest, PeerInterest, RadiusInterest } from './options.ts';

/** A node, with its global position as it was last worked out. */
export interface PlacedNode {
  readonly node: MirrorNode;
  readonly global: GlobalPlace;
}

/** Whether a peer gets a node; `isWanted`: whether it did so far. */
export type InterestCheck = (entry: PlacedNode, isWanted: boolean) => boolean;

/** Decides which nodes a peer gets, by the application's functions. What they throw is reported, and what was so stays so. */
export class Interest<P> {
  readonly #interest: PeerInterest<P> | undefined;
  readonly #report: (error: unknown) => void;

  constructor(interest: PeerInterest<P> | undefined, report: (error: unknown) => void) {
    this.#interest = interest;
    this.#report = report;
  }

  /** The check for one peer in one tick; `undefined` when it gets everything. */
  checkFor(peer: P, tick: number): InterestCheck | undefined {
    const interest = this.#interest;
    if (interest === undefined) return undefined;
    const check = this.#checkOf(interest, peer, tick);
    return (entry, isWanted) => {
      try {
        return check(entry, isWanted);
      } catch (error) {
        this.#report(error);
        return isWanted;
      }
    };
  }

  #checkOf(interest: PeerInterest<P>, peer: P, tick: number): InterestCheck {
    if (typeof interest === 'function') return (entry) => interest(peer, entry.node) === true;
    try {
      return 'radius' in interest ? radiusCheck(interest, peer, tick) : gridCheck(interest, peer, tick);
    } catch (error) {
      this.#report(error);
      return (_entry, isWanted) => isWanted;
    }
  }
}

function radiusCheck<P>(interest: RadiusInterest<P>, peer: P, tick: number): InterestCheck {
  const { radius, leaveRadius = radius * 1.1 } = interest;
  const center = pointOf(interest.around(peer));
  return (entry, isWanted) => {
    const place = globalPlace(entry, tick);
    if (place === undefined) return true;
    if (center === undefined) return false;
    const limit = isWanted ? leaveRadius : radius;
    if (place instanceof Vector2) {
      if (!(center instanceof Vector2)) return true;
      return isWithin(place.x - center.x, place.y - center.y, 0, limit);
    }
    if (!(center instanceof Vector3)) return true;
    return isWithin(place.x - center.x, place.y - center.y, place.z - center.z, limit);
  };
}

function gridCheck<P>({ cell, reach = 1, around }: GridInterest<P>, peer: P, tick: number): InterestCheck {
  const center = pointOf(around(peer));
  const isNear = (a: number, b: number): boolean =>
    Math.abs(Math.floor(a / cell) - Math.floor(b / cell)) <= reach;
  return (entry) => {
    const place = globalPlace(entry, tick);
    if (place === undefined) return true;
    if (center === undefined) return false;
    if (place instanceof Vector2)
      return !(center instanceof Vector2) || (isNear(place.x, center.x) && isNear(place.y, center.y));
    if (!(center instanceof Vector3)) return true;
    return isNear(place.x, center.x) && isNear(place.y, center.y) && isNear(place.z, center.z);
  };
}

function isWithin(x: number, y: number, z: number, limit: number): boolean {
  return x * x + y * y + z * z <= limit * limit;
}

function pointOf(around: unknown): Vector2 | Vector3 | undefined {
  if (around === undefined || around instanceof Vector2 || around instanceof Vector3) return around;
  if (around instanceof MirrorNode) return placeOf(around);
  throw new TypeError(`"around" expected a node, a Vector2, a Vector3 or undefined, got ${shown(around)}`);
}

function globalPlace(entry: PlacedNode, tick: number): Vector2 | Vector3 | undefined {
  const { global } = entry;
  if (global.tick !== tick) {
    global.tick = tick;
    global.place = placeOf(entry.node);
  }
  return global.place;
}

function placeOf(node: MirrorNode): Vector2 | Vector3 | undefined {
  const { spatial } = node;
  if (!(spatial instanceof Spatial2D || spatial instanceof Spatial3D)) return undefined;
  // Nothing above moves it: most nodes, and no need for matrices.
  const moving = spatial instanceof Spatial2D ? 'CanvasItem' : 'Node3D';
  if (node.getParent()?.isClass(moving) !== true) return spatial.position;
  const place = node.get('global_position');
  return place instanceof Vector2 || place instanceof Vector3 ? place : undefined;
}
