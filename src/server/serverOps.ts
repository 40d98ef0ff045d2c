/** What operators see of a server and may tell it: refusals, counters, the door. Our addition; Godot has none of it. */

import { type ConnectRules, DisconnectCause, type DropReason } from '../enet/index.ts';
import { Tally } from '../enet/internal.ts';
import type { Operator, OperatorEvents, OperatorMetrics, TLSOptions } from '../godot/index.ts';
import type { RemoteNumbers, SecureCounters, ThreadCounters, Timer } from '../runtime/index.ts';
import type { ServerLimits } from './limits.ts';
import { RefusalReason } from './refusals.ts';

/** Numbers of a server. Counters never go back while the server object lives, also over `stopServer`. */
export interface ServerMetrics extends OperatorMetrics {
  /** Whether the server is listening. */
  readonly isActive: boolean;
  /** Whether new connections are taken. */
  readonly acceptsPeers: boolean;
  /** Peers now, authenticated or not. */
  readonly peers: number;
  /** Peers in STATE_AUTHENTICATED now. */
  readonly authenticatedPeers: number;
  /** Counter: connections that were made. */
  readonly connections: number;
  /** Counter: peers that were authenticated. */
  readonly authentications: number;
  /** Counter: connections that have ended. */
  readonly disconnections: number;
  /** Counter: the same by cause; every cause is there. */
  readonly disconnectionsByCause: ReadonlyMap<DisconnectCause, number>;
  /** Counter: packets of authenticated peers that were delivered, events among them. */
  readonly packetsReceived: number;
  /** Counter: their bytes. */
  readonly bytesReceived: number;
  /** Counter: events that reached a callback. */
  readonly eventsReceived: number;
  /** Counter: errors of handlers, event callbacks and authenticators. */
  readonly handlerErrors: number;
  /** Counter: UDP datagrams received by the current or last run, with those that were dropped. u32, wraps. */
  readonly datagramsReceived: number;
  /** Counter: their bytes. u32, wraps. */
  readonly datagramBytesReceived: number;
  /** Counter: UDP datagrams sent. u32, wraps. */
  readonly datagramsSent: number;
  /** Counter: their bytes. u32, wraps. */
  readonly datagramBytesSent: number;
  /** Counter: reliable packets and fragments that came again, see `HostStatistics`. u32, wraps. */
  readonly repeats: number;
  /** Counter: acknowledgements of what was acknowledged before, see `HostStatistics`. u32, wraps. */
  readonly lateAcknowledgements: number;
  /** Counter: datagrams and commands that the ENet core did not use in the current or last run, by reason. */
  readonly drops: ReadonlyMap<DropReason, number>;
  /** Counter: what the server turned away, by reason. */
  readonly refusals: ReadonlyMap<RefusalReason, number>;
  /** What the queues to the network thread have seen in the current or last run; `undefined` without a thread. */
  readonly thread: ThreadCounters | undefined;
  /** The numbers of DTLS in the current run; undefined on plain UDP and while the server is not listening. */
  readonly dtls: SecureCounters | undefined;
}

/** What the server counts by itself, in {@link ServerMetrics}. */
export interface ServerCounters {
  connections: number;
  authentications: number;
  readonly disconnectionsByCause: Tally<DisconnectCause>;
  packetsReceived: number;
  bytesReceived: number;
  eventsReceived: number;
  handlerErrors: number;
}

/** All counters at 0. */
export function createCounters(): ServerCounters {
  return {
    connections: 0,
    authentications: 0,
    disconnectionsByCause: new Tally(DisconnectCause),
    packetsReceived: 0,
    bytesReceived: 0,
    eventsReceived: 0,
    handlerErrors: 0,
  };
}

/** What {@link ServerOps} sees of the host of a run, wherever that is. After its end the last numbers stay. */
export interface WatchedHost {
  /** What it has counted. */
  numbers(): RemoteNumbers;
  /** Opens or closes the door for new connections. */
  setOpen(isOpen: boolean): void;
  /** What the queues to its thread have seen. */
  threadCounters(): ThreadCounters | undefined;
}

/** What {@link ServerOps} asks its server. */
export interface OpsSource {
  /** Whether it listens. */
  isActive(): boolean;
  /** Its peers. */
  peers(): number;
  /** Its authenticated peers. */
  authenticatedPeers(): number;
  /** Host time in ms. */
  now(): number;
  /** A timer on the same clock. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /** The numbers of DTLS. */
  dtls(): SecureCounters | undefined;
  /** Tells what happens to it. @returns a function that ends it. */
  readonly observe: (events: OperatorEvents) => () => void;
  /** See {@link ServerOps.reloadCertificate}. */
  reloadCertificate(options: TLSOptions): number;
}

