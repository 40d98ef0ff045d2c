/**
 * Whether the other side is who it should be: a chain of certificates (RFC 5280, section 6) under the rules of mbedTLS
 * 3.6 with its default profile, which Godot uses. godot-enet-classes 6. Stricter than those, as OpenSSL is: the extended
 * key usage and the name constraints of authorities count.
 *
 * Not evaluated: revocation.
 */

import { Certificate, KeyUsage, printable } from './certificate.ts';
import { readCertificates } from './credentials.ts';
import { commonNamesAsNames, isForName, namesOf } from './hostName.ts';
import type { IdentityProblem, IdentityProblemCode } from './identityError.ts';
import { ACCEPTED_KEYS, keyProblem } from './keyPolicy.ts';
import { findForbiddenName } from './nameConstraints.ts';
import { systemTrust, TrustStore } from './trustStore.ts';

/** Whom to believe. */
export interface IdentityCheckOptions {
  /** Who is trusted: these certificates (PEM), the authorities that Node knows, or anybody at all. */
  readonly trust: { readonly pem: string } | 'system' | 'anybody';
  /** The name that the certificate must carry; undefined for any. */
  readonly name: string | undefined;
  /** The time in ms of the Unix epoch. Default `Date.now`. */
  readonly wallClock?: () => number;
}

/**
 * Looks at the chain that a server sent, the own certificate first, in DER.
 *
 * @returns undefined when the server is who it should be. Never throws.
 */
export type IdentityCheck = (chain: readonly Uint8Array[]) => IdentityProblem | undefined;

/**
 * Makes the check of a client.
 *
 * @throws CredentialsError when the trusted certificates cannot be read.
 */
export function createIdentityCheck(options: IdentityCheckOptions): IdentityCheck {
  const { trust, name, wallClock = Date.now } = options;
  if (trust === 'anybody') return acceptAnybody;
  const trusted =
    trust === 'system' ? undefined : new TrustStore(readCertificates(trust.pem, 'trusted chain'));
  return (chain) => {
    const sent = readChain(chain);
    if (!Array.isArray(sent)) return sent;
    return new PathCheck(trusted ?? systemTrust(), sent, wallClock()).problem(name);
  };
}

/** Even who is not checked has to send a certificate, with the key that the handshake is signed with. */
function acceptAnybody(chain: readonly Uint8Array[]): IdentityProblem | undefined {
  const sent = readChain(chain.slice(0, 1));
  return Array.isArray(sent) ? undefined : sent;
}

function readChain(chain: readonly Uint8Array[]): Certificate[] | IdentityProblem {
  if (chain.length === 0) {
    return { code: 'ERR_DTLS_PEER_NO_CERTIFICATE', message: 'the server sent no certificate' };
  }
  if (chain.length > MAX_SENT) {
    return {
      code: 'ERR_DTLS_PEER_DEPTH',
      message: `the server sent ${chain.length} certificates; at most ${MAX_SENT} are looked at`,
    };
  }
  const certificates: Certificate[] = [];
  for (const der of chain) {
    try {
      certificates.push(new Certificate(der));
    } catch (error) {
      const reason = printable(error instanceof Error ? error.message : String(error));
      return {
        code: 'ERR_DTLS_PEER_CERTIFICATE',
        message: `certificate ${certificates.length + 1} of the server cannot be read: ${reason}`,
      };
    }
  }
  return certificates;
}

class PathCheck {
  readonly #trusted: TrustStore;
  readonly #sent: readonly Certificate[];
  readonly #now: number;

  constructor(trusted: TrustStore, sent: readonly Certificate[], now: number) {
    this.#trusted = trusted;
    this.#sent = sent;
    this.#now = now;
  }

  problem(name: string | undefined): IdentityProblem | undefined {
    const [own] = this.#sent;
    if (own === undefined)
      return { code: 'ERR_DTLS_PEER_NO_CERTIFICATE', message: 'there is no certificate' };
    return weakKey(own) ?? this.#walk(own) ?? usageProblem(own) ?? nameProblem(own, name);
  }

