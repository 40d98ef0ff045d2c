/** Lists of rooms: filters, what watchers are told, and rooms with ids of the caller's own. */
import { expect, test } from 'vitest';
import { RoomError, type RoomListChanges } from '../../src/rooms/index.ts';
import { RoomGame, type TaggedRoom } from './roomGame.ts';

test('filters: kind, seats, metadata, and whatever else', async () => {
  const game = new RoomGame();
  const { rooms } = game;
  const a = await rooms.create('lobby', { tag: 1 }, { id: 'a' });
  const b = await rooms.create('match', { tag: 2 }, { id: 'b' });
  a.metadata = { map: 'castle', level: 3 };
  b.metadata = { map: 'desert', level: 3 };
  b.isLocked = true;
  const ids = (filter: Parameters<typeof rooms.list>[0]): string[] => rooms.list(filter).map(({ id }) => id);
  expect(ids({})).toEqual(['a', 'b']);
  expect(ids({ kind: 'match', hasSeats: undefined })).toEqual(['b']);
  expect(ids({ hasSeats: true })).toEqual(['a']);
  expect(ids({ hasSeats: false })).toEqual(['b']);
  expect(ids({ metadata: { level: 3, map: ['desert', 'sea'] } })).toEqual(['b']);
  expect(ids({ metadata: { toString: 'x' } })).toEqual([]);
  expect(ids({ where: ({ maxPlayers }) => maxPlayers === 16 })).toEqual(['a', 'b']);
  a.isPrivate = true;
  expect(ids({})).toEqual(['b']);
  expect(() =>
    rooms.list({
      where: () => {
        throw new Error('mine');
      },
    }),
  ).toThrow('mine');
});

test('a watcher hears of seats, locks, reservations that end, and of rooms that go', async () => {
  const game = new RoomGame();
  const { rooms } = game;
  const heard: string[] = [];
  const tell = ({ changed, removed }: RoomListChanges): void => {
    for (const { id, freeSeats, isLocked } of changed)
      heard.push(`${id} ${freeSeats}${isLocked ? ' locked' : ''}`);
    for (const id of removed) heard.push(`${id} gone`);
  };
  const said = (): string[] => heard.splice(0);
  const room = (await rooms.create('lobby', { tag: 1 }, { id: 'a' })) as TaggedRoom;
  const end = rooms.watchList({}, tell);
  expect(said()).toEqual(['a 16']);
  const client = game.join();
  await game.run(50);
  expect(said().at(-1)).toBe('a 15');
  room.cancelReservation(room.reserve({ seats: 5, name: 'five' }));
  await game.run(1);
  expect(said()).toEqual(['a 15']);
  room.reserve({ seats: 5, forMs: 200 });
  await game.run(1);
  expect(said()).toEqual(['a 10']);
  await game.run(25);
  expect(said()).toEqual(['a 15']);
  room.isLocked = true;
  client.peer.close();
  await game.run(20);
  expect(said().at(-1)).toBe('a 16 locked');
  await room.end();
  await game.run(1);
  expect(said()).toEqual(['a gone']);
  end();
  await rooms.create('match', { tag: 2 });
  await game.run(1);
  expect(said()).toEqual([]);
});

test('a watcher or its filter that throws is reported, and disturbs nobody; one that is ended hears no more', async () => {
  const game = new RoomGame();
  const { rooms } = game;
  let isBad = false;
  const heard: string[] = [];
  rooms.watchList(
    {
      where: () => {
        if (isBad) throw new Error('filter');
        return true;
      },
    },
    () => undefined,
  );
  rooms.watchList({}, () => {
    if (isBad) throw new Error('listener');
  });
  const ends: (() => void)[] = [];
  rooms.watchList({}, () => {
    for (const end of ends) end();
  });
  ends.push(rooms.watchList({}, ({ changed }) => heard.push(`${changed.length}`)));
  rooms.watchList({}, ({ changed }) => heard.push(`last ${changed.length}`));
  isBad = true;
  await rooms.create('lobby', { tag: 1 });
  await game.run(1);
  expect(game.errors).toEqual([new Error('filter'), new Error('listener')]);
  expect(heard).toEqual(['last 1']);
});

test('an id of the caller’s own gives the same room, also while it is being made', async () => {
  const game = new RoomGame();
  const { rooms } = game;
  const [a, b] = await Promise.all([
    rooms.create('lobby', { tag: 1 }, { id: 'one' }),
    rooms.create('lobby', { tag: 2 }, { id: 'one' }),
  ]);
  expect(b).toBe(a);
  expect(await rooms.create('lobby', { tag: 3 }, { id: 'one' })).toBe(a);
  expect(await rooms.create('lobby', { tag: 4 }, { id: undefined })).not.toBe(a);
  const ending = a.end();
  expect(a.end()).toBe(ending);
  await ending;
  expect(await rooms.create('lobby', { tag: 5 }, { id: 'one' })).toMatchObject({ tag: 5 });
});

test('no more rooms than there may be, and none of kinds that nobody knows', async () => {
  const game = new RoomGame({ maxRooms: 1 });
  await game.rooms.create('lobby', { tag: 1 });
  await expect(game.rooms.create('lobby')).rejects.toMatchObject({ code: 'TOO_MANY_ROOMS' });
  await expect(game.rooms.create('nothing')).rejects.toBeInstanceOf(RoomError);
});
