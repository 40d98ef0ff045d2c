/**
 * What a node is to the high-level multiplayer: its authority, the RPC configuration of its own, and who listens to its
 * calls (docs/protocol/scene-multiplayer 5.1). What sends and receives is in src/multiplayer.
 */
import { checkOptions, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import { shown } from '../values/shown.ts';

/** `MultiplayerAPI.RPCMode`: who may call a method from afar. */
export const RpcMode = {
  /** Nobody. */
  RPC_MODE_DISABLED: 0,
  /** Everybody. */
  RPC_MODE_ANY_PEER: 1,
  /** The node's authority only. */
  RPC_MODE_AUTHORITY: 2,
} as const;

/** One of the numbers of {@link RpcMode}. */
export type RpcMode = (typeof RpcMode)[keyof typeof RpcMode];

/** How a method is called from afar, as it is written: names as in `@rpc`, or Godot's numbers. */
export interface RpcConfigInput {
  /** Who may call. Without it the entry takes a place in the list of methods and nothing can be called through it. */
  readonly rpcMode?: RpcMode | 'disabled' | 'any_peer' | 'authority' | undefined;
  /** How calls travel. Default `'reliable'`, as the engine does it. */
  readonly transferMode?: 0 | 1 | 2 | 'unreliable' | 'unreliable_ordered' | 'reliable' | undefined;
  /** Whether a call to everybody runs here, too. Default false. */
  readonly callLocal?: boolean | undefined;
  /** The transfer channel. Default 0. */
  readonly channel?: number | undefined;
}

/** How a method is called from afar, with every value. */
export interface RpcConfig {
  /** Who may call; `undefined` for an entry that only takes a place. */
  readonly rpcMode: RpcMode | undefined;
  /** `MultiplayerPeer.TransferMode`. */
  readonly transferMode: 0 | 1 | 2;
  /** Whether a call to everybody runs here, too. */
  readonly callLocal: boolean;
  /** The transfer channel. */
  readonly channel: number;
}

/** Takes a remote call: the peer that called (the own id for a local call), then the arguments. */
export type RpcHandler = (sender: number, ...args: never[]) => unknown;

/** What a node can say to the multiplayer that it belongs to. `SceneMultiplayer` is one. */
export interface NodeMultiplayer {
  /** The id of this process among the peers; 0 without a connection. */
  getUniqueId(): number;
  /** The peer whose call is being handled; 0 outside of one. */
  getRemoteSenderId(): number;
  /**
   * Calls a method of a node at peers. `target`: 0 for all, a peer, or below 0 for all but that one.
   *
   * @returns Godot's Error number.
   */
  rpcTo(target: number, node: object, method: string, args: readonly unknown[]): number;
}

/** The part of a node that the multiplayer reads. */
export class NodeRemote {
  /** The peer that decides about the node. Default 1, the server. */
  authority = 1;
  /** What `rpcConfig` was told, by method. */
  readonly config: Map<string, RpcConfig> = new Map();
  readonly #handlers = new Map<string, readonly RpcHandler[]>();

  /** The handlers of a method, in order. */
  handlersOf(method: string): readonly RpcHandler[] {
    return this.#handlers.get(method) ?? [];
  }

  /** Adds a handler; one that is there already is called twice. @throws TypeError for no function. */
  addHandler(method: string, handler: RpcHandler): void {
    if (typeof handler !== 'function')
      throw new TypeError(`"handler" expected a function, got ${typeof handler}`);
    this.#handlers.set(method, [...this.handlersOf(method), handler]);
  }

  /** Takes the newest addition of a handler back. */
  removeHandler(method: string, handler: RpcHandler): void {
    const handlers = this.handlersOf(method);
    const at = handlers.lastIndexOf(handler);
    if (at >= 0)
      this.#handlers.set(
        method,
        handlers.filter((_, i) => i !== at),
      );
  }
}

/** Fills in the defaults. @param names which fields there may be. @throws TypeError or RangeError naming the field. */
export function rpcConfigOf(input: RpcConfigInput, names: object = RPC_CONFIG_NAMES): RpcConfig {
  checkOptions(input, names, 'config');
  const { rpcMode, transferMode, callLocal = false, channel = 0 } = input;
  if (typeof callLocal !== 'boolean')
    throw new TypeError(`"callLocal" expected a boolean, got ${shown(callLocal)}`);
  if (!isIntegerIn(channel, -(2 ** 31), 2 ** 31 - 1))
    throw new RangeError(`"channel" expected an integer of 32 bits, got ${shown(channel)}`);
  return {
    rpcMode: rpcMode === undefined ? undefined : numberOf('rpcMode', rpcMode, RPC_MODES),
    transferMode:
      transferMode === undefined ? RELIABLE : numberOf('transferMode', transferMode, TRANSFER_MODES),
    callLocal,
    channel,
  };
}

function numberOf(what: string, value: unknown, names: readonly string[]): 0 | 1 | 2 {
  const number = typeof value === 'string' ? names.indexOf(value) : value;
  if (number === 0 || number === 1 || number === 2) return number;
  throw new RangeError(`"${what}" expected one of ${names.join(', ')}, or 0..2, got ${shown(value)}`);
}

const RPC_MODES = ['disabled', 'any_peer', 'authority'];
const TRANSFER_MODES = ['unreliable', 'unreliable_ordered', 'reliable'];
const RELIABLE = 2;

/** The names of {@link RpcConfigInput}. */
export const RPC_CONFIG_NAMES: OptionNames<RpcConfigInput> = {
  rpcMode: true,
  transferMode: true,
  callLocal: true,
  channel: true,
};
