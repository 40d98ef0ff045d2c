/** pcapng as it is written: read again it is what was put in, and its IP and UDP headers are right. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDatagram, openCapture, pcapngHead, pcapngPacket } from '../../src/dissect/internal.ts';

const address = (ip: string): fc.Arbitrary<{ ip: string; port: number }> =>
  fc.record({ ip: fc.constant(ip), port: fc.integer({ min: 0, max: 65_535 }) });
const ends = fc.oneof(
  fc.record({ from: address('192.0.2.1'), to: address('203.0.113.255') }),
  fc.record({ from: address('2001:db8::1'), to: address('::1') }),
);
const datagrams = fc.array(
  fc.record({
    ends,
    bytes: fc.uint8Array({ maxLength: 1500 }),
    comment: fc.option(fc.string({ maxLength: 40 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 20 },
);

/** The ones' complement sum of what a checksum is about; 0xffff when it is right. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

describe('pcapng', () => {
  test('what is read is what was written, in order, with its times', () => {
    fc.assert(
      fc.property(datagrams, (list) => {
        const startMs = 1_795_996_455_908;
        const parts = list.map(({ ends: { from, to }, bytes, comment }, index) =>
          pcapngPacket({ timeMs: startMs + index * 0.25, from, to, bytes, comment }),
        );
        const file = Buffer.concat([pcapngHead(), ...parts.map((part) => part ?? new Uint8Array())]);
        const read = [...openCapture(file).entries].filter(isDatagram);
        const name = ({ ip, port }: { ip: string; port: number }): string =>
          ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
        expect(read.map(({ from, to, bytes }) => [from, to, [...bytes]])).toEqual(
          list.map((one) => [name(one.ends.from), name(one.ends.to), [...one.bytes]]),
        );
        for (const [index, { timeMs }] of read.entries()) expect(timeMs).toBeCloseTo(index * 0.25, 2);
      }),
      { numRuns: 50 },
    );
  });

  test('the checksums of IPv4 and of UDP over both are right', () => {
    fc.assert(
      fc.property(ends, fc.uint8Array({ maxLength: 200 }), ({ from, to }, bytes) => {
        const block = pcapngPacket({ timeMs: 0, from, to, bytes, comment: undefined }) ?? new Uint8Array();
        const length = new DataView(block.buffer).getUint32(20, true);
        const packet = block.subarray(28, 28 + length);
        const isV4 = packet[0] === 0x45;
        const head = isV4 ? 20 : 40;
        if (isV4) expect(sumOf(packet.subarray(0, 20))).toBe(0xffff);
        const segment = packet.subarray(head);
        const pseudo = [
          ...packet.subarray(isV4 ? 12 : 8, head),
          0,
          17,
          segment.length >> 8,
          segment.length & 255,
        ];
        expect(sumOf(Uint8Array.from([...pseudo, ...segment]))).toBe(0xffff);
      }),
    );
  });

  test('an end that is no address, or of another kind than the other one, is not written', () => {
    const one = { ip: '192.0.2.1', port: 1 };
    for (const to of [
      { ip: 'example.com', port: 2 },
      { ip: '::1', port: 2 },
      { ip: '', port: 2 },
    ])
      expect(
        pcapngPacket({ timeMs: 0, from: one, to, bytes: new Uint8Array(3), comment: undefined }),
      ).toBeUndefined();
  });
});
