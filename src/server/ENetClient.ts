/**
 * Godot's ENetClient: connects to an ENetServer and speaks its packets and events.
 * enet-server-module sections 5, 6.3 and 7.11, with the better behaviour of section 8 (33 to 37).
 */

import type { MirrorNode } from '../../schema/index.ts';
import { DisconnectCause } from '../enet/index.ts';
import {
  CompressionMode,
  ConnectionEventType,
  type ENetPacketPeer,
  GodotError,
  PeerStatistic,
} from '../godot/index.ts';
import { checkConnectTimeout, checkLinger, describe, findCompressor, peerAccess } from '../godot/internal.ts';
import type { Runtime } from '../runtime/index.ts';
import { withPlatform } from '../runtime/internal.ts';
import { beginConnection, ClientRun } from './clientRun.ts';
import { ConnectionStatus } from './constants.ts';
import { type DeliveryTarget, PacketDelivery } from './delivery.ts';
import { DispatchQueue } from './dispatchQueue.ts';
import { EventReceiver } from './eventReceiver.ts';
import { EventTable } from './eventTable.ts';
import { Journal } from './journal.ts';
import { nodeSource } from './nodeState.ts';
import { checkClientOptions, checkTlsOptions, type ENetClientOptions } from './options.ts';
import {
  buildEvent,
  checkEncodeOptions,
  type EventPayload,
  isEncodeFailure,
  type PacketInput,
  preparePacketReading,
  type ReceivedDictionary,
} from './packets.ts';
import { PacketSender, type Recipient } from './sending.ts';
import { CLIENT_SIGNAL_NAMES, type ENetClientSignals } from './serverSignals.ts';
import { ServiceLoop } from './serviceLoop.ts';
import { DEFAULT_POLL_RATE_MS, MAX_TIMER_MS, pollRateOf } from './settings.ts';
import { callGuarded } from './signals.ts';

/** What is called when an event arrives at the client. It may be async. */
export type ClientEventCallback = (payload: ReceivedDictionary, channel: number) => void;

/**
 * A client for Godot's ENetServer, e.g. for bots and tests.
 *
 * Methods that Godot declares return Godot's error numbers and never throw. Signals never come from inside the call
 * that causes them.
 */
