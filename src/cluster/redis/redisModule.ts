/** The package `redis`. Loaded when the first bus connects. */
import { packageUnavailable } from '../../io/internal.ts';

/** The module. */
export type RedisModule = typeof import('redis');

/**
 * Loads the package, the first time from the disk. A bundler that finds it puts it into the bundle.
 *
 * @throws (rejects with) PackageUnavailableError when it is not there.
 */
export async function loadRedis(): Promise<RedisModule> {
  try {
    return await import('redis');
  } catch (cause) {
    throw packageUnavailable('RedisBus', ['redis'], cause);
  }
}
