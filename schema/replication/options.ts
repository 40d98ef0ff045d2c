/** The options of `SceneMirror.replicate`, their defaults and checks. */

import type { Vector2, Vector3 } from '../../codec/index.ts';
import { checkInteger, checkOptions, type OptionNames, withDefaults } from '../../options/internal.ts';
import type { MirrorTree } from '../mirror/MirrorTree.ts';
import { MirrorNode } from '../mirror/mirrorNode.ts';
import { shown } from '../values/shown.ts';
import type { ReplicationPeer } from './link.ts';

/** Nodes within a distance of something of the peer's. What has no place in those dimensions is always of interest. */
export interface RadiusInterest<P = ReplicationPeer> {
  /** A node that comes this near is sent from then on, in units of the scene. */
  readonly radius: number;
  /** A node that goes this far is sent no more. Default: 1.1 times the radius, so that nodes at the edge do not flicker. */
  readonly leaveRadius?: number | undefined;
  /** The node or the point (in global coordinates) around which a peer sees; `undefined`: nothing that has a place. */
  readonly around: (peer: P) => MirrorNode | Vector2 | Vector3 | undefined;
}

/** Nodes in the cells of a grid around something of the peer's. What has no place in those dimensions is always of interest. */
export interface GridInterest<P = ReplicationPeer> {
  /** The side of a cell, in units of the scene, above 0. */
  readonly cell: number;
  /** How many cells a peer sees on each side of its own, 0 or more. Default 1. */
  readonly reach?: number | undefined;
  /** The node or the point (in global coordinates) whose cell is the peer's; `undefined`: nothing that has a place. */
  readonly around: (peer: P) => MirrorNode | Vector2 | Vector3 | undefined;
}

/** Which nodes a peer gets: what a function says, those within a radius, or those in cells around. */
export type PeerInterest<P = ReplicationPeer> =
  | ((peer: P, node: MirrorNode) => boolean)
  | RadiusInterest<P>
  | GridInterest<P>;

/** How a mirror is replicated. Every option may be left out. */
export interface ReplicationOptions<P extends ReplicationPeer = ReplicationPeer> {
  /** How often changes are sent, per second, 0..1000. 0: only {@link Replication.tick} sends. Default 20. */
  readonly rate?: number | undefined;
  /** What is replicated: this node with everything below it. Default: everything below the mirror's root. */
  readonly root?: MirrorNode | undefined;
  /** The channel of all packets, 0..254: their order counts. Default 0. */
  readonly channel?: number | undefined;
  /**
   * Which nodes a peer gets. A function is asked for nodes whose parents the peer gets; a radius is compared with global
   * positions. Default: all nodes.
   */
  readonly interest?: PeerInterest<P> | undefined;
  /** Every how many ticks interest is worked out anew for a peer, 1 or more. Default 4. */
  readonly interestTicks?: number | undefined;
  /**
   * Bytes of packets per peer and tick, 1 or more; `Infinity` for no limit. What does not fit waits, the oldest change
   * first. A single packet may be larger; then the next ticks pay for it. Nothing but changes of the tree is queued for a
   * peer that has eight times as much unacknowledged. Default 16,384.
   */
  readonly bytesPerTick?: number | undefined;
  /** After how many ticks without movement the last place is sent reliably, 1 or more. Default 3. */
  readonly restTicks?: number | undefined;
  /**
   * Sends events for what node packets cannot tell: nodes that come, go, move in the tree. `false` for clients that have all
   * nodes and ignore the rest. Default true.
   */
  readonly events?: boolean | undefined;
}

/** {@link ReplicationOptions}, complete. */
export interface ReplicationSettings<P extends ReplicationPeer> {
  readonly rate: number;
  readonly root: MirrorNode;
  readonly channel: number;
  readonly interest: PeerInterest<P> | undefined;
  readonly interestTicks: number;
  readonly bytesPerTick: number;
  readonly restTicks: number;
  readonly events: boolean;
}

/** The defaults of {@link ReplicationOptions} that are numbers and flags. */
export const REPLICATION_DEFAULTS: {
  /** Ticks per second. */
  readonly rate: 20;
  /** The first one. */
  readonly channel: 0;
  /** Five times a second at the default rate. */
  readonly interestTicks: 4;
  /** 320 KiB per second at the default rate. */
  readonly bytesPerTick: 16_384;
  /** 150 ms at the default rate. */
  readonly restTicks: 3;
  /** Events are sent. */
  readonly events: true;
} = { rate: 20, channel: 0, interestTicks: 4, bytesPerTick: 16_384, restTicks: 3, events: true };

