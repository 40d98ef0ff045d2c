/** Rooms that throw: they end, alone, and nobody is lost or goes in circles. */
import { expect, test } from 'vitest';
import {
  type AuthRequest,
  type LeaveReason,
  type Login,
  type Player,
  Room,
  RoomError,
} from '../../src/rooms/index.ts';
import { RoomGame, TaggedRoom } from './roomGame.ts';

const byName = ({ text, reply }: AuthRequest): Login => {
  reply('in');
  return { player: text };
};

class BadStart extends TaggedRoom {
  override onCreate(): void {
    throw new Error('no start');
  }
}

class BadStep extends TaggedRoom {
  override onStep(): void {
    throw new Error('no step');
  }
}

class BadJoin extends TaggedRoom {
  override onJoin(): void {
    throw new Error('no join');
  }
}

class BadJoinLater extends TaggedRoom {
  override async onJoin(): Promise<void> {
    await Promise.resolve();
    throw new Error('no join later');
  }
}

test('a room that cannot begin is not there, and says why', async () => {
  const game = new RoomGame();
  game.rooms.define('bad', BadStart);
  const error = await game.rooms.create('bad', undefined, { id: 'one' }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(RoomError);
  expect(error).toMatchObject({ code: 'ROOM_FAILED', cause: new Error('no start') });
  expect(game.rooms.get('one')).toBeUndefined();
  expect(game.rooms.rooms).toEqual([]);
  expect(await game.rooms.create('lobby', { tag: 3 }, { id: 'one' })).toMatchObject({ id: 'one', tag: 3 });
});

test.each([
  ['a step', BadStep, 'no step'],
  ['onJoin', BadJoin, 'no join'],
  ['an async onJoin', BadJoinLater, 'no join later'],
] as const)('%s that throws ends its room, and no other', async (_what, roomClass, message) => {
  const game = new RoomGame();
  game.rooms.define('bad', roomClass);
  const lobby = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const failed: string[] = [];
  game.rooms.on('roomFailed', (room, error) => failed.push(`${room.kind} ${String(error)}`));
  const [first, second] = [game.join(), game.join()];
  await game.run(50);
  const player = game.playerOf(first);
  const bad = (await game.rooms.create('bad', { tag: 2 })) as TaggedRoom;
  await player.moveTo(bad).catch(() => undefined);
  await game.run(50);
  expect(failed).toEqual([`bad Error: ${message}`]);
  expect(game.rooms.get(bad.id)).toBeUndefined();
  expect(bad.hooks.at(-1)).toBe('dispose');
  expect(player.room).toBe(lobby);
  expect(first.nodes).toHaveLength(2);
  expect(first.nodes).toEqual(second.nodes);
  expect(game.rooms.metrics()).toMatchObject({ failedRooms: 1, rooms: 1, authenticatedPeers: 2 });
});

test.each([
  ['a step', BadStep],
  ['onJoin', BadJoin],
  ['an async onJoin', BadJoinLater],
] as const)(
  'an entry whose %s always throws ends the connection after a few rooms',
  async (_what, roomClass) => {
    const game = new RoomGame({ entry: 'bad' });
    game.rooms.define('bad', roomClass);
    const left: string[] = [];
    game.rooms.on('playerLeft', (_player, reason) => left.push(reason));
    game.join();
    await game.run(300);
    expect(left).toEqual(['kick']);
    expect(game.rooms.metrics()).toMatchObject({ failedRooms: 3, rooms: 0, authenticatedPeers: 0, peers: 0 });
  },
);

test('onAuth refuses by false and by what it throws, and the player stays where it was', async () => {
  class Picky extends TaggedRoom {
    override onAuth(_player: Player, options: unknown): boolean | Promise<boolean> {
      if (options === 'throw') throw new Error('no');
      if (options === 'reject') return Promise.reject(new Error('not now'));
      return options === 'yes';
    }
  }
  const game = new RoomGame();
  game.rooms.define('picky', Picky);
  const lobby = await game.rooms.create('lobby', { tag: 1 });
  const picky = await game.rooms.create('picky', { tag: 2 });
  const client = game.join();
  await game.run(50);
  const player = game.playerOf(client);
  for (const options of ['no', 'throw', 'reject']) {
    await expect(player.moveTo(picky, { options })).rejects.toMatchObject({ code: 'REFUSED' });
    expect(player.room).toBe(lobby);
    expect(picky.freeSeats()).toBe(16);
  }
  await player.moveTo(picky, { options: 'yes' });
  expect(player.room).toBe(picky);
  expect(picky.freeSeats()).toBe(15);
  expect(game.errors).toEqual([]);
});

test('hooks that kick the others while their room ends', async () => {
  class Jealous extends TaggedRoom {
    override onLeave(player: Player, reason: LeaveReason): void {
      super.onLeave(player, reason);
      for (const other of this.players.values()) other.kick();
    }
  }
  const game = new RoomGame();
  game.rooms.define('jealous', Jealous);
  const room = await game.rooms.create('jealous', { tag: 2 });
  await game.rooms.create('lobby', { tag: 1 });
  const clients = [game.join(), game.join(), game.join()];
  await game.run(50);
  for (const client of clients) await game.playerOf(client).moveTo(room);
  await game.run(20);
  const left: string[] = [];
  game.rooms.on('playerLeft', ({ id }, reason) => left.push(`${id} ${reason}`));
  await room.end();
  await game.run(50);
  expect(left).toHaveLength(2);
  expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 1, peers: 1, rooms: 1 });
  expect(game.errors).toEqual([]);
});

