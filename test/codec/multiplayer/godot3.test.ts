/** Godot 3's remote calls as payloads: godot-enet-classes A.7. The bytes named "engine" were written by Godot 3.2.3. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DecodeError,
  decodeGodot3Payload,
  EncodeError,
  encodeGodot3Payload,
  Godot3PathCache,
  type Godot3Payload,
  StringName,
  type VariantInput,
  Vector2,
} from '../../../codec/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { bytes, hex } from '../../support/hex.ts';

const CONFIRM = '034d61696e00';
const SIMPLIFY = '02010000004d61696e00';

const ROWS: readonly (readonly [name: string, wire: string, payload: Godot3Payload<VariantInput>])[] = [
  ['engine: confirm', CONFIRM, { command: 3, path: 'Main' }],
  ['engine: simplify', SIMPLIFY, { command: 2, id: 1, path: 'Main' }],
  [
    'engine: call by path',
    '00150000806563686f6564000102000000010000004d61696e00',
    { command: 0, node: { path: 'Main' }, method: 'echoed', args: [1] },
  ],
  [
    'engine: call without a value but null',
    '000f0000806563686f0001000000004d61696e00',
    { command: 0, node: { path: 'Main' }, method: 'echo', args: [null] },
  ],
  ['call by id, no arguments', '0007000000676f0000', { command: 0, node: { id: 7 }, method: 'go', args: [] }],
  [
    'call by id, two arguments',
    '0007000000676f000204000000010000006100000005000000000080bf00000040',
    { command: 0, node: { id: 7 }, method: 'go', args: ['a', new Vector2(-1, 2)] },
  ],
  [
    'set by id',
    '01020000006d61726b00020000004d000000',
    { command: 1, node: { id: 2 }, property: 'mark', value: 77 },
  ],
  [
    'set by path',
    '01120000806d61726b00020000004d000000c3a92f6200',
    { command: 1, node: { path: 'é/b' }, property: 'mark', value: 77 },
  ],
  ['raw', '040102ff', { command: 4, bytes: Uint8Array.of(1, 2, 255) }],
];

describe('payloads', () => {
  test.each(ROWS)('%s: both ways', (_name, wire, payload) => {
    expect(hex(encodeGodot3Payload(payload))).toBe(wire);
    expect(decodeGodot3Payload(bytes(wire))).toEqual(payload);
  });

  test.each(ROWS)('%s: cut off anywhere, it is refused or a shorter text', (_name, wire) => {
    const data = bytes(wire);
    for (let length = 0; length < data.length; length++) {
      try {
        const payload = decodeGodot3Payload(data.subarray(0, length));
        // The engine takes the end of the packet for the end of a path.
        if (payload.command !== 4) expect('path' in payload || 'node' in payload).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
  });

  test.each([
    ['', 'ERR_GODOT3_COMMAND'],
    ['05', 'ERR_GODOT3_COMMAND'],
    ['ff00000000', 'ERR_GODOT3_COMMAND'],
    ['0001000000', 'ERR_GODOT3_TRUNCATED'],
    ['00010000006161', 'ERR_GODOT3_NAME'],
    ['000100000061ff0000', 'ERR_GODOT3_NAME'],
    ['00ffffffff610000', 'ERR_GODOT3_TRUNCATED'],
    ['000f000080610000', 'ERR_GODOT3_TRUNCATED'],
    ['000100000061000102000000', 'ERR_VARIANT_TRUNCATED'],
    ['00010000006100021b000000', 'ERR_VARIANT_TYPE'],
    ['0201', 'ERR_GODOT3_TRUNCATED'],
    ['03', 'ERR_GODOT3_TRUNCATED'],
  ])('%s is refused: %s', (wire, code) => {
    expect(() => decodeGodot3Payload(bytes(wire))).toThrow(code);
  });

  test.each<[string, Godot3Payload<VariantInput>, string]>([
    ['an empty method', { command: 0, node: { id: 1 }, method: '', args: [] }, 'ERR_GODOT3_NAME: $.method'],
    ['a path with U+0000', { command: 3, path: 'a\0b' }, 'ERR_GODOT3_NAME: $.path'],
    [
      '256 arguments',
      { command: 0, node: { id: 1 }, method: 'a', args: new Array<null>(256).fill(null) },
      'ERR_GODOT3_ARGUMENTS',
    ],
    [
      'a StringName',
      { command: 1, node: { id: 1 }, property: 'a', value: new StringName('b') },
      'ERR_ENCODE_DIALECT',
    ],
  ])('%s cannot be sent', (_name, payload, message) => {
    expect(() => encodeGodot3Payload(payload)).toThrow(EncodeError);
    expect(() => encodeGodot3Payload(payload)).toThrow(message);
  });

  test('an id out of range is a mistake of the program', () => {
    for (const id of [-1, 2 ** 31, 0.5, Number.NaN]) {
      expect(() => encodeGodot3Payload({ command: 2, id, path: 'a' })).toThrow(RangeError);
    }
  });

  test('random bytes: nothing but a DecodeError', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 60 }), (command, tail) => {
        try {
          decodeGodot3Payload(Uint8Array.of(command, ...tail));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      fcParameters(2000),
    );
  });
});

describe('the path cache', () => {
  test('two caches that talk: full paths until the confirmation, ids from then on', () => {
    const a = new Godot3PathCache();
    const b = new Godot3PathCache();
    const first = a.call(2, 'Main/Player', 'jump', [1]);
    expect(decodeGodot3Payload(first.announcement ?? new Uint8Array())).toEqual({
      command: 2,
      id: 1,
      path: 'Main/Player',
    });
    expect(b.receive(1, first.payload)).toMatchObject({ path: 'Main/Player', reply: undefined });
    const second = a.call(2, 'Main/Player', 'jump', [2]);
    expect(second.announcement).toBeUndefined();
    expect(decodeGodot3Payload(second.payload)).toMatchObject({ node: { path: 'Main/Player' } });
    const { reply } = b.receive(1, first.announcement ?? new Uint8Array());
    expect(reply).toBeDefined();
    a.receive(2, reply ?? new Uint8Array());
    const third = a.set(2, 'Main/Player', 'hp', 3);
    expect(third.announcement).toBeUndefined();
    expect(decodeGodot3Payload(third.payload)).toEqual({
      command: 1,
      node: { id: 1 },
      property: 'hp',
      value: 3,
    });
    expect(b.receive(1, third.payload).path).toBe('Main/Player');
    // Another path gets another id; another peer is told anew, of the same one.
    expect(hex(a.call(2, 'Main', 'x').announcement ?? bytes(''))).toBe('02020000004d61696e00');
    expect(hex(a.call(3, 'Main', 'x').announcement ?? bytes(''))).toBe('02020000004d61696e00');
  });

  test('ids mean what their own sender announced; of others they mean nothing', () => {
    const cache = new Godot3PathCache();
    expect(hex(cache.receive(5, bytes(SIMPLIFY)).reply ?? bytes(''))).toBe(CONFIRM);
    const call = bytes('0001000000676f0000');
    expect(cache.receive(5, call).path).toBe('Main');
    expect(cache.receive(6, call).path).toBeUndefined();
    cache.forget(5);
    expect(cache.receive(5, call).path).toBeUndefined();
  });

  test('a confirmation of what was never announced changes nothing', () => {
    const cache = new Godot3PathCache();
    cache.receive(5, bytes(CONFIRM));
    expect(cache.call(5, 'Main', 'go').announcement).toBeDefined();
  });

  test('a peer that is forgotten is told again', () => {
    const cache = new Godot3PathCache();
    cache.call(5, 'Main', 'go');
    cache.forget(5);
    expect(cache.call(5, 'Main', 'go').announcement).toBeDefined();
  });

  test('the paths of one peer are bounded: no confirmation, so that it goes on in full', () => {
    const cache = new Godot3PathCache({ maxPathsPerPeer: 2 });
    const announce = (id: number, path: string): Uint8Array | undefined =>
      cache.receive(5, encodeGodot3Payload({ command: 2, id, path })).reply;
    expect(announce(1, 'a')).toBeDefined();
    expect(announce(2, 'b')).toBeDefined();
    expect(announce(3, 'c')).toBeUndefined();
    expect(announce(2, 'd')).toBeDefined();
    expect(cache.resolve(5, { id: 2 })).toBe('d');
    expect(cache.resolve(5, { id: 3 })).toBeUndefined();
    expect(announce(1, 'x'.repeat(1025))).toBeUndefined();
    expect(cache.resolve(5, { id: 1 })).toBe('a');
    expect(() => new Godot3PathCache({ maxPathsPerPeer: -1 })).toThrow(RangeError);
  });

  test('what cannot be encoded leaves no trace', () => {
    const cache = new Godot3PathCache();
    expect(() => cache.call(5, 'Main', 'go', [new StringName('x')])).toThrow(EncodeError);
    expect(hex(cache.call(5, 'Other', 'go').announcement ?? bytes(''))).toBe('02010000004f7468657200');
  });
});
