/**
 * Spawners and synchronizers in a game with real engines: three pages with the official Godot 4.6, a native client of ours over ENet,
 * and our server, all with the same scenes (`replication/project`). After each scenario every tree is the server's, value for
 * value, bit for bit. What engines print as errors, and what we trace, is listed where it is expected; nowhere else is any.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { float, type VariantValue, Vector2 } from '../../../codec/index.ts';
import { peer } from '../../support/peers.ts';
import { until } from './player.ts';
import type { BrowserGame } from './replication/BrowserGame.ts';
import { changed, type Dump, moved, without } from './replication/dump.ts';
import { type Client, idOf, Room } from './replication/Room.ts';
import { TYPED_VALUES } from './replication/values.ts';

const engine = peer('godot4');

/** States that a client had sent of a node that is gone meanwhile, or another's now: engines print the same to each other. */
const LATE_STATES = [
  /^[ABC]: Ignoring sync data from non-authority or for missing node\.$/,
  /^[ABC]: Node not found: "Main\/(Players|World|Hall)\/\w+\/(Input|Sync)" \(relative to "\/root"\)\.$/,
  /^[ABC]: Failed to get cached node from peer \d+ with cache ID \d+\.$/,
  /^(server|native): peer \d+: the state of .*: it is not its authority.*\(not-allowed\)$/,
];

