/** What goes wrong on the way: nodes that die, answers that are lost, clients that do not go, tickets that are no good. */
import { afterEach, expect, test, vi } from 'vitest';
import { HandoffError } from '../../../src/cluster/index.ts';
import type { RoomServer } from '../../../src/rooms/index.ts';
import { roomServerAccess } from '../../../src/rooms/internal.ts';
import type { HandoffClient } from './HandoffClient.ts';
import { HandoffWorld, type NodeUnderTest } from './world.ts';

let world: HandoffWorld;
afterEach(() => world.close());

/** Players in a room of the first of several nodes. */
async function playing(names: readonly string[], nodes = 2): Promise<HandoffClient[]> {
  world = await HandoffWorld.open(nodes);
  for (const [i, name] of names.entries()) {
    const client = world.join(name, world.at(0));
    const isIn = (): boolean => client.isIn && world.at(0).match.players.size === i + 1;
    await world.until(isIn, 5000, () => `${name} is not in`);
  }
  return world.clients;
}

async function allPlay(): Promise<void> {
  const isIn = ({ stage, isIn: isThere }: HandoffClient): boolean => stage === 'playing' && isThere;
  await world.until(
    () => world.clients.every(isIn),
    20_000,
    () => world.clients.map(({ name, stage, log }) => `${name} is ${stage}: ${log}`).join('; '),
  );
  await world.run(300);
}

/** The room goes on at a node with these players. */
function expectPlay(node: NodeUnderTest, names: readonly string[]): void {
  expect([...node.match.players.keys()].toSorted()).toEqual([...names].toSorted());
  expect([...node.match.players.values()].every(({ isAway }) => !isAway)).toBe(true);
}

/** The connection of the second client is lost: its seat at the first node is kept. */
async function loseBob(bob: HandoffClient | undefined): Promise<void> {
  const a = world.at(0);
  const player = a.rooms.player('bob');
  if (bob === undefined || player === undefined) throw new Error('there is no bob');
  world.network.partition([bob.ip], [a.ip]);
  a.transport.getPeer(player.peerId)?.setTimeout(32, 500, 500);
  await world.until(
    () => player.isAway,
    10_000,
    () => 'bob is not away',
  );
  bob.close();
  world.clients.splice(1, 1);
}

/** The second client comes again to a node that has given its room to another one: it is sent there. */
async function bobIsSentOn(from: NodeUnderTest, to: NodeUnderTest): Promise<void> {
  const again = world.join('bob', from);
  await world.until(
    () => again.log.includes('arrived'),
    10_000,
    () => `bob is ${again.stage}: ${again.log}`,
  );
  await world.run(300);
  expectPlay(to, ['ann', 'bob']);
}

const codeOf = (error: unknown): unknown => (error instanceof HandoffError ? error.code : error);

test('a node that does not answer, one that there is not, and the own one', async () => {
  const [ann] = await playing(['ann']);
  const [a, b] = [world.at(0), world.at(1)];
  b.bus.lost.add('handoff');
  world.kill(b);
  expect(await world.settle(a.handoff.moveRoom(a.match, 'b').catch(codeOf))).toBe('UNREACHABLE');
  expect(await world.settle(a.handoff.moveRoom(a.match, 'z').catch(codeOf))).toBe('UNREACHABLE');
  expect(await world.settle(a.handoff.moveRoom(a.match, 'a').catch(codeOf))).toBe('REFUSED');
  await world.run(100);
  expectPlay(a, ['ann']);
  expect(ann?.log).toEqual([]);
});

test('the other node dies when all have gone: they come back, and nothing is lost', async () => {
  const [ann, bob] = await playing(['ann', 'bob']);
  const [a, b] = [world.at(0), world.at(1)];
  ann?.callMarked('/root/Main', 'add', 1);
  const { match } = a;
  const moved = a.handoff.moveRoom(match, 'b').catch(codeOf);
  let isKilled = false;
  const kill = (): void => {
    if (isKilled || !world.clients.every(({ stage }) => stage === 'going')) return;
    isKilled = true;
    ann?.callMarked('/root/Main', 'add', 2);
    world.kill(b);
  };
  expect(await world.settle(moved, kill)).toBe('UNREACHABLE');
  expect(isKilled).toBe(true);
  await allPlay();
  expect(a.match).toBe(match);
  expectPlay(a, ['ann', 'bob']);
  expect(match.heard).toEqual(new Map([['ann', [1, 2]]]));
  expect([ann?.log.at(-1), bob?.log.at(-1)]).toEqual(['home', 'home']);
});

