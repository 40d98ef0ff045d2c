import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIpAddress, isBindAddress } from '../../src/godot/ipAddress.ts';
import { fcParameters } from '../support/fc.ts';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.168.1.2', '192.168.1.2'],
  ['::ffff:c0a8:102', '192.168.1.2'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['2001:db8::A', '2001:db8:0:0:0:0:0:a'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
  ['0001:0002:0003:0004:0005:0006:0007:0008', '1:2:3:4:5:6:7:8'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0:0:0:102:304'],
])('2.6 %s is shown as %s', (ip, shown) => {
  expect(formatIpAddress(ip)).toBe(shown);
  expect(isBindAddress(ip)).toBe(true);
});

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.',
  ' 1.2.3.4',
  '01.2.3.4',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '12345::',
  'g::',
  '::1%',
  '::1%a%b',
  '1.2.3.4::',
  `::${'0'.repeat(200)}`,
])('2.6 %j is no address', (ip) => {
  expect(isBindAddress(ip)).toBe(false);
  expect(formatIpAddress(ip)).toBe(ip);
});

test.each([undefined, null, 5, ['127.0.0.1'], {}])('%j is no bind address', (value) => {
  expect(isBindAddress(value)).toBe(false);
});

test('"*" is the wildcard', () => {
  expect(isBindAddress('*')).toBe(true);
});

test('every IPv6 address comes back as its eight groups, however it was shortened', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.nat(7),
      fc.nat(8),
      (groups, from, count) => {
        const to = Math.min(8, from + count);
        const isZeroRun = to > from && groups.slice(from, to).every((value) => value === 0);
        const hex = groups.map((value) => value.toString(16));
        const short = isZeroRun
          ? `${hex.slice(0, from).join(':')}::${hex.slice(to).join(':')}`
          : hex.join(':');
        const isMapped = groups.slice(0, 5).every((value) => value === 0) && groups[5] === 0xffff;
        fc.pre(!isMapped);
        expect(formatIpAddress(short)).toBe(hex.join(':'));
      },
    ),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%]{0,40}$/)), (ip) => {
      expect(typeof formatIpAddress(ip)).toBe('string');
    }),
    fcParameters(),
  );
});
