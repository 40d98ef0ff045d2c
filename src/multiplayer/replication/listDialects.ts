/**
 * Whose lists a peer has: Godot 4.0 and 4.1 hold other lists for the same scene file, and cannot be told apart by how they answer
 * (over WebSockets 4.2 neither). What tells them: the application, the packets of the peer, and the files of the project, which the
 * peer has as well. docs/protocol/scene-multiplayer 12.
 */
import type { Dialect } from '../../../codec/index.ts';
import type { SceneReplicationConfig } from '../../../schema/index.ts';
import type { PeerDialects } from '../peerDialects.ts';

/** The versions of the peers, as replication needs them. */
export class ListDialects {
  readonly #dialects: PeerDialects;
  readonly #isGuessing: boolean;
  readonly #seen = new WeakSet<SceneReplicationConfig>();
  #project: Dialect | undefined;

  /** @param isGuessing - Whether peers are asked; else they are what the option says. */
  constructor(dialects: PeerDialects, isGuessing: boolean) {
    this.#dialects = dialects;
    this.#isGuessing = isGuessing;
  }

  /** Looks by which version the file of a config was written: an editor reads no files of later ones. */
  see(config: SceneReplicationConfig | null): void {
    if (config === null || this.#seen.has(config)) return;
    this.#seen.add(config);
    const { writtenBy } = config;
    // Names of versions sort as they came.
    if (writtenBy !== undefined && writtenBy > (this.#project ?? '')) this.#project = writtenBy;
  }

  /** The version of a peer. One that is 4.0 or 4.1 has that of the project; what no file tells is 4.1. */
  of(peer: number): Dialect {
    return this.isOpen(peer) ? (this.#project ?? '4.1') : (this.#dialects.of(peer) ?? LATEST);
  }

  /** Whether it is not settled which of the first versions a peer is. */
  isOpen(peer: number): boolean {
    return this.#isGuessing && this.#dialects.mayBeNewer(peer);
  }

  /** Whether the version of a peer was asked for and is not known yet. */
  isAsked(peer: number): boolean {
    return this.#isGuessing && this.#dialects.isAsked(peer);
  }

  /** A packet of a peer shows whether it is 4.0, or a later one. */
  learn(peer: number, isFirst: boolean): void {
    if (!this.isOpen(peer)) return;
    const project = this.#project ?? '4.1';
    this.#dialects.settle(peer, isFirst ? '4.0' : project > '4.1' ? project : '4.1');
  }
}

const LATEST: Dialect = '4.6';
