/** Plain containers for typed parameters, as they leave. */
import { expect, test } from 'vitest';
import { Dictionary, TypedArray, VariantType, varToBytes } from '../../codec/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import type { SceneMultiplayerOptions } from '../../src/multiplayer/options.ts';
import { WireRoom } from './wireRoom.ts';

class Board extends NodeScript {
  static override readonly path: string = 'res://board.gd';
  static override readonly rpcs = {
    list: rpc('authority').args('Array[int]'),
    map: rpc('authority').args('Dictionary[String, int]'),
    loose: rpc('authority').args('Array', 'Dictionary', 'Variant'),
  };
}

function sent(method: string, args: unknown[], options: Partial<SceneMultiplayerOptions> = {}): string {
  const room = new WireRoom({ dialect: '4.3', ...options });
  room.mirror.registerScript(Board);
  const board = room.mirror.root.addChild({ name: 'Board', class: 'Node', script: 'res://board.gd' });
  room.peer.join(2);
  room.sent();
  expect(board.rpcId(2, method, ...args)).toBe(0);
  return room.sent().at(-1)?.[1] ?? '';
}

const hexOf = (value: Parameters<typeof varToBytes>[0]): string =>
  Buffer.from(varToBytes(value)).toString('hex');

test('a plain array leaves as the declared one', () => {
  const typed = hexOf(new TypedArray(VariantType.INT, [1, 2]));
  expect(sent('list', [[1, 2]])).toContain(typed);
  expect(sent('list', [new TypedArray(VariantType.INT, [1, 2])])).toContain(typed);
});

test.each([
  ['an object', { a: 1 }],
  ['a Map', new Map([['a', 1]])],
  ['a Dictionary', new Dictionary([['a', 1]])],
])('%s leaves as the declared Dictionary, though the client may be 4.3', (_, value) => {
  const types = { keyType: VariantType.STRING, valueType: VariantType.INT };
  expect(sent('map', [value])).toContain(hexOf(new Dictionary([['a', 1]], types)));
});

test('what does not fit, what is not typed, and everything of an engine leaves as it is', () => {
  expect(sent('list', [['a']])).toContain(hexOf(['a']));
  expect(sent('loose', [[1], { a: 1 }, [2]])).toContain(hexOf([1]));
  expect(sent('list', [[1, 2]], { compatibility: 'engine' })).toContain(hexOf([1, 2]));
});
