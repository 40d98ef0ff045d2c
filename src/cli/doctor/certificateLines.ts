/** What there is to say of the certificate of a server, a line each. */
import { Certificate, createIdentityCheck, namesOf } from '../../dtls/internal.ts';
import { printable } from '../printable.ts';

/**
 * @param chain in DER, the own one first.
 * @param host what was connected to, which the certificate should be for.
 */
export function certificateLines(chain: readonly Uint8Array[], host: string): string[] {
  const [der] = chain;
  if (der === undefined) return [];
  let own: Certificate;
  try {
    own = new Certificate(der);
  } catch {
    return ['Its certificate cannot be read.'];
  }
  const names = namesOf(own).slice(0, MAX_NAMES).map(printable).join(', ');
  const until = new Date(own.notAfterMs).toISOString();
  const end = own.notAfterMs + 1000 <= Date.now() ? 'It expired at' : 'It is valid until';
  const problem = createIdentityCheck({ trust: 'system', name: host })(chain);
  const trust =
    problem === undefined
      ? 'A known authority vouches for it, and for this name.'
      : `TLSOptions.client() without a chain refuses it: ${problem.message} (${problem.code}).`;
  return [`Its certificate is for ${names === '' ? 'no name' : names}. ${end} ${until}.`, trust];
}

const MAX_NAMES = 8;
