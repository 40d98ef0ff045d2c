/** The behaviour of a MultiplayerSynchronizer node. docs/protocol/scene-multiplayer 7.1, 8.5, 11.1 (4), 11.2 (48). */
import { NodePath, type VariantValue } from '../../../codec/index.ts';
import { isIntegerIn } from '../../../options/internal.ts';
import { type MirrorNode, replicationConfigOf, SceneReplicationConfig } from '../../../schema/index.ts';
import { type ErrorReporter, SignalEmitter } from '../../godot/index.ts';
import { callGuarded, describe, INT32_MAX, isInRange } from '../../godot/internal.ts';
import type { Outbound } from './outbound.ts';

/** When filters of visibility are asked again by themselves. */
export const VisibilityUpdateMode = {
  /** In every frame. */
  VISIBILITY_PROCESS_IDLE: 0,
  /** In every physics frame; here the same. */
  VISIBILITY_PROCESS_PHYSICS: 1,
  /** Never: `updateVisibility` asks them. */
  VISIBILITY_PROCESS_NONE: 2,
} as const;

/** One of the numbers of {@link VisibilityUpdateMode}. */
export type VisibilityUpdateMode = (typeof VisibilityUpdateMode)[keyof typeof VisibilityUpdateMode];

/** Whether a peer may see the node; 0 stands for everybody. Anything but a boolean hides, and is told. */
export type VisibilityFilter = (peer: number) => boolean;

/** What a client says about a node of its own, before it is applied: by property path, as the configuration names them,
 * floats as numbers. */
export type StateValidator = (values: ReadonlyMap<string, VariantValue>, sender: number) => boolean;

/** The signals of a {@link MultiplayerSynchronizer} with their arguments. */
export interface MultiplayerSynchronizerSignals {
  /** A whole state has arrived and is set. */
  readonly synchronized: [];
  /** Changes have arrived and are set. */
  readonly deltaSynchronized: [];
  /** Who sees the node was worked out anew, for a peer or (0) for all. On the authority alone. */
  readonly visibilityChanged: [peer: number];
}

/** What a synchronizer asks of the replication that it takes part in. */
export interface SynchronizerHost {
  /** The time that counts as that of the state before the first one; -1 for none. */
  readonly firstTime: number;
  /** Takes part from now on. */
  started(sync: MultiplayerSynchronizer, root: MirrorNode): void;
  /** Takes part no more. */
  stopped(sync: MultiplayerSynchronizer, root: MirrorNode): void;
  /** Whether this process decides about the node, with a connection. */
  hasAuthority(node: MirrorNode): boolean;
  /** Who sees it may be others now: a peer, or (0) all. */
  visibilityChanged(sync: MultiplayerSynchronizer, peer: number): void;
  /** Takes a line about a mistake of the application. */
  warn(line: string): void;
  /** Takes what functions of the application throw. */
  readonly report: ErrorReporter;
}

/**
 * What a MultiplayerSynchronizer node does: it lets the state of a node travel to those who may see it. Made by
 * `SceneMultiplayer.synchronizer`. Its settings are properties of the node, as in a scene file.
 */
export class MultiplayerSynchronizer extends SignalEmitter<MultiplayerSynchronizerSignals> {
  /** The node. */
  readonly node: MirrorNode;
  /** Times and numbers of the wire, for the replication. @internal */
  readonly wire: SyncWire = new SyncWire();
  readonly #host: SynchronizerHost;
  readonly #visibleTo = new Set<number>();
  readonly #filters: VisibilityFilter[] = [];
  #root: MirrorNode | undefined;
  #settings: Settings | undefined;
  #validate: StateValidator | undefined;

  /** @internal Use `SceneMultiplayer.synchronizer`. */
  constructor(node: MirrorNode, host: SynchronizerHost) {
    super(host.report, SIGNAL_NAMES);
    this.node = node;
    this.#host = host;
    if (node.get('public_visibility') !== false) this.#visibleTo.add(EVERYBODY);
  }

  /**
   * Looks at what a client says before anything of it is applied; anything but `true` refuses it, and it is counted. What the values
   * are set to does not matter if it throws: that refuses, too. `undefined`: everything of the right type is taken.
   */
  get validate(): StateValidator | undefined {
    return this.#validate;
  }

  /** @throws TypeError for anything but a function or `undefined`. */
  set validate(validate: StateValidator | undefined) {
    if (validate !== undefined && typeof validate !== 'function')
      throw new TypeError(`"validate" expected a function or undefined, got ${describe(validate)}`);
    this.#validate = validate;
  }

  /** The node whose state travels, relative to this one. `..` at first. */
  get rootPath(): string {
    return this.#read().rootPath;
  }

