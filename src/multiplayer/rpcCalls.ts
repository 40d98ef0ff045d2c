/** RPCs in both directions. docs/protocol/scene-multiplayer 5, 11.1 (1 to 3), 11.2 (24 to 28). */
import type { DecodeOptions, VariantInput, VariantValue } from '../../codec/index.ts';
import { type MirrorNode, type PropertyInfo, RpcMode } from '../../schema/index.ts';
import { checkedValue, givenValue, parseType } from '../../schema/internal.ts';
import {
  type ErrorReporter,
  GodotError,
  godotErrorName,
  MultiplayerConnectionStatus,
} from '../godot/index.ts';
import { callGuarded } from '../godot/internal.ts';
import type { Core } from './core.ts';
import { isOfLatest, withDeclaredContainers } from './declaredContainers.ts';
import type { RefusalDetail } from './diagnosis.ts';
import { pathOf } from './nodeAddress.ts';
import type { PeerBudget } from './peerBudget.ts';
import type { PeerDialects } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import type { RemotePaths } from './remotePaths.ts';
import { unknownMethod } from './rpcMismatch.ts';
import type { RpcSender } from './rpcSender.ts';
import type { RpcMethod } from './rpcTable.ts';
import { NODE_METHOD_BIT } from './wire/protocol.ts';
import { readArguments, readCall } from './wire/remoteCall.ts';

/** Sends and receives calls of methods of nodes. */
export class RpcCalls {
  readonly #core: Core;
  readonly #sender: RpcSender;
  readonly #remotePaths: RemotePaths;
  readonly #dialects: PeerDialects;
  readonly #budget: PeerBudget;
  readonly #report: ErrorReporter;
  readonly #exact: boolean;
  /** How all peers are read, unless an engine is imitated: always the same object, which the codec checks once. */
  readonly #reading: DecodeOptions;

  constructor(
    core: Core,
    sender: RpcSender,
    remotePaths: RemotePaths,
    dialects: PeerDialects,
    budget: PeerBudget,
    report: ErrorReporter,
    exact: boolean,
  ) {
    this.#core = core;
    this.#sender = sender;
    this.#remotePaths = remotePaths;
    this.#dialects = dialects;
    this.#budget = budget;
    this.#report = report;
    this.#exact = exact;
    this.#reading = { exact };
  }

