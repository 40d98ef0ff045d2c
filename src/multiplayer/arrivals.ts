/**
 * Peers who came from another SceneMultiplayer. What they sent before they heard of it was meant for that one: it is dropped until they
 * have answered a question that left behind the last packet from there. docs/protocol/scene-multiplayer 4, 12.
 */
import { TransferMode } from '../godot/index.ts';
import type { Core } from './core.ts';
import { ROOT } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import { readConfirmId, readConfirmPath, simplifyPathPacket } from './wire/systemPackets.ts';

/** How far a peer is. */
interface Arrival {
  /** The number in the question; 0 once it is answered. */
  probeId: number;
  /** Questions of which the answer is not here: answers up to 4.2 do not say which one they are for. */
  unanswered: number;
  /** When it was asked, or has answered. */
  since: number;
}

/** The peers who are not quite here yet. */
export class Arrivals {
  readonly #core: Core;
  readonly #now: () => number;
  readonly #peers = new Map<number, Arrival>();

  constructor(core: Core, now: () => number) {
    this.#core = core;
    this.#now = now;
  }

  /**
   * A peer comes: it is asked, and what it sends before the answer is late.
   *
   * @param unanswered how many questions from elsewhere it has not answered.
   */
  ask(peer: number, probeId: number, unanswered: number): void {
    const { tables, outgoing } = this.#core;
    const root = this.#core.rootNode();
    if (root === undefined) return;
    this.#peers.set(peer, { probeId, unanswered: unanswered + 1, since: this.#now() });
    const question = simplifyPathPacket(tables.of(root).checksum, probeId, ROOT);
    outgoing.put(peer, TransferMode.TRANSFER_MODE_RELIABLE, 0, question);
  }

  /** Whether a peer has not answered. */
  isAsked(peer: number): boolean {
    return (this.#peers.get(peer)?.probeId ?? 0) !== 0;
  }

  /** Whether a packet may have been sent before its peer came: after the answer, those that overtake each other. */
  isLate(peer: number, mode: TransferMode): boolean {
    const arrival = this.#peers.get(peer);
    return arrival !== undefined && (arrival.probeId !== 0 || mode !== TransferMode.TRANSFER_MODE_RELIABLE);
  }

  /** Counts a packet that is dropped. */
  refuse(peer: number, bytes: Uint8Array): void {
    this.#core.refusals.refuse(
      MultiplayerRefusal.LATE,
      peer,
      () => `${bytes.length} bytes were sent before it came here, and are dropped`,
    );
  }

  /** A CONFIRM_PATH has arrived. @returns whether it is the answer. */
  receive(peer: number, bytes: Uint8Array): boolean {
    const arrival = this.#peers.get(peer);
    if (arrival === undefined || arrival.probeId === 0) return false;
    const isById = readConfirmId(bytes) === arrival.probeId;
    if (!isById && readConfirmPath(bytes) !== ROOT) return false;
    arrival.unanswered = isById ? 0 : arrival.unanswered - 1;
    if (arrival.unanswered > 0) return true;
    arrival.probeId = 0;
    arrival.since = this.#now();
    return true;
  }

  /** Those who have answered long ago are here; those who do not answer, too. Once per tick. */
  expire(): void {
    const now = this.#now();
    for (const [peer, { probeId, since }] of this.#peers) {
      const ageMs = (now - since) | 0;
      if (ageMs < (probeId === 0 ? OVERTAKEN_MS : ANSWER_MS)) continue;
      this.#peers.delete(peer);
      if (probeId !== 0)
        this.#core.trace(`peer ${peer}: it does not answer, and is taken for one who is here`);
    }
  }

  /** A peer goes elsewhere. @returns how many questions it has not answered. */
  release(peer: number): number {
    const { unanswered = 0 } = this.#peers.get(peer) ?? {};
    this.#peers.delete(peer);
    return unanswered;
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#peers.clear();
  }
}

/** How long unreliable packets may be under way. */
const OVERTAKEN_MS = 250;
/** As long as a reliable packet may take before its connection ends, at most. */
const ANSWER_MS = 30_000;
