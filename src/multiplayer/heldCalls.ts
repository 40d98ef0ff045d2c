/** Calls that wait: for a gate to open, or for the version of their peer. Bounded per peer, in order. */
import type { MirrorNode } from '../../schema/index.ts';
import type { CallArguments } from './callArguments.ts';
import type { RpcMethod } from './rpcTable.ts';

/** A call of one peer that waits. Its arguments are encoded already: what the caller changes later does not change it. */
export interface HeldCall {
  readonly node: MirrorNode;
  readonly method: RpcMethod;
  readonly args: CallArguments;
}

/** The calls that wait, by peer. */
export class HeldCalls {
  readonly #peers = new Map<number, { calls: HeldCall[]; bytes: number }>();
  readonly #maxCalls: number;
  readonly #maxBytes: number;

  constructor(maxCalls: number, maxBytes: number) {
    this.#maxCalls = maxCalls;
    this.#maxBytes = maxBytes;
  }

  /** Whether calls of a peer wait. */
  has(peer: number): boolean {
    return this.#peers.has(peer);
  }

  /** How many wait in all, and the bytes of their arguments. */
  totals(): { readonly calls: number; readonly bytes: number } {
    let calls = 0;
    let bytes = 0;
    for (const held of this.#peers.values()) {
      calls += held.calls.length;
      bytes += held.bytes;
    }
    return { calls, bytes };
  }

  /**
   * Lets a call wait.
   *
   * @param isPromised - It waited elsewhere: there is always room for it.
   * @returns whether there was room.
   */
  hold(peer: number, call: HeldCall, isPromised: boolean): boolean {
    const held = this.#peers.get(peer) ?? { calls: [], bytes: 0 };
    const bytes = held.bytes + call.args.seal();
    if (!isPromised && (held.calls.length >= this.#maxCalls || bytes > this.#maxBytes)) return false;
    held.calls.push(call);
    held.bytes = bytes;
    this.#peers.set(peer, held);
    return true;
  }

  /** Takes out the calls of a peer that need not wait any longer, in order. */
  take(peer: number, isFree: (call: HeldCall) => boolean): HeldCall[] {
    const held = this.#peers.get(peer);
    if (held === undefined) return [];
    const free: HeldCall[] = [];
    const waiting: HeldCall[] = [];
    for (const call of held.calls) {
      if (isFree(call)) {
        free.push(call);
        held.bytes -= call.args.seal();
      } else {
        waiting.push(call);
      }
    }
    held.calls = waiting;
    if (waiting.length === 0) this.#peers.delete(peer);
    return free;
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Everybody is gone. */
  clear(): void {
    this.#peers.clear();
  }
}
