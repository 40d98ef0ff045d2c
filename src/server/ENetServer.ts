/**
 * Godot's ENetServer: listens, lets clients in, delivers their packets and events.
 * enet-server-module sections 2, 3, 6.3 and 7, with the better behaviour of section 8.
 */

import type { MirrorNode, ReplicationLink, ReplicationServer } from '../../schema/index.ts';
import { type CompressionMode, GodotError } from '../godot/index.ts';
import { countingReporter, describe } from '../godot/internal.ts';
import type { ThreadCounters } from '../runtime/index.ts';
import { withPlatform } from '../runtime/internal.ts';
import type { Authenticator } from './authentication.ts';
import { AuthMode } from './constants.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import { EventReceiver } from './eventReceiver.ts';
import { EventTable } from './eventTable.ts';
import type { Transport } from './link/link.ts';
import { transportOf } from './link/transports.ts';
import { nodeSource } from './nodeState.ts';
import { observeServer } from './observe.ts';
import { checkServerOptions, type ENetServerOptions } from './options.ts';
import type { EventPayload, PacketInput } from './packets.ts';
import { ServerReplicationLink } from './replicationLink.ts';
import { ServerCore } from './serverCore.ts';
import { createCounters, type ServerOps } from './serverOps.ts';
import { ServerSender } from './serverSender.ts';
import { type ENetServerSignals, SERVER_SIGNAL_NAMES, type ServerEventCallback } from './serverSignals.ts';

/**
 * A server for Godot's ENetClient (and any other ENet client whose packets are made by ENetPacketUtils).
 *
 * Methods that Godot declares return Godot's error numbers and never throw. Signals never come from inside the call
 * that causes them.
 *
 * Several servers can live in one process; they share nothing.
 */
