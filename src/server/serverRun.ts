/**
 * One run of a server, from createServer to stopServer: its connection, its loop, its peers, and what the events of the
 * connection mean for them. enet-server-module section 7, with the better behaviour of section 8.
 */
import { DisconnectCause } from '../enet/index.ts';
import { ConnectionEventType, PacketFlag } from '../godot/internal.ts';
import type { Authentication } from './authentication.ts';
import { AuthMode, ConnectionState } from './constants.ts';
import type { DispatchQueue } from './dispatchQueue.ts';
import type { PeerLink, ServerLink } from './link/link.ts';
import { PeerSession, type SessionOwner } from './peerSession.ts';
import { countEnd, type ServerCounters } from './serverOps.ts';
import type { ServiceLoop } from './serviceLoop.ts';

/** What a {@link ServerRun} needs of its server. */
export interface RunOwner {
  readonly sessionOwner: SessionOwner;
  readonly authentication: Authentication;
  readonly counters: ServerCounters;
  /** Signals that wait for the current call to return. */
  readonly queue: DispatchQueue;
  /** Emits `peerConnecting`. */
  emitConnecting(session: PeerSession, data: number): void;
  /** Emits `peerAuthenticated`. */
  emitAuthenticated(session: PeerSession): void;
  /** Emits `peerDisconnected`. */
  emitDisconnected(session: PeerSession, reason: string): void;
  /** Delivers a packet of an authenticated peer. */
  deliver(session: PeerSession, bytes: Uint8Array, channel: number): void;
}

/** What exists only while a server is active. */
export class ServerRun {
  readonly connection: ServerLink;
  readonly port: number;
  readonly loop: ServiceLoop;
  readonly #owner: RunOwner;
  readonly #byId = new Map<number, PeerSession>();
  readonly #byPacketPeer = new Map<PeerLink, PeerSession>();
  #nextId = 1;
  /** When every peer was last looked at: host time in ms. */
  #lookTime = 0;

  constructor(owner: RunOwner, connection: ServerLink, loop: ServiceLoop) {
    this.#owner = owner;
    this.connection = connection;
    this.loop = loop;
    this.port = connection.getLocalPort();
  }

  /** How many peers there are. */
  get size(): number {
    return this.#byId.size;
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

  /** Ends every connection at once and closes the socket. */
  stop(reason: string, cause: DisconnectCause): void {
    this.loop.stop();
    const sessions = [...this.sessions()];
    for (const session of sessions) {
      session.keepStatistics();
      session.packetPeer.peerDisconnectNow(0);
    }
    this.connection.destroy();
    for (const session of sessions) {
      session.markStopped();
      this.end(session, reason, cause);
    }
  }

  /** A pass of the loop begins. */
  handlePass(now: number): void {
    this.#owner.queue.drain();
    if ((now - this.#lookTime) >>> 0 < LOOK_INTERVAL_MS) return;
    this.#lookTime = now;
    for (const session of this.sessions()) {
      session.keepStatistics();
      session.checkWaitingData();
    }
  }

  /** See `LoopHandler.nextPassMs`: only peers are looked at. */
  nextPassMs(now: number): number | undefined {
    if (this.#byId.size === 0) return undefined;
    return Math.max(0, LOOK_INTERVAL_MS - ((now - this.#lookTime) >>> 0));
  }

  /** One event of the connection. */
  handleEvent(type: ConnectionEventType, packetPeer: PeerLink, data: number, channel: number): void {
    const session = this.findByPacketPeer(packetPeer);
    if (type === ConnectionEventType.EVENT_CONNECT) {
      this.#handleConnect(packetPeer, data);
    } else if (session === undefined) {
      if (type === ConnectionEventType.EVENT_RECEIVE) packetPeer.getPacket();
    } else if (type === ConnectionEventType.EVENT_RECEIVE) {
      const isReliable = (packetPeer.getPacketFlags() & PacketFlag.FLAG_RELIABLE) !== 0;
      this.#handlePacket(session, packetPeer.getPacket(), channel, isReliable);
    } else if (type === ConnectionEventType.EVENT_DISCONNECT) {
      this.end(session, 'Connection lost', packetPeer.disconnectCause ?? DisconnectCause.FAILURE);
    }
    this.#owner.queue.drain();
  }

  /** A session is authenticated now: its signal, then the packets that were held. */
  emitApproved(session: PeerSession): void {
    // A kick between the approval and now wins: the peer is on its way out.
    if (session.canDeliver) {
      this.#owner.counters.authentications++;
      this.#owner.emitAuthenticated(session);
    }
    for (const { bytes, channel } of session.takeHeld()) {
      if (session.canDeliver) this.#owner.deliver(session, bytes, channel);
    }
  }

  /** A connection has ended; `peerDisconnected` follows. */
  end(session: PeerSession, fallbackReason: string, cause: DisconnectCause): void {
    this.#byId.delete(session.id);
    this.#byPacketPeer.delete(session.packetPeer);
    const reason = session.end(fallbackReason, cause);
    countEnd(this.#owner.counters, session.disconnectCause ?? cause);
    this.#owner.queue.push(() => this.#owner.emitDisconnected(session, reason));
  }

  #handleConnect(packetPeer: PeerLink, data: number): void {
    const { authentication } = this.#owner;
    const session = new PeerSession(this.#owner.sessionOwner, this.#nextId++, packetPeer);
    this.#byId.set(session.id, session);
    this.#byPacketPeer.set(packetPeer, session);
    this.#owner.counters.connections++;
    this.#owner.emitConnecting(session, data >>> 0);
    // Row 11: whoever was disconnected meanwhile is not promoted.
    if (session.isOver || session.connectionState !== ConnectionState.STATE_CONNECTING) return;
    if (authentication.mode === AuthMode.AUTH_NONE) session.approve();
    else session.enterPrelogin(authentication.timeoutMs);
  }

  #handlePacket(session: PeerSession, bytes: Uint8Array, channel: number, isReliable: boolean): void {
    if (session.canDeliver) {
      if (session.isWithinRate(bytes.length, isReliable)) this.#owner.deliver(session, bytes, channel);
    } else if (session.connectionState === ConnectionState.STATE_PRELOGIN)
      session.receivePrelogin(bytes, channel);
  }
}

/** How often every peer is looked at: statistics for the time after its end, and what ENet holds for it. */
const LOOK_INTERVAL_MS = 1000;
