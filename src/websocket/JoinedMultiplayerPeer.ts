/** Several servers as one: players over ENet and players in browsers in one game. Our addition; Godot has none. */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import {
  type ErrorReporter,
  GodotError,
  godotErrorName,
  MultiplayerConnectionStatus,
  MultiplayerPeer,
  TARGET_PEER_SERVER,
  type TransportPeer,
  type VersionRange,
} from '../godot/index.ts';
import { describe, toInteger } from '../godot/internal.ts';
import { WebSocketMultiplayerPeer, webSocketAccess } from './WebSocketMultiplayerPeer.ts';

/** What a {@link JoinedMultiplayerPeer} can be told at creation. */
export interface JoinedMultiplayerPeerOptions {
  /** Takes one line for every refused call and every refused peer, in words for a human. Default: nobody listens. */
  readonly onTrace?: ((line: string) => void) | undefined;
  /** Takes what a listener of a signal throws. Default: it becomes an uncaught exception. */
  readonly onError?: ErrorReporter | undefined;
  /** How many bytes of received packets may wait to be fetched here; the rest waits in its transport. Default 64 MiB. */
  readonly maxQueuedBytes?: number | undefined;
}

/** A transport with what listens to it. */
interface Part {
  readonly transport: MultiplayerPeer;
  readonly joined: (id: number) => void;
  readonly left: (id: number) => void;
}

/**
 * A server that is made of servers, under one id space: what is above it, e.g. a `SceneMultiplayer`, sees one transport.
 *
 * ```ts
 * const joined = new JoinedMultiplayerPeer([enetPeer, webSocketPeer]);
 * multiplayer.multiplayerPeer = joined;
 * ```
 *
 * Poll this one only, and give it the transports before their first client. They are its own from then on: `close()` closes
 * them.
 *
 * An ENet client chooses its id, a WebSocket client is given one that nobody has. Should an ENet client come with an id that is
 * in use (one in two thousand millions for each player), it is disconnected and counted; it gets another id when it connects
 * again.
 */
export class JoinedMultiplayerPeer extends MultiplayerPeer {
  readonly #parts: Part[] = [];
  /** Who is where. */
  readonly #owners = new Map<number, Part>();
  #collisions = 0;
  #wakeListener: (() => void) | undefined;

  /**
   * @param transports servers that are open. One more can follow with {@link JoinedMultiplayerPeer.add}.
   * @throws TypeError for what is no open server; RangeError for a bad `maxQueuedBytes`.
   */
  constructor(transports: readonly MultiplayerPeer[], options: JoinedMultiplayerPeerOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    super({
      random32: () => {
        throw new TypeError('the transports of a JoinedMultiplayerPeer give ids');
      },
      onTrace: options.onTrace,
      onError: options.onError,
      maxQueuedBytes: options.maxQueuedBytes,
    });
    if (!Array.isArray(transports))
      throw new TypeError(`"transports" expected an array of open servers, got ${describe(transports)}`);
    for (const transport of transports) {
      const error = this.add(transport);
      if (error !== GodotError.OK) {
        this.#letGo();
        throw new TypeError(`"transports" expected open servers, each once (${godotErrorName(error)})`);
      }
    }
  }

