/**
 * Godot's ENetConnection: one ENet host with its socket. Implements godot-enet-classes 2 and 6.
 * Above 400 lines because it is one class of Godot's with all its constants, and half of it is their documentation.
 */

import { checkOptions, describe, type OptionNames } from '../../options/internal.ts';
import { connectionDoctor } from '../doctor/index.ts';
import {
  type Address,
  DisconnectCause,
  EventType,
  Host,
  type HostEvent,
  type HostStatistics,
  Packet,
  type Peer,
} from '../enet/index.ts';
import { MAX_CHANNELS } from '../enet/internal.ts';
import type { HostPort, Runtime, SecureCounters, SecureOptions, Timer } from '../runtime/index.ts';
import {
  checkConnectionOptions,
  DEFAULT_CONNECTION_OPTIONS,
  type ENetConnectionOptions,
} from './connectionOptions.ts';
import {
  areFlagsAllowed,
  CompressionMode,
  ConnectionEventType,
  HostStatistic,
  PeerState,
} from './constants.ts';
import { ENetPacketPeer, type PeerOwner, peerAccess } from './ENetPacketPeer.ts';
import { GodotError, godotErrorName } from './errors.ts';
import { EventStream, type EventsOptions, type PeerEvent, type ServiceEvent } from './eventStream.ts';
import { findCompressor } from './findCompressor.ts';
import { readHostParameters } from './hostParameters.ts';
import { isBindAddress } from './ipAddress.ts';
import { isInRange, toInteger, toUint32 } from './numbers.ts';
import { StartWarning } from './startWarning.ts';
import { clientSecurity, serverSecurity, TLSOptions } from './tlsOptions.ts';

/**
 * What the multiplayer peers and the server may do with a connection and nobody else.
 *
 * @internal
 */
export interface ConnectionAccess {
  /** Whether there is a host. */
  isActive(connection: ENetConnection): boolean;
  /** Leaves packets in ENet from now on, or no more; everything else goes on. It asks for a wake when they come again. */
  hold(connection: ENetConnection, isHeld: boolean): void;
  /** As `refuseNewConnections()`, but without a line where it has no effect. */
  refuseQuietly(connection: ENetConnection, refuse: boolean): void;
  /** Calls `onWake` instead of the option from now on, with nothing held back. */
  takeOver(connection: ENetConnection, onWake: () => void): void;
  /** Calls this instead of the option `onWake` from now on; `undefined`: nobody. */
  listen(connection: ENetConnection, onWake: (() => void) | undefined): void;
  /** Drops the packets of a peer whose events were seen already; those of events that still wait stay. */
  dropFetchable(connection: ENetConnection, peer: ENetPacketPeer): void;
  /** The host, to read its numbers, also after `destroy()`. */
  hostOf(connection: ENetConnection): Host | undefined;
  /** Disconnects everybody at once, handshakes that are not finished included; the socket stays open. */
  dismissAll(connection: ENetConnection): void;
}

let access: ConnectionAccess;

/**
 * One ENet host. It is inactive until `createHost()` or `createHostBound()` succeeds, and again after `destroy()`.
 *
 * Poll it with {@link ENetConnection.service}, as in Godot, or iterate over its events:
 *
 * ```ts
 * for await (const [type, peer, data, channel] of connection) {
 *   if (type === ENetConnection.EVENT_RECEIVE) peer.send(channel, peer.getPacket(), ENetPacketPeer.FLAG_RELIABLE);
 * }
 * ```
 *
 * No method throws for what a peer sent or for what Godot answers with an error number. A connection that is no
 * longer needed must be destroyed: an open socket keeps the process alive, and nothing is destroyed by itself when
 * the last reference is gone, as it is in Godot.
 */
