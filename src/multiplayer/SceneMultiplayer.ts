/**
 * Godot's SceneMultiplayer: remote calls, authentication and relay over any MultiplayerPeer, for the nodes of a mirror.
 * Implements docs/protocol/scene-multiplayer 2 to 6, as sections 11 and 12 correct them. Above 400 lines because it is one class of
 * Godot's, most of it properties and their documentation; what it does is in the files beside it.
 */
import type { Dialect, VariantValue } from '../../codec/index.ts';
import { checkOptions as checkNames, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import { MirrorNode, type NodeMultiplayer, type SceneMirror } from '../../schema/index.ts';
import { Ticker } from '../../schema/internal.ts';
import {
  GodotError,
  godotErrorName,
  MultiplayerConnectionStatus,
  MultiplayerPeer,
  OfflineMultiplayerPeer,
  SignalEmitter,
  TransferMode,
} from '../godot/index.ts';
import {
  callGuarded,
  countingReporter,
  describe,
  INT32_MAX,
  isInRange,
  toInteger,
} from '../godot/internal.ts';
import { requireRuntime, type TickDurations, TickTimes } from '../runtime/internal.ts';
import type { AuthCallback } from './admission.ts';
import { createCounters } from './counters.ts';
import { isWithin } from './gates.ts';
import type { Handover } from './handover.ts';
import { type MultiplayerMetrics, MultiplayerOps } from './multiplayerOps.ts';
import {
  checkOptions,
  gatePath,
  isAuthTimeout,
  type MultiplayerRuntime,
  SCENE_MULTIPLAYER_DEFAULTS,
  type SceneMultiplayerOptions,
  withoutFinalSlash,
} from './options.ts';
import { MultiplayerParts } from './parts.ts';
import type { MultiplayerRefusals } from './refusals.ts';
import type { MultiplayerSpawner } from './replication/MultiplayerSpawner.ts';
import type { MultiplayerSynchronizer } from './replication/MultiplayerSynchronizer.ts';
import { rawPacket } from './wire/systemPackets.ts';

/** What the other rooms of this package may do that nobody else may. */
interface SceneMultiplayerAccess {
  /** Peers who move between several. */
  handover(multiplayer: SceneMultiplayer): Handover;
  /** The first half of a tick: moves the transport and handles what has arrived. @returns whether it is connected. */
  receive(multiplayer: SceneMultiplayer): boolean;
  /** The second half: sends what has changed. The transport is not flushed. */
  send(multiplayer: SceneMultiplayer): void;
  /** Who has spawned a node from here; `undefined` for other nodes. */
  spawnerOf(multiplayer: SceneMultiplayer, node: MirrorNode): MultiplayerSpawner | undefined;
  /** Whether a number is that of a node or synchronizer here. */
  isNetIdUsed(multiplayer: SceneMultiplayer, id: number): boolean;
  /** Whether a client has spawned a node: it is here only as long as that client. */
  isOfPeer(multiplayer: SceneMultiplayer, node: MirrorNode): boolean;
  /** The path that stands for a number in what a peer sends (`isOurs`: in what it is sent); `undefined`: it is not known. */
  pathOf(multiplayer: SceneMultiplayer, peer: number, id: number, isOurs: boolean): string | undefined;
  /** The peers that have a node by replication; `undefined` for one that is not replicated. */
  peersWith(multiplayer: SceneMultiplayer, node: MirrorNode): number[] | undefined;
  /** Calls a method as a peer that has called it: with the same checks. @returns whether somebody handled it. */
  callFrom(
    multiplayer: SceneMultiplayer,
    peer: number,
    node: MirrorNode,
    method: string,
    args: readonly VariantValue[],
  ): boolean;
}

let access!: SceneMultiplayerAccess; // Set by the static block of the class, before anybody can ask.

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
  /** What operators see and may tell; our addition. The functions of `godot-enet/ops` use it. */
  readonly ops: MultiplayerOps;
  readonly #parts: MultiplayerParts;
  readonly #runtime: MultiplayerRuntime;
  readonly #unwatch: () => void;
  readonly #joined = (id: number): void => this.#parts.admission.connected(id);
  readonly #left = (id: number): void => this.#parts.admission.disconnected(id, false);
  #status: MultiplayerConnectionStatus = MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
  readonly #tickTimes = new TickTimes();
  #ticker: Ticker | undefined;
  #authCallback: AuthCallback | null = null;
  #maxSyncPacketSize = 1350;
  #maxDeltaPacketSize = 65_535;

  static {
    access = {
      handover: (multiplayer) => multiplayer.#parts.handover,
      receive: (multiplayer) => multiplayer.#receive(),
      send: (multiplayer) => multiplayer.#send(),
      spawnerOf: (multiplayer, node) => multiplayer.#parts.replication.spawnedBy(node),
      isNetIdUsed: (multiplayer, id) => multiplayer.#parts.replication.isNetIdUsed(id),
      isOfPeer: (multiplayer, node) => multiplayer.#parts.replication.isOfPeer(node),
      pathOf: (multiplayer, peer, id, isOurs) =>
        multiplayer.#parts[isOurs ? 'announcements' : 'remotePaths'].pathOf(peer, id),
      peersWith: (multiplayer, node) => multiplayer.#parts.replication.peersWith(node),
      callFrom: (multiplayer, peer, node, method, args) =>
        multiplayer.#parts.calls.callFrom(peer, node, method, args),
    };
  }

  /**
   * @param options the mirror, and what Godot has no property for; the clock of Node unless another is given.
   * @throws TypeError or RangeError naming the option.
   */
  constructor(options: SceneMultiplayerOptions) {
    checkOptions(options);
    const counters = createCounters();
    const report = countingReporter(options.onError, counters);
    super(report, SIGNAL_NAMES);
    const { mirror } = options;
    this.#runtime = requireRuntime(options.runtime, 'SceneMultiplayer', 'multiplayer');
    this.#parts = new MultiplayerParts(options, this.#runtime, counters, {
      report,
      emit: (signal, peer) => this.emitSignal(signal, peer),
      connectedToServer: () => this.emitSignal('connectedToServer'),
      packet: (from, bytes) => this.emitSignal('peerPacket', from, bytes),
      maxSync: () => this.#maxSyncPacketSize,
      maxDelta: () => this.#maxDeltaPacketSize,
      isOurs: (node) => mirror.multiplayerOf(node) === this,
    });
    this.ops = new MultiplayerOps(this.#parts.opsSource(this));
    this.authTimeout = options.authTimeout ?? SCENE_MULTIPLAYER_DEFAULTS.authTimeout;
    this.#unwatch = mirror.watchTree(this.#parts.treeWatcher());
    this.#parts.core.rootPath = withoutFinalSlash(options.rootPath ?? '/root');
    mirror.setMultiplayer(this, this.#parts.core.rootPath);
    this.multiplayerPeer = new OfflineMultiplayerPeer();
    this.#parts.replication.takeOver(mirror.root);
  }

  /** The tree that it belongs to. */
  get mirror(): SceneMirror {
    return this.#parts.core.mirror;
  }

  /** The transport. A new SceneMultiplayer has an offline one: a server without clients. */
  get multiplayerPeer(): MultiplayerPeer | null {
    return this.#parts.outgoing.transport ?? null;
  }

  /**
   * Takes another transport, or none. All state of the old one is forgotten, without a signal. One that is disconnected is
   * refused with a trace line, as in Godot.
   */
  set multiplayerPeer(peer: MultiplayerPeer | null) {
    if (peer === this.#parts.outgoing.transport) return;
    if (peer !== null && !(peer instanceof MultiplayerPeer))
      throw new TypeError(`"multiplayerPeer" expected a MultiplayerPeer or null, got ${describe(peer)}`);
    if (peer?.getConnectionStatus() === MultiplayerConnectionStatus.CONNECTION_DISCONNECTED) {
      this.#trace('multiplayerPeer: expected one that is connecting or connected (ERR_INVALID_PARAMETER)');
      return;
    }
    const old = this.#parts.outgoing.transport;
    if (old !== undefined) {
      old.off('peerConnected', this.#joined).off('peerDisconnected', this.#left);
      old.flush();
      old.sendsAtOnce = true;
      this.clear();
      this.#parts.core.live.setStarted(false, 0);
    }
    this.#parts.outgoing.transport = peer ?? undefined;
    if (peer !== null) peer.sendsAtOnce = !this.#parts.core.behaviour.coalesces;
    peer?.on('peerConnected', this.#joined).on('peerDisconnected', this.#left);
    this.#status = this.#transportStatus();
    this.ops.statusChanged();
  }

  /** Whether there is a transport. */
  hasMultiplayerPeer(): boolean {
    return this.#parts.outgoing.transport !== undefined;
  }

  /** The path of the node that all paths begin at, `/root` at first. Empty: nothing but SYS packets is read. */
  get rootPath(): string {
    return this.#parts.core.rootPath;
  }

  /** Refuses what is neither empty nor absolute, with a trace line. */
  set rootPath(path: string) {
    if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) {
      this.#trace(`rootPath: expected an absolute path, got ${describe(path)} (ERR_INVALID_PARAMETER)`);
      return;
    }
    this.mirror.removeMultiplayer(this);
    const at = withoutFinalSlash(path);
    this.#parts.core.rootPath = at;
    if (at !== '') this.mirror.setMultiplayer(this, at);
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
    this.#parts.admission.callback =
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
    return this.#parts.admission.timeoutMs / 1000;
  }

  /** Refuses what is negative or no number, with a trace line. */
  set authTimeout(seconds: number) {
    if (isAuthTimeout(seconds)) this.#parts.admission.timeoutMs = Math.trunc(seconds * 1000);
    else
      this.#trace(
        `authTimeout: expected seconds from 0 to 2147483, got ${describe(seconds)} (ERR_INVALID_PARAMETER)`,
      );
  }

  /** The most bytes of a packet of whole states, 128 and more. Default 1350. */
  get maxSyncPacketSize(): number {
    return this.#maxSyncPacketSize;
  }

  /** Refuses less than 128, with a trace line. */
  set maxSyncPacketSize(bytes: number) {
    if (!this.#isPacketSize('maxSyncPacketSize', bytes)) return;
    this.#maxSyncPacketSize = bytes;
    this.#parts.replication.limitsChanged();
  }

  /** The most bytes of a packet of changes, 128 and more. Default 65535. */
  get maxDeltaPacketSize(): number {
    return this.#maxDeltaPacketSize;
  }

  /** Refuses less than 128, with a trace line. */
  set maxDeltaPacketSize(bytes: number) {
    if (!this.#isPacketSize('maxDeltaPacketSize', bytes)) return;
    this.#maxDeltaPacketSize = bytes;
    this.#parts.replication.limitsChanged();
  }

  /** Whether clients reach each other through the server. */
  get serverRelay(): boolean {
    return this.#parts.outgoing.serverRelay;
  }

  /** Anything that is true in JavaScript switches it on. */
  set serverRelay(isOn: boolean) {
    this.#parts.outgoing.serverRelay = Boolean(isOn);
  }

  /** Whether new connections are refused; of the transport. */
  get refuseNewConnections(): boolean {
    return this.#parts.outgoing.transport?.refuseNewConnections ?? false;
  }

  /** Without a transport nothing is set, with a trace line. */
  set refuseNewConnections(refuse: boolean) {
    const { transport } = this.#parts.outgoing;
    if (transport === undefined) this.#trace('refuseNewConnections: there is no multiplayer peer');
    else transport.refuseNewConnections = refuse;
  }

  /** Everybody who is admitted, in the engine's order. */
  getPeers(): number[] {
    return this.#parts.core.peers.toArray();
  }

  /** Everybody who authenticates. */
  getAuthenticatingPeers(): number[] {
    return this.#parts.admission.pendingPeers();
  }

  /** The own id: 1 on a server, 0 without a transport. */
  getUniqueId(): number {
    if (this.#parts.outgoing.transport === undefined)
      this.#trace('getUniqueId: there is no multiplayer peer');
    return this.#parts.outgoing.uniqueId;
  }

  /** Whether this is the server. */
  isServer(): boolean {
    return this.#parts.outgoing.transport?.isServer() ?? false;
  }

  /** The peer whose call is being handled; the own id in a local call, 0 outside of calls. */
  getRemoteSenderId(): number {
    return this.#parts.core.remoteSender;
  }

  /**
   * The version of Godot that a peer has; `undefined` until it is known. Of versions that look alike it is the oldest, unless the
   * option `dialect` says more: `'4.0'` for 4.0 and 4.1, `'4.2'`, and `'4.3'` for later ones (`'4.4'` for one that did not answer).
   * 4.2 is told from 4.0 only where the transport does ({@link MultiplayerPeer.versionHintOf}), as a server over ENet; elsewhere it is
   * `'4.0'`, too. A state that a peer sends may tell later that it is 4.1 or 4.2.
   */
  dialectOf(id: number): Dialect | undefined {
    return this.#parts.dialects.of(id);
  }

  /**
   * Closes a node and everything below it for a peer: no call goes into it, and its nodes are not announced, until
   * {@link SceneMultiplayer.open}. Close it in `peerConnected` for a client that has to load it first, or by the option
   * `initialGates` when nodes are spawned in it. What clients send each other through the relay is not looked at.
   *
   * @param path absolute, as `/root/Main/Level`; there need be no node.
   * @returns ERR_DOES_NOT_EXIST for a peer that is not admitted.
   * @throws TypeError for another path.
   */
  gate(id: number, path: string): GodotError {
    const at = gatePath(path);
    if (!this.#parts.core.peers.has(id))
      return this.#refuse('gate', `there is no peer ${describe(id)}`, GodotError.ERR_DOES_NOT_EXIST);
    this.#parts.gates.close(id, at);
    // Who loads a scene again has other nodes under the numbers that it knew.
    const isMeant = (node: MirrorNode): boolean => isWithin(node.getPath().toString(), at);
    this.#parts.announcements.forgetNodes(id, isMeant);
    this.#parts.replication.forgetBelow(id, isMeant);
    return GodotError.OK;
  }

  /**
   * Opens what {@link SceneMultiplayer.gate} closed under this path, once the game says that the client has loaded it. Calls that
   * waited are sent, in order.
   *
   * @returns ERR_DOES_NOT_EXIST when it was not closed.
   * @throws TypeError for a path that is not absolute.
   */
  open(id: number, path: string): GodotError {
    if (!this.#parts.gates.open(id, gatePath(path)))
      return this.#refuse(
        'open',
        `${path} is not closed for peer ${describe(id)}`,
        GodotError.ERR_DOES_NOT_EXIST,
      );
    this.#parts.replication.updatePeer(id);
    this.#parts.sender.opened(id);
    return GodotError.OK;
  }

  /**
   * Resolves once nothing on the way to a path is closed for a peer; at once when nothing is. Rejects when the peer is not
   * admitted, or leaves.
   *
   * @throws TypeError for a path that is not absolute.
   */
  whenOpen(id: number, path: string): Promise<void> {
    const at = gatePath(path);
    if (!this.#parts.core.peers.has(id)) return Promise.reject(new Error(`there is no peer ${describe(id)}`));
    return this.#parts.gates.whenOpen(id, at);
  }

  /**
   * What a MultiplayerSpawner node does; our addition: in Godot the node does it itself.
   *
   * @param node the node, or its path.
   * @throws RangeError when there is no such node, or it is no spawner.
   */
  spawner(node: MirrorNode | string): MultiplayerSpawner {
    const found = this.#parts.replication.spawnerOf(this.#nodeAt(node));
    if (found === undefined)
      throw new RangeError(`"node" expected a MultiplayerSpawner, got ${describe(node)}`);
    return found;
  }

  /**
   * What a MultiplayerSynchronizer node does; our addition: in Godot the node does it itself.
   *
   * @param node the node, or its path.
   * @throws RangeError when there is no such node, or it is no synchronizer.
   */
  synchronizer(node: MirrorNode | string): MultiplayerSynchronizer {
    const found = this.#parts.replication.synchronizerOf(this.#nodeAt(node));
    if (found === undefined)
      throw new RangeError(`"node" expected a MultiplayerSynchronizer, got ${describe(node)}`);
    return found;
  }

  /** How often which reason made something be turned away. */
  refusals(): MultiplayerRefusals {
    return this.#parts.core.refusals.snapshot();
  }

  /** All numbers: those of {@link MultiplayerOps.metrics}. */
  metrics(): MultiplayerMetrics {
    return this.ops.metrics();
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
      return this.#refuseCall(method, `peer expected an integer of 32 bits, got ${describe(target)}`);
    if (!(node instanceof MirrorNode) || node.mirror !== this.mirror)
      return this.#refuseCall(method, `node expected one of the mirror, got ${describe(node)}`);
    if (typeof method !== 'string')
      return this.#refuseCall('', `method expected a name, got ${describe(method)}`);
    if (!Array.isArray(args))
      return this.#refuseCall(method, `args expected an array, got ${describe(args)}`);
    return this.#parts.calls.call(to, node, method, args);
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
    if (!isIntegerIn(mode, 0, 2))
      return this.#refuse(
        'sendBytes',
        `mode expected 0..2, got ${describe(mode)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    const lane = toInteger(channel);
    if (!isInRange(lane, -INT32_MAX - 1, INT32_MAX))
      return this.#refuse(
        'sendBytes',
        `channel expected an integer of 32 bits, got ${describe(channel)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
    return this.#told('sendBytes', target, this.#parts.outgoing.send(target, mode, lane, rawPacket(bytes)));
  }

  /** Sends authentication data to a peer that authenticates. */
  sendAuth(id: number, data: Uint8Array): GodotError {
    if (!this.#isConnected()) return this.#refuse('sendAuth', 'not connected', GodotError.ERR_UNCONFIGURED);
    if (!(data instanceof Uint8Array))
      return this.#refuse('sendAuth', 'data expected a Uint8Array', GodotError.ERR_INVALID_PARAMETER);
    return this.#told('sendAuth', id, this.#parts.admission.send(toInteger(id), data));
  }

  /** Says that authentication is done on this side. */
  completeAuth(id: number): GodotError {
    if (!this.#isConnected())
      return this.#refuse('completeAuth', 'not connected', GodotError.ERR_UNCONFIGURED);
    return this.#told('completeAuth', id, this.#parts.admission.complete(toInteger(id)));
  }

  /** Ends the connection of a peer. It is gone at once here, without `peerDisconnected`. */
  disconnectPeer(id: number): void {
    if (!this.#isConnected()) {
      this.#refuse('disconnectPeer', 'not connected', GodotError.ERR_UNCONFIGURED);
      return;
    }
    const peer = toInteger(id);
    if (isInRange(peer, 1, INT32_MAX)) this.#parts.admission.kick(peer);
    else
      this.#refuse(
        'disconnectPeer',
        `id expected the id of a peer, got ${describe(id)}`,
        GodotError.ERR_INVALID_PARAMETER,
      );
  }

  /** Forgets peers, numbers of nodes and what was spawned, without a signal. The transport stays. */
  clear(): void {
    this.#parts.clear();
  }

  /** Moves the transport, handles what has arrived, sends the states that are due, and lets leave what was sent. Once per tick. */
  poll(): GodotError {
    // A frame of the engine ends here for those who poll and do not run scripts.
    if (this.#parts.core.behaviour.freesNodes) this.mirror.flushDeletions();
    // What has changed since the last poll shares datagrams with what was called since then.
    const { coalesces } = this.#parts.core.behaviour;
    if (coalesces && this.#isConnected()) {
      this.#parts.replication.nextTick();
      this.#parts.replication.step();
    }
    if (this.#receive()) {
      if (!coalesces) this.#parts.replication.nextTick();
      this.#parts.work();
    }
    this.flush();
    return GodotError.OK;
  }

  /**
   * Lets leave what was sent since the last {@link SceneMultiplayer.poll}, which does it at its end: whatever goes to one peer in one
   * tick shares datagrams. For those who cannot wait for the next tick. With `compatibility: 'engine'` nothing waits.
   */
  flush(): void {
    this.#parts.outgoing.transport?.flush();
  }

  /**
   * Polls and runs the scripts at a rate, until {@link SceneMultiplayer.stop}.
   *
   * @param options `tickHz`: steps per second, above 0. Default 60.
   * @throws RangeError for another rate or option; TypeError for no options.
   */
  start(options: { readonly tickHz?: number | undefined } = {}): void {
    checkNames(options, START_OPTION_NAMES);
    const { tickHz = 60 } = options;
    if (!(typeof tickHz === 'number' && tickHz > 0 && tickHz <= 1000))
      throw new RangeError(`"tickHz" expected above 0, at most 1000, got ${describe(tickHz)}`);
    this.stop();
    const tick = (): void => {
      const { coalesces } = this.#parts.core.behaviour;
      if (!coalesces) this.poll();
      else this.#receive();
      this.mirror.process(1 / tickHz);
      // What scripts have changed leaves in the same tick; the engine sends it with the next one.
      if (coalesces) this.#send();
      this.flush();
    };
    this.#ticker = new Ticker(this.#runtime, tickHz, () => this.#tickTimes.run(tick));
  }

  /** How long the latest 128 ticks of {@link SceneMultiplayer.start} took: receiving, scripts and sending. Our addition. */
  tickTimes(): TickDurations {
    return this.#tickTimes.durations();
  }

  /** Stops what {@link SceneMultiplayer.start} began. */
  stop(): void {
    this.#ticker?.stop();
    this.#ticker = undefined;
  }

  /** Stops, closes the transport and lets go of the mirror. Calling it twice is fine. */
  close(): void {
    this.stop();
    const { transport } = this.#parts.outgoing;
    this.multiplayerPeer = null;
    transport?.close();
    this.#unwatch();
    this.mirror.removeMultiplayer(this);
  }

  /** {@link SceneMultiplayer.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Moves the transport and handles what has arrived. @returns whether it is connected. */
  #receive(): boolean {
    const { transport } = this.#parts.outgoing;
    this.#updateStatus();
    if (transport === undefined || this.#status === MultiplayerConnectionStatus.CONNECTION_DISCONNECTED)
      return false;
    transport.poll();
    this.#updateStatus();
    while (
      this.#status === MultiplayerConnectionStatus.CONNECTION_CONNECTED &&
      this.#parts.outgoing.transport === transport &&
      transport.getAvailablePacketCount() > 0
    ) {
      const from = transport.getPacketPeer();
      const mode = transport.getPacketMode();
      const channel = transport.getPacketChannel();
      const bytes = transport.getPacket();
      this.#parts.incoming.receive(from, mode, channel, bytes);
      this.#updateStatus();
    }
    return this.#status === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  }

  #send(): void {
    if (!this.#isConnected()) return;
    this.#parts.replication.nextTick();
    this.#parts.work();
  }

  #nodeAt(node: MirrorNode | string): MirrorNode {
    const found = typeof node === 'string' ? this.mirror.getNode(node) : node;
    if (found instanceof MirrorNode) return found;
    throw new RangeError(`"node" expected a node, or the path of one, got ${describe(node)}`);
  }

  #transportStatus(): MultiplayerConnectionStatus {
    return (
      this.#parts.outgoing.transport?.getConnectionStatus() ??
      MultiplayerConnectionStatus.CONNECTION_DISCONNECTED
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
    this.ops.statusChanged();
    if (status !== MultiplayerConnectionStatus.CONNECTION_DISCONNECTED) return;
    if (before === MultiplayerConnectionStatus.CONNECTION_CONNECTING) this.emitSignal('connectionFailed');
    else this.emitSignal('serverDisconnected');
    this.clear();
  }

  #isPacketSize(what: string, bytes: number): boolean {
    if (isIntegerIn(bytes, MIN_PACKET_SIZE, INT32_MAX)) return true;
    this.#trace(
      `${what}: expected an integer from ${MIN_PACKET_SIZE} on, got ${describe(bytes)} (ERR_INVALID_PARAMETER)`,
    );
    return false;
  }

  #told(call: string, id: number, error: GodotError): GodotError {
    if (error !== GodotError.OK) this.#trace(`${call}: peer ${describe(id)} (${godotErrorName(error)})`);
    return error;
  }

  #refuseCall(method: unknown, reason: string): GodotError {
    const call = typeof method === 'string' && method !== '' ? `rpc ${method}` : 'rpc';
    return this.#refuse(call, reason, GodotError.ERR_INVALID_PARAMETER);
  }

  #refuse(call: string, reason: string, error: GodotError): GodotError {
    this.#trace(`${call}: ${reason} (${godotErrorName(error)})`);
    return error;
  }

  #trace(line: string): void {
    this.#parts.core.trace(line);
  }
}

/** See {@link SceneMultiplayerAccess}. */
export const sceneMultiplayerAccess: SceneMultiplayerAccess = access;

/** 2.3: smaller ones are refused. */
const MIN_PACKET_SIZE = 128;

const START_OPTION_NAMES: OptionNames<{ tickHz?: number }> = { tickHz: true };

const SIGNAL_NAMES: OptionNames<SceneMultiplayerSignals> = {
  peerConnected: true,
  peerDisconnected: true,
  connectedToServer: true,
  connectionFailed: true,
  serverDisconnected: true,
  peerAuthenticating: true,
  peerAuthenticationFailed: true,
  peerPacket: true,
};