  /**
   * Adds a server.
   *
   * @returns OK; ERR_INVALID_PARAMETER for what is no open server; ERR_ALREADY_IN_USE for one that is in already.
   */
  add(transport: MultiplayerPeer): GodotError {
    if (!(transport instanceof MultiplayerPeer) || transport === this || !transport.isServer()) {
      return this.#refuse('add', 'transport expected an open server', GodotError.ERR_INVALID_PARAMETER);
    }
    if (this.#parts.some((part) => part.transport === transport)) {
      return this.#refuse('add', 'the transport is in already', GodotError.ERR_ALREADY_IN_USE);
    }
    const part: Part = {
      transport,
      joined: (id) => this.#joined(part, id),
      left: (id) => this.#left(part, id),
    };
    this.#parts.push(part);
    // A door that is closed here, while the server drains say, is closed there.
    if (this.refuseNewConnections) transport.refuseNewConnections = true;
    transport.on('peerConnected', part.joined).on('peerDisconnected', part.left);
    // Whoever waits finds out whether this one tells as well.
    if (this.#wakeListener !== undefined) queueMicrotask(this.#wakeListener);
    this.#wakeListener = undefined;
    if (transport instanceof WebSocketMultiplayerPeer) {
      webSocketAccess.avoidIds(transport, (id) => this.#owners.has(id));
    }
    return GodotError.OK;
  }

  /** The transports that are open. */
  get transports(): readonly MultiplayerPeer[] {
    return this.#parts.map(({ transport }) => transport);
  }

  /** The transport of a peer; `undefined` for an id that nobody has. */
  transportOf(id: number): MultiplayerPeer | undefined {
    return this.#owners.get(toInteger(id))?.transport;
  }

  /** What the transport of a peer says. */
  override versionHintOf(id: number): VersionRange | undefined {
    return this.transportOf(id)?.versionHintOf(id);
  }

  /** The ids of those who are connected, whichever transport they have. */
  override connectedPeers(): number[] {
    return [...this.#owners.keys()];
  }

  /** What its transport knows of a peer. */
  override transportPeer(id: number): TransportPeer | undefined {
    return this.transportOf(id)?.transportPeer(id);
  }

  /** How many peers were refused because their id was in use. */
  get collisions(): number {
    return this.#collisions;
  }

  /**
   * Polls every transport and takes over what arrived. A transport that has failed is let go: its peers are gone, the others
   * play on.
   */
  poll(): void {
    if (this.#parts.length === 0) this.trace('poll: there is no transport');
    for (const part of [...this.#parts]) {
      // A listener may have closed everything.
      if (!this.#parts.includes(part)) continue;
      part.transport.poll();
      if (this.#parts.includes(part)) this.#fetch(part);
    }
  }

  /** Lets leave what waits in the transports because `sendsAtOnce` is false. */
  override flush(): void {
    for (const { transport } of this.#parts) transport.flush();
  }

  /** Tells when all transports do. */
  override setWakeListener(listener: (() => void) | undefined): boolean {
    const all = this.transports;
    const tells = all.length > 0 && all.every((transport) => transport.setWakeListener(listener));
    if (!tells) for (const transport of all) transport.setWakeListener(undefined);
    this.#wakeListener = tells ? listener : undefined;
    return tells;
  }

  /** Ends the connection of one peer, as its transport does it. */
  disconnectPeer(id: number, force = false): void {
    const peer = toInteger(id);
    const part = this.#owners.get(peer);
    if (part === undefined) {
      this.trace(`disconnectPeer: no peer has the id ${describe(id)}`);
      return;
    }
    if (force) this.#owners.delete(peer);
    part.transport.disconnectPeer(peer, force);
  }

  /** Closes every transport. There are no signals. */
  close(): void {
    const transports = this.transports;
    this.#letGo();
    this.clearPackets();
    for (const transport of transports) transport.close();
    this.refuseNewConnections = false;
  }

  /** CONNECTION_CONNECTED while one transport is open. */
  getConnectionStatus(): MultiplayerConnectionStatus {
    const { CONNECTION_CONNECTED, CONNECTION_DISCONNECTED } = MultiplayerConnectionStatus;
    return this.#parts.some(isOpen) ? CONNECTION_CONNECTED : CONNECTION_DISCONNECTED;
  }

  /** 1; 0 when everything is closed. */
  getUniqueId(): number {
    return this.#parts.some(isOpen) ? TARGET_PEER_SERVER : 0;
  }

  /** Whether a transport is open: all of them are servers. */
  isServer(): boolean {
    return this.#parts.some(isOpen);
  }

  /** The relaying itself is SceneMultiplayer's, and goes across transports. */
  isServerRelaySupported(): boolean {
    return this.#parts.some(isOpen);
  }

  /** The smallest of those of the transports. */
  override getMaxPacketSize(): number {
    return Math.min(
      super.getMaxPacketSize(),
      ...this.transports.map((transport) => transport.getMaxPacketSize()),
    );
  }

  /**
   * Hands a packet to the transport of the target, with the transfer mode and channel that are set here; to all of them for
   * everybody (0) and for everybody but one (below 0).
   */
  protected override sendPacket(bytes: Uint8Array): GodotError {
    const target = this.targetPeer;
    if (!this.#parts.some(isOpen))
      return this.#refuse('putPacket', 'not connected', GodotError.ERR_UNCONFIGURED);
    const owner = this.#owners.get(Math.abs(target));
    if (target > 0) {
      return owner === undefined
        ? this.#refuse('putPacket', `no peer has the id ${target}`, GodotError.ERR_INVALID_PARAMETER)
        : this.#put(owner, target, bytes);
    }
    let error: GodotError = GodotError.OK;
    for (const part of this.#parts) error = this.#put(part, part === owner ? target : 0, bytes) || error;
    return error;
  }

  protected override refusalChanged(refuse: boolean): void {
    for (const { transport } of this.#parts) transport.refuseNewConnections = refuse;
  }

  protected override get className(): string {
    return 'JoinedMultiplayerPeer';
  }

  #put({ transport }: Part, target: number, bytes: Uint8Array): GodotError {
    transport.setTargetPeer(target);
    transport.sendsAtOnce = this.sendsAtOnce;
    transport.transferMode = this.transferMode;
    transport.transferChannel = this.transferChannel;
    return transport.putPacket(bytes);
  }

  #joined(part: Part, id: number): void {
    if (this.#owners.has(id)) {
      this.#collisions++;
      this.trace(`poll: a peer was refused: its id ${id} is in use over another transport`);
      part.transport.disconnectPeer(id, true);
      return;
    }
    this.#owners.set(id, part);
    this.emitSignal('peerConnected', id);
  }

  #left(part: Part, id: number): void {
    if (this.#owners.get(id) !== part) return;
    this.noteEnd(part.transport.disconnectCause);
    // The listeners still find the peer, as with every transport.
    this.emitSignal('peerDisconnected', id);
    if (this.#owners.get(id) === part) this.#owners.delete(id);
  }

  /** Takes over what a transport has received. */
  #fetch(part: Part): void {
    const { transport } = part;
    while (!this.isQueueFull && transport.getAvailablePacketCount() > 0) {
      const from = transport.getPacketPeer();
      const channel = transport.getPacketChannel();
      const mode = transport.getPacketMode();
      const bytes = transport.getPacket();
      // What came before its sender was refused.
      if (this.#owners.get(from) === part) this.queuePacket({ bytes, from, channel, mode });
    }
    if (isOpen(part) || transport.getAvailablePacketCount() > 0) return;
    this.#drop(part);
    this.trace('poll: a transport has ended, and its peers with it');
    for (const [id, owner] of [...this.#owners]) if (owner === part) this.#left(part, id);
  }

  /** Stops listening to a transport. */
  #drop(part: Part): void {
    const { transport, joined, left } = part;
    transport.off('peerConnected', joined).off('peerDisconnected', left);
    transport.flush();
    transport.sendsAtOnce = true;
    if (transport instanceof WebSocketMultiplayerPeer) webSocketAccess.avoidIds(transport, () => false);
    this.#parts.splice(this.#parts.indexOf(part), 1);
  }

  #letGo(): void {
    for (const part of [...this.#parts]) this.#drop(part);
    this.#owners.clear();
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    this.trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }
}

function isOpen({ transport }: Part): boolean {
  return transport.getConnectionStatus() === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
}

const OPTION_NAMES: OptionNames<JoinedMultiplayerPeerOptions> = {
  onTrace: true,
  onError: true,
  maxQueuedBytes: true,
};
