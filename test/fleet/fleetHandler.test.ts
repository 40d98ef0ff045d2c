/** Plain HTTP for those without Agones: how a server is, and a token that ends it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { type FleetHandlerOptions, fleetHandler } from '../../src/fleet.ts';
import { RoomGame } from '../rooms/roomGame.ts';

const TOKEN = 'correct horse battery staple'.replaceAll(' ', '-');
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: FleetHandlerOptions = {}): Promise<{
  game: RoomGame;
  ask(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }>;
}> {
  const game = new RoomGame();
  const http = createServer(fleetHandler(game.rooms, options)).listen(0, '127.0.0.1');
  await once(http, 'listening');
  closers.push(() => http.close());
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    game,
    async ask(path, init) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const text = await response.text();
      return { status: response.status, body: text === '' ? '' : JSON.parse(text) };
    },
  };
}

const drainWith = (token: string): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${token}` },
});

test('how it is', async () => {
  const { game, ask } = await serve({ version: '1.2.3', capacity: { players: 64 } });
  game.join();
  await game.run(50);
  const status = {
    status: 'ok',
    players: 1,
    rooms: 1,
    capacity: { players: 64, rooms: null },
    version: '1.2.3',
  };
  expect(await ask('/status?all')).toEqual({ status: 200, body: status });
  for (const path of ['/healthz', '/readyz', '/live', '/ready'])
    expect(await ask(path)).toMatchObject({ status: 200, body: { status: 'ok', peers: 1 } });
  game.rooms.ops.acceptsPeers = false;
  expect((await ask('/healthz')).status).toBe(200);
  expect((await ask('/readyz')).status).toBe(503);
  await game.rooms.close();
  expect((await ask('/healthz')).status).toBe(503);
  expect(await ask('/status')).toMatchObject({
    status: 200,
    body: { status: 'stopped', players: 0, rooms: 0 },
  });
  expect((await ask('/elsewhere')).status).toBe(404);
  expect((await ask('/status', { method: 'DELETE' })).status).toBe(405);
});

test('nothing is known of what nobody has said', async () => {
  const { ask } = await serve();
  expect(await ask('/status')).toMatchObject({
    body: { version: null, capacity: { players: null, rooms: null } },
  });
});

test('a drain, by who has the token', async () => {
  const { game, ask } = await serve({ drainToken: TOKEN });
  game.join();
  await game.run(50);
  expect((await ask('/drain')).status).toBe(405);
  for (const init of [{ method: 'POST' }, drainWith(''), drainWith(TOKEN.slice(1)), drainWith(`${TOKEN}x`)])
    expect((await ask('/drain', init)).status).toBe(401);
  expect(game.rooms.ops.acceptsPeers).toBe(true);
  expect(await ask('/drain', drainWith(TOKEN))).toMatchObject({
    status: 202,
    body: { status: 'draining', players: 1 },
  });
  game.clients[0]?.peer.close();
  while (game.rooms.metrics().isActive) {
    await game.run(1);
    await setImmediate();
  }
  expect(await ask('/drain', drainWith(TOKEN))).toMatchObject({ status: 202, body: { status: 'stopped' } });
});

test('a drain of the application, once, and what it throws', async () => {
  const onDrain = vi.fn(() => Promise.reject(new Error('no')));
  const onError = vi.fn();
  const { ask } = await serve({ drainToken: TOKEN, onDrain, onError });
  await ask('/drain', drainWith(TOKEN));
  expect((await ask('/drain', drainWith(TOKEN))).status).toBe(202);
  expect([onDrain.mock.calls.length, onError.mock.calls]).toEqual([1, [[new Error('no')]]]);
});

test('without a token there is no drain', async () => {
  const { game, ask } = await serve();
  expect((await ask('/drain')).status).toBe(404);
  expect((await ask('/drain', drainWith('undefined'))).status).toBe(405);
  expect(game.rooms.ops.acceptsPeers).toBe(true);
});

test('options', () => {
  const { rooms } = new RoomGame();
  for (const [options, message] of [
    [{ drainToken: 'short' }, '"drainToken" expected 16 characters or more'],
    [{ version: 1 }, '"version" expected a string, got 1'],
    [{ capacity: { players: -1 } }, '"capacity.players" expected integer 0..'],
    [{ onDrain: 1 }, '"onDrain" expected a function, got 1'],
  ] as const)
    expect(() => fleetHandler(rooms, Object(options))).toThrow(message);
});
