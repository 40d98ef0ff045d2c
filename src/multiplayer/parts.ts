/** The parts of a SceneMultiplayer: how they are made, what one has of the others, and what concerns all of them. */
import { withDefaults } from '../../options/internal.ts';
import type { MirrorNode, TreeWatcher } from '../../schema/index.ts';
import type { ErrorReporter } from '../godot/index.ts';
import { callGuarded, LivePeers } from '../godot/internal.ts';
import { Admission, type AdmissionEvents } from './admission.ts';
import { Announcements } from './announcements.ts';
import { Arrivals } from './arrivals.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import { Core } from './core.ts';
import type { MultiplayerCounters } from './counters.ts';
import { Gates } from './gates.ts';
import { Handover } from './handover.ts';
import { HeldRelays } from './heldRelays.ts';
import { Incoming } from './incoming.ts';
import { MultiplayerDoctor } from './MultiplayerDoctor.ts';
import type { MultiplayerOpsSource } from './multiplayerOps.ts';
import { oneLine } from './oneLine.ts';
import {
  gatePath,
  type MultiplayerRuntime,
  SCENE_MULTIPLAYER_DEFAULTS,
  type SceneMultiplayerOptions,
} from './options.ts';
import { Outgoing } from './outgoing.ts';
import { PeerBudget } from './peerBudget.ts';
import { PeerDialects } from './peerDialects.ts';
import { RefusalCounter } from './refusalCounter.ts';
import { RemotePaths } from './remotePaths.ts';
import { SceneReplication } from './replication/SceneReplication.ts';
import { replicationSettings } from './replication/settings.ts';
import { RpcCalls } from './rpcCalls.ts';
import { RpcSender } from './rpcSender.ts';
import { SwapList } from './swapList.ts';
import { Traffic } from './traffic.ts';
import { Versions } from './versions.ts';

/** What the parts ask of their SceneMultiplayer. */
export interface PartsOwner extends Pick<AdmissionEvents, 'emit' | 'connectedToServer'> {
  /** Takes what functions of the application throw. */
  readonly report: ErrorReporter;
  /** Raw bytes have arrived. */
  packet(from: number, bytes: Uint8Array): void;
  /** The most bytes of a SYNC. */
  maxSync(): number;
  /** The most bytes of a DELTA. */
  maxDelta(): number;
  /** Whether a node belongs to it. */
  isOurs(node: MirrorNode): boolean;
}

/** What operators ask that only the class itself can answer. */
type OpsOwner = Pick<MultiplayerOpsSource, 'dialectOf'> & {
  refuseNewConnections: boolean;
};

/** The options that are numbers, with their defaults. */
type Settings = Readonly<Record<keyof typeof SCENE_MULTIPLAYER_DEFAULTS, number>>;

/** All parts of one SceneMultiplayer. */
export class MultiplayerParts {
  readonly core: Core;
  readonly outgoing: Outgoing;
  readonly admission: Admission;
  readonly announcements: Announcements;
  readonly remotePaths: RemotePaths;
  readonly incoming: Incoming;
  readonly gates: Gates = new Gates();
  readonly replication: SceneReplication;
  readonly sender: RpcSender;
  readonly calls: RpcCalls;
  readonly dialects: PeerDialects;
  readonly versions: Versions;
  readonly handover: Handover;
  readonly #arrivals: Arrivals;
  readonly #options: SceneMultiplayerOptions;
  readonly #runtime: MultiplayerRuntime;
  readonly #report: ErrorReporter;
  readonly #doctor: MultiplayerDoctor;
  readonly #live: LivePeers;
  readonly #traffic: Traffic;
  readonly #heldRelays: HeldRelays;
  readonly #budgets: Readonly<Record<'relay' | 'calls' | 'states', PeerBudget>>;

