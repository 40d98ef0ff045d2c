/** Rooms that are being made: who waits for them, and who does not. */
import { expect, test } from 'vitest';
import { RoomGame, TaggedRoom } from './roomGame.ts';

/** Those with a tag begin when they are told to, and are private; others at once. */
class Slow extends TaggedRoom {
  static begin: (error?: Error) => void;
  override async onCreate(options: { readonly tag: number } | undefined): Promise<void> {
    super.onCreate(options);
    if (options === undefined) return;
    this.isPrivate = true;
    await new Promise<void>((resolve, reject) => {
      Slow.begin = (error) => (error === undefined ? resolve() : reject(error));
    });
  }
}

test.each([
  ['is private', undefined],
  ['cannot begin', new Error('no')],
])('a room of somebody else that %s is none for newcomers: they get another one', async (_what, error) => {
  const game = new RoomGame({ entry: 'slow' });
  game.rooms.define('slow', Slow);
  const making = game.rooms.create('slow', { tag: 5 }).catch(() => undefined);
  const clients = [game.join(), game.join()];
  await game.run(50);
  Slow.begin(error);
  const ofOthers = await making;
  await game.run(50);
  expect(ofOthers?.players.size ?? 0).toBe(0);
  expect(game.rooms.rooms.filter((room) => room !== ofOthers).map(({ players }) => players.size)).toEqual([
    2,
  ]);
  expect(clients.map((client) => game.playerOf(client).room?.isPrivate)).toEqual([false, false]);
});

test('of two rooms under one id the later one begins when the earlier one has ended', async () => {
  const said: string[] = [];
  let done: (() => void) | undefined;
  class Saved extends TaggedRoom {
    override onCreate(): void {
      said.push('create');
    }
    override async onDispose(): Promise<void> {
      await new Promise<void>((resolve) => {
        done = resolve;
      });
      said.push('disposed');
    }
  }
  const { rooms } = new RoomGame();
  rooms.define('saved', Saved);
  const room = await rooms.create('saved', undefined, { id: 'one' });
  const ended = room.end();
  const again = rooms.create('saved', undefined, { id: 'one' });
  const once = rooms.create('saved', undefined, { id: 'one' });
  await expect(rooms.create('lobby', undefined, { id: 'one' })).rejects.toMatchObject({ code: 'ID_TAKEN' });
  expect(said).toEqual(['create']);
  done?.();
  await ended;
  expect(await again).toBe(await once);
  expect(await again).not.toBe(room);
  expect(said).toEqual(['create', 'disposed', 'create']);
});

test('a room that ends itself in onCreate does not come to be', async () => {
  const hooks: string[] = [];
  class Unwanted extends TaggedRoom {
    override onCreate(): void {
      void this.end();
    }
    override onDispose(): void {
      hooks.push('dispose');
    }
  }
  const { rooms } = new RoomGame();
  rooms.define('unwanted', Unwanted);
  await expect(rooms.create('unwanted')).rejects.toMatchObject({ code: 'ROOM_FAILED' });
  expect(rooms.rooms).toEqual([]);
  expect(hooks).toEqual(['dispose']);
});
