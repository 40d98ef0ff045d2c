/** Nodes, scenes and scripts with the types that a project declares. What `godot-enet types` writes is made of these. */
import type { MirrorNode, NodeValue } from '../../schema/index.ts';
import { NodeScript } from '../multiplayer/index.ts';
import type { GodotInput, GodotInputs, GodotValue } from './godotTypes.ts';

/** What a script declares, in types: made by `godot-enet types`. */
export interface ScriptTypes {
  /** The arguments of its RPCs, by the names that GDScript has for their types. */
  readonly rpcs: { readonly [method: string]: readonly (string | undefined)[] };
  /** The types of its variables, likewise. */
  readonly variables: { readonly [name: string]: string };
}

/** A node without a script. */
export interface NoScript extends ScriptTypes {
  /** None. */
  readonly rpcs: Readonly<Record<never, never>>;
  /** None. */
  readonly variables: Readonly<Record<never, never>>;
}

/** A node of a class with a script: its RPCs and variables have types. */
export interface TypedNode<C extends string, T extends ScriptTypes = NoScript> extends MirrorNode {
  /** {@link MirrorNode.class}. */
  get class(): C;
  /** {@link MirrorNode.rpc}, of a method that the script has, with its arguments. */
  rpc<M extends keyof T['rpcs'] & string>(method: M, ...args: GodotInputs<T['rpcs'][M]>): number;
  /** {@link MirrorNode.rpcId}, of a method that the script has, with its arguments. */
  rpcId<M extends keyof T['rpcs'] & string>(
    peer: number,
    method: M,
    ...args: GodotInputs<T['rpcs'][M]>
  ): number;
  /** {@link MirrorNode.get}. */
  get<N extends string>(
    name: N,
  ): N extends keyof T['variables'] ? GodotValue<T['variables'][N]> : NodeValue | undefined;
  /** {@link MirrorNode.set}. */
  set<N extends string>(
    name: N,
    value: N extends keyof T['variables'] ? GodotInput<T['variables'][N]> : unknown,
  ): void;
}

/** The nodes of a scene by their paths; `.` is the first one. */
export interface SceneTypes {
  /** The first node. */
  readonly '.': MirrorNode;
}

/** The first node of a scene. Nodes at the paths of the scene have types. */
export type TypedScene<S extends SceneTypes> = {
  /** A node of the scene. {@link MirrorNode.getNode} for other paths. */
  getNode<P extends keyof S & string>(path: P): S[P];
} & S['.'];

/**
 * The first node of a scene with types; nothing is checked.
 *
 * @param node - What `mirror.instantiate` of that scene gave.
 */
export function asScene<S extends SceneTypes>(node: MirrorNode): TypedScene<S> {
  // The types say what the files of the project say; `godot-enet types --check` holds them together.
  return node as TypedScene<S>;
}

/** A {@link NodeScript} whose calls have types. */
export abstract class TypedScript<C extends string, T extends ScriptTypes> extends NodeScript {
  /** The node. */
  declare readonly node: TypedNode<C, T>;

  /** {@link NodeScript.rpc}, of a method that the script has, with its arguments. */
  override rpc<M extends keyof T['rpcs'] & string>(method: M, ...args: GodotInputs<T['rpcs'][M]>): number {
    return super.rpc(method, ...args);
  }

  /** {@link NodeScript.rpcId}, of a method that the script has, with its arguments. */
  override rpcId<M extends keyof T['rpcs'] & string>(
    peer: number,
    method: M,
    ...args: GodotInputs<T['rpcs'][M]>
  ): number {
    return super.rpcId(peer, method, ...args);
  }
}
