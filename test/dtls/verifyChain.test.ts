/** Rows are rules of mbedTLS's `x509_crt.c` and of godot-enet-classes 6. */
import { rootCertificates } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { Certificate, ipBytes, KeyUsage } from '../../src/dtls/identity/certificate.ts';
import { isForName } from '../../src/dtls/identity/hostName.ts';
import { readSystemRoots } from '../../src/dtls/identity/trustStore.ts';
import { createIdentityCheck } from '../../src/dtls/identity/verifyChain.ts';
import { type Issued, type IssueOptions, issue } from '../support/certificates.ts';

const DIGITAL_SIGNATURE = 1;
const KEY_AGREEMENT = 16;
const KEY_CERT_SIGN = 32;
const NOW = Date.parse('2026-06-01T00:00:00Z');

const all = new Map<string, Issued>();
const get = (name: string): Issued => all.get(name) ?? fail(name);
function fail(name: string): never {
  throw new Error(`there is no certificate "${name}"`);
}

beforeAll(async () => {
  const make = async (label: string, options: IssueOptions): Promise<void> => {
    all.set(label, await issue(options));
  };
  const past = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2026-05-31T23:59:59Z') };
  const names = [{ type: 'dns', value: 'game.example' }] as const;
  await make('root', { name: 'Root', ca: true, usage: KEY_CERT_SIGN });
  const root = get('root');
  await make('other root', { name: 'Root', ca: true });
  await make('old root', { name: 'Old Root', ca: true, ...past });
  await make('weak root', { name: 'Weak Root', ca: true, key: 'RSA-1024' });
  await make('zero root', { name: 'Zero Root', ca: true, pathLength: 0 });
  await make('middle', { name: 'Middle', issuer: root, ca: true });
  await make('rsa middle', { name: 'RSA Middle', issuer: root, ca: true, key: 'RSA-2048' });
  await make('no ca', { name: 'No CA', issuer: root, ca: false });
  await make('no sign', { name: 'No Sign', issuer: root, ca: true, usage: DIGITAL_SIGNATURE });
  await make('zero middle', { name: 'Zero Middle', issuer: get('zero root'), ca: true });
  const leaf = (label: string, options: Partial<IssueOptions>): Promise<void> =>
    make(label, { name: 'game.example', issuer: root, names, ...options });
  await leaf('leaf', { usage: DIGITAL_SIGNATURE, purposes: ['1.3.6.1.5.5.7.3.1'] });
  await leaf('rsa leaf', { key: 'RSA-2048', issuer: get('rsa middle') });
  await leaf('middle leaf', { issuer: get('middle') });
  await leaf('zero leaf', { issuer: get('zero root') });
  await leaf('zero middle leaf', { issuer: get('zero middle') });
  await leaf('old', past);
  await leaf('future', { from: new Date('2026-06-01T00:00:01Z') });
  await leaf('last second', { to: new Date('2026-06-01T00:00:00Z') });
  await leaf('under old root', { issuer: get('old root') });
  await leaf('under weak root', { issuer: get('weak root') });
  await leaf('under no ca', { issuer: get('no ca') });
  await leaf('under no sign', { issuer: get('no sign') });
  await leaf('under other root', { issuer: get('other root') });
  await leaf('sha1', { issuer: await issue({ name: 'SHA1', ca: true, key: 'RSA-SHA1' }) });
  await leaf('weak', { key: 'RSA-1024' });
  await leaf('agreement', { usage: KEY_AGREEMENT });
  await leaf('for clients', { purposes: ['1.3.6.1.5.5.7.3.2'] });
  await leaf('for anything', { purposes: ['2.5.29.37.0'] });
  await make('client middle', { name: 'CM', issuer: root, ca: true, purposes: ['1.3.6.1.5.5.7.3.2'] });
  await leaf('under client middle', { issuer: get('client middle') });
  await make('server middle', { name: 'SM', issuer: root, ca: true, purposes: ['1.3.6.1.5.5.7.3.1'] });
  await leaf('under server middle', { issuer: get('server middle') });
  await make('any middle', { name: 'AM', issuer: root, ca: true, purposes: ['2.5.29.37.0'] });
  await leaf('under any middle', { issuer: get('any middle') });
  await make('client root', { name: 'Client Root', ca: true, purposes: ['1.3.6.1.5.5.7.3.2'] });
  await leaf('under client root', { issuer: get('client root') });
  await leaf('critical', { critical: '1.2.3.4.5' });
  await make('self', { name: 'self.example' });
  await make('self ca', { name: 'self.example', ca: true });
  await make('pinned leaf', { name: 'pinned', issuer: root });
  let issuer = root;
  for (let depth = 1; depth <= 9; depth += 1) {
    await make(`deep ${depth}`, { name: `Deep ${depth}`, issuer, ca: true });
    issuer = get(`deep ${depth}`);
    await leaf(`leaf under ${depth}`, { issuer });
  }
}, 60_000);

