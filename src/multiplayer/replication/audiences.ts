/** Peers who see the same get the same states in a step: what one of them gets is worked out for the others, too. */
import type { Dialect } from '../../../codec/index.ts';
import type { Replica } from './tracked.ts';

/** States that a peer gets in a step. */
export interface PeerStates {
  /** Entries that are sent unreliably. */
  readonly loose: readonly Uint8Array[];
  /** Entries that are sent reliably. */
  readonly firm: readonly Uint8Array[];
}

/** A peer whose states others may get. */
interface Audience extends PeerStates {
  readonly replica: Replica;
  readonly dialect: Dialect;
}

/** What peers get in one step, by what they see. */
export class Audiences {
  readonly #audiences: Audience[] = [];

  /** Another step has begun. */
  clear(): void {
    this.#audiences.length = 0;
  }

  /** What a peer that is {@link Replica.isPlain} gets, if somebody who sees the same does. @returns `undefined`: it is to be worked out. */
  find(replica: Replica, dialect: Dialect): PeerStates | undefined {
    return this.#audiences.find((one) => one.dialect === dialect && seeTheSame(one.replica, replica));
  }

  /**
   * Notes what a peer gets, where only what it sees decides about it: it was {@link Replica.isPlain} before. The lists may change
   * afterwards.
   */
  add(replica: Replica, dialect: Dialect, { loose, firm }: PeerStates): void {
    if (this.#audiences.length < MOST_AUDIENCES)
      this.#audiences.push({ replica, dialect, loose: [...loose], firm: [...firm] });
  }
}

/** Whether two peers see the same synchronizers in the same order. */
function seeTheSame(a: Replica, b: Replica): boolean {
  const mine = a.syncs.items;
  const others = b.syncs.items;
  if (mine.length !== others.length) return false;
  // Most who see others see another one in the end.
  for (let i = mine.length - 1; i >= 0; i--) if (mine[i] !== others[i]) return false;
  return true;
}

/** With more of them, looking takes longer than it saves. */
const MOST_AUDIENCES = 8;
