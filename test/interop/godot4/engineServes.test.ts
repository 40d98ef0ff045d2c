/**
 * The client role against a real server: the official Godot 4.6 runs the game and owns the world, clients of ours are in it. After
 * each scenario their trees are the engine's, value for value, bit for bit. What the engine prints as errors, and ours trace, is
 * listed where it is expected; nowhere else is any.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { float, type VariantValue, Vector2 } from '../../../codec/index.ts';
import { peer } from '../../support/peers.ts';
import { until } from './player.ts';
import { changed, without } from './replication/dump.ts';
import { type CarriedClient, EngineServer } from './replication/EngineServer.ts';
import { TYPED_VALUES } from './replication/values.ts';

const engine = peer('godot4');

/** States that a client had sent of a node that is gone meanwhile: engines print the same to each other. */
const LATE_STATES = [
  /^ERROR: Ignoring sync data from non-authority or for missing node\.$/,
  /^ERROR: Node not found: "Main\/Players\/\w+\/Input" \(relative to "\/root"\)\.$/,
  /^ERROR: Failed to get cached node from peer \d+ with cache ID \d+\.$/,
];

describe.skipIf(engine.isMissing)(
  `clients of ours at a server in Godot 4.6${engine.note}`,
  { timeout: 60_000 },
  () => {
    let server: EngineServer;
    let a: CarriedClient;
    let b: CarriedClient;
    /** What may be complained of in a test. */
    let mayComplain: readonly RegExp[] = [];

    beforeAll(async () => {
      server = await EngineServer.open();
      a = await server.join(1001);
      b = await server.join(1002);
    }, 60_000);
    afterAll(async () => server?.close());
    afterEach(async () => {
      await server.ask('.', '_clear');
      await server.agree();
      expect(
        server.complaints().filter((line) => !mayComplain.some((pattern) => pattern.test(line))),
      ).toEqual([]);
      mayComplain = [];
    });

    test('they are admitted, and told of each other', async () => {
      await until(
        () => a.events.includes('+1002') && b.events.includes('+1001'),
        () => 'A and B know of each other',
      );
      expect(a.events).toEqual(['connected', '+1', '+1002']);
      expect(new Set(b.events)).toEqual(new Set(['connected', '+1', '+1001']));
      expect(a.multiplayer.getPeers()).toEqual([1, 1002]);
    });

    test('scenes that the engine adds, with their states and changes', async () => {
      await server.add('mover', 'World', 'First', { position: new Vector2(1.5, -2), hp: 7, kind: 'late' });
      await server.add('crate', 'World', 'Box');
      await server.add('nest', 'World', 'Nest', { rank: 3 });
      await server.add('mover', 'World/Nest/Items', 'Inner', { hp: 3 });
      // What only a spawn brings was set after it.
      await server.agree((dump) => changed(dump, { 'World/First': { kind: 'plain' } }));
      expect(a.events.filter((event) => event.startsWith('spawned'))).toEqual(
        ['First', 'Box', 'Nest'].map((name) => `spawned ${name}`),
      );
      await server.ask('World/First', 'set', 'rotation', float(0.25));
      await server.ask('World/First/Head', 'set', 'position', new Vector2(3.5, 0));
      await server.ask('World/First', 'set', 'kind', 'plain');
      await server.ask('Board', 'set', 'title', 'Round 2');
      const dump = await server.agree();
      expect(dump.has('World/Nest/Items/Inner/Head')).toBe(true);
      for (const name of ['First', 'Box', 'Nest']) await server.ask(`World/${name}`, 'queue_free');
      const left = await server.agree();
      expect([...left.keys()].filter((path) => path.startsWith('World/'))).toEqual([]);
    });

    test('every Variant type, in states and in changes', async () => {
      await server.add('values', 'World', 'Values');
      await server.agree();
      for (const { name, second } of TYPED_VALUES) {
        await server.ask('World/Values', 'set', name, second);
        await server.ask('World/Values', 'set', `always_${name}`, second);
      }
      await server.agree();
      await server.ask('World/Values', 'queue_free');
    });

    test('spawn(data) with every Variant type', async () => {
      for (const { name, second } of TYPED_VALUES) await server.ask('Custom', 'spawn', [name, second]);
      const dump = await server.agree();
      expect([...dump.keys()].filter((path) => path.startsWith('Pieces/'))).toHaveLength(TYPED_VALUES.length);
      for (const { name } of TYPED_VALUES) await server.ask(`Pieces/${name}`, 'queue_free');
    });

    test('RPCs of the engine, of a client to everybody, and to one', async () => {
      await server.add('mover', 'World', 'Mover');
      await server.agree();
      await server.ask('World/Mover', 'rpc', 'hit', 1);
      await server.agree();
      a.at('World/Mover').rpc('hit', 1001);
      b.at('World/Mover').rpc('hit', 1002);
      const hits = (client: CarriedClient): number[] => [
        ...(client.at('World/Mover').get('hits') as Iterable<number>),
      ];
      for (const client of [a, b])
        await until(
          () => hits(client).length === 3,
          () => `all hits at ${client.id}`,
        );
      expect(new Set(hits(a))).toEqual(new Set([1, 1001, 1002]));
      const atEngine = await server.ask('World/Mover', 'get', 'hits');
      expect(new Set([...(atEngine as Iterable<VariantValue>)].map(Number))).toEqual(
        new Set([1, 1001, 1002]),
      );
      a.at('World/Mover').rpcId(1002, 'hit', 77);
      await until(
        () => hits(b).includes(77),
        () => 'what A tells B alone',
      );
      expect(hits(a)).not.toContain(77);
      await server.ask('World/Mover', 'queue_free');
    });

    test('inputs that a client owns reach the engine and the other client', async () => {
      mayComplain = LATE_STATES;
      await server.add('player', 'Players', '1001');
      await server.add('player', 'Players', '1002');
      await server.agree();
      a.at('Players/1001/Input').set('move', new Vector2(0.5, 0.25));
      b.at('Players/1002/Input').set('action', 9);
      const dump = await server.agree();
      expect(await server.ask('Players/1001/Input', 'get', 'move')).toEqual(new Vector2(0.5, 0.25));
      expect(Number(await server.ask('Players/1002/Input', 'get', 'action'))).toBe(9);
      expect(dump.get('Players/1001/Input')?.get('authority')).toBe(
        a.dump().get('Players/1001/Input')?.get('authority'),
      );
      for (const name of ['1001', '1002']) await server.ask(`Players/${name}`, 'queue_free');
    });

    test('what the engine hides from one goes there, and comes again', async () => {
      await server.add('mover', 'World', 'Mover', { hp: 4 });
      await server.agree();
      await server.ask('World/Mover/Sync', 'set', 'public_visibility', false);
      await server.ask('World/Mover/Sync', 'set_visibility_for', 1002, true);
      await server.ask('World/Mover', 'set', 'hp', 5);
      await server.agree((dump, client) => (client === a ? without(dump, 'World/Mover') : dump));
      await server.ask('World/Mover/Sync', 'set', 'public_visibility', true);
      await server.agree();
      await server.ask('World/Mover', 'queue_free');
    });

    test('one who comes late has everything; one who leaves, and one who is put out, are told of', async () => {
      await server.add('mover', 'World', 'Old', { hp: 2 });
      await server.add('nest', 'World', 'Nest', { rank: 9 });
      await server.add('crate', 'World/Nest/Items', 'Inner');
      await server.ask('Custom', 'spawn', ['piece', [1, 'two']]);
      const c = await server.join(1003);
      await server.agree();
      expect(c.multiplayer.getPeers()).toEqual([1, 1001, 1002]);
      await server.leave(c);
      await until(
        () => a.events.includes('-1003'),
        () => 'A hears that C is gone',
      );
      const d = await server.join(1004);
      await server.agree();
      await server.ask('@api', 'disconnect_peer', 1004);
      await until(
        () => server.kicked.includes('1004 false'),
        () => 'the engine puts D out',
      );
      d.peer.lose();
      await until(
        () => d.events.includes('lost'),
        () => 'D hears of it',
      );
      expect(d.multiplayer.getPeers()).toEqual([]);
      expect(d.main.getNode('World/Old')).toBeUndefined();
      await server.leave(d);
    });
  },
);
