/** Players who go from room to room over one connection. */
import { describe, expect, test } from 'vitest';
import type { Room } from '../../src/rooms/index.ts';
import { RoomGame, type TaggedRoom } from './roomGame.ts';

async function gameWithRooms(clients: number): Promise<{ game: RoomGame; a: TaggedRoom; b: TaggedRoom }> {
  const game = new RoomGame();
  const made = (room: Room): TaggedRoom => room as TaggedRoom;
  const a = made(await game.rooms.create('lobby', { tag: 1 }));
  const b = made(await game.rooms.create('match', { tag: 2 }));
  for (let i = 0; i < clients; i++) game.join();
  await game.run(50);
  return { game, a, b };
}

describe('a player who goes to another room', () => {
  test('has the nodes of its room alone, and knows who is in it', async () => {
    const { game, a, b } = await gameWithRooms(3);
    const [first, second, third] = game.clients;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    expect(first.told).toEqual([1]);
    expect([...a.players.keys()]).toHaveLength(3);
    expect(first.nodes).toHaveLength(3);
    const mover = game.playerOf(first);
    await mover.moveTo(b);
    await game.run(50);
    expect(mover.room).toBe(b);
    expect(first.told).toEqual([1, 2]);
    expect(first.nodes).toEqual([`${mover.peerId}@2`]);
    expect([...first.peers]).toEqual([1]);
    expect(second.nodes).toHaveLength(2);
    expect([...second.peers].sort()).toEqual([1, third.multiplayer.getUniqueId()].sort());
    await mover.moveTo(a);
    await game.run(50);
    expect(first.told).toEqual([1, 2, 1]);
    expect(first.nodes).toHaveLength(3);
    expect(second.nodes).toHaveLength(3);
    expect(game.errors).toEqual([]);
    expect(game.clients.flatMap(({ lines, errors }) => [...lines, ...errors])).toEqual([]);
    expect(game.lines).toEqual([]);
  });

  test.each(['4.0', '4.2', '4.6'] as const)(
    'and at once to a third: a client of %s that answers for the second is not taken for one that is in the third',
    async (dialect) => {
      const game = new RoomGame({}, { seed: 1, latencyMs: 100 });
      const a = await game.rooms.create('lobby', { tag: 1 });
      const b = (await game.rooms.create('match', { tag: 2 })) as TaggedRoom;
      const c = (await game.rooms.create('match', { tag: 3 })) as TaggedRoom;
      const client = game.join(undefined, { dialect, compatibility: 'engine' });
      await game.run(200);
      const player = game.playerOf(client);
      expect(player.room).toBe(a);
      await player.moveTo(b);
      await game.run(15);
      expect(client.told).toEqual([1, 2]);
      client.call('say', 2, 'hello');
      await player.moveTo(c);
      await game.run(100);
      client.call('say', 3, 'hello');
      await game.run(50);
      expect(client.told).toEqual([1, 2, 3]);
      expect([b.heard, c.heard]).toEqual([[], [`${player.peerId} says 3 hello`]]);
    },
  );

  test('is called by others who have not heard yet that it was away: those calls are late, the next ones arrive', async () => {
    const { game, a, b } = await gameWithRooms(2);
    const [mover, other] = game.clients;
    if (mover === undefined || other === undefined) throw new Error('two');
    const heard: string[] = [];
    mover.mirror
      .getNode('/root/Main')
      ?.onRpc('say', (_sender, _tag: number, text: string) => heard.push(text));
    const { peerId } = game.playerOf(mover);
    const say = (text: string): void => {
      other.mirror.getNode('/root/Main')?.rpcId(peerId, 'say', 1, text);
    };
    say('first');
    await game.run(50);
    say('by number');
    await game.playerOf(mover).moveTo(b);
    await game.playerOf(mover).moveTo(a);
    say('by number, too');
    await game.run(50);
    say('last');
    await game.run(50);
    expect(heard).toEqual(['first', 'last']);
    expect(game.clients.flatMap(({ lines, errors }) => [...lines, ...errors])).toEqual([]);
    const isLate = (line: string): boolean => line.includes('before it heard that this one was away (late)');
    expect(game.lines.filter(isLate)).toHaveLength(2);
  });
});
