/**
 * Calls on their way out: who gets them, in which form, now or later. docs/protocol/scene-multiplayer 5.3, 5.4,
 * 11.1 (1 to 3), 12.
 */
import type { VariantInput } from '../../codec/index.ts';
import type { MirrorNode } from '../../schema/index.ts';
import { GodotError, godotErrorName, TransferMode } from '../godot/index.ts';
import type { Announcements } from './announcements.ts';
import { CallArguments } from './callArguments.ts';
import type { Core } from './core.ts';
import type { RefusalDetail } from './diagnosis.ts';
import type { Gates } from './gates.ts';
import { type HeldCall, HeldCalls } from './heldCalls.ts';
import { pathOf } from './nodeAddress.ts';
import type { PeerDialects } from './peerDialects.ts';
import { MultiplayerRefusal } from './refusals.ts';
import type { RpcMethod } from './rpcTable.ts';
import { callById, callByPath, type EncodedArguments, nodeBytesFor } from './wire/remoteCall.ts';

/** Whether a node can be seen by a peer: calls reach nobody who cannot see it. */
export type RpcVisibility = (node: MirrorNode, peer: number) => boolean;

/** What becomes of calls that have to wait. */
export interface HoldingOptions {
  /** Whether calls into a closed subtree wait. */
  readonly queuesGated: boolean;
  /** Calls that may wait per peer. */
  readonly maxCalls: number;
  /** Bytes of such calls. */
  readonly maxBytes: number;
}

/** Sends calls. */
export class RpcSender {
  /** Who sees which node. */
  isVisible: RpcVisibility = () => true;
  /** Whether a peer has yet to be told of nodes that it sees: calls come behind that. */
  waitsForSpawn: (peer: number) => boolean = () => false;
  readonly #core: Core;
  readonly #announcements: Announcements;
  readonly #dialects: PeerDialects;
  readonly #gates: Gates;
  readonly #queuesGated: boolean;
  readonly #untilOpen: HeldCalls;
  readonly #untilKnown: HeldCalls;

  constructor(
    core: Core,
    announcements: Announcements,
    dialects: PeerDialects,
    gates: Gates,
    { queuesGated, maxCalls, maxBytes }: HoldingOptions,
  ) {
    this.#core = core;
    this.#announcements = announcements;
    this.#dialects = dialects;
    this.#gates = gates;
    this.#queuesGated = queuesGated;
    this.#untilOpen = new HeldCalls(maxCalls, maxBytes);
    this.#untilKnown = new HeldCalls(maxCalls, maxBytes);
  }

  /**
   * Sends a call to a target of `rpc`: 0 for all, a peer, or below 0 for all but that one.
   *
   * @param isOfLatest Whether only versions with typed Dictionaries can have the method.
   */
  send(
    target: number,
    node: MirrorNode,
    method: RpcMethod,
    values: readonly VariantInput[],
    isOfLatest: boolean,
  ): GodotError {
    const { peers, behaviour } = this.#core;
    if (target !== 0 && !peers.has(Math.abs(target))) {
      this.#core.trace(`rpc ${method.name}: there is no peer ${Math.abs(target)}; sent to nobody`);
      return GodotError.OK;
    }
    const targets = target > 0 ? [target] : peers.toArray().filter((peer) => peer !== -target);
    // What lies behind a closed gate is seen once it opens.
    const seeing = targets.filter((peer) => this.#gates.isClosed(peer, node) || this.isVisible(node, peer));
    if (target > 0 && seeing.length === 0)
      this.#core.refusals.refuse(MultiplayerRefusal.NOT_SENT, target, () =>
        notSent({ node, method }, ...UNSEEN),
      );
    if (seeing.length === 0) return GodotError.OK;
    const args = new CallArguments(values, behaviour.keepsEmptyBytes, isOfLatest);
    const wrong = seeing
      .map((peer) => args.for(this.#dialects.of(peer)))
      .find((one) => typeof one === 'string');
    // What no version carries, or the only receiver's does not, is sent to nobody.
    if (wrong !== undefined && (target > 0 || typeof args.for(undefined) === 'string'))
      return this.#refuse(method, wrong, behaviour.tellsUnsent);
    const call = { node, method, args };
    const errors = seeing.map((peer) => this.#hold(peer, call, false));
    this.#deliver(
      seeing.filter((_, i) => errors[i] === undefined),
      call,
    );
    return target > 0 ? (errors[0] ?? GodotError.OK) : GodotError.OK;
  }

  /** The version of a peer is known: what waited for it goes on. */
  versionKnown(peer: number): void {
    this.#goOn(
      peer,
      this.#untilKnown.take(peer, () => true),
    );
  }

  /** A gate of a peer has opened: what waited for it goes on. */
  opened(peer: number): void {
    this.#goOn(
      peer,
      this.#untilOpen.take(peer, ({ node }) => !this.#gates.isClosed(peer, node)),
    );
  }

