/**
 * The numbers that peers give to nodes: SIMPLIFY_PATH arrives, CONFIRM_PATH answers.
 * docs/protocol/scene-multiplayer 4, 11.2 (20 to 23), 12.
 */
import type { MirrorNode } from '../../schema/index.ts';
import { TransferMode } from '../godot/index.ts';
import { describe } from '../godot/internal.ts';
import type { Core } from './core.ts';
import { findByAddress } from './nodeAddress.ts';
import { type RemotePath, RemotePathTable } from './pathCache.ts';
import { isProbe, type PeerDialects } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import { checksumMismatch } from './rpcMismatch.ts';
import { confirmIdPacket, confirmPathPacket, readSimplifyPath } from './wire/systemPackets.ts';

/** What the numbers of peers mean, and the answers to their announcements. */
export class RemotePaths {
  /** Whether a number is remembered also when there is no node at its path: there may be one where its peer goes next. */
  keepsMissing = false;
  readonly #core: Core;
  readonly #dialects: PeerDialects;
  readonly #table: RemotePathTable;

  constructor(core: Core, dialects: PeerDialects, maxPerPeer: number) {
    this.#core = core;
    this.#dialects = dialects;
    this.#table = new RemotePathTable(maxPerPeer);
  }

  /** How many numbers peers have given. */
  get size(): number {
    return this.#table.size;
  }

  /** The path that a peer has given a number, relative to the root; `undefined`: it has not. Counts nothing. */
  pathOf(peer: number, id: number): string | undefined {
    return this.#table.get(peer, id)?.path;
  }

  /** The node that a number of a peer means now; `undefined` when there is none, which is counted. */
  resolve(peer: number, id: number): MirrorNode | undefined {
    const { refusals, behaviour } = this.#core;
    const entry = this.#table.get(peer, id);
    if (entry === undefined) {
      refusals.refuse(MultiplayerRefusal.UNKNOWN_NODE, peer, () => ({
        text: `it never announced the number ${id}, or the announcement was refused`,
        remedy: 'look for what was refused before: the node may be missing here',
      }));
      return undefined;
    }
    if (behaviour.habits.numbersPaths) return this.find(peer, entry.path);
    if (entry.node === undefined) {
      entry.node = this.find(peer, entry.path);
      if (entry.node !== undefined && !entry.isConfirmed) this.#confirm(peer, id, entry);
      return entry.node;
    }
    // 12: the first versions number paths. One that may be 4.2 means the node, if nothing is at the path.
    const atPath = this.#dialects.mayNumberPaths(peer) ? this.#look(entry.path) : undefined;
    if (atPath !== undefined && atPath !== 'outside') return atPath;
    if (entry.node.isInsideTree()) return entry.node;
    if (!entry.node.isFreed) return behaviour.callsOutside ? entry.node : this.find(peer, entry.path);
    // 4.2: the path is tried again at each use.
    const node = this.find(peer, entry.path);
    if (node !== undefined) entry.node = node;
    return node;
  }

  /** Whether a peer means by a number a node that was in the tree, and there is no other at its path now. */
  isGone(peer: number, id: number): boolean {
    const { node, path } = this.#table.get(peer, id) ?? {};
    if (node === undefined || path === undefined || node.isInsideTree()) return false;
    return (node.isFreed || !this.#core.behaviour.callsOutside) && this.#look(path) === undefined;
  }

  /** The node at a path that a peer has sent; `undefined` when there is none, which is counted. */
  find(peer: number, path: string): MirrorNode | undefined {
    const { refusals, behaviour } = this.#core;
    if (behaviour.boundsPaths && path.length > MOST_PATH) {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `a path of ${path.length} characters`);
      return undefined;
    }
    const node = this.#look(path);
    if (node === 'outside') {
      refusals.refuse(MultiplayerRefusal.OUTSIDE_ROOT, peer, () => ({
        nodePath: path,
        text: `the path ${describe(path)} leads out of the root`,
      }));
      return undefined;
    }
    if (node === undefined)
      refusals.refuse(MultiplayerRefusal.UNKNOWN_NODE, peer, () => ({
        nodePath: path,
        text: `there is no node at ${describe(path)}`,
        remedy: 'add the node to the tree here: that of the peer has it',
      }));
    return node;
  }

