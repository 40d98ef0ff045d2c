/** What has changed of the watched properties of a synchronizer, and in which step. docs/protocol/scene-multiplayer 8.3, 11.1 (7, 8), 11.2 (42, 44, 45). */
import type { VariantValue } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import { sameState } from './sameState.ts';
import type { StateProperty } from './stateProperty.ts';

/** One watched property. */
interface Watched {
  readonly path: string;
  node: MirrorNode | undefined;
  revision: number;
  value: VariantValue | undefined;
  changeStep: number;
}

/** Values that have changed. */
export interface WatchedChanges {
  /** Bit i: the i-th watched property. */
  readonly mask: bigint;
  /** The values of those bits, from the lowest on. */
  readonly values: readonly VariantValue[];
}

/** The watched properties of one synchronizer. */
export class WatchList {
  readonly #isStrict: boolean;
  #watched: Watched[] = [];
  #step = 0;
  #changeStep = 0;

  /** @param isStrict see {@link sameState}. */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  /** The step of the last look; 0 for none. */
  get step(): number {
    return this.#step;
  }

  /** The last step in which something had changed; 0 for none. */
  get changeStep(): number {
    return this.#changeStep;
  }

  /** Looks what has changed. @param missing is told of properties that are not there. */
  look(
    root: MirrorNode,
    properties: readonly StateProperty[],
    step: number,
    missing: (property: StateProperty) => void,
  ): void {
    this.#step = step;
    this.#watched.length = Math.min(this.#watched.length, properties.length);
    properties.forEach((property, i) => {
      let watched = this.#watched[i];
      if (watched?.path !== property.path) {
        watched = { path: property.path, node: undefined, revision: -1, value: undefined, changeStep: 0 };
        this.#watched[i] = watched;
      }
      const node = property.nodeIn(root);
      const isSettled = !property.isGlobal && !this.#isStrict;
      if (node !== undefined && isSettled && watched.node === node && watched.revision === node.revision)
        return;
      const value = node && property.read(node);
      watched.node = node;
      watched.revision = node?.revision ?? -1;
      if (value === undefined) {
        // A property that comes back counts as changed.
        missing(property);
        watched.value = undefined;
      } else if (watched.value === undefined || !sameState(watched.value, value, this.#isStrict)) {
        watched.value = value;
        watched.changeStep = step;
        this.#changeStep = step;
      }
    });
  }

  /** What has changed after a step; `undefined` for nothing. */
  changesSince(step: number): WatchedChanges | undefined {
    let mask = 0n;
    const values: VariantValue[] = [];
    this.#watched.forEach(({ value, changeStep }, i) => {
      if (value === undefined || changeStep <= step) return;
      // 11.1 (7): the engine has more than 64, and wraps.
      mask |= 1n << BigInt(i % 64);
      values.push(value);
    });
    return values.length === 0 ? undefined : { mask, values };
  }
}
