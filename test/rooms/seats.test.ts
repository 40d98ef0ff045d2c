/** Seats: locked rooms, reservations, spectators, codes, and several who come at once. */
import { expect, test } from 'vitest';
import { type AuthRequest, type Login, type Player, RoomError } from '../../src/rooms/index.ts';
import { roomServerAccess } from '../../src/rooms/internal.ts';
import { RoomGame, TaggedRoom } from './roomGame.ts';

const byName = ({ text, reply }: AuthRequest): Login => {
  reply('in');
  return { player: text };
};

class Small extends TaggedRoom {
  override maxPlayers = 2;
  override maxSpectators = 1;
}

/** One whose onAuth waits until it is told. */
class Slow extends Small {
  readonly waiting: ((isIn: boolean) => void)[] = [];
  override authMs = 500;
  override onAuth(): Promise<boolean> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

async function named(...names: readonly string[]): Promise<{ game: RoomGame; players: Player[] }> {
  const game = new RoomGame({ auth: byName });
  game.rooms.define('small', Small).define('slow', Slow);
  await game.rooms.create('lobby', { tag: 1 });
  const clients = names.map((name) => game.join(name));
  await game.run(80);
  return { game, players: clients.map((client) => game.playerOf(client)) };
}

function first<T>(list: readonly T[], index = 0): T {
  const one = list[index];
  if (one === undefined) throw new Error(`no ${index}`);
  return one;
}

test('a full room, a locked room, and a room that is not there', async () => {
  const { game, players } = await named('ada', 'bob', 'cy');
  const small = await game.rooms.create('small', { tag: 2 });
  await first(players, 0).moveTo(small);
  await first(players, 1).moveTo(small.id);
  await expect(first(players, 2).moveTo(small)).rejects.toMatchObject({ code: 'ROOM_FULL' });
  await first(players, 0).leaveRoom();
  expect(first(players, 0).room?.kind).toBe('lobby');
  small.isLocked = true;
  await expect(first(players, 2).moveTo(small)).rejects.toMatchObject({ code: 'ROOM_LOCKED' });
  await first(players, 2).moveTo(small, { reservation: small.reserve() });
  await expect(first(players, 0).moveTo('nowhere')).rejects.toMatchObject({ code: 'ROOM_UNKNOWN' });
  await small.end();
  await expect(first(players, 0).moveTo(small)).rejects.toMatchObject({ code: 'ROOM_UNKNOWN' });
});

test.each([
  [Number.NaN, 'NaN'],
  [4096, '4096'],
  [2.5, '2.5'],
])(
  'a number of seats that is none (%s), set while it runs, is told once, and nobody gets in',
  async (count, told) => {
    const { game, players } = await named('ada');
    const small = await game.rooms.create('small', { tag: 2 });
    small.maxPlayers = count;
    await game.run(3);
    expect(game.errors.map(String)).toEqual([
      `RangeError: "maxPlayers" of small expected 1..4095, got ${told}`,
    ]);
    expect(small.freeSeats()).toBe(0);
    expect(() => small.reserve()).toThrow(RoomError);
    await expect(first(players).moveTo(small)).rejects.toMatchObject({ code: 'ROOM_FULL' });
    small.maxPlayers = 1;
    await first(players).moveTo(small);
  },
);

test('spectators have seats of their own', async () => {
  const { game, players } = await named('ada', 'bob', 'cy');
  const small = await game.rooms.create('small', { tag: 2 });
  await first(players, 0).moveTo(small, { as: 'spectator' });
  expect([small.isSpectator(first(players, 0)), small.freeSeats(), small.freeSeats('spectator')]).toEqual([
    true,
    2,
    0,
  ]);
  await expect(first(players, 1).moveTo(small, { as: 'spectator' })).rejects.toMatchObject({
    code: 'ROOM_FULL',
  });
  await first(players, 1).moveTo(small, { as: undefined });
  expect(small.isSpectator(first(players, 1))).toBe(false);
});

test('reservations: for those who have the name, or for some alone; repeated, given back and too late', async () => {
  const { game, players } = await named('ada', 'bob', 'cy');
  const [ada, bob, cy] = players;
  if (ada === undefined || bob === undefined || cy === undefined) throw new Error('three');
  const small = await game.rooms.create('small', { tag: 2 });
  expect(small.reserve({ players: ['ada', 'bob'], name: 'match 7' })).toBe('match 7');
  expect(small.freeSeats()).toBe(0);
  expect(() => small.reserve()).toThrow(RoomError);
  await expect(cy.moveTo(small)).rejects.toMatchObject({ code: 'ROOM_FULL' });
  await expect(cy.moveTo(small, { reservation: 'match 7' })).rejects.toMatchObject({ code: 'RESERVATION' });
  await expect(cy.moveTo(small, { reservation: 'match 8' })).rejects.toMatchObject({ code: 'RESERVATION' });
  await ada.moveTo(small, { reservation: 'match 7' });
  // Ada has had hers: that of bob is kept.
  await ada.leaveRoom();
  await expect(ada.moveTo(small, { reservation: 'match 7' })).rejects.toMatchObject({ code: 'RESERVATION' });
  await bob.moveTo(small, { reservation: 'match 7' });
  expect(small.freeSeats()).toBe(1);
  // A repeated call keeps no more, also when all have come.
  small.reserve({ players: ['ada', 'bob'], name: 'match 7' });
  expect(small.freeSeats()).toBe(1);
  expect(small.cancelReservation('match 7')).toBe(false);
  expect(small.cancelReservation(small.reserve({ seats: undefined, name: undefined }))).toBe(true);
  expect(() => small.reserve({ players: [] })).toThrow(
    new RangeError('"players" expected at least one id, got none'),
  );
  expect(small.freeSeats()).toBe(1);
  small.reserve({ forMs: 1000 });
  expect(small.freeSeats()).toBe(0);
  await game.run(110);
  expect(small.freeSeats()).toBe(1);
  // Who is named twice has one.
  await bob.leaveRoom();
  small.reserve({ players: ['ada', 'ada'] });
  expect(small.freeSeats()).toBe(1);
});

test('a reservation whose player is refused is there still', async () => {
  const { game, players } = await named('ada');
  const slow = (await game.rooms.create('slow', { tag: 2 })) as Slow;
  const name = slow.reserve({ players: ['ada'] });
  const going = first(players).moveTo(slow, { reservation: name });
  expect(slow.freeSeats()).toBe(1);
  first(slow.waiting)(false);
  await expect(going).rejects.toMatchObject({ code: 'REFUSED' });
  expect(slow.freeSeats()).toBe(1);
  const again = first(players).moveTo(slow, { reservation: name });
  first(slow.waiting, 1)(true);
  await again;
  expect(slow.freeSeats()).toBe(1);
});

test('a second login of a player with a seat of its own may use what is reserved for the player', async () => {
  const game = new RoomGame({ auth: byName, secondLogin: 'both' });
  game.rooms.define('small', Small);
  await game.rooms.create('lobby', { tag: 1 });
  const clients = [game.join('ada'), game.join('ada')];
  await game.run(80);
  const [one, two] = clients.map((client) => game.playerOf(client));
  if (one === undefined || two === undefined) throw new Error('two');
  expect(two.seat).not.toBe(one.seat);
  const small = await game.rooms.create('small', { tag: 2 });
  const name = small.reserve({ players: ['ada'] });
  await two.moveTo(small, { reservation: name });
  expect(two.room).toBe(small);
});

test('two moves at once: the second is told that the player is under way', async () => {
  const { game, players } = await named('ada');
  const slow = (await game.rooms.create('slow', { tag: 2 })) as Slow;
  const small = await game.rooms.create('small', { tag: 3 });
  const ada = first(players);
  const going = ada.moveTo(slow);
  await expect(ada.moveTo(small)).rejects.toMatchObject({ code: 'BUSY' });
  await expect(ada.moveTo(slow)).rejects.toMatchObject({ code: 'BUSY' });
  expect(slow.freeSeats()).toBe(1);
  first(slow.waiting)(true);
  await going;
  expect(ada.room).toBe(slow);
  expect(small.freeSeats()).toBe(2);
});

test('a move that is refused late takes no seat from one who is in', async () => {
  const game = new RoomGame({ auth: byName });
  game.rooms.define('small', Small).define('slow', Slow);
  await game.rooms.create('lobby', { tag: 1 });
  const slow = (await game.rooms.create('slow', { tag: 2 })) as Slow;
  const old = game.join('ada');
  await game.run(80);
  const ada = game.playerOf(old);
  const lost = ada.moveTo(slow).catch((error: unknown) => error);
  // The same player by another connection, while the first move is asked about.
  const fresh = game.join('ada');
  await game.run(80);
  expect(game.playerOf(fresh)).toBe(ada);
  const going = ada.moveTo(slow);
  first(slow.waiting, 1)(true);
  await going;
  expect([ada.room, slow.freeSeats()]).toEqual([slow, 1]);
  first(slow.waiting, 0)(true);
  expect(await lost).toMatchObject({ code: 'PLAYER_GONE' });
  expect([slow.players.size, slow.freeSeats()]).toEqual([1, 1]);
});

test('a handler that moves the player who calls it', async () => {
  const game = new RoomGame();
  const a = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const b = (await game.rooms.create('match', { tag: 2 })) as TaggedRoom;
  const client = game.join();
  await game.run(50);
  const went: Promise<string>[] = [];
  a.mirror.getNode('/root/Main')?.onRpc('say', (sender) => {
    const going = a.playerOf(sender)?.moveTo(b);
    if (going !== undefined)
      went.push(
        going.then(
          () => 'moved',
          (error: unknown) => (error instanceof RoomError ? error.code : 'odd'),
        ),
      );
  });
  client.call('say', 1, 'go');
  client.call('say', 1, 'go again');
  await game.run(50);
  expect(await Promise.all(went)).toEqual(['moved', 'BUSY']);
  expect(game.playerOf(client).room).toBe(b);
  expect(b.heard).toEqual([]);
  expect(client.nodes).toEqual([`${game.playerOf(client).peerId}@2`]);
});

test('many who come at once fill as many rooms as they need', async () => {
  const game = new RoomGame({ entry: 'small' });
  game.rooms.define('small', Small);
  for (let i = 0; i < 9; i++) game.join();
  await game.run(60);
  expect(game.rooms.rooms.map(({ players }) => players.size)).toEqual([2, 2, 2, 2, 1]);
  expect(game.rooms.metrics().authenticatedPeers).toBe(9);
});

test('an entry that keeps all its seats makes one room, not as many as there may be', async () => {
  class Kept extends Small {
    override onCreate(): void {
      this.reserve({ seats: 2 });
    }
  }
  const game = new RoomGame({ entry: 'kept' });
  game.rooms.define('kept', Kept);
  game.join();
  await game.run(60);
  expect(game.rooms.rooms).toHaveLength(1);
  expect(game.rooms.metrics().peers).toBe(0);
});

test('a player who is moved by a listener before it has a room goes there, and is not called back', async () => {
  let release: (() => void) | undefined;
  const game: RoomGame = new RoomGame({
    entry: async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return 'home';
    },
  });
  game.rooms.define('slow', Slow);
  await game.rooms.create('lobby', { tag: 1 }, { id: 'home' });
  const match = await game.rooms.create('match', { tag: 2 }, { id: 'match' });
  game.rooms.on('playerJoined', (player) => void player.moveTo('match'));
  const client = game.join();
  await game.run(50);
  release?.();
  await game.run(20);
  expect(game.playerOf(client).room).toBe(match);
  expect(client.told).toEqual([2]);
});

