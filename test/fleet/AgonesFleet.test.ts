/** A server of rooms in a fleet: what Agones is told of it, and what becomes of it. The rooms have virtual time, the sidecar real sockets. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AgonesFleet, type FleetServer } from '../../src/fleet.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { RoomGame } from '../rooms/roomGame.ts';
import { closeAfter, closeWorlds, started, world } from './fleetWorld.ts';

afterEach(closeWorlds);

describe('a start', () => {
  test('Ready when the server listens, not before, and with signs of life from the beginning', async () => {
    const of = await world();
    const { rooms } = of.game;
    const metrics = rooms.ops.metrics.bind(rooms.ops);
    let isActive = false;
    vi.spyOn(rooms.ops, 'metrics').mockImplementation(() => ({ ...metrics(), isActive }));
    const starting = of.fleet.start();
    expect(of.fleet.start()).toBe(starting);
    await of.until(() => of.sidecar.pings === 3);
    expect(of.sidecar.requests).toEqual(['GET /gameserver']);
    isActive = true;
    await of.until(() => of.sidecar.gameServer.state === 'Ready');
    expect(await starting).toBe(true);
  });

  test('capacities are set, and what is not declared is told', async () => {
    const of = await world({
      playersCounter: 'players',
      roomsCounter: 'rooms',
      playersList: 'players',
      capacity: { players: 64, rooms: 8 },
    });
    await started(of);
    const { counters, lists } = of.sidecar.gameServer;
    expect([counters, lists]).toEqual([
      { players: { count: 0, capacity: 64 }, rooms: { count: 0, capacity: 8 } },
      { players: { values: [], capacity: 64 } },
    ]);
    const other = await world({ playersCounter: 'heads' });
    await expect(other.fleet.start()).rejects.toThrow('500, counter not found: heads');
    expect(other.timers.size).toBe(0);
  });

  test('no sidecar', async () => {
    const of = await world({}, (sidecar) => sidecar.close());
    await expect(of.fleet.start()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(of.timers.size).toBe(0);
  });

  test('a close meanwhile', async () => {
    const of = await world({}, (sidecar) => void sidecar.hold());
    const starting = of.fleet.start();
    await of.until(() => of.sidecar.requests.length > 0);
    of.fleet.close();
    of.fleet.sdk.close();
    expect(await starting).toBe(false);
    expect(of.timers.size).toBe(0);
  });
});

describe('signs of life', () => {
  test('twice in each period, also while the server drains, and none after its end', async () => {
    const of = await world();
    await started(of);
    const { network } = of.game;
    const startTimer = vi.mocked(of.game.rooms.ops.startTimer);
    expect(startTimer.mock.calls.map(([ms]) => ms)).toContain(2000);
    of.game.rooms.ops.acceptsPeers = false;
    const before = of.sidecar.pings;
    await of.until(() => of.sidecar.pings === before + 2);
    void of.game.rooms.close();
    const last = of.sidecar.pings;
    for (let seconds = 0; seconds < 20; seconds++) {
      network.advance(1000);
      await setImmediate();
    }
    expect(of.sidecar.pings).toBe(last);
  });

  test('none when the specification wants none', async () => {
    const of = await world({}, (sidecar) => {
      sidecar.health.disabled = true;
    });
    await started(of);
    await of.wait(10_000);
    expect(of.sidecar.pings).toBe(0);
  });

  test('a sidecar that is out of order is told once, and again when it was well meanwhile', async () => {
    const of = await world();
    await started(of);
    const failure = { status: 500, body: '{"message":"out of order"}' };
    const fail = async (): Promise<void> => {
      of.sidecar.failure = failure;
      const before = of.sidecar.pings;
      await of.until(() => of.sidecar.pings >= before + 3);
      of.sidecar.failure = undefined;
      await of.until(() => of.sidecar.pings >= before + 5);
    };
    await fail();
    expect(of.errors).toEqual([
      expect.stringMatching(/^health: AgonesError: POST .*\/health: 500, out of order$/),
    ]);
    await fail();
    expect(of.errors.length).toBe(2);
  });
});

describe('players and rooms', () => {
  test('the first player makes it Allocated, the last leaves it Ready, and both are counted', async () => {
    const of = await world({ playersCounter: 'players', roomsCounter: 'rooms' });
    await started(of);
    const ada = of.game.join();
    await of.until(() => of.sidecar.gameServer.state === 'Allocated');
    const bob = of.game.join();
    await of.until(() => of.sidecar.gameServer.counters['players']?.count === 2);
    await of.until(() => of.sidecar.gameServer.counters['rooms']?.count === 1);
    expect(of.news().filter((line) => line === 'POST /allocate')).toHaveLength(1);
    ada.peer.close();
    await of.until(() => of.sidecar.gameServer.counters['players']?.count === 1);
    expect(of.sidecar.gameServer.state).toBe('Allocated');
    bob.peer.close();
    await of.until(() => of.sidecar.gameServer.state === 'Ready');
    await of.until(() => of.sidecar.gameServer.counters['players']?.count === 0);
    // What does not change is not told.
    await of.wait(3000);
    of.news();
    await of.wait(10_000);
    expect(of.news()).toEqual([]);
    expect(of.errors).toEqual([]);
  });

  test('the list has who is there, as many as it takes; what others put there stays, what they took away is back', async () => {
    const of = await world({ playersList: 'players' });
    await started(of);
    const list = (): string[] => [...(of.sidecar.gameServer.lists['players']?.values ?? [])].sort();
    const change = (values: string[]): void =>
      of.sidecar.change({ lists: { players: { values, capacity: 3 } } });
    const ids = (): string[] => of.game.rooms.players.map(({ id }) => id).sort();
    const clients = [of.game.join(), of.game.join()];
    await of.until(() => list().length === 2);
    expect(list()).toEqual(ids());
    change(['x', ...list().slice(1)]);
    await of.until(() => list().length === 3);
    expect(list()).toEqual([...ids(), 'x'].sort());
    for (const client of clients) client.peer.close();
    await of.until(() => ids().length === 0 && list().length === 1);
    expect(list()).toEqual(['x']);
    for (let more = 0; more < 4; more++) of.game.join();
    await of.until(() => ids().length === 4 && list().length === 3);
    expect(list()).toContain('x');
    expect(of.errors).toEqual([]);
  });

  test('more players than the counter takes', async () => {
    const of = await world({ playersCounter: 'players', capacity: { players: 1 } });
    await started(of);
    of.game.join();
    of.game.join();
    await of.until(() => of.game.rooms.players.length === 2);
    await of.until(() => of.sidecar.gameServer.counters['players']?.count === 1);
    expect(of.errors).toEqual([]);
  });

  test('a count that was refused is told again', async () => {
    const of = await world({ playersCounter: 'players' });
    await started(of);
    of.sidecar.failure = { status: 500, body: '' };
    of.game.join();
    await of.until(() => of.errors.some((line) => line.startsWith('report')));
    of.sidecar.failure = undefined;
    await of.until(() => of.sidecar.gameServer.counters['players']?.count === 1);
    await of.until(() => of.sidecar.gameServer.state === 'Allocated');
  });

  test('Allocated that Agones did not take is asked for again, but not all the time', async () => {
    const of = await world();
    await started(of);
    // The sidecar says yes, and nothing comes of it.
    of.sidecar.failure = { status: 200, body: '{}' };
    of.game.join();
    await of.until(() => of.sidecar.requests.includes('POST /allocate'));
    await of.wait(25_000);
    expect(of.news().filter((line) => line === 'POST /allocate')).toHaveLength(3);
  });

  test.each(['Unhealthy', 'Shutdown'])('what is %s does not ask for more', async (state) => {
    const of = await world();
    await started(of);
    of.sidecar.change({ state });
    await of.until(() => of.fleet.gameServer?.state === state);
    of.game.join();
    await of.until(() => of.game.rooms.players.length === 1);
    await of.wait(15_000);
    expect(of.news()).toEqual([]);
  });

  test('an allocation by others is left alone before and between players', async () => {
    const changes: string[] = [];
    const of = await world({
      allocates: false,
      whenIdle: 'stay',
      onChange: ({ state, annotations }) => changes.push(`${state} ${annotations.get('map')}`),
    });
    await started(of);
    of.sidecar.change({ state: 'Allocated', annotations: { map: 'island' } });
    await of.until(() => changes.includes('Allocated island'));
    const client = of.game.join();
    await of.until(() => of.game.rooms.players.length === 1);
    await of.wait(5000);
    client.peer.close();
    await of.until(() => of.game.rooms.players.length === 0);
    await of.wait(5000);
    expect(of.news()).toEqual([]);
  });

  test('rooms make it busy, when they are asked', async () => {
    const of = await world({ busy: 'rooms', whenIdle: 'shutdown' });
    await started(of);
    const room = await of.game.rooms.create('match', { tag: 1 });
    await of.until(() => of.sidecar.gameServer.state === 'Allocated');
    void room.end();
    await of.until(() => of.sidecar.gameServer.state === 'Shutdown');
    await of.until(() => of.timers.size === 0);
    expect(of.game.rooms.metrics().isActive).toBe(false);
  });
});

describe('the end', () => {
  test('a drain: nobody is allocated to it, who is there may finish, then the pod ends', async () => {
    const results: unknown[] = [];
    const of = await world({ allocates: false, onStopped: (result) => results.push(result) });
    await started(of);
    const client = of.game.join();
    await of.until(() => of.game.rooms.players.length === 1);
    const draining = of.fleet.drain({ timeoutMs: 600_000 });
    expect(of.fleet.drain()).toBe(draining);
    await of.until(() => of.sidecar.gameServer.state === 'Reserved');
    expect(of.sidecar.requests).toContain('POST /reserve {"seconds":"0"}');
    const { pings } = of.sidecar;
    await of.until(() => of.sidecar.pings > pings + 2);
    expect(of.game.rooms.metrics().isActive).toBe(true);
    client.peer.close();
    await of.until(() => of.sidecar.gameServer.state === 'Shutdown');
    expect(await draining).toMatchObject({ isEmpty: true, disconnected: 0 });
    expect(results).toHaveLength(1);
    expect(of.timers.size).toBe(0);
    await of.sidecar.until(() => of.sidecar.streams === 0);
    expect(of.errors).toEqual([]);
  });

  test('SIGTERM drains, with the options of drain', async () => {
    const results: unknown[] = [];
    const before = process.listenerCount('SIGTERM');
    const of = await world({ drain: { timeoutMs: 2000 }, onStopped: (result) => results.push(result) });
    await started(of);
    of.fleet.shutdownOnSignals(['SIGTERM']);
    of.game.join();
    await of.until(() => of.sidecar.gameServer.state === 'Allocated');
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    process.emit('SIGTERM', 'SIGTERM');
    await of.until(() => results.length === 1);
    expect(of.sidecar.gameServer.state).toBe('Shutdown');
    expect(results).toMatchObject([{ isEmpty: false, disconnected: 1 }]);
    // Who holds players must not be held back from ending, nor given to others.
    expect(of.news().filter((line) => line.startsWith('POST'))).toEqual(['POST /allocate', 'POST /shutdown']);
    expect([process.listenerCount('SIGTERM'), of.timers.size]).toEqual([before, 0]);
  });

  test('callbacks that throw end nothing', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    closeAfter(() => told.mockRestore());
    const wrong = (): never => {
      throw new Error('the application');
    };
    const of = await world({ onError: wrong, onStopped: wrong, onChange: wrong });
    const starting = of.fleet.start();
    await of.until(() => of.sidecar.gameServer.state === 'Ready');
    expect(await starting).toBe(true);
    await of.until(() => told.mock.calls.length > 0);
    expect(await of.fleet.drain()).toMatchObject({ isEmpty: true });
    expect(of.sidecar.gameServer.state).toBe('Shutdown');
    expect(told.mock.calls.flat().map(String)).toContain('Error: the application');
  });

  test('a sidecar that is gone does not keep it', async () => {
    const of = await world();
    await started(of);
    await of.sidecar.close();
    expect(await of.fleet.drain()).toMatchObject({ isEmpty: true });
    expect(of.errors.some((line) => line.startsWith('shutdown: AgonesError'))).toBe(true);
    expect(of.timers.size).toBe(0);
  });

  test('close takes the listeners of signals back, and leaves the server alone', async () => {
    const of = await world();
    const before = process.listenerCount('SIGTERM');
    await started(of);
    of.fleet.shutdownOnSignals();
    of.fleet.close();
    of.fleet.close();
    expect([process.listenerCount('SIGTERM'), of.timers.size]).toEqual([before, 0]);
    expect(of.game.rooms.metrics().isActive).toBe(true);
    await of.sidecar.until(() => of.sidecar.streams === 0);
  });
});

test('options', () => {
  const game = new RoomGame();
  const runtime = game.network.createRuntime('10.0.9.9');
  const peer = new ENetMultiplayerPeer({ runtime, createCompressor });
  const refused: readonly [server: FleetServer, options: object, message: string][] = [
    [game.rooms, { busy: 'bots' }, '"busy" expected players or rooms, got "bots"'],
    [game.rooms, { whenIdle: 'sleep' }, '"whenIdle" expected stay, ready or shutdown, got "sleep"'],
    [game.rooms, { allocates: 1 }, '"allocates" expected a boolean, got 1'],
    [game.rooms, { sdk: {} }, '"sdk" expected an AgonesSdk'],
    [game.rooms, { reportMs: 99 }, '"reportMs" expected integer 100..60000, got 99'],
    [game.rooms, { playersCounter: '' }, '"playersCounter" expected a name, got ""'],
    [
      game.rooms,
      { playersList: 'a', capacity: { players: 1001 } },
      '"capacity.players" expected integer 0..1000',
    ],
    [peer, { busy: 'rooms' }, '"busy" expected players: only a RoomServer or ClusterNode has rooms'],
    [peer, { roomsCounter: 'a' }, '"roomsCounter" is for a RoomServer or a ClusterNode'],
    [peer, { playersList: 'a' }, '"playersList" is for a RoomServer'],
  ];
  for (const [server, options, message] of refused)
    expect(() => new AgonesFleet(server, options)).toThrow(message);
  expect(() => new AgonesFleet(Object({}))).toThrow('"server" expected one with ops');
});
