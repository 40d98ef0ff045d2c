/** Which Godot each peer is. docs/protocol/scene-multiplayer 12. */
import type { Dialect } from '../../codec/index.ts';

/** The versions of the peers, as far as they are known. */
export class PeerDialects {
  readonly #forced: Dialect | undefined;
  readonly #known = new Map<number, Dialect>();

  /** @param forced the version that all peers have, if the application says so. */
  constructor(forced: Dialect | undefined) {
    this.#forced = forced;
  }

  /** The version of a peer; `undefined` until it is known. */
  of(peer: number): Dialect | undefined {
    return this.#known.get(peer) ?? this.#forced;
  }

  /** Whether a peer has CONFIRM_PATH with the path in it: up to 4.2. */
  confirmsByPath(peer: number): boolean {
    const dialect = this.of(peer);
    return dialect === '4.0' || dialect === '4.1' || dialect === '4.2';
  }

  /** Notes the version of a peer. */
  set(peer: number, dialect: Dialect): void {
    this.#known.set(peer, dialect);
  }

  /** A peer is gone. */
  forget(peer: number): void {
    this.#known.delete(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#known.clear();
  }
}
