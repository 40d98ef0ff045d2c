/** What each peer may see, worked out from what was asked of the server: apart from the product. */
import { Vector2 } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import type { SceneReplicationOptions } from '../../../src/multiplayer/replication/settings.ts';
import { type Party, place } from './parties.ts';
import { isPlayer } from './scenes.ts';
import { isOwnSync, type Sight } from './WireWatch.ts';

/** What was asked of the visibility of a synchronizer. */
export interface Asked {
  isPublic: boolean;
  readonly peers: Set<number>;
  /** From whom a filter hides it. */
  hidden: Set<number> | undefined;
}

/** By what nodes are of interest, if at all. */
export type InterestKind = 'none' | 'function' | 'radius';

/** The sight of all peers of a server. */
export class SimSight implements Sight {
  /** Closed paths by peer. */
  readonly closed = new Map<number, Set<string>>();
  /** Nodes that are spawned by the server. */
  readonly spawned = new Set<MirrorNode>();
  readonly #server: () => Party;
  readonly #kind: InterestKind;
  readonly #interestTicks: number;
  readonly #asked = new Map<MirrorNode, Asked>();
  /** The last tick at which a node was of interest to a peer. */
  readonly #near = new Map<MirrorNode, Map<number, number>>();
  #tick = 0;

  constructor(server: () => Party, kind: InterestKind, interestTicks: number) {
    this.#server = server;
    this.#kind = kind;
    this.#interestTicks = interestTicks;
  }

  /** The interest, as an option of the server. */
  get interest(): SceneReplicationOptions['interest'] {
    if (this.#kind === 'none') return undefined;
    if (this.#kind === 'function') return (peer, node) => isNear(peer, node);
    return { radius: MOST_FAR, leaveRadius: MOST_FAR, around: (peer) => place(peer % 2) };
  }

  // --- For the watch: what may have been so since interest was last worked out -------------------------------

  isOpen(peer: number, node: MirrorNode): boolean {
    const path = `${node.getPath().toString()}/`;
    return ![...(this.closed.get(peer) ?? [])].some((closed) => path.startsWith(`${closed}/`));
  }

  isSpawned(node: MirrorNode): boolean {
    // A player is spawned before the game has it in hand.
    return this.spawned.has(node) || isPlayer(node);
  }

  maySee(peer: number, node: MirrorNode): boolean {
    if (node.class === 'MultiplayerSynchronizer') return this.maySeeState(peer, node);
    return this.#isVisible(peer, node) && this.#wasNear(peer, node);
  }

  maySeeState(peer: number, sync: MirrorNode): boolean {
    const root = sync.getParent();
    return this.isSyncVisible(peer, sync) && root !== undefined && this.#wasNear(peer, root);
  }

  // --- For the comparison: what is so ---------------------------------------------------------------------------

  /** Whether a peer has a node in the end, those above left out. */
  isSeen(peer: number, node: MirrorNode): boolean {
    return this.#isVisible(peer, node) && this.#isNear(peer, node);
  }

  /** Whether a synchronizer is shown to a peer. */
  isSyncVisible(peer: number, sync: MirrorNode): boolean {
    const asked = this.askedOf(sync);
    return asked.hidden?.has(peer) !== true && (asked.isPublic || asked.peers.has(peer));
  }

  // --- What the game tells --------------------------------------------------------------------------------------

  /** What was asked of a synchronizer; to be changed. */
  askedOf(sync: MirrorNode): Asked {
    let asked = this.#asked.get(sync);
    if (asked === undefined) {
      asked = { isPublic: sync.get('public_visibility') !== false, peers: new Set(), hidden: undefined };
      this.#asked.set(sync, asked);
    }
    return asked;
  }

  /** A tick begins. */
  step(nodes: readonly MirrorNode[]): void {
    this.#tick++;
    this.noteInterest(nodes);
  }

  /** Something is about to move: what is of interest now was so. */
  noteInterest(nodes: readonly MirrorNode[]): void {
    if (this.#kind === 'none') return;
    for (const peer of this.#server().multiplayer.getPeers())
      for (const node of nodes) {
        if (!isNear(peer, node)) continue;
        const ticks = this.#near.get(node) ?? new Map<number, number>();
        ticks.set(peer, this.#tick);
        this.#near.set(node, ticks);
      }
  }

  /** A node is freed. */
  forgetNode(node: MirrorNode): void {
    this.spawned.delete(node);
    this.#asked.delete(node);
    this.#near.delete(node);
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.closed.delete(peer);
    for (const { peers, hidden } of this.#asked.values()) {
      peers.delete(peer);
      hidden?.delete(peer);
    }
  }

  #isVisible(peer: number, node: MirrorNode): boolean {
    const syncs = node.getChildren().filter(isOwnSync);
    return syncs.length === 0 || syncs.some((sync) => this.isSyncVisible(peer, sync));
  }

  #isNear(peer: number, node: MirrorNode): boolean {
    return this.#kind === 'none' || !isPlaced(node) || isNear(peer, node);
  }

  #wasNear(peer: number, node: MirrorNode): boolean {
    if (this.#isNear(peer, node)) return true;
    const at = this.#near.get(node)?.get(peer);
    return at !== undefined && this.#tick - at <= this.#interestTicks;
  }
}

/** Whether interest is asked about a node: it is spawned, or has a synchronizer. */
function isPlaced(node: MirrorNode): boolean {
  return node.instance !== undefined || node.name === 'Door' || isPlayer(node);
}

function isNear(peer: number, node: MirrorNode): boolean {
  let x = 0;
  for (let at: MirrorNode | undefined = node; at !== undefined; at = at.getParent()) {
    const position = at.get('position');
    if (position instanceof Vector2) x += position.x;
  }
  return Math.abs(x - place(peer % 2).x) <= MOST_FAR;
}

const MOST_FAR = 500;
