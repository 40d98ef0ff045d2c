/** What the compression tests share: calling a compressor, recorded sessions, ENet's framing, kinds of bytes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Compressor } from '../../../src/enet/compressor.ts';

/** The largest body of a datagram. */
export const MAX_BODY = 4096;

/** Both directions of a compressor write here, behind and before guard bytes. */
const GUARD = 0xa5;
const OFFSET = 3;

/** Compresses `input`; the result is a copy. Fails when something outside the limit was written. */
export function compress(
  compressor: Compressor,
  input: Uint8Array,
  outLimit: number = 2 * MAX_BODY,
): Uint8Array {
  return guarded(compressor, 'compress', input, outLimit);
}

/** Decompresses `input`; the result is a copy. Fails when something outside the limit was written. */
export function decompress(
  compressor: Compressor,
  input: Uint8Array,
  outLimit: number = MAX_BODY,
): Uint8Array {
  return guarded(compressor, 'decompress', input, outLimit);
}

function guarded(
  compressor: Compressor,
  direction: 'compress' | 'decompress',
  input: Uint8Array,
  outLimit: number,
): Uint8Array {
  // Both at odd offsets inside larger arrays, so that a wrong start or end shows.
  const source = new Uint8Array(OFFSET + input.length + 8).fill(GUARD);
  source.set(input, OFFSET);
  const target = new Uint8Array(OFFSET + outLimit + 8).fill(GUARD);
  const length = compressor[direction](source, OFFSET, OFFSET + input.length, target, OFFSET, outLimit);
  if (!Number.isInteger(length) || length < 0 || length > outLimit) throw new Error(`length ${length}`);
  for (let i = 0; i < target.length; i++) {
    const isOutside = i < OFFSET || i >= OFFSET + outLimit;
    if (isOutside && target[i] !== GUARD) throw new Error(`wrote outside the limit at ${i - OFFSET}`);
  }
  return target.slice(OFFSET, OFFSET + length);
}

/** Hex digits of bytes. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Bytes from hex digits. */
export function bytes(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** One recorded datagram, cut after its header. */
export interface Recorded {
  readonly isCompressed: boolean;
  readonly headerLength: number;
  readonly body: Uint8Array;
}

/** The datagrams of `golden/sessions/NAME.json`. */
export function recorded(name: string): Recorded[] {
  const url = new URL(`../../../golden/sessions/${name}.json`, import.meta.url);
  const session: { datagrams: [number, string, string][] } = JSON.parse(readFileSync(url, 'utf8'));
  return session.datagrams.map(([, , digits]) => {
    const datagram = bytes(digits);
    const flags = datagram[0] ?? 0;
    const headerLength = (flags & 0x80) === 0 ? 2 : 4;
    return { isCompressed: (flags & 0x40) !== 0, headerLength, body: datagram.slice(headerLength) };
  });
}

/** enet-protocol 2.2: sizes without payload, by command number. */
const SIZES = [0, 8, 48, 44, 8, 4, 6, 8, 24, 8, 12, 16, 24];
/** Where the payload length stands, by command number. */
const LENGTH_AT: Readonly<Record<number, number>> = { 6: 4, 7: 6, 8: 6, 9: 6, 12: 6 };

/**
 * Walks the commands of an uncompressed body.
 *
 * @returns their numbers.
 * @throws Error when a command is unknown or cut off, or when something other than zero bytes follows.
 */
export function walkCommands(body: Uint8Array): number[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const numbers: number[] = [];
  let at = 0;
  while (at < body.length) {
    const number = view.getUint8(at) & 0x0f;
    if (number === 0 && numbers.length > 0 && body.subarray(at).every((byte) => byte === 0)) break;
    const size = SIZES[number] ?? 0;
    if (size === 0 || at + size > body.length)
      throw new Error(`bad command ${number} at ${at} in ${hex(body)}`);
    const lengthAt = LENGTH_AT[number];
    at += size + (lengthAt === undefined ? 0 : view.getUint16(at + lengthAt));
    if (at > body.length) throw new Error(`payload of command ${number} is cut off in ${hex(body)}`);
    numbers.push(number);
  }
  return numbers;
}

/** Bodies of all kinds: noise, few letters, repeated pieces, ramps. */
export function anyBody(maxLength: number = MAX_BODY): fc.Arbitrary<Uint8Array> {
  const fewLetters = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 244 }))
    .chain(([letters, first]) =>
      fc.array(fc.integer({ min: first, max: first + letters - 1 }), { maxLength, size: 'max' }),
    )
    .map((values) => Uint8Array.from(values));
  const repeated = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: maxLength }))
    .map(([piece, length]) => Uint8Array.from({ length }, (_, i) => piece[i % piece.length] ?? 0));
  const ramp = fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: maxLength }),
    )
    .map(([step, every, length]) =>
      Uint8Array.from({ length }, (_, i) => (i % 2 === 0 ? every : Math.imul(i >> 1, step))),
    );
  return fc.oneof(fc.uint8Array({ maxLength, size: 'max' }), fewLetters, repeated, ramp);
}

/** The longest time one call may take, in ms: far above what is needed, far below a hang. */
export const PATIENCE_MS = 1000;

/** Feeds anything to a decompressor: it must answer within the limit and in time. */
export function hostileInput(compressor: Compressor, numRuns: { numRuns: number; seed?: number }): void {
  const outLimit = fc.oneof(fc.constant(4092), fc.integer({ min: 0, max: 4096 }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MAX_BODY, size: 'max' }), outLimit, (input, limit) => {
      expectQuick(() => decompress(compressor, input, limit));
    }),
    numRuns,
  );
  // Good data with a few changed bytes gets further than noise.
  const change = fc.tuple(fc.nat({ max: MAX_BODY }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(anyBody(), fc.array(change, { maxLength: 6 }), outLimit, (body, changes, limit) => {
      const damaged = compress(compressor, body);
      for (const [at, value] of changes) damaged[at % Math.max(1, damaged.length)] = value;
      expectQuick(() => decompress(compressor, damaged, limit));
    }),
    numRuns,
  );
}

function expectQuick(call: () => void): void {
  const start = performance.now();
  call();
  const took = performance.now() - start;
  if (took > PATIENCE_MS) throw new Error(`took ${took} ms`);
}
