/**
 * Whether a certificate is for a name: the rules of mbedTLS 3.6, which Godot goes by, without those of its matches that
 * mix up kinds of names. When there are alternative names only they count, else the common name does. An address is
 * matched by addresses alone, and a wildcard stands for one label below at least two: `*.com` is for nobody.
 */
import { isIP } from 'node:net';
import { type Certificate, ipBytes } from './certificate.ts';
import { type GeneralName, lowerAscii } from './generalNames.ts';

/** @param name a host name, a literal address or a URI. */
export function isForName(certificate: Certificate, name: string): boolean {
  if (name === '') return false;
  const { alternativeNames, commonNames } = certificate;
  if (alternativeNames === undefined)
    return commonNamesAsNames(commonNames).some((one) => matches(one, name));
  return alternativeNames.some((one) => matches(one, name));
}

/**
 * What common names stand for where there are no alternative names: the certificates that Godot makes have no others, also
 * for addresses.
 */
export function commonNamesAsNames(commonNames: readonly string[]): readonly GeneralName[] {
  return commonNames.map((value) => {
    const address = ipBytes(value);
    return address === undefined ? { kind: 'dns', value } : { kind: 'ip', value: address };
  });
}

/** The names a certificate is for, for a message. */
export function namesOf(certificate: Certificate): readonly string[] {
  const { alternativeNames, commonNames } = certificate;
  if (alternativeNames === undefined) return commonNames;
  return alternativeNames.flatMap((name) => {
    if (name.kind === 'ip') return [addressText(name.value)];
    return name.kind === 'dns' || name.kind === 'uri' ? [name.value] : [];
  });
}

function matches(one: GeneralName, name: string): boolean {
  if (one.kind === 'ip') {
    const address = ipBytes(name);
    return address !== undefined && Buffer.compare(one.value, address) === 0;
  }
  if (isIP(name) !== 0) return false;
  if (one.kind === 'uri') return name.includes(':') && one.value === name;
  return one.kind === 'dns' && isForHost(one.value, name);
}

/** Equal in any case, or below a wildcard: `*.example.org` is for `a.example.org`, not for `a.b.example.org`. */
function isForHost(pattern: string, name: string): boolean {
  const wanted = lowerAscii(pattern);
  const given = lowerAscii(name);
  if (wanted === given) return true;
  const dot = given.indexOf('.');
  return WILDCARD.test(wanted) && dot > 0 && given.slice(dot) === wanted.slice(1);
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    groups.push((((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0)).toString(16));
  }
  return groups.join(':');
}

/** One whole label, and two more at least. */
const WILDCARD = /^\*(?:\.[^.*]+){2,}\.?$/;
