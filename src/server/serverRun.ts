/**
 * One run of a server, from createServer to stopServer: its network, its loop, its peers, and what the events of the
 * network mean for them. enet-server-module section 7, with the better behaviour of section 8.
 */
import { DisconnectCause } from '../enet/index.ts';
import { ConnectionEventType, GodotError, PacketFlag } from '../godot/index.ts';
import { AuthMode, ConnectionState } from './constants.ts';
import type { LinkListener, LinkRequest, PeerLink, ServerLink, Transport } from './link/link.ts';
import { openLink } from './link/openLink.ts';
import { PeerSession, type SessionKeeper } from './peerSession.ts';
import type { ServerDelivery } from './serverDelivery.ts';
import type { ServerParts } from './serverParts.ts';
import { type LoopHandler, ServiceLoop } from './serviceLoop.ts';

/** What exists only while a server is active. */
export class ServerRun implements LinkListener, LoopHandler<PeerLink>, SessionKeeper {
  readonly loop: ServiceLoop;
  readonly #parts: ServerParts;
  readonly #delivery: ServerDelivery;
  readonly #whenDead: (error: Error) => void;
  #link: ServerLink | undefined;
  #port = 0;
  readonly #byId = new Map<number, PeerSession>();
  readonly #byLink = new Map<PeerLink, PeerSession>();
  #nextId = 1;
  /** When every peer was last looked at: host time in ms. */
  #lookTime = 0;

  /** @param whenDead is called when the network has died, with nothing ended yet. */
  constructor(
    parts: ServerParts,
    delivery: ServerDelivery,
    pollRateMs: number,
    whenDead: (error: Error) => void,
  ) {
    this.#parts = parts;
    this.#delivery = delivery;
    this.#whenDead = whenDead;
    this.loop = new ServiceLoop(parts.runtime, this, pollRateMs);
  }

  /** Opens the network. @returns Godot's error number when there is none to be had; then the run has not begun. */
  open(transport: Transport, request: LinkRequest): GodotError {
    const link = openLink(transport, request, this);
    if (typeof link === 'number') return link;
    this.#link = link;
    this.#port = link.getLocalPort();
    return GodotError.OK;
  }

  /** The network; undefined only before it is open. */
  get link(): ServerLink | undefined {
    return this.#link;
  }

  /** The port to which it is bound. */
  get port(): number {
    return this.#port;
  }

  /** Begins to take events. */
  start(): void {
    if (this.#link !== undefined) this.loop.start(this.#link);
  }

  /** How many peers there are. */
  get size(): number {
    return this.#byId.size;
  }

  find(id: number): PeerSession | undefined {
    return this.#byId.get(id);
  }

  /** All peers in the order of connecting. */
  sessions(): IterableIterator<PeerSession> {
    return this.#byId.values();
  }

  /** Ends every connection at once and closes the network. */
  stop(reason: string, cause: DisconnectCause): void {
    this.loop.stop();
    const sessions = [...this.sessions()];
    for (const session of sessions) {
      session.keepStatistics();
      session.link.peerDisconnectNow(0);
    }
    this.#link?.destroy();
    for (const session of sessions) {
      session.markStopped();
      this.#end(session, reason, cause);
    }
  }

  // --- The network and its loop -------------------------------------------------------------------------------

  onWake(): void {
    this.loop.onWake();
  }

  onFailure(error: Error): void {
    this.#whenDead(error);
  }

  onOverflow(peer: PeerLink): void {
    this.#byLink.get(peer)?.queueIsFull(true);
  }

  onPass(): void {
    const now = this.#parts.runtime.now();
    this.#parts.queue.drain();
    if ((now - this.#lookTime) >>> 0 < LOOK_INTERVAL_MS) return;
    this.#lookTime = now;
    for (const session of this.sessions()) {
      session.keepStatistics();
      session.checkWaitingData();
    }
  }

  /** Only peers are looked at. */
  nextPassMs(now: number): number | undefined {
    if (this.#byId.size === 0) return undefined;
    return Math.max(0, LOOK_INTERVAL_MS - ((now - this.#lookTime) >>> 0));
  }

  onEvent(type: ConnectionEventType, peer: PeerLink, data: number, channel: number): void {
    // Section 8, row 21: found directly, whatever the number of peers.
    const session = this.#byLink.get(peer);
    if (type === ConnectionEventType.EVENT_CONNECT) {
      this.#handleConnect(peer, data);
    } else if (session === undefined) {
      if (type === ConnectionEventType.EVENT_RECEIVE) peer.getPacket();
    } else if (type === ConnectionEventType.EVENT_RECEIVE) {
      const isReliable = (peer.getPacketFlags() & PacketFlag.FLAG_RELIABLE) !== 0;
      this.#handlePacket(session, peer.getPacket(), channel, isReliable);
    } else if (type === ConnectionEventType.EVENT_DISCONNECT) {
      this.#end(session, 'Connection lost', peer.disconnectCause ?? DisconnectCause.FAILURE);
    }
    this.#parts.queue.drain();
  }

  // --- The sessions -------------------------------------------------------------------------------------------

  approved(session: PeerSession): void {
    this.#parts.queue.push(() => this.#emitApproved(session));
  }

  overdue(session: PeerSession): void {
    session.link.peerDisconnectNow(0);
    this.#end(session, '', DisconnectCause.LOCAL);
  }

  /** A session is authenticated now: its signal, then the packets that were held. */
  #emitApproved(session: PeerSession): void {
    // A kick between the approval and now wins: the peer is on its way out.
    if (session.canDeliver) {
      this.#parts.ops.counters.authentications++;
      this.#parts.emit('peerAuthenticated', session.handle);
    }
    for (const { bytes, channel } of session.takeHeld()) {
      if (session.canDeliver) this.#delivery.deliver(session, bytes, channel);
    }
  }

  /** A connection has ended; `peerDisconnected` follows. */
  #end(session: PeerSession, fallbackReason: string, cause: DisconnectCause): void {
    const { ops, queue, emit } = this.#parts;
    this.#byId.delete(session.id);
    this.#byLink.delete(session.link);
    const reason = session.end(fallbackReason, cause);
    ops.counters.disconnectionsByCause.add(session.disconnectCause ?? cause);
    queue.push(() => emit('peerDisconnected', session.handle, reason));
  }

  #handleConnect(link: PeerLink, data: number): void {
    const { authentication, ops, emit } = this.#parts;
    const session = new PeerSession(this.#parts, this, this.#nextId++, link);
    this.#byId.set(session.id, session);
    this.#byLink.set(link, session);
    ops.counters.connections++;
    emit('peerConnecting', session.handle, data >>> 0);
    // Row 11: whoever was disconnected meanwhile is not promoted.
    if (session.isOver || session.connectionState !== ConnectionState.STATE_CONNECTING) return;
    if (authentication.mode === AuthMode.AUTH_NONE) session.approve();
    else session.enterPrelogin(authentication.timeoutMs);
  }

  #handlePacket(session: PeerSession, bytes: Uint8Array, channel: number, isReliable: boolean): void {
    if (session.canDeliver) {
      if (session.isWithinRate(bytes.length, isReliable)) this.#delivery.deliver(session, bytes, channel);
    } else if (session.connectionState === ConnectionState.STATE_PRELOGIN)
      session.receivePrelogin(bytes, channel);
  }
}

/** How often every peer is looked at: statistics for the time after its end, and what the link holds for it. */
const LOOK_INTERVAL_MS = 1000;
