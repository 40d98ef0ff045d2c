/** What calls of a node can be told, and what is wrong with it. */
import { checkInteger, checkOptions, describe, type OptionNames } from '../../../options/internal.ts';
import type { ReserveOptions } from '../../rooms/index.ts';
import { checkPlacement, type Placement } from './placement.ts';
import { roomKey } from './roomRecord.ts';

/** How a room of a cluster is made. */
export interface ClusterCreateSettings {
  /** One of the caller's own, 1..128 printable ASCII characters, so that a repeated call gives the same room. Default one that is made up. */
  readonly id?: string | undefined;
  /** On which node: `'here'`, or what a placement says. Default: the one with the least load. */
  readonly on?: 'here' | Placement | undefined;
  /** Seats that are kept from the beginning; with a `name` of the caller's own, a repeated call keeps no more. */
  readonly reserve?: ReserveOptions | undefined;
  /** How long it may take, in ms, 1..600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** How something is asked of another node. */
export interface ClusterCallOptions {
  /** How long it may take, in ms, 1..600,000. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** @throws TypeError or RangeError naming what is wrong. @returns how long it may take, in ms. */
export function checkCreate(kind: string, settings: ClusterCreateSettings): number {
  checkOptions(settings, CREATE_NAMES);
  const { id, on = {}, timeoutMs } = settings;
  if (typeof kind !== 'string' || kind === '')
    throw new TypeError(`"kind" expected a name, got ${describe(kind)}`);
  if (on !== 'here') checkPlacement(on);
  if (id !== undefined) roomKey(id);
  return timeoutOf({ timeoutMs });
}

/** How long a call may take, in ms. @throws TypeError or RangeError naming the option. */
export function timeoutOf(call: ClusterCallOptions): number {
  checkOptions(call, CALL_NAMES);
  const { timeoutMs = 10_000 } = call;
  checkInteger('timeoutMs', timeoutMs, 1, 600_000);
  return timeoutMs;
}

/** @throws RangeError for what names no request and no topic of a game: those of nodes begin with `#`. */
export function checkName(name: string): void {
  if (typeof name === 'string' && /^[\x21-\x22\x24-\x7e][\x21-\x7e]{0,99}$/.test(name)) return;
  throw new RangeError(
    `"name" expected 1..100 printable ASCII characters that do not begin with #, got ${describe(name)}`,
  );
}

const CALL_NAMES: OptionNames<ClusterCallOptions> = { timeoutMs: true };
const CREATE_NAMES: OptionNames<ClusterCreateSettings> = {
  id: true,
  on: true,
  reserve: true,
  timeoutMs: true,
};
