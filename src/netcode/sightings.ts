/** Who does not see which nodes right now: what MultiplayerSynchronizers say, and the game. */
import type { MirrorNode } from '../../schema/index.ts';
import type { MultiplayerSynchronizer, SceneMultiplayer } from '../multiplayer/index.ts';
import type { PeerSlots } from './peerSlots.ts';

/**
 * Visibility of one tick after the other. As in Godot a node is seen by whoever one of its synchronizers lets see it, of those that
 * this process decides about; and what lies below a node is seen by those who see that.
 */
export class Sightings {
  readonly #multiplayer: SceneMultiplayer;
  readonly #slots: PeerSlots;
  readonly #isVisible: ((peer: number, node: MirrorNode) => boolean) | undefined;
  readonly #synchronizers = new Set<MultiplayerSynchronizer>();
  /** Of the nodes with synchronizers: who does not see them. */
  readonly #hidden = new Map<MirrorNode, Uint32Array>();
  readonly #asked = new Set<MirrorNode>();
  #bits = new Uint32Array(0);

  /** @param isVisible what the game says. */
  constructor(
    multiplayer: SceneMultiplayer,
    slots: PeerSlots,
    isVisible: ((peer: number, node: MirrorNode) => boolean) | undefined,
  ) {
    this.#multiplayer = multiplayer;
    this.#slots = slots;
    this.#isVisible = isVisible;
  }

  /** A node has entered the tree. */
  entered(node: MirrorNode): void {
    if (node.isClass('MultiplayerSynchronizer'))
      this.#synchronizers.add(this.#multiplayer.synchronizer(node));
  }

  /** A node leaves the tree. */
  exiting(node: MirrorNode): void {
    if (node.isClass('MultiplayerSynchronizer'))
      this.#synchronizers.delete(this.#multiplayer.synchronizer(node));
    this.#hidden.delete(node);
  }

  /** Asks all synchronizers, for a tick. */
  look(): void {
    const { words } = this.#slots;
    if (this.#bits.length !== words) this.#bits = new Uint32Array(words);
    for (const bits of this.#hidden.values()) bits.fill(0);
    const asked = this.#asked;
    asked.clear();
    for (const synchronizer of this.#synchronizers) {
      const { root, node } = synchronizer;
      if (root === undefined || !node.isMultiplayerAuthority()) continue;
      let bits = this.#hidden.get(root);
      if (bits?.length !== words) {
        bits = new Uint32Array(words);
        this.#hidden.set(root, bits);
      }
      const isFirst = !asked.has(root);
      asked.add(root);
      // The first one hides, the others show.
      for (const [peer, { slot }] of this.#slots) {
        const word = slot >>> 5;
        const bit = 1 << (slot & 31);
        if (isFirst && !synchronizer.isVisibleTo(peer)) bits[word] = (bits[word] ?? 0) | bit;
        else if (!isFirst && synchronizer.isVisibleTo(peer)) bits[word] = (bits[word] ?? 0) & ~bit;
      }
    }
    for (const root of this.#hidden.keys()) if (!asked.has(root)) this.#hidden.delete(root);
  }

  /** Who does not see a node, by slots; `undefined` for nobody. The bits are good until the next call. */
  hiddenOf(node: MirrorNode): Uint32Array | undefined {
    const bits = this.#bits.fill(0);
    let hides = false;
    if (this.#hidden.size > 0)
      for (let at: MirrorNode | undefined = node; at !== undefined; at = at.getParent()) {
        const own = this.#hidden.get(at);
        if (own === undefined) continue;
        hides = true;
        for (let word = 0; word < bits.length; word++) bits[word] = (bits[word] ?? 0) | (own[word] ?? 0);
      }
    if (this.#isVisible !== undefined)
      for (const [peer, { slot }] of this.#slots) {
        if (this.#isVisible(peer, node)) continue;
        hides = true;
        bits[slot >>> 5] = (bits[slot >>> 5] ?? 0) | (1 << (slot & 31));
      }
    return hides ? bits : undefined;
  }
}
