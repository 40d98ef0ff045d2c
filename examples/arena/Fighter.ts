/** A player on the server: moves as its client wants, shoots when it may, comes back when it was hit down. */
import { type VariantValue, Vector2 } from 'godot-enet/codec';
import type { MirrorNode } from 'godot-enet/schema';
import type { Field } from './Field.ts';
import { COOLDOWN_SEC, DAMAGE, FULL_HEALTH, RESPAWN_SEC, SPEED, STALE_SEC } from './rules.ts';
import { inputOf } from './scripts.ts';

/** One player. */
export class Fighter {
  /** The node of `player.tscn`. */
  readonly node: MirrorNode;
  readonly #input: MirrorNode;
  readonly #field: Field;
  readonly #random: () => number;
  #cooldownSec = 0;
  #downSec = 0;
  #silentSec = 0;

  /**
   * @param node it may be without a parent yet.
   * @param random gives numbers from 0 up to 1, for the places where it appears.
   */
  constructor(node: MirrorNode, field: Field, random: () => number) {
    this.node = node;
    this.#input = inputOf(node);
    this.#field = field;
    this.#random = random;
    this.#appear();
  }

  /** Its name. */
  get name(): string {
    return String(this.node.get('player_name'));
  }

  /** Where it is. */
  get position(): Vector2 {
    const { spatial } = this.node;
    return spatial?.position instanceof Vector2 ? spatial.position : Vector2.ZERO;
  }

  /** Whether it is in the game: not hit down. */
  get isUp(): boolean {
    return Number(this.node.get('health')) > 0;
  }

  /** How often it has hit somebody down. */
  get score(): number {
    return Number(this.node.get('score'));
  }

  /** Its client has said what it wants. */
  heard(): void {
    this.#silentSec = 0;
  }

  /** Time passes. */
  step(deltaSec: number): void {
    this.#cooldownSec -= deltaSec;
    this.#silentSec += deltaSec;
    if (!this.isUp) {
      this.#downSec -= deltaSec;
      if (this.#downSec <= 0) this.#appear();
      return;
    }
    this.node.set('aim', this.#input.get('aim'));
    const move = this.#input.get('move');
    if (!(move instanceof Vector2) || this.#silentSec > STALE_SEC) return;
    if (move.x === 0 && move.y === 0) return;
    const way = SPEED * deltaSec;
    this.node.set('position', this.#field.step(this.position, new Vector2(move.x * way, move.y * way)));
  }

  /** Shoots, if it may by now. */
  shoots(): boolean {
    if (!this.isUp || this.#cooldownSec > 0) return false;
    this.#cooldownSec = COOLDOWN_SEC;
    return true;
  }

  /** Is hit. @returns whether that was the last one. */
  isHit(): boolean {
    const health = Math.max(0, Number(this.node.get('health')) - DAMAGE);
    this.node.set('health', health);
    this.#downSec = RESPAWN_SEC;
    return health === 0;
  }

  /** Has hit somebody down. */
  scores(): void {
    this.node.set('score', this.score + 1);
  }

  #appear(): void {
    this.node.set('position', this.#field.freePlace(this.#random));
    this.node.set('health', FULL_HEALTH);
  }
}

/** What an input of a client may be: a direction of at most 1, and an angle. */
export function isInput(values: ReadonlyMap<string, VariantValue>): boolean {
  const move = values.get('.:move');
  const aim = values.get('.:aim');
  // A little more than 1: the client has rounded.
  return move instanceof Vector2 && Math.hypot(move.x, move.y) <= 1.001 && isAngle(aim);
}

/** Whether a value is an angle as `Vector2.angle()` gives it. */
export function isAngle(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 4;
}