  /** Calls that wait, for whatever reason. */
  held(): { readonly calls: number; readonly bytes: number } {
    const gated = this.#untilOpen.totals();
    const unknown = this.#untilKnown.totals();
    return { calls: gated.calls + unknown.calls, bytes: gated.bytes + unknown.bytes };
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.#untilOpen.forgetPeer(peer);
    this.#untilKnown.forgetPeer(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#untilOpen.clear();
    this.#untilKnown.clear();
  }

  /** @returns `undefined` when the call may be sent at once; otherwise OK when it waits, or why it does not. */
  #hold(peer: number, call: HeldCall, isPromised: boolean): GodotError | undefined {
    if (this.#gates.isClosed(peer, call.node)) {
      // What may be lost anyway is of no use later.
      if (!this.#queuesGated || call.method.config.transferMode !== TransferMode.TRANSFER_MODE_RELIABLE)
        return this.#turnAway(peer, call, CLOSED, GodotError.ERR_UNAVAILABLE);
      return this.#holdIn(this.#untilOpen, peer, call, isPromised);
    }
    // Once one call waits, those behind it do: they stay in order.
    const waits =
      this.#dialects.isAsked(peer) &&
      (this.#untilKnown.has(peer) || this.waitsForSpawn(peer) || call.args.differs);
    return waits ? this.#holdIn(this.#untilKnown, peer, call, isPromised) : undefined;
  }

  #holdIn(held: HeldCalls, peer: number, call: HeldCall, isPromised: boolean): GodotError {
    if (held.hold(peer, call, isPromised)) return GodotError.OK;
    return this.#turnAway(peer, call, TOO_MANY, GodotError.ERR_OUT_OF_MEMORY);
  }

  #turnAway(
    peer: number,
    call: HeldCall,
    [why, remedy]: readonly [string, string],
    error: GodotError,
  ): GodotError {
    this.#core.refusals.refuse(MultiplayerRefusal.NOT_SENT, peer, () => notSent(call, why, remedy));
    return error;
  }

  #goOn(peer: number, calls: readonly HeldCall[]): void {
    for (const call of calls) {
      if (!call.node.isInsideTree())
        this.#core.trace(
          `rpc ${call.method.name}: its node left the tree while the call waited for peer ${peer}`,
        );
      else if (this.#hold(peer, call, true) === undefined && this.#mayGo(peer, call))
        this.#deliver([peer], call);
    }
  }

  #mayGo(peer: number, call: HeldCall): boolean {
    if (this.isVisible(call.node, peer)) return true;
    this.#turnAway(peer, call, UNSEEN, GodotError.ERR_UNAVAILABLE);
    return false;
  }

  #deliver(peers: readonly number[], { node, method, args }: HeldCall): void {
    const receivers: [peer: number, bytes: EncodedArguments][] = [];
    for (const peer of peers) {
      const dialect = this.#dialects.of(peer);
      const bytes = args.for(dialect);
      if (typeof bytes !== 'string') receivers.push([peer, bytes]);
      else
        this.#core.refusals.refuse(MultiplayerRefusal.NOT_SENT, peer, () =>
          notSent(
            { node, method },
            `it is Godot ${dialect}: ${bytes}`,
            'give the call arguments that it has',
          ),
        );
    }
    // 11.1 (1): all announcements first.
    for (const [peer] of receivers) this.#announcements.announce(node, peer);
    const ids = receivers.map(([peer]) => this.#announcements.confirmedId(node, peer));
    const isKnownToAll = ids.every((id) => id !== 0);
    const path = isKnownToAll ? '' : this.#core.addressOf(node);
    const { transferMode, channel } = method.config;
    receivers.forEach(([peer, bytes], i) => {
      const id = ids[i] ?? 0;
      const packet = isKnownToAll
        ? callById(id, nodeBytesFor(id), method.id, bytes)
        : id !== 0
          ? callById(id, 4, method.id, bytes)
          : callByPath(path, method.id, bytes);
      const error = this.#core.outgoing.send(peer, transferMode, channel, packet);
      if (error !== GodotError.OK) return;
      this.#core.counters.callsSent++;
      this.#core.traffic.called('out', peer, node, method, args.values);
    });
  }

  #refuse(method: RpcMethod, why: string, tells: boolean): GodotError {
    const error = GodotError.ERR_INVALID_PARAMETER;
    this.#core.trace(`rpc ${method.name}: ${why} (${godotErrorName(error)})`);
    return tells ? error : GodotError.OK;
  }
}

/** About a call that does not go to a peer. */
function notSent(
  { node, method }: Pick<HeldCall, 'node' | 'method'>,
  why: string,
  remedy: string,
): RefusalDetail {
  const nodePath = pathOf(node);
  return {
    nodePath,
    method: method.name,
    text: `rpc ${method.name} of ${nodePath} is not sent to it: ${why}`,
    remedy,
  };
}

const UNSEEN = [
  'it cannot see the node',
  'make it visible to this peer first, or leave the peer out',
] as const;
const CLOSED = ['the gate is closed', 'call open() once the client has loaded it'] as const;
const TOO_MANY = [
  'too many calls wait',
  'open the gate sooner, send less meanwhile, or raise maxHeldCalls or maxHeldBytes',
] as const;