test('codes find private rooms, and there are not many tries', async () => {
  class Secret extends TaggedRoom {
    override isPrivate = true;
  }
  const { game, players } = await named('ada', 'bob');
  game.rooms.define('secret', Secret);
  const secret = await game.rooms.create('secret', { tag: 2 });
  expect(secret.code).toMatch(/^[2-9A-HJKMNP-Z]{6}$/);
  expect(game.rooms.list({ kind: 'secret' })).toEqual([]);
  const ada = first(players);
  expect(game.rooms.byCode(ada, secret.code.toLowerCase())).toBe(secret);
  const codeOf = (code: string): unknown => {
    try {
      return game.rooms.byCode(ada, code);
    } catch (error) {
      return error instanceof RoomError ? error.code : error;
    }
  };
  for (let i = 0; i < 20; i++) expect(codeOf('000000')).toBe('ROOM_UNKNOWN');
  expect(codeOf(secret.code)).toBe('TOO_MANY_TRIES');
  expect(game.rooms.byCode(first(players, 1), secret.code)).toBe(secret);
});

test('a room that does not answer gives the seat back in time, and the player is told', async () => {
  const { game, players } = await named('ada', 'bob');
  const slow = (await game.rooms.create('slow', { tag: 2 })) as Slow;
  const small = await game.rooms.create('small', { tag: 3 });
  const ada = first(players);
  const name = slow.reserve({ players: ['ada'], forMs: 60_000 });
  const lost = ada.moveTo(slow, { reservation: name }).catch((error: unknown) => error);
  await game.run(45);
  expect([ada.room?.kind, slow.freeSeats()]).toEqual(['lobby', 1]);
  await expect(ada.moveTo(small)).rejects.toMatchObject({ code: 'BUSY' });
  await game.run(10);
  expect(await lost).toMatchObject({ code: 'AUTH_TIMEOUT' });
  // Its reservation is there still, and nothing comes of an answer that is late.
  first(slow.waiting)(true);
  await game.run(5);
  expect([ada.room?.kind, slow.players.size]).toEqual(['lobby', 0]);
  await ada.moveTo(small);
  const again = ada.moveTo(slow, { reservation: name });
  first(slow.waiting, 1)(true);
  await again;
  expect([ada.room, slow.freeSeats()]).toEqual([slow, 1]);
  expect(game.errors).toEqual([]);
});

