/** Rooms as bytes: what games keep comes back the same, what is damaged is refused and never thrown at, what is large goes in pieces. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { bytesToVar, Dictionary, Vector2, varToBytes } from '../../../codec/index.ts';
import { pack, unpack } from '../../../src/cluster/handoff/carried.ts';
import {
  decodeMessage,
  decodePlayer,
  decodeRoom,
  encodeRoom,
  type RoomImage,
} from '../../../src/cluster/handoff/image.ts';
import { MarkedCalls } from '../../../src/cluster/handoff/markedCalls.ts';
import { HandoffError } from '../../../src/cluster/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { HandoffWorld } from './world.ts';

let world: HandoffWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.constant(undefined),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.bigInt(),
    // Texts of the engine have no U+0000.
    fc.string().map((text) => text.replaceAll('\0', '')),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(fc.integer(), tie('value')), { maxLength: 4 }).map((items) => new Map(items)),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('value'), { maxKeys: 4, noNullPrototype: false }),
  ),
})).value;

test('plain values come back the same', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(unpack(bytesToVar(varToBytes(pack(value, 'value'))))).toEqual(value);
    }),
    fcParameters(),
  );
});

test('Variants come back as Variants; what is neither is named with its place', () => {
  const value = { at: new Vector2(1, 2), of: new Dictionary([['a', 1]]), bytes: Uint8Array.of(1, 2) };
  const back = unpack(bytesToVar(varToBytes(pack(value, 'value')))) as typeof value;
  expect(back.at).toEqual(value.at);
  expect(back.of).toBeInstanceOf(Dictionary);
  expect(back.of.get('a')).toBe(1);
  expect(back.bytes).toEqual(value.bytes);
  expect(() => pack({ a: [1, () => 1] }, 'data')).toThrow(/^data\.a\[1\] expected a plain value/);
  expect(() => pack({ when: new Date() }, 'data')).toThrow(/^data\.when expected a plain value/);
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => pack(circle, 'data')).toThrow(/nested deeper than 64/);
});

const IMAGE: RoomImage = {
  tree: '{}',
  owners: [['/root/A', 5]],
  spawned: [['/root/B', '/root/S', Uint8Array.of(1)]],
  players: [
    {
      id: 'ann',
      user: { name: 'ann' },
      session: undefined,
      peerId: 5,
      protocol: 'scene',
      isSpectator: false,
      graceMs: 5,
      data: new Map([['gold', 1]]),
      kept: [
        { protocol: 'scene', name: '/root', method: 'm', value: Uint8Array.of(1), options: {}, bytes: 1 },
      ],
      marked: { run: 'a', last: 3 },
    },
  ],
  reservations: [{ name: 'r', kind: 'player', players: ['bob'], left: 1, forMs: 10 }],
  isLocked: false,
  isPrivate: true,
  maxPlayers: 4,
  maxSpectators: 0,
  metadata: { title: 'x' },
  state: [1],
};

test('a room is read as it was written, or refused', () => {
  const bytes = encodeRoom(IMAGE, 10_000);
  const { format: _format, ...back } = { format: '', ...decodeRoom(bytes) };
  expect(back).toEqual(IMAGE);
  expect(() => encodeRoom(IMAGE, 100)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  expect(() => decodePlayer(bytes)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  for (const [name, value] of Object.entries({
    players: [{}],
    owners: [['/a', 'x']],
    maxPlayers: -1,
    tree: 5,
  }))
    expect(() => decodeRoom(encodeRoom({ ...IMAGE, [name]: value } as RoomImage, 10_000)), name).toThrow(
      HandoffError,
    );
});

test('whatever is done to the bytes, it is read or refused as MALFORMED', () => {
  const good = encodeRoom(IMAGE, 10_000);
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(good.length), (changes, length) => {
      const bytes = good.slice(0, length < 8 ? length : good.length);
      for (const [at, to] of changes) if (at < bytes.length) bytes[at] = to;
      for (const read of [decodeRoom, decodePlayer, decodeMessage])
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(HandoffError);
          expect(error).toHaveProperty('code', 'MALFORMED');
        }
    }),
    fcParameters(2000),
  );
});

test('marked calls are done once and in order; another run begins anew', () => {
  const marked = new MarkedCalls({ run: 'a', last: 2 });
  expect([1, 2, 3, 3, 5, 6, 4, 5].map((number) => marked.take('a', number))).toEqual([
    'done',
    'done',
    'do',
    'done',
    'missing',
    'told',
    'do',
    'do',
  ]);
  expect(marked.take('b', 1)).toBe('do');
  expect(marked.image()).toEqual({ run: 'b', last: 1 });
});

test('a room that is larger than a message goes in pieces, and one that is too large stays', async () => {
  world = await HandoffWorld.open(2, { maxRoomBytes: 2_000_000 });
  const [a, b] = [world.at(0), world.at(1)];
  const room = await world.settle(a.rooms.create('match'));
  const text = 'x'.repeat(1_200_000);
  room.mirror.getNode('/root/Main')?.setMeta('text', text);
  await world.settle(a.handoff.moveRoom(room, 'b'));
  expect(b.match.mirror.getNode('/root/Main')?.getMeta('text')).toBe(text);
  b.match.mirror.getNode('/root/Main')?.setMeta('more', text);
  const error = await world.settle(b.handoff.moveRoom(b.match, 'a').catch((thrown: unknown) => thrown));
  expect(error).toHaveProperty('code', 'TOO_LARGE');
  expect(b.match.id).toBe(room.id);
});
