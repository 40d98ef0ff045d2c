/** Random messages between a server and its clients, and random bytes from strangers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Prng } from '../../src/testing/prng.ts';
import { fcParameters } from '../support/fc.ts';
import { client, server, tcp, until } from './support.ts';

/** Who sends, to whom (an index among the clients, or everybody), and how much. */
const message = fc.record({
  from: fc.integer({ min: 0, max: 3 }),
  to: fc.integer({ min: 0, max: 2 }),
  how: fc.constantFrom('one', 'all', 'all but one'),
  size: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(125, 126, 127, 65_535)),
  fill: fc.integer({ min: 0, max: 255 }),
});

test('every packet arrives once, whole and in order at whom it was meant for', {
  timeout: 120_000,
}, async () => {
  const room = await server({ limits: { maxBacklogBytes: 1e9, bytesPerSec: 0, packetsPerSec: 0 } });
  const players = [await client(room), await client(room), await client(room)];
  const ids = players.map(({ peer }) => peer.getUniqueId());
  const sides = [room, ...players].map(({ peer }) => peer);
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
      // What each side should get, by sender: 1 and the ids.
      const expected = new Map<string, string[]>();
      const expects = (at: number, from: number, what: string): void => {
        const key = `${at} ${from}`;
        expected.set(key, [...(expected.get(key) ?? []), what]);
      };
      for (const { from, to, how, size, fill } of messages) {
        const bytes = new Uint8Array(size).fill(fill);
        const what = `${size} ${fill}`;
        const target = how === 'all' ? 0 : (how === 'one' ? 1 : -1) * (ids[to] ?? 0);
        sides[from]?.setTargetPeer(target);
        expect(sides[from]?.putPacket(bytes)).toBe(0);
        if (from > 0) expects(0, ids[from - 1] ?? 0, what);
        else
          for (let i = 0; i < 3; i++) {
            if (how === 'all' || (how === 'one') === (i === to)) expects(i + 1, 1, what);
          }
      }
      const got = new Map<string, string[]>();
      const sum = (lists: Map<string, string[]>): number => [...lists.values()].flat().length;
      await until(sides, () => {
        for (const [at, side] of sides.entries()) {
          while (side.getAvailablePacketCount() > 0) {
            const key = `${at} ${side.getPacketPeer()}`;
            const bytes = side.getPacket();
            const isWhole = bytes.every((byte) => byte === bytes[0]);
            got.set(key, [...(got.get(key) ?? []), `${bytes.length} ${isWhole ? bytes[0] : 'damaged'}`]);
          }
        }
        return sum(got) >= sum(expected);
      });
      expect(Object.fromEntries([...got].sort())).toEqual(Object.fromEntries([...expected].sort()));
    }),
    fcParameters(25),
  );
});

test('random bytes in place of frames or requests end only their own connection', {
  timeout: 60_000,
}, async () => {
  const seed = fcParameters().seed ?? Date.now() % 2 ** 31;
  const prng = new Prng(seed);
  const errors: unknown[] = [];
  const room = await server({ onError: (error) => errors.push(error) });
  const player = await client(room);
  const below = (max: number): number => prng.next32() % max;
  const handshake =
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
  const strangers = Array.from({ length: 60 }, (_, i) => {
    const one = tcp(room.peer.localPort);
    const bytes = Buffer.from(Array.from({ length: below(400) }, () => below(256)));
    if (i % 3 === 0) one.socket.write(bytes);
    else {
      const request = Buffer.from(handshake);
      // Some of the requests are damaged as well.
      if (i % 3 === 1) request[below(request.length)] = below(256);
      one.socket.write(Buffer.concat([request, bytes]));
    }
    one.socket.end();
    return one;
  });
  let isOver = false;
  void Promise.all(strangers.map(({ closed }) => closed)).then(() => {
    isOver = true;
  });
  await until([room.peer, player.peer], () => {
    while (room.peer.getAvailablePacketCount() > 0) room.peer.getPacket();
    return isOver && room.peer.metrics().peers === 1;
  });
  expect(errors, `seed ${seed}`).toEqual([]);
  expect(room.peer.metrics().halfOpen).toBe(0);
  player.peer.putPacket(Uint8Array.of(7));
  await until([room.peer, player.peer], () => room.peer.getAvailablePacketCount() > 0);
  expect([...room.peer.getPacket()]).toEqual([7]);
});