test('an entry that does not answer ends the connection of who has just come', async () => {
  const game = new RoomGame({ entry: 'slow' });
  game.rooms.define('slow', Slow);
  game.join();
  await game.run(40);
  expect(game.rooms.metrics()).toMatchObject({ peers: 1, authenticatedPeers: 1 });
  await game.run(60);
  expect(game.rooms.metrics()).toMatchObject({ peers: 0, authenticatedPeers: 0 });
  expect(game.rooms.metrics().refusals.get('no-room')).toBe(1);
});

test.each(['an entry', 'a room'])(
  '%s that never says where newcomers go is waited for in vain, not for ever',
  async (what) => {
    const never = (): Promise<never> => new Promise(() => undefined);
    class Endless extends TaggedRoom {
      override onCreate(): Promise<void> {
        return never();
      }
    }
    const isRoom = what === 'a room';
    const game = new RoomGame({ entry: isRoom ? 'endless' : never, entryTimeout: 0.5 });
    game.rooms.define('endless', Endless);
    const there = await game.rooms.create('lobby', { tag: 1 });
    game.rooms.on('playerJoined', (player) => {
      if (stays) void player.moveTo(there);
    });
    let stays = true;
    const client = game.join();
    await game.run(50);
    const player = game.playerOf(client);
    stays = false;
    game.join();
    const leaving = player.leaveRoom().catch((error: unknown) => error);
    await game.run(30);
    expect(game.rooms.metrics()).toMatchObject({ peers: 2, authenticatedPeers: 2 });
    await game.run(60);
    expect(await leaving).toMatchObject({ code: 'ENTRY_TIMEOUT' });
    expect(game.rooms.players).toEqual([player]);
    expect([player.room, game.rooms.metrics().peers]).toEqual([there, 1]);
    expect(game.rooms.metrics().refusals.get('no-room')).toBe(1);
    expect(game.errors).toEqual([]);
  },
);