  /** 5.4: checks a call, sends it, and makes it here when it is meant for here, too. */
  call(target: number, node: MirrorNode, method: string, args: readonly unknown[]): GodotError {
    const { outgoing, tables } = this.#core;
    const { transport } = outgoing;
    const where = `rpc ${method}`;
    if (transport === undefined)
      return this.#refuse(where, 'there is no multiplayer peer', GodotError.ERR_UNCONFIGURED);
    if (!node.isInsideTree())
      return this.#refuse(where, 'the node is not in the tree', GodotError.ERR_INVALID_PARAMETER);
    if (transport.getConnectionStatus() !== MultiplayerConnectionStatus.CONNECTION_CONNECTED)
      return this.#refuse(where, 'the multiplayer peer is not connected', GodotError.ERR_CONNECTION_ERROR);
    const found = tables.of(node).byName(method);
    if (found === undefined) {
      return this.#refuse(
        where,
        `${node.getPath().toString()} has no RPC of this name (it has: ${tables.of(node).names.join(', ') || 'none'})`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    }
    const own = transport.getUniqueId();
    if (target === own && !found.config.callLocal) {
      return this.#refuse(where, 'a call to oneself needs call_local', GodotError.ERR_INVALID_PARAMETER);
    }
    if (target !== own) {
      const declared = infosOf(found.declared?.argumentTypes ?? NONE);
      const error = this.#sender.send(
        target,
        node,
        found,
        this.#core.behaviour.typesContainers
          ? withDeclaredContainers(args as readonly VariantInput[], declared)
          : (args as readonly VariantInput[]),
        this.#core.behaviour.typesContainers && isOfLatest(declared),
      );
      if (error !== GodotError.OK) return error;
    }
    const isMeantForHere = target === 0 || target === own || (target < 0 && target !== -own);
    if (found.config.callLocal && isMeantForHere) this.#runLocally(own, node, found, args);
    return GodotError.OK;
  }

  /** A REMOTE_CALL has arrived. */
  receive(peer: number, bytes: Uint8Array): void {
    const { counters } = this.#core;
    counters.callsReceived++;
    if (!this.#handle(peer, bytes)) counters.callsRefused++;
  }

  /** A peer calls in another way than by a REMOTE_CALL, with the same rights. @returns whether somebody handles it. */
  callFrom(peer: number, node: MirrorNode, name: string, args: readonly VariantValue[]): boolean {
    const { refusals, tables, counters } = this.#core;
    counters.callsReceived++;
    const method = tables.of(node).byName(name);
    const before = this.#core.remoteSender;
    this.#core.remoteSender = peer;
    let isHandled = false;
    if (method === undefined)
      refusals.refuse(MultiplayerRefusal.UNKNOWN_METHOD, peer, () => `${pathOf(node)} has no such RPC`);
    else if (!mayCall(peer, node, method))
      refusals.refuse(MultiplayerRefusal.NOT_ALLOWED, peer, () => notAllowed(node, method));
    else {
      this.#core.traffic.called('in', peer, node, method, args);
      isHandled = this.#run(peer, node, method, args);
    }
    this.#core.remoteSender = before;
    if (!isHandled) counters.callsRefused++;
    return isHandled;
  }

  /** @returns whether somebody handles it. */
  #handle(peer: number, bytes: Uint8Array): boolean {
    const { refusals, tables, behaviour } = this.#core;
    if (!this.#budget.take(peer, 1)) {
      refusals.refuse(MultiplayerRefusal.CALL_BUDGET, peer, 'a call is dropped: more than maxCallsPerSec');
      return false;
    }
    const call = readCall(bytes);
    if (typeof call === 'string') {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `a call: ${call}`);
      return false;
    }
    const node =
      call.path === undefined
        ? this.#remotePaths.resolve(peer, call.nodeId)
        : this.#remotePaths.find(peer, call.path);
    if (node === undefined) return false;
    const method = tables.of(node).byId(call.methodId);
    const at = pathOf(node);
    if (method === undefined) {
      refusals.refuse(MultiplayerRefusal.UNKNOWN_METHOD, peer, () =>
        unknownMethod(node, call.methodId, tables),
      );
      return false;
    }
    if (!mayCall(peer, node, method)) {
      refusals.refuse(MultiplayerRefusal.NOT_ALLOWED, peer, () => notAllowed(node, method));
      return false;
    }
    // The latest reads what all write; only an engine that is imitated misreads what is newer than itself.
    const dialect = behaviour.asksVersions ? undefined : this.#dialects.of(peer);
    const read = readArguments(
      bytes,
      call,
      dialect === undefined ? this.#reading : { ...this.#reading, dialect },
    );
    if (typeof read === 'string') {
      refusals.refuse(MultiplayerRefusal.MALFORMED, peer, () => `a call of ${method.name} of ${at}: ${read}`);
      return false;
    }
    if (read.damage !== undefined) {
      refusals.refuse(MultiplayerRefusal.DAMAGED_ARGUMENTS, peer, () => ({
        nodePath: at,
        method: method.name,
        text: `a call of ${method.name} of ${at}: ${read.damage}`,
      }));
      if (behaviour.refusesDamage) return false;
    }
    this.#core.traffic.called('in', peer, node, method, read.values);
    return this.#run(peer, node, method, read.values);
  }

  #runLocally(own: number, node: MirrorNode, method: RpcMethod, args: readonly unknown[]): void {
    const before = this.#core.remoteSender;
    this.#core.remoteSender = own;
    this.#run(own, node, method, args as readonly VariantValue[]);
    this.#core.remoteSender = before;
  }

  /** Finds who handles a call: the script, the handlers of the node, or a native setter. @returns whether there is one. */
  #run(sender: number, node: MirrorNode, method: RpcMethod, args: readonly VariantValue[]): boolean {
    const { refusals } = this.#core;
    const at = pathOf(node);
    const about = { nodePath: at, method: method.name };
    const fitting = this.#fit(method, args);
    if (typeof fitting === 'string') {
      refusals.refuse(MultiplayerRefusal.WRONG_ARGUMENTS, sender, () => ({
        ...about,
        text: `${method.name} of ${at}: ${fitting}`,
      }));
      return false;
    }
    const own = methodOf(node.mirror.scriptOf(node), method.name);
    const handlers = node.rpcHandlers(method.name);
    const where = `rpc ${method.name} of ${at}`;
    if (own !== undefined) callGuarded(own, fitting, this.#report, where);
    for (const handler of handlers)
      callGuarded(handler as (...args: never) => unknown, [sender, ...fitting], this.#report, where);
    if (own !== undefined || handlers.length > 0) return true;
    if ((method.id & NODE_METHOD_BIT) !== 0 && setNatively(node, method.name, fitting)) return true;
    refusals.refuse(MultiplayerRefusal.NO_HANDLER, sender, () => ({
      ...about,
      text: `nobody handles ${method.name} of ${at}`,
    }));
    return false;
  }

  /** The arguments as the method declares them, or what is wrong with them. */
  #fit(method: RpcMethod, args: readonly VariantValue[]): readonly VariantValue[] | string {
    const { declared } = method;
    if (declared === undefined) return args;
    const { leastArguments: least, mostArguments: most, argumentTypes: types } = declared;
    if (args.length < least || args.length > most)
      return `${args.length} arguments, expected ${least === most ? least : `${least}..${most}`}`;
    if (types.length === 0) return args;
    const fitting = [...args];
    for (const [i, info] of infosOf(types).entries()) {
      if (i >= fitting.length) break;
      if (isVariant(info)) continue;
      try {
        const value = checkedValue(info, fitting[i]);
        fitting[i] = (this.#exact ? exactly(value) : givenValue(info, value)) as VariantValue;
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
        return error.message;
      }
    }
    return fitting;
  }

  #refuse(where: string, reason: string, error: GodotError): GodotError {
    this.#core.trace(`${where}: ${reason} (${godotErrorName(error)})`);
    return error;
  }
}

