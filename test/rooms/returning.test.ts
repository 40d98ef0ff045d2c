/** Players who drop, and come back over another connection. */
import { expect, test } from 'vitest';
import { Dictionary, Vector2 } from '../../codec/index.ts';
import { RpcMode } from '../../schema/index.ts';
import type { MultiplayerSynchronizer } from '../../src/multiplayer/index.ts';
import type { Login, Player, ReturnInfo } from '../../src/rooms/index.ts';
import { type RoomClient, RoomGame, TaggedRoom } from './roomGame.ts';

/** A class of its own, so that a kind stands for it alone. */
class Lobby extends TaggedRoom {}

function gameWithLogin(graceMs = 60_000, entry = 'lobby'): RoomGame {
  return new RoomGame({
    graceMs,
    entry,
    auth: ({ text, reply }): Login | false => {
      if (!/^[a-z]+$/.test(text)) return false;
      reply(`welcome ${text}`);
      return { player: text };
    },
  });
}

function makeLobby(game: RoomGame): Promise<Lobby> {
  return game.rooms.define('its lobby', Lobby).create(Lobby, { tag: 1 });
}

test('a player who vanishes keeps its seat and its nodes, and has them again under another peer id', async () => {
  const game = gameWithLogin();
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const ada = game.join('ada');
  const bob = game.join('bob');
  await game.run(50);
  expect(ada.replies).toEqual(['welcome ada']);
  expect(room.hooks).toEqual(['join ada', 'join bob']);
  const player = game.playerOf(ada);
  const oldId = player.peerId;
  room.nodeOf(player)?.set('position', new Vector2(1, 77));
  ada.vanish();
  await game.run(3500);
  expect(room.hooks).toEqual(['join ada', 'join bob', 'drop ada']);
  expect(player.isAway).toBe(true);
  expect(room.freeSeats()).toBe(14);
  expect(bob.nodes).toContain(`${oldId}@1`);
  room.rpcKept('/root/Main', 'told', 99);

  const again = game.join('ada');
  await game.run(100);
  expect(room.hooks.slice(3)).toEqual(['return ada']);
  expect(game.playerOf(again)).toBe(player);
  const newId = player.peerId;
  expect(newId).not.toBe(oldId);
  expect([game.rooms.peerOf('ada'), game.rooms.playerOf(newId)]).toEqual([newId, player]);
  expect(again.told).toEqual([99, 1]);
  expect(again.nodes).toEqual(bob.nodes);
  expect(bob.nodes).toContain(`${newId}@1`);
  expect(bob.nodes.some((name) => name.startsWith(String(oldId)))).toBe(false);
  const node = room.nodeOf(player);
  expect(node?.get('position')).toEqual(new Vector2(1, 77));
  expect(node?.getNode('Input')?.getMultiplayerAuthority()).toBe(newId);
  // Its input counts again.
  again.mirror.getNode(`/root/Main/Players/${newId}`)?.set('rotation', 0.5);
  await game.run(50);
  expect(node?.get('rotation')).toBe(0.5);
  expect(game.errors).toEqual([]);
  expect([...bob.lines, ...again.lines]).toEqual([]);
});

test('calls that were kept for a node of its own come after that node', async () => {
  const game = new RoomGame({
    auth: ({ text, reply }): Login => {
      reply('welcome');
      return { player: text };
    },
  });
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  // Its name stays, as of a game that names nodes by players.
  room.renameReturned = (name) => name;
  const ada = game.join('ada');
  await game.run(50);
  const node = room.nodeOf(game.playerOf(ada));
  if (node === undefined) throw new Error('no node');
  node.rpcConfig('gift', { rpcMode: RpcMode.RPC_MODE_AUTHORITY, transferMode: 2 });
  ada.vanish();
  await game.run(3500);
  room.rpcKept(node.getPath().toString(), 'gift', 5);
  const again = game.join('ada');
  const gifts: number[] = [];
  again.mirror.watchTree({
    entered: (entered) => {
      if (entered.getParent()?.name !== 'Players') return;
      entered.rpcConfig('gift', { rpcMode: RpcMode.RPC_MODE_AUTHORITY, transferMode: 2 });
      entered.onRpc('gift', (_sender, count: number) => gifts.push(count));
    },
  });
  await game.run(100);
  expect(gifts).toEqual([5]);
  expect([...game.lines, ...again.lines]).toEqual([]);
});

test('who does not come back in time is gone, with its node and its seat', async () => {
  const game = gameWithLogin(5000);
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const ada = game.join('ada');
  const bob = game.join('bob');
  await game.run(50);
  ada.vanish();
  await game.run(4500);
  expect(room.hooks.slice(2)).toEqual(['drop ada', 'leave ada timeout']);
  expect(room.freeSeats()).toBe(15);
  expect(game.rooms.player('ada')).toBeUndefined();
  expect(bob.nodes).toHaveLength(1);
});

test('who says goodbye is gone at once', async () => {
  const game = gameWithLogin();
  const room = (await game.rooms.create('lobby', { tag: 1 })) as TaggedRoom;
  const ada = game.join('ada');
  await game.run(50);
  ada.peer.close();
  await game.run(50);
  expect(room.hooks.slice(1)).toEqual(['leave ada goodbye']);
});