test('onLeave of the old room that kicks its player, or ends the new room', async () => {
  class Strict extends TaggedRoom {
    whenLeft: (player: Player) => void = () => undefined;
    override onLeave(player: Player, reason: LeaveReason): void {
      super.onLeave(player, reason);
      this.whenLeft(player);
    }
  }
  const game = new RoomGame({ entry: 'strict' });
  game.rooms.define('strict', Strict);
  const strict = (await game.rooms.create('strict', { tag: 1 })) as Strict;
  const [a, b] = [game.join(), game.join()];
  await game.run(50);
  const match = await game.rooms.create('match', { tag: 2 });
  strict.whenLeft = (player) => player.kick();
  const first = game.playerOf(a);
  await expect(first.moveTo(match)).rejects.toMatchObject({ code: 'PLAYER_GONE' });
  expect([match.players.size, match.freeSeats()]).toEqual([0, 16]);
  strict.whenLeft = () => void match.end();
  const second = game.playerOf(b);
  await expect(second.moveTo(match)).rejects.toMatchObject({ code: 'ROOM_UNKNOWN' });
  await game.run(20);
  expect(second.room).toBe(strict);
  expect(b.nodes).toEqual([`${second.peerId}@1`]);
  expect(game.errors).toEqual([]);
});

test('onDrop that throws while somebody takes over: the newcomer is a player all the same', async () => {
  class BadDrop extends TaggedRoom {
    override onDrop(): void {
      throw new Error('no drop');
    }
  }
  const game = new RoomGame({ auth: byName });
  game.rooms.define('bad', BadDrop);
  const lobby = await game.rooms.create('lobby', { tag: 1 });
  const bad = await game.rooms.create('bad', { tag: 2 });
  const old = game.join('ada');
  await game.run(50);
  await game.playerOf(old).moveTo(bad);
  const again = game.join('ada');
  await game.run(100);
  expect(game.errors).toEqual([new Error('no drop')]);
  expect(game.playerOf(again).room).toBe(lobby);
  expect(again.nodes).toEqual([`${game.playerOf(again).peerId}@1`]);
  expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 1, away: 0 });
});

test.each(['renameReturned', 'peerDisconnected'] as const)(
  '%s that throws or kicks when a player drops',
  async (what) => {
    class Odd extends TaggedRoom {
      override onCreate(options: { readonly tag: number } | undefined): void {
        super.onCreate(options);
        if (what === 'peerDisconnected')
          this.multiplayer.on('peerDisconnected', (id) => this.playerOf(id)?.kick());
      }
      override renameReturned(name: string, oldPeerId: number, newPeerId: number): string {
        if (what === 'renameReturned') throw new Error('no name');
        return super.renameReturned(name, oldPeerId, newPeerId);
      }
    }
    const game = new RoomGame({ auth: byName });
    game.rooms.define('odd', Odd);
    const lobby = await game.rooms.create('lobby', { tag: 1 });
    const odd = (await game.rooms.create('odd', { tag: 2 })) as Odd;
    const left: string[] = [];
    game.rooms.on('playerLeft', ({ id }, reason) => left.push(`${id} ${reason}`));
    const old = game.join('ada');
    await game.run(50);
    await game.playerOf(old).moveTo(odd);
    old.vanish();
    await game.run(4000);
    const again = game.join('ada');
    await game.run(100);
    expect(game.errors).toEqual(what === 'renameReturned' ? [new Error('no name')] : []);
    expect(left).toEqual(what === 'renameReturned' ? [] : ['ada kick']);
    expect(game.playerOf(again).room).toBe(lobby);
    expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 1, away: 0 });
    expect(game.rooms.players).toHaveLength(1);
  },
);

test('fields that a room sets to nonsense in onCreate are its failure to begin', async () => {
  class Wrong extends Room {
    override onCreate(): void {
      this.maxPlayers = -1;
    }
  }
  const game = new RoomGame();
  game.rooms.define('wrong', Wrong);
  await expect(game.rooms.create('wrong')).rejects.toMatchObject({ code: 'ROOM_FAILED' });
});