test.each(['goes on here', 'goes to another node', 'does neither in time', 'begins while it is asked'])(
  'a newcomer who is sent to a room that is on its way waits: it %s',
  async (what) => {
    let here = 'home';
    const asked: string[] = [];
    const entry = async ({ id }: Player): Promise<string> => {
      asked.push(id);
      return here;
    };
    const game = new RoomGame({ entry, entryTimeout: 0.5 });
    game.rooms.define('slow', Slow);
    const isLate = what === 'begins while it is asked';
    await game.rooms.create(isLate ? 'slow' : 'lobby', { tag: 1 }, { id: 'home' });
    const other = await game.rooms.create('match', { tag: 2 }, { id: 'other' });
    const core = roomServerAccess.partsOf(game.rooms).coreOf('home');
    const letIn = (): void => {
      if (core.room instanceof Slow) core.room.waiting.shift()?.(true);
    };
    core.isSealed = !isLate;
    game.join();
    await game.run(15);
    core.isSealed = true;
    letIn();
    await game.run(20);
    const [player] = game.rooms.players;
    expect([player?.room, asked.length]).toEqual([undefined, isLate ? 2 : 1]);
    expect(game.rooms.metrics().peers).toBe(1);
    if (what === 'does neither in time') {
      await game.run(60);
      expect(game.rooms.metrics()).toMatchObject({ peers: 0, authenticatedPeers: 0 });
      return;
    }
    if (what === 'goes to another node') {
      here = 'other';
      await core.room.end();
    } else core.isSealed = false;
    await game.run(5);
    letIn();
    await game.run(5);
    expect(player?.room).toBe(here === 'other' ? other : core.room);
    expect(asked.length).toBe(isLate ? 3 : 2);
    expect(game.errors).toEqual([]);
  },
);