test('what a call was kept with may be changed afterwards', async () => {
  const game = gameWithLogin(60_000, 'its lobby');
  const room = await makeLobby(game);
  const ada = game.join('ada');
  await game.run(50);
  ada.vanish();
  await game.run(3500);
  const list = [1, [2]];
  const deep = new Dictionary([['at', new Vector2(1, 2)]]);
  room.rpcKept('/root/Main', 'kept', list, deep, Uint8Array.of(1));
  list[1] = [9];
  list.push(3);
  deep.set('at', new Vector2(9, 9));
  // What is no Variant cannot be kept, and takes nothing else with it.
  room.rpcKept('/root/Main', 'kept', () => undefined);
  const again = game.join('ada');
  const kept: unknown[] = [];
  again.mirror
    .getNode('/root/Main')
    ?.onRpc('kept', (_sender, ...args: readonly unknown[]) => kept.push(args));
  await game.run(100);
  expect(kept).toEqual([[[1, [2]], new Dictionary([['at', new Vector2(1, 2)]]), Uint8Array.of(1)]]);
  expect(game.lines).toEqual([`room ${room.id}: kept of /root/Main cannot be kept: a function`]);
  expect(game.errors).toEqual([]);
});

test('many small things are more than may be kept, however short they are', async () => {
  const game = gameWithLogin(60_000, 'its lobby');
  const lost: number[] = [];
  class Counting extends Lobby {
    override onReturn(player: Player, info: ReturnInfo): void {
      super.onReturn(player, info);
      lost.push(info.lostCalls);
    }
  }
  game.rooms.define('its lobby', Counting);
  const room = await game.rooms.create(Counting, { tag: 1 });
  const ada = game.join('ada');
  await game.run(50);
  ada.vanish();
  await game.run(3500);
  // At 16 bytes each, beyond the 65,536 of maxKeptBytes.
  room.rpcKept('/root/Main', 'kept', Array<string>(5000).fill(''));
  room.rpcKept('/root/Main', 'kept', Array<string>(3000).fill(''));
  game.join('ada');
  await game.run(100);
  expect(lost).toEqual([1]);
});

test('whom a synchronizer lets see it sees it when it is back, also if that was said while it was away', async () => {
  const game = gameWithLogin(60_000, 'its lobby');
  const room = await makeLobby(game);
  const [ada, bob, cy] = [game.join('ada'), game.join('bob'), game.join('cy')];
  await game.run(50);
  const player = game.playerOf(ada);
  const hide = (client: RoomClient): MultiplayerSynchronizer => {
    const node = room.nodeOf(game.playerOf(client))?.getNode('Sync');
    if (node === undefined) throw new Error('no synchronizer');
    const sync = room.multiplayer.synchronizer(node);
    sync.publicVisibility = false;
    return sync;
  };
  const [ofBob, ofCy] = [hide(bob), hide(cy)];
  ofBob.setVisibilityFor(player.peerId, true);
  await game.run(50);
  const namesOf = ({ nodes }: RoomClient): string[] => nodes.map((name) => name.slice(0, name.indexOf('@')));
  const ids = [ada, bob, cy].map((client) => String(game.playerOf(client).peerId));
  expect(namesOf(ada)).toEqual([ids[0], ids[1]].sort());
  expect(namesOf(bob)).toEqual([ids[0]]);
  ada.vanish();
  await game.run(3500);
  expect(game.rooms.player('ada')?.isAway).toBe(true);
  const oldId = player.peerId;
  ofCy.setVisibilityFor(oldId, true);
  const again = game.join('ada');
  await game.run(100);
  expect(namesOf(again)).toEqual([String(player.peerId), ids[1], ids[2]].sort());
  expect(namesOf(bob)).toEqual([String(player.peerId)]);
  expect([ofBob, ofCy].map((sync) => sync.getVisibilityFor(oldId))).toEqual([false, false]);
  // Gone for good: nobody who has its id by chance sees anything.
  again.vanish();
  await game.run(3500);
  expect(ofCy.getVisibilityFor(player.peerId)).toBe(true);
  player.kick();
  expect([ofBob, ofCy].map((sync) => sync.getVisibilityFor(player.peerId))).toEqual([false, false]);
  expect(game.errors).toEqual([]);
});

test('whom it lets see it still does so after another connection has taken over', async () => {
  const game = gameWithLogin(60_000, 'its lobby');
  const room = await makeLobby(game);
  const [ada, bob] = [game.join('ada'), game.join('bob')];
  await game.run(50);
  const sync = room.multiplayer.synchronizer(
    room.nodeOf(game.playerOf(bob))?.getNode('Sync') ?? room.mirror.root,
  );
  sync.publicVisibility = false;
  sync.setVisibilityFor(game.playerOf(ada).peerId, true);
  const again = game.join('ada');
  await game.run(100);
  expect(again.nodes).toHaveLength(2);
  expect(bob.nodes).toHaveLength(1);
});