test('what a room has taken before onCreate throws it gives back in onDispose; one that was not asked is not', async () => {
  const hooks: string[] = [];
  class Half extends TaggedRoom {
    override onCreate(options: { readonly tag: number } | undefined): void {
      super.onCreate(options);
      hooks.push(`begin ${this.tag}`);
      if (this.tag === 1) throw new Error('no start');
      if (this.tag === 2) this.maxPlayers = -1;
    }
    override onDispose(): void {
      hooks.push(`dispose ${this.tag} ${this.mirror.getNode('/root/Main')?.name}`);
      throw new Error('no end');
    }
  }
  class NoTree extends Half {
    override makeMirror(): never {
      throw new Error('no tree');
    }
  }
  const game = new RoomGame();
  game.rooms.define('half', Half).define('no tree', NoTree);
  const events: string[] = [];
  for (const signal of ['roomOpened', 'roomEnded', 'roomFailed'] as const)
    game.rooms.on(signal, () => events.push(signal));
  for (const tag of [1, 2])
    await expect(game.rooms.create(Half, { tag })).rejects.toMatchObject({ code: 'ROOM_FAILED' });
  await expect(game.rooms.create(NoTree)).rejects.toMatchObject({ code: 'ROOM_FAILED' });
  await game.run(1);
  expect(hooks).toEqual(['begin 1', 'dispose 1 Main', 'begin 2', 'dispose 2 Main']);
  expect(game.errors).toEqual([new Error('no end'), new Error('no end')]);
  expect([events, game.rooms.metrics().rooms]).toEqual([[], 0]);
});

test('close waits for a room that begins, and ends it', async () => {
  let begin: (() => void) | undefined;
  class Late extends TaggedRoom {
    override onCreate(): Promise<void> {
      return new Promise((resolve) => {
        begin = resolve;
      });
    }
    override async onDispose(): Promise<void> {
      await Promise.resolve();
      ended.push(this.id);
    }
  }
  const ended: string[] = [];
  const game = new RoomGame();
  const made = game.rooms.define('late', Late).create(Late, undefined, { id: 'one' });
  await game.run(1);
  const closing = game.rooms.close();
  begin?.();
  await expect(made).rejects.toMatchObject({ code: 'CLOSED' });
  await closing;
  expect(ended).toEqual(['one']);
});

test('an id is that of one kind: create gives no room of another one', async () => {
  const { rooms } = new RoomGame();
  const making = rooms.create('lobby', { tag: 1 }, { id: 'one' });
  await expect(rooms.create('match', { tag: 2 }, { id: 'one' })).rejects.toMatchObject({ code: 'ID_TAKEN' });
  const lobby = await making;
  await expect(rooms.create('match', { tag: 2 }, { id: 'one' })).rejects.toMatchObject({ code: 'ID_TAKEN' });
  expect(await rooms.create('lobby', { tag: 3 }, { id: 'one' })).toBe(lobby);
  await lobby.end();
  expect((await rooms.create('match', { tag: 2 }, { id: 'one' })).kind).toBe('match');
});

test('create by a class: that of one kind makes it, those of none or several say so', async () => {
  const { rooms } = new RoomGame();
  class Duel extends TaggedRoom {}
  await expect(rooms.create(Duel)).rejects.toMatchObject({ code: 'KIND_UNKNOWN' });
  const duel = await rooms.define('duel', Duel).create(Duel, { tag: 5 });
  expect([duel.kind, duel.tag]).toEqual(['duel', 5]);
  rooms.define('ranked', Duel);
  await expect(rooms.create(Duel)).rejects.toThrow(
    '"kind" expected a name: Duel is the class of duel and ranked',
  );
});

test('one player whose onJoin breaks every room is disconnected, and those who are with it are not', async () => {
  class Fragile extends TaggedRoom {
    override onJoin(player: Player): void {
      if (player.id === 'eve') throw new Error('bad luck');
      super.onJoin(player);
    }
  }
  const game = new RoomGame({ auth: byName, entry: 'fragile' });
  game.rooms.define('fragile', Fragile);
  const names = ['ada', 'bob', 'cy', 'dan'];
  for (const name of names) game.join(name);
  await game.run(30);
  const left: string[] = [];
  game.rooms.on('playerLeft', ({ id }, reason) => left.push(`${id} ${reason}`));
  game.join('eve');
  await game.run(300);
  expect(left).toEqual(['eve kick']);
  expect(game.rooms.players.map(({ id }) => id).sort()).toEqual(names);
  expect(game.rooms.metrics()).toMatchObject({ failedRooms: 3, rooms: 1, authenticatedPeers: 4 });
});

test('a room in which several hooks throw has failed once', async () => {
  class BadLeave extends TaggedRoom {
    override onLeave(): void {
      throw new Error('no leave');
    }
  }
  const game = new RoomGame();
  game.rooms.define('badLeave', BadLeave);
  const room = await game.rooms.create('badLeave');
  for (let i = 0; i < 3; i++) game.join();
  await game.run(50);
  for (const client of game.clients) await game.playerOf(client).moveTo(room);
  await room.end();
  expect(game.errors).toHaveLength(3);
  expect(game.rooms.metrics().failedRooms).toBe(1);
});

test('onTrace that throws is reported, and nothing else goes wrong', async () => {
  const game = new RoomGame({
    auth: ({ text }) => (text === 'ada' ? { player: text } : false),
    onTrace: () => {
      throw new Error('no trace');
    },
  });
  game.join('eve');
  await game.run(50);
  expect(game.rooms.metrics().peers).toBe(0);
  expect(game.errors.length).toBeGreaterThan(0);
  expect(new Set(game.errors.map(String))).toEqual(new Set(['Error: no trace']));
});
