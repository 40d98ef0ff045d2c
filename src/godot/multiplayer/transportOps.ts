/** The operator's side of a multiplayer peer: its property `ops`. */
import type { DisconnectCause } from '../../enet/index.ts';
import type { Timer } from '../../runtime/index.ts';
import { LivePeers, type Operator, type OperatorEvents } from '../operator.ts';
import type { ErrorReporter } from '../signals.ts';
import { TransportCounters, type TransportMetrics } from './transportCounters.ts';

/** What {@link TransportOps} asks its multiplayer peer. */
export interface TransportOpsSource<Metrics extends TransportMetrics> {
  readonly runtime: {
    now(): number;
    startTimer(delayMs: number, callback: () => void): Timer;
  };
  /** Whether new connections are refused. */
  isRefusing(): boolean;
  setRefusing(refuses: boolean): void;
  /** All numbers. */
  metrics(): Metrics;
  /** Takes what observers throw. */
  readonly report: ErrorReporter;
}

/** The operator's side of a multiplayer peer with a network. The functions of `godot-enet/ops` use it. */
export class TransportOps<Kind extends string, Metrics extends TransportMetrics>
  implements Operator<Kind, Metrics>
{
  /** Whose numbers {@link TransportOps.metrics} has. */
  readonly kind: Kind;
  /** @internal */
  readonly counters: TransportCounters = new TransportCounters();
  readonly #source: TransportOpsSource<Metrics>;
  readonly #peers: LivePeers;

  /** @internal */
  constructor(kind: Kind, source: TransportOpsSource<Metrics>) {
    this.kind = kind;
    this.#source = source;
    this.#peers = new LivePeers(() => source.runtime.now(), source.report);
  }

  /**
   * Whether new connections are taken; the opposite of `refuseNewConnections`. `false` leaves the present peers alone. Creating
   * and closing open the door again.
   */
  get acceptsPeers(): boolean {
    return !this.#source.isRefusing();
  }
  /** Opens or closes the door. */
  set acceptsPeers(accepts: boolean) {
    this.#source.setRefusing(!accepts);
  }

  /** All numbers. A copy. */
  metrics(): Metrics {
    return this.#source.metrics();
  }

  /** The clock: ms, a u32 that wraps. */
  now(): number {
    return this.#source.runtime.now();
  }

  /** Calls `callback` once after `delayMs`, on that clock. */
  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#source.runtime.startTimer(delayMs, callback);
  }

  /** Tells what happens from now on; see `OperatorEvents`. @returns a function that ends it. */
  observe(events: OperatorEvents): () => void {
    return this.#peers.observe(events);
  }

  /** @internal A server listens. */
  started(port: number): void {
    this.#peers.setStarted(true, port);
  }

  /** @internal It does no more: whoever is there is gone. */
  stopped(cause: DisconnectCause): void {
    this.#peers.allLeft('', cause);
    this.#peers.setStarted(false, 0, cause);
  }

  /** @internal `peerConnected` is about to tell of a peer. */
  came(id: number, address: string, port: number): void {
    this.counters.connections++;
    this.#peers.authenticated(id, address, port);
  }

  /** @internal A peer that `peerConnected` told of is gone. */
  left(id: number, cause: DisconnectCause): void {
    this.counters.ended(cause);
    this.#peers.left(id, '', cause);
  }
}
