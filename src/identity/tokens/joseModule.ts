/** The package `jose`. It is an ES module, which `require` does not load on every Node that this package runs on. */
import { packageUnavailable } from '../../io/internal.ts';

/** The module. */
export type JoseModule = typeof import('jose');

/**
 * Loads the package, the first time from the disk. A bundler that finds it puts it into the bundle.
 *
 * @throws (rejects with) PackageUnavailableError when it is not there.
 */
export async function loadJose(): Promise<JoseModule> {
  try {
    return await import('jose');
  } catch (cause) {
    throw packageUnavailable('SessionTokens', ['jose'], cause);
  }
}
