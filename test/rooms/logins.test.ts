/** Second logins, guests, ids that others have, and what authentication is sent. */
import { expect, test } from 'vitest';
import type { AuthRequest, Login, Player, ReturnInfo, RoomServerOptions } from '../../src/rooms/index.ts';
import { RoomGame, TaggedRoom } from './roomGame.ts';

const byName = ({ text, reply }: AuthRequest): Login => {
  reply('in');
  return { player: text };
};

async function twice(secondLogin: RoomServerOptions['secondLogin']): Promise<RoomGame> {
  const game = new RoomGame({ auth: byName, secondLogin });
  await game.rooms.create('lobby', { tag: 1 });
  game.join('ada');
  await game.run(50);
  game.join('ada');
  await game.run(100);
  return game;
}

test('takeOver: the newer connection has the seat and the node, the older one ends', async () => {
  const game = await twice('takeOver');
  expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 1, peers: 1, returns: 1 });
  const [old, fresh] = game.clients;
  expect(old?.peers.size).toBe(0);
  expect(fresh?.nodes).toEqual([`${game.rooms.peerOf('ada')}@1`]);
});

test('refuse: the newer connection is turned away', async () => {
  const game = await twice('refuse');
  expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 1, peers: 1, returns: 0 });
  const [old] = game.clients;
  expect(old?.nodes).toEqual([`${game.rooms.peerOf('ada')}@1`]);
});

test('both: each has a seat, a node, and what was kept for it, once; one that is kicked takes nothing from the other', async () => {
  const game = await twice('both');
  const room = game.rooms.rooms[0] as TaggedRoom;
  expect(room.players.size).toBe(2);
  for (const client of game.clients) client.vanish();
  await game.run(3500);
  expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 0, away: 2 });
  room.rpcKept('/root/Main', 'told', 77);
  const [first] = game.rooms.players;
  first?.kick();
  expect(game.rooms.metrics()).toMatchObject({ authenticatedPeers: 0, away: 1 });
  expect(room.players.size).toBe(1);
  const again = game.join('ada');
  await game.run(100);
  expect(again.told).toEqual([77, 1]);
});

test('a guest who drops is gone: nobody can come back as it', async () => {
  const game = new RoomGame();
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const client = game.join();
  await game.run(50);
  client.vanish();
  await game.run(3500);
  expect(room.hooks.at(-1)).toMatch(/^leave guest-\w+ timeout$/);
  expect(room.freeSeats()).toBe(16);
});

test('what is sent while auth is at work is heard after it, and an answer for one who left is of no use to another', async () => {
  const answers: ((login: Login | undefined) => void)[] = [];
  const texts: string[] = [];
  const game = new RoomGame({
    auth: ({ text }) => {
      texts.push(text);
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  await game.rooms.create('lobby', { tag: 1 });
  const client = game.join('name');
  await game.run(20);
  client.multiplayer.sendAuth(1, new TextEncoder().encode('password'));
  await game.run(20);
  expect(texts).toEqual(['name']);
  answers[0]?.(undefined);
  await game.run(5);
  expect(texts).toEqual(['name', 'password']);
  client.peer.close();
  await game.run(20);
  answers[1]?.({ player: 'ada' });
  await game.run(20);
  expect(game.rooms.players).toEqual([]);
  expect(game.rooms.metrics()).toMatchObject({ peers: 0 });
});

test('a client that chooses the peer id of somebody who is away does not get in, and has nothing of its nodes', async () => {
  const game = new RoomGame({ auth: byName });
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const { network } = game;
  const createRuntime = network.createRuntime.bind(network);
  // The id of a client is made of its random numbers.
  network.createRuntime = (ip) => {
    const runtime = createRuntime(ip);
    runtime.random32 = () => 0x1234_5678;
    return runtime;
  };
  const ada = game.join('ada');
  await game.run(50);
  const { peerId } = game.playerOf(ada);
  ada.vanish();
  await game.run(3500);
  expect(game.rooms.player('ada')?.isAway).toBe(true);
  const thief = game.join('eve');
  await game.run(50);
  expect(thief.multiplayer.getPeers()).toEqual([]);
  expect([...room.players.keys()]).toEqual(['ada']);
  expect(game.lines.filter((line) => line.includes('of another player'))).toHaveLength(1);
  // The player herself may have it again.
  const again = game.join('ada');
  await game.run(100);
  expect(game.playerOf(again).peerId).toBe(peerId);
  expect(again.nodes).toEqual([`${peerId}@1`]);
});

test('who is called as the second seat of another player has a seat of its own', async () => {
  const game = new RoomGame({ auth: byName, secondLogin: 'both' });
  const room = await game.rooms.create('lobby', { tag: 1 });
  for (const name of ['ada', 'ada#2', 'ada', 'eve', 'eve', 'eve#4', 'eve#4']) {
    game.join(name);
    await game.run(50);
  }
  expect(game.rooms.players.map(({ id }) => id)).toEqual([
    'ada',
    'ada#2',
    'ada',
    'eve',
    'eve',
    'eve#4',
    'eve#4',
  ]);
  expect([room.players.size, room.freeSeats()]).toEqual([7, 9]);
});

test('a takeover is told as a drop and a return, and the player is who auth says it is now', async () => {
  let logins = 0;
  const game = new RoomGame({ auth: (request) => ({ ...byName(request), user: { login: ++logins } }) });
  await game.rooms.create('lobby', { tag: 1 });
  const said: string[] = [];
  for (const signal of ['playerJoined', 'playerDropped', 'playerReturned'] as const)
    game.rooms.on(signal, ({ user }) => said.push(`${signal} ${JSON.stringify(user)}`));
  game.join('ada');
  await game.run(50);
  game.join('ada');
  await game.run(100);
  expect(said).toEqual([
    'playerJoined {"login":1}',
    'playerDropped {"login":1}',
    'playerReturned {"login":2}',
  ]);
});

test('who sends much before auth has answered is disconnected, however little that is in bytes', async () => {
  const game = new RoomGame({ auth: () => new Promise(() => undefined) });
  const client = game.join('a');
  await game.run(20);
  for (let i = 0; i < 64; i++) client.multiplayer.sendAuth(1, new Uint8Array(1));
  await game.run(20);
  expect(game.rooms.metrics().peers).toBe(1);
  client.multiplayer.sendAuth(1, new Uint8Array(1));
  await game.run(20);
  expect(game.rooms.metrics().peers).toBe(0);
  expect(game.rooms.metrics().refusals.get('auth')).toBe(1);
});

test('what is kept for a player while it is taken over comes to its new connection, as much as may be kept', async () => {
  class Note extends TaggedRoom {
    readonly lost: number[] = [];
    override onDrop(player: Player): void {
      super.onDrop(player);
      for (const number of [1, 2, 3]) this.rpcKept('/root/Main', 'kept', number);
    }
    override onReturn(player: Player, info: ReturnInfo): void {
      super.onReturn(player, info);
      this.lost.push(info.lostCalls);
    }
  }
  const game = new RoomGame({ auth: byName, entry: 'note', maxKeptEvents: 2 });
  const room = await game.rooms.define('note', Note).create(Note, { tag: 1 });
  game.join('ada');
  await game.run(50);
  const again = game.join('ada');
  const kept: unknown[] = [];
  again.mirror.getNode('/root/Main')?.onRpc('kept', (_sender, number: number) => kept.push(number));
  await game.run(100);
  expect(kept).toEqual([2, 3]);
  expect(room.lost).toEqual([1]);
});
