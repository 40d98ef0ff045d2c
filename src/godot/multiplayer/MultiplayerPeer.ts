/**
 * Godot's MultiplayerPeer: what every transport of the high-level multiplayer has in common.
 * Implements godot-enet-classes 4.1 and 4.6; the peer of Godot 3 (appendix A) is built on it as well.
 */

import type { Dialect } from '../../../codec/index.ts';
import {
  checkFunctions,
  checkOptions,
  describe,
  isIntegerIn,
  type OptionNames,
} from '../../../options/internal.ts';
import type { DisconnectCause } from '../../enet/index.ts';
import { GodotError } from '../errors.ts';
import { INT32_MAX, isInRange, toInteger } from '../numbers.ts';
import { PacketPeer } from '../PacketPeer.ts';
import {
  callGuarded,
  type ErrorReporter,
  SignalEmitter,
  type SignalListener,
  safeReporter,
} from '../signals.ts';
import { type IncomingPacket, IncomingQueue } from './incomingQueue.ts';
import {
  MultiplayerConnectionStatus,
  TARGET_PEER_BROADCAST,
  TARGET_PEER_SERVER,
  TransferMode,
} from './multiplayerConstants.ts';

/** The signals of every {@link MultiplayerPeer}: their names and arguments. */
export interface MultiplayerPeerSignals {
  /** A peer is connected. On a client `id` is 1, the server; there it means that the client itself is connected. */
  readonly peerConnected: [id: number];
  /** A peer that was connected is gone. */
  readonly peerDisconnected: [id: number];
}

/** Versions of Godot that a peer may have. */
export interface VersionRange {
  /** The first of them. */
  readonly oldest: Dialect;
  /** The last of them. */
  readonly newest: Dialect;
}

/** What every {@link MultiplayerPeer} needs of the world, and may be told. */
export interface MultiplayerPeerOptions {
  /** A random u32 at each call, for {@link MultiplayerPeer.generateUniqueId}. */
  readonly random32: () => number;
  /** Takes one line for every refused call, in words for a human. Default: nobody listens. */
  readonly onTrace?: ((line: string) => void) | undefined;
  /** Takes what a listener of a signal, or `onTrace`, throws. Default: it becomes an uncaught exception. */
  readonly onError?: ErrorReporter | undefined;
  /** See {@link DEFAULT_MAX_QUEUED_BYTES}, the default. */
  readonly maxQueuedBytes?: number | undefined;
  /** The names of the signals that the subclass adds, as the keys of an object. Default none. */
  readonly signals?: object | undefined;
}

/**
 * How many bytes of received packets may wait to be fetched, unless the option `maxQueuedBytes` says otherwise: 64 MiB.
 * Every packet counts 384 bytes more than it has.
 */
export const DEFAULT_MAX_QUEUED_BYTES = 67_108_864;

/** What a transport knows of one of its peers, for operators. */
export interface TransportPeer {
  /** How it is connected. */
  readonly transport: string;
  /** Its IP address; empty where nobody knows it. */
  readonly address: string;
  /** Its UDP or TCP port; 0 where nobody knows it. */
  readonly port: number;
  /** Smoothed round-trip time in ms; `undefined` where it is not measured. */
  readonly roundTripMs: number | undefined;
  /** How much that varies, in ms. Missing where it is not measured. */
  readonly roundTripVarianceMs?: number;
  /** Smoothed loss of reliable packets, 0..1. Missing where it is not measured. */
  readonly lossRatio?: number;
  /** How much of unreliable packets is sent, 0..1. Missing where nothing is held back. */
  readonly throttleRatio?: number;
  /** Bytes that wait to be sent or acknowledged. Missing where nobody knows. */
  readonly queuedBytes?: number;
  /** The cipher suite that its DTLS session agreed on, by its IANA name. Missing without DTLS. */
  readonly dtlsSuite?: string;
}

