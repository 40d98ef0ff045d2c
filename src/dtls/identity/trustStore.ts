/** Whom a client believes: certificates by their subject. */
import { rootCertificates } from 'node:tls';
import { Certificate, printable } from './certificate.ts';

/** Trusted certificates. */
export class TrustStore {
  readonly #bySubject = new Map<string, Certificate[]>();

  constructor(certificates: readonly Certificate[]) {
    for (const certificate of certificates) {
      const same = this.#bySubject.get(certificate.subject);
      if (same === undefined) this.#bySubject.set(certificate.subject, [certificate]);
      else if (!same.some((one) => one.equals(certificate))) same.push(certificate);
    }
  }

  withSubject(name: string): readonly Certificate[] {
    return this.#bySubject.get(name) ?? [];
  }
}

/**
 * Reads the roots of a system. One that cannot be read is skipped: whoever does not need it must not fail for it.
 *
 * @param pems one certificate each.
 * @param warn is told how many were skipped, and why the first of them, once and only if there are any.
 */
export function readSystemRoots(pems: readonly string[], warn: (message: string) => void): TrustStore {
  const readable: Certificate[] = [];
  let reason = '';
  for (const pem of pems) {
    try {
      readable.push(new Certificate(pem));
    } catch (error) {
      if (reason === '') reason = printable(error instanceof Error ? error.message : String(error));
    }
  }
  const skipped = pems.length - readable.length;
  if (skipped > 0)
    warn(`${skipped} of ${pems.length} root certificates cannot be read and are skipped: ${reason}`);
  return new TrustStore(readable);
}

let system: TrustStore | undefined;

/** The roots that Node knows. Read once, at the first connection that needs them. */
export function systemTrust(): TrustStore {
  system ??= readSystemRoots(rootCertificates, (message) => {
    process.emitWarning(message, { type: 'GodotEnetWarning', code: 'GODOT_ENET_UNREADABLE_ROOT' });
  });
  return system;
}
