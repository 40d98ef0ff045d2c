/** Clients of ENetServer as players: Blazium's classes, the add-on for stock Godot, `ENetClient`. */
import type { DisconnectCause } from '../enet/index.ts';
import type { TransportPeer } from '../godot/index.ts';
import type { ENetServer, ENetServerPeer, ReceivedDictionary } from '../server/index.ts';
import type { ConnectionRoom, PlayerConnection } from './connection.ts';
import type { TicketReader } from './front.ts';
import type { Login } from './players.ts';
import type { RoomsContext } from './roomsContext.ts';

/** The event by which a client hears where it is: `room`, `kind` and `move`, a number that counts up. */
export const ROOM_JOINED = 'room_joined';
/** The event by which a client says that it has heard so, with the same `move`. Until then its events are for the room before. */
export const ROOM_READY = 'room_ready';

/** The entry of a login that is a ticket of another node. */
const LOGIN_TICKET = 'handoff_ticket';

/** The players who speak the events of ENetServer. */
export interface EventPlayersOptions {
  /** The server. It listens already, or will; what it is set to stays, but for its authenticator when there is a `login`. */
  readonly server: ENetServer;
  /** Who is who, by what clients log in with. Default: nobody is asked, and each connection is a player of its own. */
  readonly login?:
    | ((peer: ENetServerPeer, loginData: ReceivedDictionary) => Login | false | Promise<Login | false>)
    | undefined;
}

/** What the door needs of its server. */
export interface EventDoorOwner {
  readonly context: RoomsContext;
  /** An id that no peer has. */
  newPeerId(): number;
  /** Somebody has logged in. @returns why not; `undefined` when it is a player now. */
  login(link: EventConnection, login: Login): string | undefined;
  /** A connection has ended. */
  ended(link: EventConnection, cause: DisconnectCause | undefined): void;
  /** An event of a player has come that nobody else handles. */
  event(link: EventConnection, name: string, payload: ReceivedDictionary): void;
  /** An event was meant for the room before, and is dropped. */
  late(link: EventConnection, name: string): void;
}

/** A client of ENetServer. */
export class EventConnection implements PlayerConnection {
  readonly protocol = 'events';
  readonly peerId: number;
  /** The peer of the server. */
  readonly peer: ENetServerPeer;
  readonly #server: ENetServer;
  #moves = 0;
  #isReady = true;

  constructor(peerId: number, peer: ENetServerPeer, server: ENetServer) {
    this.peerId = peerId;
    this.peer = peer;
    this.#server = server;
  }

  transportPeer(): TransportPeer {
    const { remoteAddress: address, remotePort: port } = this.peer;
    return { transport: 'ENet', address, port, roundTripMs: this.peer.getPing() };
  }

  join({ events, id, kind }: ConnectionRoom): void {
    events.add(this.peer);
    this.#isReady = this.#moves === 0;
    events.send(this.peer, ROOM_JOINED, { room: id, kind, move: ++this.#moves });
  }

  release({ events }: ConnectionRoom): void {
    events.dismiss(this.peer);
  }

  lose(core: ConnectionRoom | undefined): void {
    core?.events.lose(this.peer);
  }

  end(): void {
    this.#server.kickPeer(this.peer.peerId);
  }

  /** Whether an event is for the room of now. */
  takes(name: string, payload: ReceivedDictionary): boolean | 'ready' {
    if (name !== ROOM_READY) return this.#isReady;
    if (Number(payload.get('move')) === this.#moves) this.#isReady = true;
    return 'ready';
  }
}

/** Lets the clients of an ENetServer in. */
export class EventDoor {
  readonly #owner: EventDoorOwner;
  readonly #server: ENetServer;
  readonly #links = new Map<ENetServerPeer, EventConnection>();
  readonly #hasLogin: boolean;
  readonly #logins = new WeakMap<ENetServerPeer, Login>();
  readonly #authenticated = (peer: ENetServerPeer): void => this.#came(peer);
  readonly #disconnected = (peer: ENetServerPeer): void => this.#left(peer);
  readonly #event = (peer: ENetServerPeer, name: string, payload: ReceivedDictionary): void =>
    this.#received(peer, name, payload);

  constructor(owner: EventDoorOwner, { server, login }: EventPlayersOptions) {
    this.#owner = owner;
    this.#server = server;
    server.on('peerAuthenticated', this.#authenticated);
    server.on('peerDisconnected', this.#disconnected);
    server.on('unknownEventReceived', this.#event);
    this.#hasLogin = login !== undefined;
    if (login === undefined) return;
    server.setCustomAuthenticator(async (peer, loginData) => {
      const ticket: unknown = loginData.get(LOGIN_TICKET);
      const known = typeof ticket === 'string' ? await this.tickets?.(ticket) : undefined;
      const answer = known ?? (await login(peer, loginData));
      // Whatever is no answer lets nobody in.
      if (typeof answer !== 'object' || typeof answer?.player !== 'string') return false;
      this.#logins.set(peer, answer);
      return true;
    });
  }

  /** Set: is asked first. */
  tickets: TicketReader | undefined;

  /** How many players speak events. */
  get size(): number {
    return this.#links.size;
  }

  /** Lets go of the server. It goes on. */
  close(): void {
    this.#server.off('peerAuthenticated', this.#authenticated);
    this.#server.off('peerDisconnected', this.#disconnected);
    this.#server.off('unknownEventReceived', this.#event);
    this.#links.clear();
  }

  #came(peer: ENetServerPeer): void {
    const link = new EventConnection(this.#owner.newPeerId(), peer, this.#server);
    const known = this.#logins.get(peer);
    this.#links.set(peer, link);
    // The server may have been told meanwhile to ask nobody.
    const refusal =
      known === undefined && this.#hasLogin
        ? 'it was not asked who it is'
        : this.#owner.login(link, known ?? { player: this.#owner.context.newGuest() });
    if (refusal === undefined) return;
    this.#links.delete(peer);
    this.#owner.context.refuse('login', `login: the peer ${peer.peerId} is refused: ${refusal}`);
    this.#server.kickPeer(peer.peerId, refusal);
  }

  #left(peer: ENetServerPeer): void {
    const link = this.#links.get(peer);
    if (link === undefined) return;
    this.#links.delete(peer);
    this.#owner.ended(link, peer.disconnectCause);
  }

  #received(peer: ENetServerPeer, name: string, payload: ReceivedDictionary): void {
    const link = this.#links.get(peer);
    if (link === undefined) return;
    const takes = link.takes(name, payload);
    if (takes === 'ready') return;
    if (takes) this.#owner.event(link, name, payload);
    else this.#owner.late(link, name);
  }
}
