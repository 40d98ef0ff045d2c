import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCertificates, readCredentials } from '../../src/dtls/identity/credentials.ts';
import { namesOf } from '../../src/dtls/identity/hostName.ts';
import { CredentialsError } from '../../src/dtls/identity/identityError.ts';
import { pemBlocks } from '../../src/dtls/identity/pem.ts';
import { createSelfSignedCertificate } from '../../src/ops/selfSignedCertificate.ts';
import { type Issued, issue } from '../support/certificates.ts';

let root: Issued;
let server: Issued;
beforeAll(async () => {
  root = await issue({ name: 'root', ca: true });
  server = await issue({
    name: 'game.example',
    issuer: root,
    key: 'RSA-2048',
    to: new Date('2031-02-03T04:05:06Z'),
  });
});

/** The code and the message of what a call throws. */
function refusal(call: () => unknown): { code: string; message: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof CredentialsError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('what is accepted', () => {
  test('a chain, with text around the blocks and Windows line ends', () => {
    const chain = `subject: game\r\n${server.certificate.replaceAll('\n', '\r\n')}\r\nissuer: root\n${root.certificate}`;
    const read = readCredentials(`key:\n${server.key}`, chain);
    expect(read.keyType).toBe('rsa');
    expect(read.curve).toBeUndefined();
    expect(read.chain.map((der) => Buffer.from(der))).toEqual(
      [server.der, root.der].map((der) => Buffer.from(der)),
    );
    expect(read.certificate.title).toBe('game.example');
    expect(new Date(read.notAfterMs).toISOString()).toBe('2031-02-03T04:05:06.000Z');
  });

  test.each([
    ['P-256', 'prime256v1'],
    ['P-384', 'secp384r1'],
    ['P-521', 'secp521r1'],
  ] as const)('a key over %s', async (key, curve) => {
    const own = await issue({ name: 'x', key });
    expect(readCredentials(own.key, own.certificate)).toMatchObject({ keyType: 'ec', curve });
  });

  test('keys of the old forms PKCS #1 and SEC 1', async () => {
    const pkcs1 = createPrivateKey(server.key).export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(pkcs1).toContain('RSA PRIVATE KEY');
    expect(readCredentials(pkcs1, server.certificate).keyType).toBe('rsa');
    const sec1 = createPrivateKey(root.key).export({ type: 'sec1', format: 'pem' }).toString();
    // As "openssl ecparam -genkey" writes it.
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    expect(readCredentials(parameters + sec1, root.certificate).keyType).toBe('ec');
  });

  test('what OpenSSL makes', () => {
    const run = 'req -x509 -newkey rsa:2048 -nodes -keyout - -subj /CN=localhost -days 2';
    const both = execFileSync('openssl', run.split(' '), { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    expect(readCredentials(both, both).certificate.title).toBe('localhost');
  });
});

describe('what is refused', () => {
  test.each([
    ['an empty key', () => readCredentials(' \n', server.certificate), 'ERR_DTLS_PEM', 'the key is empty'],
    [
      'an empty certificate',
      () => readCredentials(server.key, ''),
      'ERR_DTLS_PEM',
      'the certificate is empty',
    ],
    ['a path', () => readCredentials('/etc/key.pem', server.certificate), 'ERR_DTLS_PEM', 'not a path'],
    [
      'a key cut short',
      () => readCredentials(server.key.slice(0, -40), server.certificate),
      'ERR_DTLS_PEM',
      'not PEM',
    ],
    [
      'them exchanged',
      () => readCredentials(server.certificate, server.key),
      'ERR_DTLS_PEM',
      'BEGIN PRIVATE KEY',
    ],
    [
      'a key for a certificate',
      () => readCredentials(server.key, server.key),
      'ERR_DTLS_PEM',
      'BEGIN CERTIFICATE',
    ],
    [
      'the key of another',
      () => readCredentials(root.key, server.certificate),
      'ERR_DTLS_KEY_MISMATCH',
      'game.example',
    ],
    [
      'a chain that begins with the root',
      () => readCredentials(server.key, root.certificate + server.certificate),
      'ERR_DTLS_KEY_MISMATCH',
      'root',
    ],
  ])('%s', (_title, call, code, part) => {
    const { code: got, message } = refusal(call);
    expect(got).toBe(code);
    expect(message).toContain(part);
  });

  test('an encrypted key, in both forms', () => {
    const options = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    const key = createPrivateKey(server.key);
    for (const type of ['pkcs8', 'pkcs1'] as const) {
      const pem = key.export({ ...options, type }).toString();
      expect(refusal(() => readCredentials(pem, server.certificate)).code).toBe('ERR_DTLS_KEY_ENCRYPTED');
    }
  });

  test('damage inside the blocks', () => {
    const damage = (pem: string): string => pem.replace(/\n(.{20})/, '\n!!!!$1');
    expect(refusal(() => readCredentials(damage(server.key), server.certificate)).code).toBe('ERR_DTLS_KEY');
    expect(refusal(() => readCredentials(server.key, damage(server.certificate))).code).toBe(
      'ERR_DTLS_CERTIFICATE',
    );
  });

  test.each([
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }), 'RSA with 1024 bits'],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'secp256k1'],
    ['Ed25519', generateKeyPairSync('ed25519'), 'ed25519'],
  ])('a key of a kind that clients refuse: %s', (_title, { privateKey }, part) => {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { code, message } = refusal(() => readCredentials(pem, server.certificate));
    expect(code).toBe('ERR_DTLS_KEY_TYPE');
    expect(message).toContain(part);
  });

  test('no message and no inspection shows the key', async () => {
    const { inspect } = await import('node:util');
    const secret = server.key.split('\n')[3] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    expect(inspect(readCredentials(server.key, server.certificate), { depth: 9 })).not.toContain(secret);
    const damaged = server.key.replace(secret, `!${secret}`);
    expect(refusal(() => readCredentials(damaged, server.certificate)).message).not.toContain(secret);
  });
});

