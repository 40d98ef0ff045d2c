/**
 * The numbers that we give to nodes: SIMPLIFY_PATH leaves, CONFIRM_PATH arrives, and who does not answer is told again.
 * docs/protocol/scene-multiplayer 4, 11.1 (1), 11.2 (11, 20 to 23), 12.
 */
import type { MirrorNode } from '../../schema/index.ts';
import { GodotError, TransferMode } from '../godot/index.ts';
import type { Core } from './core.ts';
import type { RefusalDetail } from './diagnosis.ts';
import { findByAddress, pathOf } from './nodeAddress.ts';
import { type Announcement, type OwnPath, OwnPaths, type PathKey } from './pathCache.ts';
import type { PeerDialects } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import { checksumMismatch } from './rpcMismatch.ts';
import { readConfirmId, readConfirmPath, simplifyPathPacket } from './wire/systemPackets.ts';

/** What each peer was told of our nodes. */
export class Announcements {
  /** Hears that a peer knows a node by a number now. */
  onConfirmed: (node: MirrorNode, peer: number, id: number) => void = () => undefined;
  /** Whether a peer may hear of a node now: otherwise it is told again later. */
  mayTell: (node: MirrorNode, peer: number) => boolean = () => true;
  readonly #core: Core;
  readonly #dialects: PeerDialects;
  readonly #now: () => number;
  readonly #own = new OwnPaths();
  /** Who was told something and has not answered, with what. */
  readonly #unanswered = new Map<OwnPath, Set<number>>();

  constructor(core: Core, dialects: PeerDialects, now: () => number) {
    this.#core = core;
    this.#dialects = dialects;
    this.#now = now;
  }

  /** How many nodes have a number. */
  get size(): number {
    return this.#own.size;
  }

