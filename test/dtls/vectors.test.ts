/**
 * Known answers. The PRF and the keys come from `openssl kdf ... TLS1-PRF`, the records from the AEAD ciphers of Python's
 * package cryptography, with nonce and additional data put together there.
 */
import { expect, test } from 'vitest';
import { MasterSecret, type TrafficKeys } from '../../src/dtls/handshake/keySchedule.ts';
import { prf } from '../../src/dtls/handshake/prf.ts';
import { type CipherSuite, findSuite } from '../../src/dtls/record/cipherSuites.ts';
import { writeRecordHeader } from '../../src/dtls/record/record.ts';
import { RecordCipher } from '../../src/dtls/record/recordCipher.ts';
import { bytes, hex } from '../support/hex.ts';

const clientRandom = new Uint8Array(32).fill(1);
const serverRandom = new Uint8Array(32).fill(2);
const shared = (): Uint8Array => new Uint8Array(32).fill(0xab);
const HELLO = new TextEncoder().encode('hello');

function suiteOf(id: number): CipherSuite {
  const suite = findSuite(id);
  if (suite === undefined) throw new Error(`no suite ${id}`);
  return suite;
}

/** The master secret of the vectors: the extended one with SHA-384, the other with SHA-256. */
function masterOf(id: number): MasterSecret {
  const suite = suiteOf(id);
  const sessionHash = suite.hash === 'sha384' ? new Uint8Array(48).fill(3) : undefined;
  return new MasterSecret({ suite, clientRandom, serverRandom, sessionHash }, shared());
}

function seal(cipher: RecordCipher, type: number, sequence: number, content: Uint8Array): Uint8Array {
  const record = new Uint8Array(13 + content.length + cipher.overhead);
  writeRecordHeader(record, type, 0xfefd, 1, sequence, record.length - 13);
  cipher.seal(record, content);
  return record;
}

test('the PRF with SHA-256', () => {
  const secret = bytes('9bbe436ba940f017b17652849a71db35');
  const seed = bytes('a0ba9f936cda311827a6f796ffd5198c');
  expect(hex(prf('sha256', secret, 'test label', seed, 100))).toBe(
    'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
  );
});

test('the PRF with SHA-384', () => {
  const secret = bytes('b80b733d6ceefcdc71566ea48e5567df');
  const seed = bytes('cd665cf6a8447dd6ff8b27555edb7465');
  expect(hex(prf('sha384', secret, 'test label', seed, 148))).toBe(
    '7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f',
  );
});

test('the Finished messages', () => {
  expect(hex(masterOf(0xc02b).verifyData('client', new Uint8Array(32).fill(3)))).toBe(
    'b34c39ffcde50a8481f5958c',
  );
  expect(hex(masterOf(0xc030).verifyData('server', new Uint8Array(48).fill(3)))).toBe(
    '41130dae2dcf78218297719f',
  );
});

const RECORDS: [
  name: string,
  suite: number,
  side: keyof TrafficKeys,
  type: number,
  sequence: number,
  content: Uint8Array,
  record: string,
][] = [
  [
    'AES-128-GCM, client',
    0xc02b,
    'client',
    23,
    0x0102030405,
    HELLO,
    '17fefd0001000102030405001d00010001020304056ad628a95c560e0ecae000a6d330077d337dc75d51',
  ],
  [
    'AES-128-GCM, server, empty',
    0xc02f,
    'server',
    22,
    7,
    new Uint8Array(0),
    '16fefd0001000000000007001800010000000000075b0bef39cf60a2ccdc8164354297c59a',
  ],
  [
    'AES-256-GCM, extended master secret, the last number',
    0xc030,
    'client',
    23,
    2 ** 48 - 1,
    HELLO,
    '17fefd0001ffffffffffff001d0001ffffffffffff534ede91ac6b844a3cca1fbe35e48a2dcb6e1e91f6',
  ],
  [
    'ChaCha20-Poly1305, server',
    0xcca8,
    'server',
    23,
    0x0102030405,
    HELLO,
    '17fefd00010001020304050015507ff02fb0bec3a838ff44775cd8495d6286fd7594',
  ],
];

test.each(RECORDS)('a record: %s', (_, suite, side, type, sequence, content, record) => {
  const cipher = masterOf(suite).trafficKeys()[side];
  expect(hex(seal(cipher, type, sequence, content))).toBe(record);
  expect(hex(cipher.open(bytes(record)) ?? bytes('ff'))).toBe(hex(content));
});

test.each(RECORDS)('a changed record is refused: %s', (_, suite, side, ...rest) => {
  const cipher = masterOf(suite).trafficKeys()[side];
  const record = bytes(rest[3]);
  for (let index = 0; index < record.length; index += 1) {
    // The length is what the datagram is cut by, and the version has its own check: neither reaches the cipher.
    if (index === 1 || index === 2 || index === 11 || index === 12) continue;
    const changed = record.slice();
    changed[index] = (changed[index] ?? 0) ^ 0x10;
    expect(cipher.open(changed), `byte ${index}`).toBeUndefined();
  }
  for (let length = 0; length < record.length; length += 1) {
    expect(cipher.open(record.subarray(0, length)), `${length} bytes`).toBeUndefined();
  }
});

test('a cipher that has to know the length first (CCM) needs its sizes and no more', () => {
  // A kind of which there is no suite.
  const suite = { ...suiteOf(0xc02b), cipher: 'aes-128-ccm' } as object as CipherSuite;
  const cipher = new RecordCipher(suite, new Uint8Array(16).fill(7), new Uint8Array(4).fill(9));
  const record = seal(cipher, 23, 0x0102030405, HELLO);
  expect(hex(record)).toBe(
    '17fefd0001000102030405001d00010001020304050dd2b5f8f5d5b3f6da5eb317d0e5ed9a0426ccfd31',
  );
  expect(hex(cipher.open(record) ?? bytes('ff'))).toBe(hex(HELLO));
  record[record.length - 1] = 0;
  expect(cipher.open(record)).toBeUndefined();
});

test('keys of one direction do not open the other', () => {
  const keys = masterOf(0xc02b).trafficKeys();
  expect(keys.server.open(seal(keys.client, 23, 0, HELLO))).toBeUndefined();
});

test('nothing shows a secret', async () => {
  const { inspect } = await import('node:util');
  const master = masterOf(0xc02b);
  const text = inspect([master, master.trafficKeys()], { depth: 9, showHidden: true });
  expect(text).not.toMatch(/31bd613c|0313d47f|<Buffer|31 bd 61|Uint8Array/);
  expect(JSON.stringify(master)).toBe('{}');
});