  /** From the own certificate up to one that is trusted. */
  #walk(own: Certificate): IdentityProblem | undefined {
    let child = own;
    /** The own certificate and the intermediates up to `child`. */
    const path = [own];
    /** Certificates between the own one and `child`, without those that an authority issued to itself. */
    let below = 0;
    for (let depth = 0; ; depth += 1) {
      const flaw = this.#timeProblem(child) ?? formProblem(child);
      if (flaw !== undefined) return flaw;
      if (depth === 0 && this.#isTrustedItself(child)) return undefined;
      const step = this.#parentOf(path, child, below);
      if ('code' in step) return step;
      const { parent, isTrusted } = step;
      const flawAbove = weakKey(parent) ?? (isTrusted ? this.#timeProblem(parent) : undefined);
      if (flawAbove !== undefined || isTrusted) return flawAbove;
      if (depth >= MAX_INTERMEDIATES) {
        const message = `more than ${MAX_INTERMEDIATES} certificates lead from "${own.title}" to a trusted one`;
        return { code: 'ERR_DTLS_PEER_DEPTH', message };
      }
      if (parent.subject !== parent.issuer) below += 1;
      child = parent;
      path.push(child);
    }
  }

  /** A certificate that signs itself needs no authority when it is among the trusted ones. */
  #isTrustedItself(own: Certificate): boolean {
    return (
      own.issuer === own.subject && this.#trusted.withSubject(own.subject).some((one) => one.equals(own))
    );
  }

  #parentOf(
    path: readonly Certificate[],
    child: Certificate,
    below: number,
  ): { readonly parent: Certificate; readonly isTrusted: boolean } | IdentityProblem {
    let refused: IdentityProblem | undefined;
    let outOfTime: { readonly parent: Certificate; readonly isTrusted: boolean } | undefined;
    for (const isTrusted of [true, false]) {
      const candidates = isTrusted
        ? this.#trusted.withSubject(child.issuer)
        : this.#sent.filter((one) => one.subject === child.issuer && one !== child);
      for (const parent of candidates) {
        const flaw = issuerProblem(parent, isTrusted, below);
        if (flaw !== undefined) refused ??= flaw;
        else if (child.isSignedBy(parent)) {
          const forbidden = constraintProblem(parent, path);
          if (forbidden !== undefined) refused = forbidden;
          else if (this.#timeProblem(parent) === undefined) return { parent, isTrusted };
          else outOfTime ??= { parent, isTrusted };
        }
      }
    }
    if (outOfTime !== undefined) return outOfTime;
    return (
      refused ?? {
        code: 'ERR_DTLS_PEER_UNTRUSTED',
        message: `nobody who is trusted vouches for "${child.title}"`,
      }
    );
  }

  #timeProblem(certificate: Certificate): IdentityProblem | undefined {
    const { notBeforeMs, notAfterMs, title } = certificate;
    // A certificate is valid to the end of its last second.
    if (this.#now >= notAfterMs + 1000) {
      return problem('ERR_DTLS_PEER_EXPIRED', `"${title}" expired at ${instant(notAfterMs)}`);
    }
    if (this.#now < notBeforeMs) {
      return problem(
        'ERR_DTLS_PEER_NOT_YET_VALID',
        `"${title}" is valid from ${instant(notBeforeMs)} on; here it is ${instant(this.#now)}`,
      );
    }
    return undefined;
  }
}

function formProblem(certificate: Certificate): IdentityProblem | undefined {
  const { title, unknownCritical, signatureHash } = certificate;
  if (unknownCritical !== undefined) {
    return problem(
      'ERR_DTLS_PEER_EXTENSION',
      `"${title}" has the critical extension ${unknownCritical}, which is not understood`,
    );
  }
  if (signatureHash !== undefined) return undefined;
  return problem(
    'ERR_DTLS_PEER_ALGORITHM',
    `the signature of "${title}" is not RSA or ECDSA with SHA-256, SHA-384 or SHA-512`,
  );
}

