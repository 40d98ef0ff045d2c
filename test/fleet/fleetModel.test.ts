/** Whatever comes in whatever order, Agones knows in the end what is so: who is there, how many rooms, and whether the server is needed. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { fcParameters } from '../support/fc.ts';
import { closeWorlds, started, type World, world } from './fleetWorld.ts';

afterEach(closeWorlds);

/** A value of others. */
const STRANGER = 'somebody';
/** What may happen, to the server and to the sidecar. */
const EVENTS: Readonly<Record<string, (of: World, choice: number) => unknown>> = {
  join: ({ game }) => void (game.clients.length < 12 && game.join()),
  leave: ({ game }, choice) => game.clients[choice % Math.max(1, game.clients.length)]?.peer.close(),
  endRoom: ({ game }, choice) => void game.rooms.rooms[choice % Math.max(1, game.rooms.rooms.length)]?.end(),
  refuse: ({ sidecar }, choice) => {
    sidecar.failure = { status: choice % 2 === 0 ? 500 : 503, body: '{"message":"out of order"}' };
  },
  accept: ({ sidecar }) => {
    sidecar.failure = undefined;
  },
  dropStreams: ({ sidecar }) => sidecar.dropStreams(),
  vanish: ({ sidecar }) => sidecar.close(),
  comeBack: ({ sidecar }) => (sidecar.isOpen ? undefined : sidecar.open()),
  allocate: ({ sidecar }) => sidecar.change({ state: 'Allocated' }),
  changeCounter: ({ sidecar }, choice) => {
    const { counters } = sidecar.gameServer;
    sidecar.change({ counters: { ...counters, players: { count: choice % 5, capacity: 4 } } });
  },
  changeList: ({ sidecar }, choice) => {
    const values = choice % 2 === 0 ? [] : [STRANGER];
    sidecar.change({ lists: { players: { values, capacity: 3 } } });
  },
};

test('Agones knows what is so', { timeout: 120_000 }, async () => {
  const event = fc.record({
    name: fc.constantFrom(...Object.keys(EVENTS)),
    choice: fc.nat(100),
    waitMs: fc.constantFrom(0, 10, 200, 1500),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 15 }), async (events) => {
      const of = await world({ playersCounter: 'players', roomsCounter: 'rooms', playersList: 'players' });
      const { game, sidecar } = of;
      await started(of);
      for (const { name, choice, waitMs } of events) {
        await EVENTS[name]?.(of, choice);
        await of.wait(waitMs);
      }
      expect(of.sidecar.requests).not.toContain('POST /shutdown');
      sidecar.failure = undefined;
      if (!sidecar.isOpen) await sidecar.open();
      await of.until(() => {
        const ids = game.rooms.players.map(({ id }) => id);
        const { counters, lists, state } = sidecar.gameServer;
        const values = lists['players']?.values ?? [];
        const listed = values.filter((value) => value !== STRANGER);
        return (
          counters['players']?.count === Math.min(4, ids.length) &&
          counters['rooms']?.count === game.rooms.rooms.length &&
          listed.length === Math.min(3 - values.length + listed.length, ids.length) &&
          listed.every((id) => ids.includes(id)) &&
          (ids.length === 0 || state === 'Allocated')
        );
      });
      for (const { peer } of game.clients) peer.close();
      await of.until(() => game.rooms.players.length === 0);
      const drained = of.fleet.drain();
      await of.until(() => sidecar.gameServer.state === 'Shutdown');
      expect(await drained).toMatchObject({ isEmpty: true });
      expect(of.timers.size).toBe(0);
      await closeWorlds();
    }),
    fcParameters(20),
  );
});
