/** What a Handoff can be told at creation. */
import {
  checkInteger,
  checkOptions,
  describe,
  type OptionNames,
  withDefaults,
} from '../../../options/internal.ts';
import { ClusterNode } from '../node/ClusterNode.ts';
import { checkPlacement, type Placement } from '../node/placement.ts';
import type { TicketKeys } from './tickets.ts';

/** Options of a `Handoff`: `node`, and `keys` or `signer`; all else has defaults. */
export interface HandoffOptions extends TicketKeys, Partial<HandoffSettings> {
  /** The node of this process. Its rooms have `auth`, and `login` where there are `events`: who comes has to say who it is. */
  readonly node: ClusterNode;
  /** To which nodes `drain` moves rooms. Default: those with the least load. */
  readonly placement?: Placement | undefined;
}

/** What has a default and is a number. */
export interface HandoffSettings {
  /** How long a ticket is good, in ms, 1,000..600,000. Default 15,000. */
  readonly ticketMs: number;
  /** How long clients have to reach the other node before the room stands still, in ms, 0..60,000; who cannot comes later, or not. Default 3,000. */
  readonly prepareMs: number;
  /** How long clients have to say that they say nothing more, while the room stands still, in ms, 0..60,000. Default 1,000. */
  readonly drainMs: number;
  /** How long the other node has for each answer, in ms, 1..60,000. Default 3,000. */
  readonly answerMs: number;
  /** For how long the seat of a player who is on the way is kept at least, in ms, 0..86,400,000. Default 15,000. */
  readonly graceMs: number;
  /** The most bytes of a room, 1..67,108,864. Default 16,777,216. */
  readonly maxRoomBytes: number;
  /** The most rooms and players that come here at once, 1..65,536. Default 256. */
  readonly maxArrivals: number;
}

/** The defaults that hold when the options name no others. */
export const HANDOFF_DEFAULTS: HandoffSettings = {
  ticketMs: 15_000,
  prepareMs: 3000,
  drainMs: 1000,
  answerMs: 3000,
  graceMs: 15_000,
  maxRoomBytes: 16_777_216,
  maxArrivals: 256,
};

/** @throws TypeError or RangeError naming the option. */
export function readHandoffOptions(options: HandoffOptions): HandoffSettings {
  checkOptions(options, OPTION_NAMES);
  const { node, placement } = options;
  if (!(node instanceof ClusterNode))
    throw new TypeError(`"node" expected a ClusterNode, got ${describe(node)}`);
  if (placement !== undefined) checkPlacement(placement, 'placement');
  const settings = withDefaults(HANDOFF_DEFAULTS, options);
  for (const [name, [least, most]] of Object.entries(LIMITS))
    checkInteger(name, settings[name as keyof HandoffSettings], least, most); // the names of LIMITS are those
  return settings;
}

const LIMITS: Readonly<Record<keyof HandoffSettings, readonly [least: number, most: number]>> = {
  ticketMs: [1000, 600_000],
  prepareMs: [0, 60_000],
  drainMs: [0, 60_000],
  answerMs: [1, 60_000],
  graceMs: [0, 86_400_000],
  maxRoomBytes: [1, 67_108_864],
  maxArrivals: [1, 65_536],
};
const OPTION_NAMES: OptionNames<HandoffOptions> = {
  node: true,
  placement: true,
  keys: true,
  signer: true,
  clockToleranceMs: true,
  now: true,
  ticketMs: true,
  prepareMs: true,
  drainMs: true,
  answerMs: true,
  graceMs: true,
  maxRoomBytes: true,
  maxArrivals: true,
};
