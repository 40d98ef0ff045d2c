/**
 * Whether a certificate is for a name: the rules of mbedTLS 3.6, which Godot goes by. When there are alternative names
 * only they count, else the common name does.
 */
import { type Certificate, ipBytes } from './certificate.ts';

/** @param name a host name or a literal address. */
export function isForName(certificate: Certificate, name: string): boolean {
  const names = certificate.alternativeNames;
  if (names === undefined) return certificate.commonNames.some((one) => matches(one, name));
  if (names.dns.some((one) => matches(one, name)) || names.uri.includes(name)) return true;
  const address = ipBytes(name);
  return address !== undefined && names.ip.some((one) => Buffer.compare(one, address) === 0);
}

/** The names a certificate is for, for a message: a few of them. */
export function namesOf(certificate: Certificate): readonly string[] {
  const names = certificate.alternativeNames;
  if (names === undefined) return certificate.commonNames;
  return [...names.dns, ...names.ip.map(addressText), ...names.uri];
}

/** Equal in any case, or below a wildcard: `*.example.org` is for `a.example.org`, not for `a.b.example.org`. */
function matches(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = name.toLowerCase();
  if (wanted === given) return true;
  const dot = given.indexOf('.');
  return wanted.length >= 3 && wanted.startsWith('*.') && dot > 0 && given.slice(dot) === wanted.slice(1);
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    groups.push((((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0)).toString(16));
  }
  return groups.join(':');
}
