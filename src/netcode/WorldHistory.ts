/** Where nodes were in the last ticks, and the world as a player saw it. */
import { Float, Transform2D, Transform3D } from '../../codec/index.ts';
import { describe } from '../../options/internal.ts';
import type { MirrorNode } from '../../schema/index.ts';
import { SceneMultiplayer } from '../multiplayer/index.ts';
import { NetworkTime } from './NetworkTime.ts';
import { NodeHistory } from './nodeHistory.ts';
import { PeerSlots } from './peerSlots.ts';
import { RewoundWorld } from './RewoundWorld.ts';
import { Sightings } from './sightings.ts';
import {
  readWorldHistoryOptions,
  type WorldHistoryOptions,
  type WorldHistorySettings,
} from './worldHistoryOptions.ts';

/**
 * Lag compensation: at the end of each tick of a {@link NetworkTime} it records where the chosen nodes are and who does not see them, and
 * gives the world back as a player saw it.
 *
 * ```ts
 * const world = new WorldHistory(multiplayer, time, { nodes: 'targets' });
 * time.on('input', ({ peer, tick }) => {
 *   const then = world.rewind(peer, tick);
 *   for (const node of then.nodes()) then.positionOf(node);
 * });
 * ```
 */
export class WorldHistory {
  readonly #time: NetworkTime<unknown>;
  readonly #multiplayer: SceneMultiplayer;
  readonly #options: WorldHistoryOptions;
  readonly #settings: WorldHistorySettings;
  readonly #size: number;
  readonly #slots = new PeerSlots();
  readonly #sightings: Sightings;
  /** The nodes in the tree that have a place, and whether they were chosen, at which revision. */
  readonly #present = new Map<MirrorNode, { revision: number; isChosen: boolean }>();
  readonly #histories = new Map<MirrorNode, NodeHistory>();
  readonly #stop: () => void;
  #newest = -1;
  #unrecorded = 0;