  /**
   * A SIMPLIFY_PATH has arrived.
   *
   * @param isLate whether it may have been sent before its peer came here: that there is no such node is nothing strange then.
   */
  receive(peer: number, bytes: Uint8Array, isLate: boolean = false): void {
    const { refusals, peers, behaviour, tables } = this.#core;
    const said = readSimplifyPath(bytes);
    if (said === undefined) {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `SIMPLIFY_PATH of ${bytes.length} bytes`);
      return;
    }
    const { checksum, id, path } = said;
    if (!peers.has(peer)) {
      // 11.2 (19): one that came through the relay from somebody we were not told of.
      refusals.refuse(
        MultiplayerRefusal.UNKNOWN_PEER,
        peer,
        () => `it is not known here, and announces ${describe(path)}`,
      );
      return;
    }
    const known = this.#table.get(peer, id);
    if (known !== undefined && !this.#mayGiveAgain(peer, known.node)) {
      refusals.refuse(
        MultiplayerRefusal.DUPLICATE_ID,
        peer,
        () => `the number ${id} is another node's already`,
      );
      return;
    }
    const node = isLate ? this.#nodeAt(path) : this.find(peer, path);
    if (node === undefined && !(this.keepsMissing && path.length <= MOST_PATH)) return;
    if (known === undefined && !this.#table.hasRoom(peer)) {
      refusals.refuse(
        MultiplayerRefusal.TOO_MANY_PATHS,
        peer,
        () => `no room for the number ${id}, ${describe(path)}`,
      );
      return;
    }
    const entry: RemotePath = { path, checksum, node, isConfirmed: false };
    // A question is not remembered: nobody calls by its number.
    if (!behaviour.asksVersions || !isProbe(id, path)) this.#table.set(peer, id, entry);
    if (node === undefined) return;
    if (!this.#isRight(node, checksum))
      refusals.refuse(MultiplayerRefusal.CHECKSUM, peer, () => checksumMismatch(node, checksum, tables));
    // 12: the form of the answer depends on the version. Another of ours that asks for it gets ours at once.
    const waits = behaviour.asksVersions && this.#dialects.isAsked(peer) && !isProbe(id, path);
    if (!waits) this.#confirm(peer, id, entry);
  }

  /** The version of a peer is known now, or another one than was thought: what it announced is confirmed in its form. */
  confirmAll(peer: number): void {
    for (const [id, entry] of this.#table.of(peer))
      if (!isProbe(id, entry.path) && entry.node !== undefined) this.#confirm(peer, id, entry);
  }

  /**
   * A peer goes elsewhere, and takes its numbers along.
   *
   * @param isGone whether the peer has a node no more: the number of it means nothing any longer.
   */
  release(peer: number, isGone: (node: MirrorNode) => boolean): Map<number, RemotePath> {
    const numbersPaths = this.#dialects.mayNumberPaths(peer);
    const ids = this.#table.take(peer);
    for (const [id, entry] of ids) {
      if (!numbersPaths && entry.node !== undefined && isGone(entry.node)) ids.delete(id);
      else entry.node = undefined;
    }
    return ids;
  }

  /** A peer comes with the numbers that it gave elsewhere. What was not confirmed there and is here is confirmed now. */
  arrive(peer: number, ids: Map<number, RemotePath>): void {
    this.#table.put(peer, ids);
    for (const [id, entry] of ids) {
      if (entry.isConfirmed || isProbe(id, entry.path)) continue;
      entry.node = this.#nodeAt(entry.path);
      if (entry.node !== undefined && !this.#dialects.isAsked(peer)) this.#confirm(peer, id, entry);
    }
  }

  /** A node leaves the tree. */
  nodeGone(node: MirrorNode): void {
    if (this.#core.behaviour.habits.forgetsGoneNodes) this.#table.forgetNode(node);
  }

  /** A peer is gone, or was admitted anew: what it announced is void. */
  forgetPeer(peer: number): void {
    this.#table.forgetPeer(peer);
  }

  /** Forgets everything. */
  clear(): void {
    this.#table.clear();
  }

  /** Whether the methods of a node are those that a peer has there. */
  #isRight(node: MirrorNode | undefined, checksum: string): boolean {
    return node === undefined || checksum === this.#core.tables.of(node).checksum;
  }

  #confirm(peer: number, id: number, entry: RemotePath): void {
    const { path } = entry;
    const isRight = this.#isRight(entry.node, entry.checksum);
    entry.isConfirmed = true;
    const answer = this.#dialects.confirmsByPath(peer)
      ? confirmPathPacket(isRight, path.replace(FINAL_SLASHES, ''))
      : confirmIdPacket(isRight, id);
    this.#core.outgoing.send(peer, TransferMode.TRANSFER_MODE_RELIABLE, 0, answer);
  }

  /** 12: up to 4.1 a number may be given again, in 4.2 once its node is gone. */
  #mayGiveAgain(peer: number, node: MirrorNode | undefined): boolean {
    const { habits, asksVersions } = this.#core.behaviour;
    if (habits.numbersPaths) return true;
    if (!asksVersions) return false;
    return (
      this.#dialects.mayNumberPaths(peer) ||
      (this.#dialects.of(peer) === '4.2' && node?.isInsideTree() !== true)
    );
  }

  #nodeAt(path: string): MirrorNode | undefined {
    const node = path.length <= MOST_PATH ? this.#look(path) : undefined;
    return node === 'outside' ? undefined : node;
  }

  #look(path: string): MirrorNode | 'outside' | undefined {
    const root = this.#core.rootNode();
    return root && findByAddress(root, path, this.#core.behaviour.confinesPaths);
  }
}

/** Up to 4.2 the path is repeated as its NodePath reads. */
const FINAL_SLASHES = /(?<=.)\/+$/;
/** Characters of a path, as it is remembered. */
const MOST_PATH = 1024;
