/**
 * The connections of a server whose host runs in a thread of its own: the part of ENetConnection and ENetPacketPeer
 * that ENetServer uses. docs/decisions/0004-network-thread.md.
 */

import type { Packet } from '../enet/packet.ts';
import {
  type AttachRemote,
  type RemoteEvent,
  RemoteEventType,
  type RemoteHost,
  type RemoteHostOptions,
  type ThreadCounters,
  type ThreadLimits,
} from '../enet/remoteHost.ts';
import type { ConnectionHostOptions } from '../godot/connectionOptions.ts';
import { type CompressionMode, ConnectionEventType } from '../godot/constants.ts';
import { GodotError, godotErrorName } from '../godot/errors.ts';
import { readHostParameters } from '../godot/hostParameters.ts';
import { formatIpAddress, isBindAddress } from '../godot/ipAddress.ts';
import { isInRange, toInteger, toUint32 } from '../godot/numbers.ts';
import type { LinkEvent, PeerLink, ServerLink } from './link.ts';

/** What a {@link RemoteConnection} works with. */
export interface RemoteConnectionOptions {
  /** Starts the thread. */
  readonly attachRemote: AttachRemote;
  /** The limits of the queues. */
  readonly limits: ThreadLimits;
  /** Options of the host; functions in it were refused before. */
  readonly host: ConnectionHostOptions;
  /** There are events to take. */
  onWake(): void;
  /** Takes the explanation of a refused call. */
  onTrace(line: string): void;
  /** Takes an error that has no other place. */
  onError(error: Error): void;
  /** The thread has died. */
  onFailure(error: Error): void;
}

/** Settings with which the thread begins. */
export interface RemoteStart {
  /** The compression. */
  readonly compression: CompressionMode;
  /** See {@link RemoteHost.setLoginTimeout}. */
  readonly loginTimeoutMs: number;
}

/** See the head of this file. */
export class RemoteConnection implements ServerLink<RemotePeer> {
  readonly #options: RemoteConnectionOptions;
  readonly #peers = new Map<number, RemotePeer>();
  #host: RemoteHost | undefined;

  constructor(options: RemoteConnectionOptions) {
    this.#options = options;
  }