function mayCall(peer: number, node: MirrorNode, method: RpcMethod): boolean {
  const { rpcMode } = method.config;
  if (rpcMode === RpcMode.RPC_MODE_ANY_PEER) return true;
  return rpcMode === RpcMode.RPC_MODE_AUTHORITY && node.getMultiplayerAuthority() === peer;
}

function notAllowed(node: MirrorNode, method: RpcMethod): RefusalDetail {
  const nodePath = pathOf(node);
  const what = `it may not call ${method.name} of ${nodePath}`;
  return method.config.rpcMode === RpcMode.RPC_MODE_AUTHORITY
    ? {
        nodePath,
        method: method.name,
        text: `${what}: only the authority, ${node.getMultiplayerAuthority()}, may`,
        remedy: '"any_peer" would let everybody',
      }
    : {
        nodePath,
        method: method.name,
        text: `${what}: it is disabled`,
        remedy: 'enable it with "authority" or "any_peer"',
      };
}

/** 11.2 (25): entries of the node work for native methods; of those a mirror has the setters of properties. */
function setNatively(node: MirrorNode, method: string, args: readonly VariantValue[]): boolean {
  const name = /^set_(.+)$/.exec(method)?.[1];
  if (name === undefined || args.length !== 1) return false;
  if (name !== 'name' && node.propertyInfo(name) === undefined) return false;
  try {
    node.set(name, args[0]);
    return true;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return false;
  }
}

const infos = new WeakMap<readonly string[], readonly PropertyInfo[]>();

const NONE: readonly string[] = [];

/** What the arguments of a method are checked against. */
function infosOf(types: readonly string[]): readonly PropertyInfo[] {
  let found = infos.get(types);
  if (found === undefined) {
    found = types.map((text, i) => ({
      ...parseType(text),
      name: `argument ${i}`,
      default: null,
      isStored: false,
    }));
    infos.set(types, found);
  }
  return found;
}

function isVariant(type: PropertyInfo): boolean {
  return type.type === 0;
}

/** INT as bigint, as exact decoding gives it. */
function exactly(value: unknown): unknown {
  return typeof value === 'number' ? BigInt(value) : value;
}

/** What a script has of its own for an RPC. What every object has by that name, as `toString`, is no handler. */
function methodOf(script: object | undefined, name: string): ((...args: never) => unknown) | undefined {
  const method = (script as Record<string, unknown> | undefined)?.[name];
  if (typeof method !== 'function' || name === 'constructor') return undefined;
  return method === Reflect.get(Object.prototype, name) ? undefined : method.bind(script);
}
