/** Packages that only some need: loaded at first use, and missed with an error that says how to get them. */
import { createRequire } from 'node:module';
import { moduleUrl } from './moduleUrl.ts';

/** The error that says that an optional package is not there. Its message says how to get it. */
export interface PackageUnavailableError extends Error {
  /** Always `"ERR_PACKAGE_UNAVAILABLE"`. */
  readonly code: 'ERR_PACKAGE_UNAVAILABLE';
}

/**
 * Loads packages, the first time from the disk.
 *
 * @param purpose - What needs them, as the subject of the error's sentence.
 * @param names - In the order in which they have to be loaded.
 * @returns the last of them; the caller knows its type.
 * @throws {@link PackageUnavailableError} when one is not installed or does not load.
 */
export function loadOptional(purpose: string, ...names: readonly [string, ...string[]]): unknown {
  const require = createRequire(moduleUrl(import.meta.url));
  try {
    return names.map((name): unknown => require(name)).at(-1);
  } catch (cause) {
    throw packageUnavailable(purpose, names, cause);
  }
}

/** The error for packages that were not loaded; `cause`: what was thrown instead. */
export function packageUnavailable(
  purpose: string,
  names: readonly string[],
  cause: unknown,
): PackageUnavailableError {
  const [reason = ''] = String(cause instanceof Error ? cause.message : cause).split('\n');
  const error = new Error(`${purpose} needs: npm install ${names.join(' ')} (${reason})`, { cause });
  return Object.assign(error, { code: 'ERR_PACKAGE_UNAVAILABLE' as const });
}

/** Whether something thrown is a {@link PackageUnavailableError}. */
export function isPackageUnavailable(error: unknown): error is PackageUnavailableError {
  return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_UNAVAILABLE';
}
