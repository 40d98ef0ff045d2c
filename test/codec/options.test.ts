/** Options in place of Godot's booleans: an object never counts as `true`. */
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  float,
  fromNative,
  GodotJSON,
  GodotObject,
  parseJson,
  stringifyJson,
  strToVar,
  toNative,
  varToBytes,
  varToStr,
} from '../../codec/index.ts';

const OBJECT = { type: 'Node', props: [] };
// A caller without types.
const wrong = (value: unknown): never => value as never;

describe('an options object where Godot has a boolean', () => {
  test('toNative: options alone leave objects off', () => {
    expect(toNative('i:1', { exact: true })).toBe(1n);
    expect(toNative(OBJECT, { exact: true })).toBeNull();
    expect(GodotJSON.toNative(OBJECT, { allowObjects: true })).toBeInstanceOf(GodotObject);
    expect(toNative(OBJECT, true, { exact: true })).toBeInstanceOf(GodotObject);
    expect(toNative(OBJECT, undefined, { allowObjects: true })).toBeInstanceOf(GodotObject);
  });

  test('fromNative: the same', () => {
    const node = new GodotObject('Node', []);
    expect(fromNative(node, {})).toBeNull();
    expect(fromNative(node, { fullObjects: true })).not.toBeNull();
    expect(fromNative(node, true)).not.toBeNull();
  });

  test('stringify takes all its arguments by name', () => {
    expect(stringifyJson({ b: float(1), a: 2 }, { indent: ' ', sortKeys: false })).toBe(
      '{\n "b": 1.0,\n "a": 2\n}',
    );
    expect(stringifyJson(1 / 3, { fullPrecision: true })).toBe('0.3333333333333333');
  });
});

describe('anything else is a TypeError', () => {
  test.each<[string, () => unknown]>([
    ['toNative(json, 1)', () => toNative('i:1', wrong(1))],
    ['toNative(json, null)', () => toNative('i:1', wrong(null))],
    ['toNative(json, [])', () => toNative('i:1', wrong([]))],
    ['toNative(json, false, true)', () => toNative('i:1', false, wrong(true))],
    ['toNative(json, { exact: 1 })', () => toNative('i:1', wrong({ exact: 1 }))],
    ['fromNative(value, "x")', () => fromNative(1, wrong('x'))],
    ['fromNative(value, { fullObjects: 1 })', () => fromNative(1, wrong({ fullObjects: 1 }))],
    ['stringifyJson(value, 2)', () => stringifyJson(1, wrong(2))],
    ['stringifyJson(value, "", {})', () => stringifyJson(1, '', wrong({}))],
    ['stringifyJson(value, "", true, {})', () => stringifyJson(1, '', true, wrong({}))],
    ['parseJson(text, true)', () => parseJson('1', wrong(true))],
    ['strToVar(text, true)', () => strToVar('1', wrong(true))],
    ['strToVar(text, { exact: 1 })', () => strToVar('1', wrong({ exact: 1 }))],
    ['varToStr(value, false)', () => varToStr(1, wrong(false))],
    ['bytesToVar(bytes, true)', () => bytesToVar(varToBytes(1), wrong(true))],
    ['varToBytes(value, true)', () => varToBytes(1, wrong(true))],
  ])('%s', (_name, call) => {
    expect(call).toThrow(TypeError);
  });
});