describe.skipIf(engine.isMissing)(
  `spawners and synchronizers of Godot 4.6${engine.note}`,
  { timeout: 60_000 },
  () => {
    let room: Room;
    let a: BrowserGame;
    let b: BrowserGame;
    let c: BrowserGame;
    /** What may be complained of in a test. */
    let mayComplain: readonly RegExp[] = [];

    beforeAll(async () => {
      room = await Room.open(['A', 'B', 'C']);
      [a, b, c] = [room.browser(0), room.browser(1), room.browser(2)];
      await Promise.all([a, b, room.native].map((client) => room.join(client)));
    }, 60_000);
    afterAll(async () => room?.close());
    afterEach(async () => {
      for (const parent of ['World', 'Shelf', 'Players', 'Pieces', 'Hall'])
        for (const node of room.server.at(parent).getChildren()) node.free();
      await room.agree();
      // Now everybody has what was relayed before, too.
      await room.agree();
      expect(room.complaints().filter((line) => !mayComplain.some((pattern) => pattern.test(line)))).toEqual(
        [],
      );
      mayComplain = [];
    });

    test('scenes of the list that are added below the spawn path', async () => {
      const { server } = room;
      const properties = { position: new Vector2(1, 2), hp: 7, kind: 'fast', rotation: 1.25 };
      server.add('mover', 'World', 'First', properties);
      server.add('crate', 'World', 'Box');
      server.add('nest', 'World', 'Nest', { rank: 3 });
      server.add('player', 'Players', '1');
      await room.agree();
      expect(a.log.filter((line) => line.startsWith('spawned'))).toEqual(
        ['World/First', 'World/Box', 'World/Nest', 'Players/1'].map((path) => `spawned ${path}`),
      );
    });

    test('states always, changes, and what only a spawn brings; parts of properties, of nodes below', async () => {
      const { server } = room;
      const mover = server.add('mover', 'World', 'Mover');
      await room.agree();
      mover.set('position', new Vector2(0.1, -5));
      mover.set('rotation', -0.7);
      mover.set('hp', 6);
      const head = server.at('World/Mover/Head');
      head.set('position', new Vector2(3.5, 0));
      head.set('scale', new Vector2(2, 3));
      await room.agree();
      mover.set('kind', 'changed later');
      mover.set('secret', 5);
      head.setIndexed('position:y', 9);
      mover.set('hp', 5);
      // Of the three only `kind` is told, and only to those who come later.
      const late = await room.join(c);
      expect(server.multiplayer.getPeers()).toContain(late);
      await room.agree((dump, client) =>
        changed(dump, {
          'World/Mover': { secret: 0, ...(client === c ? {} : { kind: 'plain' }) },
          'World/Mover/Head': { position: new Vector2(3.5, 0) },
        }),
      );
      await room.leave(c);
    });

    test('every Variant type, in states and in changes', async () => {
      const { server } = room;
      const values = server.add('values', 'World', 'Values');
      await room.agree();
      for (const { name, type, second } of TYPED_VALUES) {
        // Whether a client is a 4.3 or a later one cannot be told, so that typed dictionaries go without their types, and a typed
        // variable does not take those. The restarted server knows.
        if (type.startsWith('Dictionary[')) continue;
        values.set(name, second);
        values.set(`always_${name}`, second);
      }
      await room.agree();
    });

    test('spawn(data) with every Variant type, up to the limit of the spawner', async () => {
      const { server } = room;
      const custom = server.spawner('Custom');
      for (const { name, second } of TYPED_VALUES) expect(custom.spawn([name, second])?.name).toBe(name);
      expect(TYPED_VALUES).toHaveLength(39);
      // Typed dictionaries as above.
      const untyped = (dump: Dump): Dump => without(dump, 'Pieces/v23');
      expect(custom.spawn(['last', null])).not.toBeNull();
      expect(custom.spawn(['onemore', null])).toBeNull();
      expect(room.complaints()).toEqual(['server: spawn of /root/Main/Custom: its limit of 40 is reached']);
      server.at('Pieces/v23').free();
      await room.agree(untyped);
      expect(custom.spawn(['again', 1])).not.toBeNull();
      server.at('Pieces/last').free();
      await room.agree();
    });

    test('spawners inside of what is spawned', async () => {
      const { server } = room;
      const nest = server.mirror.instantiate('res://nest.tscn', { name: 'Nest' });
      server.at('World').addChild(nest);
      server.add('mover', 'World/Nest/Items', 'Inner', { hp: 3 });
      server.add('nest', 'World/Nest/Items', 'Deeper', { rank: 2 });
      server.add('crate', 'World/Nest/Items/Deeper/Items', 'Deepest');
      await room.agree();
      await room.join(c);
      await room.agree();
      server.at('World/Nest/Items/Inner').set('hp', 2);
      server.at('World/Nest/Items/Deeper').free();
      await room.agree();
      nest.free();
      await room.agree();
      await room.leave(c);
    });

    test('intervals of states and of changes', async () => {
      const { server } = room;
      const slow = server.add('slow', 'World', 'Slow');
      const mover = server.add('mover', 'World', 'Mover');
      await room.agree();
      const countsOf = async (path: string): Promise<number[]> => {
        const counts = await a.ask(path, '_counts');
        return [...(counts as Iterable<VariantValue>)].map(Number);
      };
      const before = [await countsOf('World/Slow'), await countsOf('World/Mover')];
      const start = performance.now();
      let steps = 0;
      await until(
        () => {
          steps++;
          for (const node of [slow, mover]) {
            node.set('position', new Vector2(steps, 0));
            node.set('hp', steps);
          }
          return performance.now() - start > 1000;
        },
        () => 'a second',
      );
      await room.agree();
      const after = [await countsOf('World/Slow'), await countsOf('World/Mover')];
      const seconds = (performance.now() - start) / 1000;
      const [slowStates = 0, slowChanges = 0, states = 0, changes = 0] = after.flatMap((list, i) =>
        list.map((count, at) => count - (before[i]?.[at] ?? 0)),
      );
      // One more for each that began before.
      expect(slowStates).toBeLessThanOrEqual(seconds / 0.2 + 1);
      expect(slowChanges).toBeLessThanOrEqual(seconds / 0.3 + 1);
      expect(slowStates).toBeGreaterThan(1);
      expect(slowChanges).toBeGreaterThan(1);
      expect(states).toBeGreaterThan(2 * slowStates);
      expect(changes).toBeGreaterThan(2 * slowChanges);
    });

    test('inputs that clients own; the server looks at them before it takes them', async () => {
      const { server, native } = room;
      const ids = [a, b, native].map(idOf);
      for (const id of ids) server.add('player', 'Players', String(id));
      await room.agree();
      await a.ask(`Players/${ids[0]}/Input`, 'set', 'move', new Vector2(0.5, 0));
      await b.ask(`Players/${ids[1]}/Input`, 'set', 'action', 3);
      native.at(`Players/${ids[2]}/Input`).set('move', new Vector2(0, 0.25));
      native.at(`Players/${ids[2]}/Input`).set('action', 4);
      const inputs = (): unknown[] =>
        ids.flatMap((id) => {
          const input = server.at(`Players/${id}/Input`);
          return [String(input.get('move')), input.get('action')];
        });
      const told = ['(0.5, 0.0)', 0, '(0.0, 0.0)', 3, '(0.0, 0.25)', 4];
      await until(
        () => JSON.stringify(inputs()) === JSON.stringify(told),
        () => `inputs; they are ${JSON.stringify(inputs())}`,
      );
      await room.agree();

      const seen: number[] = [];
      for (const id of ids)
        server.sync(`Players/${id}/Input`).validate = (values, sender) => {
          const move = values.get('.:move');
          seen.push(sender);
          return !(move instanceof Vector2) || Math.hypot(move.x, move.y) <= 1;
        };
      await a.ask(`Players/${ids[0]}/Input`, 'set', 'move', new Vector2(5, 0));
      await a.ask(`Players/${ids[0]}/Input`, 'set', 'action', 9);
      const refused = (): number => server.multiplayer.refusals()['state-refused'] ?? 0;
      await until(
        () => refused() > 3 && server.at(`Players/${ids[0]}/Input`).get('action') === 9,
        () => 'states that are refused, and a change that is not',
      );
      expect(new Set(seen)).toContain(ids[0]);
      // What clients relay to each other the server does not read.
      await room.agree((dump) => changed(dump, { [`Players/${ids[0]}/Input`]: { move: new Vector2(5, 0) } }));
      await a.ask(`Players/${ids[0]}/Input`, 'set', 'move', new Vector2(0.5, 0));
      await room.agree();
      mayComplain = [...LATE_STATES, /^server: .*Input: the validator says no \(state-refused\)$/];
    });

    test('somebody who joins late has everything, in the order of creation', async () => {
      const { server, native } = room;
      mayComplain = LATE_STATES;
      const mover = server.add('mover', 'World', 'Old', { hp: 1 });
      server.add('player', 'Players', String(idOf(a)));
      // Who is asked for a node that it does not have yet falls over: a release engine does not look.
      await room.agree();
      server.add('nest', 'World', 'Nest', { rank: 9 });
      server.add('crate', 'World/Nest/Items', 'Inner');
      server.spawner('Custom').spawn(['piece', [1, 'two']]);
      mover.set('hp', 2);
      server.at('World/Old/Head').set('position', new Vector2(4, 0));
      await a.ask(`Players/${idOf(a)}/Input`, 'set', 'move', new Vector2(0.125, 0));
      await room.agree();
      await room.leave(native);
      const from = c.log.length;
      await Promise.all([room.join(c), room.join(native)]);
      await room.agree();
      expect(c.log.slice(from).filter((line) => line.startsWith('spawned'))).toEqual(
        ['World/Old', `Players/${idOf(a)}`, 'World/Nest', 'Pieces/piece'].map((path) => `spawned ${path}`),
      );
      await room.leave(c);
    });

    test('visibility: nobody, one of them, everybody again', async () => {
      const { server, native } = room;
      const mover = server.add('mover', 'World', 'Mover', { hp: 1 });
      await room.agree();
      const sync = server.sync('World/Mover/Sync');
      const hidden =
        (...from: readonly Client[]) =>
        (dump: Dump, client: Client): Dump =>
          from.includes(client) ? without(dump, 'World/Mover') : dump;
      sync.publicVisibility = false;
      mover.set('hp', 2);
      mover.set('position', new Vector2(9, 9));
      await room.agree(hidden(a, b, native));
      sync.setVisibilityFor(idOf(a), true);
      await room.agree(hidden(b, native));
      sync.setVisibilityFor(idOf(native), true);
      sync.setVisibilityFor(idOf(a), false);
      mover.set('hp', 3);
      await room.agree(hidden(a, b));
      sync.publicVisibility = true;
      await room.agree();
    });

    test('visibility of one of several synchronizers: the node stays, its values stop', async () => {
      const { server } = room;
      const values = server.add('values', 'World', 'Values');
      await room.agree();
      server.sync('World/Values/changes').addVisibilityFilter((id) => id !== idOf(b));
      server.sync('World/Values/changes').updateVisibility();
      values.set('v01', 77);
      values.set('always_v01', 78);
      await room.agree((dump, client) =>
        client === b ? changed(dump, { 'World/Values': { v01: -7 } }) : dump,
      );
    });

    test('filters, which are asked again and again', async () => {
      const { server } = room;
      server.add('mover', 'World', 'Mover');
      server.add('mover', 'World', 'Other');
      let near = new Set([idOf(a), idOf(b), idOf(room.native)]);
      const sync = server.sync('World/Mover/Sync');
      const filter = (id: number): boolean => near.has(id);
      sync.addVisibilityFilter(filter);
      const seen = (dump: Dump, client: Client): Dump =>
        near.has(idOf(client)) ? dump : without(dump, 'World/Mover');
      await room.agree(seen);
      for (const who of [[b], [a], [], [a, room.native], [a, b, room.native]]) {
        near = new Set(who.map(idOf));
        await room.agree(seen);
      }
      near = new Set();
      sync.visibilityUpdateMode = 2;
      await room.agree();
      sync.updateVisibility();
      await room.agree(seen);
      sync.removeVisibilityFilter(filter);
      sync.updateVisibility();
      await room.agree();
    });

    test('nodes that are freed, taken out, and whose spawner is freed', async () => {
      const { server } = room;
      for (const name of ['Freed', 'Queued', 'Taken']) server.add('mover', 'World', name);
      server.add('nest', 'World', 'Nest');
      server.add('mover', 'World/Nest/Items', 'Orphan');
      await room.agree();
      const from = a.log.length;
      server.at('World/Freed').free();
      const queued = server.at('World/Queued');
      queued.queueFree();
      const taken = server.at('World/Taken');
      taken.remove();
      await until(
        () => queued.isFreed,
        () => 'the end of the step',
      );
      await room.agree();
      expect(a.log.slice(from)).toEqual(['Freed', 'Taken', 'Queued'].map((name) => `despawned ${name}`));
      server.at('World').addChild(taken);
      await room.agree();
      const spawner = server.dump().get('World/Nest/Spawner') ?? new Map<string, never>();
      server.at('World/Nest/Spawner').free();
      server.at('World/Nest/Items/Orphan').set('hp', 1);
      // What it had spawned stays here, and goes at the others, who keep the spawner: it is part of the scene.
      await room.agree(
        (dump) => new Map([...without(dump, 'World/Nest/Items/Orphan'), ['World/Nest/Spawner', spawner]]),
      );
    });

    test('another authority for a synchronizer, there and back', async () => {
      const { server, native } = room;
      const mover = server.add('mover', 'World', 'Mover', { hp: 1 });
      await room.agree();
      for (const owner of [a, native]) {
        server.main.rpc('own', 'World/Mover/Sync', idOf(owner));
        await room.agree();
        const position = new Vector2(idOf(owner) % 100, 0.5);
        if (owner === native) {
          native.at('World/Mover').set('position', position);
          native.at('World/Mover').set('hp', 50);
        } else {
          await a.ask('World/Mover', 'set', 'position', position);
          await a.ask('World/Mover', 'set', 'hp', 40);
        }
        await until(
          () =>
            String(mover.get('position')) === String(position) && mover.get('hp') === (owner === a ? 40 : 50),
          () => `what the owner says; it is ${mover.get('position')} ${mover.get('hp')}`,
        );
        await room.agree();
      }
      server.main.rpc('own', 'World/Mover/Sync', 1);
      mover.set('hp', 60);
      mover.set('position', new Vector2(-1, -1));
      await room.agree();
      mayComplain = LATE_STATES;
    });

    test('clients that spawn, and take what they spawned with them when they leave', async () => {
      const { server, native } = room;
      // Our state of what a client spawned may overtake its SPAWN to the others, and is announced again.
      mayComplain = [
        ...LATE_STATES,
        /^([ABC]|native|server): .*\bMain\/Hall\/\w+\/(State|Sync)\b/,
        /^[ABC]: Parameter "node" is null\.$/,
      ];
      for (const owner of [a, native]) {
        const id = idOf(owner);
        server.main.rpc('own', 'GuestSpawner', id);
        await room.agree();
        if (owner === native) {
          native.add('mover', 'Hall', 'Guest', { hp: 4 });
          native.add('player', 'Hall', String(id));
          native.at(`Hall/${id}/Input`).set('move', new Vector2(0.75, 0));
        } else {
          await a.ask('.', '_add', 'mover', 'Hall', 'Guest');
          await a.ask('.', '_add', 'player', 'Hall', String(id));
          await a.ask(`Hall/${id}/Input`, 'set', 'move', new Vector2(0.75, 0));
        }
        await until(
          () => String(server.main.getNode(`Hall/${id}/Input`)?.get('move')) === '(0.75, 0.0)',
          () => 'what the client spawned',
        );
        await room.agree();
        server.at('Hall/Guest').set('hp', 12);
        await room.agree();
        if (owner === native) native.at('Hall/Guest').free();
        else await a.ask('Hall/Guest', 'free');
        await until(
          () => server.main.getNode('Hall/Guest') === undefined,
          () => 'the end of what the client spawned',
        );
        await room.agree();
        await room.leave(owner);
        // It keeps what is its own.
        if (owner === native) native.at(`Hall/${id}`).free();
        else await a.ask(`Hall/${id}`, 'free');
        await until(
          () => server.at('Hall').getChildCount() === 0,
          () => 'the end of what a client spawned that left',
        );
        server.main.rpc('own', 'GuestSpawner', 1);
        await room.agree();
        await room.join(owner);
        if (owner === native) native.at('GuestSpawner').setMultiplayerAuthority(1);
        else await a.ask('GuestSpawner', 'set_multiplayer_authority', 1);
        await room.agree();
      }
    });

    test('renamed: states go on, later ones know the new name; reparented: gone, and back', async () => {
      const { server } = room;
      const mover = server.add('mover', 'World', 'Before');
      await room.agree();
      mover.rename('After');
      await room.join(c);
      mover.set('hp', 8);
      mover.set('position', new Vector2(8, 8));
      const renamed = (dump: Dump, client: Client): Dump =>
        client === c ? dump : moved(dump, 'World/After', 'World/Before');
      await room.agree(renamed);
      // Outside of the spawn path it is an ordinary node, whose synchronizer goes by its path; nobody else has one there.
      mayComplain = [
        /^[ABC]: Node not found: "Main\/Shelf\/After\/Sync" \(relative to "\/root"\)\.$/,
        /^[ABC]: Parameter "node" is null\.$/,
        /^native: peer 1: there is no node at "Main\/Shelf\/After\/Sync"; .*\(unknown-node\)$/,
      ];
      mover.reparent(server.at('Shelf'));
      await room.agree((dump) => without(dump, 'Shelf/After'));
      mover.reparent(server.at('World'));
      mover.set('hp', 9);
      await room.agree();
      mover.free();
      await room.agree();
      await room.leave(c);
    });

    test('calls of a node right behind its spawn, and of clients', async () => {
      const { server, native } = room;
      for (let i = 0; i < 20; i++) {
        const mover = server.add('mover', 'World', `Mover${i}`);
        mover.rpc('hit', i);
        mover.rpc('hit', 100 + i);
      }
      await room.agree();
      await a.ask('World/Mover3', 'rpc', 'hit', 7);
      native.at('World/Mover4').rpc('hit', 8);
      await until(
        () => [3, 4].every((i) => String(server.at(`World/Mover${i}`).get('hits')).split(',').length === 3),
        () => 'calls of clients',
      );
      await room.agree();
    });

    test('synchronizers of the scene itself, which go by their paths', async () => {
      const { server } = room;
      const board = server.at('Board');
      for (let i = 1; i <= 3; i++) {
        board.set('ticks', i);
        board.set('title', `round ${i}`);
        server.at('Board/Hand').setIndexed('position:y', float(i / 3));
        await room.agree();
      }
      await room.join(c);
      board.set('ticks', 99);
      await room.agree();
      await room.leave(c);
    });

    test('200 nodes at once', async () => {
      const { server } = room;
      const movers = Array.from({ length: 200 }, (_, i) =>
        server.add('mover', 'World', `Mover${i}`, { hp: i }),
      );
      await room.agree();
      movers.forEach((mover, i) => {
        mover.set('position', new Vector2(i, -i));
        mover.set('hp', -i);
      });
      await room.agree();
      await room.join(c);
      await room.agree();
      for (const mover of movers) mover.free();
      await room.agree();
      await room.leave(c);
    });

    test('a kick, and the same client again', async () => {
      const { server, native } = room;
      server.add('mover', 'World', 'Mover', { hp: 3 });
      server.spawner('Custom').spawn(['piece', 1]);
      // What it had sent before it heard of the kick.
      mayComplain = [...LATE_STATES, /^server: peer \d+: it is not admitted \(unknown-peer\)$/];
      await room.agree();
      for (const client of [a, native]) {
        const id = idOf(client);
        server.add('player', 'Players', String(id));
        await room.agree();
        const lost = lostOf(client);
        room.present.delete(client);
        server.multiplayer.disconnectPeer(id);
        await lost;
        server.at(`Players/${id}`).free();
        await room.agree();
        await room.join(client);
        await room.agree();
        expect(idOf(client)).not.toBe(id);
      }
    });

    test('another server in the same place; it knows that all are a 4.6', async () => {
      const { native } = room;
      room.server.add('mover', 'World', 'Mover');
      room.server.add('nest', 'World', 'Nest');
      room.server.add('crate', 'World/Nest/Items', 'Inner');
      await room.agree();
      const lost = Promise.all([a, b, native].map(lostOf));
      await room.restart('4.6');
      await lost;
      for (const client of [a, b]) expect(Number(await client.ask('World', 'get_child_count'))).toBe(0);
      await until(
        () => native.at('World').getChildCount() === 0,
        () => 'the end of what the old server spawned',
      );
      const { server } = room;
      server.at('Board').set('title', 'another server');
      server.add('mover', 'World', 'Mover', { hp: 77 });
      await Promise.all([a, b, c, native].map((client) => room.join(client)));
      await room.agree();
      const values = server.add('values', 'World', 'Values');
      for (const { name, second } of TYPED_VALUES) {
        values.set(name, second);
        server.spawner('Custom').spawn([name, second]);
      }
      await room.agree();
    });

    function lostOf(client: Client): Promise<void> {
      if (client === room.native)
        return new Promise((resolve) => room.native.multiplayer.once('serverDisconnected', () => resolve()));
      const browser = client as BrowserGame;
      const from = browser.log.length;
      return browser.until(() => browser.log.indexOf('lost', from) >= 0);
    }
  },
);
