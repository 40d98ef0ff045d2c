/**
 * AES-GCM for short records, whose GHASH is ours: the vectors of the standard's authors and of Wycheproof
 * (golden/README.md), and node:crypto as the slow twin.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import wycheproof from '../../golden/crypto/aes-gcm-wycheproof.json' with { type: 'json' };
import { findSuite } from '../../src/dtls/record/cipherSuites.ts';
import { writeRecordHeader } from '../../src/dtls/record/record.ts';
import { RecordCipher } from '../../src/dtls/record/recordCipher.ts';
import { SHORT_BYTES, ShortGcm } from '../../src/dtls/record/shortGcm.ts';
import { slowOpen, slowSeal } from '../reference/slowGcm.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes, hex } from '../support/hex.ts';

function gcmOf(key: Uint8Array): ShortGcm {
  const gcm = ShortGcm.create(key);
  if (gcm === undefined) throw new Error('there is no WebAssembly');
  return gcm;
}

function sealWith(gcm: ShortGcm, nonce: Uint8Array, additional: Uint8Array, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length + 16);
  gcm.seal(nonce, additional, content, out, 0);
  return out;
}

const NONCE = bytes('cafebabefacedbaddecaf888');
const CONTENT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';

/** Test cases 1, 4 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B. */
const AUTHORS: readonly (readonly string[])[] = [
  [
    '00000000000000000000000000000000',
    '000000000000000000000000',
    '',
    '',
    '58e2fccefa7e3061367f1d57a4e7455a',
  ],
  [
    'feffe9928665731c6d6a8f9467308308',
    hex(NONCE),
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    CONTENT,
    '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47',
  ],
  [
    'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    hex(NONCE),
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    CONTENT,
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  ],
];

test.each(AUTHORS)(
  'the authors: key %s',
  (key = '', nonce = '', additional = '', content = '', sealed = '') => {
    const gcm = gcmOf(bytes(key));
    expect(hex(sealWith(gcm, bytes(nonce), bytes(additional), bytes(content)))).toBe(sealed);
    expect(hex(gcm.open(bytes(nonce), bytes(additional), bytes(sealed)) ?? bytes('ff'))).toBe(content);
  },
);

test('Wycheproof', () => {
  let checked = 0;
  for (const [id, comment, ...rest] of wycheproof) {
    const [key, nonce, additional, content, encrypted, tag] = rest.map((text) => bytes(String(text)));
    if (!key || !nonce || !additional || !content || !encrypted || !tag) throw new Error(`row ${id}`);
    if (Math.max(content.length, additional.length) > SHORT_BYTES) continue;
    const gcm = gcmOf(key);
    const sealed = Uint8Array.of(...encrypted, ...tag);
    const isValid = rest.at(-1) === 'valid';
    const name = `${id} ${comment}`;
    expect(hex(sealWith(gcm, nonce, additional, content)) === hex(sealed), name).toBe(isValid);
    expect(gcm.open(nonce, additional, sealed), name).toEqual(isValid ? content : undefined);
    checked += 1;
  }
  expect(checked).toBeGreaterThan(120);
});

const key = fc
  .constantFrom(16, 32)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });
const additional = fc.uint8Array({ maxLength: 70 });
const content = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.uint8Array({ maxLength: SHORT_BYTES, size: 'max' }),
);

test('it is what node:crypto makes, whatever was in the memory before', () => {
  fc.assert(
    fc.property(key, nonce, additional, content, key, (first, iv, more, text, second) => {
      const gcm = gcmOf(first);
      sealWith(
        gcmOf(second),
        iv,
        text.subarray(0, 70),
        Uint8Array.of(...text, ...more).subarray(0, SHORT_BYTES),
      );
      const sealed = sealWith(gcm, iv, more, text);
      expect(hex(sealed)).toBe(hex(slowSeal(first, iv, more, text)));
      expect(gcm.open(iv, more, sealed)).toEqual(text);
    }),
    fcParameters(300),
  );
});

test('nonces in a row, with gaps, repetitions, forgeries and other lengths in between', () => {
  const step = fc.record({
    to: fc.oneof(
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: -3, max: 6 }) },
    ),
    length: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 0, max: SHORT_BYTES })),
    isForged: fc.integer({ min: 0, max: 5 }).map((dice) => dice === 0),
  });
  const start = fc.constantFrom(0, 5, 2 ** 32 - 3);
  fc.assert(
    fc.property(key, start, fc.array(step, { maxLength: 30 }), (one, first, steps) => {
      const [sealing, opening] = [gcmOf(one), gcmOf(one)];
      let number = first;
      for (const { to, length, isForged } of steps) {
        number = Math.max(0, number + to);
        const iv = Buffer.alloc(12, 9);
        iv.writeUIntBE(number, 6, 6);
        const text = new Uint8Array(length).fill(number);
        const sealed = slowSeal(one, iv, NONCE, text);
        expect(hex(sealWith(sealing, iv, NONCE, text))).toBe(hex(sealed));
        if (isForged) sealed[0] = (sealed[0] ?? 0) ^ 1;
        expect(opening.open(iv, NONCE, sealed)).toEqual(isForged ? undefined : text);
      }
    }),
    fcParameters(100),
  );
});