function weakKey(certificate: Certificate): IdentityProblem | undefined {
  const what = keyProblem(certificate.publicKey);
  if (what === undefined) return undefined;
  return problem(
    'ERR_DTLS_PEER_ALGORITHM',
    `the key of "${certificate.title}" is ${printable(what)}; expected ${ACCEPTED_KEYS}`,
  );
}

function issuerProblem(parent: Certificate, isTrusted: boolean, below: number): IdentityProblem | undefined {
  // A trusted certificate from before version 3 could not say that it is an authority.
  if (!parent.isCa && !(isTrusted && parent.version < 3)) {
    return problem('ERR_DTLS_PEER_NOT_CA', `"${parent.title}" may not sign certificates: it is no authority`);
  }
  if (!parent.allows(KeyUsage.KEY_CERT_SIGN)) {
    return problem('ERR_DTLS_PEER_NOT_CA', `the key usage of "${parent.title}" has no certificate signing`);
  }
  if (below > parent.pathLength) {
    return problem(
      'ERR_DTLS_PEER_PATH_LENGTH',
      `"${parent.title}" allows ${parent.pathLength} certificates between it and the server, there are ${below}`,
    );
  }
  return purposeProblem(parent);
}

/** Whether an authority may issue for the names of all that is below it. RFC 5280 6.1.3 (b) and (c). */
function constraintProblem(
  { nameConstraints, title }: Certificate,
  path: readonly Certificate[],
): IdentityProblem | undefined {
  if (nameConstraints === undefined) return undefined;
  for (const [depth, below] of path.entries()) {
    // What an authority issued to itself, for a new key, has its name once more.
    if (depth > 0 && below.subject === below.issuer) continue;
    const isForCommonName = depth === 0 && below.alternativeNames === undefined;
    const hosts = isForCommonName ? commonNamesAsNames(below.commonNames) : [];
    const name = findForbiddenName(nameConstraints, [...below.constrainedNames, ...hosts]);
    if (name !== undefined) {
      return problem('ERR_DTLS_PEER_CONSTRAINTS', `"${title}" may not issue for "${printable(name)}"`);
    }
  }
  return undefined;
}

/** What the own certificate must be good for: it signs the handshake of a server. */
function usageProblem(own: Certificate): IdentityProblem | undefined {
  if (!own.allows(KeyUsage.DIGITAL_SIGNATURE)) {
    return problem('ERR_DTLS_PEER_USAGE', `the key usage of "${own.title}" has no digital signature`);
  }
  return purposeProblem(own);
}

function purposeProblem(certificate: Certificate): IdentityProblem | undefined {
  if (certificate.isForServers) return undefined;
  return problem(
    'ERR_DTLS_PEER_USAGE',
    `the extended key usage of "${certificate.title}" has no server in it`,
  );
}

function nameProblem(own: Certificate, name: string | undefined): IdentityProblem | undefined {
  if (name === undefined || isForName(own, name)) return undefined;
  const names = namesOf(own);
  const shown = names.slice(0, 4).map(printable).join(', ');
  const more = names.length > 4 ? `, and ${names.length - 4} more` : '';
  return problem(
    'ERR_DTLS_PEER_NAME',
    `the certificate is for ${shown === '' ? 'no name' : shown}${more}, not for "${printable(name)}"`,
  );
}

function problem(code: IdentityProblemCode, message: string): IdentityProblem {
  return { code, message };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** Intermediate authorities between the server and a trusted one, as in mbedTLS. */
const MAX_INTERMEDIATES = 8;
/** Certificates in one message: the server's, the intermediates, and the root that some send along. */
const MAX_SENT = 10;