/** An emitter that its owner, which extends something else, can make speak. */
class Signals<Names extends { [Name in keyof Names]: readonly unknown[] }> extends SignalEmitter<Names> {
  emit<Name extends keyof Names>(name: Name, ...args: Names[Name]): void {
    this.emitSignal(name, ...args);
  }
}

/**
 * The base of all multiplayer peers: packets that carry a source, a channel and a transfer mode, to peers that have
 * ids. Only {@link MultiplayerPeer.poll} moves the network and emits signals; call it once per tick.
 *
 * No method throws for what a peer sent or for what Godot answers with an error number. Listeners may call any method,
 * {@link MultiplayerPeer.close} included.
 */
export abstract class MultiplayerPeer<
    Names extends MultiplayerPeerSignals & {
      [Name in keyof Names]: readonly unknown[];
    } = MultiplayerPeerSignals,
  >
  extends PacketPeer
  implements AsyncDisposable
{
  /** {@link MultiplayerConnectionStatus.CONNECTION_DISCONNECTED} */
  static readonly CONNECTION_DISCONNECTED: 0 = MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
  /** {@link MultiplayerConnectionStatus.CONNECTION_CONNECTING} */
  static readonly CONNECTION_CONNECTING: 1 = MultiplayerConnectionStatus.CONNECTION_CONNECTING;
  /** {@link MultiplayerConnectionStatus.CONNECTION_CONNECTED} */
  static readonly CONNECTION_CONNECTED: 2 = MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  /** {@link TARGET_PEER_BROADCAST} */
  static readonly TARGET_PEER_BROADCAST: 0 = TARGET_PEER_BROADCAST;
  /** {@link TARGET_PEER_SERVER} */
  static readonly TARGET_PEER_SERVER: 1 = TARGET_PEER_SERVER;
  /** {@link TransferMode.TRANSFER_MODE_UNRELIABLE} */
  static readonly TRANSFER_MODE_UNRELIABLE: 0 = TransferMode.TRANSFER_MODE_UNRELIABLE;
  /** {@link TransferMode.TRANSFER_MODE_UNRELIABLE_ORDERED} */
  static readonly TRANSFER_MODE_UNRELIABLE_ORDERED: 1 = TransferMode.TRANSFER_MODE_UNRELIABLE_ORDERED;
  /** {@link TransferMode.TRANSFER_MODE_RELIABLE} */
  static readonly TRANSFER_MODE_RELIABLE: 2 = TransferMode.TRANSFER_MODE_RELIABLE;

  readonly #random32: () => number;
  #disconnectCause: DisconnectCause | undefined;
  readonly #onTrace: ((line: string) => void) | undefined;
  readonly #report: ErrorReporter;
  readonly #signals: Signals<Names>;
  readonly #incoming = new IncomingQueue();
  readonly #maxQueuedBytes: number;
  #transferMode: TransferMode = TransferMode.TRANSFER_MODE_RELIABLE;
  #transferChannel = 0;
  #refuseNewConnections = false;
  #targetPeer: number = TARGET_PEER_BROADCAST;

  /**
   * @param options see {@link MultiplayerPeerOptions}.
   * @throws RangeError for a `maxQueuedBytes` that is no integer from 1 on; TypeError for what should be a function and is none.
   */
  protected constructor(options: MultiplayerPeerOptions) {
    super();
    checkOptions(options, OPTION_NAMES);
    checkFunctions(options, ['random32', 'onTrace', 'onError']);
    this.#random32 = options.random32;
    this.#onTrace = options.onTrace;
    this.#report = safeReporter(options.onError);
    const names = { ...SIGNAL_NAMES, ...options.signals } as OptionNames<Names>;
    this.#signals = new Signals<Names>(options.onError, names);
    this.#maxQueuedBytes = checkMaxQueuedBytes(options.maxQueuedBytes);
  }

  /** Moves the network, queues what has arrived and emits signals. */
  abstract poll(): void;

  /** Ends everything at once, and tells the others. There are no signals. Harmless when there is nothing to end. */
  abstract close(): void;

  /** Ends the connection of one peer. */
  abstract disconnectPeer(id: number, force?: boolean): void;

  /** What this peer is at the moment. */
  abstract getConnectionStatus(): MultiplayerConnectionStatus;

  /** The id of this peer; 0 when it is closed. */
  abstract getUniqueId(): number;

  /** Whether this peer is a server. */
  abstract isServer(): boolean;

  /** Whether clients can reach each other through the server. Relaying itself is the work of the layer above. */
  abstract isServerRelaySupported(): boolean;

  /**
   * Our addition: why the latest connection ended, one of the names of `DisconnectCause`. In a listener of
   * `peerDisconnected` it is about that peer; after a client has failed to connect, about the attempt. Undefined before the
   * first end, and again when something is created.
   */
  get disconnectCause(): DisconnectCause | undefined {
    return this.#disconnectCause;
  }

  /** A connection has ended for this cause, whether a signal tells of it or not; undefined: something was created. */
  protected noteEnd(cause: DisconnectCause | undefined): void {
    this.#disconnectCause = cause;
  }

  /**
   * Our addition: whether a packet leaves when it is put, as in Godot; the default. With false, packets may wait for
   * {@link MultiplayerPeer.flush}, or for the next `poll()`, so that many share a datagram. Transports that have nothing to gain
   * by waiting do not.
   */
  sendsAtOnce = true;

  /** Our addition: lets leave what waits, see {@link MultiplayerPeer.sendsAtOnce}. */
  flush(): void {
    // Transports that let nothing wait have nothing to do.
  }

  /**
   * Our addition: calls `listener`, never from inside this call or {@link MultiplayerPeer.poll}, whenever there is something to poll for,
   * until it is given `undefined` or what is open ends, which is told as well. For those who have nothing to do but to wait.
   *
   * @returns whether this transport tells of everything. When not, poll it at a rate: nothing is open, the option `onWake` tells somebody
   * else, or it is of a kind that cannot.
   */
  setWakeListener(listener: (() => void) | undefined): boolean {
    void listener;
    return false;
  }

  /**
   * Our addition: which versions of Godot this transport takes a peer for, by what it saw of its connection; undefined when that
   * tells nothing, as with most transports, and for an id that nobody has. `SceneMultiplayer` asks for it when a peer is admitted,
   * and believes it as far as the peer's own answer does not contradict it.
   */
  versionHintOf(id: number): VersionRange | undefined {
    void id;
    return undefined;
  }

  /** Our addition: the UDP or TCP port of a server; 0 without one. */
  getLocalPort(): number {
    return 0;
  }

  /** Our addition: the ids of those who are connected to this side, as far as `peerConnected` has told of them. A copy. */
  connectedPeers(): number[] {
    return [];
  }

  /** Our addition: what is known of the connection of a peer; `undefined` for an id that nobody has. */
  transportPeer(id: number): TransportPeer | undefined {
    void id;
    return undefined;
  }

  /** {@link MultiplayerPeer.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** The largest packet that Godot announces, in bytes. */
  getMaxPacketSize(): number {
    return MAX_PACKET_SIZE;
  }

  /**
   * Whether new connections are refused. Default false. Creating a server or a client, and closing, sets it to false.
   */
  get refuseNewConnections(): boolean {
    return this.#refuseNewConnections;
  }

  /** Anything that is true in JavaScript refuses. */
  set refuseNewConnections(refuse: boolean) {
    this.#refuseNewConnections = Boolean(refuse);
    this.refusalChanged(this.#refuseNewConnections);
  }

  /** The getter of {@link MultiplayerPeer.refuseNewConnections}, as Godot names it. */
  isRefusingNewConnections(): boolean {
    return this.refuseNewConnections;
  }

  /** The setter of {@link MultiplayerPeer.refuseNewConnections}, as Godot names it. */
  setRefuseNewConnections(refuse: boolean): void {
    this.refuseNewConnections = refuse;
  }

  /** How packets travel that are put from now on. Default TRANSFER_MODE_RELIABLE. */
  get transferMode(): TransferMode {
    return this.#transferMode;
  }

  /** Refuses what is no transfer mode, with a trace line; Godot stores it. */
  set transferMode(mode: TransferMode) {
    if (isTransferMode(mode)) this.#transferMode = mode;
    else this.trace(`transferMode: expected 0..2, got ${describe(mode)}`);
  }

  /** The getter of {@link MultiplayerPeer.transferMode}, as Godot names it. */
  getTransferMode(): TransferMode {
    return this.transferMode;
  }

  /** The setter of {@link MultiplayerPeer.transferMode}, as Godot names it. */
  setTransferMode(mode: TransferMode): void {
    this.transferMode = mode;
  }

  /**
   * The channel of packets that are put from now on. Default 0, the channels of the transport itself: one for reliable
   * packets, one for the others.
   */
  get transferChannel(): number {
    return this.#transferChannel;
  }

  /** Takes any integer of 32 bits. Anything else is refused with a trace line. */
  set transferChannel(channel: number) {
    const wanted = toInteger(channel);
    if (isInRange(wanted, -INT32_MAX - 1, INT32_MAX)) this.#transferChannel = wanted;
    else this.trace(`transferChannel: expected an integer of 32 bits, got ${describe(channel)}`);
  }

  /** The getter of {@link MultiplayerPeer.transferChannel}, as Godot names it. */
  getTransferChannel(): number {
    return this.transferChannel;
  }

  /** The setter of {@link MultiplayerPeer.transferChannel}, as Godot names it. */
  setTransferChannel(channel: number): void {
    this.transferChannel = channel;
  }

  /**
   * Says to whom packets go that are put from now on. Nobody checks whether the peer exists before a packet is put.
   *
   * @param id a peer; 0 for everybody; below 0 for everybody except the peer `-id`. An integer of 32 bits; anything
   * else is refused with a trace line.
   */
  setTargetPeer(id: number): void {
    const wanted = toInteger(id);
    if (isInRange(wanted, -INT32_MAX, INT32_MAX)) this.#targetPeer = wanted;
    else this.trace(`setTargetPeer: id expected an integer of 32 bits, got ${describe(id)}`);
  }

  /** A random id that a client may have: 2..2147483647. */
  generateUniqueId(): number {
    for (;;) {
      const id = this.#random32() & INT32_MAX;
      if (id > TARGET_PEER_SERVER) return id;
    }
  }

  /** How many packets can be fetched with `getPacket()`. */
  getAvailablePacketCount(): number {
    return this.#incoming.length;
  }

  /** The unique id of the peer that sent the next packet; 1 when there is none. */
  getPacketPeer(): number {
    return this.#nextPacket('getPacketPeer')?.from ?? TARGET_PEER_SERVER;
  }

  /** The transfer channel of the next packet; 1 when there is none, as in Godot. */
  getPacketChannel(): number {
    return this.#nextPacket('getPacketChannel')?.channel ?? NO_PACKET_CHANNEL;
  }

  /** How the next packet travelled; TRANSFER_MODE_RELIABLE when there is none. */
  getPacketMode(): TransferMode {
    return this.#nextPacket('getPacketMode')?.mode ?? TransferMode.TRANSFER_MODE_RELIABLE;
  }

  /**
   * Calls `listener` whenever the signal is emitted, which happens inside {@link MultiplayerPeer.poll} (and
   * `addMeshPeer`). Adding it twice calls it twice.
   *
   * @throws TypeError when `listener` is not a function; RangeError for a signal that there is not.
   */
  on<Name extends keyof Names>(name: Name, listener: SignalListener<Names[Name]>): this {
    this.#signals.on(name, listener);
    return this;
  }

  /**
   * Calls `listener` the next time the signal is emitted, and then no more.
   *
   * @throws TypeError when `listener` is not a function; RangeError for a signal that there is not.
   */
  once<Name extends keyof Names>(name: Name, listener: SignalListener<Names[Name]>): this {
    this.#signals.once(name, listener);
    return this;
  }

  /**
   * Takes back the newest addition of `listener`. An emission that is under way still reaches it.
   *
   * @throws RangeError for a signal that there is not.
   */
  off<Name extends keyof Names>(name: Name, listener: SignalListener<Names[Name]>): this {
    this.#signals.off(name, listener);
    return this;
  }

  /** How many listeners the signal has. */
  listenerCount(name: keyof Names): number {
    return this.#signals.listenerCount(name);
  }

  /** What {@link MultiplayerPeer.setTargetPeer} was last told; 0 at first. */
  protected get targetPeer(): number {
    return this.#targetPeer;
  }

  /** Called after {@link MultiplayerPeer.refuseNewConnections} was set. */
  protected refusalChanged(refuse: boolean): void {
    void refuse;
  }

  /** Calls every listener of a signal. What one throws goes to `onError`. */
  protected emitSignal<Name extends keyof Names>(name: Name, ...args: Names[Name]): void {
    this.#signals.emit(name, ...args);
  }

  /** Whether as many bytes wait to be fetched as may. Take no packets from the network while it is so. */
  protected get isQueueFull(): boolean {
    return this.#incoming.chargedBytes >= this.#maxQueuedBytes;
  }

  /** Called when a full queue has room again. */
  protected queueHasRoom(): void {
    // Nothing to resume here; a transport that held back overrides it.
  }

  /** Queues a received packet for `getPacket()`. Its bytes then belong to whoever fetches them. */
  protected queuePacket(packet: IncomingPacket): void {
    this.#incoming.push(packet);
  }

  /** Forgets every packet that nobody has fetched. */
  protected clearPackets(): void {
    this.#incoming.clear();
  }

  protected override takePacket(): Uint8Array | GodotError {
    const wasFull = this.isQueueFull;
    const packet = this.#incoming.shift();
    if (wasFull && !this.isQueueFull) this.queueHasRoom();
    return packet?.bytes ?? GodotError.ERR_UNAVAILABLE;
  }

  protected override trace(line: string): void {
    if (this.#onTrace !== undefined)
      callGuarded(this.#onTrace, [`${this.className}.${line}`], this.#report, 'onTrace');
  }

  /** What trace lines begin with: the name of the class. */
  protected abstract get className(): string;

  #nextPacket(call: string): IncomingPacket | undefined {
    const { next } = this.#incoming;
    if (!next) this.trace(`${call}: no packet is queued`);
    return next;
  }
}

function isTransferMode(mode: unknown): mode is TransferMode {
  return mode === 0 || mode === 1 || mode === 2;
}

function checkMaxQueuedBytes(bytes: number = DEFAULT_MAX_QUEUED_BYTES): number {
  if (isIntegerIn(bytes, 1, Number.MAX_SAFE_INTEGER)) return bytes;
  throw new RangeError(`"maxQueuedBytes" expected an integer from 1 on, got ${describe(bytes)}`);
}

/** `get_packet_channel()` of the reference without a packet. */
const NO_PACKET_CHANNEL = 1;
/** `get_max_packet_size()` of the reference; nothing enforces it. */
const MAX_PACKET_SIZE = 16_777_216;

const SIGNAL_NAMES: OptionNames<MultiplayerPeerSignals> = { peerConnected: true, peerDisconnected: true };
const OPTION_NAMES: OptionNames<MultiplayerPeerOptions> = {
  random32: true,
  onTrace: true,
  onError: true,
  maxQueuedBytes: true,
  signals: true,
};
