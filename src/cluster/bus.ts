/**
 * What the nodes of a cluster share: leases, records, inboxes and topics. Three engines have it: `MemoryHub` (one process), `RedisBus` and
 * `NatsBus`; one suite of tests holds them to what is written here. docs/guide/cluster.md, "What a bus promises", has it as a table.
 */
import type { Lease } from './Lease.ts';

/** What is known of a key that somebody holds. */
export interface BusRecord {
  /** The key. */
  readonly key: string;
  /** What its holder says of it. */
  readonly value: string;
  /** Which claim of the key it is: each has a larger one than all before, also when the engine has lost its data. */
  readonly epoch: number;
  /** The key of the lease that it lives and ends with; its own for one that is renewed itself. */
  readonly root: string;
  /** The epoch of that lease. */
  readonly rootEpoch: number;
}

/** How a bus does. Counts are since it was made. */
export interface BusStatus {
  /** Whether the engine answers. */
  readonly isUp: boolean;
  /** How often it stopped answering. */
  readonly outages: number;
  /** Calls that were answered with an error, or not in time. */
  readonly failures: number;
  /** Milliseconds that the last call took. */
  readonly roundTripMs: number;
  /** Messages to this bus's own inboxes that wait for a listener. As of the last look, at most a few seconds old. */
  readonly waiting: number;
}

/** Ends a subscription. Calling it twice is fine. */
export type Unsubscribe = () => void;

/** What a listener of an inbox or a topic is called with. The bytes are its own. */
export type BusListener = (bytes: Uint8Array) => void | Promise<void>;

/**
 * One node's connection to what all nodes share.
 *
 * **Keys** are `kind/name`: the kind of 1..32 of `a-z0-9_-`, the name of 1..160 printable ASCII characters. Values are well-formed
 * texts of at most {@link MAX_BUS_VALUE} bytes of UTF-8.
 *
 * **Leases**: a key that is claimed without `under` is a *root*: it holds for `leaseMs` after each renewal. All other keys are claimed under
 * a root, cost nothing while it holds, and end with it. Whether a lease has ended only the engine's clock decides; when its holder has to
 * stop is decided by the holder's own monotonic clock, from before each renewal was sent, a tenth of `leaseMs` early
 * (`Lease.isHeld`).
 *
 * **What is never lost or doubled**: a key has one holder. Who comes upon a root that has ended ends it for good before it takes what was
 * under it, so that a late renewal fails (LOST). An engine that may have lost data (it was started anew, with none or with old data) lets
 * nobody claim anything new for `leaseMs` (WARMING), while holders put back what they held; where two do, the larger epoch has it. A root
 * that had run out before that is not sure of anything until its holder has looked after that time.
 *
 * **What may be lost**: messages, as `send` and `publish` say. A call that fails with DOWN may have been carried out; each may be repeated.
 */
export interface ClusterBus {
  /** The name of the engine: `'memory'`, `'redis'`, `'nats'`. */
  readonly engine: string;
  /** How long a root holds, in milliseconds. The same for all nodes of a cluster. */
  readonly leaseMs: number;

  /**
   * Makes a key this node's own. Asked again for what this bus has claimed since the engine was started, it answers with the same claim; for
   * what it had claimed before that, with another one in its place.
   *
   * @param under the root that it lives and ends with. Default: it is a root.
   * @param from the epoch of a claim that its holder has given up for this one: that is replaced at once.
   * @throws (as rejection) BusError TAKEN with the record, WARMING, LOST when the root is not held any more, DOWN.
   */
  claim(key: string, value: string, under?: Lease | undefined, from?: number | undefined): Promise<Lease>;

  /**
   * Lets a root hold for another `leaseMs`. One that has run out, but was not ended by anybody, holds again.
   *
   * @returns `'restored'` when the engine was started anew since, and until what is under the root was looked at:
   * {@link ClusterBus.restore} is needed until it has succeeded, and again after each such answer.
   * @throws (as rejection) RangeError for a lease that is under another. BusError LOST when somebody has ended it: its rooms may be
   * somebody else's. DOWN.
   */
  renew(root: Lease): Promise<'held' | 'restored'>;

  /**
   * Says something else of a key.
   *
   * @throws (as rejection) BusError LOST when it is not held by this claim any more. DOWN, TOO_LARGE.
   */
  update(lease: Lease, value: string): Promise<void>;

  /**
   * Looks whether keys are recorded as this node holds them, and puts back those that are missing, or are there with a smaller epoch.
   *
   * @param root what they are under: it holds again when the engine is not WARMING any more. One that had run out before the data were lost
   * may have lost what is under it to somebody whom the engine has forgotten: `claim` gives a larger epoch for each such key.
   * @returns those that somebody else holds with a larger one; they are over.
   * @throws (as rejection) BusError LOST as `renew`, DOWN.
   */
  restore(root: Lease, leases: readonly Lease[]): Promise<Lease[]>;

  /** Gives a key up; with a root all that is under it. One that is not held any more is left alone. @throws (as rejection) DOWN. */
  release(lease: Lease): Promise<void>;

  /** Who holds a key; `undefined` when nobody does. @throws (as rejection) BusError DOWN. */
  find(key: string): Promise<BusRecord | undefined>;

  /** All keys of a kind that are held, in no order. @throws (as rejection) BusError DOWN. */
  list(kind: string): Promise<BusRecord[]>;

  /**
   * Sends a message to an inbox. Messages of one sender arrive in their order. They wait while nobody receives, a minute at least, and are
   * handed over once, again only when the receiver ended in the middle of one. An engine that loses its data loses those that wait.
   *
   * @param inbox a name as that of a key.
   * @param bytes at most {@link MAX_BUS_MESSAGE}; copied.
   * @throws (as rejection) BusError FULL when {@link MAX_WAITING} wait already: this one is not sent. DOWN: it may have been. TOO_LARGE.
   */
  send(inbox: string, bytes: Uint8Array): Promise<void>;

  /**
   * Takes the messages of an inbox, one after the other: a message is done when the listener has settled; what it throws is reported.
   * One listener per inbox in the whole cluster. After an outage it goes on by itself.
   *
   * @throws (as rejection) BusError DOWN: nothing is received then.
   */
  receive(inbox: string, listener: BusListener): Promise<Unsubscribe>;

  /** Tells all who listen now. Whoever is not connected at that moment misses it. @throws (as rejection) BusError DOWN, TOO_LARGE. */
  publish(topic: string, bytes: Uint8Array): Promise<void>;

  /** Listens to a topic, on this node's own messages as well; after an outage again by itself. @throws (as rejection) BusError DOWN. */
  subscribe(topic: string, listener: BusListener): Promise<Unsubscribe>;

  /** Calls a listener each time the engine stops answering or answers again. */
  onState(listener: (isUp: boolean) => void): Unsubscribe;

  /** Counts and times, for operators. */
  status(): BusStatus;

  /** Ends the connection; leases run out by themselves unless they were released. Calling it twice is fine. */
  close(): Promise<void>;
}

/** The most bytes of a value. */
export const MAX_BUS_VALUE = 65_536;
/** The most bytes of a message. */
export const MAX_BUS_MESSAGE = 524_288;
/** The most messages that wait in one inbox. */
export const MAX_WAITING = 1000;
