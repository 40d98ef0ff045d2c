/** Who sends and calls how much, for operators and the page: by peer, by method, and each call for whoever watches. */
import type { MirrorNode } from '../../schema/index.ts';
import type { ErrorReporter } from '../godot/index.ts';
import { callGuarded } from '../godot/internal.ts';
import type { RpcMethod } from './rpcTable.ts';

/** What went to and came from one peer since it came. */
export interface PeerTraffic {
  /** Calls that arrived and reached their method. */
  callsReceived: number;
  /** Calls that left. */
  callsSent: number;
  /** Bytes of the packets that were taken from the transport. */
  bytesReceived: number;
  /** Bytes of the packets that the transport took. */
  bytesSent: number;
}

/** How often a method was called. */
export interface MethodCalls {
  /** Its name. Methods of this name of all nodes count together. */
  readonly method: string;
  /** Calls that arrived and reached the method. */
  readonly received: number;
  /** Calls that left, once for each receiver. */
  readonly sent: number;
}

/** One call, as it is watched. */
export interface ObservedCall {
  /** Whether it arrived or left. */
  readonly direction: 'in' | 'out';
  /** Who called, or was called. */
  readonly peer: number;
  /** The node. */
  readonly node: MirrorNode;
  /** The name of the method. */
  readonly method: string;
  /** The arguments; do not change them. Of a call that has waited they may have changed since. */
  readonly args: readonly unknown[];
}

/** Counts of one SceneMultiplayer. */
export class Traffic {
  readonly #peers = new Map<number, PeerTraffic>();
  readonly #methods = new Map<string, { received: number; sent: number }>();
  readonly #watchers = new Set<(call: ObservedCall) => void>();
  readonly #report: ErrorReporter;

  /** @param report takes what watchers throw. */
  constructor(report: ErrorReporter) {
    this.#report = report;
  }

  /** What went to and came from a peer. */
  of(peer: number): Readonly<PeerTraffic> {
    return this.#peers.get(peer) ?? NOTHING;
  }

  /** A peer is there: it is counted from now on. */
  came(peer: number): void {
    if (!this.#peers.has(peer)) this.#peers.set(peer, { ...NOTHING });
  }

  /** A peer is gone. */
  forget(peer: number): void {
    this.#peers.delete(peer);
  }

  /** Everybody is gone. The methods stay. */
  clear(): void {
    this.#peers.clear();
  }

  /** A packet came; one of nobody counts nowhere. */
  received(peer: number, bytes: number): void {
    const traffic = this.#peers.get(peer);
    if (traffic !== undefined) traffic.bytesReceived += bytes;
  }

  /** The transport took a packet for a peer. */
  sent(peer: number, bytes: number): void {
    const traffic = this.#peers.get(peer);
    if (traffic !== undefined) traffic.bytesSent += bytes;
  }

  /** A call arrived or left. */
  called(
    direction: 'in' | 'out',
    peer: number,
    node: MirrorNode,
    { name }: RpcMethod,
    args: readonly unknown[],
  ): void {
    const isIn = direction === 'in';
    const traffic = this.#peers.get(peer);
    if (traffic !== undefined) traffic[isIn ? 'callsReceived' : 'callsSent']++;
    this.#countersOf(name)[isIn ? 'received' : 'sent']++;
    if (this.#watchers.size === 0) return;
    const call: ObservedCall = { direction, peer, node, method: name, args };
    for (const watch of this.#watchers) callGuarded(watch, [call], this.#report, 'watchCalls');
  }

  /** All methods that were called, in the order of their first calls; 256 at most, what is beyond is called `...`. */
  methods(): MethodCalls[] {
    return Array.from(this.#methods, ([method, counts]) => ({ method, ...counts }));
  }

  /** Calls a function for each call from now on. What it throws goes to `onError`. @returns a function that ends it. */
  watch(watcher: (call: ObservedCall) => void): () => void {
    const own = (call: ObservedCall): void => watcher(call);
    this.#watchers.add(own);
    return () => this.#watchers.delete(own);
  }

  #countersOf(method: string): { received: number; sent: number } {
    const known = this.#methods.get(method);
    if (known !== undefined) return known;
    if (this.#methods.size >= MAX_METHODS && method !== OTHERS) return this.#countersOf(OTHERS);
    const made = { received: 0, sent: 0 };
    this.#methods.set(method, made);
    return made;
  }
}

const NOTHING: PeerTraffic = { callsReceived: 0, callsSent: 0, bytesReceived: 0, bytesSent: 0 };
const MAX_METHODS = 256;
const OTHERS = '...';
