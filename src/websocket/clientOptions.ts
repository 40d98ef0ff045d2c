/** What createClient() hands to the package `ws`. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { TLSOptions } from '../godot/index.ts';

/** Header lines as Godot has them, `"Name: value"`, as an object; `undefined` when something is none. */
export function headersOf(lines: readonly unknown[]): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = (typeof line === 'string' && HEADER.exec(line)) || [];
    if (name === undefined || value === undefined) return undefined;
    headers[name] = value;
  }
  return headers;
}

/** Whether a URL is one that Godot takes. */
export function isWebSocketUrl(url: unknown): url is string {
  return typeof url === 'string' && /^wss?:\/\//i.test(url) && URL.canParse(url) && !url.includes('#');
}

/** Whether a text is a list of sub-protocols: distinct tokens. */
export function areProtocols(names: unknown): names is readonly string[] {
  return (
    Array.isArray(names) &&
    names.every((name) => typeof name === 'string' && TOKEN.test(name)) &&
    new Set(names).size === names.length
  );
}

/** As `clientSecurity` of DTLS, for TLS: whom to trust, and by which name. */
export function tlsClientOptions(tls: TLSOptions | null): Record<string, unknown> {
  if (tls === null) return {};
  const ca = tls.getTrustedCaChain();
  const trusted = ca === null ? {} : { ca };
  if (tls.isUnsafeClient()) {
    return ca === null ? { rejectUnauthorized: false } : { ...trusted, checkServerIdentity: () => undefined };
  }
  const name = tls.getCommonNameOverride();
  if (name === '') return trusted;
  return {
    ...trusted,
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      checkServerIdentity(name, certificate),
  };
}

const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