  /**
   * @param time whose ticks are recorded.
   * @throws TypeError or RangeError naming the option.
   */
  constructor(multiplayer: SceneMultiplayer, time: NetworkTime<unknown>, options: WorldHistoryOptions) {
    this.#settings = readWorldHistoryOptions(options);
    if (!(multiplayer instanceof SceneMultiplayer))
      throw new TypeError(`"multiplayer" expected a SceneMultiplayer, got ${describe(multiplayer)}`);
    if (!(time instanceof NetworkTime))
      throw new TypeError(`"time" expected a NetworkTime, got ${describe(time)}`);
    this.#multiplayer = multiplayer;
    this.#time = time;
    this.#options = options;
    this.#size = Math.ceil((this.#settings.durationMs * time.tickHz) / 1000) + 1;
    this.#sightings = new Sightings(multiplayer, this.#slots, options.isVisible);
    const record = (tick: number): void => this.#record(tick);
    const left = (peer: number): void => this.#slots.remove(peer);
    const unwatch = multiplayer.mirror.watchTree({
      entered: (node) => this.#entered(node),
      exiting: (node) => this.#exiting(node),
    });
    for (const node of multiplayer.mirror.root.walk()) this.#entered(node);
    time.on('tick', record);
    multiplayer.on('peerDisconnected', left);
    this.#stop = () => {
      unwatch();
      time.off('tick', record);
      multiplayer.off('peerDisconnected', left);
    };
  }

  /** The oldest tick that is remembered, -1 before the first. */
  get oldestTick(): number {
    return this.#newest < 0 ? -1 : Math.max(0, this.#newest - this.#size + 1);
  }

  /** The newest tick that is remembered, -1 before the first. */
  get newestTick(): number {
    return this.#newest;
  }

  /** How many nodes are remembered, those that have left the tree a moment ago among them. */
  get size(): number {
    return this.#histories.size;
  }

  /** How often a node was not recorded because there were `maxNodes` others. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  /**
   * The world as a player saw it, for hit tests. It costs nothing to make; what is asked of it is found then. Use it before the next tick.
   *
   * @param tick what the player's input says, fractions between two ticks; default: {@link NetworkTime.estimateTick}. It is moved into
   * what is remembered, and to `toleranceMs` before the estimate; NaN counts as the newest. So whatever a client claims is fine here.
   * @throws TypeError for a tick that is no number.
   */
  rewind(peer: number, tick: number = this.#time.estimateTick(peer)): RewoundWorld {
    if (typeof tick !== 'number') throw new TypeError(`"tick" expected a number, got ${describe(tick)}`);
    const { toleranceMs } = this.#settings;
    let oldest = this.oldestTick;
    if (toleranceMs !== Number.POSITIVE_INFINITY)
      oldest = Math.max(oldest, this.#time.estimateTick(peer) - (toleranceMs * this.#time.tickHz) / 1000);
    const at = Number.isNaN(tick) ? this.#newest : Math.min(Math.max(tick, oldest), this.#newest);
    return new RewoundWorld(
      { histories: this.#histories, properties: this.#settings.properties },
      peer,
      at,
      this.#slots.of(peer),
    );
  }

  /** Records no more, and forgets everything. Calling it twice is fine. */
  close(): void {
    this.#stop();
    this.#present.clear();
    this.#histories.clear();
    this.#newest = -1;
  }

  #entered(node: MirrorNode): void {
    this.#sightings.entered(node);
    if (node.spatial !== undefined) this.#present.set(node, { revision: -1, isChosen: false });
  }

  #exiting(node: MirrorNode): void {
    this.#sightings.exiting(node);
    this.#present.delete(node);
  }

  #record(tick: number): void {
    this.#newest = tick;
    this.#slots.update(this.#multiplayer.getPeers(), tick);
    this.#sightings.look();
    for (const [node, state] of this.#present) {
      if (state.revision !== node.revision) {
        state.revision = node.revision;
        state.isChosen = this.#chooses(node);
      }
      if (state.isChosen) this.#recordNode(tick, node);
    }
    if (this.#histories.size === 0) return;
    for (const [node, { newest }] of this.#histories)
      if (newest <= tick - this.#size) this.#histories.delete(node);
  }

  #recordNode(tick: number, node: MirrorNode): void {
    const { spatial } = node;
    if (spatial === undefined) return;
    const { properties, space, maxNodes } = this.#settings;
    let history = this.#histories.get(node);
    if (history === undefined) {
      if (this.#histories.size >= maxNodes) {
        this.#unrecorded++;
        return;
      }
      history = new NodeHistory(node.isClass('Node3D'), this.#size, properties.length);
      this.#histories.set(node, history);
    }
    // Where nothing above has a place, both are the same, and the own one is there already.
    const isLocal = space === 'local' || !hasPlace(node.getParent());
    history.record(tick, isLocal ? spatial.transform : globalTransform(node));
    for (let i = 0; i < properties.length; i++) {
      const name = properties[i];
      if (name !== undefined) history.recordValue(tick, i, numberOf(node.get(name)));
    }
    history.recordHidden(tick, this.#sightings.hiddenOf(node));
  }

  #chooses(node: MirrorNode): boolean {
    const { nodes } = this.#options;
    return typeof nodes === 'string' ? node.isInGroup(nodes) : nodes(node);
  }
}

function hasPlace(node: MirrorNode | undefined): boolean {
  return node !== undefined && (node.spatial !== undefined || node.isClass('CanvasItem'));
}

/** Every Node2D and Node3D has one. */
function globalTransform(node: MirrorNode): Transform2D | Transform3D {
  const value = node.get('global_transform');
  if (value instanceof Transform2D || value instanceof Transform3D) return value;
  throw new TypeError(`${node.name} has no global_transform`);
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : typeof value === 'bigint' ? Number(value) : Number.NaN;
}
