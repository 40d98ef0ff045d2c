import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIp, formatIp, isIpv4Text, parseIp } from '../../src/enet/ip.ts';
import { fcParameters } from '../support/fc.ts';

describe('canonicalIp', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::00AB', '2001:db8::ab'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::FFFF:0a00:0007', '10.0.0.7'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['FE80::0:1%wlan-0.7', 'fe80::1%wlan-0.7'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  test.each([
    '',
    '*',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '[::1]',
    'fe80::1%',
    'fe80::1%a b',
    `::${'0'.repeat(200)}`,
  ])('%j is no address', (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  test('bytes -> text -> bytes, and the text is one that Node takes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc
        .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(0xffff)), {
          minLength: 8,
          maxLength: 8,
        })
        .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const text = formatIp(input);
        expect(isIpv4Text(text) ? isIPv4(text) : isIPv6(text)).toBe(true);
        expect(formatIp(parseIp(text)?.bytes ?? new Uint8Array())).toBe(text);
        expect(canonicalIp(text.toUpperCase())).toBe(text);
      }),
      fcParameters(),
    );
  });

  test('accepts exactly what Node accepts', () => {
    const text = fc.array(fc.constantFrom('0', '1', 'a', 'f', ':', '::', '.', '255', 'ffff', '1.2.3.4'), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(text, (parts) => {
        const input = parts.join('');
        expect(canonicalIp(input) !== undefined, input).toBe(isIPv4(input) || isIPv6(input));
      }),
      fcParameters(),
    );
  });

  test('formatIp refuses other lengths', () => {
    expect(() => formatIp(new Uint8Array(5))).toThrow('expected 4 or 16 bytes, got 5');
  });
});
