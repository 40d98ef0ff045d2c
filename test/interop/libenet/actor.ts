/**
 * The one face that both sides of a live test show: commands in, events out. {@link CPeer} is the C library behind
 * it, `OurPeer` is this project's core, so that each case is written once and runs in every pairing.
 */

/** What an actor can be told to do. `peer.c` documents the arguments by using them. */
export type Verb =
  // Whole process.
  | 'host'
  | 'connect'
  | 'load'
  | 'cpu'
  // One host.
  | 'echo'
  | 'collect'
  | 'collected'
  | 'freeze'
  | 'flush'
  | 'bandwidth'
  | 'channelLimit'
  | 'broadcast'
  | 'stats'
  // One peer of a host.
  | 'send'
  | 'info'
  | 'disconnect'
  | 'disconnectNow'
  | 'disconnectLater'
  | 'reset'
  | 'ping'
  | 'pingInterval'
  | 'timeout'
  | 'throttle'
  | 'expect'
  | 'traffic';

/** Named integers. What is left out takes the default that `peer.c` gives it. */
export type Args = Readonly<Record<string, number>>;

/** A connection is complete. */
export interface ConnectEvent {
  readonly ev: 'connect';
  readonly host: number;
  readonly peer: number;
  readonly data: number;
  readonly channels: number;
  readonly mtu: number;
}

/** A connection has ended. */
export interface DisconnectEvent {
  readonly ev: 'disconnect';
  readonly host: number;
  readonly peer: number;
  readonly data: number;
}

/** A packet arrived. `hash` is FNV-1a over its bytes. */
export interface ReceiveEvent {
  readonly ev: 'receive';
  readonly host: number;
  readonly peer: number;
  readonly channel: number;
  readonly length: number;
  readonly flags: number;
  readonly hash: number;
}

/** Random traffic broke a promise of the protocol. */
export interface ViolationEvent {
  readonly ev: 'violation';
  readonly host: number;
  readonly peer: number;
  readonly what: string;
  readonly channel: number;
  readonly serial: number;
  readonly length: number;
  readonly flags: number;
}

/**
 * Everything that the other side's random traffic sent reliably has arrived. The counts go by how packets travelled:
 * unreliable, reliable, unsequenced, unreliable fragments.
 */
export interface TrafficEvent {
  readonly ev: 'traffic';
  readonly host: number;
  readonly peer: number;
  readonly violations: number;
  readonly received: readonly number[];
  readonly announced: readonly number[];
  /** Empty packets among them, which carry no serial: unreliable, unsequenced. */
  readonly empty: readonly number[];
  /** Over all reliable packets, their order included. */
  readonly hash: number;
}

/** An echo load has run its time. */
export interface LoadEvent {
  readonly ev: 'load';
  readonly roundTrips: number;
  readonly us: number;
  readonly cpuUs: number;
  /** Half of the round trips took at most so long, in microseconds; 0 for packets below 8 bytes. */
  readonly p50Us: number;
  /** 99 of 100 did. */
  readonly p99Us: number;
}

/** The actor is up. */
export interface ReadyEvent {
  readonly ev: 'ready';
  readonly version: string;
}

/** Something went wrong outside any command. It fails every wait. */
export interface ErrorEvent {
  readonly ev: 'error';
  readonly host: number;
  readonly what: string;
}

/** Whatever an actor reports. */
export type ActorEvent =
  | ConnectEvent
  | DisconnectEvent
  | ReceiveEvent
  | ViolationEvent
  | TrafficEvent
  | LoadEvent
  | ReadyEvent
  | ErrorEvent;

/** The event type of a name. */
export type EventOf<K extends ActorEvent['ev']> = Extract<ActorEvent, { readonly ev: K }>;

/** One side of a live test. */
export interface Actor {
  /** For messages. */
  readonly name: string;
  /** Whether this is libenet 1.3.17, which differs from 1.3.18 in a few known ways (enet-protocol 11.1). */
  readonly isLibenet1317: boolean;
  /** What happened and was not yet waited for. */
  readonly inbox: Inbox;
  /** Runs a command and gives its answer. Rejects when the command fails. */
  run(verb: Verb, args?: Args): Promise<Args>;
  /** Ends the actor and what it holds. */
  close(): Promise<void>;
}

interface Waiter {
  readonly matches: (event: ActorEvent) => boolean;
  readonly resolve: (event: ActorEvent) => void;
  readonly reject: (error: Error) => void;
}

/** Events in order of arrival; each is taken once. */
export class Inbox {
  readonly #owner: string;
  readonly #events: ActorEvent[] = [];
  readonly #waiters = new Set<Waiter>();
  #failure: Error | undefined;

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** Adds an event, or hands it to whoever waits for it. */
  push(event: ActorEvent): void {
    if (event.ev === 'error') {
      this.fail(new Error(`${this.#owner}: ${event.what}`));
      return;
    }
    for (const waiter of this.#waiters) {
      if (!waiter.matches(event)) continue;
      waiter.resolve(event);
      return;
    }
    this.#events.push(event);
  }

  /** Rejects all waits, now and later. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of [...this.#waiters]) waiter.reject(this.#failure);
  }

  /** What nobody has taken yet, oldest first. */
  rest(): readonly ActorEvent[] {
    return [...this.#events];
  }

  /**
   * Takes the oldest event of a kind that has the given fields.
   *
   * @throws Error after `timeoutMs`, naming what came instead.
   */
  async wait<K extends ActorEvent['ev']>(
    kind: K,
    fields: Partial<EventOf<K>> = {},
    timeoutMs: number = 5_000,
  ): Promise<EventOf<K>> {
    const wanted = Object.entries(fields);
    const matches = (event: ActorEvent): boolean => {
      if (event.ev !== kind) return false;
      const values = new Map<string, unknown>(Object.entries(event));
      return wanted.every(([key, value]) => values.get(key) === value);
    };
    const index = this.#events.findIndex(matches);
    const found = index < 0 ? await this.#arrival(matches, kind, fields, timeoutMs) : this.#events[index];
    if (index >= 0) this.#events.splice(index, 1);
    // `matches` has compared the kind.
    return found as EventOf<K>;
  }

  #arrival(
    matches: (event: ActorEvent) => boolean,
    kind: string,
    fields: object,
    timeoutMs: number,
  ): Promise<ActorEvent> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        matches,
        resolve: (event) => {
          settle();
          resolve(event);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        const rest = this.#events.slice(0, 5).map((event) => JSON.stringify(event));
        waiter.reject(
          new Error(
            `${this.#owner}: no "${kind}" ${JSON.stringify(fields)} within ${timeoutMs} ms; ` +
              `${this.#events.length} other events: ${rest.join(' ')}`,
          ),
        );
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }
}
