/** The dialect of Godot 3 against the engine itself: var2bytes and bytes2var, byte for byte (variant-codec 7.2). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bytesToVar,
  DecodeError,
  EncodeError,
  GodotObject,
  type VariantValue,
  varToBytes,
} from '../../../codec/index.ts';
import { Prng } from '../../../src/testing/prng.ts';
import { fcParameters } from '../../support/fc.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';
import {
  asRead,
  damage,
  joinCases,
  splitCases,
  splitVerdicts,
  type Verdict,
  withoutGarbage,
  zeroFilled,
} from './cases.ts';
import { Engine } from './engine.ts';

const { isMissing, note } = peer('godot3');
const SEED = fcParameters().seed ?? 20_203;
const EXACT = { dialect: 'godot3', exact: true } as const;

describe.skipIf(isMissing)(`var2bytes and bytes2var of Godot 3${note}`, () => {
  let folder = '';
  let theirs: Uint8Array[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godot-enet-codec-'));
    const out = join(folder, 'values');
    const engine = new Engine('make_values.gd', { CASES_OUT: out, CASES_SEED: String(SEED) });
    await engine.finished();
    theirs = splitCases(readFileSync(out));
  }, 60_000);

  afterAll(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  /** What the engine says to many encodings; one run for all. */
  async function ask(name: string, cases: readonly Uint8Array[], objects = false): Promise<Verdict[]> {
    const paths = { CASES_IN: join(folder, `${name}.in`), CASES_OUT: join(folder, `${name}.out`) };
    writeFileSync(paths.CASES_IN, joinCases(cases));
    const engine = new Engine('echo_values.gd', { ...paths, CASES_OBJECTS: objects ? '1' : '0' });
    await engine.finished(60_000);
    const verdicts = splitVerdicts(readFileSync(paths.CASES_OUT));
    expect(verdicts).toHaveLength(cases.length);
    return verdicts;
  }

  test('what the engine wrote comes out again byte for byte, and the engine reads it back', async () => {
    expect(theirs.length).toBeGreaterThanOrEqual(390);
    const types = new Set(theirs.map((data) => data[0]));
    // Every type but OBJECT, which has a test of its own.
    expect([...types].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 27 }, (_, id) => id).filter((id) => id !== 17),
    );
    const ours = theirs.map((data) => {
      const value = bytesToVar(data, EXACT);
      const again = varToBytes(value, EXACT);
      expect(hex(withoutGarbage(data, again, value))).toBe(hex(again));
      return again;
    });
    const verdicts = await ask('theirs', ours);
    for (const [index, verdict] of verdicts.entries()) {
      const again = ours[index] as Uint8Array;
      expect(verdict.isAccepted).toBe(true);
      expect(hex(withoutGarbage(verdict.again, again, bytesToVar(again, EXACT)))).toBe(
        asRead(again, bytesToVar(again, EXACT)),
      );
    }
  }, 90_000);

  test('what we write, the engine reads and writes in the same bytes', async () => {
    const ours = sampleOfOurs(400);
    expect(ours.length).toBe(400);
    const verdicts = await ask('ours', ours);
    for (const [index, verdict] of verdicts.entries()) {
      const data = ours[index] as Uint8Array;
      expect(verdict.isAccepted, hex(data)).toBe(true);
      expect(hex(withoutGarbage(verdict.again, data, bytesToVar(data, EXACT)))).toBe(
        asRead(data, bytesToVar(data, EXACT)),
      );
    }
  }, 90_000);

  test('full objects, both ways', async () => {
    const options = { dialect: 'godot3', fullObjects: true, allowObjects: true, exact: true } as const;
    const cases = [
      new GodotObject('Reference', [['script', null]]),
      new GodotObject('Reference', []),
      [new GodotObject('Node', [['pause_mode', 2n]])],
    ].map((value) => varToBytes(value, options));
    const verdicts = await ask('objects', cases, true);
    for (const { isAccepted, again } of verdicts) {
      expect(isAccepted).toBe(true);
      expect(hex(varToBytes(bytesToVar(again, options), options))).toBe(hex(zeroFilled(again)));
    }
    const node = bytesToVar((verdicts[2] as Verdict).again, options);
    const [object] = node as VariantValue[];
    expect(object).toBeInstanceOf(GodotObject);
    expect((object as GodotObject).get('pause_mode')).toBe(2n);
    // Without leave both refuse them.
    const refused = await ask('refused', cases);
    expect(refused.map(({ isAccepted }) => isAccepted)).toEqual([false, false, false]);
    for (const data of cases) expect(() => bytesToVar(data, EXACT)).toThrow('ERR_VARIANT_OBJECT');
  }, 90_000);

  test('1,200 damaged encodings: the same verdict, the same value', async () => {
    const prng = new Prng(SEED);
    const whole = [...theirs, ...sampleOfOurs(200)].filter((data) => data.length <= 600);
    const cases = Array.from({ length: 1200 }, () => damage(whole, prng));
    const verdicts = await ask('damaged', cases);
    let accepted = 0;
    let odd = 0;
    for (const [index, verdict] of verdicts.entries()) {
      const data = cases[index] as Uint8Array;
      const value = decodeOrNothing(data);
      expect(value !== NOTHING, `${index} ${hex(data)}`).toBe(verdict.isAccepted);
      if (value === NOTHING) continue;
      accepted += 1;
      const again = varToBytes(value, EXACT);
      // Named difference: text that is no Unicode is replaced here, and kept by the engine.
      if (hex(again).includes('efbfbd') && !hex(data).includes('efbfbd')) odd += 1;
      else expect(hex(withoutGarbage(verdict.again, again, value)), hex(data)).toBe(asRead(again, value));
    }
    expect(accepted).toBeGreaterThan(200);
    expect(accepted).toBeLessThan(1000);
    expect(odd).toBeLessThan(30);
  }, 120_000);

  test('named differences: where we keep safe, or keep to Unicode', async () => {
    const nested = (levels: number): Uint8Array =>
      Uint8Array.from({ length: levels * 8 + 4 }, (_, at) =>
        at >= levels * 8 || at % 4 !== 0 ? 0 : at % 8 === 0 ? 19 : 1,
      );
    const cases = [nested(1024), nested(1025), text('eda080'), text('eda0bdedb880'), text('f4908080')];
    const verdicts = await ask('named', cases);
    // 3.2 has no limit of depth: what is deep enough overflows its stack.
    expect(verdicts.map(({ isAccepted }) => isAccepted)).toEqual([true, true, true, true, true]);
    expect(() => bytesToVar(nested(1024), EXACT)).not.toThrow();
    expect(() => bytesToVar(nested(1025), EXACT)).toThrow('ERR_VARIANT_DEPTH');
    expect(cases.slice(2).map((data) => bytesToVar(data, EXACT))).toEqual(['\ufffd', '😀', '\ufffd']);
  }, 60_000);
});

const NOTHING: unique symbol = Symbol('refused');

function decodeOrNothing(data: Uint8Array): VariantValue | typeof NOTHING {
  try {
    return bytesToVar(data, EXACT);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return NOTHING;
  }
}

/** Encodings of random values, of those that Godot 3 has. */
function sampleOfOurs(count: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let seed = SEED; found.length < count; seed++) {
    for (const value of fc.sample(exactVariant, { numRuns: 200, seed })) {
      try {
        const data = varToBytes(value, EXACT);
        // Typed containers lose their typing, RIDs their number; what is read again is what was sent.
        const plain = varToBytes(bytesToVar(data, EXACT), EXACT);
        if (found.length < count) found.push(plain);
      } catch (error) {
        if (!(error instanceof EncodeError && error.code === 'ERR_ENCODE_DIALECT')) throw error;
      }
    }
  }
  return found;
}

function text(content: string): Uint8Array {
  const size = content.length / 2;
  const body = Uint8Array.from(content.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  const data = new Uint8Array(8 + ((size + 3) & -4));
  data.set([4, 0, 0, 0, size]);
  data.set(body, 8);
  return data;
}