test('it opens what node:crypto opens, and nothing else', () => {
  fc.assert(
    fc.property(key, nonce, additional, content, fc.nat(), fc.nat(7), (one, iv, more, text, at, bit) => {
      const sealed = slowSeal(one, iv, more, text);
      const place = at % sealed.length;
      sealed[place] = (sealed[place] ?? 0) ^ (1 << bit);
      expect(slowOpen(one, iv, more, sealed)).toBeUndefined();
      expect(gcmOf(one).open(iv, more, sealed)).toBeUndefined();
    }),
    fcParameters(300),
  );
});

test('every bit of the tag counts', () => {
  const gcm = gcmOf(bytes('feffe9928665731c6d6a8f9467308308'));
  const text = bytes(CONTENT);
  const sealed = sealWith(gcm, NONCE, text.subarray(0, 13), text);
  for (let bit = 0; bit < 128; bit += 1) {
    const changed = sealed.slice();
    const at = text.length + (bit >> 3);
    changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
    expect(gcm.open(NONCE, text.subarray(0, 13), changed), `bit ${bit}`).toBeUndefined();
  }
});

test('what is longer than the memory is refused', () => {
  const gcm = gcmOf(new Uint8Array(16));
  const long = new Uint8Array(SHORT_BYTES + 1);
  const none = new Uint8Array(0);
  expect(() => sealWith(gcm, NONCE, none, long)).toThrow(RangeError);
  expect(() => sealWith(gcm, NONCE, long, none)).toThrow(RangeError);
  expect(() => sealWith(gcm, NONCE.subarray(1), none, none)).toThrow(RangeError);
  expect(() => gcm.open(NONCE, none, new Uint8Array(15))).toThrow(RangeError);
});

describe('records', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test('a process that gets no memory for WebAssembly seals them, too', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', {
      Module: class {},
      // As V8 does under `ulimit -v`: it takes 8 GiB of addresses for the smallest memory.
      Instance: class {
        constructor() {
          throw new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory');
        }
      },
    });
    const { RecordCipher: Other, prepareRecordCiphers } = await import(
      '../../src/dtls/record/recordCipher.ts'
    );
    prepareRecordCiphers();
    const suite = findSuite(0xc02b);
    if (suite === undefined) throw new Error('no suite');
    const record = new Uint8Array(13 + 5 + 24);
    writeRecordHeader(record, 23, 0xfefd, 1, 1, 29);
    new Other(suite, new Uint8Array(16), bytes('01020304')).seal(record, Uint8Array.of(1, 2, 3, 4, 5));
    const opened = new RecordCipher(suite, new Uint8Array(16), bytes('01020304')).open(record);
    expect(opened).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  test.each([0xc02b, 0xc02c])(
    'suite %i: on both sides of the limit they are what node:crypto makes',
    async (id) => {
      const suite = findSuite(id);
      if (suite === undefined) throw new Error('no suite');
      const secret = Uint8Array.from({ length: suite.keyBytes }, (_, index) => index);
      const salt = bytes('01020304');
      const fast = new RecordCipher(suite, secret, salt);
      // Without WebAssembly all records take the way of node:crypto.
      vi.resetModules();
      vi.stubGlobal('WebAssembly', undefined);
      const { RecordCipher: SlowRecordCipher } = await import('../../src/dtls/record/recordCipher.ts');
      const slow = new SlowRecordCipher(suite, secret, salt);
      for (const length of [0, 1, 15, 16, 17, 100, SHORT_BYTES - 1, SHORT_BYTES, SHORT_BYTES + 1, 1390]) {
        const record = new Uint8Array(13 + length + fast.overhead);
        writeRecordHeader(record, 23, 0xfefd, 1, 2 ** 40 + length, record.length - 13);
        const other = record.slice();
        const text = new Uint8Array(length).fill(length);
        fast.seal(record, text);
        slow.seal(other, text);
        expect(hex(record), `${length} bytes`).toBe(hex(other));
        expect(fast.open(other)).toEqual(text);
        expect(slow.open(record)).toEqual(text);
      }
    },
  );
});
