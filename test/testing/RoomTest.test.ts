/** Rooms under test: what `RoomTest` lets players do, and what it shows of them. */
import { expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import type { SceneMirror } from '../../schema/index.ts';
import { type Player, Room, SessionTokens } from '../../src/rooms.ts';
import { RoomTest } from '../../src/testing.ts';
import { newMirror, TaggedRoom } from '../rooms/roomGame.ts';

const MAIN = '/root/Main';

/** The tree of a client, with what its scripts do in `_enter_tree`. */
function clientMirror(): SceneMirror {
  const mirror = newMirror();
  mirror.watchTree({
    entered: (node) => {
      if (node.getParent()?.name === 'Players')
        node.getNode('Input')?.setMultiplayerAuthority(Number(node.name));
    },
  });
  return mirror;
}

test('players join, call, and see what the room tells and spawns', async () => {
  const game = await RoomTest.boot(TaggedRoom, { client: clientMirror, options: { tag: 3 } });
  const ada = await game.join('ada');
  const bob = await game.join('bob');
  expect([game.room.hooks, ada.player.id, ada.room]).toEqual([['join ada', 'join bob'], 'ada', game.room]);
  ada.call(MAIN, 'say', 3, 'hello');
  await game.run(0.1);
  expect(game.room.heard).toEqual([`${ada.peerId} says 3 hello`]);
  const sight = bob.sees();
  expect(sight.isConnected).toBe(true);
  expect(sight.peers).toEqual([1, ada.peerId]);
  expect(sight.calls).toEqual([{ from: 1, path: MAIN, method: 'told', args: [3] }]);
  expect(sight.nodes[`${MAIN}/Players/${ada.peerId}`]).toEqual({
    class: 'Node2D',
    values: { position: new Vector2(3, 1), rotation: 0 },
  });
  expect(sight.nodes[`${MAIN}/Players`]).toEqual({ class: 'Node2D' });
  // What was seen stays as it was.
  await bob.leave();
  expect(bob.sees()).toMatchObject({ isConnected: false, peers: [] });
  expect(sight.peers).toEqual([1, ada.peerId]);
  expect(game.room.hooks.at(-1)).toBe('leave bob goodbye');
  expect(game.lines).toEqual([]);
  await game.close();
  expect(game.room.hooks.at(-1)).toBe('dispose');
});

test('rooms that are made for newcomers have the options of their kind', async () => {
  class Single extends TaggedRoom {
    override maxPlayers = 1;
  }
  const server = { entry: undefined, auth: undefined };
  const game = await RoomTest.boot(Single, { client: clientMirror, options: { tag: 3 }, server });
  const ada = await game.join('ada');
  const bob = await game.join('bob');
  expect(ada.room).toBe(game.room);
  expect(bob.room).not.toBe(ada.room);
  expect(bob.sees().calls.map(({ args }) => args)).toEqual([[3]]);
  await game.close();
});

test('a player drops and comes back, and goes to another room', async () => {
  const game = await RoomTest.boot(TaggedRoom, {
    client: clientMirror,
    kinds: { match: TaggedRoom },
    network: { seed: 5, latencyMs: 40, jitterMs: 10, loss: 0.05 },
  });
  const ada = await game.join('ada');
  const { player, peerId } = ada;
  const start = game.network.time;
  await ada.drop();
  expect(game.network.time - start).toBeLessThan(4000);
  expect([player.isAway, ada.sees().isConnected, game.room.hooks.at(-1)]).toEqual([true, false, 'drop ada']);
  game.room.rpcKept(MAIN, 'told', 9);
  await ada.return();
  expect([ada.player === player, ada.peerId === peerId, game.room.hooks.at(-1)]).toEqual([
    true,
    false,
    'return ada',
  ]);
  expect(ada.sees().calls.map(({ args }) => args)).toEqual([[9], [0]]);
  const match = await game.create('match', { tag: 7 });
  await ada.moveTo(match);
  expect(ada.room).toBe(match);
  expect(ada.sees().calls.at(-1)?.args).toEqual([7]);
  match.isLocked = true;
  const bob = await game.join('bob');
  await expect(bob.moveTo(match)).rejects.toMatchObject({ code: 'ROOM_LOCKED' });
  await game.close();
});

test('what rooms, handlers and clients throw is thrown at the end, once', async () => {
  class Bad extends TaggedRoom {
    override endsWhenEmpty = false;
    override makeMirror(): ReturnType<typeof newMirror> {
      const mirror = super.makeMirror();
      mirror.getNode(MAIN)?.onRpc('say', () => {
        throw new RangeError('of the handler');
      });
      return mirror;
    }
  }
  const game = await RoomTest.boot(Bad, { client: clientMirror });
  const ada = await game.join('ada');
  ada.mirror.getNode(MAIN)?.onRpc('told', () => {
    throw new RangeError('of the client');
  });
  ada.call(MAIN, 'say', 1, 'x');
  await game.run(0.2);
  expect(game.takeErrors().map(({ error }) => String(error))).toEqual(['RangeError: of the handler']);
  game.room.tell(ada.player);
  await game.run(0.2);
  await expect(game.close()).rejects.toThrow(/1 errors.*seed 1.*\nada: .*of the client/s);
});

test('who is refused, what is no room, and what is never true say so', async () => {
  class Plain extends Room {}
  const game = await RoomTest.boot(Plain, {
    server: { auth: ({ text }) => (text === 'good' ? { player: 'ada' } : false) },
  });
  await expect(game.join('ada', 'bad')).rejects.toThrow(/that ada is in a room.*seed 1.*is refused/s);
  const ada = await game.join('ada', 'good');
  expect(() => ada.call('/root/Nowhere', 'say')).toThrow(/ada sees no node \/root\/Nowhere/);
  await expect(game.until(() => false, 0.1, 'the moon')).rejects.toThrow(
    /the moon did not become true in 0.1 s/,
  );
  await expect(game.create('nothing')).rejects.toMatchObject({ code: 'KIND_UNKNOWN' });
  await expect(game.run(-1)).rejects.toThrow(RangeError);
  await game.close();
});

test('tokens that a thread makes take no time of the game', async () => {
  const tokens = new SessionTokens({ keys: [{ id: '1', algorithm: 'HS256', secret: 'x'.repeat(32) }] });
  const game = await RoomTest.boot(TaggedRoom, {
    client: clientMirror,
    server: {
      auth: async ({ text, reply }) => {
        const shown = await tokens.verify(text);
        if (shown.ok) return { player: shown.player, session: shown.sessionId };
        if (text !== 'password of ada') return false;
        const { token, session } = await tokens.issue('ada');
        reply(token);
        return { player: session.player, session: session.sessionId };
      },
    },
  });
  const ada = await game.join('ada', 'password of ada');
  const joined = game.network.time;
  expect(joined).toBeLessThan(1500);
  const [token = ''] = ada.replies;
  const again = await game.join('ada again', token);
  expect(game.network.time - joined).toBeLessThan(1500);
  const players: Player[] = game.rooms.players;
  expect([players.length, again.player === ada.player]).toEqual([1, true]);
  await game.close();
});