/** The code of the problem with a chain, or "good". */
function verdict(chain: readonly string[], trusted: readonly string[], name?: string, now = NOW): string {
  const pem = trusted.map((label) => get(label).certificate).join('');
  const check = createIdentityCheck({ trust: { pem }, name, wallClock: () => now });
  const problem = check(chain.map((label) => get(label).der));
  return problem === undefined ? 'good' : problem.code.replace('ERR_DTLS_PEER_', '');
}

describe('the chain', () => {
  test.each([
    ['directly under the root', ['leaf'], ['root'], 'good'],
    ['with the root sent along', ['leaf', 'root'], ['root'], 'good'],
    ['through an intermediate', ['middle leaf', 'middle'], ['root'], 'good'],
    ['RSA through an intermediate', ['rsa leaf', 'rsa middle'], ['root'], 'good'],
    ['among others and out of order', ['middle leaf', 'no ca', 'root', 'middle'], ['root'], 'good'],
    ['the intermediate is missing', ['middle leaf'], ['root'], 'UNTRUSTED'],
    ['the intermediate itself is trusted', ['middle leaf'], ['middle'], 'good'],
    ['an unknown root', ['leaf', 'root'], ['self'], 'UNTRUSTED'],
    ['a root of the same name', ['leaf'], ['other root'], 'UNTRUSTED'],
    ['two roots of one name', ['under other root'], ['root', 'other root'], 'good'],
    ['a certificate that signs itself, trusted', ['self'], ['self'], 'good'],
    ['a certificate that signs itself, not trusted', ['self'], ['root'], 'UNTRUSTED'],
    ['another one of its name is trusted', ['self ca'], ['self'], 'NOT_CA'],
    [
      'a server certificate itself is trusted, but does not sign itself',
      ['pinned leaf'],
      ['pinned leaf'],
      'UNTRUSTED',
    ],
    ['the issuer is no authority', ['under no ca', 'no ca'], ['root'], 'NOT_CA'],
    ['the issuer may not sign', ['under no sign', 'no sign'], ['root'], 'NOT_CA'],
    ['path length 0 and no intermediate', ['zero leaf'], ['zero root'], 'good'],
    ['path length 0 and an intermediate', ['zero middle leaf', 'zero middle'], ['zero root'], 'PATH_LENGTH'],
    ['expired', ['old'], ['root'], 'EXPIRED'],
    ['valid to the end of its last second', ['last second'], ['root'], 'good'],
    ['not yet valid', ['future'], ['root'], 'NOT_YET_VALID'],
    ['the trusted root has expired', ['under old root'], ['old root'], 'EXPIRED'],
    ['the key of the root is weak', ['under weak root'], ['weak root'], 'ALGORITHM'],
    ['the key is weak', ['weak'], ['root'], 'ALGORITHM'],
    ['the signature is over SHA-1', ['sha1'], ['root'], 'ALGORITHM'],
    ['the key may not sign handshakes', ['agreement'], ['root'], 'USAGE'],
    ['it is for clients', ['for clients'], ['root'], 'USAGE'],
    ['it is for anything', ['for anything'], ['root'], 'good'],
    ['an authority for clients', ['under client middle', 'client middle'], ['root'], 'USAGE'],
    ['an authority for servers', ['under server middle', 'server middle'], ['root'], 'good'],
    ['an authority for anything', ['under any middle', 'any middle'], ['root'], 'good'],
    ['a trusted authority for clients', ['under client root'], ['client root'], 'USAGE'],
    ['an unknown critical extension', ['critical'], ['root'], 'EXTENSION'],
    ['no certificate', [], ['root'], 'NO_CERTIFICATE'],
  ])('%s: %j under %j', (_title, chain, trusted, expected) => {
    expect(verdict(chain, trusted)).toBe(expected);
  });

  test('8 intermediates are enough, 9 are too many', () => {
    const chain = (depth: number): string[] => [
      `leaf under ${depth}`,
      ...Array.from({ length: depth }, (_, index) => `deep ${depth - index}`),
    ];
    expect(verdict(chain(8), ['root'])).toBe('good');
    expect(verdict(chain(9), ['root'])).toBe('DEPTH');
    expect(verdict([...chain(9), 'root'], ['root'])).toBe('DEPTH');
  });

  test('it is looked at with the time of the connection', () => {
    expect(verdict(['old'], ['root'], undefined, Date.parse('2026-05-31T23:59:59.999Z'))).toBe('good');
    expect(verdict(['old'], ['root'], undefined, Date.parse('2026-06-01T00:00:00Z'))).toBe('EXPIRED');
  });

  test('messages name the subject and the dates', () => {
    const pem = get('root').certificate;
    const check = createIdentityCheck({ trust: { pem }, name: 'other.example', wallClock: () => NOW });
    expect(check([get('old').der])?.message).toBe('"game.example" expired at 2026-05-31T23:59:59.000Z');
    expect(check([get('leaf').der])?.message).toBe(
      'the certificate is for game.example, not for "other.example"',
    );
  });

  test('hostile bytes and hostile names do no harm', async () => {
    const check = createIdentityCheck({ trust: { pem: get('root').certificate }, name: 'a' });
    expect(check([Uint8Array.of(0x30, 0x84)])?.code).toBe('ERR_DTLS_PEER_CERTIFICATE');
    expect(check([new Uint8Array(0)])?.code).toBe('ERR_DTLS_PEER_CERTIFICATE');
    const { der } = get('leaf');
    for (let at = 0; at < der.length; at += 1) {
      const flipped = der.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0x41;
      expect(check([flipped])?.code).toMatch(/^ERR_DTLS_PEER_/);
      expect(check([der.subarray(0, at)])?.code).toMatch(/^ERR_DTLS_PEER_/);
    }
    const evil = await issue({ name: 'a\n\u001b[31m\u202Eevil', issuer: get('root') });
    const message = check([evil.der])?.message ?? '';
    expect(message).toContain('evil');
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('whom to trust', () => {
  test('anybody: whatever a certificate says, but there must be one', () => {
    const check = createIdentityCheck({ trust: 'anybody', name: undefined });
    expect(check([get('old').der])).toBeUndefined();
    expect(check([get('weak').der])).toBeUndefined();
    expect(check([])?.code).toBe('ERR_DTLS_PEER_NO_CERTIFICATE');
    expect(check([Uint8Array.of(1)])?.code).toBe('ERR_DTLS_PEER_CERTIFICATE');
  });

  test('the system: its roots, and nobody else', () => {
    const check = createIdentityCheck({ trust: 'system', name: undefined, wallClock: () => NOW });
    expect(check([get('self ca').der])?.code).toBe('ERR_DTLS_PEER_UNTRUSTED');
    const known = rootCertificates.map((pem) => new Certificate(pem));
    const root = known.find(
      (one) =>
        one.notAfterMs > NOW && one.signatureHash !== undefined && one.allows(KeyUsage.DIGITAL_SIGNATURE),
    );
    expect(check([root?.raw ?? new Uint8Array()])).toBeUndefined();
  });

  test('one unreadable root of the system is skipped and told', () => {
    const told: string[] = [];
    const { certificate, der } = get('root');
    const damaged = certificate.replace(/\n[A-Za-z0-9+/]{20}/, '\nMIIBxxxxxxxxxxxxxxxx');
    const roots = readSystemRoots([damaged, certificate, 'nothing'], (message) => told.push(message));
    expect(roots.withSubject(new Certificate(der).subject).map(({ raw }) => raw)).toEqual([der]);
    expect(told).toEqual([
      expect.stringMatching(/^2 of 3 root certificates cannot be read and are skipped: ./),
    ]);
    readSystemRoots([certificate], (message) => told.push(message));
    expect(told).toHaveLength(1);
  });

  test('a trusted chain that is none', () => {
    expect(() => createIdentityCheck({ trust: { pem: 'x' }, name: 'a' })).toThrow('trusted chain');
  });
});

describe('names', () => {
  const with_ = (names: IssueOptions['names'], name = 'common.example'): Promise<Issued> =>
    issue({ name, ...(names === undefined ? {} : { names }) });

  test.each([
    ['game.example', true],
    ['GAME.Example', true],
    ['www.game.example', false],
    ['game.example.', false],
    ['a.wild.example', true],
    ['A.WILD.example', true],
    ['a.b.wild.example', false],
    ['wild.example', false],
    ['.wild.example', false],
    ['10.0.0.1', true],
    ['10.0.0.2', false],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::2', false],
    ['https://game.example/', true],
    ['common.example', false],
    ['', false],
  ])('alternative names: "%s" is %s', async (name, expected) => {
    const { der } = await with_([
      { type: 'dns', value: 'game.example' },
      { type: 'dns', value: '*.wild.example' },
      { type: 'ip', value: '10.0.0.1' },
      { type: 'ip', value: '::1' },
      { type: 'url', value: 'https://game.example/' },
    ]);
    expect(isForName(new Certificate(der), name)).toBe(expected);
  });

  test.each([
    ['common.example', 'common.example', true],
    ['common.example', 'other.example', false],
    ['*.game.example', 'a.game.example', true],
    ['*.example', 'game.example', false],
    ['*', 'localhost', false],
    ['*.', 'a.', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['*.0.0.1', '127.0.0.1', false],
    // The Kelvin sign is a "k" in lower case.
    ['\u212Aing.example', 'king.example', false],
  ])('no alternative names: the common name "%s" for "%s" is %s', async (commonName, name, expected) => {
    const { der } = await with_(undefined, commonName);
    expect(isForName(new Certificate(der), name)).toBe(expected);
  });

  test.each([
    ['an address as a DNS name', { type: 'dns', value: '10.0.0.1' }, '10.0.0.1', false],
    ['a wildcard over an address', { type: 'dns', value: '*.0.0.1' }, '10.0.0.1', false],
    ['an IPv6 address as a DNS name', { type: 'dns', value: '::1' }, '::1', false],
    ['an address as a URI', { type: 'url', value: '::1' }, '::1', false],
    ['a host as a URI', { type: 'url', value: 'game.example' }, 'game.example', false],
    ['a wildcard under a top-level domain', { type: 'dns', value: '*.com' }, 'game.com', false],
    [
      'a wildcard under a top-level domain, with the dot',
      { type: 'dns', value: '*.com.' },
      'game.com.',
      false,
    ],
    ['a wildcard in the middle', { type: 'dns', value: 'a.*.com' }, 'a.game.com', false],
    ['two wildcards', { type: 'dns', value: '*.*.com' }, 'a.*.com', false],
    ['a part of a label', { type: 'dns', value: 'g*.game.com' }, 'ga.game.com', false],
    ['itself in letters', { type: 'dns', value: '*.com' }, '*.com', true],
  ] as const)('kinds of names do not mix: %s', async (_title, alternative, name, expected) => {
    const { der } = await with_([alternative]);
    expect(isForName(new Certificate(der), name)).toBe(expected);
  });

  test.each([
    ['127.0.0.1', '7f000001'],
    ['::', '00000000000000000000000000000000'],
    ['1::', '00010000000000000000000000000000'],
    ['2001:db8::10:ff', '20010db80000000000000000001000ff'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['fe80::1%eth0', undefined],
    ['1.2.3', undefined],
    ['game.example', undefined],
  ])('the bytes of "%s"', (text, hex) => {
    const bytes = ipBytes(text);
    expect(bytes && Buffer.from(bytes).toString('hex')).toBe(hex);
  });
});
