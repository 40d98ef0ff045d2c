import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp } from '../../src/enet/ip.ts';
import { AF_INET, AF_INET6, SOCKADDR_WORDS, SockaddrTable, type Zones } from '../../src/io/sockaddr.ts';
import { fcParameters } from '../support/fc.ts';

const zones: Zones = {
  indexOf: (zone) => (zone === 'eth0' ? 3 : 0),
  nameOf: (index) => (index === 3 ? 'eth0' : String(index)),
};

function hex(words: Uint32Array | undefined, bytes: number): string {
  return words === undefined ? 'none' : Buffer.from(words.buffer).subarray(0, bytes).toString('hex');
}

describe('C form of addresses', () => {
  test.each([
    [AF_INET, '127.0.0.1', 4242, `0200${'1092'}7f000001${'00'.repeat(8)}`],
    [AF_INET6, '127.0.0.1', 4242, `0a00109200000000${'00'.repeat(10)}ffff7f00000100000000`],
    [AF_INET6, '::1', 1, `0a00000100000000${'00'.repeat(15)}0100000000`],
    [AF_INET6, 'fe80::2%eth0', 65_535, `0a00ffff00000000fe80${'00'.repeat(13)}0203000000`],
  ])('family %d, %s port %d', (family, ip, port, expected) => {
    const table = new SockaddrTable(family === AF_INET6, zones);
    const words = table.encode({ ip, port });
    expect(hex(words, table.byteLength)).toBe(expected);
    expect(table.decode(words ?? new Uint32Array(), 0)).toEqual({ ip, port });
  });

  test.each([
    [false, '::1', 5],
    [false, '127.0.0.1', 0],
    [true, '127.0.0.1', 65_536],
    [true, '127.0.0.1', 1.5],
    [true, 'name', 5],
    [true, 'fe80::1%nowhere', 5],
  ])('cannot be sent to (IPv6 socket: %s): %s port %d', (isIpv6, ip, port) => {
    expect(new SockaddrTable(isIpv6, zones).encode({ ip, port })).toBeUndefined();
  });

  test('any address survives, at any place of an array, as one object', () => {
    const ip = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(ip, fc.integer({ min: 1, max: 65_535 }), fc.nat(3), (bytes, port, slot) => {
        const table = new SockaddrTable(true, zones);
        const address = { ip: formatIp(bytes), port };
        const words = new Uint32Array(4 * SOCKADDR_WORDS);
        words.set(table.encode(address) ?? [], slot * SOCKADDR_WORDS);
        const decoded = table.decode(words, slot * SOCKADDR_WORDS);
        expect(decoded).toEqual(address);
        expect(table.decode(words, slot * SOCKADDR_WORDS)).toBe(decoded);
        expect(table.encode(decoded)).toEqual(table.encode(address));
      }),
      fcParameters(),
    );
  });

  test('a flood of sources is bounded and does not drive out who keeps sending', () => {
    const table = new SockaddrTable(true, zones, 64);
    const source = (index: number): Uint32Array =>
      table.encode({
        ip: index % 2 === 0 ? `10.0.${index >> 8}.${index & 0xff}` : `2001:db8::${index.toString(16)}`,
        port: 9,
      }) ?? new Uint32Array();
    const busy = [table.decode(source(0), 0), table.decode(source(1), 0)];
    for (let index = 2; index < 10_000; index += 1) {
      table.decode(source(index), 0);
      if (index % 32 === 0) {
        expect(table.decode(source(0), 0)).toBe(busy[0]);
        expect(table.decode(source(1), 0)).toBe(busy[1]);
      }
      expect(table.size).toBeLessThanOrEqual(256);
    }
  });
});
