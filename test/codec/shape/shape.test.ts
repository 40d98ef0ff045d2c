import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesToVar,
  compileShape,
  DecodeError,
  Dictionary,
  EncodeError,
  StringName,
  type VariantInput,
  type VariantValue,
  Vector2,
  Vector3,
  variantTypeOf,
  variantTypeString,
  varToBytes,
} from '../../../codec/index.ts';
import { slowShapeDecode, slowShapeEncode } from '../../reference/slowShape.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';
import { exactLeaf, exactVariant, godotText } from '../../support/variantArbitrary.ts';

const name = fc
  .oneof(
    fc.constantFrom('type', 'tick', 'at', 'constructor', 'ä', 'a_name_of_more_than_28_bytes_'),
    godotText,
  )
  .filter((text) => text !== '__proto__' && String(Number(text) >>> 0) !== text);
/** A value in the usual view, and the type that a field of it is declared with. */
const member = fc
  .oneof(
    exactLeaf,
    exactVariant,
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.constant(new Vector2(Number.NaN, 1)),
  )
  .map((value) => {
    const data = varToBytes(value as VariantInput);
    const exact = bytesToVar(data, { exact: true });
    return { value: bytesToVar(data), type: variantTypeString(variantTypeOf(exact) ?? 0) ?? 'Nil' };
  })
  // Objects become null, and null has no type of its own.
  .map(({ value, type }) => ({ value, type: type === 'Nil' ? 'Variant' : type }));
const shaped = fc
  .uniqueArray(fc.tuple(name, member, fc.boolean()), { minLength: 1, maxLength: 6, selector: ([key]) => key })
  .map((entries) => ({
    fields: Object.fromEntries(entries.map(([key, { type }, isAny]) => [key, isAny ? 'Variant' : type])),
    value: Object.fromEntries(entries.map(([key, one]) => [key, one.value])),
  }));

describe('a shape is the general codec', () => {
  test('the same bytes, into memory of its own and of others', () => {
    fc.assert(
      fc.property(shaped, fc.nat(9), ({ fields, value }, offset) => {
        const shape = compileShape(fields);
        const expected = slowShapeEncode(fields, value);
        expect(hex(shape.encode(value as never))).toBe(hex(expected));
        const target = new Uint8Array(offset + expected.length);
        expect(shape.encodeInto(value as never, target, offset)).toBe(expected.length);
        expect(hex(target.subarray(offset))).toBe(hex(expected));
        const short = new Uint8Array(offset + expected.length - 1);
        expect(() => shape.encodeInto(value as never, short, offset)).toThrow(RangeError);
        expect(short.every((byte) => byte === 0)).toBe(true);
      }),
      fcParameters(500),
    );
  });

  test('the same values of good bytes, as an object', () => {
    fc.assert(
      fc.property(shaped, fc.uint8Array({ maxLength: 5 }), ({ fields, value }, behind) => {
        const shape = compileShape(fields);
        const data = Uint8Array.from([...slowShapeEncode(fields, value), ...behind]);
        const decoded = shape.decode(data);
        expect(slowShapeDecode(fields, data).fits).toBe(true);
        expect(shape.isShaped(decoded)).toBe(true);
        expect(content(decoded)).toBe(content(bytesToVar(data)));
      }),
      fcParameters(500),
    );
  });

  test('of hostile bytes the same values and the same errors', () => {
    const damage = fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.nat(40), fc.nat(255))), { maxLength: 4 });
    fc.assert(
      fc.property(shaped, damage, fc.option(fc.nat()), ({ fields, value }, changes, cut) => {
        const shape = compileShape(fields);
        let data = slowShapeEncode(fields, value);
        for (const [at, byte] of changes) data[at % data.length] = byte;
        if (cut !== null) data = data.subarray(0, cut % data.length);
        const fast = outcome(() => shape.decode(data));
        expect(fast.text).toBe(outcome(() => bytesToVar(data)).text);
        if (shape.isShaped(fast.value)) expect(slowShapeDecode(fields, data).fits).toBe(true);
      }),
      fcParameters(3000),
    );
  });

  test('of any other value what bytesToVar gives', () => {
    fc.assert(
      fc.property(exactVariant, (value) => {
        const data = varToBytes(value);
        const fast = compileShape({ type: 'String' }).decode(data);
        expect(content(fast)).toBe(content(bytesToVar(data)));
      }),
      fcParameters(300),
    );
  });
});

