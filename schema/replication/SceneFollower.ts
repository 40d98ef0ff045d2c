/** The receiving side of replication: a mirror that becomes what another one is. For bots, tests and servers behind servers. */

import { Dictionary, EncodedObjectAsID, NodePath, PacketType, type VariantValue } from '../../codec/index.ts';
import { decodeNodeMetadataPacket, decodeVariantPacket } from '../../codec/internal.ts';
import type { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import { type NodeState, readNodeState } from '../mirror/nodeState.ts';
import { Spatial3D } from '../mirror/spatial.ts';
import { restoreName } from '../mirror/treeNode.ts';
import { parseType, type VariableInput } from '../mirror/variables.ts';
import { ResourceReference } from '../values/ResourceReference.ts';
import { shown } from '../values/shown.ts';
import { ReplicationEvent, textOf } from './messages.ts';

/** What became of a packet. */
export type FollowResult =
  | {
      /** The mirror follows it. */
      readonly kind: 'applied';
    }
  | {
      /** It is no packet of replication. Nothing was changed. */
      readonly kind: 'other';
    }
  | {
      /** It does not fit the mirror, e.g. because packets before it are missing. It may have been applied in part. */
      readonly kind: 'refused';
      /** Why, for people. */
      readonly message: string;
    };

/**
 * Applies the packets of {@link SceneMirror.replicate} to another mirror. The sender is trusted with all of that mirror;
 * {@link SceneMirror.apply} is for senders who are not.
 */
export class SceneFollower<M extends MirrorTree = MirrorTree> {
  /** The mirror that follows. */
  readonly mirror: M;

  /** @param mirror - Takes what arrives; nodes that are there already and arrive anew are kept. */
  constructor(mirror: M) {
    this.mirror = mirror;
  }

  /**
   * Applies a packet.
   *
   * @param packet - The bytes of a packet, e.g. from `rawPacketReceived`.
   * @returns What became of it. Never throws because of the packet.
   * @throws TypeError for anything but bytes.
   */
  receive(packet: Uint8Array): FollowResult {
    if (!(packet instanceof Uint8Array)) {
      throw new TypeError(`"packet" expected a Uint8Array, got ${shown(packet)}`);
    }
    try {
      if (packet[0] === PacketType.NODE) return this.#receiveNode(packet);
      if (packet[0] !== PacketType.VARIANT) return OTHER;
      const value = decodeVariantPacket(packet, { exact: true });
      return value instanceof Dictionary ? this.#receiveEvent(value) : OTHER;
    } catch (error) {
      if (error instanceof Refusal || error instanceof TypeError || error instanceof RangeError) {
        return { kind: 'refused', message: error.message };
      }
      throw error;
    }
  }

  #receiveNode(packet: Uint8Array): FollowResult {
    const state = readNodeState(decodeNodeMetadataPacket(packet, { exact: true }));
    if (state === undefined) return OTHER;
    const node = this.#find(state.path);
    if (node.class !== state.class) {
      throw new Refusal(`${shown(state.path.toString())} is of class ${node.class}, not ${state.class}`);
    }
    applyState(node, state);
    return APPLIED;
  }

  #receiveEvent(event: Payload): FollowResult {
    switch (textOf(event.get('_event'))) {
      case ReplicationEvent.ADDED:
        this.#add(event);
        return APPLIED;
      case ReplicationEvent.REMOVED:
        this.#find(event.get('path')).remove();
        return APPLIED;
      case ReplicationEvent.MOVED:
        this.#move(event);
        return APPLIED;
      case ReplicationEvent.CHANGED:
        applyDetails(this.#find(event.get('path')), event);
        return APPLIED;
      case ReplicationEvent.ORDERED: {
        const parent = this.#find(event.get('path'));
        for (const name of textsOf(event.get('names'))) {
          const child = parent.findChild(name);
          if (child !== undefined) parent.moveChild(child, -1);
        }
        return APPLIED;
      }
      default:
        return OTHER;
    }
  }

  #add(event: Payload): void {
    const path = event.get('path');
    if (!(path instanceof NodePath)) throw new Refusal('"path" is no NodePath');
    const name = path.names.at(-1);
    const className = textOf(event.get('class'));
    if (name === undefined || className === undefined) throw new Refusal('"path" or "class" is missing');
    const parent = this.#find(new NodePath(path.names.slice(0, -1), [], path.absolute));
    let node = parent.findChild(name);
    if (node !== undefined && node.class !== className) {
      node.remove();
      node = undefined;
    }
    if (node === undefined) {
      node = parent.addChild({ name: name.replaceAll('@', '_'), class: className, ...declaredOf(event) });
      giveName(node, name);
    }
    const scene = textOf(event.get('scene')) ?? '';
    node.instance = scene === '' ? undefined : scene;
    for (const entry of node.getMetaList()) node.removeMeta(entry);
    placeAfter(parent, node, textOf(event.get('after')) ?? '');
    applyDetails(node, event);
  }

  #move(event: Payload): void {
    const node = this.#find(event.get('path'));
    const parent = this.#find(event.get('parent'));
    const name = textOf(event.get('name'));
    if (name === undefined) throw new Refusal('"name" is no text');
    if (node.getParent() !== parent) node.reparent(parent, false);
    giveName(node, name);
  }

  #find(path: unknown): MirrorNode {
    const node = path instanceof NodePath && path.absolute ? this.mirror.getNode(path) : undefined;
    if (node === undefined) throw new Refusal(`there is no node at ${shown(String(path))}`);
    return node;
  }
}

