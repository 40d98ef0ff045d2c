/**
 * Peers who came from another SceneMultiplayer. What they sent before they heard of it was meant for that one: it is dropped until they
 * have answered a question that left behind the last packet from there. So is what others send to one who was here before, until they have
 * heard that it was away. docs/protocol/scene-multiplayer 4, 12.
 */
import { TransferMode } from '../godot/index.ts';
import type { Core } from './core.ts';
import { ROOT, TOP_QUESTION } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import { readConfirmId, readConfirmPath, simplifyPathPacket } from './wire/systemPackets.ts';

/** A question to a peer. */
interface Question {
  readonly id: number;
  /** What of the peer is late until it answers: all, what it sends to one peer, or nothing, since it was asked elsewhere. */
  readonly about: 'all' | 'nothing' | number;
  isAnswered: boolean;
  /** When it was asked, or answered. */
  since: number;
}

/** What a peer was asked, in order: answers come in order, and those of the first versions do not say to what. */
interface Asked {
  /** How many questions there were, here and elsewhere. */
  count: number;
  questions: Question[];
}

/** What a peer takes along of its questions: how many there were, and the numbers of those without an answer. */
export interface CarriedQuestions {
  readonly count: number;
  readonly open: readonly number[];
}

/** The peers who are not quite here yet, and those who have not heard of them. */
export class Arrivals {
  readonly #core: Core;
  readonly #now: () => number;
  readonly #peers = new Map<number, Asked>();
  /** Who has gone elsewhere, and when. */
  readonly #gone = new Map<number, number>();

  constructor(core: Core, now: () => number) {
    this.#core = core;
    this.#now = now;
  }

  /** A peer comes: it is asked, and what it sends before the answer is late. */
  arrive(peer: number, { count, open }: CarriedQuestions): void {
    const questions = open.map((id) => this.#question(id, 'nothing'));
    this.#peers.set(peer, { count, questions });
    this.#ask(peer, 'all');
    if (!this.#gone.delete(peer)) return;
    // They may not have heard yet that it was away; then its numbers are not what they think.
    for (const other of this.#core.peers) if (other !== peer) this.#ask(other, peer);
  }

  /** A peer goes elsewhere. */
  release(peer: number): CarriedQuestions {
    const { count = 0, questions = [] } = this.#peers.get(peer) ?? {};
    this.#gone.set(peer, this.#now());
    const open = questions.filter(({ isAnswered }) => !isAnswered).map(({ id }) => id);
    return { count, open: open.slice(-MOST_OPEN) };
  }

  /** Whether a peer has not answered. */
  isAsked(peer: number): boolean {
    return this.#isLate(peer, 'all', TransferMode.TRANSFER_MODE_RELIABLE);
  }

  /** Whether a packet may have been sent before its peer came: after the answer, those that overtake each other. */
  isLate(peer: number, mode: TransferMode): boolean {
    return this.#isLate(peer, 'all', mode);
  }

  /** Whether a packet for another peer may have been sent before its sender heard that that one was away. */
  isLateFor(peer: number, target: number, mode: TransferMode): boolean {
    return this.#isLate(peer, target, mode);
  }

  /** Counts a packet that is dropped. */
  refuse(peer: number, bytes: Uint8Array): void {
    this.#core.refusals.refuse(
      MultiplayerRefusal.LATE,
      peer,
      () => `${bytes.length} bytes were sent before it came here, and are dropped`,
    );
  }

  /** A CONFIRM_PATH has arrived. @returns whether it is an answer. */
  receive(peer: number, bytes: Uint8Array): boolean {
    const open = this.#peers.get(peer)?.questions.filter(({ isAnswered }) => !isAnswered) ?? [];
    if (open.length === 0) return false;
    const id = readConfirmId(bytes);
    const byId = open.findIndex((question) => question.id === id);
    if (byId < 0 && readConfirmPath(bytes) !== ROOT) return false;
    for (const question of open.slice(0, Math.max(byId, 0) + 1)) {
      question.isAnswered = true;
      question.since = this.#now();
    }
    return true;
  }

  /** Those who have answered long ago are here; those who do not answer, too. Once per tick. */
  expire(): void {
    const now = this.#now();
    for (const [peer, asked] of this.#peers) {
      if (asked.questions.length === 0) continue;
      asked.questions = asked.questions.filter(({ about, isAnswered, since }) => {
        if (((now - since) | 0) < (isAnswered ? OVERTAKEN_MS : ANSWER_MS)) return true;
        if (!isAnswered && about === 'all')
          this.#core.trace(`peer ${peer}: it does not answer, and is taken for one who is here`);
        return false;
      });
    }
    for (const [peer, since] of this.#gone) if (((now - since) | 0) >= ANSWER_MS) this.#gone.delete(peer);
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#peers.clear();
    this.#gone.clear();
  }

  #isLate(peer: number, about: 'all' | number, mode: TransferMode): boolean {
    const questions = this.#peers.get(peer)?.questions;
    if (questions === undefined || questions.length === 0) return false;
    const isLoose = mode !== TransferMode.TRANSFER_MODE_RELIABLE;
    return questions.some((question) => question.about === about && (isLoose || !question.isAnswered));
  }

  #ask(peer: number, about: 'all' | number): void {
    const { tables, outgoing } = this.#core;
    const root = this.#core.rootNode();
    if (root === undefined) return;
    let asked = this.#peers.get(peer);
    if (asked === undefined) {
      asked = { count: 0, questions: [] };
      this.#peers.set(peer, asked);
    }
    // Downwards: those for versions count up.
    const id = TOP_QUESTION - asked.count++;
    asked.questions.push(this.#question(id, about));
    const packet = simplifyPathPacket(tables.of(root).checksum, id, ROOT);
    outgoing.put(peer, TransferMode.TRANSFER_MODE_RELIABLE, 0, packet);
  }

  #question(id: number, about: Question['about']): Question {
    return { id, about, isAnswered: false, since: this.#now() };
  }
}

/** How long unreliable packets may be under way. */
const OVERTAKEN_MS = 250;
/** As long as a reliable packet may take before its connection ends, at most. */
const ANSWER_MS = 30_000;
/** More than anybody has open who answers. */
const MOST_OPEN = 64;
