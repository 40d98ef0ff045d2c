/**
 * Godot's SceneMultiplayer: remote calls, authentication and relay over any MultiplayerPeer, for the nodes of a mirror.
 * Implements docs/protocol/scene-multiplayer 2 to 6, as sections 11 and 12 correct them.
 */
import type { Dialect } from '../../codec/index.ts';
import { type MirrorNode, type NodeMultiplayer, SceneMirror } from '../../schema/index.ts';
import {
  callGuarded,
  describe,
  GodotError,
  godotErrorName,
  INT32_MAX,
  isInRange,
  MultiplayerConnectionStatus,
  MultiplayerPeer,
  OfflineMultiplayerPeer,
  SignalEmitter,
  safeReporter,
  TransferMode,
  toInteger,
} from '../godot/internal.ts';
import { Admission, type AuthCallback } from './admission.ts';
import { Core } from './core.ts';
import { NodePaths } from './nodePaths.ts';
import {
  behaviourOf,
  type MultiplayerRuntime,
  type MultiplayerTimer,
  SCENE_MULTIPLAYER_DEFAULTS,
  type SceneMultiplayerOptions,
} from './options.ts';
import { Outgoing, SERVER } from './outgoing.ts';
import { PeerDialects } from './peerDialects.ts';
import { PeerList } from './peerList.ts';
import { MultiplayerRefusal, type MultiplayerRefusals, RefusalCounter } from './refusals.ts';
import { RpcCalls } from './rpcCalls.ts';
import { COMMAND_MASK, Command, SYS_BYTES, SysCommand } from './wire/protocol.ts';
import { peerOf, rawPacket, relayPacket } from './wire/systemPackets.ts';

/** The signals of a {@link SceneMultiplayer} with their arguments. */
export interface SceneMultiplayerSignals {
  /** A peer is admitted. On a client `id` is 1, or another client behind the relay. */
  readonly peerConnected: [id: number];
  /** An admitted peer is gone. */
  readonly peerDisconnected: [id: number];
  /** A client is admitted by its server. */
  readonly connectedToServer: [];
  /** A client could not connect. */
  readonly connectionFailed: [];
  /** The connection to the server is lost; a server whose transport was closed gets it, too. */
  readonly serverDisconnected: [];
  /** A peer has to authenticate. */
  readonly peerAuthenticating: [id: number];
  /** A peer did not authenticate in time, or left before. */
  readonly peerAuthenticationFailed: [id: number];
  /** Raw bytes of a peer, see {@link SceneMultiplayer.sendBytes}. They belong to the listener. */
  readonly peerPacket: [id: number, packet: Uint8Array];
}

/**
 * The high-level multiplayer of Godot for a {@link SceneMirror}: stock Godot games join and call.
 *
 * ```ts
 * const multiplayer = new SceneMultiplayer({ mirror });
 * const peer = new ENetMultiplayerPeer();
 * peer.createServer(7777);
 * multiplayer.multiplayerPeer = peer;
 * multiplayer.start({ tickHz: 20 });
 * ```
 *
 * Godot-shaped methods return Error numbers and never throw; a trace line explains. What a remote does wrong is refused,
 * counted ({@link SceneMultiplayer.refusals}) and traced, and never reaches a handler.
 */
export class SceneMultiplayer extends SignalEmitter<SceneMultiplayerSignals> implements NodeMultiplayer {
  readonly #core: Core;
  readonly #outgoing: Outgoing;
  readonly #admission: Admission;
  readonly #paths: NodePaths;
  readonly #calls: RpcCalls;
  readonly #dialects: PeerDialects;
  readonly #runtime: MultiplayerRuntime;
  readonly #onTrace: ((line: string) => void) | undefined;
  readonly #unwatch: () => void;
  readonly #joined = (id: number): void => this.#admission.connected(id);
  readonly #left = (id: number): void => this.#admission.disconnected(id, false);
  #status: MultiplayerConnectionStatus = MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
  #isSilent = false;
  #authCallback: AuthCallback | null = null;
  #maxSyncPacketSize = 1350;
  #maxDeltaPacketSize = 65_535;
  #ticker: MultiplayerTimer | undefined;

