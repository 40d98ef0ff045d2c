/** A scene tree without an engine: live nodes, as JSON and as packets, and of the scenes of a project (docs/guide/scene-mirror). */
import { checkOptions, type OptionNames } from '../options/internal.ts';
import { documentOf, fillFromDocument } from './document/documentConversion.ts';
import { type RestoreOptions, restoreDocument } from './document/restoreDocument.ts';
import type { SceneDocument } from './document/sceneDocument.ts';
import { type ApplyLimits, type ApplyResult, applyPacket } from './mirror/applyState.ts';
import { linkOf, MIRROR_OPTION_NAMES, MirrorTree, type MirrorTreeOptions } from './mirror/MirrorTree.ts';
import type { MirrorNode } from './mirror/mirrorNode.ts';
import { list, type NamedValues, type NodeInput, pairs, populate } from './mirror/nodeInput.ts';
import { checkedFiles, type ProjectFiles } from './project/projectFiles.ts';
import { SceneLibrary } from './project/sceneLibrary.ts';
import type { ReplicationPeer, ReplicationServer } from './replication/link.ts';
import type { ReplicationOptions } from './replication/options.ts';
import type { Replication } from './replication/Replication.ts';
import { replicate } from './replication/replicate.ts';
import type { SceneTextIssue } from './tscn/SceneTextError.ts';

/** How a {@link SceneMirror} is made. Every option may be left out. */
export interface SceneMirrorOptions extends MirrorTreeOptions {
  /**
   * The files of the Godot project: gives the text of a `res://` path, or `undefined` when there is none.
   * {@link SceneMirror.instantiate} makes nodes of its scenes; `readFromFolder` of `godot-enet/multiplayer` reads a folder.
   */
  readonly resources?: ProjectFiles | undefined;
  /** Called where a scene of the project was not taken as written, with file and line. Once for each scene. */
  readonly onSceneIssue?: ((issue: SceneTextIssue) => void) | undefined;
}

/** What {@link SceneMirror.instantiate} changes of a scene's first node. Every field may be left out. */
export interface InstanceInput {
  /** Another name; characters that names cannot have become `_`. */
  readonly name?: string | undefined;
  /** Properties to set, in this order, as by {@link MirrorNode.set}. */
  readonly properties?: NamedValues | undefined;
  /** Metadata, in this order. */
  readonly metadata?: NamedValues | undefined;
  /** Groups besides those of the scene. */
  readonly groups?: Iterable<string> | undefined;
}

/**
 * A mirror of a Godot scene tree. `root` is what the engine calls `/root`; nodes are added below it.
 *
 * Nothing in it does I/O or keeps time. The network does not change it unless a packet is given to {@link SceneMirror.apply}.
 */
export class SceneMirror extends MirrorTree {
  readonly #library: SceneLibrary | undefined;

  /** @throws TypeError or RangeError for a bad option. */
  constructor(options: SceneMirrorOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    const { resources, onSceneIssue, ...rest } = options;
    checkFunction('resources', resources);
    checkFunction('onSceneIssue', onSceneIssue);
    super(rest);
    if (resources === undefined) return;
    const make = (input: NodeInput): MirrorNode => populate(linkOf(this), input);
    this.#library = new SceneLibrary({
      mirror: this,
      make,
      files: checkedFiles(resources),
      onIssue: onSceneIssue,
    });
  }

  /**
   * Makes a mirror of what {@link SceneMirror.toJSON} wrote, or of any scene document: one whose root is no Window comes
   * below `/root`.
   *
   * @param document - Parsed JSON; checked.
   * @throws SceneError that names the JSON path and what was expected; TypeError or RangeError for a bad option.
   */
  static fromJSON(document: unknown, options: SceneMirrorOptions = {}): SceneMirror {
    const mirror = new SceneMirror(options);
    const library = mirror.#library;
    fillFromDocument(mirror, document, {
      make: (input) => populate(linkOf(mirror), input),
      value: library === undefined ? undefined : (json, path) => library.value(json, path),
    });
    return mirror;
  }

  /**
   * Makes the nodes of a scene of the project, as `load(path).instantiate()` of the engine: with the scenes that it contains or
   * inherits from, groups, owners, scripts and replication configurations. The files are read once, at the first instance.
   * `addChild` brings the node into the tree.
   *
   * @param path - The `res://` path of a text scene, or its `uid://`.
   * @param overrides - What is changed of its first node.
   * @returns The scene's first node, without parent; its `instance` is the path.
   * @throws SceneTextError with file, line and column for a file that is not there or is malformed, and for scenes that contain
   *   each other; RangeError without the option `resources`; TypeError or RangeError for a bad argument.
   */
  instantiate(path: string, overrides: InstanceInput = {}): MirrorNode {
    if (typeof path !== 'string') throw new TypeError(`"path" expected a string, got ${typeof path}`);
    checkOptions(overrides, INSTANCE_NAMES, 'overrides', 'field');
    if (this.#library === undefined)
      throw new RangeError('"resources" expected the files of the project, to make nodes of a scene');
    const node = this.#library.instantiate(path);
    const { name, properties, metadata, groups } = overrides;
    if (name !== undefined) node.rename(name);
    for (const [property, value] of pairs(properties, 'properties')) node.set(property, value);
    for (const [entry, value] of pairs(metadata, 'metadata')) node.setMeta(entry, value);
    for (const group of list(groups, 'groups')) node.addToGroup(group);
    return node;
  }

  /**
   * The `res://` path of a `uid://` text, as `ResourceUID.ensure_path`; `''` for one that the project does not have. Any other
   * text is given back as it is.
   */
  ensurePath(pathOrUid: string): string {
    if (typeof pathOrUid !== 'string')
      throw new TypeError(`"pathOrUid" expected a string, got ${typeof pathOrUid}`);
    if (this.#library !== undefined) return this.#library.ensurePath(pathOrUid);
    return pathOrUid.startsWith('uid://') ? '' : pathOrUid;
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
   * Makes this tree what {@link SceneMirror.toJSON} of another one wrote. Nodes that are there by name and class stay, with their scripts and
   * handlers, and get the values of the document; those that are missing are made, those that the document does not have are freed.
   *
   * @param document - Parsed JSON; checked.
   * @throws SceneError that names the JSON path and what was expected; the tree is somewhere in between then. RangeError for a bad option.
   */
  restore(document: unknown, options: RestoreOptions = {}): void {
    checkOptions(options, RESTORE_NAMES);
    const library = this.#library;
    restoreDocument(this, document, {
      ...options,
      make: (input) => populate(linkOf(this), input),
      value: library === undefined ? undefined : (json, path) => library.value(json, path),
    });
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

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`"${name}" expected a function, got ${typeof value}`);
}

const OPTION_NAMES: OptionNames<SceneMirrorOptions> = {
  ...MIRROR_OPTION_NAMES,
  resources: true,
  onSceneIssue: true,
};
const RESTORE_NAMES: OptionNames<RestoreOptions> = { add: true, keeps: true };
const INSTANCE_NAMES: OptionNames<InstanceInput> = {
  name: true,
  properties: true,
  metadata: true,
  groups: true,
};
