import { describe, expect, test } from 'vitest';
import { type Capture, CaptureError, isDatagram } from '../../src/dissect/capture/capturedDatagram.ts';
import { MAX_TEXT_BYTES, openCapture } from '../../src/dissect/capture/openCapture.ts';
import { parseHex } from '../../src/dissect/capture/textCapture.ts';
import { hex } from '../support/hex.ts';
import {
  block,
  enhanced,
  ethernet,
  ipv4,
  ipv6,
  join,
  networkInterface,
  numbers,
  pcap,
  section,
  udp,
} from './captureFiles.ts';

const PING = Uint8Array.of(0x80, 0, 0, 1, 0x85, 0xff, 0, 3);
const frame = (bytes: Uint8Array, seconds = 100, fraction = 0) => ({ seconds, fraction, bytes });
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Datagrams as `time from>to hex`, skipped frames as `@offset reason`, and the error that ended it. */
function read(file: Uint8Array): string[] {
  const lines: string[] = [];
  try {
    for (const entry of openCapture(file).entries) {
      lines.push(
        isDatagram(entry)
          ? `${entry.timeMs} ${entry.from}>${entry.to} ${hex(entry.bytes)}`
          : `@${entry.at} ${entry.reason ?? 'no UDP'}`,
      );
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    lines.push(error.message);
  }
  return lines;
}

const V4 = '10.0.0.1:5000>10.0.0.2:7777';
const V6 = '[fe80::1]:5000>[::1]:7777';
const PING_HEX = hex(PING);

describe('pcap', () => {
  test.each([
    ['little endian, µs', true, false, 250_000],
    ['big endian, µs', false, false, 250_000],
    ['little endian, ns', true, true, 250_000_000],
    ['big endian, ns', false, true, 250_000_000],
  ])('%s: times count from the first datagram', (_, isLittle, isNano, fraction) => {
    const packet = ethernet(ipv4(udp(PING)));
    const file = pcap(1, [frame(packet), frame(packet, 101, fraction)], isLittle, isNano);
    expect(openCapture(file).kind).toBe('pcap');
    expect(read(file)).toEqual([`0 ${V4} ${PING_HEX}`, `1250 ${V4} ${PING_HEX}`]);
  });

  const v4 = ipv4(udp(PING));
  const v6 = ipv6(udp(PING));
  const loop = (family: number, isLittle: boolean, packet: Uint8Array) =>
    join(numbers(isLittle, [4, family]), packet);
  test.each([
    ['Ethernet', 1, ethernet(v4), V4],
    ['Ethernet, padded to 60 bytes', 1, join(ethernet(v4), new Uint8Array(10)), V4],
    ['Ethernet, IPv6', 1, ethernet(v6, 0x86dd), V6],
    ['Ethernet, VLAN', 1, ethernet(v4, 0x0800, [0x8100]), V4],
    ['Ethernet, two VLANs', 1, ethernet(v6, 0x86dd, [0x88a8, 0x8100]), V6],
    ['IPv4 with options', 1, ethernet(ipv4(udp(PING), 17, 0, 8)), V4],
    ['"do not fragment"', 1, ethernet(ipv4(udp(PING), 17, 0x4000)), V4],
    ['raw IPv4', 101, v4, V4],
    ['raw IPv6', 101, v6, V6],
    ['LINKTYPE_IPV4', 228, v4, V4],
    ['LINKTYPE_IPV6', 229, v6, V6],
    ['BSD loopback', 0, loop(2, true, v4), V4],
    ['OpenBSD loopback', 108, loop(24, false, v6), V6],
    ['Linux cooked v1', 113, join(new Uint8Array(14), numbers(false, [2, 0x0800]), v4), V4],
    ['Linux cooked v2', 276, join(numbers(false, [2, 0x86dd]), new Uint8Array(18), v6), V6],
    [
      'IPv6 with extension headers',
      101,
      ipv6(
        join(Uint8Array.of(60, 0, 0, 0, 0, 0, 0, 0), Uint8Array.of(17, 1), new Uint8Array(14), udp(PING)),
        0,
      ),
      V6,
    ],
  ])('%s', (_, linkType, bytes, ends) => {
    expect(read(pcap(linkType, [frame(bytes)]))).toEqual([`0 ${ends} ${PING_HEX}`]);
  });

  test.each([
    ['ARP', ethernet(new Uint8Array(28), 0x0806), 'no UDP'],
    ['TCP', ethernet(ipv4(new Uint8Array(20), 6)), 'no UDP'],
    ['an empty frame', new Uint8Array(), 'no UDP'],
    ['nothing but VLAN tags', ethernet(new Uint8Array(), 0x8100, Array(5000).fill(0x8100)), 'no UDP'],
    ['a cut IPv4 header', ethernet(ipv4(udp(PING)).subarray(0, 12)), 'the IPv4 header is cut off'],
    [
      'a bad IPv4 header',
      ethernet(join(Uint8Array.of(0x42), ipv4(udp(PING)).subarray(1))),
      'the IPv4 header has a bad length',
    ],
    ['a cut IPv6 header', ethernet(ipv6(udp(PING)).subarray(0, 39), 0x86dd), 'the IPv6 header is cut off'],
    [
      'a cut IPv6 extension',
      ethernet(ipv6(new Uint8Array(7), 0), 0x86dd),
      'an IPv6 extension header is cut off',
    ],
    ['an IPv4 fragment', ethernet(ipv4(udp(PING), 17, 0x2000)), 'it is a fragment of an IPv4 packet'],
    [
      'an IPv6 fragment',
      ethernet(ipv6(join(Uint8Array.of(17), new Uint8Array(23)), 44), 0x86dd),
      'it is a fragment of an IPv6 packet',
    ],
    ['a cut UDP header', ethernet(ipv4(udp(PING).subarray(0, 7))), 'the UDP header is cut off'],
    ['a bad UDP length', ethernet(ipv4(udp(PING, 7))), 'the UDP header has a bad length (7)'],
    [
      'a short snap length',
      ethernet(ipv4(udp(PING, 900))),
      'only 16 of 900 UDP bytes were captured; capture with a larger snap length',
    ],
  ])('%s is passed over with its reason, and what follows is read', (_, bytes, reason) => {
    const file = pcap(1, [frame(bytes), frame(ethernet(ipv4(udp(PING))))]);
    expect(read(file)).toEqual([`@24 ${reason}`, `0 ${V4} ${PING_HEX}`]);
  });

  test('a truncated file gives what is whole and then the offset of the cut', () => {
    const file = pcap(101, [frame(ipv4(udp(PING))), frame(ipv4(udp(PING)))]);
    const second = 24 + 16 + 36;
    expect(file).toHaveLength(second + 16 + 36);
    for (let length = 4; length < file.length; length++) {
      const lines = read(file.subarray(0, length));
      if (length < 24) expect(lines).toEqual([`the pcap header is cut off after ${length} bytes`]);
      else if (length === 24) expect(lines).toEqual([]);
      else if (length < 40) expect(lines).toEqual(['the packet header at byte 24 is cut off']);
      else if (length < second) expect(lines).toEqual(['the packet at byte 24 is cut off']);
      else if (length === second) expect(lines).toEqual([`0 ${V4} ${PING_HEX}`]);
      else if (length < second + 16) {
        expect(lines).toEqual([`0 ${V4} ${PING_HEX}`, `the packet header at byte ${second} is cut off`]);
      } else expect(lines).toEqual([`0 ${V4} ${PING_HEX}`, `the packet at byte ${second} is cut off`]);
    }
  });

  test('an unknown link type is an error with offset and number', () => {
    expect(read(pcap(147, [frame(PING)]))).toEqual(['the frame at byte 24: link type 147 cannot be read']);
  });

  test('the bits for a frame check sequence do not change the link type', () => {
    expect(read(pcap(0x2400_0001, [frame(ethernet(ipv4(udp(PING))))]))).toEqual([`0 ${V4} ${PING_HEX}`]);
  });
});

describe('pcapng', () => {
  const packet = ethernet(ipv4(udp(PING)));

  test.each([
    ['little endian', true],
    ['big endian', false],
  ])('%s: interfaces, resolutions, other blocks', (_, isLittle) => {
    const file = join(
      section(isLittle),
      networkInterface(isLittle, 1),
      networkInterface(isLittle, 101, 9),
      networkInterface(isLittle, 101, 0x80 | 10),
      enhanced(isLittle, 0, 5_000_000, packet),
      block(isLittle, 5, new Uint8Array(20)),
      enhanced(isLittle, 1, 5_001_500_000, ipv6(udp(PING))),
      enhanced(isLittle, 2, 6 * 1024, ipv4(udp(PING))),
    );
    expect(openCapture(file).kind).toBe('pcapng');
    expect(read(file)).toEqual([`0 ${V4} ${PING_HEX}`, `1.5 ${V6} ${PING_HEX}`, `1000 ${V4} ${PING_HEX}`]);
  });

  test('frames of an interface of another kind are passed over with their reason', () => {
    const file = join(
      section(),
      networkInterface(true, 189),
      networkInterface(true, 1),
      enhanced(true, 0, 0, packet),
      enhanced(true, 1, 0, packet),
    );
    expect(read(file)).toEqual(['@68 link type 189 cannot be read', `0 ${V4} ${PING_HEX}`]);
  });

  test('times above 32 bits, simple packets and a second section of another byte order', () => {
    const micros = 1_700_000_000_000_000;
    const file = join(
      section(),
      networkInterface(true, 1),
      enhanced(true, 0, micros, packet),
      enhanced(true, 0, micros + 2_500, packet),
      section(false),
      networkInterface(false, 101),
      enhanced(false, 0, micros + 7_000, ipv4(udp(PING))),
    );
    expect(read(file)).toEqual([`0 ${V4} ${PING_HEX}`, `2.5 ${V4} ${PING_HEX}`, `7 ${V4} ${PING_HEX}`]);
    const simple = join(
      section(),
      networkInterface(true, 1),
      block(true, 3, join(numbers(true, [4, packet.length]), packet)),
    );
    expect(read(simple)).toEqual([`0 ${V4} ${PING_HEX}`]);
  });

  const head = join(section(), networkInterface(true, 1));
  test.each([
    ['a header alone', section().subarray(0, 8), 'the block at byte 0 is cut off'],
    [
      'no byte order mark',
      join(section().subarray(0, 8), new Uint8Array(20)),
      'the section at byte 0 has no byte order mark',
    ],
    [
      'a cut block',
      join(head, enhanced(true, 0, 0, packet).subarray(0, 40)),
      `the block at byte ${head.length} has a bad length (${enhanced(true, 0, 0, packet).length})`,
    ],
    [
      'a length of 0',
      join(head, numbers(true, [4, 6], [4, 0], [4, 0])),
      `the block at byte ${head.length} has a bad length (0)`,
    ],
    [
      'no interface',
      join(section(), enhanced(true, 0, 0, packet)),
      'the packet at byte 28 names an interface that is not there',
    ],
    [
      'a short interface',
      join(section(), block(true, 1, new Uint8Array(4))),
      'the interface block at byte 28 is too short',
    ],
    [
      'a short packet block',
      join(head, block(true, 6, new Uint8Array(16))),
      `the packet block at byte ${head.length} is too short`,
    ],
    [
      'a packet longer than its block',
      join(head, block(true, 6, numbers(true, [4, 0], [4, 0], [4, 0], [4, 99], [4, 99]))),
      `the packet at byte ${head.length} is cut off`,
    ],
    [
      'a simple packet without interface',
      join(section(), block(true, 3, numbers(true, [4, 0]))),
      'the packet at byte 28 has no interface',
    ],
  ])('%s is an error with its offset', (_, file, message) => {
    expect(read(file)).toEqual([message]);
  });
});

describe('text', () => {
  test('hexadecimal: comments, empty lines, spaces, colons, prefixes, CRLF, a byte order mark', () => {
    const file = text('\ufeff# two datagrams\r\n\r\n80 00:00 01 0x85 ff0003 # a ping\r\n0x00FF\n');
    const capture: Capture = openCapture(file);
    expect([capture.kind, capture.compression]).toEqual(['hex', undefined]);
    expect(read(file)).toEqual([`0 > ${PING_HEX}`, '0 > 00ff']);
  });

  test.each([
    ['8000\n123', 'line 2 expected an even number of hexadecimal digits'],
    ['hello', 'line 1 expected an even number of hexadecimal digits'],
    ['a0x5', 'line 1 expected an even number of hexadecimal digits'],
  ])('%j names its line', (content, message) => {
    expect(read(text(content)).at(-1)).toBe(message);
  });

  test('a session', () => {
    const capture = openCapture(
      text('{"compression":"zlib","datagrams":[[1.5,"client","8000"],[2,"server",""]]}'),
    );
    expect([capture.kind, capture.compression]).toEqual(['session', 'zlib']);
    expect(
      [...capture.entries].map((entry) => (isDatagram(entry) ? [entry.timeMs, entry.from] : [])),
    ).toEqual([
      [1.5, 'client'],
      [2, 'server'],
    ]);
  });

  test.each([
    ['{', /^not JSON: /],
    ['{}', /^a session needs an array "datagrams"$/],
    ['{"datagrams":{}}', /^a session needs an array "datagrams"$/],
    ['{"datagrams":[],"compression":{"toString":1}}', /^"compression" of a session expected a name$/],
    [
      '{"datagrams":[[0,"a","00"],[0,{"toString":1},"00"]]}',
      /^datagrams\[1\] expected \[milliseconds, sender, hex\]$/,
    ],
    ['{"datagrams":[["0","a","00"]]}', /^datagrams\[0\] expected/],
    ['{"datagrams":[null]}', /^datagrams\[0\] expected/],
    ['{"datagrams":[[0,"a","0"]]}', /^datagrams\[0\] expected an even number of hexadecimal digits$/],
  ])('a damaged session %s', (content, message) => {
    expect(read(text(content)).at(-1)).toMatch(message);
  });

  test('a file of another kind and too much text are refused', () => {
    expect(read(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0))).toEqual([
      'neither pcap, pcapng nor text: there is a zero byte at 7; only hexadecimal text and dumps, sessions in JSON, pcap and pcapng files can be read, all of them also in gzip',
    ]);
    const large = new Uint8Array(MAX_TEXT_BYTES + 1).fill(0x20);
    expect(read(large)).toEqual([
      `${large.length} bytes of text are more than can be read (${MAX_TEXT_BYTES})`,
    ]);
  });

  test('an empty file holds nothing', () => {
    expect(read(new Uint8Array())).toEqual([]);
  });

  test('parseHex', () => {
    expect(parseHex('80 00')).toEqual(Uint8Array.of(0x80, 0));
    expect(parseHex('')).toEqual(new Uint8Array());
    expect(parseHex('8')).toBeUndefined();
    expect(parseHex('zz')).toBeUndefined();
  });
});
