/** Every channel is told of what it is for, with the fields that the guide names, and costs nothing without a subscriber. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ClusterMatchmaking } from '../../src/cluster/index.ts';
import { MatchRefusal, type MatchTicket } from '../../src/matchmaking/index.ts';
import { Room } from '../../src/rooms/index.ts';
import { DiagnosticsChannel as Channel, publishDiagnostics } from '../../src/telemetry/internal.ts';
import { HandoffWorld } from '../cluster/handoff/world.ts';
import { ClusterWorld } from '../cluster/node/world.ts';
import { RoomGame, TaggedRoom } from '../rooms/roomGame.ts';
import { createWorld, eachMode, PORT, settle } from '../server/world.ts';
import { everything, hear, namesOf, only } from './hear.ts';

eachMode(
  () => {
    test('a server, its peers, and what it refuses', async () => {
      const world = createWorld();
      const said = hear(world.server);
      world.connect();
      world.net.advance(500);
      world.server.kickPeer(1, 'enough');
      world.net.advance(600);
      world.server.ops.acceptsPeers = false;
      world.createClient().client.connectToServer('10.0.0.1', PORT);
      world.net.advance(2000);
      world.server.stopServer();
      await settle();
      const peer = expect.objectContaining({ peerId: 1 });
      const of = { server: world.server };
      const refused = said.filter(({ name }) => name === Channel.SERVER_REFUSED);
      expect(said.filter(({ name }) => name !== Channel.SERVER_REFUSED)).toEqual([
        { name: Channel.SERVER_STARTED, ...of, port: PORT },
        { name: Channel.PEER_CONNECTED, ...of, peer },
        { name: Channel.PEER_AUTHENTICATED, ...of, peer, durationMs: expect.any(Number) },
        {
          name: Channel.PEER_DISCONNECTED,
          ...of,
          peer,
          reason: 'enough',
          cause: 'KICK',
          wasAuthenticated: true,
          durationMs: expect.any(Number),
        },
        { name: Channel.SERVER_STOPPED, ...of },
      ]);
      const { durationMs } = only(said, Channel.PEER_DISCONNECTED);
      expect(durationMs).toBeGreaterThanOrEqual(500);
      expect(durationMs).toBeLessThan(700);
      // Each try is counted once, in messages of a second each.
      const counts = refused.map((one) => (one.name === Channel.SERVER_REFUSED ? one.count : 0));
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.every((one) => 'reason' in one && one.reason === 'DRAINING')).toBe(true);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(world.server.ops.refusals().get('DRAINING'));
    });

    test('without a subscriber no message is made and no number read; when it ends nothing is left', async () => {
      const world = createWorld();
      let reads = 0;
      const { ops } = world.server;
      const metrics = ops.metrics.bind(ops);
      ops.metrics = () => {
        reads++;
        return metrics();
      };
      const end = publishDiagnostics(world.server);
      world.connect();
      let asked = 0;
      const [peer] = world.server.getPeers();
      if (peer === undefined) throw new Error('nobody is there');
      peer.getConnectionTime = () => asked++;
      reads = 0;
      world.net.advance(5000);
      world.server.kickPeer(1, '');
      world.net.advance(100);
      expect([reads, asked]).toEqual([0, 0]);
      end();
      expect(world.server.listenerCount('peerDisconnected')).toBe(1);
    });
  },
  { compressions: 'none' },
);

test('DTLS handshakes that come to nothing are told by their code, also when the next run counts from 0', () => {
  const world = createWorld();
  const failures = new Map([['ERR_DTLS_ALERT', 2]]);
  const { ops } = world.server;
  const metrics = ops.metrics.bind(ops);
  const dtls = {
    certificateNotAfterMs: 0,
    sessions: 0,
    handshakes: 0,
    completed: 0,
    suites: new Map(),
    cookiesSent: 0,
    retransmissions: 0,
    drops: new Map(),
  };
  ops.metrics = () => ({ ...metrics(), dtls: { ...dtls, failures: new Map(failures) } });
  const said = hear(world.server);
  world.net.advance(1000);
  failures.set('ERR_DTLS_ALERT', 5);
  world.net.advance(1000);
  failures.set('ERR_DTLS_ALERT', 1);
  world.net.advance(1000);
  const of = { name: Channel.DTLS_FAILED, server: world.server, reason: 'ERR_DTLS_ALERT' };
  expect(said.filter(({ name }) => name === Channel.DTLS_FAILED)).toEqual([
    { ...of, count: 3 },
    { ...of, count: 1 },
  ]);
});

describe('rooms', () => {
  test('rooms that open, fail, end and do not come to be; players who come, drop, return and leave', async () => {
    class Breaking extends TaggedRoom {
      override tickHz = 20;
      override onStep(): void {
        if (this.players.size > 1) throw new Error('too many');
      }
    }
    class Unmade extends Room {
      override async onCreate(): Promise<void> {
        await Promise.resolve();
        throw new Error('no map');
      }
    }
    const game = new RoomGame({
      auth: ({ text, reply }) => {
        reply(`welcome ${text}`);
        return { player: text };
      },
      graceMs: 60_000,
    });
    game.rooms.define('breaking', Breaking).define('unmade', Unmade);
    const said = hear(game.rooms);
    await expect(game.rooms.create('unmade', undefined, { id: 'none' })).rejects.toThrow('no map');
    const room = await game.rooms.create('breaking', undefined, { id: 'one' });
    const ann = game.join('ann');
    await game.run(100);
    game.network.advance(3000);
    game.rooms.poll();
    const player = game.playerOf(ann);
    ann.vanish();
    await game.run(3500);
    game.network.heal();
    const again = game.join('ann');
    await game.run(100);
    expect(game.playerOf(again)).toBe(player);
    player.kick();
    const [bob, cas] = [game.join('bob'), game.join('cas')];
    await game.run(100);
    await Promise.all([bob, cas].map((one) => game.playerOf(one).moveTo(room)));
    await game.run(100);
    expect(only(said, Channel.ROOM_NOT_MADE)).toMatchObject({
      roomId: 'none',
      kind: 'unmade',
      error: expect.objectContaining({ code: 'ROOM_FAILED' }),
      durationMs: expect.any(Number),
    });
    expect(only(said, Channel.ROOM_FAILED)).toMatchObject({ room, error: new Error('too many') });
    expect(only(said, Channel.ROOM_ENDED)).toMatchObject({ room });
    expect(only(said, Channel.PLAYER_DROPPED)).toMatchObject({ player });
    expect(only(said, Channel.PLAYER_RETURNED)).toMatchObject({ player });
    expect(only(said, Channel.PLAYER_LEFT)).toMatchObject({ player, reason: 'kick' });
    expect(only(said, Channel.ROOM_TICKS_SKIPPED)).toMatchObject({
      count: game.rooms.metrics().skippedTicks,
      lateP99Ms: expect.any(Number),
    });
    expect(namesOf(said).filter((name) => name === 'player.joined')).toHaveLength(3);
    expect(namesOf(said).filter((name) => name === 'room.opened')).toHaveLength(2);
    expect(game.rooms.metrics().leaves.get('kick')).toBe(1);
    await game.rooms.close();
  });

  test('how long a room took to begin', async () => {
    let begin: (() => void) | undefined;
    class Slow extends Room {
      override onCreate(): Promise<void> {
        return new Promise((resolve) => {
          begin = resolve;
        });
      }
    }
    const game = new RoomGame();
    game.rooms.define('slow', Slow);
    const said = hear(game.rooms);
    const made = game.rooms.create('slow');
    await game.run(25);
    begin?.();
    const room = await made;
    expect(only(said, Channel.ROOM_OPENED)).toEqual({
      name: Channel.ROOM_OPENED,
      server: game.rooms,
      room,
      durationMs: 250,
    });
    await game.rooms.close();
  });
});

describe('a cluster', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  test('nodes, their leases, and the rooms of a node under its name', async () => {
    const world = new ClusterWorld({ leaseMs: 3000 });
    closing.push(() => world.close());
    const a = world.make('a');
    const said = hear(a.node);
    await world.settle(a.node.start());
    const b = await world.start('b');
    await world.run(2000);
    await world.settle(a.node.create('plain', undefined, { id: 'x', on: 'here' }));
    await world.settle(b.node.close());
    await world.run(2000);
    world.hub.pause();
    await world.run(4000);
    world.hub.resume();
    await world.run(1000);
    a.stop();
    await world.run(10_000);
    await world.settle((await world.start('c')).node.create('plain', undefined, { id: 'x' }));
    a.cont();
    await world.run(5000);
    const names = new Set(namesOf(said));
    for (const name of ['joined', 'left', 'fenced', 'unfenced', 'leaseLost', 'roomLost'])
      expect(names).toContain(`node.${name}`);
    expect(only(said, Channel.ROOM_OPENED)).toMatchObject({ server: a.node, room: { id: 'x' } });
    expect(only(said, Channel.NODE_ROOM_LOST)).toMatchObject({ roomId: 'x' });
  });

  test('tickets: matched with the time that they waited, expired, refused; matches without a room', async () => {
    const world = new ClusterWorld({ leaseMs: 1000 });
    closing.push(async () => {
      world.errors.length = 0;
      await world.close();
    });
    let kind = 'plain';
    class Telling extends ClusterMatchmaking {
      refuse(refused: MatchTicket): void {
        this.emitSignal('refused', refused, { ok: false, reason: MatchRefusal.ID, property: 'id' });
      }
    }
    const start = async (id: string): Promise<Telling> => {
      const { node } = await world.start(id);
      const matchmaking = new Telling(node, {
        matchmaker: { queues: { duel: { teams: 2, playersPerTeam: 1, maxWaitMs: 30_000 } } },
        room: () => ({ kind }),
        tickMs: 100,
      });
      await world.settle(matchmaking.start());
      return matchmaking;
    };
    const ticket = (name: string) => ({ id: name, queue: 'duel', players: [name] });
    const matchmaking = await start('a');
    const said = hear(matchmaking);
    await world.settle(matchmaking.add(ticket('ann')));
    await world.run(2500);
    kind = 'unknown';
    await world.settle(matchmaking.add(ticket('bob')));
    await world.until('a match without a room', () => namesOf(said).includes('match.failed'));
    kind = 'plain';
    await world.until(
      'a match',
      () => namesOf(said).filter((name) => name === 'ticket.matched').length === 2,
    );
    const waited = said.flatMap((one) =>
      one.name === Channel.TICKET_MATCHED ? [[one.matched.ticket.id, one.durationMs] as const] : [],
    );
    const [[, ann = 0] = [], [, bob = 0] = []] = waited.toSorted();
    expect(ann - bob).toBeGreaterThanOrEqual(2500);
    expect(ann - bob).toBeLessThan(3000);
    await world.settle(matchmaking.add(ticket('cas')));
    await world.run(31_000);
    const { ticket: late, durationMs } = only(said, Channel.TICKET_EXPIRED);
    expect(late).toEqual(ticket('cas'));
    expect(durationMs).toBeGreaterThanOrEqual(30_000);
    matchmaking.refuse(ticket('dan'));
    expect(only(said, Channel.TICKET_REFUSED)).toMatchObject({ ticket: ticket('dan') });
  });

  test('rooms and players that go to another node, and those that cannot', async () => {
    const world = await HandoffWorld.open(2);
    closing.push(() => world.close());
    const client = world.join('ann', world.at(0));
    await world.until(
      () => client.isIn && world.at(0).match.players.size === 1,
      5000,
      () => 'ann is not in',
    );
    const { handoff, match } = world.at(0);
    const said = hear(handoff);
    const failed = world.settle(handoff.moveRoom('none', 'b'));
    await expect(failed).rejects.toThrow();
    await world.settle(handoff.moveRoom(match, 'b'));
    expect(only(said, Channel.HANDOFF_STAYED)).toMatchObject({
      move: { room: 'none', player: undefined, to: 'b' },
      error: expect.any(Error),
      durationMs: expect.any(Number),
    });
    const { move, durationMs } = only(said, Channel.HANDOFF_MOVED);
    expect(move).toEqual({ room: match.id, player: undefined, to: 'b' });
    expect(durationMs).toBeGreaterThan(0);
  });
});

/** What the guide says of each channel: what it is for, and its fields. */
const ROWS = new Map(
  [
    ...readFileSync(join(import.meta.dirname, '../../src/telemetry/events.ts'), 'utf8').matchAll(
      /^ {2}\/\*\* (.*): (`.*`) \*\/\n {2}[A-Z_]+: '(.*)',$/gm,
    ),
  ].map(([, text = '', fields = '', name = '']) => [name, { text, fields }]),
);

test('the guide has a row for each channel, made of the list', () => {
  expect([...ROWS.keys()]).toEqual(Object.values(Channel));
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/telemetry.md'), 'utf8');
  const rows = [...ROWS].map(([name, { text, fields }]) => `| \`${name}\` | ${text} | ${fields} |`);
  const table = guide.slice(guide.indexOf('| channel |')).split('\n\n', 1)[0]?.split('\n').slice(2);
  expect(table).toEqual(rows);
});

test('the messages of the tests above have the fields of their rows, and no channel is silent', () => {
  for (const { name, ...message } of everything)
    expect(Object.keys(message).toSorted(), name).toEqual(
      ROWS.get(name)?.fields.replaceAll('`', '').split(', ').toSorted(),
    );
  const silent = Object.values(Channel).filter((name) => !everything.some((one) => one.name === name));
  expect(silent).toEqual([]);
});
