/** Asks peers for their version, and lets go on what waited for the answer. docs/protocol/scene-multiplayer 12. */
import { TransferMode } from '../godot/index.ts';
import type { Core } from './core.ts';
import { type PeerDialects, ROOT } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import { simplifyPathPacket } from './wire/systemPackets.ts';

/** The questions to peers and their answers. */
export class Versions {
  readonly #core: Core;
  readonly #dialects: PeerDialects;
  readonly #now: () => number;
  readonly #goOn: (peer: number) => void;

  /** @param goOn the version of a peer is known, or is another one than was thought. */
  constructor(core: Core, dialects: PeerDialects, now: () => number, goOn: (peer: number) => void) {
    this.#core = core;
    this.#dialects = dialects;
    this.#now = now;
    this.#goOn = goOn;
  }

  /** A peer was admitted: it is asked, unless the application knows. */
  ask(peer: number): void {
    const { tables, outgoing, behaviour } = this.#core;
    const root = this.#core.rootNode();
    const asks = behaviour.asksVersions && root !== undefined && peer !== outgoing.uniqueId;
    const hint = outgoing.transport?.versionHintOf(peer);
    const probeId = this.#dialects.came(peer, asks, hint, this.#now());
    if (probeId === 0 || root === undefined) return;
    const question = simplifyPathPacket(tables.of(root).checksum, probeId, ROOT);
    outgoing.send(peer, TransferMode.TRANSFER_MODE_RELIABLE, 0, question);
  }

  /** A CONFIRM_PATH has arrived. @returns whether it was an answer. */
  receive(peer: number, bytes: Uint8Array): boolean {
    const news = this.#dialects.answered(peer, bytes);
    if (news === 'corrected')
      this.#core.refusals.refuse(
        MultiplayerRefusal.DIALECT_CORRECTED,
        peer,
        () => `it answers late: it speaks as ${this.#dialects.of(peer)}`,
      );
    if (news === 'new' || news === 'corrected') this.#goOn(peer);
    return news !== undefined;
  }

  /** Gives up on those who did not answer in time. Once per tick. */
  expire(): void {
    for (const peer of this.#dialects.expire(this.#now())) {
      this.#core.refusals.refuse(
        MultiplayerRefusal.DIALECT_UNKNOWN,
        peer,
        () => `it does not say which version it is, and is taken for ${this.#dialects.of(peer)}`,
      );
      this.#goOn(peer);
    }
  }
}