const INPUT = { type: 'String', tick: 'int', move: 'Vector2', speed: 'float' } as const;
const input = compileShape(INPUT);
const MOVE = { type: 'input', tick: 7, move: new Vector2(1, 2), speed: 3 };

describe('what a shape takes', () => {
  test('keys in another order, more, fewer and typed ones are Dictionaries', () => {
    const others = [
      { tick: 7, type: 'input', move: MOVE.move, speed: 0.5 },
      { ...MOVE, speed: 0.5, more: 1 },
      { type: 'input' },
      new Dictionary(Object.entries({ ...MOVE, speed: 0.5 }), { keyType: 'String' }),
      // An int where a float is declared.
      MOVE,
    ];
    for (const other of others) {
      const decoded = input.decode(varToBytes(other));
      expect(decoded).toBeInstanceOf(Dictionary);
      expect(input.isShaped(decoded)).toBe(false);
    }
    expect(input.decode(input.encode(MOVE))).toEqual(MOVE);
  });

  test('values are owned: nothing is shared with the bytes', () => {
    const shape = compileShape({ data: 'PackedFloat32Array' });
    const data = shape.encode({ data: new Float32Array(40).fill(1) });
    const decoded = shape.decode(data);
    data.fill(0);
    expect(shape.isShaped(decoded) && decoded.data[39]).toBe(1);
  });

  test('a value of another type is an EncodeError that names the field', () => {
    const wrong: readonly [Record<string, unknown>, string][] = [
      [{ ...MOVE, tick: 2.5 }, 'ERR_ENCODE_ELEMENT_TYPE: $.tick: declared int, got float 2.5'],
      [{ ...MOVE, move: new Vector3() }, '$.move: declared Vector2, got Vector3'],
      [{ ...MOVE, move: new Vector2('a' as never, 1) }, 'ERR_ENCODE_UNSUPPORTED: $.move'],
      [{ ...MOVE, type: undefined }, '$.type: declared String, got Nil'],
      [{ ...MOVE, type: 'a\0' }, 'ERR_ENCODE_NUL: $.type'],
      [{ ...MOVE, speed: 1n }, '$.speed: declared float, got int'],
    ];
    for (const [value, message] of wrong) {
      expect(() => input.encode(value as never)).toThrow(EncodeError);
      expect(() => input.encode(value as never)).toThrow(message);
    }
    expect(() => input.encode(null as never)).toThrow(TypeError);
    expect(() => input.encodeInto(MOVE, new Uint8Array(8), 9)).toThrow(RangeError);
    expect(hex(input.encode({ ...MOVE, type: new StringName('input') } as never))).toBe(
      hex(input.encode(MOVE)),
    );
    expect(hex(input.encode({ ...MOVE, more: 1 } as never))).toBe(hex(input.encode(MOVE)));
  });

  test('limits hold as in the general way', () => {
    const deep = bytes(
      `1b000000010000000400000001000000610000 00${'1c00000001000000'.repeat(1100)}00000000`.replaceAll(
        ' ',
        '',
      ),
    );
    const shape = compileShape({ a: 'Variant' });
    expect(outcome(() => shape.decode(deep)).text).toBe(outcome(() => bytesToVar(deep)).text);
    expect(() => shape.decode(deep)).toThrow('ERR_VARIANT_DEPTH');
    expect(() => shape.decode('x' as never)).toThrow(TypeError);
  });

  test('declarations that cannot be are refused', () => {
    expect(() => compileShape({})).toThrow('at least one field');
    expect(() => compileShape({ a: 'integer' })).toThrow('"a" expected a type of Godot, got integer');
    expect(() => compileShape({ a: 'Nil' })).toThrow(TypeError);
    expect(() => compileShape({ 7: 'int' })).toThrow('looks like an integer');
    expect(() => compileShape(JSON.parse('{"__proto__": "int"}') as Record<string, string>)).toThrow(
      '__proto__',
    );
    expect(() => compileShape({ 'a\0': 'int' })).toThrow(EncodeError);
  });
});

/** A value by its bytes, whether its Dictionary came as an object or not. */
function content(value: VariantValue | object): string {
  return hex(varToBytes(value as VariantInput, { strictTypedContainers: false }));
}

function outcome(decode: () => VariantValue | object): { readonly text: string; readonly value: never } {
  try {
    const value = decode();
    return { text: content(value), value: value as never };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { text: error.message, value: undefined as never };
  }
}
