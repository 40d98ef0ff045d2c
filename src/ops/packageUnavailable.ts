/** What is thrown when an optional package is not installed. */

/** The error that says that an optional package is not there. Its message says how to get it. */
export interface PackageUnavailableError extends Error {
  /** Always `"ERR_PACKAGE_UNAVAILABLE"`. */
  readonly code: 'ERR_PACKAGE_UNAVAILABLE';
}

/** Whether something thrown is a {@link PackageUnavailableError}. */
export function isPackageUnavailable(error: unknown): error is PackageUnavailableError {
  return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_UNAVAILABLE';
}
