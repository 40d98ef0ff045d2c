/** Checks the limits of a network thread. docs/decisions/0004-network-thread.md. */
import {
  checkInteger,
  describe,
  isIntegerIn,
  type OptionNames,
  withDefaults,
} from '../../options/internal.ts';
import { DEFAULT_THREAD_LIMITS, type ThreadLimits } from './remoteHost.ts';

/**
 * The limits with their defaults.
 *
 * @throws RangeError for one that is out of range; TypeError for what is no object.
 */
export function checkThreadLimits(given: ThreadLimits): Required<Omit<ThreadLimits, 'maxHeapMib'>> {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`"thread" expected boolean or an object with limits, got ${String(given)}`);
  }
  const { ringBytes, maxQueuedBytes } = withDefaults(DEFAULT_THREAD_LIMITS, given);
  const { maxHeapMib } = given;
  if (!isIntegerIn(ringBytes, MIN_RING, MAX_RING) || (ringBytes & (ringBytes - 1)) !== 0) {
    throw new RangeError(
      `"thread.ringBytes" expected a power of two ${MIN_RING}..${MAX_RING}, got ${describe(ringBytes)}`,
    );
  }
  checkInteger('thread.maxQueuedBytes', maxQueuedBytes, MIN_RING, MAX_RING);
  if (maxHeapMib !== undefined) checkInteger('thread.maxHeapMib', maxHeapMib, 16, 65_536);
  return { ringBytes, maxQueuedBytes };
}

const MIN_RING = 65_536;
const MAX_RING = 2 ** 30;

/** The names of {@link ThreadLimits}. */
export const THREAD_LIMIT_NAMES: OptionNames<ThreadLimits> = {
  ringBytes: true,
  maxQueuedBytes: true,
  maxHeapMib: true,
};
