/** What a client has of the game: plain values, which stay as they are while the game goes on. */
import { Dictionary, Float, NodePath, StringName } from '../../../codec/index.ts';
import { type MirrorNode, replicationConfigOf, type SceneMirror } from '../../../schema/index.ts';

/** A node as a client has it. */
export interface SeenNode {
  /** Its class in Godot. */
  readonly class: string;
  /** Who its authority is, where that is not the server. */
  readonly authority?: number;
  /** What its synchronizers, or those of other nodes, keep the same: by name. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A call that a client got from the server or, by its relay, from another client. */
export interface SeenCall {
  /** The peer that called. */
  readonly from: number;
  /** Of the node. */
  readonly path: string;
  /** Its name. */
  readonly method: string;
  /** As they arrived. */
  readonly args: readonly unknown[];
}

/** What a player sees: of `TestPlayer.sees`. Integers are numbers, where they are exact; names and paths are texts. */
export interface Sight {
  /** Whether it is connected, as its client believes. */
  readonly isConnected: boolean;
  /** The peers that its game knows, the server (1) among them, in ascending order. */
  readonly peers: readonly number[];
  /** The nodes below `/root` by their paths, in the order of the tree. */
  readonly nodes: Readonly<Record<string, SeenNode>>;
  /** The calls that it got since it joined or returned, the oldest first. */
  readonly calls: readonly SeenCall[];
}

/** The nodes of a mirror. */
export function nodesOf(mirror: SceneMirror): Record<string, SeenNode> {
  const nodes = [...mirror.root.walk()].filter((node) => node !== mirror.root);
  const values = new Map<MirrorNode, Record<string, unknown>>();
  for (const synchronizer of nodes)
    if (synchronizer.isClass('MultiplayerSynchronizer')) addValues(synchronizer, values);
  const seen: Record<string, SeenNode> = {};
  for (const node of nodes) {
    const authority = node.getMultiplayerAuthority();
    const own = values.get(node);
    seen[node.getPath().toString()] = {
      class: node.class,
      ...(authority === 1 ? {} : { authority }),
      ...(own === undefined ? {} : { values: own }),
    };
  }
  return seen;
}

/** A value as it is compared in tests. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof StringName || value instanceof NodePath) return value.toString();
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Dictionary)
    return Object.fromEntries([...value].map(([key, item]) => [String(plain(key)), plain(item)]));
  return value;
}

function addValues(synchronizer: MirrorNode, values: Map<MirrorNode, Record<string, unknown>>): void {
  const rootPath = synchronizer.get('root_path');
  const root = rootPath instanceof NodePath ? synchronizer.getNode(rootPath) : synchronizer.getParent();
  for (const path of replicationConfigOf(synchronizer)?.getProperties() ?? []) {
    const [name = '', ...parts] = path.toString().split(':');
    const node = root?.getNode(name);
    if (node === undefined) continue;
    const own = values.get(node) ?? {};
    values.set(node, own);
    own[parts.join(':')] = plain(node.getIndexed(parts.join(':')));
  }
}
