/** What a node is to the high-level multiplayer: its authority, and calls of its methods (docs/protocol/scene-multiplayer 5.1). */
import { shown } from '../values/shown.ts';
import { checkName } from './nodeArguments.ts';
import {
  type NodeMultiplayer,
  NodeRemote,
  type RpcConfig,
  type RpcConfigInput,
  type RpcHandler,
  rpcConfigOf,
} from './nodeRemote.ts';
import { TreeNode, touch, watchersOf } from './treeNode.ts';

/** A node of a tree whose methods peers can call; `N`: what the nodes of the tree are. */
export abstract class RemoteNode<N extends RemoteNode<N>> extends TreeNode<N> {
  #remote: NodeRemote | undefined;

  /** The multiplayer that it belongs to; `undefined` outside of the tree, and without one. */
  abstract get multiplayer(): NodeMultiplayer | undefined;

  /** The peer that decides about this node. Default 1, the server. */
  getMultiplayerAuthority(): number {
    return this.#remote?.authority ?? SERVER;
  }

  /**
   * Lets a peer decide about this node and, if `recursive`, about everything below it.
   * @throws RangeError for no integer of 32 bits; TypeError for a `recursive` that is neither true nor false.
   */
  setMultiplayerAuthority(id: number, recursive: boolean = true): void {
    if (!Number.isInteger(id) || id !== (id | 0))
      throw new RangeError(`"id" expected an integer of 32 bits, got ${shown(id)}`);
    if (typeof recursive !== 'boolean')
      throw new TypeError(`"recursive" expected a boolean, got ${shown(recursive)}`);
    const watchers = watchersOf(this);
    // Watchers may change the tree.
    for (const node of recursive ? [...this.walk()] : [this.self()]) {
      if (node.getMultiplayerAuthority() === id) continue;
      watchers.authorityChanges(node, id, () => {
        node.#remotely().authority = id;
        touch(node, AUTHORITY);
      });
    }
  }

  /** Whether this process decides about the node. */
  isMultiplayerAuthority(): boolean {
    return this.getMultiplayerAuthority() === (this.multiplayer?.getUniqueId() ?? SERVER);
  }

  /**
   * Lets a method be called from afar, as `Node.rpc_config`. It is read at the first RPC of the node and not again.
   *
   * @param config - Null takes the entry away.
   * @throws TypeError or RangeError naming the field.
   */
  rpcConfig(method: string, config: RpcConfigInput | null): void {
    checkName(method);
    if (config === null) this.#remote?.config.delete(method);
    else this.#remotely().config.set(method, rpcConfigOf(config));
  }

  /** What {@link MirrorNode.rpcConfig} was told, by method. */
  getNodeRpcConfig(): ReadonlyMap<string, RpcConfig> {
    return this.#remote?.config ?? NO_CONFIG;
  }

  /**
   * Calls a method of this node at all peers.
   * @returns Godot's Error number; a trace line of the multiplayer explains it.
   */
  rpc(method: string, ...args: readonly unknown[]): number {
    return this.rpcId(0, method, ...args);
  }

  /** As {@link MirrorNode.rpc}, at one peer; 0 stands for all, a negative id for all but that one. */
  rpcId(peer: number, method: string, ...args: readonly unknown[]): number {
    // 5.4: `Node.rpc` looks before the MultiplayerAPI does, and outside of the tree there is none.
    return this.multiplayer?.rpcTo(peer, this, method, args) ?? ERR_UNCONFIGURED;
  }

  /**
   * Calls a function when a peer calls a method of this node: the sender first, then the arguments.
   * @throws TypeError for no function.
   */
  onRpc(method: string, handler: RpcHandler): this {
    checkName(method);
    this.#remotely().addHandler(method, handler);
    return this;
  }

  /** Undoes {@link MirrorNode.onRpc}. */
  offRpc(method: string, handler: RpcHandler): this {
    this.#remote?.removeHandler(method, handler);
    return this;
  }

  /** The handlers of a method. For the multiplayer. @internal */
  rpcHandlers(method: string): readonly RpcHandler[] {
    return this.#remote?.handlersOf(method) ?? [];
  }

  #remotely(): NodeRemote {
    this.#remote ??= new NodeRemote();
    return this.#remote;
  }
}

/** The id of the server. */
const SERVER = 1;
const NO_CONFIG: ReadonlyMap<string, RpcConfig> = new Map();
/** Godot's number for `rpc()` without a multiplayer, which a node outside of the tree does not have either. */
const ERR_UNCONFIGURED = 3;
/** The mark that `changesSince` gives for the authority. */
const AUTHORITY = '$authority';