test('the blocks of a text', () => {
  const text =
    '-----BEGIN A-----\nx\n-----END B-----\n-----BEGIN C-----\ny\n-----END C-----\n-----BEGIN D-----\nz';
  expect(pemBlocks(text)).toEqual([{ label: 'C', text: '-----BEGIN C-----\ny\n-----END C-----\n' }]);
  expect(() => readCertificates('-----BEGIN A-----\nx\n-----END A-----', 'chain')).toThrow(CredentialsError);
});

describe('createSelfSignedCertificate', () => {
  test.each([
    [{ keyType: 'ecdsa', curve: 'P-384' }, 'ec'],
    [{ keyType: 'rsa' }, 'rsa'],
    [{}, 'ec'],
  ] as const)('%j makes one that can be used', async (options, keyType) => {
    const made = await createSelfSignedCertificate({ ...options, names: ['game.example', '::1'], days: 3 });
    const read = readCredentials(made.key, made.certificate);
    expect(read).toMatchObject({ keyType, notAfterMs: made.notAfter.getTime() });
    // As Godot's own: it can be the authority of itself.
    expect(read.certificate).toMatchObject({
      isCa: true,
      fingerprint256: made.fingerprint256,
      title: 'game.example',
    });
    expect(namesOf(read.certificate)).toEqual(['game.example', '0:0:0:0:0:0:0:1']);
    expect(read.certificate.alternativeNames?.map(({ kind }) => kind)).toEqual(['dns', 'ip']);
    expect(made.notAfter.getTime() - Date.now()).toBeGreaterThan(2.9 * 86_400_000);
  });

  test.each([
    [{ days: 0 }],
    [{ days: 1.5 }],
    [{ names: [] }],
    [{ names: ['a b'] }],
    [{ names: ['a\nb'] }],
    [{ names: [''] }],
    [{ curve: 'P-224' }],
    [{ rsaBits: 1024 }],
    [{ keyType: 'dsa' }],
  ])('%j is refused', async (options) => {
    await expect(createSelfSignedCertificate(options as object)).rejects.toThrow(RangeError);
  });
});
