/** The options of `SceneMirror.replicate`, their defaults and checks. */

import type { Vector2, Vector3 } from '../../codec/index.ts';
import { checkInteger, checkOptions, type OptionNames, withDefaults } from '../../options/internal.ts';
import type { MirrorTree } from '../mirror/MirrorTree.ts';
import { MirrorNode } from '../mirror/mirrorNode.ts';
import { shown } from '../values/shown.ts';
import type { ReplicationPeer } from './link.ts';

/** Nodes within a distance of something of the peer's. What has no place in those dimensions is always of interest. */
export interface RadiusInterest<P extends ReplicationPeer = ReplicationPeer> {
  /** A node that comes this near is sent from then on, in units of the scene. */
  readonly radius: number;
  /** A node that goes this far is sent no more. Default: 1.1 times the radius, so that nodes at the edge do not flicker. */
  readonly leaveRadius?: number | undefined;
  /** The node or the point (in global coordinates) around which a peer sees; `undefined`: nothing that has a place. */
  readonly around: (peer: P) => MirrorNode | Vector2 | Vector3 | undefined;
}

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
  readonly interest?: ((peer: P, node: MirrorNode) => boolean) | RadiusInterest<P> | undefined;
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
  readonly interest: ((peer: P, node: MirrorNode) => boolean) | RadiusInterest<P> | undefined;
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
  if (interest !== undefined && typeof interest !== 'function') checkRadius(interest);
  return settings;
}

function checkRadius(interest: unknown): void {
  if (typeof interest !== 'object' || interest === null) {
    throw new TypeError(`"interest" expected a function or a radius, got ${shown(interest)}`);
  }
  const { radius, leaveRadius, around } = interest as Record<string, unknown>;
  if (typeof radius !== 'number' || !(radius >= 0)) {
    throw new RangeError(`"interest.radius" expected a number that is not negative, got ${shown(radius)}`);
  }
  if (leaveRadius !== undefined && !(typeof leaveRadius === 'number' && leaveRadius >= radius)) {
    throw new RangeError(
      `"interest.leaveRadius" expected a number not below the radius, got ${shown(leaveRadius)}`,
    );
  }
  if (typeof around !== 'function') {
    throw new TypeError(`"interest.around" expected a function, got ${typeof around}`);
  }
}

/** {@link REPLICATION_DEFAULTS}, as the options are typed. */
type Defaults = Pick<
  ReplicationSettings<ReplicationPeer>,
  'rate' | 'channel' | 'interestTicks' | 'bytesPerTick' | 'restTicks' | 'events'
>;

const OPTION_NAMES: OptionNames<ReplicationOptions> = {
  rate: true,
  root: true,
  channel: true,
  interest: { radius: true, leaveRadius: true, around: true } satisfies OptionNames<RadiusInterest>,
  interestTicks: true,
  bytesPerTick: true,
  restTicks: true,
  events: true,
};
const MAX_TICKS = 1_000_000;