export class ENetConnection {
  /** {@link CompressionMode.COMPRESS_NONE} */
  static readonly COMPRESS_NONE: 0 = CompressionMode.COMPRESS_NONE;
  /** {@link CompressionMode.COMPRESS_RANGE_CODER} */
  static readonly COMPRESS_RANGE_CODER: 1 = CompressionMode.COMPRESS_RANGE_CODER;
  /** {@link CompressionMode.COMPRESS_FASTLZ} */
  static readonly COMPRESS_FASTLZ: 2 = CompressionMode.COMPRESS_FASTLZ;
  /** {@link CompressionMode.COMPRESS_ZLIB} */
  static readonly COMPRESS_ZLIB: 3 = CompressionMode.COMPRESS_ZLIB;
  /** {@link CompressionMode.COMPRESS_ZSTD} */
  static readonly COMPRESS_ZSTD: 4 = CompressionMode.COMPRESS_ZSTD;
  /** {@link ConnectionEventType.EVENT_ERROR} */
  static readonly EVENT_ERROR: -1 = ConnectionEventType.EVENT_ERROR;
  /** {@link ConnectionEventType.EVENT_NONE} */
  static readonly EVENT_NONE: 0 = ConnectionEventType.EVENT_NONE;
  /** {@link ConnectionEventType.EVENT_CONNECT} */
  static readonly EVENT_CONNECT: 1 = ConnectionEventType.EVENT_CONNECT;
  /** {@link ConnectionEventType.EVENT_DISCONNECT} */
  static readonly EVENT_DISCONNECT: 2 = ConnectionEventType.EVENT_DISCONNECT;
  /** {@link ConnectionEventType.EVENT_RECEIVE} */
  static readonly EVENT_RECEIVE: 3 = ConnectionEventType.EVENT_RECEIVE;
  /** {@link HostStatistic.HOST_TOTAL_SENT_DATA} */
  static readonly HOST_TOTAL_SENT_DATA: 0 = HostStatistic.HOST_TOTAL_SENT_DATA;
  /** {@link HostStatistic.HOST_TOTAL_SENT_PACKETS} */
  static readonly HOST_TOTAL_SENT_PACKETS: 1 = HostStatistic.HOST_TOTAL_SENT_PACKETS;
  /** {@link HostStatistic.HOST_TOTAL_RECEIVED_DATA} */
  static readonly HOST_TOTAL_RECEIVED_DATA: 2 = HostStatistic.HOST_TOTAL_RECEIVED_DATA;
  /** {@link HostStatistic.HOST_TOTAL_RECEIVED_PACKETS} */
  static readonly HOST_TOTAL_RECEIVED_PACKETS: 3 = HostStatistic.HOST_TOTAL_RECEIVED_PACKETS;