test('the answer of the other node is lost: who has the room is found out', async () => {
  await playing(['ann', 'bob']);
  const [a, b] = [world.at(0), world.at(1)];
  const { match } = a;
  const moved = a.handoff.moveRoom(match, 'b');
  let isLost = false;
  const lose = (): void => {
    if (isLost || a.node.rooms.get(match.id) === undefined || b.rooms.get(match.id) === undefined) return;
    isLost = true;
  };
  // The answer to `activate` has the new claim in it.
  b.bus.lost.add('epoch');
  await world.settle(moved, lose);
  await allPlay();
  expect(isLost).toBe(true);
  expect(a.rooms.rooms).toEqual([]);
  expectPlay(b, ['ann', 'bob']);
});

test('the node that gives the room dies when the other one has it: all arrive', async () => {
  await playing(['ann', 'bob']);
  const [a, b] = [world.at(0), world.at(1)];
  const { id } = a.match;
  void a.handoff.moveRoom(id, 'b').catch(codeOf);
  await world.until(
    () => b.rooms.get(id) !== undefined,
    5000,
    () => 'the room is not there',
  );
  world.kill(a);
  await allPlay();
  expectPlay(b, ['ann', 'bob']);
});

test('a client that never goes, one that answers nothing, and one that cannot get there keep nobody back', async () => {
  const clients = await playing(['ann', 'bob', 'cid', 'dan']);
  const [, bob, cid, dan] = clients;
  const [a, b] = [world.at(0), world.at(1)];
  if (bob === undefined || cid === undefined || dan === undefined) throw new Error('somebody is missing');
  bob.isStubborn = true;
  cid.isDeaf = true;
  world.network.partition([dan.ip], [b.ip]);
  const begun = world.network.time;
  await world.settle(a.handoff.moveRoom(a.match, 'b'));
  // As long as clients have to prepare and to leave, and not more.
  expect(world.network.time - begun).toBeLessThan(3000 + 1000 + 2000);
  await world.until(
    () => b.rooms.player('bob')?.isAway === false,
    5000,
    () => `bob is ${bob.stage}`,
  );
  const isAway = new Map([...b.match.players.values()].map(({ id, isAway: away }) => [id, away]));
  // Whose old connection has ended goes by itself when it is prepared.
  expect(isAway).toEqual(
    new Map([
      ['ann', false],
      ['bob', false],
      ['cid', true],
      ['dan', true],
    ]),
  );
  await world.until(
    () => bob.log.includes('arrived'),
    5000,
    () => `bob: ${bob.log}`,
  );
  expect(bob.log).toEqual(['prepared', 'switch', 'arrived']);
  expect([cid.stage, dan.stage]).toEqual(['lost', 'lost']);
  await world.run(16_000);
  expect(b.match.hooks).toContain('leave cid drop');
  expect([...b.match.players.keys()].toSorted()).toEqual(['ann', 'bob']);
});

test('who was away when its room went, and comes to the old node, is sent on', async () => {
  const [, bob] = await playing(['ann', 'bob']);
  const [a, b] = [world.at(0), world.at(1)];
  const { id } = a.match;
  await loseBob(bob);
  await world.settle(a.handoff.moveRoom(id, 'b'));
  await allPlay();
  await bobIsSentOn(a, b);
  expect(b.match.id).toBe(id);
});

test('a node that gives its rooms away gets none, and who comes back there is sent on', async () => {
  const [, bob] = await playing(['ann', 'bob']);
  const [a, b] = [world.at(0), world.at(1)];
  await loseBob(bob);
  await world.settle(a.handoff.drain());
  await allPlay();
  expect(b.node.nodes().find(({ id }) => id === 'a')?.isDraining).toBe(true);
  for (let i = 0; i < 3; i++)
    expect((await world.settle(b.node.create('match', { title: 'more' }))).node).toBe('b');
  await bobIsSentOn(a, b);
});

