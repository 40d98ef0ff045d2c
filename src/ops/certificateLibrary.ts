/** The optional package that makes certificates. Only making them needs it: reading and checking them is our own. */
import { createRequire } from 'node:module';
import { moduleUrl } from '../io/moduleUrl.ts';

/** The package, as far as its types go. */
export type CertificateLibrary = typeof import('@peculiar/x509');

/**
 * Loads the package, the first time from the disk.
 *
 * @throws {@link PackageUnavailableError} when it is not installed or does not load.
 */
export function loadCertificateLibrary(): CertificateLibrary {
  const require = createRequire(moduleUrl(import.meta.url));
  try {
    // The package reads the metadata of its classes, but does not bring what keeps them.
    require('reflect-metadata');
    return require('@peculiar/x509');
  } catch (cause) {
    const [reason = ''] = String(cause instanceof Error ? cause.message : cause).split('\n');
    const message = `making certificates needs two optional packages: npm install @peculiar/x509 reflect-metadata (${reason})`;
    const error = new Error(message, { cause });
    throw Object.assign(error, { code: 'ERR_PACKAGE_UNAVAILABLE' as const });
  }
}
