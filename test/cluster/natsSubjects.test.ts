/** Names of a bus as names of NATS: each has one text, none means anything to NATS, and none becomes another one. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microsOf } from '../../src/cluster/nats/jetStream.ts';
import { decodeKey, encodeKey, Names } from '../../src/cluster/nats/subjects.ts';
import { fcParameters } from '../support/fc.ts';

const CHARS = Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i));
const KIND = fc.stringMatching(/^[a-z0-9_-]{1,32}$/);
const NAME = fc.string({ unit: fc.constantFrom(...CHARS), minLength: 1, maxLength: 160 });
const KEY = fc.tuple(KIND, NAME).map(([kind, name]) => `${kind}/${name}`);

test('every key becomes two tokens without a wildcard, and comes back', () => {
  fc.assert(
    fc.property(KEY, (key) => {
      const subject = encodeKey(key);
      expect(subject).toMatch(/^[a-z0-9_-]{1,32}[.][A-Za-z0-9_=-]{1,480}$/);
      expect(decodeKey(`$KV.godot-enet.id.${subject}`)).toBe(key);
    }),
    fcParameters(),
  );
});

test('no two keys become the same', () => {
  fc.assert(
    fc.property(KEY, KEY, (one, other) => {
      fc.pre(one !== other);
      expect(encodeKey(one)).not.toBe(encodeKey(other));
    }),
    fcParameters(),
  );
  const all = CHARS.flatMap((char) => [`a/${char}`, `a/${char}${char}`, `a/=${char}`, `a/${char}2E`]);
  expect(new Set(all.map((key) => encodeKey(key))).size).toBe(new Set(all).size);
});

test('what no key becomes is none', () => {
  for (const subject of [
    '',
    'a',
    'a.',
    '.a',
    'A.b',
    'a.=',
    'a.=2',
    'a.=2e',
    'a.=41',
    'a.=20',
    'a.=0A',
    'a.b c',
    'a.*',
    'a.>',
  ])
    expect([subject, decodeKey(subject)]).toEqual([subject, undefined]);
});

test('the consumers of two inboxes have two names, which are names of files', () => {
  const names = new Names('godot-enet');
  const all = ['node/a', 'node/A', `node/${'*'.repeat(160)}`].map((inbox) => names.consumer(inbox));
  expect(new Set(all).size).toBe(3);
  for (const name of all) expect(name).toMatch(/^[0-9a-f]{32}$/);
});

test('times as servers write them, to the microsecond', () => {
  const ms = Date.UTC(2026, 10, 29, 12, 4, 40);
  expect(microsOf('2026-11-29T12:04:40Z')).toBe(ms * 1000);
  expect(microsOf('2026-11-29T12:04:40.1Z')).toBe(ms * 1000 + 100_000);
  expect(microsOf('2026-11-29T12:04:40.123456789Z')).toBe(ms * 1000 + 123_456);
  expect(microsOf('2026-11-29T14:04:40.5+02:00')).toBe(ms * 1000 + 500_000);
  for (const time of ['', 'now', '2026-11-29', '2026-11-29T12:04:40.Z'])
    expect(() => microsOf(time)).toThrow('the server tells a time that is none');
});
