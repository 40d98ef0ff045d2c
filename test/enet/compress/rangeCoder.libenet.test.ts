/** The range coder against the C library itself, byte for byte, on seeded inputs. */
import { spawnSync } from 'node:child_process';
import { endianness } from 'node:os';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRangeCoder } from '../../../src/enet/compress/rangeCoder.ts';
import { compileC } from '../../support/cc.ts';
import { fcParameters } from '../../support/fc.ts';
import { peer } from '../../support/peers.ts';
import { anyBody, compress, decompress, hex, MAX_BODY } from './support.ts';

const libenet = peer('libenet');
const coder = createRangeCoder();
const COMPRESS = 0;
const DECOMPRESS = 1;

interface Job {
  readonly mode: typeof COMPRESS | typeof DECOMPRESS;
  readonly limit: number;
  readonly input: Uint8Array;
}

describe.skipIf(libenet.isMissing)(`libenet${libenet.note}`, () => {
  test('compresses the same, at any limit', () => {
    const limit = fc.oneof(fc.constant(2 * MAX_BODY), fc.integer({ min: 1, max: MAX_BODY }));
    const cases = sample(fc.tuple(anyBody(), limit), 400).filter(([body]) => body.length > 0);
    const jobs = cases.map(([input, outLimit]): Job => ({ mode: COMPRESS, limit: outLimit, input }));
    const expected = askC(jobs);
    for (const [i, job] of jobs.entries()) {
      expect(hex(compress(coder, job.input, job.limit))).toBe(hex(expected[i] ?? job.input));
    }
  });

  test('decompresses what either of us compressed', () => {
    const bodies = sample(anyBody(), 400).filter((body) => body.length > 0);
    const jobs = bodies.map(
      (body): Job => ({ mode: DECOMPRESS, limit: MAX_BODY, input: compress(coder, body) }),
    );
    const back = askC(jobs);
    for (const [i, body] of bodies.entries()) {
      expect(hex(back[i] ?? new Uint8Array(0))).toBe(hex(body));
      expect(hex(decompress(coder, jobs[i]?.input ?? body))).toBe(hex(body));
    }
  });

  test('reads damaged data the same, or refuses it (10.7 [H])', () => {
    const change = fc.tuple(fc.nat({ max: MAX_BODY }), fc.integer({ min: 0, max: 255 }));
    const jobs = sample(fc.tuple(anyBody(500), fc.array(change, { maxLength: 4 })), 400)
      .filter(([body]) => body.length > 0)
      .map(([body, changes]): Job => {
        const input = compress(coder, body);
        for (const [at, value] of changes) input[at % input.length] = value;
        return { mode: DECOMPRESS, limit: 4092, input };
      });
    const expected = askC(jobs);
    let accepted = 0;
    for (const [i, job] of jobs.entries()) {
      const ours = decompress(coder, job.input, job.limit);
      if (ours.length === 0) continue;
      accepted++;
      expect(hex(ours)).toBe(hex(expected[i] ?? new Uint8Array(0)));
    }
    expect(accepted).toBeGreaterThan(jobs.length / 10);
  });
});

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  const { numRuns, seed } = fcParameters(count);
  return fc.sample(arbitrary, { numRuns, seed: seed ?? 20_261_121 });
}

/** Runs all jobs in one process of the C library. */
function askC(jobs: readonly Job[]): Uint8Array[] {
  const program = compileC(fileURLToPath(new URL('rangeCoder.c', import.meta.url)), ['enet']);
  const isLittle = endianness() === 'LE';
  const records = jobs.map(({ mode, limit, input }) => {
    const record = new Uint8Array(9 + input.length);
    const view = new DataView(record.buffer);
    view.setUint8(0, mode);
    view.setUint32(1, limit, isLittle);
    view.setUint32(5, input.length, isLittle);
    record.set(input, 9);
    return record;
  });
  const run = spawnSync(program, { input: Buffer.concat(records), maxBuffer: 1 << 28, timeout: 20_000 });
  if (run.status !== 0) throw new Error(`the C program ended with ${run.status ?? run.signal}`);
  const answers = new DataView(run.stdout.buffer, run.stdout.byteOffset, run.stdout.byteLength);
  let at = 0;
  return jobs.map(() => {
    const length = answers.getUint32(at, isLittle);
    const from = at + 4;
    at = from + length;
    return new Uint8Array(run.stdout.subarray(from, at));
  });
}