  /**
   * As `ENetConnection.createHostBound`: the same checks in the same order. Blocks until the thread has bound its
   * socket, some 50 to 100 ms, at most 10 s.
   *
   * @returns OK, ERR_INVALID_PARAMETER or ERR_CANT_CREATE.
   */
  createHostBound(
    bindAddress: string,
    bindPort: number,
    maxPeers: number,
    maxChannels: number,
    start: RemoteStart,
  ): GodotError {
    if (!isBindAddress(bindAddress)) {
      return this.#refuse(
        `bindAddress expected a literal IP address or "*", got ${JSON.stringify(bindAddress)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    }
    const port = toInteger(bindPort);
    if (!isInRange(port, 0, MAX_PORT)) {
      return this.#refuse(`bindPort expected 0..${MAX_PORT}`, GodotError.ERR_INVALID_PARAMETER);
    }
    const parameters = readHostParameters(maxPeers, maxChannels, 0, 0);
    if (typeof parameters === 'string') return this.#refuse(parameters, GodotError.ERR_INVALID_PARAMETER);
    const { attachRemote, limits, host } = this.#options;
    const remoteOptions: RemoteHostOptions = {
      ...limits,
      host: { maxWaitingBytes: waitingLimit(parameters.peerCount), ...host, ...parameters },
      bind: { ip: bindAddress, port },
      ...start,
    };
    const remote = attachRemote(remoteOptions, {
      onWake: () => this.#options.onWake(),
      onError: (error) => this.#options.onError(error),
      onFailure: (error) => this.#fail(error),
    });
    if ('code' in remote) {
      return this.#refuse(`no socket: ${remote.code} ${remote.message}`, GodotError.ERR_CANT_CREATE);
    }
    this.#host = remote;
    return GodotError.OK;
  }

  service(): LinkEvent<RemotePeer> {
    for (let event = this.#host?.next(); event !== undefined; event = this.#host?.next()) {
      const translated = this.#translate(event);
      if (translated !== undefined) return translated;
    }
    return NOTHING;
  }

  compress(mode: CompressionMode): void {
    this.#host?.compress(mode);
  }

  /** See {@link RemoteHost.setLoginTimeout}. */
  setLoginTimeout(timeoutMs: number): void {
    this.#host?.setLoginTimeout(timeoutMs);
  }

  /** The counters of the queues; `undefined` when there is no thread. */
  counters(): ThreadCounters | undefined {
    return this.#host?.counters();
  }

  destroy(): void {
    for (const peer of this.#peers.values()) peer.deactivate();
    this.#peers.clear();
    this.#host?.close();
    this.#host = undefined;
  }

  getLocalPort(): number {
    return this.#host?.localPort ?? 0;
  }

  #translate(event: RemoteEvent): LinkEvent<RemotePeer> | undefined {
    if (event.type === RemoteEventType.CONNECT) {
      const host = this.#host;
      if (host === undefined) return undefined;
      const peer = new RemotePeer(host, event);
      this.#peers.set(event.slot, peer);
      return [ConnectionEventType.EVENT_CONNECT, peer, event.data, 0];
    }
    const peer = this.#peers.get(event.slot);
    // A connection that was ended "now" on this side meanwhile.
    if (peer === undefined || peer.generation !== event.generation || !peer.isActive()) return undefined;
    switch (event.type) {
      case RemoteEventType.DISCONNECT:
        this.#peers.delete(event.slot);
        peer.deactivate();
        return [ConnectionEventType.EVENT_DISCONNECT, peer, event.data, 0];
      case RemoteEventType.RECEIVE:
        peer.deliver(event.bytes);
        return [ConnectionEventType.EVENT_RECEIVE, peer, 0, event.channel];
      default:
        peer.loginOverdue();
        return undefined;
    }
  }

  #fail(error: Error): void {
    for (const peer of this.#peers.values()) peer.deactivate();
    this.#peers.clear();
    this.#host = undefined;
    this.#options.onFailure(error);
  }

  #refuse(reason: string, error: GodotError): GodotError {
    this.#options.onTrace(`network thread: ${reason} (${godotErrorName(error)})`);
    return error;
  }
}

/** One connection in the other thread. */
export class RemotePeer implements PeerLink {
  /** Which of the connections of its slot. */
  readonly generation: number;
  readonly #host: RemoteHost;
  readonly #slot: number;
  readonly #channels: number;
  readonly #ip: string;
  readonly #port: number;
  #isActive = true;
  #isLeaving = false;
  #packet: Uint8Array | undefined;
  #onLoginTimeout: (() => void) | undefined;

  constructor(host: RemoteHost, connect: RemoteEvent) {
    this.#host = host;
    this.#slot = connect.slot;
    this.generation = connect.generation;
    this.#channels = connect.channel;
    this.#ip = connect.address?.ip ?? '';
    this.#port = connect.address?.port ?? 0;
  }

  isActive(): boolean {
    return this.#isActive;
  }

  getChannels(): number {
    return this.#isActive ? this.#channels : 0;
  }

  getRemoteAddress(): string {
    return formatIpAddress(this.#ip);
  }

  getRemotePort(): number {
    return this.#port;
  }

  getStatistic(statistic: number): number {
    return this.#isActive ? (this.#host.statistic(this.#slot, this.generation, statistic) ?? 0) : 0;
  }

  getPacket(): Uint8Array {
    const packet = this.#packet;
    this.#packet = undefined;
    return packet ?? new Uint8Array(0);
  }

  /**
   * Queues a packet whose bytes nobody changes any more.
   *
   * @returns `false` when the connection is ending, the packet is too large or the queue to the thread is full. What
   * the host there refuses afterwards only shows in the counters.
   */
  sendShared(channel: number, packet: Packet): boolean {
    if (!this.#isActive || this.#isLeaving || packet.bytes.length > MAX_PACKET_BYTES) return false;
    return this.#host.send(this.#slot, this.generation, channel, packet.bytes, packet.flags);
  }

  peerDisconnectNow(data: number): void {
    if (!this.#isActive) return;
    this.#host.disconnectNow(this.#slot, this.generation, toUint32(data));
    this.deactivate();
  }

  peerDisconnectLater(data: number): void {
    if (!this.#isActive || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#host.disconnectLater(this.#slot, this.generation, toUint32(data));
  }

  expectLogin(timeoutMs: number, onTimeout: () => void): void {
    this.#onLoginTimeout = onTimeout;
    if (this.#isActive) this.#host.expectLogin(this.#slot, this.generation, loginTimeoutOf(timeoutMs));
  }

  loginDone(): void {
    this.#onLoginTimeout = undefined;
    if (this.#isActive) this.#host.loginDone(this.#slot, this.generation);
  }

  /** Takes a packet that arrived, for {@link RemotePeer.getPacket}. */
  deliver(bytes: Uint8Array): void {
    this.#packet = bytes;
  }

  /** The thread has begun to disconnect, because no login came. */
  loginOverdue(): void {
    this.#onLoginTimeout?.();
  }

  /** The connection has ended. */
  deactivate(): void {
    this.#isActive = false;
    this.#packet = undefined;
    this.#onLoginTimeout = undefined;
  }
}

/** A time for the thread: whole milliseconds, at most those of a timer; 0 or less is no limit. */
export function loginTimeoutOf(timeoutMs: number): number {
  return timeoutMs > 0 ? Math.min(Math.ceil(timeoutMs), MAX_TIMER_MS) : 0;
}

/** All peers together shall not keep more than half a gigabyte waiting, but each of them a packet of some size. */
function waitingLimit(peerCount: number): number {
  return Math.min(MAX_PACKET_BYTES, Math.max(128 * 1024, Math.floor(MAX_WAITING_BYTES / peerCount)));
}

const NOTHING: LinkEvent<never> = [ConnectionEventType.EVENT_NONE, null, 0, 0];
const MAX_PORT = 65_535;
const MAX_PACKET_BYTES = 32 * 1024 * 1024;
const MAX_WAITING_BYTES = 512 * 1024 * 1024;
const MAX_TIMER_MS = 0x7fff_ffff;
