/**
 * SIMPLIFY_PATH and CONFIRM_PATH: telling peers which number stands for which node, and learning theirs.
 * docs/protocol/scene-multiplayer 4, 11.2 (20 to 23), 12.
 */

import type { MirrorNode } from '../../schema/index.ts';
import { GodotError, TransferMode } from '../godot/internal.ts';
import type { Core } from './core.ts';
import { findByAddress } from './nodeAddress.ts';
import { type OwnPath, OwnPaths, PathState, type RemotePath, RemotePaths } from './pathCache.ts';
import type { PeerDialects } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import {
  confirmIdPacket,
  confirmPathPacket,
  readConfirmId,
  readConfirmPath,
  readSimplifyPath,
  simplifyPathPacket,
} from './wire/systemPackets.ts';

/** The numbers of nodes in both directions, and the packets about them. */
export class NodePaths {
  readonly #core: Core;
  readonly #dialects: PeerDialects;
  readonly #own = new OwnPaths();
  readonly #remote: RemotePaths;

  constructor(core: Core, dialects: PeerDialects, maxPerPeer: number) {
    this.#core = core;
    this.#dialects = dialects;
    this.#remote = new RemotePaths(maxPerPeer);
  }

  /** The entry of a node, with its number; made when there is none. */
  own(node: MirrorNode): OwnPath {
    return this.#own.of(node);
  }

  /** Tells a peer the number of a node, unless it was told. */
  announce(node: MirrorNode, peer: number): void {
    const entry = this.#own.of(node);
    if (entry.peers.has(peer)) return;
    const { checksum } = this.#core.tables.of(node);
    const packet = simplifyPathPacket(checksum, entry.id, this.#core.addressOf(node));
    // 11.2 (11): what the transport refused was not announced.
    if (this.#core.outgoing.send(peer, RELIABLE, 0, packet) === GodotError.OK)
      entry.peers.set(peer, PathState.ANNOUNCED);
  }

  /** Whether a peer has confirmed the number of a node. */
  isConfirmed(node: MirrorNode, peer: number): boolean {
    return this.#own.find(node)?.peers.get(peer) === PathState.CONFIRMED;
  }

  /** The node that a number of a peer means now; `undefined` when there is none, which is counted. */
  resolve(peer: number, id: number): MirrorNode | undefined {
    const entry = this.#remote.get(peer, id);
    if (entry === undefined) {
      this.#core.refusals.refuse(
        MultiplayerRefusal.UNKNOWN_NODE,
        peer,
        `it never announced the number ${id}`,
      );
      return undefined;
    }
    if (!entry.node.isFreed) return entry.node;
    // 4.2: the path is tried again at each use.
    const node = this.#find(peer, entry.path);
    if (node !== undefined) entry.node = node;
    return node;
  }

  /** The node at a path of a call; `undefined` when there is none, which is counted. */
  resolvePath(peer: number, path: string): MirrorNode | undefined {
    return this.#find(peer, path);
  }

  /** A SIMPLIFY_PATH has arrived. */
  receiveSimplify(peer: number, bytes: Uint8Array): void {
    const { refusals, outgoing, peers } = this.#core;
    const said = readSimplifyPath(bytes);
    if (said === undefined) {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, `SIMPLIFY_PATH of ${bytes.length} bytes`);
      return;
    }
    const { checksum, id, path } = said;
    if (!peers.has(peer)) {
      // 11.2 (19): one that came through the relay from somebody we were not told of.
      refusals.refuse(MultiplayerRefusal.UNKNOWN_PEER, peer, `it is not known here, and announces ${path}`);
      return;
    }
    if (this.#remote.get(peer, id) !== undefined) {
      refusals.refuse(MultiplayerRefusal.DUPLICATE_ID, peer, `the number ${id} is another node's already`);
      return;
    }
    const node = this.#find(peer, path);
    if (node === undefined) return;
    if (!this.#remote.hasRoom(peer)) {
      refusals.refuse(MultiplayerRefusal.TOO_MANY_PATHS, peer, `no room for the number ${id}, ${path}`);
      return;
    }
    const isRight = checksum === this.#core.tables.of(node).checksum;
    if (!isRight) {
      const names = this.#core.tables.of(node).names.join(', ');
      refusals.refuse(MultiplayerRefusal.CHECKSUM, peer, `its methods of ${path} are not ours (${names})`);
    }
    const entry: RemotePath = { path, node };
    this.#remote.set(peer, id, entry);
    const answer = this.#dialects.confirmsByPath(peer)
      ? confirmPathPacket(isRight, path)
      : confirmIdPacket(isRight, id);
    outgoing.send(peer, RELIABLE, 0, answer);
  }

  /** A CONFIRM_PATH has arrived. */
  receiveConfirm(peer: number, bytes: Uint8Array): void {
    const { refusals } = this.#core;
    const entry = this.#confirmed(peer, bytes);
    if (entry === 'malformed') {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, `CONFIRM_PATH of ${bytes.length} bytes`);
      return;
    }
    if (bytes[1] === 0) refusals.refuse(MultiplayerRefusal.CHECKSUM, peer, 'it has other methods of a node');
    // A node that is gone meanwhile, or a number that never was: nothing to do.
    if (entry === undefined) return;
    if (!entry.peers.has(peer)) {
      refusals.refuse(
        MultiplayerRefusal.CONFIRM_UNEXPECTED,
        peer,
        `it confirms the number ${entry.id}, which it was not told`,
      );
      return;
    }
    entry.peers.set(peer, PathState.CONFIRMED);
  }

  /** A node leaves the tree. */
  nodeGone(node: MirrorNode): void {
    this.#own.forgetNode(node);
  }

  /** A peer is gone. */
  peerGone(peer: number): void {
    this.#own.forgetPeer(peer);
    this.#remote.forgetPeer(peer);
  }

  /** A peer was admitted: what it announced before is void. */
  peerCame(peer: number): void {
    this.#remote.forgetPeer(peer);
  }

  /** Forgets everything; numbers begin at 1 again. */
  clear(): void {
    this.#own.clear();
    this.#remote.clear();
  }

  #confirmed(peer: number, bytes: Uint8Array): OwnPath | undefined | 'malformed' {
    if (this.#dialects.confirmsByPath(peer)) {
      const path = readConfirmPath(bytes);
      if (path === undefined) return 'malformed';
      const root = this.#core.rootNode();
      const node = root && findByAddress(root, path, false);
      return node === undefined || node === 'outside' ? undefined : this.#own.find(node);
    }
    const id = readConfirmId(bytes);
    return id === undefined ? 'malformed' : this.#own.byId(id);
  }

  #find(peer: number, path: string): MirrorNode | undefined {
    const { refusals, behaviour } = this.#core;
    const root = this.#core.rootNode();
    const node = root && findByAddress(root, path, behaviour.confinesPaths);
    if (node === 'outside') {
      refusals.refuse(MultiplayerRefusal.OUTSIDE_ROOT, peer, `the path ${path} leads out of the root`);
      return undefined;
    }
    if (node === undefined)
      refusals.refuse(MultiplayerRefusal.UNKNOWN_NODE, peer, `there is no node at ${JSON.stringify(path)}`);
    return node;
  }
}

const RELIABLE = TransferMode.TRANSFER_MODE_RELIABLE;
