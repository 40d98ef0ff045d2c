/** A scene tree without an engine: live nodes, as JSON and as packets (docs/guide/scene-mirror). */
import { documentOf, fillFromDocument } from './document/documentConversion.ts';
import type { SceneDocument } from './document/sceneDocument.ts';
import { type ApplyLimits, type ApplyResult, applyPacket } from './mirror/applyState.ts';
import { linkOf, MirrorTree, type SceneMirrorOptions } from './mirror/MirrorTree.ts';
import { populate } from './mirror/nodeInput.ts';
import type { ReplicationPeer, ReplicationServer } from './replication/link.ts';
import type { ReplicationOptions } from './replication/options.ts';
import type { Replication } from './replication/Replication.ts';
import { replicate } from './replication/replicate.ts';

/**
 * A mirror of a Godot scene tree. `root` is what the engine calls `/root`; nodes are added below it.
 *
 * Nothing in it does I/O or keeps time. The network does not change it unless a packet is given to {@link SceneMirror.apply}.
 */
export class SceneMirror extends MirrorTree {
  /**
   * Makes a mirror of what {@link SceneMirror.toJSON} wrote, or of any scene document: one whose root is no Window comes
   * below `/root`.
   *
   * @param document - Parsed JSON; checked.
   * @throws SceneError that names the JSON path and what was expected; TypeError or RangeError for a bad option.
   */
  static fromJSON(document: unknown, options: SceneMirrorOptions = {}): SceneMirror {
    const mirror = new SceneMirror(options);
    fillFromDocument(mirror, document, (input) => populate(linkOf(mirror), input));
    return mirror;
  }

  /**
   * The whole tree as a document of `schema/scene.schema.json`. `_serializeForNetwork` hooks are functions and not in it.
   *
   * @returns Plain objects of the caller's; `JSON.stringify(mirror)` writes them.
   */
  toJSON(): SceneDocument {
    return documentOf(this);
  }

  /**
   * Applies a node packet to the node that it names: whole, or not at all.
   *
   * @param packet - A NODE packet, or the Dictionary that one decodes to.
   * @param limits - Which paths, classes and properties may be touched. Without them nothing is allowed.
   * @returns What was done, or why not, with a stable reason code. Never throws because of the packet; what a
   *   listener throws comes out when the packet is applied and everybody was told.
   */
  apply(packet: unknown, limits: ApplyLimits): ApplyResult {
    return applyPacket(this, packet, limits, (change) => linkOf(this).during(change));
  }

  /**
   * Sends the tree to the authenticated peers of a server: whole to newcomers, and then what changes, at a rate.
   * docs/guide/replication.md.
   *
   * @param server - An `ENetServer`, or anything with a `replicationLink`.
   * @returns What stops it. A mirror can be replicated several times, to several servers.
   * @throws TypeError or RangeError for a bad option.
   */
  replicate<P extends ReplicationPeer>(
    server: ReplicationServer<P>,
    options: ReplicationOptions<P> = {},
  ): Replication<P> {
    return replicate(this, server, options);
  }
}
