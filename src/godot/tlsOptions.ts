/**
 * Godot's TLSOptions: what the DTLS methods of ENetConnection take. Implements the part of the class page that
 * godot-enet-classes 2.2 (`dtls_server_setup`, `dtls_client_setup`) asks about.
 */

import type { SecureClientOptions, SecureServerOptions } from '../runtime/index.ts';

/** A key or a certificate (chain) in PEM form: the text itself, not the path of a file. */
export type PemText = string;

/** The TLS settings of one end of a connection. Immutable; made by one of its three static methods. */
export class TLSOptions {
  readonly #kind: 'client' | 'unsafe client' | 'server';
  readonly #trustedCaChain: PemText | null;
  readonly #commonNameOverride: string;
  readonly #privateKey: PemText | null;
  readonly #ownCertificate: PemText | null;

  private constructor(
    kind: 'client' | 'unsafe client' | 'server',
    trustedCaChain: PemText | null,
    commonNameOverride: string,
    privateKey: PemText | null,
    ownCertificate: PemText | null,
  ) {
    this.#kind = kind;
    this.#trustedCaChain = trustedCaChain;
    this.#commonNameOverride = commonNameOverride;
    this.#privateKey = privateKey;
    this.#ownCertificate = ownCertificate;
  }

  /**
   * Options of a client that checks the server's certificate.
   *
   * @param trustedChain the certification authorities to trust; null for those of the system.
   * @param commonNameOverride the name the certificate must carry; empty for the name that is connected to.
   */
  static client(trustedChain: PemText | null = null, commonNameOverride = ''): TLSOptions {
    return new TLSOptions('client', trustedChain, commonNameOverride, null, null);
  }

  /**
   * Options of a client that does not check the name in the certificate.
   *
   * @param trustedChain the certification authorities to trust; null trusts any certificate.
   */
  static clientUnsafe(trustedChain: PemText | null = null): TLSOptions {
    return new TLSOptions('unsafe client', trustedChain, '', null, null);
  }

  /** Options of a server with this key and certificate. */
  static server(key: PemText, certificate: PemText): TLSOptions {
    return new TLSOptions('server', null, '', key, certificate);
  }

  /** Whether these are server options. */
  isServer(): boolean {
    return this.#kind === 'server';
  }

  /** Whether these are client options that do not check the name. */
  isUnsafeClient(): boolean {
    return this.#kind === 'unsafe client';
  }

  /** The name override of {@link TLSOptions.client}, or an empty text. */
  getCommonNameOverride(): string {
    return this.#commonNameOverride;
  }

  /** The trusted chain of a client, or null. */
  getTrustedCaChain(): PemText | null {
    return this.#trustedCaChain;
  }

  /** The private key of a server, or null. */
  getPrivateKey(): PemText | null {
    return this.#privateKey;
  }

  /** The certificate of a server, or null. */
  getOwnCertificate(): PemText | null {
    return this.#ownCertificate;
  }
}

/** What server options mean for the transport. */
export function serverSecurity(options: TLSOptions): SecureServerOptions {
  return {
    role: 'server',
    key: options.getPrivateKey() ?? '',
    certificate: options.getOwnCertificate() ?? '',
  };
}

/**
 * What client options mean for the transport. As in Godot, unsafe ones ask for no name, and without a chain for nothing at
 * all.
 */
export function clientSecurity(hostname: string, options: TLSOptions): SecureClientOptions {
  const pem = options.getTrustedCaChain();
  const trusted = pem === null ? undefined : { pem };
  if (options.isUnsafeClient()) return { role: 'client', name: undefined, trust: trusted ?? 'anybody' };
  const override = options.getCommonNameOverride();
  return { role: 'client', name: override === '' ? hostname : override, trust: trusted ?? 'system' };
}
