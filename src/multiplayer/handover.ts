/**
 * A connection that goes from one SceneMultiplayer to another, without its client knowing: what it has been told stays true.
 * docs/protocol/scene-multiplayer 4, 7, 8.2, 12.
 */
import type { TokenBucket } from '../godot/internal.ts';
import type { Admission } from './admission.ts';
import type { Announcements } from './announcements.ts';
import type { Arrivals, CarriedQuestions } from './arrivals.ts';
import type { Core } from './core.ts';
import type { RemotePath } from './pathCache.ts';
import type { PeerBudget } from './peerBudget.ts';
import type { PeerDialect, PeerDialects } from './peerDialects.ts';
import type { RemotePaths } from './remotePaths.ts';
import type { NetIds } from './replication/netIds.ts';
import type { SceneReplication } from './replication/SceneReplication.ts';

/** What belongs to a connection and not to the tree that it sees. */
export interface CarriedPeer {
  /** What is known of its version. */
  readonly dialect: PeerDialect | undefined;
  /** No number of a node that it was told is above it. */
  readonly lastOwnId: number;
  /** The numbers that it has given. */
  readonly remotePaths: Map<number, RemotePath>;
  /** The time of the last SYNC that it was sent, without end. */
  readonly syncTime: number;
  /** What it was asked. */
  readonly questions: CarriedQuestions;
  /** What it may still make us do. */
  readonly budgets: Readonly<Partial<Record<string, TokenBucket>>>;
}

/** What a handover changes. */
export interface HandoverParts {
  readonly core: Core;
  readonly admission: Admission;
  readonly announcements: Announcements;
  readonly remotePaths: RemotePaths;
  readonly dialects: PeerDialects;
  readonly arrivals: Arrivals;
  readonly replication: SceneReplication;
  readonly budgets: Readonly<Record<string, PeerBudget>>;
}

/** Peers who leave for another SceneMultiplayer, and those who come from one. */
export class Handover {
  readonly #parts: HandoverParts;
  /** Those who are being admitted, with what they bring. */
  readonly #coming = new Map<number, CarriedPeer>();

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** From now on peers move between this and others that share these numbers. To be called before the first peer comes. */
  share(netIds: NetIds): void {
    this.#parts.replication.shareNetIds(netIds);
    this.#parts.remotePaths.keepsMissing = true;
    this.#parts.core.countsGoneTargets = true;
  }

  /**
   * A peer leaves, and its connection stays: it is told to free what it has from here and that the others are gone; they, that it is.
   *
   * @returns what it takes along; `undefined` for one that is not admitted.
   */
  release(peer: number): CarriedPeer | undefined {
    const { core, admission, announcements, remotePaths, dialects, arrivals, replication, budgets } =
      this.#parts;
    if (!core.peers.has(peer)) return undefined;
    const { time, gone } = replication.release(peer);
    const lastOwnId = announcements.lastIdOf(peer);
    const numbers = remotePaths.release(peer, (node) => gone.has(node));
    const dialect = dialects.release(peer);
    const buckets = Object.fromEntries(
      Object.entries(budgets).map(([name, budget]) => [name, budget.release(peer)]),
    );
    const questions = arrivals.release(peer);
    admission.release(peer);
    return {
      dialect,
      lastOwnId,
      remotePaths: numbers,
      syncTime: time,
      questions,
      budgets: buckets,
    };
  }

  /** A peer will be lost, and may come back: what it was let see is not forgotten. {@link back} or {@link giveUp} follows. */
  await(peer: number): void {
    this.#parts.replication.awaitPeer(peer);
  }

  /** Who was lost comes under another id: it sees what it was let see before. */
  back(oldPeer: number, newPeer: number): void {
    this.#parts.replication.peerBack(oldPeer, newPeer);
  }

  /** Who was lost, or left, does not come back. */
  giveUp(peer: number): void {
    this.#parts.replication.giveUpPeer(peer);
  }

  /** A peer comes from elsewhere: it is admitted at once, and sees what there is. Late packets of it are dropped. */
  arrive(peer: number, carried: CarriedPeer): void {
    this.#parts.arrivals.arrive(peer, carried.questions);
    this.#coming.set(peer, carried);
    this.#parts.admission.admit(peer);
    this.#coming.delete(peer);
  }

  /**
   * A peer is admitted, and nothing was said to it yet.
   *
   * @returns what it brings; `undefined` for one that comes anew.
   */
  settle(peer: number): CarriedPeer | undefined {
    const { announcements, remotePaths, dialects, budgets } = this.#parts;
    const carried = this.#coming.get(peer);
    if (carried === undefined) return undefined;
    announcements.arrive(peer, carried.lastOwnId);
    if (carried.dialect !== undefined) dialects.arrive(peer, carried.dialect);
    remotePaths.arrive(peer, carried.remotePaths);
    for (const [name, budget] of Object.entries(budgets)) budget.arrive(peer, carried.budgets[name]);
    return carried;
  }
}
