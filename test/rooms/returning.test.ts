/** Players who drop, and come back over another connection. */
import { expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import { RpcMode } from '../../schema/index.ts';
import type { Login } from '../../src/rooms/index.ts';
import { RoomGame, type TaggedRoom } from './roomGame.ts';

function gameWithLogin(graceMs = 60_000): RoomGame {
  return new RoomGame({
    graceMs,
    auth: ({ text, reply }): Login | false => {
      if (!/^[a-z]+$/.test(text)) return false;
      reply(`welcome ${text}`);
      return { player: text };
    },
  });
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