  /** The path that a peer knows by a number of ours; `undefined`: by none. */
  pathOf(peer: number, id: number): string | undefined {
    const entry = this.#own.byId(id, peer);
    return entry && (entry.peers.get(peer)?.path ?? this.#core.addressOf(entry.node));
  }

  /** How many announcements were not confirmed, and may be told again. */
  get unconfirmed(): number {
    let count = 0;
    for (const peers of this.#unanswered.values()) count += peers.size;
    return count;
  }

  /** The number of a node; given now if it has none. */
  idOf(node: MirrorNode): number {
    return this.#own.of(this.#keyOf(node), node).id;
  }

  /** The number under which a peer was last told of a node, confirmed or not; 0 when it was told nothing. */
  toldId(node: MirrorNode, peer: number): number {
    return this.#own.find(this.#keyOf(node))?.peers.get(peer)?.id ?? 0;
  }

  /** Tells a peer the number of a node, unless it was told. */
  announce(node: MirrorNode, peer: number): void {
    const entry = this.#own.of(this.#keyOf(node), node);
    const told = entry.peers.get(peer);
    if (told === undefined) {
      this.#tell(entry, node, peer, newAnnouncement(entry.id), this.#own.hasOwnNumbers(peer));
      return;
    }
    // 12: for the first versions a number is a path, which a rename leaves behind.
    const isPath = this.#dialects.mayNumberPaths(peer);
    if (!told.isVoid && (!isPath || told.path === this.#core.addressOf(node))) return;
    this.#own.forgetAnnouncement(entry, peer);
    this.#tell(entry, node, peer, newAnnouncement(entry.id), true);
  }

  /** The number under which a peer has confirmed a node; 0 when it has not. */
  confirmedId(node: MirrorNode, peer: number): number {
    const told = this.#own.find(this.#keyOf(node))?.peers.get(peer);
    return told?.isConfirmed === true ? told.id : 0;
  }

  /** Tells again those whose pause is over. Once per tick. */
  tellAgain(): void {
    if (!this.#core.behaviour.announcesAgain) return;
    const now = this.#now();
    for (const [entry, peers] of this.#unanswered) {
      for (const peer of peers) {
        const told = entry.peers.get(peer);
        if (told === undefined || told.count > MOST_REPEATS) this.#forgetAnswer(entry, peer);
        else if (((now - told.againMs) | 0) >= 0 && this.mayTell(entry.node, peer)) {
          this.#core.trace(`peer ${peer}: it does not confirm ${told.path}; asked again (${told.count})`);
          if (told.count === REPEATS_BEFORE_TOLD) this.#tellUnconfirmed(entry, peer);
          this.#tell(entry, entry.node, peer, told, true);
        }
      }
    }
  }

  /** A CONFIRM_PATH has arrived. */
  receive(peer: number, bytes: Uint8Array): void {
    const { refusals } = this.#core;
    const found = this.#meant(peer, bytes);
    if (found === 'malformed') {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `CONFIRM_PATH of ${bytes.length} bytes`);
      return;
    }
    if (bytes[1] === 0) {
      const detail = (): string | RefusalDetail =>
        found === undefined
          ? 'its methods of a node that is gone are not ours'
          : checksumMismatch(found.entry.node, undefined, this.#core.tables);
      refusals.refuse(MultiplayerRefusal.CHECKSUM, peer, detail);
    }
    // A node that is gone meanwhile, or a number that never was: nothing to do.
    if (found === undefined) return;
    const { entry, id } = found;
    const told = entry.peers.get(peer);
    if (told?.isVoid === true) return;
    if (told === undefined || (id !== entry.id && !told.extraIds.includes(id))) {
      refusals.refuse(
        MultiplayerRefusal.CONFIRM_UNEXPECTED,
        peer,
        () => `it confirms the number ${id}, which it was not told`,
      );
      return;
    }
    const isNews = !told.isConfirmed;
    told.id = id;
    told.isConfirmed = true;
    this.#forgetAnswer(entry, peer);
    if (isNews) this.onConfirmed(entry.node, peer, id);
  }

  /** A node leaves the tree. */
  nodeGone(node: MirrorNode): void {
    if (this.#core.behaviour.habits.numbersPaths) return;
    const entry = this.#own.find(node);
    if (entry === undefined) return;
    this.#unanswered.delete(entry);
    this.#own.forget(node);
  }

  /** What a peer was told of the nodes for which `isMeant` answers true is void: they get fresh numbers. */
  forgetNodes(peer: number, isMeant: (node: MirrorNode) => boolean): void {
    for (const entry of this.#own.entries()) if (isMeant(entry.node)) this.#makeVoid(entry, peer);
  }

  /** A peer has a node no more: what it was told of it is void. */
  forgetNode(peer: number, node: MirrorNode): void {
    const entry = this.#own.find(this.#keyOf(node));
    if (entry !== undefined) this.#makeVoid(entry, peer);
  }

  /** A peer comes who was told numbers up to `lastId` elsewhere: it gets none of them again. */
  arrive(peer: number, lastId: number): void {
    this.#own.arrive(peer, lastId);
  }

  /** No number that a peer was told is above it. */
  lastIdOf(peer: number): number {
    return this.#own.lastIdOf(peer);
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    for (const entry of this.#unanswered.keys()) this.#forgetAnswer(entry, peer);
    this.#own.forgetPeer(peer);
  }

  /** Forgets everything; numbers begin at 1 again. */
  clear(): void {
    this.#own.clear();
    this.#unanswered.clear();
  }

  #makeVoid(entry: OwnPath, peer: number): void {
    if (!entry.peers.has(peer)) return;
    this.#forgetAnswer(entry, peer);
    this.#own.forgetAnnouncement(entry, peer);
    entry.peers.set(peer, { ...newAnnouncement(entry.id), isVoid: true });
  }

  #tell(entry: OwnPath, node: MirrorNode, peer: number, told: Announcement, isAgain: boolean): void {
    const { outgoing, tables } = this.#core;
    const { checksum } = tables.of(node);
    const path = this.#core.addressOf(node);
    // A fresh number: the first may have been accepted, and a second announcement of it would be an error there.
    const id = isAgain ? this.#own.addId(entry, told, peer) : entry.id;
    const packet = simplifyPathPacket(checksum, id, path);
    const error = outgoing.send(peer, TransferMode.TRANSFER_MODE_RELIABLE, 0, packet);
    // 11.2 (11): what the transport refused was not announced.
    if (error !== GodotError.OK && !isAgain) return;
    told.id = id;
    told.isConfirmed = false;
    told.path = path;
    told.againMs = this.#now() + FIRST_PAUSE_MS * 2 ** told.count;
    told.count++;
    entry.peers.set(peer, told);
    const unanswered = this.#unanswered.get(entry);
    if (unanswered !== undefined) unanswered.add(peer);
    else this.#unanswered.set(entry, new Set([peer]));
  }

  #tellUnconfirmed({ node }: OwnPath, peer: number): void {
    this.#core.refusals.refuse(MultiplayerRefusal.UNCONFIRMED, peer, () => {
      const nodePath = pathOf(node);
      return { nodePath, text: `it does not confirm ${nodePath}: the client has not loaded this node` };
    });
  }

  #forgetAnswer(entry: OwnPath, peer: number): void {
    const peers = this.#unanswered.get(entry);
    peers?.delete(peer);
    if (peers?.size === 0) this.#unanswered.delete(entry);
  }

  #meant(peer: number, bytes: Uint8Array): { entry: OwnPath; id: number } | undefined | 'malformed' {
    if (!this.#dialects.confirmsByPath(peer)) {
      const id = readConfirmId(bytes);
      if (id === undefined) return 'malformed';
      const entry = this.#own.byId(id, peer);
      return entry && { entry, id };
    }
    const path = readConfirmPath(bytes);
    if (path === undefined) return 'malformed';
    const key = this.#core.behaviour.habits.numbersPaths ? path : this.#nodeAt(path);
    const entry = key === undefined ? undefined : this.#own.find(key);
    return entry && { entry, id: entry.peers.get(peer)?.id ?? entry.id };
  }

  #nodeAt(path: string): MirrorNode | undefined {
    const root = this.#core.rootNode();
    const node = root && findByAddress(root, path, false);
    return node === 'outside' ? undefined : node;
  }

  #keyOf(node: MirrorNode): PathKey {
    return this.#core.behaviour.habits.numbersPaths ? this.#core.addressOf(node) : node;
  }
}

function newAnnouncement(id: number): Announcement {
  return { id, isConfirmed: false, path: '', isVoid: false, count: 0, againMs: 0, extraIds: [] };
}

/** After the first announcement; doubled each time. */
const FIRST_PAUSE_MS = 1000;
const MOST_REPEATS = 5;
/** It was told after 0 and 1 seconds, and 3 have gone by. */
const REPEATS_BEFORE_TOLD = 2;
