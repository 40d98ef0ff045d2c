/** The tree of a mirror. */

/** A node in the tree. */
export interface SceneNodeRow {
  readonly path: string;
  readonly name: string;
  readonly class: string;
  readonly script?: string;
  /** Peer that is its authority. */
  readonly authority: number;
  readonly children: number;
  /** How deep it is; 0 is the root. */
  readonly depth: number;
  readonly isExpanded: boolean;
}

/** A property of a node. */
export interface PropertyRow {
  readonly name: string;
  /** Type of Variant. */
  readonly type: string;
  /** In Godot's notation, at most 2,000 characters. */
  readonly text: string;
}

/** A method that can be called. */
export interface MethodRow {
  readonly name: string;
  readonly mode: 'any_peer' | 'authority';
  readonly transfer: string;
  readonly channel: number;
  readonly callLocal: boolean;
  /** Types of its arguments, as far as declared. */
  readonly args?: readonly string[];
}

/** What is known of one node. */
export interface SceneNodeDetails {
  readonly node: SceneNodeRow;
  readonly properties: readonly PropertyRow[];
  readonly groups: readonly string[];
  readonly methods: readonly MethodRow[];
  /** Keys of the peers that have it, where the server knows; absent: not replicated, or not known. */
  readonly seenBy?: readonly string[];
  /** What replicates it, in words: spawners, synchronizers. */
  readonly replication: readonly string[];
}

/** See {@link SceneView}. */
export interface SceneMessage {
  readonly type: 'scene';
  readonly server: number;
  readonly room?: string;
  /** Rooms whose trees there are; absent for servers without rooms. At most 500. */
  readonly rooms?: readonly { readonly id: string; readonly kind: string }[];
  readonly nodeCount: number;
  /** The open part of the tree in its order, at most 2,000. */
  readonly rows: readonly SceneNodeRow[];
  /** Rows that are left out. */
  readonly left: number;
  /** Absent when there is no such node, or none is asked for. */
  readonly selected?: SceneNodeDetails;
}
