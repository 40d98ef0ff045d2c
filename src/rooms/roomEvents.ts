/** The members of a room who speak the events of ENetServer: what they say, what they are told, and the tree that is replicated to them. */
import { checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import type { Replication, ReplicationLink, ReplicationOptions, SceneMirror } from '../../schema/index.ts';
import { callGuarded } from '../godot/internal.ts';
import type { ENetServer, ENetServerPeer, EventPayload, ReceivedDictionary } from '../server/index.ts';
import type { RoomsContext } from './roomsContext.ts';

/** What is called when an event of a member arrives. */
export type RoomEventHandler<P> = (player: P, payload: ReceivedDictionary) => unknown;

/** How an event is sent. */
export interface EventOptions {
  /** Default 0. */
  readonly channel?: number | undefined;
  /** Default true. */
  readonly reliable?: boolean | undefined;
  /** Whether a member who is away gets it when it is back. Default false. */
  readonly kept?: boolean | undefined;
}

/** The events of one room. */
export class RoomEvents<P> {
  readonly #server: ENetServer | undefined;
  readonly #context: RoomsContext;
  readonly #members = new Set<ENetServerPeer>();
  readonly #handlers = new Map<string, RoomEventHandler<P>>();
  #replication: Replication<ENetServerPeer> | undefined;

  constructor(server: ENetServer | undefined, context: RoomsContext) {
    this.#server = server;
    this.#context = context;
  }

  /** Sets who handles an event, in place of an earlier one. @throws TypeError for no name or no function. */
  on(name: string, handler: RoomEventHandler<P>): void {
    if (typeof name !== 'string' || name === '')
      throw new TypeError(`"name" expected a name, got ${describe(name)}`);
    if (typeof handler !== 'function')
      throw new TypeError(`"handler" expected a function, got ${describe(handler)}`);
    this.#handlers.set(name, handler);
  }

  /** An event of a member has arrived. @returns whether somebody handles it. */
  receive(player: P, name: string, payload: ReceivedDictionary): boolean {
    const handler = this.#handlers.get(name);
    if (handler === undefined) return false;
    callGuarded(handler, [player, payload], this.#context.report, 'event', name);
    return true;
  }

  /** Sends an event to a member. @returns Godot's Error number, as `ENetServer.triggerEvent`. */
  send(peer: ENetServerPeer, name: string, payload: EventPayload, options: EventOptions = {}): number {
    checkOptions(options, EVENT_NAMES);
    const { channel = 0, reliable = true } = options;
    return this.#server?.triggerEvent(peer.peerId, name, payload, channel, reliable) ?? 0;
  }

  /** Sends an event to all members. */
  broadcast(name: string, payload: EventPayload, options: EventOptions = {}): void {
    checkOptions(options, EVENT_NAMES);
    for (const peer of this.#members) this.send(peer, name, payload, options);
  }

  /** A member comes. */
  add(peer: ENetServerPeer): void {
    this.#members.add(peer);
  }

  /** A member goes, and stays connected: it is told to free what it has. */
  dismiss(peer: ENetServerPeer): void {
    this.#replication?.dismiss(peer);
    this.#members.delete(peer);
  }

  /** The connection of a member is lost. */
  lose(peer: ENetServerPeer): void {
    this.#members.delete(peer);
  }

  /** Replicates the tree to the members. @throws Error when it is replicated already, or there is no ENetServer. */
  replicate(mirror: SceneMirror, options: ReplicationOptions<ENetServerPeer>): void {
    const server = this.#server;
    if (server === undefined) throw new Error('the RoomServer has no "events": nobody speaks this protocol');
    if (this.#replication !== undefined) throw new Error('the tree of this room is replicated already');
    const members = this.#members;
    const link = server.replicationLink();
    const own: ReplicationLink<ENetServerPeer> = {
      encode: link.encode,
      now: () => link.now(),
      startTimer: (delayMs, callback) => link.startTimer(delayMs, callback),
      *peers() {
        for (const peer of link.peers()) if (members.has(peer)) yield peer;
      },
      createPacket: (bytes, isReliable) => link.createPacket(bytes, isReliable),
      send: (peer, packet, channel) => members.has(peer) && link.send(peer, packet, channel),
      queuedBytes: (peer) => link.queuedBytes(peer),
      report: (error, where) => link.report(error, where),
    };
    this.#replication = mirror.replicate({ replicationLink: () => own }, options);
  }

  /** The room has ended. */
  close(): void {
    this.#replication?.stop();
    this.#members.clear();
  }
}

const EVENT_NAMES: OptionNames<EventOptions> = { channel: true, reliable: true, kept: true };
