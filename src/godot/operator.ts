/** The operator's side of every kind of server: one interface, and what all kinds do the same for it. Ours; Godot has none. */
import type { DisconnectCause } from '../enet/index.ts';
import type { Timer } from '../runtime/index.ts';
import { callGuarded, type ErrorReporter } from './signals.ts';

/** The numbers that every kind of server has. Each kind adds its own. */
export interface OperatorMetrics {
  /** Whether it takes part: a server listens, a client has its server. */
  readonly isActive: boolean;
  /** Whether new connections are taken. */
  readonly acceptsPeers: boolean;
  /** Whether nobody is let in for now, though the door is open. Missing for kinds of servers that are never so. */
  readonly isFenced?: boolean;
  /** Peers now, authenticated or not. */
  readonly peers: number;
  /** Peers now that were let in. */
  readonly authenticatedPeers: number;
  /** Counter: what was turned away, by reason; every reason of this kind of server is there. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** A peer as {@link OperatorEvents} tell of it. It stays readable after its end. */
export interface OperatedPeer {
  /** Its id. */
  readonly peerId: number;
  /** Its IP address; empty where nobody knows it, e.g. behind a relay. */
  readonly remoteAddress: string;
  /** Its UDP or TCP port; 0 where nobody knows it. */
  readonly remotePort: number;
  /** Seconds since it connected. */
  getConnectionTime(): number;
}

/** What happens to a server and its peers. What one of these functions throws goes to `onError` of the server. */
export interface OperatorEvents {
  /** It listens, on this port; 0 where it has none or several. */
  started?(port: number): void;
  /** It does no more. */
  stopped?(): void;
  /** A peer is connected. */
  connected?(peer: OperatedPeer): void;
  /** A peer was let in. */
  authenticated?(peer: OperatedPeer): void;
  /** A peer is gone, whoever ended it. `cause`: `undefined` where only the transport below could know. */
  disconnected?(peer: OperatedPeer, reason: string, cause: DisconnectCause | undefined): void;
}

/** What every kind of server offers its operator as its property `ops`. */
export interface Operator<Kind extends string = string, Metrics extends OperatorMetrics = OperatorMetrics> {
  /** Whose numbers `metrics()` has. */
  readonly kind: Kind;
  /** Whether new connections are taken. `false` leaves the present peers alone. */
  acceptsPeers: boolean;
  /** All numbers. A copy. */
  metrics(): Metrics;
  /** The server's clock: ms, a u32 that wraps. */
  now(): number;
  /** Calls `callback` once after `delayMs`, on the server's clock. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /** Tells what happens from now on. @returns a function that ends it. */
  observe(events: OperatorEvents): () => void;
}

/** Who is there, for servers whose signals do not tell of every end; tells {@link OperatorEvents} of each. */
export class LivePeers {
  readonly #now: () => number;
  readonly #report: ErrorReporter;
  readonly #observers = new Set<{ readonly events: OperatorEvents }>();
  readonly #peers = new Map<number, LivePeer>();
  #isStarted = false;

  /** @param report takes what observers throw. */
  constructor(now: () => number, report: ErrorReporter) {
    this.#now = now;
    this.#report = report;
  }

  /** See {@link Operator.observe}. */
  observe(events: OperatorEvents): () => void {
    // An object of its own: the same one may observe twice.
    const observer = { events };
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Seconds since a peer connected; 0 for nobody. */
  secondsOf(id: number): number {
    return this.#peers.get(id)?.getConnectionTime() ?? 0;
  }

  /** Whether it listens now. Who is there still has left when it does no more. */
  setStarted(isStarted: boolean, port: number, cause?: DisconnectCause): void {
    if (isStarted === this.#isStarted) return;
    this.#isStarted = isStarted;
    if (isStarted) this.#tell('started', port);
    else {
      this.allLeft('Stopped', cause);
      this.#tell('stopped');
    }
  }

  /** A peer is connected. */
  came(id: number, address = '', port = 0): void {
    const peer = new LivePeer(id, address, port, this.#now);
    this.#peers.set(id, peer);
    this.#tell('connected', peer);
  }

  /** A peer was let in; one that nobody told of is connected first. */
  authenticated(id: number, address = '', port = 0): void {
    if (!this.#peers.has(id)) this.came(id, address, port);
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#tell('authenticated', peer);
  }

  /** A peer is gone. Harmless for one that is nobody. */
  left(id: number, reason: string, cause: DisconnectCause | undefined): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    this.#tell('disconnected', peer, reason, cause);
  }

  /** Everybody is gone. */
  allLeft(reason: string, cause: DisconnectCause | undefined): void {
    for (const id of [...this.#peers.keys()]) this.left(id, reason, cause);
  }

  #tell<Name extends keyof OperatorEvents>(
    name: Name,
    ...args: Parameters<NonNullable<OperatorEvents[Name]>>
  ): void {
    for (const { events } of [...this.#observers]) {
      const told: ((...args: never) => void) | undefined = events[name];
      if (told !== undefined) callGuarded(told.bind(events), args, this.#report, 'observer', name);
    }
  }
}

class LivePeer implements OperatedPeer {
  readonly peerId: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #since: number;
  readonly #now: () => number;

  constructor(id: number, address: string, port: number, now: () => number) {
    this.peerId = id;
    this.remoteAddress = address;
    this.remotePort = port;
    this.#now = now;
    this.#since = now();
  }

  getConnectionTime(): number {
    return ((this.#now() - this.#since) >>> 0) / 1000;
  }
}