export class ENetClient
  extends EventReceiver<ENetClientSignals, ClientEventCallback>
  implements AsyncDisposable
{
  /** No connection and none under way. */
  static readonly STATUS_DISCONNECTED: 0 = ConnectionStatus.STATUS_DISCONNECTED;
  /** A connection is under way. */
  static readonly STATUS_CONNECTING: 1 = ConnectionStatus.STATUS_CONNECTING;
  /** Connected. */
  static readonly STATUS_CONNECTED: 2 = ConnectionStatus.STATUS_CONNECTED;

  readonly #options: ENetClientOptions;
  readonly #runtime: Runtime;
  readonly #journal: Journal;
  readonly #queue: DispatchQueue;
  readonly #delivery: PacketDelivery<null, ClientEventCallback>;
  readonly #sender: PacketSender;
  #run: ClientRun | undefined;
  #disconnectCause: DisconnectCause | undefined;
  #status: ConnectionStatus = ConnectionStatus.STATUS_DISCONNECTED;
  #serverAddress = '';
  #serverPort = 0;
  #compression: CompressionMode = CompressionMode.COMPRESS_NONE;
  #pollRateMs = DEFAULT_POLL_RATE_MS;
  readonly #lingerMs: number;
  /** Connections that the application has left and that go on. */
  readonly #lingering = new Set<ClientRun>();
  readonly #onLingered: (() => void)[] = [];

  /**
   * @param options what Godot has no parameter for; the runtime and the compressors of Node unless others are given.
   * @throws TypeError or RangeError for an option out of range or a name that is none.
   */
  constructor(options: ENetClientOptions = {}) {
    checkClientOptions(options);
    const complete = withPlatform(options, 'ENetClient', 'server');
    const events = new EventTable<ClientEventCallback>();
    super(options.onError, events, CLIENT_SIGNAL_NAMES);
    this.#options = complete;
    this.#runtime = complete.runtime;
    this.#queue = new DispatchQueue((callback) => this.#runtime.afterCall?.(callback));
    this.#journal = new Journal(options, this.#runtime, 'ENetClient', this.reportError.bind(this));
    events.trace = this.#journal.trace;
    this.#delivery = new PacketDelivery({
      reading: preparePacketReading(options.decode),
      events,
      emitRawFirst: options.emitRawFirst ?? false,
      target: this.#createTarget(),
    });
    checkEncodeOptions(options.encode);
    checkTlsOptions(options, false);
    checkConnectTimeout(options.connectTimeoutMs);
    this.#lingerMs = checkLinger(options.lingerMs ?? DEFAULT_LINGER_MS);
    const { encode, unreliableFragments = false } = options;
    this.#sender = new PacketSender({ encode, unreliableFragments }, this.#journal.trace);
  }

  // --- Life ---------------------------------------------------------------------------------------------------

  /**
   * Starts to connect; `connectedToServer` or `connectionFailed` follows. An earlier connection that has ended is
   * cleaned up. A name is resolved without blocking, so a name that does not exist ends in `connectionFailed`.
   *
   * @param address a literal address or a host name.
   * @param port 1..65535.
   * @param channels 0..255; 0 stands for 255. The server may grant fewer.
   * @returns 0; 22 when connected or connecting; 31 for a bad number of channels; 25 for a bad address or port, or when the
   * trusted chain of `tls` cannot be used.
   */
  connectToServer(address: string, port: number, channels: number = 2): number {
    return this.#journal.checkStart('connectToServer', this.#start(address, port, channels));
  }

  #start(address: string, port: number, channels: number): number {
    if (this.#status !== ConnectionStatus.STATUS_DISCONNECTED) {
      this.#journal.trace('connectToServer: there is a connection already (ERR_ALREADY_IN_USE)');
      return GodotError.ERR_ALREADY_IN_USE;
    }
    const loop = new ServiceLoop<ENetPacketPeer>(
      this.#runtime,
      {
        onPass: () => this.#queue.drain(),
        onEvent: (type, from, _data, channel) => {
          if (run.lingerTimer === undefined) this.#handleEvent(run, type, from, channel);
          else if (type === ConnectionEventType.EVENT_DISCONNECT) this.#release(run);
          this.#queue.drain();
        },
        onError: () => {
          if (run.lingerTimer === undefined) this.#fail(run);
          else this.#release(run);
          this.#queue.drain();
        },
      },
      this.#pollRateMs,
    );
    const begun = beginConnection(this.#options, this.#journal, loop.onWake, this.#compression, [
      address,
      port,
      channels,
    ]);
    if (typeof begun === 'number') return begun;
    this.#status = ConnectionStatus.STATUS_CONNECTING;
    this.#disconnectCause = undefined;
    this.#serverAddress = address;
    this.#serverPort = port;
    const run = new ClientRun(begun, loop);
    this.#run = run;
    run.start();
    return GodotError.OK;
  }

  /**
   * Ends the connection, or the attempt to connect: the status is STATUS_DISCONNECTED when this returns, and
   * `disconnectedFromServer` with this reason follows; the reason does not travel. What was sent before still arrives: the
   * socket stays open until the server has acknowledged it, for `lingerMs` at most. Does nothing when there is no connection.
   *
   * @param lingerMs 0 ends it at once, and what was not sent yet is lost, as in the reference. Default: the option `lingerMs`.
   */
  disconnectFromServer(reason: string = '', lingerMs: number = this.#lingerMs): void {
    const run = this.#run;
    if (run === undefined) return;
    const isAwaited = this.isConnectedToServer() && lingerMs > 0 && peerAccess.outgoingBytes(run.peer) > 0;
    if (isAwaited) this.#linger(run, lingerMs);
    else run.peer.peerDisconnectNow(0);
    this.#close(run, reason, isAwaited);
    this.#queue.push(() => this.emitSignal('disconnectedFromServer', reason));
  }

  /**
   * Waits for the attempt to connect. Our addition.
   *
   * @returns a promise that is fulfilled once connected, and rejected when the attempt fails or none is under way.
   */
  connected(): Promise<void> {
    if (this.#status === ConnectionStatus.STATUS_CONNECTED) return Promise.resolve();
    const run = this.#run;
    if (run === undefined) {
      return Promise.reject(new Error('there is no connection and none under way'));
    }
    return run.outcome();
  }

  /** Disconnects and waits until the last signal was emitted and, up to `lingerMs`, what was sent has arrived. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnectFromServer();
    await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#lingering.size > 0) await new Promise<void>((resolve) => this.#onLingered.push(resolve));
  }

  /** Whether the status is STATUS_CONNECTED. */
  isConnectedToServer(): boolean {
    return this.#status === ConnectionStatus.STATUS_CONNECTED;
  }

  /** The state of the connection. It changes before the signal about it is emitted. */
  getConnectionStatus(): ConnectionStatus {
    return this.#status;
  }

  /**
   * Our addition: why the last connection, or the last attempt, has ended; undefined before the first end and from
   * `connectToServer` until the next one. One of the names of `DisconnectCause`.
   */
  get disconnectCause(): DisconnectCause | undefined {
    return this.#disconnectCause;
  }

  /** The address of the last connection that was begun. */
  getServerAddress(): string {
    return this.#serverAddress;
  }

  /** The port of the last connection that was begun. */
  getServerPort(): number {
    return this.#serverPort;
  }

  /** Smoothed round-trip time to the server in ms; 500 before the first measurement, 0 without a connection. */
  getPing(): number {
    return this.getStatistic(PeerStatistic.PEER_ROUND_TRIP_TIME);
  }

  /** One of the numbers of `PeerStatistic`; 0 for an unknown one or without a connection. */
  getStatistic(statistic: number): number {
    return this.#run?.peer.getStatistic(statistic) ?? 0;
  }

  // --- Settings -----------------------------------------------------------------------------------------------

  /**
   * Sets how datagrams are compressed; the server must use the same mode. It works before `connectToServer` and at any time
   * after it; the end of the connection, or of the attempt, forgets it.
   */
  setCompressionMode(mode: CompressionMode): void {
    const found = findCompressor(mode, this.#options.createCompressor);
    if (typeof found === 'string') {
      this.#journal.trace(`setCompressionMode: ${found}; ignored`);
      return;
    }
    this.#compression = mode;
    this.#run?.connection.compress(mode);
  }

  /**
   * Keeps a number, in ms, for Godot's sake; less than 1 counts as 1. A client is woken by datagrams and deadlines, and looks at
   * nothing by itself, so it changes nothing.
   */
  setPollRate(rateMs: number): void {
    this.#pollRateMs = pollRateOf(rateMs);
    this.#run?.setPollRate(this.#pollRateMs);
  }

  /** What {@link ENetClient.setPollRate} has set, in ms. Default 10. */
  getPollRate(): number {
    return this.#pollRateMs;
  }

  // --- Sending ------------------------------------------------------------------------------------------------

  /**
   * Encodes a value as ENetPacketUtils does and queues it for the server.
   *
   * @returns 0; 3 when not connected; 30 when the value has no Variant; 31 for a bad channel; 1 when ENet refuses.
   */
  sendPacket(packet: PacketInput, channel: number = 0, reliable: boolean = true): number {
    const peer = this.#connectedPeer();
    return peer === undefined
      ? GodotError.ERR_UNCONFIGURED
      : this.#sender.send(peer, packet, channel, reliable);
  }

  /**
   * Queues a copy of these bytes as they are, without a type byte.
   *
   * @returns as {@link ENetClient.sendPacket}; 30 for no bytes at all.
   */
  sendRawPacket(data: Uint8Array, channel: number = 0, reliable: boolean = true): number {
    const peer = this.#connectedPeer();
    return peer === undefined
      ? GodotError.ERR_UNCONFIGURED
      : this.#sender.sendRaw(peer, data, channel, reliable);
  }

  /**
   * Sends the state of a node, reliably; what of it is sent, `NodeSyncFlags` decide.
   *
   * @returns as {@link ENetClient.sendPacket}; 31 for no node or flags that are no integer.
   */
  sendNodeState(node: MirrorNode | null, flags: number, channel: number = 0): number {
    const source = nodeSource(node, flags, this.#sender.encode);
    if (typeof source !== 'string') return this.sendPacket(source, channel, true);
    this.#journal.trace(`sendNodeState: ${source} (ERR_INVALID_PARAMETER)`);
    return GodotError.ERR_INVALID_PARAMETER;
  }

  // --- Events -------------------------------------------------------------------------------------------------

  /**
   * Sends a custom event: a copy of the payload with the name under `_event`.
   *
   * @returns as {@link ENetClient.sendPacket}; 30 when the payload is no Dictionary, Map or plain object.
   */
  triggerEvent(
    eventName: string,
    payload: EventPayload,
    channel: number = 0,
    reliable: boolean = true,
  ): number {
    const packet = buildEvent(eventName, payload);
    if (!isEncodeFailure(packet)) return this.sendPacket(packet, channel, reliable);
    this.#journal.trace(`triggerEvent: ${packet.message} (ERR_INVALID_DATA)`);
    return GodotError.ERR_INVALID_DATA;
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #handleEvent(run: ClientRun, type: ConnectionEventType, peer: ENetPacketPeer, channel: number): void {
    if (type === ConnectionEventType.EVENT_CONNECT) {
      this.#status = ConnectionStatus.STATUS_CONNECTED;
      run.conclude();
      this.emitSignal('connectedToServer');
    } else if (type === ConnectionEventType.EVENT_RECEIVE) {
      this.#delivery.deliver(null, peer.getPacket(), channel);
    } else if (type === ConnectionEventType.EVENT_DISCONNECT) this.#fail(run);
  }

  /** The connection has ended, or never came about. */
  #fail(run: ClientRun): void {
    const [signal, reason] = this.isConnectedToServer() ? LOST : FAILED;
    this.#close(run, reason);
    this.emitSignal(signal, reason);
  }

  /** There is only one sender, so nothing has to tell it. */
  #createTarget(): DeliveryTarget<null, ClientEventCallback> {
    return {
      canDeliver: () => this.isConnectedToServer(),
      handleOf: () => undefined,
      call: (callback, _sender, eventName, value, channel) =>
        callGuarded(callback, [value, channel], this.#journal.report, 'event', eventName),
      refuse: (_sender, message, tell) => {
        this.#journal.trace(`the payload of an event is invalid: ${message}`);
        if (tell !== undefined) callGuarded(tell, [], this.#journal.report, 'onInvalid');
      },
      emitEvent: (_sender, eventName, payload, channel) =>
        this.emitSignal('customEventReceived', eventName, payload, channel),
      emitUnknown: (_sender, eventName, payload, channel) =>
        this.emitSignal('unknownEventReceived', eventName, payload, channel),
      emitPacket: (_sender, packet, channel) => this.emitSignal('packetReceived', packet, channel),
      emitRaw: (_sender, bytes, channel) => this.emitSignal('rawPacketReceived', bytes, channel),
    };
  }

  /** The connection goes on without the application until everything has arrived. */
  #linger(run: ClientRun, lingerMs: number): void {
    run.peer.peerDisconnectLater(0);
    this.#lingering.add(run);
    run.lingerTimer = this.#runtime.startTimer(Math.min(lingerMs, MAX_TIMER_MS), () => {
      run.peer.peerDisconnectNow(0);
      this.#release(run);
    });
  }

  #release(run: ClientRun): void {
    run.close();
    if (this.#lingering.delete(run) && this.#lingering.size === 0)
      for (const done of this.#onLingered.splice(0)) done();
  }

  #close(run: ClientRun, reason: string, staysOpen: boolean = false): void {
    if (!staysOpen) this.#release(run);
    this.#disconnectCause = run.peer.disconnectCause ?? DisconnectCause.LOCAL;
    this.#run = undefined;
    this.#status = ConnectionStatus.STATUS_DISCONNECTED;
    // enet-server-module 8, row 26: it belongs to the connection, as in the reference.
    this.#compression = CompressionMode.COMPRESS_NONE;
    run.conclude(new Error(`not connected: ${typeof reason === 'string' ? reason : describe(reason)}`));
  }

  #connectedPeer(): Recipient | undefined {
    if (this.isConnectedToServer()) return this.#run;
    this.#journal.trace('send: there is no connection (ERR_UNCONFIGURED)');
    return undefined;
  }
}

const LOST = ['disconnectedFromServer', 'Connection lost'] as const;
const FAILED = ['connectionFailed', 'Connection failed'] as const;
const DEFAULT_LINGER_MS = 5000;