  /**
   * @throws TypeError or RangeError naming the option.
   */
  constructor(options: SceneMultiplayerOptions) {
    checkOptions(options);
    super(options.onError);
    const { mirror, runtime } = options;
    if (runtime === undefined)
      throw new TypeError(
        '"runtime" expected a clock: import SceneMultiplayer from "godot-enet/multiplayer", which brings one',
      );
    this.#runtime = runtime;
    this.#onTrace = options.onTrace;
    const peers = new PeerList();
    this.#outgoing = new Outgoing(peers);
    this.#outgoing.serverRelay = options.serverRelay ?? true;
    const trace = (line: string): void => this.#trace(line);
    const behaviour = behaviourOf(options.compatibility);
    this.#core = new Core(mirror, peers, this.#outgoing, new RefusalCounter(trace), behaviour, trace);
    this.#dialects = new PeerDialects(options.dialect);
    this.#paths = new NodePaths(
      this.#core,
      this.#dialects,
      options.maxPathsPerPeer ?? SCENE_MULTIPLAYER_DEFAULTS.maxPathsPerPeer,
    );
    this.#calls = new RpcCalls(
      this.#core,
      this.#paths,
      this.#dialects,
      safeReporter(options.onError),
      options.exact ?? false,
    );
    this.#admission = new Admission(
      this.#core,
      {
        admitted: (peer) => this.#paths.peerCame(peer),
        leaving: (peer) => this.#forget(peer),
        emit: (signal, peer) => {
          if (!this.#isSilent) this.emitSignal(signal, peer);
        },
        connectedToServer: () => this.emitSignal('connectedToServer'),
      },
      () => runtime.now(),
    );
    this.authTimeout = options.authTimeout ?? SCENE_MULTIPLAYER_DEFAULTS.authTimeout;
    this.#unwatch = mirror.watchTree({ exiting: (node) => this.#paths.nodeGone(node) });
    this.#core.rootPath = options.rootPath ?? '/root';
    mirror.setMultiplayer(this, this.#core.rootPath);
    this.multiplayerPeer = new OfflineMultiplayerPeer();
  }

  /** The tree that it belongs to. */
  get mirror(): SceneMirror {
    return this.#core.mirror;
  }

  /** The transport. A new SceneMultiplayer has an offline one: a server without clients. */
  get multiplayerPeer(): MultiplayerPeer | null {
    return this.#outgoing.transport ?? null;
  }

  /**
   * Takes another transport, or none. All state of the old one is forgotten, without a signal. One that is disconnected is
   * refused with a trace line, as in Godot.
   */
  set multiplayerPeer(peer: MultiplayerPeer | null) {
    if (peer === this.#outgoing.transport) return;
    if (peer !== null && !(peer instanceof MultiplayerPeer))
      throw new TypeError(`"multiplayerPeer" expected a MultiplayerPeer or null, got ${describe(peer)}`);
    if (peer?.getConnectionStatus() === MultiplayerConnectionStatus.CONNECTION_DISCONNECTED) {
      this.#trace('multiplayerPeer: expected one that is connecting or connected (ERR_INVALID_PARAMETER)');
      return;
    }
    const old = this.#outgoing.transport;
    old?.off('peerConnected', this.#joined).off('peerDisconnected', this.#left);
    if (old !== undefined) this.clear();
    this.#outgoing.transport = peer ?? undefined;
    peer?.on('peerConnected', this.#joined).on('peerDisconnected', this.#left);
    this.#status = this.#transportStatus();
  }

  /** Whether there is a transport. */
  hasMultiplayerPeer(): boolean {
    return this.#outgoing.transport !== undefined;
  }

  /** The path of the node that all paths begin at, `/root` at first. Empty: nothing but SYS packets is read. */
  get rootPath(): string {
    return this.#core.rootPath;
  }

  /** Refuses what is neither empty nor absolute, with a trace line. */
  set rootPath(path: string) {
    if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) {
      this.#trace(`rootPath: expected an absolute path, got ${describe(path)} (ERR_INVALID_PARAMETER)`);
      return;
    }
    this.mirror.setMultiplayer(undefined, this.#core.rootPath);
    this.#core.rootPath = path;
    if (path !== '') this.mirror.setMultiplayer(this, path);
  }

  /** Takes authentication data. With it, peers are admitted only after {@link SceneMultiplayer.completeAuth} on both sides. */
  get authCallback(): AuthCallback | null {
    return this.#authCallback;
  }

  /** @throws TypeError for anything but a function or null. */
  set authCallback(callback: AuthCallback | null) {
    if (callback !== null && typeof callback !== 'function')
      throw new TypeError(`"authCallback" expected a function or null, got ${describe(callback)}`);
    this.#authCallback = callback;
    this.#admission.callback =
      callback === null
        ? undefined
        : (id, data) =>
            callGuarded(
              callback,
              [id, data],
              (error, where) => this.reportError(error, where),
              'authCallback',
            );
  }

  /** Seconds that authentication may take; 0 for any time. */
  get authTimeout(): number {
    return this.#admission.timeoutMs / 1000;
  }

  /** Refuses what is negative or no number, with a trace line. */
  set authTimeout(seconds: number) {
    if (isInRange(seconds, 0, INT32_MAX / 1000)) this.#admission.timeoutMs = Math.trunc(seconds * 1000);
    else
      this.#trace(
        `authTimeout: expected seconds from 0 on, got ${describe(seconds)} (ERR_INVALID_PARAMETER)`,
      );
  }

  /** The most bytes of a packet of whole states, 128 and more. Default 1350. */
  get maxSyncPacketSize(): number {
    return this.#maxSyncPacketSize;
  }

  /** Refuses less than 128, with a trace line. */
  set maxSyncPacketSize(bytes: number) {
    if (this.#isPacketSize('maxSyncPacketSize', bytes)) this.#maxSyncPacketSize = bytes;
  }

  /** The most bytes of a packet of changes, 128 and more. Default 65535. */
  get maxDeltaPacketSize(): number {
    return this.#maxDeltaPacketSize;
  }

  /** Refuses less than 128, with a trace line. */
  set maxDeltaPacketSize(bytes: number) {
    if (this.#isPacketSize('maxDeltaPacketSize', bytes)) this.#maxDeltaPacketSize = bytes;
  }

  /** Whether clients reach each other through the server. */
  get serverRelay(): boolean {
    return this.#outgoing.serverRelay;
  }

  /** Anything that is true in JavaScript switches it on. */
  set serverRelay(isOn: boolean) {
    this.#outgoing.serverRelay = Boolean(isOn);
  }

  /** Whether new connections are refused; of the transport. */
  get refuseNewConnections(): boolean {
    return this.#outgoing.transport?.refuseNewConnections ?? false;
  }

  /** Without a transport nothing is set, with a trace line. */
  set refuseNewConnections(refuse: boolean) {
    const { transport } = this.#outgoing;
    if (transport === undefined) this.#trace('refuseNewConnections: there is no multiplayer peer');
    else transport.refuseNewConnections = refuse;
  }

  /** Everybody who is admitted, in the engine's order. */
  getPeers(): number[] {
    return this.#core.peers.toArray();
  }

  /** Everybody who authenticates. */
  getAuthenticatingPeers(): number[] {
    return this.#admission.pendingPeers();
  }

  /** The own id: 1 on a server, 0 without a transport. */
  getUniqueId(): number {
    if (this.#outgoing.transport === undefined) this.#trace('getUniqueId: there is no multiplayer peer');
    return this.#outgoing.uniqueId;
  }

  /** Whether this is the server. */
  isServer(): boolean {
    return this.#outgoing.transport?.isServer() ?? false;
  }

  /** The peer whose call is being handled; the own id in a local call, 0 outside of calls. */
  getRemoteSenderId(): number {
    return this.#core.remoteSender;
  }

  /** The version of Godot that a peer has; `undefined` until it is known. */
  dialectOf(id: number): Dialect | undefined {
    return this.#dialects.of(id);
  }

  /** How often which reason made something be turned away. */
  refusals(): MultiplayerRefusals {
    return this.#core.refusals.snapshot();
  }

  /**
   * Calls a method of a node, as `MultiplayerAPI.rpc`.
   *
   * @param peer 0 for all, a peer, or below 0 for all but that one.
   * @returns Godot's Error number (5.4 of the specification). An unknown peer, or one that cannot see the node, is no error:
   * nothing is sent.
   */
  rpc(peer: number, node: MirrorNode, method: string, args: readonly unknown[] = []): GodotError {
    return this.rpcTo(peer, node, method, args);
  }

  /** {@link SceneMultiplayer.rpc} for the nodes of any tree. */
  rpcTo(target: number, node: object, method: string, args: readonly unknown[]): GodotError {
    const to = toInteger(target);
    if (!isInRange(to, -INT32_MAX - 1, INT32_MAX))
      return this.#refuse(
        `rpc ${method}`,
        `peer expected an integer of 32 bits, got ${describe(target)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    return this.#calls.call(to, node as MirrorNode, method, args);
  }

  /**
   * Sends raw bytes; the other side emits `peerPacket`.
   *
   * @param id 0 for all, a peer, or below 0 for all but that one.
   */
  sendBytes(
    bytes: Uint8Array,
    id = 0,
    mode: TransferMode = TransferMode.TRANSFER_MODE_RELIABLE,
    channel = 0,
  ): GodotError {
    if (!(bytes instanceof Uint8Array))
      return this.#refuse('sendBytes', 'bytes expected a Uint8Array', GodotError.ERR_INVALID_PARAMETER);
    if (bytes.length === 0)
      return this.#refuse('sendBytes', 'there is nothing to send', GodotError.ERR_INVALID_DATA);
    if (!this.#isConnected()) return this.#refuse('sendBytes', 'not connected', GodotError.ERR_UNCONFIGURED);
    const target = toInteger(id);
    if (!isInRange(target, -INT32_MAX, INT32_MAX))
      return this.#refuse(
        'sendBytes',
        `id expected an integer of 32 bits, got ${describe(id)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    return this.#told('sendBytes', target, this.#outgoing.send(target, mode, channel, rawPacket(bytes)));
  }

  /** Sends authentication data to a peer that authenticates. */
  sendAuth(id: number, data: Uint8Array): GodotError {
    if (!this.#isConnected()) return this.#refuse('sendAuth', 'not connected', GodotError.ERR_UNCONFIGURED);
    if (!(data instanceof Uint8Array))
      return this.#refuse('sendAuth', 'data expected a Uint8Array', GodotError.ERR_INVALID_PARAMETER);
    return this.#told('sendAuth', id, this.#admission.send(toInteger(id), data));
  }

  /** Says that authentication is done on this side. */
  completeAuth(id: number): GodotError {
    if (!this.#isConnected())
      return this.#refuse('completeAuth', 'not connected', GodotError.ERR_UNCONFIGURED);
    return this.#told('completeAuth', id, this.#admission.complete(toInteger(id)));
  }

  /** Ends the connection of a peer. It is gone at once here, without `peerDisconnected`. */
  disconnectPeer(id: number): void {
    if (!this.#isConnected()) {
      this.#refuse('disconnectPeer', 'not connected', GodotError.ERR_UNCONFIGURED);
      return;
    }
    const peer = toInteger(id);
    this.#isSilent = true;
    this.#admission.disconnected(peer, true);
    this.#isSilent = false;
    this.#outgoing.transport?.disconnectPeer(peer, false);
  }

  /** Forgets peers, numbers of nodes and what was spawned, without a signal. The transport stays. */
  clear(): void {
    this.#admission.clear();
    this.#paths.clear();
    this.#dialects.clear();
  }

  /** Moves the transport, handles what has arrived, and ends who did not authenticate in time. Once per tick. */
  poll(): GodotError {
    const { transport } = this.#outgoing;
    this.#updateStatus();
    if (transport === undefined || this.#status === MultiplayerConnectionStatus.CONNECTION_DISCONNECTED)
      return GodotError.OK;
    transport.poll();
    this.#updateStatus();
    while (
      this.#status === MultiplayerConnectionStatus.CONNECTION_CONNECTED &&
      this.#outgoing.transport === transport &&
      transport.getAvailablePacketCount() > 0
    ) {
      const from = transport.getPacketPeer();
      const mode = transport.getPacketMode();
      const channel = transport.getPacketChannel();
      const bytes = transport.getPacket();
      this.#receive(from, mode, channel, bytes);
      this.#updateStatus();
    }
    if (this.#status === MultiplayerConnectionStatus.CONNECTION_CONNECTED) this.#admission.expire();
    return GodotError.OK;
  }

  /**
   * Polls and runs the scripts at a rate, until {@link SceneMultiplayer.stop}.
   *
   * @param options `tickHz`: steps per second, above 0. Default 60.
   * @throws RangeError for another rate.
   */
  start(options: { readonly tickHz?: number | undefined } = {}): void {
    const { tickHz = 60 } = options;
    if (!(tickHz > 0 && tickHz <= 1000))
      throw new RangeError(`"tickHz" expected above 0, at most 1000, got ${describe(tickHz)}`);
    this.stop();
    const period = 1000 / tickHz;
    const began = this.#runtime.now();
    let steps = 0;
    const step = (): void => {
      steps++;
      this.poll();
      this.mirror.process(period / 1000);
      if (this.#ticker === undefined) return;
      // Against the start, so that the rate holds on average whatever a step takes; what was missed is missed.
      const since = (this.#runtime.now() - began) >>> 0;
      steps = Math.max(steps, Math.floor(since / period));
      this.#ticker = this.#runtime.startTimer(Math.max(0, (steps + 1) * period - since), step);
    };
    this.#ticker = this.#runtime.startTimer(period, step);
  }

  /** Stops what {@link SceneMultiplayer.start} began. */
  stop(): void {
    this.#ticker?.cancel();
    this.#ticker = undefined;
  }

  /** Stops, closes the transport and lets go of the mirror. Calling it twice is fine. */
  close(): void {
    this.stop();
    const { transport } = this.#outgoing;
    this.multiplayerPeer = null;
    transport?.close();
    this.#unwatch();
    this.mirror.setMultiplayer(undefined, this.#core.rootPath);
  }

  /** {@link SceneMultiplayer.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #receive(from: number, mode: TransferMode, channel: number, bytes: Uint8Array): void {
    if (this.#admission.isPending(from)) {
      this.#admission.receive(from, bytes);
      return;
    }
    if (!this.#core.peers.has(from)) {
      this.#core.refusals.refuse(MultiplayerRefusal.UNKNOWN_PEER, from, 'it is not admitted');
      return;
    }
    if (bytes.length > 0 && commandOf(bytes) === Command.SYS) this.#receiveSystem(from, mode, channel, bytes);
    else this.#handle(from, bytes);
  }

  /** Handles a packet as coming from a peer: what is sent meanwhile answers it. */
  #handle(from: number, bytes: Uint8Array): void {
    this.#core.remoteSender = from;
    this.#dispatch(from, bytes);
    this.#core.remoteSender = 0;
  }

  #dispatch(from: number, bytes: Uint8Array): void {
    const { refusals, rootPath } = this.#core;
    if (rootPath === '') {
      refusals.refuse(MultiplayerRefusal.NO_ROOT, from, 'there is no root path');
      return;
    }
    switch (bytes.length === 0 ? -1 : commandOf(bytes)) {
      case Command.REMOTE_CALL:
        this.#calls.receive(from, bytes);
        break;
      case Command.SIMPLIFY_PATH:
        this.#paths.receiveSimplify(from, bytes);
        break;
      case Command.CONFIRM_PATH:
        this.#paths.receiveConfirm(from, bytes);
        break;
      case Command.RAW:
        if (bytes.length < 2)
          refusals.refuse(MultiplayerRefusal.MALFORMED, from, 'a raw packet without bytes');
        else this.emitSignal('peerPacket', from, bytes.slice(1));
        break;
      default:
        refusals.refuse(
          MultiplayerRefusal.UNKNOWN_COMMAND,
          from,
          `a packet of ${bytes.length} bytes with an unknown command`,
        );
    }
  }

  #receiveSystem(from: number, mode: TransferMode, channel: number, bytes: Uint8Array): void {
    const { refusals } = this.#core;
    const command = bytes[1];
    if (command === SysCommand.AUTH && bytes.length === 2) return;
    if (bytes.length < SYS_BYTES || command === SysCommand.AUTH) {
      refusals.refuse(
        command === SysCommand.AUTH ? MultiplayerRefusal.AUTH_UNEXPECTED : MultiplayerRefusal.MALFORMED,
        from,
        `a SYS packet of ${bytes.length} bytes`,
      );
      return;
    }
    if (command === SysCommand.RELAY) {
      this.#relay(from, mode, channel, bytes);
      return;
    }
    if (command !== SysCommand.ADD_PEER && command !== SysCommand.DEL_PEER) {
      refusals.refuse(MultiplayerRefusal.UNKNOWN_COMMAND, from, `the SYS command ${command}`);
      return;
    }
    const id = peerOf(bytes);
    const mayTell = this.#outgoing.canRelay && this.#outgoing.uniqueId !== SERVER && from === SERVER;
    const isSensible = !this.#core.behaviour.checksPeerIds || (id >= 1 && id !== this.#outgoing.uniqueId);
    if (!mayTell || !isSensible)
      refusals.refuse(MultiplayerRefusal.RELAY_REFUSED, from, `it tells of the peer ${id}`);
    else if (command === SysCommand.ADD_PEER) this.#admission.admit(id);
    else this.#admission.disconnected(id, false);
  }

  /** 3.3 */
  #relay(from: number, mode: TransferMode, channel: number, bytes: Uint8Array): void {
    const { refusals, peers } = this.#core;
    if (!this.#outgoing.canRelay || bytes.length <= SYS_BYTES) {
      refusals.refuse(MultiplayerRefusal.RELAY_REFUSED, from, `a RELAY of ${bytes.length} bytes`);
      return;
    }
    const target = peerOf(bytes);
    const inner = bytes.subarray(SYS_BYTES);
    if (this.#outgoing.uniqueId !== SERVER) {
      if (from === SERVER) this.#handle(target, inner);
      else refusals.refuse(MultiplayerRefusal.RELAY_REFUSED, from, 'only the server relays');
      return;
    }
    // It may have left while the packet was under way.
    if (target > 0 && !peers.has(target)) return;
    const packet = relayPacket(from, inner);
    if (target > 0) this.#outgoing.put(target, mode, channel, packet);
    else
      for (const peer of peers)
        if (peer !== from && peer !== -target) this.#outgoing.put(peer, mode, channel, packet);
    if (target === 0 || target < -SERVER) this.#handle(from, inner);
  }

  #forget(peer: number): void {
    this.#paths.peerGone(peer);
    this.#dialects.forget(peer);
  }

  #transportStatus(): MultiplayerConnectionStatus {
    return (
      this.#outgoing.transport?.getConnectionStatus() ?? MultiplayerConnectionStatus.CONNECTION_DISCONNECTED
    );
  }

  #isConnected(): boolean {
    return this.#transportStatus() === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  }

  #updateStatus(): void {
    const status = this.#transportStatus();
    const before = this.#status;
    if (status === before) return;
    this.#status = status;
    if (status !== MultiplayerConnectionStatus.CONNECTION_DISCONNECTED) return;
    if (before === MultiplayerConnectionStatus.CONNECTION_CONNECTING) this.emitSignal('connectionFailed');
    else this.emitSignal('serverDisconnected');
    this.clear();
  }

  #isPacketSize(what: string, bytes: number): boolean {
    if (Number.isInteger(bytes) && isInRange(bytes, MIN_PACKET_SIZE, INT32_MAX)) return true;
    this.#trace(
      `${what}: expected an integer from ${MIN_PACKET_SIZE} on, got ${describe(bytes)} (ERR_INVALID_PARAMETER)`,
    );
    return false;
  }

  #told(call: string, id: number, error: GodotError): GodotError {
    if (error !== GodotError.OK) this.#trace(`${call}: peer ${describe(id)} (${godotErrorName(error)})`);
    return error;
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    this.#trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }

  #trace(line: string): void {
    this.#onTrace?.(`SceneMultiplayer: ${line}`);
  }
}

/** 2.3: smaller ones are refused. */
const MIN_PACKET_SIZE = 128;

function commandOf(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) & COMMAND_MASK;
}

function checkOptions(options: SceneMultiplayerOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`"options" expected an object with a mirror, got ${describe(options)}`);
  if (!(options.mirror instanceof SceneMirror))
    throw new TypeError(`"mirror" expected a SceneMirror, got ${describe(options.mirror)}`);
  const { rootPath, maxPathsPerPeer, authTimeout } = options;
  if (rootPath !== undefined && (typeof rootPath !== 'string' || !rootPath.startsWith('/')))
    throw new RangeError(`"rootPath" expected an absolute path, got ${describe(rootPath)}`);
  if (maxPathsPerPeer !== undefined && !(Number.isInteger(maxPathsPerPeer) && maxPathsPerPeer >= 1))
    throw new RangeError(`"maxPathsPerPeer" expected an integer from 1 on, got ${describe(maxPathsPerPeer)}`);
  if (authTimeout !== undefined && !(authTimeout >= 0))
    throw new RangeError(`"authTimeout" expected seconds from 0 on, got ${describe(authTimeout)}`);
}