type Payload = Dictionary<VariantValue, VariantValue>;

class Refusal extends Error {}

function applyState(node: MirrorNode, { properties, transform }: NodeState): void {
  for (const [key, value] of properties ?? []) {
    const name = textOf(key);
    // Ids of objects mean nothing here.
    if (name === undefined || value instanceof EncodedObjectAsID) continue;
    if (transform !== undefined && PLACE.has(name)) continue;
    node.set(name, value);
  }
  if (transform === undefined) return;
  if (transform.dimensions === 3) {
    node.set('transform', transform.transform);
    if (node.spatial instanceof Spatial3D) {
      node.spatial.restore(transform.transform, transform.rotation, transform.scale);
    }
    return;
  }
  node.set('position', transform.position);
  node.set('rotation', transform.rotation);
  node.set('scale', transform.scale);
}

function applyDetails(node: MirrorNode, event: Payload): void {
  const groups = textsOf(event.get('groups'));
  for (const group of node.getGroups()) if (!groups.includes(group)) node.removeFromGroup(group);
  for (const group of groups) node.addToGroup(group);
  for (const [name, path] of pairsOf(event.get('resources'))) {
    if (name === 'script') node.set('script', path);
    else node.set(name, new ResourceReference('ExtResource', '', { path }));
  }
  const declared = new Set(node.scriptVariables().map((info) => info.name));
  for (const [name, type] of pairsOf(event.get('variables'))) {
    if (!declared.has(name)) node.declareVariable({ name, type });
  }
  const owner = event.get('owner');
  if (!(owner instanceof NodePath)) return;
  const above = owner.names.length === 0 ? undefined : node.mirror.getNode(owner);
  node.owner = above?.isAncestorOf(node) === true ? above : undefined;
}

/** For classes that the sender's table does not have. */
function declaredOf(event: Payload): { base?: string; declared?: VariableInput[] } {
  if (!event.has('declared')) return {};
  const base = textOf(event.get('base')) ?? '';
  const declared = pairsOf(event.get('declared')).map(([name, type]) => {
    parseType(type);
    return { name, type };
  });
  return { ...(base === '' ? {} : { base }), declared };
}

/** Names that the engine made up (`@Node2D@2`) are kept as well. */
function giveName(node: MirrorNode, name: string): void {
  if (node.name === name) return;
  if (!name.includes('@')) {
    if (node.rename(name) !== name) throw new Refusal(`the name ${shown(name)} is taken`);
    return;
  }
  const parent = node.getParent();
  if (parent?.findChild(name) !== undefined) throw new Refusal(`the name ${shown(name)} is taken`);
  const index = parent?.getChildren().indexOf(node) ?? -1;
  restoreName(node, name);
  if (index >= 0) parent?.moveChild(node, index);
}

function placeAfter(parent: MirrorNode, node: MirrorNode, after: string): void {
  const others = parent.getChildren().filter((child) => child !== node);
  const index = others.findIndex((child) => child.name === after) + 1;
  if (parent.getChild(index) !== node) parent.moveChild(node, index);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => textOf(item) ?? []) : [];
}

function pairsOf(value: unknown): [string, string][] {
  if (!(value instanceof Dictionary)) return [];
  return Array.from(value as Payload).flatMap(([key, item]) => {
    const name = textOf(key);
    const text = textOf(item);
    return name === undefined || text === undefined ? [] : [[name, text] as [string, string]];
  });
}

const APPLIED: FollowResult = { kind: 'applied' };
const OTHER: FollowResult = { kind: 'other' };
const PLACE: ReadonlySet<string> = new Set(['position', 'rotation', 'scale', 'transform']);
