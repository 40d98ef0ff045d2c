/** One run of a server, from createServer to stopServer: its connection, its loop and its peers. */
import type { PeerLink, ServerLink } from './link.ts';
import type { PeerSession } from './peerSession.ts';
import type { ServiceLoop } from './serviceLoop.ts';

/** What exists only while a server is active. */
export class ServerRun {
  readonly connection: ServerLink;
  readonly port: number;
  readonly loop: ServiceLoop;
  /** When every peer was last looked at: host time in ms. */
  lookTime = 0;
  readonly #byId = new Map<number, PeerSession>();
  readonly #byPacketPeer = new Map<PeerLink, PeerSession>();
  #nextId = 1;

  constructor(connection: ServerLink, loop: ServiceLoop) {
    this.connection = connection;
    this.loop = loop;
    this.port = connection.getLocalPort();
  }

  /** How many peers there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** The next peer id: 1, 2, 3, ... */
  takeId(): number {
    return this.#nextId++;
  }

  add(session: PeerSession): void {
    this.#byId.set(session.id, session);
    this.#byPacketPeer.set(session.packetPeer, session);
  }

  remove(session: PeerSession): void {
    this.#byId.delete(session.id);
    this.#byPacketPeer.delete(session.packetPeer);
  }

  find(id: number): PeerSession | undefined {
    return this.#byId.get(id);
  }

  /** Section 8, row 21: found directly, whatever the number of peers. */
  findByPacketPeer(packetPeer: PeerLink): PeerSession | undefined {
    return this.#byPacketPeer.get(packetPeer);
  }

  /** All peers in the order of connecting. */
  sessions(): IterableIterator<PeerSession> {
    return this.#byId.values();
  }
}