  constructor(
    options: SceneMultiplayerOptions,
    runtime: MultiplayerRuntime,
    counters: MultiplayerCounters,
    owner: PartsOwner,
  ) {
    this.#options = options;
    this.#runtime = runtime;
    const { report } = owner;
    this.#report = report;
    const { mirror } = options;
    const settings = withDefaults<Settings>(SCENE_MULTIPLAYER_DEFAULTS, options);
    const now = (): number => runtime.now();
    const behaviour = behaviourOf(options);
    const peers = new SwapList<number>();
    const { onDiagnosis, onTrace } = options;
    this.#traffic = new Traffic(report);
    this.#live = new LivePeers(now, report);
    this.#doctor = new MultiplayerDoctor(
      now,
      onDiagnosis && ((diagnosis) => callGuarded(onDiagnosis, [diagnosis], report, 'onDiagnosis')),
    );
    this.outgoing = new Outgoing(peers, counters, this.#traffic);
    this.outgoing.serverRelay = options.serverRelay ?? true;
    const trace = (line: string): void => {
      if (onTrace !== undefined)
        callGuarded(onTrace, [`SceneMultiplayer: ${oneLine(line)}`], report, 'onTrace');
    };
    const refusals = new RefusalCounter(this.#doctor, onTrace === undefined ? undefined : trace);
    this.core = new Core(
      mirror,
      peers,
      this.outgoing,
      refusals,
      counters,
      behaviour,
      this.#live,
      this.#traffic,
      trace,
    );
    this.dialects = new PeerDialects(options.dialect, report);
    this.announcements = new Announcements(this.core, this.dialects, now);
    this.remotePaths = new RemotePaths(this.core, this.dialects, settings.maxPathsPerPeer);
    this.sender = new RpcSender(this.core, this.announcements, this.dialects, this.gates, {
      queuesGated: options.gatedCalls !== 'refuse',
      maxCalls: settings.maxHeldCalls,
      maxBytes: settings.maxHeldBytes,
    });
    this.versions = new Versions(this.core, this.dialects, now, (peer) => {
      this.remotePaths.confirmAll(peer);
      this.replication.versionKnown(peer);
      this.sender.versionKnown(peer);
      this.incoming.passOnHeld(peer);
    });
    this.#heldRelays = new HeldRelays(settings.maxHeldBytes);
    this.#budgets = budgetsOf(settings, behaviour, now, (peer) => peers.has(peer));
    this.calls = new RpcCalls(
      this.core,
      this.sender,
      this.remotePaths,
      this.dialects,
      this.#budgets.calls,
      report,
      options.exact ?? false,
    );
    this.admission = new Admission(
      this.core,
      {
        admitted: (peer) => this.#admitted(peer),
        leaving: (peer) => this.#forget(peer),
        emit: (signal, peer) => owner.emit(signal, peer),
        connectedToServer: () => owner.connectedToServer(),
      },
      now,
      behaviour.boundsLogins ? settings.maxAuthBytes : Number.POSITIVE_INFINITY,
    );
    this.replication = new SceneReplication({
      core: this.core,
      announcements: this.announcements,
      remotePaths: this.remotePaths,
      dialects: this.dialects,
      gates: this.gates,
      report,
      now,
      maxSync: () => owner.maxSync(),
      maxDelta: () => owner.maxDelta(),
      maxSpawns: settings.maxSpawnsPerPeer,
      budget: this.#budgets.states,
      settings: replicationSettings(options.replication),
      isOurs: (node) => owner.isOurs(node),
      instantiate: options.instantiate ?? ((path) => mirror.instantiate(path)),
    });
    this.#arrivals = new Arrivals(this.core, now);
    this.handover = new Handover({
      core: this.core,
      admission: this.admission,
      announcements: this.announcements,
      remotePaths: this.remotePaths,
      dialects: this.dialects,
      arrivals: this.#arrivals,
      replication: this.replication,
      budgets: this.#budgets,
    });
    this.sender.waitsForSpawn = (peer) => this.replication.hasWaitingSpawns(peer);
    this.sender.isVisible = (node, peer) => this.replication.isCallVisible(node, peer);
    this.incoming = new Incoming({
      replication: this.replication,
      relayBudget: this.#budgets.relay,
      heldRelays: this.#heldRelays,
      core: this.core,
      admission: this.admission,
      announcements: this.announcements,
      remotePaths: this.remotePaths,
      calls: this.calls,
      versions: this.versions,
      arrivals: this.#arrivals,
      packet: (from, bytes) => owner.packet(from, bytes),
    });
  }

  /** What has to know at once what happens in the tree. */
  treeWatcher(): TreeWatcher {
    const { replication } = this;
    return {
      entered: (node) => replication.entered(node),
      settled: (node) => replication.settled(node),
      ready: (node) => replication.ready(node),
      processed: () => replication.processed(),
      authorityChanging: (node) => replication.authorityChanging(node),
      authorityChanged: (node) => replication.authorityChanged(node),
      exiting: (node) => {
        replication.exiting(node);
        this.announcements.nodeGone(node);
        this.remotePaths.nodeGone(node);
      },
    };
  }

  /** What operators ask. */
  opsSource(owner: OpsOwner): MultiplayerOpsSource {
    const { core, admission, announcements, remotePaths, sender } = this;
    return {
      counters: core.counters,
      runtime: this.#runtime,
      transport: () => this.outgoing.transport,
      setRefusing: (refuses) => {
        owner.refuseNewConnections = refuses;
      },
      peers: () => ({ admitted: core.peers.size, pending: admission.pendingCount }),
      held: () => sender.held(),
      paths: () => ({
        announced: announcements.size,
        unconfirmed: announcements.unconfirmed,
        remote: remotePaths.size,
      }),
      replication: () => this.replication.totals(),
      refusals: () => core.refusals.snapshot(),
      doctor: this.#doctor,
      live: this.#live,
      traffic: this.#traffic,
      peerIds: () => ({ admitted: core.peers.toArray(), pending: admission.pendingPeers() }),
      dialectOf: (id) => owner.dialectOf(id),
    };
  }

  /** What is to be done once a tick while connected. */
  work(): void {
    this.admission.expire();
    this.versions.expire();
    this.#arrivals.expire();
    this.announcements.tellAgain();
    this.replication.step();
  }

  /** Everybody is gone. */
  clear(): void {
    this.replication.clear();
    this.admission.clear();
    this.announcements.clear();
    this.remotePaths.clear();
    this.dialects.clear();
    this.#arrivals.clear();
    this.sender.clear();
    this.gates.clear();
    this.#heldRelays.clear();
    for (const budget of Object.values(this.#budgets)) budget.clear();
  }

  #admitted(peer: number): void {
    const carried = this.handover.settle(peer);
    if (carried === undefined) this.remotePaths.forgetPeer(peer);
    if (carried?.dialect === undefined) this.versions.ask(peer);
    this.#closeGates(peer);
    // Both may have asked the application, which may have ended it.
    if (this.core.peers.has(peer)) this.replication.peerAdded(peer, carried?.syncTime);
    else this.#forget(peer);
  }

  #forget(peer: number): void {
    this.replication.peerRemoved(peer);
    this.announcements.forgetPeer(peer);
    this.remotePaths.forgetPeer(peer);
    this.dialects.forget(peer);
    this.#arrivals.forgetPeer(peer);
    this.sender.forgetPeer(peer);
    this.gates.forgetPeer(peer);
    this.#heldRelays.forgetPeer(peer);
    for (const budget of Object.values(this.#budgets)) budget.forgetPeer(peer);
  }

  #closeGates(peer: number): void {
    const { initialGates = [] } = this.#options;
    let isSaid = false;
    const close = (): void => {
      for (const path of typeof initialGates === 'function' ? initialGates(peer) : initialGates)
        this.gates.close(peer, gatePath(path, 'initialGates'));
      isSaid = true;
    };
    callGuarded(close, [], this.#report, 'initialGates');
    // Rather too little than what it must not have.
    if (!isSaid) this.gates.close(peer, this.core.rootPath || '/root');
  }
}

function budgetsOf(
  settings: Settings,
  { boundsRelay, boundsCalls }: Behaviour,
  now: () => number,
  isKnown: (peer: number) => boolean,
): Record<'relay' | 'calls' | 'states', PeerBudget> {
  const budget = (perSec: number, isBound: boolean): PeerBudget =>
    new PeerBudget(isBound ? perSec : Number.POSITIVE_INFINITY, now, isKnown);
  return {
    relay: budget(settings.maxRelayedBytesPerSec, boundsRelay),
    calls: budget(settings.maxCallsPerSec, boundsCalls),
    states: budget(settings.maxStatesPerSec, boundsCalls),
  };
}
