/** The parts of the record layer that have no keys: headers, numbers, the replay window, pieces of messages. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Counters } from '../../src/dtls/counters.ts';
import { readClientExtensions } from '../../src/dtls/handshake/extensions.ts';
import {
  encodeFragment,
  readClientHello,
  readFragments,
  readServerHello,
  readServerKeyExchange,
} from '../../src/dtls/handshake/handshakeMessages.ts';
import { MAX_REASSEMBLY_MESSAGES, Reassembly } from '../../src/dtls/handshake/reassembly.ts';
import { HandshakeError } from '../../src/dtls/protocol.ts';
import { forEachRecord } from '../../src/dtls/record/datagram.ts';
import { LAST_SEQUENCE, readRecord, writeRecordHeader } from '../../src/dtls/record/record.ts';
import { RecordWriter, SequenceExhausted } from '../../src/dtls/record/recordWriter.ts';
import { ReplayWindow } from '../../src/dtls/record/replayWindow.ts';
import { fcParameters } from '../support/fc.ts';
import { hex } from '../support/hex.ts';

describe('records', () => {
  test('a header reads as it was written', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(65_535),
        fc.nat(65_535),
        fc.maxSafeNat().map((n) => n % 2 ** 48),
        fc.uint8Array({ maxLength: 40 }),
        (type, version, epoch, sequence, payload) => {
          const bytes = new Uint8Array(13 + payload.length);
          writeRecordHeader(bytes, type, version, epoch, sequence, payload.length);
          bytes.set(payload, 13);
          expect(readRecord(bytes, 0)).toEqual({ type, version, epoch, sequence, whole: bytes, payload });
        },
      ),
      fcParameters(),
    );
  });

  test('what is no whole record is not read', () => {
    const record = new RecordWriter().write(0, 22, Uint8Array.of(1, 2, 3));
    for (let length = 0; length < record.length; length += 1) {
      expect(readRecord(record.subarray(0, length), 0)).toBeUndefined();
    }
  });

  test('any datagram is taken apart without harm and in bounded work', () => {
    const header = fc.tuple(fc.constantFrom(20, 21, 22, 23, 99), fc.constantFrom(0xfd, 0xff, 0), fc.nat(3));
    const record = fc.tuple(header, fc.uint8Array({ maxLength: 30 })).map(([[type, low, epoch], body]) => {
      const bytes = new Uint8Array(13 + body.length);
      writeRecordHeader(bytes, type, 0xfe00 | low, epoch, 1, body.length);
      bytes.set(body, 13);
      return bytes;
    });
    const datagram = fc.array(fc.oneof(record, fc.uint8Array({ maxLength: 9 })), { maxLength: 90 });
    fc.assert(
      fc.property(datagram, (parts) => {
        let calls = 0;
        const counters = new Counters();
        forEachRecord(Buffer.concat(parts), counters, ({ epoch, whole }) => {
          calls += 1;
          expect(epoch).toBeLessThanOrEqual(1);
          expect(whole.length).toBeGreaterThanOrEqual(13);
        });
        expect(calls).toBeLessThanOrEqual(64);
      }),
      fcParameters(),
    );
  });

  test('numbers go up by one, the two epochs apart, and end', () => {
    const writer = new RecordWriter(LAST_SEQUENCE - 1);
    const sequence = (): number => readRecord(writer.write(0, 22, new Uint8Array(0)), 0)?.sequence ?? -1;
    expect(sequence()).toBe(LAST_SEQUENCE - 1);
    expect(sequence()).toBe(LAST_SEQUENCE);
    expect(sequence).toThrow(SequenceExhausted);
    expect(sequence).toThrow(SequenceExhausted);
    expect(() => writer.write(1, 23, new Uint8Array(0))).toThrow('no keys');
  });
});

test('the replay window agrees with a list of what was seen', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 300 }), (numbers) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      for (const number of numbers) {
        const highest = Math.max(-1, ...seen);
        const isNew = !seen.has(number) && highest - number < 64;
        expect(window.isNew(number)).toBe(isNew);
        if (isNew) {
          window.mark(number);
          seen.add(number);
        }
      }
    }),
    fcParameters(),
  );
});

test('the replay window reaches the last number', () => {
  const window = new ReplayWindow();
  window.mark(0);
  window.mark(LAST_SEQUENCE);
  expect([LAST_SEQUENCE, LAST_SEQUENCE - 63, LAST_SEQUENCE - 64, 0].map((n) => window.isNew(n))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

describe('pieces of messages', () => {
  const cut = (type: number, seq: number, body: Uint8Array, starts: readonly number[], size: number) =>
    starts.map((start) => encodeFragment(type, seq, body, start, Math.min(size, body.length - start)));

  test('any order, repeated and overlapping: the messages come out whole and in order', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 120 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        messages,
        fc.integer({ min: 1, max: 50 }),
        fc.infiniteStream(fc.nat(1_000_000)),
        (bodies, step, order) => {
          const pieces = bodies.flatMap((body, seq) => {
            const starts = Array.from(
              { length: Math.max(1, Math.ceil(body.length / step)) },
              (_, i) => i * step,
            );
            return [...cut(7, seq, body, starts, step + 5), ...cut(7, seq, body, starts, step)];
          });
          const shuffled = pieces
            .map((piece) => ({ piece, key: order.next().value }))
            .sort((a, b) => Number(a.key) - Number(b.key));
          const reassembly = new Reassembly();
          const out: string[] = [];
          for (const { piece } of shuffled) {
            for (const fragment of readFragments(piece) ?? []) reassembly.add(fragment);
            for (let one = reassembly.take(); one; one = reassembly.take()) {
              out.push(hex(one.body));
              expect(hex(one.whole)).toBe(hex(encodeFragment(7, out.length - 1, one.body)));
            }
          }
          expect(out).toEqual(bodies.map((body) => hex(body)));
        },
      ),
      fcParameters(),
    );
  });

  const piece = (messageSeq: number, length: number, offset = 0, size = length, type = 1) => ({
    type,
    length,
    messageSeq,
    offset,
    bytes: new Uint8Array(size),
  });

  test('what stays waiting is bounded', () => {
    const reassembly = new Reassembly(0, 1000);
    expect(reassembly.add(piece(0, 600, 0, 10))).toBe('taken');
    expect(reassembly.add(piece(1, 401, 0, 10))).toBe('refused');
    expect(reassembly.add(piece(1, 400, 0, 10))).toBe('taken');
    expect(reassembly.add(piece(MAX_REASSEMBLY_MESSAGES - 1, 0))).toBe('taken');
    expect(reassembly.add(piece(MAX_REASSEMBLY_MESSAGES, 0))).toBe('refused');
    // Once a message is out, there is room again.
    expect(reassembly.add(piece(0, 600, 10, 590))).toBe('taken');
    expect(reassembly.take()?.body.length).toBe(600);
    expect(reassembly.add(piece(0, 600))).toBe('old');
    expect(reassembly.add(piece(2, 600, 0, 1))).toBe('taken');
  });

  test('a message in too many separate parts is refused', () => {
    const reassembly = new Reassembly();
    const fates = Array.from({ length: 100 }, (_, index) => reassembly.add(piece(0, 1000, index * 3, 1)));
    expect(fates.indexOf('refused')).toBe(64);
  });

  test('pieces that contradict each other are refused', () => {
    const reassembly = new Reassembly();
    reassembly.add(piece(0, 10, 0, 1));
    expect(reassembly.add(piece(0, 11, 0, 1))).toBe('refused');
    expect(reassembly.add(piece(0, 10, 0, 1, 2))).toBe('refused');
  });
});

test('any bytes give a message, nothing, or a HandshakeError', () => {
  const readers = [
    readClientHello,
    readServerHello,
    readServerKeyExchange,
    readFragments,
    (body: Uint8Array) => readClientExtensions(readClientHello(body).extensions),
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(readers.length - 1), (body, which) => {
      try {
        readers[which]?.(body);
      } catch (error) {
        expect(error).toBeInstanceOf(HandshakeError);
      }
    }),
    fcParameters(1000),
  );
});