/** The operator's side of an ENetServer: `server.ops`. */
export class ServerOps implements Operator<'server', ServerMetrics> {
  /** Whose numbers {@link ServerOps.metrics} has. */
  readonly kind = 'server';
  /** The limits that are in force. */
  readonly limits: ServerLimits;
  /** @internal */
  readonly counters: ServerCounters;
  /** @internal Who may connect and how fast. */
  readonly rules: ConnectRules;
  readonly #source: OpsSource;
  readonly #isThreaded: boolean;
  readonly #refusals = new Tally(RefusalReason);
  #isOpen = true;
  #host: WatchedHost | undefined;

  /** @internal */
  constructor(
    source: OpsSource,
    limits: ServerLimits,
    rules: ConnectRules,
    counters: ServerCounters,
    isThreaded: boolean,
  ) {
    this.counters = counters;
    this.rules = rules;
    this.#source = source;
    this.#isThreaded = isThreaded;
    this.limits = limits;
  }

  /** Whether new connections are taken. `false` leaves the present peers alone; see `drain` of `godot-enet/ops`. */
  get acceptsPeers(): boolean {
    return this.#isOpen;
  }
  /** Opens or closes the door. */
  set acceptsPeers(accepts: boolean) {
    this.#isOpen = accepts;
    this.#host?.setOpen(accepts);
  }

  /** For how many addresses the current or last run remembers the connection rate. */
  get trackedAddresses(): number {
    return this.#host?.numbers().trackedAddresses ?? 0;
  }

  /** What was turned away, by reason; every reason is there. A copy. */
  refusals(): Map<RefusalReason, number> {
    const counts = this.#refusals.snapshot();
    const numbers = this.#host?.numbers();
    if (numbers === undefined) return counts;
    for (const [reason, count] of refusedByHost(numbers)) {
      counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
    return counts;
  }

  /** All numbers. A copy. */
  metrics(): ServerMetrics {
    const numbers = this.#host?.numbers();
    const statistics = numbers?.statistics;
    return {
      isActive: this.#source.isActive(),
      acceptsPeers: this.acceptsPeers,
      peers: this.#source.peers(),
      authenticatedPeers: this.#source.authenticatedPeers(),
      ...this.counters,
      disconnections: this.counters.disconnectionsByCause.total,
      disconnectionsByCause: this.counters.disconnectionsByCause.snapshot(),
      datagramsReceived: statistics?.totalReceivedPackets ?? 0,
      datagramBytesReceived: statistics?.totalReceivedData ?? 0,
      datagramsSent: statistics?.totalSentPackets ?? 0,
      datagramBytesSent: statistics?.totalSentData ?? 0,
      repeats: statistics?.totalRepeats ?? 0,
      lateAcknowledgements: statistics?.totalLateAcknowledgements ?? 0,
      drops: numbers?.drops ?? new Map(),
      refusals: this.refusals(),
      thread: this.#isThreaded ? (this.#host?.threadCounters() ?? NO_COUNTERS) : undefined,
      dtls: this.#source.dtls(),
    };
  }

  /**
   * Uses another key and certificate for DTLS handshakes that begin from now on. Nobody is disconnected. It holds for later
   * calls of `createServer` as well.
   *
   * @param options made by `TLSOptions.server()`.
   * @returns 0; 3 when the server was made without `tls`; 31 for other options; 1 when the key or the certificate cannot be
   * used (a trace line says why): then the present ones stay.
   */
  reloadCertificate(options: TLSOptions): number {
    return this.#source.reloadCertificate(options);
  }

  /** The server's clock: ms, a u32 that wraps. */
  now(): number {
    return this.#source.now();
  }

  /** Calls `callback` once after `delayMs`, on the server's clock. */
  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#source.startTimer(delayMs, callback);
  }

  /** Tells what happens from now on; see `OperatorEvents`. @returns a function that ends it. */
  observe(events: OperatorEvents): () => void {
    return this.#source.observe(events);
  }

  /** @internal Counts something that was turned away. */
  refuse(reason: RefusalReason): void {
    this.#refusals.add(reason);
  }

  /** @internal A new run: its host replaces the last one, whose refusals stay counted. */
  watch(host: WatchedHost): void {
    const last = this.#host?.numbers();
    if (last !== undefined) {
      for (const [reason, count] of refusedByHost(last)) if (count > 0) this.#refusals.add(reason, count);
    }
    this.#host = host;
  }
}

/** What the host has refused by itself. */
function refusedByHost({ drops, refusals }: RemoteNumbers): [RefusalReason, number][] {
  return [
    ...HOST_REASONS.map((reason): [RefusalReason, number] => [reason, drops.get(reason) ?? 0]),
    ...refusals,
  ];
}

const HOST_REASONS = [
  RefusalReason.HOST_FULL,
  RefusalReason.TOO_MANY_FROM_ADDRESS,
  RefusalReason.TOO_MANY_HALF_OPEN,
] as const;

/** Before the first run. */
const NO_COUNTERS: ThreadCounters = {
  holds: 0,
  isHolding: false,
  droppedWaiting: 0,
  refusedConnects: 0,
  refusedSends: 0,
  failedPackets: 0,
  failedSends: 0,
  wakes: 0,
  pings: 0,
  droppedTraces: 0,
};
