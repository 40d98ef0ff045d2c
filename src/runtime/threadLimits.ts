/** Checks the limits of a network thread. docs/decisions/0004-network-thread.md. */
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
  const ringBytes = given.ringBytes ?? DEFAULT_THREAD_LIMITS.ringBytes;
  const maxQueuedBytes = given.maxQueuedBytes ?? DEFAULT_THREAD_LIMITS.maxQueuedBytes;
  const { maxHeapMib } = given;
  if (
    !(
      Number.isInteger(ringBytes) &&
      ringBytes >= MIN_RING &&
      ringBytes <= MAX_RING &&
      (ringBytes & (ringBytes - 1)) === 0
    )
  ) {
    throw new RangeError(
      `"thread.ringBytes" expected a power of two ${MIN_RING}..${MAX_RING}, got ${String(ringBytes)}`,
    );
  }
  if (!(Number.isInteger(maxQueuedBytes) && maxQueuedBytes >= MIN_RING && maxQueuedBytes <= MAX_RING)) {
    throw new RangeError(
      `"thread.maxQueuedBytes" expected integer ${MIN_RING}..${MAX_RING}, got ${String(maxQueuedBytes)}`,
    );
  }
  if (
    maxHeapMib !== undefined &&
    !(Number.isInteger(maxHeapMib) && maxHeapMib >= 16 && maxHeapMib <= 65_536)
  ) {
    throw new RangeError(`"thread.maxHeapMib" expected integer 16..65536, got ${String(maxHeapMib)}`);
  }
  return { ringBytes, maxQueuedBytes };
}

const MIN_RING = 65_536;
const MAX_RING = 2 ** 30;
