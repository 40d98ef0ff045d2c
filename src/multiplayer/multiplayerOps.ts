/** What operators see of a SceneMultiplayer and may tell it: numbers and the door. Our addition; Godot has none of it. */
import type { Dialect } from '../../codec/index.ts';
import {
  MultiplayerConnectionStatus,
  type MultiplayerPeer,
  OfflineMultiplayerPeer,
  type Operator,
  type OperatorEvents,
  type OperatorMetrics,
  type TransportPeer,
} from '../godot/index.ts';
import type { LivePeers } from '../godot/internal.ts';
import type { MultiplayerCounters } from './counters.ts';
import type { MultiplayerDiagnosis } from './diagnosis.ts';
import type { MultiplayerDoctor } from './MultiplayerDoctor.ts';
import type { MultiplayerRuntime, MultiplayerTimer } from './options.ts';
import { MultiplayerRefusal, type MultiplayerRefusals } from './refusals.ts';
import type { MethodCalls, ObservedCall, PeerTraffic, Traffic } from './traffic.ts';

/**
 * Numbers of a SceneMultiplayer. Counters never go back while the object lives, also over another `multiplayerPeer`. The names
 * are those of `ENetServer.ops.metrics()` where the meaning is.
 */
export interface MultiplayerMetrics extends OperatorMetrics {
  /** Whether it is connected: a server listens, a client has its server. False for the offline peer. */
  readonly isActive: boolean;
  /** Whether new connections are taken: not `refuseNewConnections`. */
  readonly acceptsPeers: boolean;
  /** Peers now: those who are admitted, and those who authenticate. */
  readonly peers: number;
  /** Peers now that are admitted, see `getPeers()`. */
  readonly authenticatedPeers: number;
  /** Counter: peers that were admitted; on a client also those that its server told of. */
  readonly authentications: number;
  /** Counter: peers that did not authenticate in time, or left before. */
  readonly authenticationFailures: number;
  /** Counter: packets that were taken from the transport. */
  readonly packetsReceived: number;
  /** Counter: their bytes. */
  readonly bytesReceived: number;
  /** Counter: packets that the transport took, once for each receiver, those relayed for others among them. */
  readonly packetsSent: number;
  /** Counter: their bytes. */
  readonly bytesSent: number;
  /** Counter: those of the packets sent that were relayed from one client to another. */
  readonly packetsRelayed: number;
  /** Counter: their bytes. */
  readonly bytesRelayed: number;
  /** Counter: remote calls that arrived. */
  readonly callsReceived: number;
  /** Counter: those of them that reached no handler; `refusals` says why. */
  readonly callsRefused: number;
  /** Counter: calls that left, once for each receiver. */
  readonly callsSent: number;
  /** Counter: SPAWN packets that left, once for each receiver. */
  readonly spawnsSent: number;
  /** Counter: DESPAWN packets that left, once for each receiver. */
  readonly despawnsSent: number;
  /** Counter: states of synchronizers that left, whole ones and changes, once for each receiver. */
  readonly statesSent: number;
  /** Counter: states of synchronizers that arrived and were set. */
  readonly statesReceived: number;
  /** Calls now that wait for a gate, or for the version of their peer. */
  readonly heldCalls: number;
  /** Bytes now of the arguments of these calls. */
  readonly heldBytes: number;
  /** Nodes now that have a number, which their peers were told instead of the path. */
  readonly announcedPaths: number;
  /** Announcements now that a peer has not confirmed, and is asked about again. */
  readonly unconfirmedPaths: number;
  /** Numbers of nodes now that peers have given; at most `maxPathsPerPeer` for each. */
  readonly remotePaths: number;
  /** Nodes of ours now that peers have, or will have as soon as their version is known; once for each peer. */
  readonly spawnedNodes: number;
  /** Nodes now that peers have spawned here; at most `maxSpawnsPerPeer` for each. */
  readonly peerNodes: number;
  /** States and changes of synchronizers now that wait for a budget, an interval or an answer; once for each peer. */
  readonly waitingStates: number;
  /** Counter: errors of RPC handlers, of listeners of signals and of `authCallback`. */
  readonly handlerErrors: number;
  /** Counter: what was turned away, by reason; every reason is there. */
  readonly refusals: ReadonlyMap<MultiplayerRefusal, number>;
}

/** A peer of a SceneMultiplayer, with all that is known of it. */
export interface MultiplayerPeerReport extends Readonly<PeerTraffic> {
  /** Its id. */
  readonly id: number;
  /** Whether it is admitted; otherwise it authenticates. */
  readonly isAdmitted: boolean;
  /** See `SceneMultiplayer.dialectOf`. */
  readonly dialect: Dialect | undefined;
  /** Its connection; `undefined` for a client behind the relay. */
  readonly connection: TransportPeer | undefined;
  /** Seconds since it connected. */
  readonly seconds: number;
}

