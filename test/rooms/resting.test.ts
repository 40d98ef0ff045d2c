/** A server in which nobody is does nothing, and is there at once when somebody comes. */
import { expect, test, vi } from 'vitest';
import { ENetMultiplayerPeer } from '../../src/godot/index.ts';
import { RoomServer } from '../../src/rooms/index.ts';
import { JoinedMultiplayerPeer } from '../../src/websocket/index.ts';
import { RoomGame, TaggedRoom } from './roomGame.ts';

/** How often the network is looked at in so many milliseconds. */
function pollsOf(game: RoomGame, ms: number): number {
  const poll = vi.spyOn(game.server, 'poll');
  game.network.advance(ms);
  const count = poll.mock.calls.length;
  poll.mockRestore();
  return count;
}

/** Virtual time in which only the clients are moved by the test. */
async function play(game: RoomGame, isDone: () => boolean): Promise<number> {
  const startMs = game.network.time;
  while (!isDone() && game.network.time < startMs + 5000) {
    game.network.advance(1);
    for (const client of game.clients) client.multiplayer.poll();
    await new Promise(setImmediate);
  }
  return game.network.time - startMs;
}

class Short extends TaggedRoom {
  override endsWhenEmpty = true;
  override emptyMs = 100;
}

test('an empty server sleeps, and wakes for a client, for a room, and sleeps again', async () => {
  const game = new RoomGame();
  const started = vi.fn();
  game.rooms.define('short', Short).start();
  game.rooms.ops.observe({ started });
  game.network.advance(100);
  expect(started).toHaveBeenCalledOnce();
  expect(pollsOf(game, 10_000)).toBe(0);

  const client = game.join();
  expect(await play(game, () => client.told.length > 0)).toBeLessThan(100);
  expect(pollsOf(game, 1000)).toBeGreaterThanOrEqual(58);
  const room = game.rooms.rooms[0];
  client.multiplayer.close();
  await play(game, () => game.rooms.players.length === 0);
  // The room is there still, and ticks.
  expect(pollsOf(game, 1000)).toBeGreaterThanOrEqual(58);
  room?.end();
  await play(game, () => game.rooms.rooms.length === 0);
  game.network.advance(100);
  expect(pollsOf(game, 10_000)).toBe(0);

  const changes: number[] = [];
  game.rooms.watchList({}, ({ changed, removed }) => changes.push(changed.length - removed.length));
  await game.rooms.create('short');
  await play(game, () => changes.at(-1) === -1);
  expect(changes).toEqual([1, -1]);
  game.network.advance(100);
  expect(pollsOf(game, 10_000)).toBe(0);
  expect(game.errors).toEqual([]);
  await game.rooms.close();
});

test('who connects is served as soon as by a server that looks 60 times a second', async () => {
  const times: number[] = [];
  for (const rests of [true, false]) {
    const game = new RoomGame({ auth: ({ text }) => ({ player: text }) });
    if (!rests) vi.spyOn(game.server, 'setWakeListener').mockReturnValue(false);
    game.rooms.start();
    game.network.advance(1000);
    expect(pollsOf(game, 1000) > 50).toBe(!rests);
    const client = game.join('ada');
    times.push(await play(game, () => client.told.length > 0));
    await game.rooms.close();
  }
  const [resting = 0, looking = 0] = times;
  expect(resting).toBeLessThanOrEqual(looking);
});

test('one who waits to authenticate keeps the server awake until its time is over', async () => {
  const game = new RoomGame({ auth: () => undefined, authTimeout: 2 });
  game.rooms.start();
  const client = game.join('nobody');
  await play(game, () => client.peer.getConnectionStatus() === ENetMultiplayerPeer.CONNECTION_CONNECTED);
  expect(pollsOf(game, 1000)).toBeGreaterThanOrEqual(58);
  await play(game, () => client.peer.getConnectionStatus() === ENetMultiplayerPeer.CONNECTION_DISCONNECTED);
  game.network.advance(5000);
  expect(pollsOf(game, 10_000)).toBe(0);
  await game.rooms.close();
});

test('several transports as one wake it, and one that cannot tell keeps it looking', async () => {
  const game = new RoomGame();
  const runtime = game.network.createRuntime('10.0.0.2');
  const other = new ENetMultiplayerPeer({ runtime });
  other.createServer(7777);
  const joined = new JoinedMultiplayerPeer([game.server, other]);
  const rooms = new RoomServer({ transport: joined, entry: 'lobby', runtime });
  rooms.define('lobby', TaggedRoom).start();
  game.network.advance(100);
  expect(pollsOf(game, 10_000)).toBe(0);
  const late = new ENetMultiplayerPeer({ runtime, onWake: () => undefined });
  late.createServer(7778);
  joined.add(late);
  await Promise.resolve();
  expect(pollsOf(game, 1000)).toBeGreaterThanOrEqual(58);
  late.close();
  game.network.advance(100);
  expect(joined.transports).toEqual([game.server, other]);
  expect(pollsOf(game, 10_000)).toBe(0);
  const client = game.join();
  expect(await play(game, () => client.told.length > 0)).toBeLessThan(100);
  await rooms.close();
});

test('a transport that ends while the server sleeps is told, and stop ends the sleep', async () => {
  const game = new RoomGame();
  game.rooms.start();
  game.network.advance(100);
  game.rooms.stop();
  const client = game.join();
  await play(game, () => game.network.time > 1000);
  expect(client.told).toEqual([]);
  game.rooms.start();
  await play(game, () => client.told.length > 0);
  client.multiplayer.close();
  await play(game, () => game.rooms.players.length === 0);
  for (const room of game.rooms.rooms) room.end();
  game.network.advance(5000);
  expect(pollsOf(game, 10_000)).toBe(0);
  game.server.close();
  game.network.advance(100);
  expect(game.errors.map(String)).toEqual([expect.stringContaining('the transport of the rooms has ended')]);
  await game.rooms.close();
});