  /** Starts anew with another node. @throws TypeError for no text. */
  set rootPath(path: string) {
    if (typeof path !== 'string') throw new TypeError(`"rootPath" expected a string, got ${describe(path)}`);
    if (path === this.rootPath) return;
    const wasStarted = this.#root !== undefined;
    this.stop();
    this.node.set('root_path', new NodePath(path));
    if (wasStarted || this.node.isInsideTree()) this.start();
  }

  /** What travels. `null`: nothing. */
  get replicationConfig(): SceneReplicationConfig | null {
    return this.#read().config;
  }

  /** @throws TypeError for anything but a configuration or null. */
  set replicationConfig(config: SceneReplicationConfig | null) {
    if (config !== null && !(config instanceof SceneReplicationConfig))
      throw new TypeError(
        `"replicationConfig" expected a SceneReplicationConfig or null, got ${describe(config)}`,
      );
    this.node.set('replication_config', config);
  }

  /** Seconds between whole states; 0: in every step. */
  get replicationInterval(): number {
    return this.#read().syncMs / 1000;
  }

  /** @throws RangeError for no time. */
  set replicationInterval(seconds: number) {
    this.node.set('replication_interval', this.#seconds('replicationInterval', seconds));
  }

  /** Seconds between changes; 0: in every step. */
  get deltaInterval(): number {
    return this.#read().deltaMs / 1000;
  }

  /** @throws RangeError for no time. */
  set deltaInterval(seconds: number) {
    this.node.set('delta_interval', this.#seconds('deltaInterval', seconds));
  }

  /** When filters are asked by themselves. */
  get visibilityUpdateMode(): VisibilityUpdateMode {
    return this.#read().updateMode;
  }

  /** @throws RangeError for another number. */
  set visibilityUpdateMode(mode: VisibilityUpdateMode) {
    if (mode !== 0 && mode !== 1 && mode !== 2)
      throw new RangeError(`"visibilityUpdateMode" expected 0, 1 or 2, got ${describe(mode)}`);
    this.node.set('visibility_update_mode', mode);
  }

  /** Whether everybody sees it, as far as filters let them. */
  get publicVisibility(): boolean {
    return this.getVisibilityFor(EVERYBODY);
  }

  /** As `setVisibilityFor(0, isVisible)`. @throws TypeError for no boolean. */
  set publicVisibility(isVisible: boolean) {
    this.setVisibilityFor(EVERYBODY, isVisible);
  }

  /** Whether a peer was said to see it; 0: everybody. */
  getVisibilityFor(peer: number): boolean {
    return this.#visibleTo.has(peer);
  }

  /** Lets a peer see it or not; 0 stands for everybody. What is so already changes nothing. @throws TypeError or RangeError */
  setVisibilityFor(peer: number, isVisible: boolean): void {
    checkPeer(peer);
    if (typeof isVisible !== 'boolean')
      throw new TypeError(`"visible" expected a boolean, got ${describe(isVisible)}`);
    if (this.#visibleTo.has(peer) === isVisible) return;
    if (isVisible) this.#visibleTo.add(peer);
    else this.#visibleTo.delete(peer);
    if (peer === EVERYBODY) this.node.set('public_visibility', isVisible);
    this.updateVisibility(peer);
  }

  /** Adds somebody who is asked whether a peer may see it: all have to say yes. @throws TypeError for no function. */
  addVisibilityFilter(filter: VisibilityFilter): void {
    if (typeof filter !== 'function')
      throw new TypeError(`"filter" expected a function, got ${describe(filter)}`);
    if (!this.#filters.includes(filter)) this.#filters.push(filter);
  }

  /** Takes a filter away; an unknown one is fine. */
  removeVisibilityFilter(filter: VisibilityFilter): void {
    const at = this.#filters.indexOf(filter);
    if (at >= 0) this.#filters.splice(at, 1);
  }

  /** Works out who sees it, for a peer or (0) for all, and lets nodes appear and disappear. Of the authority alone. */
  updateVisibility(peer: number = EVERYBODY): void {
    checkPeer(peer);
    if (this.#root === undefined || !this.#host.hasAuthority(this.node)) return;
    this.#host.visibilityChanged(this, peer);
    this.emitSignal('visibilityChanged', peer);
  }

  /** Whether a peer sees it; 0: whether everybody does. */
  isVisibleTo(peer: number): boolean {
    for (const filter of this.#filters) if (!this.#asks(filter, peer)) return false;
    return this.#visibleTo.has(EVERYBODY) || this.#visibleTo.has(peer);
  }

  // --- For the replication -----------------------------------------------------------------------------------

  /** The node whose state travels; `undefined` while it takes no part. @internal */
  get root(): MirrorNode | undefined {
    return this.#root?.isFreed === true ? undefined : this.#root;
  }

  /** What its node says, as numbers. @internal */
  get settings(): Settings {
    return this.#read();
  }

  /** Whether filters are asked in each frame. @internal */
  get asksEachFrame(): boolean {
    return (
      this.#filters.length > 0 && this.visibilityUpdateMode !== VisibilityUpdateMode.VISIBILITY_PROCESS_NONE
    );
  }

  /** A peer is gone: who comes under its id is somebody else. @internal */
  forgetPeer(peer: number): void {
    this.#visibleTo.delete(peer);
  }

  /** A peer who is not there will be under another id. @internal */
  renamePeer(oldPeer: number, newPeer: number): void {
    if (this.#visibleTo.delete(oldPeer)) this.#visibleTo.add(newPeer);
  }

  /** Its node is in the tree, or may take part again; `isSame`: under its number. @internal */
  start(isSame: boolean = false): void {
    const root = this.node.getNode(this.rootPath);
    this.#root = root;
    if (root === undefined) return;
    if (!isSame) this.restart();
    this.#host.started(this, root);
  }

  /** Its node leaves the tree, or begins anew; `isSame`: under its number. @internal */
  stop(isSame: boolean = false): void {
    const root = this.#root;
    this.#root = undefined;
    if (root !== undefined) this.#host.stopped(this, root);
    if (!isSame) this.restart();
  }

  /** Forgets its number and what it has received. @internal */
  restart(): void {
    this.wire.outbound = undefined;
    this.wire.netId = 0;
    this.wire.lastTime = this.#host.firstTime;
  }

  /** A state has arrived. @internal */
  tell(signal: 'synchronized' | 'deltaSynchronized'): void {
    this.emitSignal(signal);
  }

  #asks(filter: VisibilityFilter, peer: number): boolean {
    let answer: unknown;
    const ask = (): unknown => {
      answer = filter(peer);
      return answer;
    };
    callGuarded(ask, [], this.#host.report, 'visibility filter');
    if (typeof answer !== 'boolean' && answer !== undefined)
      this.#host.warn(
        `a visibility filter of ${this.node.getPath().toString()} expected to answer true or false, got ${describe(answer)}`,
      );
    return answer === true;
  }

  /** The settings of the node; read again when the node has changed. */
  #read(): Settings {
    const { revision } = this.node;
    if (this.#settings?.revision === revision) return this.#settings;
    const { node } = this;
    const settings: Settings = {
      revision,
      rootPath: String(node.get('root_path') ?? '..'),
      config: replicationConfigOf(node),
      syncMs: Number(node.get('replication_interval') ?? 0) * 1000,
      deltaMs: Number(node.get('delta_interval') ?? 0) * 1000,
      updateMode: modeOf(node.get('visibility_update_mode')),
    };
    this.#settings = settings;
    return settings;
  }

  /** @throws RangeError for no time. */
  #seconds(name: string, seconds: number): number {
    if (typeof seconds !== 'number' || !isInRange(seconds, 0, INT32_MAX))
      throw new RangeError(`"${name}" expected seconds from 0 on, got ${describe(seconds)}`);
    return seconds;
  }
}

/** What the node of a synchronizer says. */
export interface Settings {
  /** The revision of the node at which it was read. */
  readonly revision: number;
  readonly rootPath: string;
  readonly config: SceneReplicationConfig | null;
  readonly syncMs: number;
  readonly deltaMs: number;
  readonly updateMode: VisibilityUpdateMode;
}

/** What goes with a synchronizer until it starts anew. */
export class SyncWire {
  /** Its number on the wire: 0 none yet, with bit 31 that of its path. */
  netId = 0;
  /** The number that a SPAWN of ours gave it last; it stays with its node. */
  spawnId = 0;
  /** The time of the last state that was received, -1 for none. */
  lastTime = -1;
  /** What it has to send; made when it first sends. */
  outbound: Outbound | undefined;
}

/** @throws TypeError for no peer. */
function checkPeer(peer: number): void {
  if (!isIntegerIn(peer, 0, INT32_MAX))
    throw new TypeError(`"peer" expected the id of a peer, or 0, got ${describe(peer)}`);
}

function modeOf(value: unknown): VisibilityUpdateMode {
  const mode = Number(value ?? 0);
  return mode === 1 || mode === 2 ? mode : 0;
}

const EVERYBODY = 0;
const SIGNAL_NAMES = { synchronized: true, deltaSynchronized: true, visibilityChanged: true } as const;