export class ENetServer
  extends EventReceiver<ENetServerSignals, ServerEventCallback>
  implements AsyncDisposable, ReplicationServer<ENetServerPeer>
{
  /** Peers are authenticated as soon as they are connected. */
  static readonly AUTH_NONE: 0 = AuthMode.AUTH_NONE;
  /** The handler of `peerPrelogin` decides. */
  static readonly AUTH_PRELOGIN_ONLY: 1 = AuthMode.AUTH_PRELOGIN_ONLY;
  /** The custom authenticator decides. */
  static readonly AUTH_CUSTOM: 2 = AuthMode.AUTH_CUSTOM;

  /** The operator's side: refusals, numbers, the door. Our addition. */
  readonly ops: ServerOps;
  readonly #core: ServerCore;
  readonly #sender: ServerSender;
  readonly #trace: (line: string) => void;

  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws TypeError or RangeError for an option out of range or a name that is none.
   */
  constructor(options?: ENetServerOptions);
  /** @internal Over another network than the one that the options ask for. */
  constructor(options: ENetServerOptions, transport: Transport);
  constructor(given: ENetServerOptions = {}, transport?: Transport) {
    const settings = checkServerOptions(given);
    const options = withPlatform(given, 'ENetServer', 'server');
    const counters = createCounters();
    const events = new EventTable<ServerEventCallback>();
    super(countingReporter(options.onError, counters), events, SERVER_SIGNAL_NAMES);
    this.#core = new ServerCore(options, settings, transport ?? transportOf(options), {
      events,
      counters,
      emit: this.emitSignal.bind(this),
      report: this.reportError.bind(this),
      observe: (observer) => observeServer(this, observer),
    });
    this.ops = this.#core.parts.ops;
    this.#sender = new ServerSender(this.#core.parts);
    this.#trace = this.#core.parts.journal.trace;
    events.trace = this.#trace;
  }

  // --- Life ---------------------------------------------------------------------------------------------------

  /**
   * Starts listening. The server is active when this returns; `serverStarted` follows.
   *
   * @param port 0..65535; 0 lets the system choose, see {@link ENetServer.getLocalPort}.
   * @param maxPeers 1..4095.
   * @param maxChannels 0..255; 0 stands for 255.
   * @returns 0; 22 when the server is active already; 31 for a bad argument; 20 when the port cannot be had, or the key or
   * certificate of `tls` cannot be used.
   */
  createServer(port: number, maxPeers: number = 32, maxChannels: number = 2): number {
    const error = this.#core.start(port, maxPeers, maxChannels);
    return this.#core.parts.journal.checkStart('createServer', error);
  }

  /**
   * Disconnects everybody at once, closes the socket and forgets the authentication mode, the authenticator, the
   * events and the compression mode (unless `keepSettingsOnStop`). `peerDisconnected` for every peer (reason "Server stopped", or that of its
   * kick) and then `serverStopped` follow. Does nothing when the server is not active.
   */
  stopServer(): void {
    this.#core.stop();
  }

  /** Stops the server and waits until its last signal was emitted. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stopServer();
    await new Promise<void>((resolve) => this.#core.parts.queue.push(resolve));
  }

  /** Whether the server is listening. */
  isServerActive(): boolean {
    return this.#core.isActive();
  }

  /** The UDP port the server is bound to; 0 when it is not active. */
  getLocalPort(): number {
    return this.#core.run?.port ?? 0;
  }

  /** What the queues to the network thread have seen; `undefined` without one. Our addition. */
  getThreadCounters(): ThreadCounters | undefined {
    return this.#core.run?.link?.threadCounters();
  }

  // --- Settings -----------------------------------------------------------------------------------------------

  /**
   * Sets how datagrams are compressed; the clients must use the same mode. Works before and after `createServer`;
   * `stopServer` forgets it (unless `keepSettingsOnStop`). An unknown mode, or one that this process does not have (zstd may be missing), changes
   * nothing; a trace line says what is missing.
   */
  setCompressionMode(mode: CompressionMode): void {
    this.#core.setCompression(mode);
  }

  /**
   * Sets how often the server looks after its peers by itself, in ms; less than 1 counts as 1. Datagrams, deadlines and logins are
   * dealt with at once whatever this is, and a server with nothing to do sleeps. The look (statistics, what waits of strangers)
   * comes once a second at most, so only a value above 1,000 changes anything.
   */
  setPollRate(rateMs: number): void {
    this.#core.pollRateMs = rateMs;
  }

  /** What {@link ENetServer.setPollRate} has set, in ms. Default 10. */
  getPollRate(): number {
    return this.#core.pollRateMs;
  }

  /**
   * Sets what new connections have to do. Peers that have connected already keep their state. With what is no mode nobody is let in
   * unless `peer.authenticate()` does it, and a trace line says so.
   */
  setAuthenticationMode(mode: AuthMode): void {
    if (!Object.values(AuthMode).includes(mode))
      this.#trace(`setAuthenticationMode: expected 0..2, got ${describe(mode)}; it lets nobody in by itself`);
    this.#core.parts.authentication.mode = mode;
    this.#core.tellLoginTimeout();
    this.#core.warnOfIdleAuthenticator();
  }

  /** What new connections have to do. Default AUTH_NONE. */
  getAuthenticationMode(): AuthMode {
    return this.#core.parts.authentication.mode;
  }

  /**
   * Sets how many seconds a peer may stay without authentication; then it is rejected with "Authentication timeout".
   * 0 or less: for ever; NaN is ignored. Counts for peers that connect later. Kept as a 32-bit float.
   */
  setAuthenticationTimeout(timeout: number): void {
    if (this.#core.parts.authentication.setTimeout(timeout)) this.#core.tellLoginTimeout();
    else this.#trace(`setAuthenticationTimeout: expected number, got ${describe(timeout)}; ignored`);
  }

  /** The authentication timeout in seconds. Default 10. */
  getAuthenticationTimeout(): number {
    return this.#core.parts.authentication.timeoutSec;
  }

  /**
   * Sets the function that decides about logins in mode AUTH_CUSTOM. It may call `peer.authenticate()` or
   * `peer.reject(reason)`; if it does neither, its result decides: truthy lets the peer in (as GDScript has it: empty
   * containers, also `{}`, are false), anything else rejects it with "Authentication failed". A promise is waited for, and what the peer sends meanwhile is held. Throwing or
   * rejecting counts as a refusal. `undefined` removes it; then `peerPrelogin` is emitted instead. Where no mode was chosen
   * since the beginning or the last `stopServer`, it selects AUTH_CUSTOM (and `undefined` AUTH_NONE again): the reference
   * lets everybody in there. Where another mode was chosen, nobody asks it, and a warning says so.
   */
  setCustomAuthenticator(authenticator: Authenticator | undefined): void {
    if (typeof authenticator !== 'function' && (authenticator ?? undefined) !== undefined)
      this.#trace(
        `setCustomAuthenticator: expected a function, got ${describe(authenticator)}; there is none now`,
      );
    this.#core.parts.authentication.setAuthenticator(authenticator);
    this.#core.tellLoginTimeout();
    this.#core.warnOfIdleAuthenticator();
  }

  // --- Peers --------------------------------------------------------------------------------------------------

  /** All peers, authenticated or not, in the order of connecting. The array is the caller's. */
  getPeers(): ENetServerPeer[] {
    return Array.from(this.#core.run?.sessions() ?? [], (session) => session.handle);
  }

  /** The peer with this id, or null. */
  getPeer(peerId: number): ENetServerPeer | null {
    return this.#core.run?.find(peerId)?.handle ?? null;
  }

  /** How many peers there are, authenticated or not. */
  getPeerCount(): number {
    return this.#core.peers();
  }

  /** How many peers are in STATE_AUTHENTICATED. */
  getAuthenticatedPeerCount(): number {
    return this.#core.authenticatedPeers();
  }

  /** As `ENetServerPeer.disconnectPeer`. An unknown id does nothing. */
  kickPeer(peerId: number, reason: string = ''): void {
    const session = this.#core.run?.find(peerId);
    if (session === undefined) this.#trace(`kickPeer: there is no peer ${describe(peerId)}`);
    else session.disconnect(reason);
  }

  // --- Sending ------------------------------------------------------------------------------------------------

  /**
   * Encodes a value and queues it for one peer, whatever its state.
   *
   * @returns as `ENetServerPeer.sendPacket`; 31 for an unknown id.
   */
  sendPacket(peerId: number, packet: PacketInput, channel: number = 0, reliable: boolean = true): number {
    return this.#sender.toPeer(this.#core.run, peerId, packet, channel, reliable);
  }

  /**
   * Sends to every authenticated peer (with `broadcastToAll`: to every peer) except those in `exclude`. The packet is
   * encoded once. Refusals only show as trace lines.
   */
  sendPacketToAll(
    packet: PacketInput,
    channel: number = 0,
    reliable: boolean = true,
    exclude: Iterable<number> = [],
  ): void {
    this.#sender.toAll(this.#core.run, packet, channel, reliable, exclude);
  }

  /** Sends to the peers with these ids, in this order; an id that is there twice gets the packet twice. */
  sendPacketToMultiple(
    peerIds: Iterable<number>,
    packet: PacketInput,
    channel: number = 0,
    reliable: boolean = true,
  ): void {
    this.#sender.toMultiple(this.#core.run, peerIds, packet, channel, reliable);
  }

  /** `sendPacketToAll` without exceptions. */
  broadcastPacket(packet: PacketInput, channel: number = 0, reliable: boolean = true): void {
    this.sendPacketToAll(packet, channel, reliable);
  }

  /**
   * Sends the state of a node to one peer, reliably; what of it is sent, `NodeSyncFlags` decide.
   *
   * @returns as {@link ENetServer.sendPacket}; 31 for no node or flags that are no integer; 33 for an unknown id.
   */
  sendNodeState(peerId: number, node: MirrorNode | null, flags: number, channel: number = 0): number {
    const source = nodeSource(node, flags, this.#core.parts.sender.encode);
    if (typeof source === 'string') {
      this.#trace(`sendNodeState: ${source} (ERR_INVALID_PARAMETER)`);
      return GodotError.ERR_INVALID_PARAMETER;
    }
    if (this.#core.run?.find(peerId) === undefined) {
      this.#trace(`sendNodeState: there is no peer ${describe(peerId)} (ERR_DOES_NOT_EXIST)`);
      return GodotError.ERR_DOES_NOT_EXIST;
    }
    return this.sendPacket(peerId, source, channel, true);
  }

  /** Sends the state of a node to the peers of {@link ENetServer.sendPacketToAll}, reliably; it is encoded once. */
  sendNodeToAll(node: MirrorNode | null, flags: number, channel: number = 0): void {
    const source = nodeSource(node, flags, this.#core.parts.sender.encode);
    if (typeof source === 'string') this.#trace(`sendNodeToAll: ${source}`);
    else this.sendPacketToAll(source, channel, true);
  }

  /**
   * For `SceneMirror.replicate` of `godot-enet/schema`: the authenticated peers, sequenced packets and the runtime's timers.
   * It may be asked for at any time; while the server is not active it has no peers. Our addition.
   */
  replicationLink(): ReplicationLink<ENetServerPeer> {
    return new ServerReplicationLink(this.#core);
  }

  // --- Events -------------------------------------------------------------------------------------------------

  /**
   * Sends a custom event to one peer: a copy of the payload with the name under `_event`.
   *
   * @returns as {@link ENetServer.sendPacket}; 30 when the payload is no Dictionary, Map or plain object.
   */
  triggerEvent(
    peerId: number,
    eventName: string,
    payload: EventPayload,
    channel: number = 0,
    reliable: boolean = true,
  ): number {
    const packet = this.#sender.event(eventName, payload);
    return packet === undefined
      ? GodotError.ERR_INVALID_DATA
      : this.sendPacket(peerId, packet, channel, reliable);
  }

  /** Sends a custom event to the peers of {@link ENetServer.sendPacketToAll}. */
  triggerEventToAll(
    eventName: string,
    payload: EventPayload,
    channel: number = 0,
    reliable: boolean = true,
    exclude: Iterable<number> = [],
  ): void {
    const packet = this.#sender.event(eventName, payload);
    if (packet !== undefined) this.sendPacketToAll(packet, channel, reliable, exclude);
  }
}
