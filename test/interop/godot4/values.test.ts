/**
 * The codec against Godot 4.6 stable: chosen and random values both ways in every notation, and damaged encodings.
 * Differences: none. Not compared: what the engine leaves to chance (padding.ts); `str` and `stringify` of values that hold objects,
 * signals, callables or RIDs; numbers too big for an int, where the web build saturates and x86-64 does not (only their sizes).
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bytesToVar,
  type ContainerType,
  DecodeError,
  Dictionary,
  decodeVariant,
  fromNative,
  parseJson,
  stringifyJson,
  strToVar,
  TypedArray,
  toNative,
  type VariantValue,
  valueToStr,
  varToBytes,
  varToStr,
} from '../../../codec/index.ts';
import { Prng } from '../../../src/testing/prng.ts';
import { fcParameters } from '../../support/fc.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { exactVariant } from '../../support/variantArbitrary.ts';
import { damage } from '../godot3/cases.ts';
import { askTexts, askValues, type TextKind } from './answers.ts';
import { Godot4 } from './engine.ts';
import { goldenValues } from './goldenValues.ts';
import { withoutPadding } from './padding.ts';

const engine = peer('godot4');
const SEED = fcParameters().seed ?? 460;
const LOOSE = { strictTypedContainers: false } as const;

describe.skipIf(engine.isMissing)(
  `values of Godot 4.6 stable, seed ${SEED}${engine.note}`,
  { timeout: 240_000 },
  () => {
    let godot: Godot4;
    const chosen = [...goldenValues('values'), ...goldenValues('random')];
    const random = fc.sample(exactVariant, { numRuns: 2000, seed: SEED }).map((value) => varToBytes(value));
    const all = [...chosen, ...random];
    beforeAll(async () => {
      godot = await Godot4.open();
    });
    afterAll(() => godot.close());

    test('bytes and texts of 700 chosen and 2,000 random values', async () => {
      const answers = await askValues(godot, all);
      const differences: string[] = [];
      for (const [index, data] of all.entries()) {
        const answer = answers[index];
        const value = bytesToVar(data, { exact: true });
        const again = varToBytes(value, LOOSE);
        if (answer === undefined) {
          differences.push(`refused ${hex(data)}`);
          continue;
        }
        const pairs: [string, string, string][] = [
          ['bytes', hex(withoutPadding(answer.again, again)), hex(again)],
          ['var_to_str', answer.varToStr, varToStr(value)],
          ['from_native', answer.native, stringifyJson(fromNative(value), '', false, true)],
        ];
        if (!isLive(value)) {
          pairs.push(
            ['str', answer.str, valueToStr(value)],
            ['stringify', answer.json, stringifyJson(value)],
            ['stringify, full', answer.jsonFull, stringifyJson(value, '', true, true)],
            ['stringify, indented', answer.jsonIndented, stringifyJson(value, '\t', false)],
            ['stringify, both', answer.jsonIndentedFull, stringifyJson(value, '  ', false, true)],
          );
        }
        for (const [what, theirs, ours] of pairs) {
          if (theirs !== ours)
            differences.push(`${what} of ${hex(data)}\n  engine ${theirs}\n  ours   ${ours}`);
        }
      }
      expect(differences.slice(0, 20), `${differences.length} differences`).toEqual([]);
    });

    test.each<[TextKind, (value: VariantValue) => string, (text: string) => VariantValue]>([
      ['variant', varToStr, (text) => strToVar(text, { exact: true })],
      ['json', (value) => stringifyJson(value, '', true, true), (text) => parseJson(text, { exact: true })],
      [
        'native',
        (value) => stringifyJson(fromNative(value), '', false, true),
        (text) => toNative(parseJson(text, { exact: true }), { exact: true }),
      ],
    ])('what the engine reads in our texts is what we read: %s', async (kind, write, read) => {
      // A number beyond 64 bits becomes what the processor makes of it: the smallest int on x86-64, the largest in the web build.
      const texts = all
        .map((data) => write(bytesToVar(data, { exact: true })))
        .filter(
          (text) => kind !== 'native' || !/"PackedInt64Array","args":\[[^\]]*92233720368547758/.test(text),
        );
      const answers = await askTexts(godot, kind, texts);
      const differences: string[] = [];
      for (const [index, text] of texts.entries()) {
        const answer = answers[index];
        let ours: Uint8Array | undefined;
        try {
          ours = varToBytes(read(text), LOOSE);
        } catch (error) {
          if (kind === 'variant' || !(error instanceof Error) || error.name !== 'JsonError') throw error;
        }
        const theirs = answer === undefined || ours === undefined ? answer : withoutPadding(answer, ours);
        if (theirs === undefined ? ours !== undefined : ours === undefined || hex(theirs) !== hex(ours)) {
          differences.push(`${text}\n  engine ${theirs && hex(theirs)}\n  ours   ${ours && hex(ours)}`);
        }
      }
      expect(differences.slice(0, 20), `${differences.length} differences`).toEqual([]);
    });

    test('damaged encodings: the golden 1,000 and 2,000 new ones, verdict and value', async () => {
      const prng = new Prng(SEED);
      const fresh = Array.from({ length: 2000 }, () => damage(all, prng)).filter((data) => data.length > 0);
      const broken = [...goldenValues('damaged'), ...fresh];
      const answers = await askValues(godot, broken);
      const differences: string[] = [];
      for (const [index, data] of broken.entries()) {
        const answer = answers[index];
        let ours: { again: Uint8Array; size: number } | undefined;
        try {
          const { value, size } = decodeVariant(data, { exact: true });
          ours = { again: varToBytes(value, LOOSE), size };
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
        const theirs =
          answer && `${answer.size} ${hex(ours ? withoutPadding(answer.again, ours.again) : answer.again)}`;
        const mine = ours && `${ours.size} ${hex(ours.again)}`;
        const isSame = holdsBeyond(data) ? answer?.size === ours?.size : theirs === mine;
        if (!isSame) differences.push(`${hex(data)}\n  engine ${theirs}\n  ours   ${mine}`);
      }
      expect(differences.slice(0, 20), `${differences.length} differences`).toEqual([]);
    });
  },
);

/**
 * Whether a number has to become an int that is too small for it: such an int is the smallest one on x86-64 (and here), the
 * nearest one in the web build.
 */
function holdsBeyond(data: Uint8Array): boolean {
  try {
    return holdsBeyondIn(bytesToVar(data, { exact: true, ...LOOSE }));
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

function holdsBeyondIn(value: VariantValue): boolean {
  const isBeyond = (item: VariantValue, type: ContainerType | undefined): boolean =>
    holdsBeyondIn(item) || (WHOLE.test(type?.toString() ?? '') && BEYOND.test(varToStr(item)));
  if (value instanceof Dictionary)
    return (
      [...value.keys()].some((key) => isBeyond(key, value.keyType)) || [...value.values()].some(holdsBeyondIn)
    );
  if (value instanceof TypedArray)
    return value.some((item: VariantValue) => isBeyond(item, value.elementType));
  return Array.isArray(value) && value.some(holdsBeyondIn);
}

/** Types made of ints. */
const WHOLE = /^(int|.*[234]i|Packed(Byte|Int).*)$/;
/** The text of a float that can be beyond 32 bits. */
const BEYOND = /nan|inf|e\+?\d\d|\d{10}/;

/** Whether `str()` prints something about a live object of the engine: its stand-in for an id, a callable, a signal. */
function isLive(value: VariantValue): boolean {
  return /\b(Object|Signal|Callable|RID)\(/.test(varToStr(value));
}
