/** Which nodes a peer gets. */
import { Vector2, Vector3 } from '../../codec/index.ts';
import { MirrorNode } from '../mirror/mirrorNode.ts';
import { Spatial2D, Spatial3D } from '../mirror/spatial.ts';
import { shown } from '../values/shown.ts';
import type { ReplicationPeer } from './link.ts';
import type { RadiusInterest, ReplicationSettings } from './options.ts';
import type { Entry } from './sceneTracker.ts';

/** A global position, worked out once per tick. */
export interface GlobalPlace {
  tick: number;
  place: Vector2 | Vector3 | undefined;
}

/** Whether a peer gets a node; `isWanted`: whether it did so far. May throw what the application's functions throw. */
export type InterestCheck = (entry: Entry, isWanted: boolean) => boolean;

/** The check for one peer in one tick; `undefined` when it gets everything. */
export function interestOf<P extends ReplicationPeer>(
  interest: ReplicationSettings<P>['interest'],
  peer: P,
  tick: number,
): InterestCheck | undefined {
  if (interest === undefined) return undefined;
  if (typeof interest === 'function') return (entry) => interest(peer, entry.node) === true;
  return radiusCheck(interest, peer, tick);
}

function radiusCheck<P extends ReplicationPeer>(
  interest: RadiusInterest<P>,
  peer: P,
  tick: number,
): InterestCheck {
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

function isWithin(x: number, y: number, z: number, limit: number): boolean {
  return x * x + y * y + z * z <= limit * limit;
}

function pointOf(around: unknown): Vector2 | Vector3 | undefined {
  if (around === undefined || around instanceof Vector2 || around instanceof Vector3) return around;
  if (around instanceof MirrorNode) return placeOf(around);
  throw new TypeError(`"around" expected a node, a Vector2, a Vector3 or undefined, got ${shown(around)}`);
}

function globalPlace(entry: Entry, tick: number): Vector2 | Vector3 | undefined {
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