test('a player goes alone, with its data and its calls, and its seat there is free when it is there', async () => {
  const [ann, bob] = await playing(['ann', 'bob']);
  const [a, b] = [world.at(0), world.at(1)];
  const other = await world.settle(b.rooms.create('match', { title: 'other' }));
  const player = a.rooms.player('ann');
  if (player === undefined) throw new Error('there is no ann');
  player.data.set('gold', new Map([['coins', 5]]));
  ann?.callMarked('/root/Main', 'add', 1);
  await world.settle(a.handoff.movePlayer(player, 'b', other.id));
  await allPlay();
  ann?.callMarked('/root/Main', 'add', 2);
  await world.run(200);
  expectPlay(a, ['bob']);
  expect(a.match.hooks).toEqual(['join ann', 'join bob', 'drop ann', 'leave ann moved']);
  expectPlay(b, ['ann']);
  expect(b.match.hooks).toEqual(['join ann']);
  expect(b.rooms.player('ann')?.data.get('gold')).toEqual(new Map([['coins', 5]]));
  expect([a.match.heard.get('ann'), b.match.heard.get('ann')]).toEqual([[1], [2]]);
  expect(bob?.multiplayer.getPeers()).toEqual([1]);
  // Full, and not there.
  other.maxPlayers = 1;
  const second = a.rooms.player('bob');
  if (second === undefined) throw new Error('there is no bob');
  expect(await world.settle(a.handoff.movePlayer(second, 'b', other.id).catch(codeOf))).toBe('FAILED');
  expect(await world.settle(a.handoff.movePlayer(second, 'b', 'nowhere').catch(codeOf))).toBe('FAILED');
  await world.run(100);
  expectPlay(a, ['bob']);
});

test('a ticket is taken once, not late, at its own node alone, and not when it is forged', async () => {
  const [ann] = await playing(['ann'], 3);
  const [a, b, c] = [world.at(0), world.at(1), world.at(2)];
  const tickets: string[] = [];
  ann?.mirror.getNode('/root/GodotEnetHandoff')?.onRpc('_prepare', (_sender, ...args: unknown[]) => {
    tickets.push(String(args[2]));
  });
  await world.settle(a.handoff.moveRoom(a.match, 'b'));
  await allPlay();
  const [ticket = ''] = tickets;
  const refusals = async (node: NodeUnderTest, shown: string): Promise<string[]> => {
    const from = node.lines.length;
    const thief = world.join(shown, node);
    await world.until(
      () => thief.stage === 'lost',
      15_000,
      () => `the thief is ${thief.stage}`,
    );
    world.clients.pop();
    return node.lines.slice(from).filter((line) => line.startsWith('handoff: '));
  };
  expect(await refusals(b, ticket)).toEqual(['handoff: a ticket is refused: it was used before']);
  expect(await refusals(c, ticket)).toEqual(['handoff: a ticket is refused: it is for another node']);
  expect(await refusals(b, `${ticket.slice(0, -3)}abc`)).toEqual(['handoff: a ticket is refused: signature']);
  expect(await refusals(b, 'godot-enet-ticket:')).toEqual(['handoff: a ticket is refused: malformed']);
  await world.run(30_000);
  expect(await refusals(b, ticket)).toEqual(['handoff: a ticket is refused: expired']);
  expectPlay(b, ['ann']);
});

test('one that is closed after its rooms have gone leaves no timer: its process can end', async () => {
  await playing(['ann']);
  const timers = world.nodes.map(({ rooms }) => watchTimers(rooms));
  const { handoff, match } = world.at(0);
  await world.settle(handoff.moveRoom(match, 'b'));
  await allPlay();
  expect(timers.map(({ size }) => size > 0)).toEqual([true, true]);
  for (const node of world.nodes) node.handoff.close();
  expect(timers.map(({ size }) => size)).toEqual([0, 0]);
});

/** Timers of handoffs that wait. */
function watchTimers(rooms: RoomServer): Set<object> {
  const waiting = new Set<object>();
  const { runtime } = roomServerAccess.partsOf(rooms).context;
  const start = runtime.startTimer.bind(runtime);
  vi.spyOn(runtime, 'startTimer').mockImplementation((delayMs, callback) => {
    const timer = start(delayMs, () => {
      waiting.delete(timer);
      callback();
    });
    // Nodes and rooms have their own, which are shorter.
    if (delayMs > 10_000) waiting.add(timer);
    return {
      cancel() {
        waiting.delete(timer);
        timer.cancel();
      },
    };
  });
  return waiting;
}
