import { describe, expect, test } from 'vitest';
import { AddressRules, limitKey } from '../../src/enet/addressRules.ts';

describe('AddressRules', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['192.168.1.128/25', '192.168.1.129', true],
    ['192.168.1.128/25', '192.168.1.127', false],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '::1', false],
    ['1.2.3.4', '1.2.3.4', true],
    ['1.2.3.4', '1.2.3.5', false],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::1', '::1', true],
    ['::/0', '2001:db8::1', true],
    ['::/0', '10.0.0.1', false],
    ['10.0.0.0/8', 'nonsense', false],
  ])('%s covers %s: %s', (prefix, ip, covers) => {
    expect(new AddressRules('allow', [prefix]).covers(ip)).toBe(covers);
  });

  test.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0/8',
    '::/129',
    'a/8',
    '1.2.3.4/8/8',
    'fe80::1%eth0',
    '10.0.0.0/8.5',
    '::ffff:10.0.0.0/90',
  ])('%j is refused by name', (prefix) => {
    expect(() => new AddressRules('deny', [prefix])).toThrow(/"deny" expected/);
  });
});

test('limits take an IPv6 network of 64 bits for one address', () => {
  expect(limitKey('2001:db8::1')).toBe(limitKey('2001:db8::ffff:1'));
  expect(limitKey('2001:db8::1')).not.toBe(limitKey('2001:db8:0:1::1'));
  expect(limitKey('10.0.0.1')).not.toBe(limitKey('10.0.0.2'));
});
