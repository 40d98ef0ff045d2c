/** Where one can be and what a shot hits: the rectangles of the scene `main.tscn`. */
import { Vector2 } from 'godot-enet/codec';
import type { MirrorNode } from 'godot-enet/schema';
import { RADIUS, RANGE } from './rules.ts';

/** A rectangle, by its sides. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Somebody who can be hit. */
export interface Target<T> {
  /** Who it is. */
  readonly who: T;
  /** The middle of its circle. */
  readonly at: Vector2;
}

/** The ground, with its walls. */
export class Field {
  readonly #ground: Box;
  readonly #walls: readonly Box[];

  /** @param main the first node of `main.tscn`. @throws Error for a scene without field and walls. */
  constructor(main: MirrorNode) {
    const ground = main.getNode('Field');
    const walls = main.getNode('Walls');
    if (ground === undefined || walls === undefined) throw new Error('main.tscn needs Field and Walls');
    this.#ground = boxOf(ground);
    this.#walls = walls.getChildren().map(boxOf);
  }

  /** Where a player comes to who wants to make a step; along a wall if it is in the way. */
  step(from: Vector2, step: Vector2): Vector2 {
    const { left, top, right, bottom } = grown(this.#ground, -RADIUS);
    let x = clamp(from.x + step.x, left, right);
    for (const wall of this.#walls) {
      const box = grown(wall, RADIUS);
      if (contains(box, x, from.y)) x = step.x > 0 ? box.left : box.right;
    }
    let y = clamp(from.y + step.y, top, bottom);
    for (const wall of this.#walls) {
      const box = grown(wall, RADIUS);
      if (contains(box, x, y)) y = step.y > 0 ? box.top : box.bottom;
    }
    return new Vector2(x, y);
  }

  /** Whether a player can be at a place. */
  isFree(x: number, y: number): boolean {
    const { left, top, right, bottom } = grown(this.#ground, -RADIUS);
    const isInside = x >= left && x <= right && y >= top && y <= bottom;
    return isInside && !this.#walls.some((wall) => contains(grown(wall, RADIUS), x, y));
  }

  /** A place where a player can be. @param random gives numbers from 0 up to 1. */
  freePlace(random: () => number): Vector2 {
    const { left, top, right, bottom } = grown(this.#ground, -RADIUS);
    for (;;) {
      const x = left + random() * (right - left);
      const y = top + random() * (bottom - top);
      if (this.isFree(x, y)) return new Vector2(x, y);
    }
  }

  /** What a shot hits first: how far it goes, and who it hits, if anybody. */
  shoot<T>(from: Vector2, aim: number, targets: Iterable<Target<T>>): { to: Vector2; who: T | undefined } {
    const x = Math.cos(aim);
    const y = Math.sin(aim);
    let far = Math.min(RANGE, wayOut(from, x, y, this.#ground));
    for (const wall of this.#walls) far = Math.min(far, wayIn(from, x, y, wall));
    let who: T | undefined;
    for (const target of targets) {
      const way = wayToCircle(from, x, y, target.at);
      if (way >= far) continue;
      far = way;
      who = target.who;
    }
    return { to: new Vector2(from.x + x * far, from.y + y * far), who };
  }
}

function boxOf(node: MirrorNode): Box {
  const side = (name: string): number => {
    const value = node.get(name);
    if (typeof value !== 'number') throw new Error(`${node.name} of main.tscn has no ${name}`);
    return value;
  };
  return {
    left: side('offset_left'),
    top: side('offset_top'),
    right: side('offset_right'),
    bottom: side('offset_bottom'),
  };
}

function grown({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

function contains({ left, top, right, bottom }: Box, x: number, y: number): boolean {
  return x > left && x < right && y > top && y < bottom;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** How far it is from inside of a box to its side. */
function wayOut(from: Vector2, x: number, y: number, box: Box): number {
  const wayX = x === 0 ? Number.POSITIVE_INFINITY : ((x > 0 ? box.right : box.left) - from.x) / x;
  const wayY = y === 0 ? Number.POSITIVE_INFINITY : ((y > 0 ? box.bottom : box.top) - from.y) / y;
  return Math.max(0, Math.min(wayX, wayY));
}

/** How far it is to a box; Infinity for one that is not in the way. */
function wayIn(from: Vector2, x: number, y: number, box: Box): number {
  const [inX, outX] = crossing(from.x, x, box.left, box.right);
  const [inY, outY] = crossing(from.y, y, box.top, box.bottom);
  const enter = Math.max(inX, inY);
  return enter >= 0 && enter <= Math.min(outX, outY) ? enter : Number.POSITIVE_INFINITY;
}

/** When something is between two borders. */
function crossing(from: number, speed: number, least: number, most: number): [enter: number, leave: number] {
  if (speed === 0)
    return from > least && from < most
      ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const a = (least - from) / speed;
  const b = (most - from) / speed;
  return [Math.min(a, b), Math.max(a, b)];
}

/** How far it is to the circle of a player; Infinity for one that is not in the way. */
function wayToCircle(from: Vector2, x: number, y: number, at: Vector2): number {
  const dx = at.x - from.x;
  const dy = at.y - from.y;
  const along = dx * x + dy * y;
  const beside = RADIUS * RADIUS - (dx * dx + dy * dy - along * along);
  if (beside < 0) return Number.POSITIVE_INFINITY;
  const way = along - Math.sqrt(beside);
  // Who stands on one is hit at once.
  return way >= 0 ? way : along >= 0 ? 0 : Number.POSITIVE_INFINITY;
}