/** Fills in the defaults. @throws TypeError or RangeError naming the option, what was expected and what came. */
export function checkReplicationOptions<P extends ReplicationPeer>(
  mirror: MirrorTree,
  options: ReplicationOptions<P>,
): ReplicationSettings<P> {
  checkOptions(options, OPTION_NAMES);
  const { interest, root = mirror.root } = options;
  const settings = { ...withDefaults<Defaults>(REPLICATION_DEFAULTS, options), root, interest };
  if (typeof settings.rate !== 'number' || !(settings.rate >= 0 && settings.rate <= 1000)) {
    throw new RangeError(`"rate" expected a number 0..1000, got ${shown(settings.rate)}`);
  }
  if (!(root instanceof MirrorNode)) throw new TypeError(`"root" expected a MirrorNode, got ${shown(root)}`);
  if (root.mirror !== mirror) throw new RangeError('"root" expected a node of this mirror');
  checkInteger('channel', settings.channel, 0, 254, 'an integer');
  checkInteger('interestTicks', settings.interestTicks, 1, MAX_TICKS, 'an integer');
  checkInteger('restTicks', settings.restTicks, 1, MAX_TICKS, 'an integer');
  if (settings.bytesPerTick !== Number.POSITIVE_INFINITY) {
    checkInteger('bytesPerTick', settings.bytesPerTick, 1, Number.MAX_SAFE_INTEGER, 'an integer');
  }
  if (typeof settings.events !== 'boolean') {
    throw new TypeError(`"events" expected a boolean, got ${typeof settings.events}`);
  }
  checkInterest('interest', interest);
  return settings;
}

/** Checks a {@link PeerInterest}, or none. @throws TypeError or RangeError naming the option and its field. */
export function checkInterest(name: string, interest: unknown): void {
  if (interest === undefined || typeof interest === 'function') return;
  if (typeof interest !== 'object' || interest === null)
    throw new TypeError(`"${name}" expected a function, a radius or a grid, got ${shown(interest)}`);
  const { radius, leaveRadius, cell, reach, around } = interest as Record<string, unknown>;
  if (cell === undefined) {
    if (typeof radius !== 'number' || !(radius >= 0))
      throw new RangeError(`"${name}.radius" expected a number that is not negative, got ${shown(radius)}`);
    if (leaveRadius !== undefined && !(typeof leaveRadius === 'number' && leaveRadius >= radius))
      throw new RangeError(
        `"${name}.leaveRadius" expected a number not below the radius, got ${shown(leaveRadius)}`,
      );
  } else {
    if (typeof cell !== 'number' || !(cell > 0))
      throw new RangeError(`"${name}.cell" expected a number above 0, got ${shown(cell)}`);
    if (radius !== undefined) throw new RangeError(`"${name}" expected a radius or a grid, got both`);
    if (reach !== undefined && !(typeof reach === 'number' && reach >= 0))
      throw new RangeError(`"${name}.reach" expected a number that is not negative, got ${shown(reach)}`);
  }
  if (typeof around !== 'function')
    throw new TypeError(`"${name}.around" expected a function, got ${typeof around}`);
}

/** {@link REPLICATION_DEFAULTS}, as the options are typed. */
type Defaults = Pick<
  ReplicationSettings<ReplicationPeer>,
  'rate' | 'channel' | 'interestTicks' | 'bytesPerTick' | 'restTicks' | 'events'
>;

/** The names of the fields of a {@link PeerInterest}. */
export const INTEREST_NAMES: OptionNames<RadiusInterest & GridInterest> = {
  radius: true,
  leaveRadius: true,
  cell: true,
  reach: true,
  around: true,
};

const OPTION_NAMES: OptionNames<ReplicationOptions> = {
  rate: true,
  root: true,
  channel: true,
  interest: INTEREST_NAMES,
  interestTicks: true,
  bytesPerTick: true,
  restTicks: true,
  events: true,
};
const MAX_TICKS = 1_000_000;
