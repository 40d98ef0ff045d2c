/** The end of all rooms, while this and that is under way; stopping and starting; and bad options. */
import { expect, test } from 'vitest';
import { Room, type RoomClass, RoomServer } from '../../src/rooms/index.ts';
import { RoomGame, TaggedRoom } from './roomGame.ts';

class Slow extends TaggedRoom {
  static readonly waiting: (() => void)[] = [];
  override onAuth(): Promise<boolean> {
    return new Promise((resolve) => Slow.waiting.push(() => resolve(true)));
  }
  override async onDispose(): Promise<void> {
    await new Promise<void>((resolve) => Slow.waiting.push(resolve));
    this.hooks.push('disposed');
  }
}

test('close while rooms begin, end, and players are on their way', async () => {
  Slow.waiting.length = 0;
  const game = new RoomGame();
  const { rooms } = game;
  let begin: (() => void) | undefined;
  class Late extends Room {
    override onCreate(): Promise<void> {
      return new Promise((resolve) => {
        begin = resolve;
      });
    }
  }
  rooms.define('slow', Slow).define('late', Late);
  const lobby = (await rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const client = game.join();
  await game.run(50);
  const slow = (await rooms.create('slow', { tag: 2 })) as Slow;
  const ending = (await rooms.create('slow', { tag: 3 })) as Slow;
  const going = game
    .playerOf(client)
    .moveTo(slow)
    .catch((error: unknown) => error);
  const making = rooms.create('late').catch((error: unknown) => error);
  void ending.end();
  let isClosed = false;
  const closing = rooms.close();
  expect(rooms.close()).toBe(closing);
  void closing.then(() => {
    isClosed = true;
  });
  await game.run(5);
  expect(isClosed).toBe(false);
  for (const go of Slow.waiting) go();
  begin?.();
  await closing;
  expect(await going).toMatchObject({ code: 'PLAYER_GONE' });
  expect(await making).toMatchObject({ code: 'CLOSED' });
  expect([slow.hooks.at(-1), ending.hooks.at(-1), lobby.hooks.at(-1)]).toEqual([
    'disposed',
    'disposed',
    'dispose',
  ]);
  expect(lobby.hooks).toContain(`leave ${[...lobby.hooks][0]?.slice(5)} kick`);
  expect(rooms.players).toEqual([]);
  await expect(rooms.create('lobby')).rejects.toMatchObject({ code: 'CLOSED' });
  rooms.poll();
  rooms.start();
  expect(game.errors).toEqual([]);
});

test('stop inside of a step, and start again', async () => {
  const game = new RoomGame();
  let steps = 0;
  class Stopper extends TaggedRoom {
    override onStep(): void {
      steps++;
      if (steps === 3) game.rooms.stop();
    }
  }
  game.rooms.define('stopper', Stopper);
  await game.rooms.create('stopper', { tag: 1 });
  game.rooms.start({ pollHz: undefined });
  game.network.advance(1000);
  expect(steps).toBe(3);
  game.rooms.start({ pollHz: 20 });
  game.network.advance(1000);
  expect(steps).toBeGreaterThan(20);
});

test('timers run for polls and ticks, and no more often', async () => {
  let timers = 0;
  const game = new RoomGame((network) => {
    const runtime = network.createRuntime('10.0.0.1');
    return {
      runtime: {
        now: () => runtime.now(),
        random32: () => runtime.random32(),
        startTimer: (ms, callback) => {
          timers++;
          return runtime.startTimer(ms, callback);
        },
      },
    };
  });
  await game.rooms.create('lobby', { tag: 1 });
  game.rooms.start({ pollHz: 20 });
  game.network.advance(1000);
  // 20 ticks and 20 polls, and one that is not due.
  expect(timers).toBeLessThanOrEqual(45);
});

test('bad options of everything, each by its name', async () => {
  const game = new RoomGame();
  const { rooms, server: transport } = game;
  const room = await rooms.create('lobby', { tag: 1 });
  const client = game.join();
  await game.run(50);
  const player = game.playerOf(client);
  const bad = <T>(value: unknown): T => value as T;
  const listeners = transport.listenerCount('peerConnected');
  const made =
    (options: object): (() => unknown) =>
    () =>
      new RoomServer(
        bad({ transport, entry: 'lobby', runtime: game.network.createRuntime('10.9.9.9'), ...options }),
      );
  for (const [name, options] of Object.entries({
    transport: { transport: {} },
    entry: { entry: '' },
    auth: { auth: 1 },
    authTimeout: { authTimeout: 0 },
    maxAuthBytes: { maxAuthBytes: 0.5 },
    maxRooms: { maxRooms: 0 },
    graceMs: { graceMs: -1 },
    secondLogin: { secondLogin: 'never' },
    onTrace: { onTrace: 'log' },
    typo: { typo: 1 },
  }))
    expect(made(options), name).toThrow(`"${name}"`);
  expect(transport.listenerCount('peerConnected')).toBe(listeners);
  expect(() => rooms.define('', TaggedRoom)).toThrow('"kind"');
  expect(() => rooms.define('lobby', TaggedRoom)).toThrow('"kind"');
  expect(() => rooms.define('other', bad<RoomClass>(7))).toThrow('"roomClass"');
  await expect(rooms.create('lobby', undefined, { id: '' })).rejects.toThrow('"id"');
  expect(() => rooms.start({ pollHz: 0 })).toThrow('"pollHz"');
  for (const [name, filter] of Object.entries({
    kind: { kind: 1 },
    hasSeats: { hasSeats: 1 },
    metadata: { metadata: 1 },
    where: { where: 1 },
    typo: { typo: 1 },
  })) {
    expect(() => rooms.list(bad(filter)), name).toThrow(`"${name}"`);
    expect(() => rooms.watchList(bad(filter), () => undefined), name).toThrow(`"${name}"`);
  }
  expect(() => rooms.watchList({}, bad(1))).toThrow('"listener"');
  for (const [name, options] of Object.entries({
    seats: { seats: 0 },
    forMs: { forMs: -1 },
    as: { as: 'boss' },
    players: { players: 'ada' },
    name: { name: '' },
    typo: { typo: 1 },
  }))
    expect(() => room.reserve(bad(options)), name).toThrow(`"${name}"`);
  expect(() => {
    room.metadata = bad({ map: {} });
  }).toThrow('"metadata"');
  const match = await rooms.create('match', { tag: 2 });
  for (const [name, options] of Object.entries({
    as: { as: 'boss' },
    reservation: { reservation: 7 },
    typo: { typo: 1 },
  }))
    await expect(player.moveTo(match, bad(options)), name).rejects.toThrow(`"${name}"`);
  await expect(player.moveTo(bad(undefined))).rejects.toMatchObject({ code: 'ROOM_UNKNOWN' });
  await player.moveTo(match, { as: undefined, reservation: undefined, options: undefined });
  expect(player.room).toBe(match);
});

test('a transport that has failed is told once, and its players have dropped', async () => {
  const game = new RoomGame({
    graceMs: 1000,
    auth: ({ text, reply }) => {
      reply('in');
      return { player: text };
    },
  });
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  game.join('ada');
  await game.run(50);
  // As it does itself when its socket fails: without a signal.
  game.server.close();
  await game.run(20);
  expect(game.rooms.metrics()).toMatchObject({ isActive: false, peers: 0, authenticatedPeers: 0, away: 1 });
  expect(game.errors.map(String)).toEqual([
    'Error: the transport of the rooms has ended: nobody can connect any more',
  ]);
  await game.run(120);
  expect(room.hooks.slice(1)).toEqual(['drop ada', 'leave ada drop']);
  expect(game.errors).toHaveLength(1);
  await game.rooms.close();
});