/** What {@link MultiplayerOps} asks its SceneMultiplayer. */
export interface MultiplayerOpsSource {
  readonly counters: MultiplayerCounters;
  readonly runtime: MultiplayerRuntime;
  /** The transport of now. */
  transport(): MultiplayerPeer | undefined;
  /** Refuses new connections, or takes them. */
  setRefusing(refuses: boolean): void;
  /** Peers by how far they are. */
  peers(): { readonly admitted: number; readonly pending: number };
  /** Calls that wait. */
  held(): { readonly calls: number; readonly bytes: number };
  /** Numbers of nodes. */
  paths(): { readonly announced: number; readonly unconfirmed: number; readonly remote: number };
  /** What replication knows of its peers. */
  replication(): { readonly spawned: number; readonly ofPeers: number; readonly waiting: number };
  refusals(): MultiplayerRefusals;
  readonly doctor: MultiplayerDoctor;
  readonly live: LivePeers;
  readonly traffic: Traffic;
  /** Who is admitted, and who authenticates. */
  peerIds(): { readonly admitted: readonly number[]; readonly pending: readonly number[] };
  dialectOf(id: number): Dialect | undefined;
}

/** The operator's side of a SceneMultiplayer: `multiplayer.ops`. The functions of `godot-enet/ops` use it. */
export class MultiplayerOps implements Operator<'multiplayer', MultiplayerMetrics> {
  /** Whose numbers {@link MultiplayerOps.metrics} has. */
  readonly kind = 'multiplayer';
  readonly #source: MultiplayerOpsSource;

  /** @internal */
  constructor(source: MultiplayerOpsSource) {
    this.#source = source;
  }

  /**
   * Whether new connections are taken; the opposite of `refuseNewConnections`. `false` leaves the present peers alone. Another
   * transport brings its own door.
   */
  get acceptsPeers(): boolean {
    return this.#source.transport()?.refuseNewConnections !== true;
  }
  /** Opens or closes the door. Without a transport nothing is set, with a trace line. */
  set acceptsPeers(accepts: boolean) {
    this.#source.setRefusing(!accepts);
  }

  /** All numbers. A copy. */
  metrics(): MultiplayerMetrics {
    const { counters } = this.#source;
    const transport = this.#source.transport();
    const { admitted, pending } = this.#source.peers();
    const held = this.#source.held();
    const paths = this.#source.paths();
    const replication = this.#source.replication();
    const refusals = this.#source.refusals();
    return {
      ...counters,
      isActive: transport !== undefined && isOnline(transport),
      acceptsPeers: this.acceptsPeers,
      peers: admitted + pending,
      authenticatedPeers: admitted,
      heldCalls: held.calls,
      heldBytes: held.bytes,
      announcedPaths: paths.announced,
      unconfirmedPaths: paths.unconfirmed,
      remotePaths: paths.remote,
      spawnedNodes: replication.spawned,
      peerNodes: replication.ofPeers,
      waitingStates: replication.waiting,
      refusals: new Map(Object.values(MultiplayerRefusal).map((reason) => [reason, refusals[reason] ?? 0])),
    };
  }

  /** The latest mismatches with peers, explained; the oldest first, 16 at most. See the option `onDiagnosis`. */
  diagnoses(): readonly MultiplayerDiagnosis[] {
    return this.#source.doctor.latest;
  }

  /** Every peer, those who authenticate at the end. A copy. */
  peers(): MultiplayerPeerReport[] {
    const { admitted, pending } = this.#source.peerIds();
    const report = (id: number, isAdmitted: boolean): MultiplayerPeerReport => ({
      id,
      isAdmitted,
      dialect: this.#source.dialectOf(id),
      connection: this.#source.transport()?.transportPeer(id),
      seconds: this.#source.live.secondsOf(id),
      ...this.#source.traffic.of(id),
    });
    return [...admitted.map((id) => report(id, true)), ...pending.map((id) => report(id, false))];
  }

  /** How often which method was called, in the order of their first calls; 256 at most, the rest together as `...`. A copy. */
  methods(): MethodCalls[] {
    return this.#source.traffic.methods();
  }

  /**
   * Tells each call that reaches its method or leaves, from now on. The function is called in the midst of it: it must be quick and must
   * not call the multiplayer; what it throws goes to `onError`.
   *
   * @returns a function that ends it.
   */
  watchCalls(watcher: (call: ObservedCall) => void): () => void {
    return this.#source.traffic.watch(watcher);
  }

  /** The port of the transport; 0 when it has none, or several. */
  getLocalPort(): number {
    return this.#source.transport()?.getLocalPort() ?? 0;
  }

  /** Tells what happens from now on; see `OperatorEvents`. @returns a function that ends it. */
  observe(events: OperatorEvents): () => void {
    return this.#source.live.observe(events);
  }

  /** @internal The transport, or what it is, may have changed. */
  statusChanged(): void {
    const transport = this.#source.transport();
    const isStarted = transport !== undefined && isOnline(transport) && transport.isServer();
    this.#source.live.setStarted(isStarted, isStarted ? transport.getLocalPort() : 0);
  }

  /** Its clock: ms, which may wrap at 2^32. */
  now(): number {
    return this.#source.runtime.now();
  }

  /** Calls `callback` once after `delayMs`, on that clock. */
  startTimer(delayMs: number, callback: () => void): MultiplayerTimer {
    return this.#source.runtime.startTimer(delayMs, callback);
  }
}

function isOnline(transport: MultiplayerPeer): boolean {
  const isConnected = transport.getConnectionStatus() === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  return isConnected && !(transport instanceof OfflineMultiplayerPeer);
}