test('who leaves, or whose room ends, while the room is asked is told at once', async () => {
  const { game, players } = await named('ada', 'bob');
  const slow = (await game.rooms.create('slow', { tag: 2 })) as Slow;
  const [ada, bob] = [first(players), first(players, 1)];
  const codes = [ada, bob].map((player) => player.moveTo(slow).catch((error: unknown) => error));
  ada.kick();
  expect(await codes[0]).toMatchObject({ code: 'PLAYER_GONE' });
  expect(slow.freeSeats()).toBe(1);
  await slow.end();
  expect(await codes[1]).toMatchObject({ code: 'ROOM_UNKNOWN' });
  expect(bob.room?.kind).toBe('lobby');
});

test('who goes back to where newcomers go finds another room when that one ends meanwhile', async () => {
  const game = new RoomGame({ auth: byName, entry: 'slow' });
  game.rooms.define('small', Small).define('slow', Slow);
  const home = (await game.rooms.create('slow', { tag: 1 })) as Slow;
  const client = game.join('ada');
  await game.run(30);
  first(home.waiting)(true);
  await game.run(10);
  const ada = game.playerOf(client);
  await ada.moveTo(await game.rooms.create('small', { tag: 2 }));
  const back = ada.leaveRoom();
  await game.run(2);
  await home.end();
  await game.run(5);
  const other = game.rooms.rooms.find((room): room is Slow => room instanceof Slow);
  if (other === undefined) throw new Error('no other room');
  first(other.waiting)(true);
  await back;
  expect([ada.room, other === home]).toEqual([other, false]);
});