  readonly #runtime: Runtime;
  readonly #startWarning: StartWarning;
  readonly #options: ENetConnectionOptions & { readonly runtime: Runtime };
  readonly #maxBufferedEvents: number;
  readonly #owner: PeerOwner;
  #host: Host | undefined;
  #port: HostPort | undefined;
  /** In the order in which they were added. */
  #peers: ENetPacketPeer[] = [];
  readonly #wrappers: Map<Peer, ENetPacketPeer> = new Map();
  #attemptTimer: Timer | undefined;
  /** Peers whose name has no address, or whose time is over, with the cause. Their event comes with the next service. */
  #failed: Map<ENetPacketPeer, DisconnectCause> = new Map();
  #hasEndedPeers = false;
  /** The latest error of the host that `onError` got. */
  #toldError: unknown;
  #hasFailed = false;
  #isQuiet = false;
  /** Events that an iteration took from the host and its consumer has not. */
  readonly #buffered: PeerEvent[] = [];
  #stream: EventStream | undefined;
  readonly #source = {
    service: (): ServiceEvent => this.#serviceOnce(),
    listen: (listener: (() => void) | undefined): void => this.#port?.setWakeListener(listener),
    ended: (stream: EventStream): void => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#port?.setWakeListener(this.#options.onWake);
    },
  };

  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws RangeError for a number out of range or a name that is none; TypeError for what is no object.
   */
  constructor(options: ENetConnectionOptions = {}) {
    this.#options = checkConnectionOptions(options);
    this.#runtime = this.#options.runtime;
    this.#startWarning = new StartWarning(this.#runtime, 'ENetConnection', options.onTrace !== undefined);
    this.#maxBufferedEvents = options.maxBufferedEvents ?? DEFAULT_CONNECTION_OPTIONS.maxBufferedEvents;
    this.#owner = {
      keepsEndedPeers: options.keepsEndedPeers ?? DEFAULT_CONNECTION_OPTIONS.keepsEndedPeers,
      now: () => this.#port?.now() ?? this.#runtime.now(),
      settle: () => this.#settle(),
      dtlsSuite: (address) => this.#port?.secureSuiteOf?.(address),
      trace: (line) => this.#options.onTrace?.(line),
      peerEnded: (peer, core) => this.#peerEnded(peer, core),
    };
  }

  /**
   * Opens a host on a free port of all interfaces. Unlike Godot's it is bound at once, as Godot's documentation says.
   *
   * @param maxPeers how many connections there can be at once, 1..4095.
   * @param maxChannels most channels of a connection, 0..255; 0 stands for 255.
   * @param inBandwidth incoming bandwidth in bytes per second; 0 = unlimited.
   * @param outBandwidth outgoing bandwidth in bytes per second; 0 = unlimited.
   * @returns OK; ERR_ALREADY_IN_USE when there is a host; ERR_INVALID_PARAMETER for a number out of range;
   * ERR_CANT_CREATE when the system gives no socket.
   */
  createHost(maxPeers = 32, maxChannels = 0, inBandwidth = 0, outBandwidth = 0): GodotError {
    const error = this.#create('createHost', '*', 0, maxPeers, maxChannels, inBandwidth, outBandwidth);
    return this.#startWarning.check('createHost', error);
  }

  /**
   * Opens a host on one address and port.
   *
   * @param bindAddress a literal IP address, or `"*"` for all interfaces, IPv6 and IPv4.
   * @param bindPort 0..65535; 0 lets the system choose, see {@link ENetConnection.getLocalPort}.
   * @param maxPeers how many connections there can be at once, 1..4095.
   * @param maxChannels most channels of a connection, 0..255; 0 stands for 255.
   * @param inBandwidth incoming bandwidth in bytes per second; 0 = unlimited.
   * @param outBandwidth outgoing bandwidth in bytes per second; 0 = unlimited.
   * @returns as {@link ENetConnection.createHost}. The address and the port are checked first.
   */
  createHostBound(
    bindAddress: string,
    bindPort: number,
    maxPeers = 32,
    maxChannels = 0,
    inBandwidth = 0,
    outBandwidth = 0,
  ): GodotError {
    const numbers = [maxPeers, maxChannels, inBandwidth, outBandwidth] as const;
    return this.#startWarning.check('createHostBound', this.#createBound(bindAddress, bindPort, ...numbers));
  }

  #createBound(
    bindAddress: string,
    bindPort: number,
    ...numbers: Parameters<typeof readHostParameters>
  ): GodotError {
    const call = 'createHostBound';
    if (!isBindAddress(bindAddress)) {
      const reason = `bindAddress expected a literal IP address or "*", got ${describe(bindAddress)}`;
      return this.#refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
    }
    const port = toInteger(bindPort);
    if (!isInRange(port, 0, MAX_PORT)) {
      const reason = `bindPort expected 0..${MAX_PORT}, got ${describe(bindPort)}`;
      return this.#refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
    }
    return this.#create(call, bindAddress, port, ...numbers);
  }

  /**
   * Closes the socket and makes every peer inactive. Nobody is told: the remotes time out. Use
   * {@link ENetPacketPeer.peerDisconnectNow} before it to tell them. There are no events; iterations end.
   */
  destroy(): void {
    const port = this.#active('destroy');
    if (!port) return;
    this.#attemptTimer?.cancel();
    this.#attemptTimer = undefined;
    for (const peer of this.#peers) {
      if (this.#hasFailed) {
        const isSecure = port.secureCounters !== undefined;
        peerAccess.noteCause(peer, isSecure ? DisconnectCause.DTLS : DisconnectCause.FAILURE);
      }
      peerAccess.deactivate(peer);
    }
    this.#hasFailed = false;
    port.setWakeListener(undefined);
    port.close();
    this.#port = undefined;
    this.#host = undefined;
    this.#peers = [];
    this.#wrappers.clear();
    this.#failed.clear();
    this.#hasEndedPeers = false;
    this.#buffered.length = 0;
    this.#stream?.close();
  }

  /**
   * Begins a connection. Only for a host that has no peer yet, as in Godot. Nothing is sent before the next
   * `service()` or `flush()`.
   *
   * A literal address is used at once. A name is resolved in the background (Godot blocks instead): the peer is in
   * STATE_CONNECTING meanwhile, and EVENT_DISCONNECT tells when the name has no address.
   *
   * @param address a literal IP address or a host name.
   * @param port 1..65535.
   * @param channels how many channels to ask for; 0 and less stand for 255, more is cut to 255.
   * @param data goes to the remote's EVENT_CONNECT as an unsigned 32-bit number.
   * @returns the peer in STATE_CONNECTING; null when refused: no host, a peer exists, bad port, no address, no free
   * slot.
   */
  connectToHost(address: string, port: number, channels = 0, data = 0): ENetPacketPeer | null {
    const call = 'connectToHost';
    const host = this.#host;
    if (!this.#active(call) || !host) return null;
    if (this.#peers.length > 0) {
      return this.#fail(
        call,
        `the connection has ${this.#peers.length} peers already; use another connection`,
      );
    }
    const remotePort = toInteger(port);
    if (!isInRange(remotePort, 1, MAX_PORT)) {
      return this.#fail(call, `port expected 1..${MAX_PORT}, got ${describe(port)}`);
    }
    if (typeof address !== 'string' || address === '') {
      return this.#fail(call, `address expected an IP address or a host name, got ${describe(address)}`);
    }
    const wanted = toInteger(channels);
    const channelCount = wanted >= 1 ? Math.min(wanted, MAX_CHANNELS) : MAX_CHANNELS;
    return this.#connect(host, address, remotePort, channelCount, toUint32(data));
  }

  /**
   * Moves the network: sends what is queued, takes what has arrived, resends, times out. Returns one event; call it
   * until EVENT_NONE, because new datagrams are only looked at when no event waits.
   *
   * @param timeout Godot's waiting time in milliseconds. JavaScript cannot wait here without stopping the socket
   * itself, so it is taken as 0, which Godot's socket layer in effect does as well. To wait, iterate over the events.
   * @returns `[eventType, peer, data, channel]`. EVENT_CONNECT: data is the remote's number for an incoming connection
   * and 0 for an outgoing one. EVENT_DISCONNECT: data of the remote; the peer is inactive already. EVENT_RECEIVE: the
   * packet was queued at the peer. EVENT_ERROR: there is no host, or the host failed (see the option `onError`).
   */
  service(timeout = 0): ServiceEvent {
    void timeout;
    this.#dropEndedPeers();
    const buffered = this.#buffered.shift();
    if (buffered) return buffered;
    try {
      return this.#serviceOnce();
    } catch (error) {
      this.#trace(`service: the host failed: ${messageOf(error)}`);
      // A failure that stays is told once.
      if (error !== this.#toldError) this.#options.onError?.(error);
      this.#toldError = error;
      this.#hasFailed = true;
      return [ConnectionEventType.EVENT_ERROR, null, 0, 0];
    }
  }

  /**
   * Events as they happen, without polling. They are the arrays of {@link ENetConnection.service}, without EVENT_NONE
   * and EVENT_ERROR. One iteration at a time; while it runs it also answers pings and resends. End one that you drive
   * by hand with its `return()`, as `break` does.
   *
   * It ends when the connection is destroyed or the signal aborts, and rejects when the host fails. An event that was
   * not consumed when it ends is returned by the next iteration or `service()`.
   *
   * @throws TypeError when another iteration is still running.
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<PeerEvent, undefined> {
    checkOptions(options, { signal: true } satisfies OptionNames<EventsOptions>);
    if (this.#stream?.isOpen) {
      throw new TypeError('events() expected no other iteration over this connection to be running');
    }
    const isActive = this.#active('events') !== undefined;
    const stream = new EventStream(this.#source, this.#buffered, this.#maxBufferedEvents, options.signal);
    if (!isActive) stream.close();
    if (stream.isOpen) this.#stream = stream;
    return stream;
  }

  /** The same as {@link ENetConnection.events} without options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<PeerEvent, undefined> {
    return this.events();
  }

  /** Sends everything that is queued. Takes nothing in and gives no events. */
  flush(): void {
    this.#active('flush')?.flush();
  }

  /**
   * Changes the bandwidths, in bytes per second; 0 = unlimited. It takes effect within a second, and the remotes are
   * told. Numbers wrap to unsigned 32 bits.
   */
  bandwidthLimit(inBandwidth = 0, outBandwidth = 0): void {
    if (this.#active('bandwidthLimit'))
      this.#host?.setBandwidthLimit(toUint32(inBandwidth), toUint32(outBandwidth));
  }

  /**
   * Limits the channels of connections that come in from now on.
   *
   * @param limit 1..255; anything else stands for 255.
   */
  channelLimit(limit: number): void {
    const wanted = toInteger(limit);
    if (!this.#active('channelLimit')) return;
    this.#host?.setChannelLimit(isInRange(wanted, 1, MAX_CHANNELS) ? wanted : MAX_CHANNELS);
  }

  /**
   * Queues a packet to every peer in STATE_CONNECTED. Peers with fewer channels are skipped.
   *
   * @param packet copied before the call returns.
   * @param flags a combination of `ENetPacketPeer.FLAG_*`.
   */
  broadcast(channel: number, packet: Uint8Array, flags: number): void {
    const call = 'broadcast';
    const host = this.#host;
    if (!this.#active(call) || !host) return;
    const channelId = toInteger(channel);
    if (!isInRange(channelId, 0, host.channelLimit)) {
      this.#trace(`${call}: channel expected 0..${host.channelLimit - 1}, got ${describe(channel)}`);
    } else if (!areFlagsAllowed(flags)) {
      this.#trace(`${call}: flags expected a combination of 1, 2 and 8, got ${describe(flags)}`);
    } else if (!(packet instanceof Uint8Array)) {
      this.#trace(`${call}: the packet is no Uint8Array`);
    } else if (channelId === host.channelLimit) {
      this.#trace(`${call}: channel ${channelId} does not exist`);
    } else {
      host.broadcast(channelId, new Packet(new Uint8Array(packet), flags));
      this.#settle();
    }
  }

  /**
   * Selects the compression of all datagrams from now on, in both directions. Both ends need the same one.
   *
   * @param mode one of `COMPRESS_*`; an unknown one, or one that this process does not have (zstd may be missing), is
   * ignored, with a trace line that says what is missing.
   */
  compress(mode: CompressionMode): void {
    if (!this.#active('compress')) return;
    const found = findCompressor(mode, this.#options.createCompressor);
    if (typeof found === 'string') this.#trace(`compress: ${found}; ignored`);
    else this.#host?.setCompressor(found.compressor);
  }

  /**
   * Goes over to DTLS as a server, after `createHostBound()` and before anybody has connected. It stays on its port. What
   * arrived over plain UDP until then is thrown away.
   *
   * @param serverOptions made by `TLSOptions.server()`.
   * @returns OK; ERR_UNCONFIGURED without a host; ERR_INVALID_PARAMETER for other options; FAILED when the key or the
   * certificate cannot be used (a trace line says why), when DTLS is on already, and where there is none.
   */
  dtlsServerSetup(serverOptions: TLSOptions): GodotError {
    const call = 'dtlsServerSetup';
    const port = this.#port;
    if (!port) return this.#refuse(call, 'there is no host', GodotError.ERR_UNCONFIGURED);
    if (!(serverOptions instanceof TLSOptions && serverOptions.isServer())) {
      return this.#refuse(call, 'serverOptions expected server options', GodotError.ERR_INVALID_PARAMETER);
    }
    return this.#secure(call, serverSecurity(serverOptions));
  }

  /**
   * Goes over to DTLS as a client, after `createHost()` and before `connectToHost()`. The handshake begins with the first
   * datagram of the connection. When it fails, `service()` returns EVENT_ERROR from then on (and the option `onError`
   * gets the reason): destroy the connection.
   *
   * @param hostname the name that goes to the server and that its certificate must carry.
   * @param clientOptions made by `TLSOptions.client()` or `clientUnsafe()`; null stands for `TLSOptions.client()`, as
   * Godot documents it (its implementation refuses null).
   * @returns OK; ERR_UNCONFIGURED without a host; ERR_INVALID_PARAMETER for other options or a hostname that is no text;
   * FAILED when the trusted chain cannot be used, when DTLS is on already, and where there is none.
   */
  dtlsClientSetup(hostname: string, clientOptions: TLSOptions | null = null): GodotError {
    const call = 'dtlsClientSetup';
    if (!this.#port) return this.#refuse(call, 'there is no host', GodotError.ERR_UNCONFIGURED);
    const options = clientOptions ?? TLSOptions.client();
    if (!(options instanceof TLSOptions && !options.isServer())) {
      return this.#refuse(call, 'clientOptions expected client options', GodotError.ERR_INVALID_PARAMETER);
    }
    if (typeof hostname !== 'string') {
      const reason = `hostname expected a text, got ${describe(hostname)}`;
      return this.#refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
    }
    return this.#secure(call, clientSecurity(hostname, options));
  }

  /**
   * Our addition: a DTLS server uses another key and certificate for handshakes that begin from now on, e.g. because the
   * present one runs out. Nobody is disconnected.
   *
   * @param serverOptions made by `TLSOptions.server()`.
   * @returns OK; ERR_UNCONFIGURED without a DTLS server; ERR_INVALID_PARAMETER for other options; FAILED when the key or
   * the certificate cannot be used: then the present ones stay.
   */
  reloadCertificate(serverOptions: TLSOptions): GodotError {
    const call = 'reloadCertificate';
    const port = this.#port;
    if (port?.secureCounters?.certificateNotAfterMs === undefined) {
      return this.#refuse(call, 'there is no DTLS server', GodotError.ERR_UNCONFIGURED);
    }
    if (!(serverOptions instanceof TLSOptions && serverOptions.isServer())) {
      return this.#refuse(call, 'serverOptions expected server options', GodotError.ERR_INVALID_PARAMETER);
    }
    const { key, certificate } = serverSecurity(serverOptions);
    const problem = port.setCredentials?.(key, certificate);
    return problem === undefined
      ? GodotError.OK
      : this.#refuse(call, `${problem.code} ${problem.message}`, GodotError.FAILED);
  }

  /** Our addition: the numbers of DTLS, a snapshot; undefined on plain UDP. */
  getDtlsCounters(): SecureCounters | undefined {
    return this.#port?.secureCounters;
  }

  /**
   * A DTLS server ignores strangers from now on, or no longer. Peers and handshakes that are under way go on. Like
   * Godot's it does nothing without {@link ENetConnection.dtlsServerSetup}.
   */
  refuseNewConnections(refuse: boolean): void {
    const port = this.#active('refuseNewConnections');
    if (port?.secureCounters !== undefined) port.setRefuseNewConnections?.(Boolean(refuse));
    else if (port) this.#trace(`refuseNewConnections: ${describe(refuse)} has no effect without DTLS`);
  }

  /**
   * Reads one of the `HOST_TOTAL_*` counters and sets that one to 0. Counters wrap at 2^32.
   *
   * @returns 0 without a host and for a number that is no statistic.
   */
  popStatistic(statistic: HostStatistic): number {
    const host = this.#host;
    if (!this.#active('popStatistic') || !host) return 0;
    const name = typeof statistic === 'number' ? STATISTIC_NAMES[statistic] : undefined;
    if (name !== undefined) return host.popStatistic(name);
    this.#trace(`popStatistic: ${describe(statistic)} is no statistic`);
    return 0;
  }

  /** The channel limit of the host; 0 without one. */
  getMaxChannels(): number {
    return this.#active('getMaxChannels') ? (this.#host?.channelLimit ?? 0) : 0;
  }

  /** The UDP port that the socket is bound to; 0 without a host. */
  getLocalPort(): number {
    return this.#active('getLocalPort')?.localPort ?? 0;
  }

  /**
   * The peers in the order in which they were added, connecting and disconnecting ones included. A peer that was
   * reset or disconnected "now" stays in the list until the next `service()`.
   */
  getPeers(): ENetPacketPeer[] {
    return this.#active('getPeers') ? [...this.#peers] : [];
  }

  /**
   * Sends one raw UDP datagram from the host's socket, outside ENet, e.g. to open a way through a NAT.
   *
   * @param destinationAddress a literal address, or a name, which is resolved in the background.
   * @param destinationPort 1..65535.
   * @param packet copied before the call returns.
   */
  socketSend(destinationAddress: string, destinationPort: number, packet: Uint8Array): void {
    const call = 'socketSend';
    const port = this.#active(call);
    if (!port) return;
    const remotePort = toInteger(destinationPort);
    if (!isInRange(remotePort, 1, MAX_PORT)) {
      this.#trace(`${call}: destinationPort expected 1..${MAX_PORT}, got ${describe(destinationPort)}`);
    } else if (typeof destinationAddress !== 'string' || destinationAddress === '') {
      this.#trace(`${call}: destinationAddress expected an IP address or a host name`);
    } else if (!(packet instanceof Uint8Array)) {
      this.#trace(`${call}: the packet is no Uint8Array`);
    } else {
      const bytes = new Uint8Array(packet);
      this.#runtime.resolve(destinationAddress, (ip) => {
        if (ip === undefined) this.#trace(`${call}: ${destinationAddress} has no address`);
        // The port of then: after a destroy() it is closed and ignores this.
        else port.sendRaw(bytes, { ip, port: remotePort });
      });
    }
  }

  #secure(call: string, options: SecureOptions): GodotError {
    const port = this.#port;
    if (port?.secure === undefined) return this.#refuse(call, 'there is no DTLS here', GodotError.FAILED);
    const limits = this.#options.dtls;
    const problem = port.secure(
      limits === undefined ? options : { ...options, limits },
      this.#host?.peerCount ?? 1,
    );
    return problem === undefined
      ? GodotError.OK
      : this.#refuse(call, `${problem.code} ${problem.message}`, GodotError.FAILED);
  }

  #create(
    call: string,
    ip: string,
    bindPort: number,
    ...numbers: Parameters<typeof readHostParameters>
  ): GodotError {
    if (this.#port) return this.#refuse(call, 'there is a host already', GodotError.ERR_ALREADY_IN_USE);
    const parameters = readHostParameters(...numbers);
    if (typeof parameters === 'string')
      return this.#refuse(call, parameters, GodotError.ERR_INVALID_PARAMETER);
    const random32 = (): number => this.#runtime.random32();
    const { doctor, ...limits } = this.#options.host ?? {};
    const host = new Host({
      ...limits,
      ...parameters,
      random32,
      doctor: doctor && connectionDoctor(doctor),
    });
    const port = this.#runtime.attach(host, { ip, port: bindPort });
    if ('code' in port) {
      return this.#refuse(call, `no socket: ${port.code} ${port.message}`, GodotError.ERR_CANT_CREATE);
    }
    this.#host = host;
    this.#port = port;
    port.setWakeListener(this.#options.onWake);
    return GodotError.OK;
  }

  #connect(host: Host, address: string, port: number, channels: number, data: number): ENetPacketPeer | null {
    let outcome: ENetPacketPeer | string | undefined;
    this.#runtime.resolve(address, (ip) => {
      if (outcome instanceof ENetPacketPeer) this.#resolved(outcome, host, ip, port, channels, data);
      else if (ip === undefined) outcome = `${address} has no address`;
      else outcome = this.#connectNow(host, { ip, port }, channels, data) ?? 'no slot is free';
    });
    if (typeof outcome === 'string') return this.#fail('connectToHost', outcome);
    outcome ??= peerAccess.createUnresolved(this.#owner, channels, port);
    this.#peers.push(outcome);
    this.#limitAttempt(outcome);
    return outcome;
  }

  #connectNow(host: Host, to: Address, channels: number, data: number): ENetPacketPeer | null {
    const core = host.connect(to, channels, data);
    if (!core) return null;
    const peer = peerAccess.create(this.#owner, core);
    this.#wrappers.set(core, peer);
    this.#watchPort(peer, to);
    this.#settle();
    return peer;
  }

  /** The option `detectsClosedPort`. */
  #watchPort(peer: ENetPacketPeer, to: Address): void {
    const port = this.#port;
    if (this.#options.detectsClosedPort !== true || this.#host?.peerCount !== 1) return;
    port?.connectSocket?.(to, () => {
      // Later it says nothing: a server that starts anew, or somebody who forges it.
      if (!peer.isActive() || peer.getState() !== PeerState.STATE_CONNECTING) return;
      this.#trace(`connectToHost: nobody listens at ${to.ip} port ${to.port}`);
      this.#failed.set(peer, DisconnectCause.REFUSED);
      port.requestWake();
    });
  }

  /** The option `connectTimeoutMs`: the attempt ends when it has not come about by then. */
  #limitAttempt(peer: ENetPacketPeer): void {
    const { connectTimeoutMs } = this.#options;
    if (connectTimeoutMs === undefined) return;
    this.#attemptTimer = this.#runtime.startTimer(connectTimeoutMs, () => {
      this.#attemptTimer = undefined;
      if (!peer.isActive() || peer.getState() !== PeerState.STATE_CONNECTING) return;
      this.#trace(`connectToHost: nobody has answered for ${connectTimeoutMs} ms`);
      this.#failed.set(peer, DisconnectCause.NO_ANSWER);
      this.#settle();
    });
  }

  /** A name that was looked up in the background has its answer. */
  #resolved(
    peer: ENetPacketPeer,
    host: Host,
    ip: string | undefined,
    port: number,
    channels: number,
    data: number,
  ): void {
    // Meanwhile the application may have given up, with this peer or with the whole host.
    if (!peerAccess.isUnresolved(peer)) return;
    const core = ip === undefined ? undefined : host.connect({ ip, port }, channels, data);
    if (core) {
      this.#wrappers.set(core, peer);
      peerAccess.link(peer, core);
      this.#watchPort(peer, core.address);
    } else {
      this.#trace(
        `connectToHost: the name has ${ip === undefined ? 'no address' : 'an address, but no slot is free'}`,
      );
      this.#failed.set(peer, ip === undefined ? DisconnectCause.UNRESOLVED : DisconnectCause.FAILURE);
    }
    this.#settle();
  }

  #serviceOnce(): ServiceEvent {
    const port = this.#active('service');
    if (!port) return [ConnectionEventType.EVENT_ERROR, null, 0, 0];
    this.#dropEndedPeers();
    for (const [failed, cause] of this.#failed) {
      this.#failed.delete(failed);
      if (!failed.isActive()) continue;
      peerAccess.noteCause(failed, cause);
      // One whose time is over may have been answered: then it hears of the end.
      failed.peerDisconnectNow(0);
      return this.#disconnected(failed, 0, cause);
    }
    const event = port.service();
    return event ? this.#translate(event) : [ConnectionEventType.EVENT_NONE, null, 0, 0];
  }

  #dropEndedPeers(): void {
    if (!this.#hasEndedPeers) return;
    this.#peers = this.#peers.filter((peer) => peer.isActive());
    this.#hasEndedPeers = false;
  }

  #translate(event: HostEvent): ServiceEvent {
    let peer = this.#wrappers.get(event.peer);
    if (event.type === EventType.CONNECT) {
      this.#attemptTimer?.cancel();
      // An outgoing connection has its peer since connectToHost().
      if (peer?.isActive() !== true) {
        peer = peerAccess.create(this.#owner, event.peer);
        this.#wrappers.set(event.peer, peer);
        this.#peers.push(peer);
      }
      return [ConnectionEventType.EVENT_CONNECT, peer, event.data, 0];
    }
    if (!peer) {
      this.#trace(`service: an event of type ${event.type} came for a peer that nobody knows`);
      return [ConnectionEventType.EVENT_ERROR, null, 0, 0];
    }
    if (event.type === EventType.DISCONNECT) return this.#disconnected(peer, event.data, event.cause);
    peerAccess.deliver(peer, event.bytes, event.flags);
    return [ConnectionEventType.EVENT_RECEIVE, peer, 0, event.channel];
  }

  #disconnected(peer: ENetPacketPeer, data: number, cause: DisconnectCause | undefined): PeerEvent {
    peerAccess.noteCause(peer, cause);
    peerAccess.deactivate(peer);
    this.#peers = this.#peers.filter((other) => other !== peer);
    return [ConnectionEventType.EVENT_DISCONNECT, peer, data, 0];
  }

  #peerEnded(peer: ENetPacketPeer, core: Peer | undefined): void {
    this.#hasEndedPeers = true;
    if (core && this.#wrappers.get(core) === peer) this.#wrappers.delete(core);
  }

  #settle(): void {
    this.#port?.drain();
    this.#port?.requestWake();
  }

  #active(call: string): HostPort | undefined {
    if (!this.#port) this.#trace(`${call}: there is no host; call createHost() or createHostBound() first`);
    return this.#port;
  }

  #trace(line: string): void {
    if (this.#isQuiet) return;
    this.#startWarning.explain(line);
    this.#options.onTrace?.(`ENetConnection.${line}`);
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    this.#trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }

  #fail(call: string, reason: string): null {
    this.#trace(`${call}: ${reason}`);
    return null;
  }

  static {
    access = {
      isActive: (connection) => connection.#port !== undefined,
      hold(connection, isHeld) {
        const host = connection.#host;
        if (!connection.#port || !host || host.isHolding === isHeld) return;
        host.isHolding = isHeld;
        if (!isHeld) connection.#port.requestWake();
      },
      refuseQuietly(connection, refuse) {
        connection.#isQuiet = true;
        connection.refuseNewConnections(refuse);
        connection.#isQuiet = false;
      },
      takeOver(connection, onWake) {
        if (connection.#host) connection.#host.isHolding = false;
        connection.#port?.setWakeListener(onWake);
      },
      listen: (connection, onWake) => connection.#port?.setWakeListener(onWake),
      dropFetchable(connection, peer) {
        const waiting = connection.#buffered.filter(([type, other]) => {
          return type === ConnectionEventType.EVENT_RECEIVE && other === peer;
        });
        while (peer.getAvailablePacketCount() > waiting.length) peer.getPacket();
      },
      hostOf: (connection) => connection.#host,
      dismissAll(connection) {
        const port = connection.#port;
        if (port === undefined) return;
        for (const peer of connection.#host?.peers() ?? []) peer.disconnectNow(0, port.now());
        port.flush();
      },
    };
  }
}

/** @internal */
export const connectionAccess: ConnectionAccess = access;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : describe(error);
}

const MAX_PORT = 65_535;
/** In the order of `HostStatistic`. */
const STATISTIC_NAMES: readonly (keyof HostStatistics)[] = [
  'totalSentData',
  'totalSentPackets',
  'totalReceivedData',
  'totalReceivedPackets',
];
