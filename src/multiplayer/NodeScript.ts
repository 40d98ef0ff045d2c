/** The base of scripts in TypeScript, as a script in GDScript extends a node class. */
import type { VariantValue } from '../../codec/index.ts';
import type { MirrorNode, RpcDeclaration, RpcDeclarations, ScriptInstance } from '../../schema/index.ts';
import { SceneMultiplayer } from './SceneMultiplayer.ts';

/** A word of `@rpc`. */
export type RpcWord =
  | 'any_peer'
  | 'authority'
  | 'call_local'
  | 'call_remote'
  | 'reliable'
  | 'unreliable'
  | 'unreliable_ordered';

/** An RPC that can be told the types of its arguments. */
export interface RpcBuilder extends RpcDeclaration {
  /**
   * The declared types of the arguments, as GDScript writes them: `'int'`, `'Vector2'`, `'Array[String]'`, `'Variant'`. Calls with
   * others are refused before the method runs.
   */
  args(...types: readonly string[]): RpcDeclaration;
}

/**
 * Declares an RPC as `@rpc` does: up to three words in any order, then the channel.
 *
 * @throws TypeError or RangeError for an unknown word, or two of one kind, as GDScript refuses them.
 */
export function rpc(...words: readonly (RpcWord | number)[]): RpcBuilder {
  let rpcMode: 'any_peer' | 'authority' | undefined;
  let callLocal: boolean | undefined;
  let transferMode: 'reliable' | 'unreliable' | 'unreliable_ordered' | undefined;
  let channel: number | undefined;
  for (const word of words) {
    if (typeof word === 'number') {
      if (channel !== undefined) throw new RangeError('rpc: expected one channel, got two');
      channel = word;
    } else if (word === 'any_peer' || word === 'authority') {
      if (rpcMode !== undefined)
        throw new RangeError(`rpc: expected one of any_peer and authority, got ${word}, too`);
      rpcMode = word;
    } else if (word === 'call_local' || word === 'call_remote') {
      if (callLocal !== undefined)
        throw new RangeError(`rpc: expected one of call_local and call_remote, got ${word}, too`);
      callLocal = word === 'call_local';
    } else if (word === 'reliable' || word === 'unreliable' || word === 'unreliable_ordered') {
      if (transferMode !== undefined)
        throw new RangeError(`rpc: expected one transfer mode, got ${word}, too`);
      transferMode = word;
    } else {
      throw new TypeError(`rpc: expected a word of @rpc or a channel, got ${String(word)}`);
    }
  }
  const declaration: RpcDeclaration = { rpcMode: rpcMode ?? 'authority', transferMode, callLocal, channel };
  const args: RpcBuilder['args'] = (...types) => ({ ...declaration, argumentTypes: types });
  // Not among the fields of the declaration, which are checked by name.
  return Object.defineProperty({ ...declaration, args }, 'args', { enumerable: false });
}

/**
 * What a node does, in TypeScript. Register the class at the mirror; every node that carries the script gets an instance.
 *
 * ```ts
 * class Game extends NodeScript {
 *   static override readonly path = 'res://game.gd';
 *   static override readonly rpcs = { say: rpc('any_peer').args('String') };
 *   say(text: string): void {
 *     this.rpc('said', this.multiplayer.getRemoteSenderId(), text);
 *   }
 * }
 * ```
 */
export abstract class NodeScript implements ScriptInstance {
  /** The path of the script that it stands for. */
  static readonly path: string = '';
  /** Its RPCs by name; those of base classes are taken over. */
  static readonly rpcs: RpcDeclarations = {};
  /** The node. */
  readonly node: MirrorNode;

  /** @param node the node that carries the script. */
  constructor(node: MirrorNode) {
    this.node = node;
  }

  /**
   * The multiplayer that the node belongs to.
   * @throws Error when there is none: outside of the tree, or before a SceneMultiplayer was made.
   */
  get multiplayer(): SceneMultiplayer {
    const { multiplayer } = this.node;
    if (!(multiplayer instanceof SceneMultiplayer))
      throw new Error(`${this.node.name} belongs to no SceneMultiplayer`);
    return multiplayer;
  }

  /** {@link MirrorNode.rpc} of the node. */
  rpc(method: string, ...args: readonly unknown[]): number {
    return this.node.rpc(method, ...args);
  }

  /** {@link MirrorNode.rpcId} of the node. */
  rpcId(peer: number, method: string, ...args: readonly unknown[]): number {
    return this.node.rpcId(peer, method, ...args);
  }

  /** Called once, when the node and everything below it have entered the tree. */
  _ready(): void {}

  /** Called at every step; `delta` in seconds. */
  _process(delta: number): void {
    void delta;
  }

  /**
   * Called when a state of a synchronizer of the node has arrived and was set: by property path, as the configuration names them, and
   * who sent it. A client's own synchronizer (its input) on a server, for example.
   */
  _synchronized(values: ReadonlyMap<string, VariantValue>, sender: number): void {
    void values;
    void sender;
  }

  /** Called when the node enters the tree. */
  _enterTree(): void {}

  /** Called when the node leaves the tree. */
  _exitTree(): void {}
}
