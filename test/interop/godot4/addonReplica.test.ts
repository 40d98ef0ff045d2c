/**
 * The replica of the add-on `examples/addons/godot_enet` in a real Godot 4.6: a server's mirror in the scene tree, value for value; what a
 * server may not do; damaged packets. Differences: none.
 */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  Color,
  Dictionary,
  ENetPacketUtils,
  Float,
  NodePath,
  type VariantValue,
  Vector2,
  varToBytes,
  varToStr,
} from '../../../codec/index.ts';
import { SceneMirror } from '../../../schema/index.ts';
import type { ENetServerPeer } from '../../../src/server.ts';
import { Prng } from '../../../src/testing/prng.ts';
import { fcParameters } from '../../support/fc.ts';
import { peer } from '../../support/peers.ts';
import { damage } from '../godot3/cases.ts';
import type { AddonGame } from './addon/AddonGame.ts';
import { useAddonWorld } from './addon/world.ts';

const engine = peer('godot4');
const SEED = fcParameters().seed ?? 46;

describe.skipIf(engine.isMissing)(
  `the add-on's replication in Godot 4.6, seed ${SEED}${engine.note}`,
  { timeout: 60_000 },
  () => {
    const world = useAddonWorld((name, line) => name.startsWith('damaged') && DECODER.test(line));
    const { server, id, sendRaw, joined, signalsOf } = world;
    let game: AddonGame;
    beforeAll(() => {
      game = world.game;
    });

    test('replication: nodes come, change, move, are renamed, ordered and removed, value for value', async () => {
      await joined();
      const mirror = new SceneMirror();
      const arena = mirror.root.addChild({ name: 'Arena', class: 'Node2D', groups: ['levels'] });
      const ball = arena.addChild({ name: 'Ball', class: 'Sprite2D', groups: ['movers', 'round'] });
      const label = arena.addChild({ name: 'Label', class: 'Label' });
      ball.owner = arena;
      const space = mirror.root.addChild({ name: 'Space', class: 'Node3D' });
      space.addChild({ name: 'Light', class: 'OmniLight3D' });
      const replication = mirror.replicate(server, { rate: 60 });
      onTestFinished(() => replication.stop());
      const isSame = async (): Promise<void> => {
        const ours = treeOf(mirror);
        let theirs = '';
        const end = Date.now() + 5000;
        while (theirs !== ours && Date.now() < end)
          theirs = shownLook(await game.do('look', new NodePath('World'), WATCHED));
        expect(theirs).toBe(ours);
      };
      await game.do('follow', new NodePath('World'), new NodePath('/root'));
      let from = game.signals.length;
      const step = async (edit: () => void): Promise<string[]> => {
        from = game.signals.length;
        edit();
        await isSame();
        return [...new Set(game.signals.slice(from))];
      };
      // The peer was there before the game followed: it has to come again.
      await game.do('disconnect_from_server', 'again');
      await game.saw('disconnected("again")', from);
      await joined();
      await isSame();
      // Some may have come before, too.
      const again = game.signals.slice(game.signals.lastIndexOf('disconnected("again")'));
      expect(again.filter((line) => line.startsWith('node_added'))).toEqual(
        ['Arena', 'Space', 'Ball', 'Label', 'Light'].map((name) => `node_added("${name}")`),
      );

      await step(() => {
        ball.set('position', new Vector2(30, 40));
        ball.set('rotation', 0.5);
        ball.set('modulate', new Color(1, 0.5, 0.25, 1));
        ball.setMeta('lives', 3);
        label.set('text', 'Score: 1');
        arena.set('visible', false);
      });
      expect(await step(() => ball.removeMeta('lives'))).toEqual(['node_changed("Ball")']);
      await step(() => {
        ball.addToGroup('fast');
        ball.removeFromGroup('round');
        ball.owner = undefined;
      });
      const coins = arena.addChild({ name: 'Coins', class: 'Node2D' });
      for (let i = 0; i < 20; i++)
        coins.addChild({ name: `Coin${i}`, class: 'Polygon2D' }).set('position', new Vector2(i, 0));
      await step(() => arena.moveChild(label, 0));
      expect(await step(() => ball.rename('Comet'))).toEqual(['node_changed("Comet")']);
      await step(() => ball.reparent(coins, false));
      expect(await step(() => coins.findChild('Coin3')?.remove())).toEqual(['node_removed("Coin3")']);
      await step(() => coins.addChild({ name: 'Coin3', class: 'Sprite2D' }));
      await step(() => {
        for (let i = 0; i < 200; i++) ball.set('position', new Vector2(i, i));
        coins.remove();
      });

      // States of the player's own, as the server's mirror takes them.
      const states: Uint8Array[] = [];
      const noted = (_who: ENetServerPeer, bytes: Uint8Array): void => {
        states.push(bytes);
      };
      server.on('rawPacketReceived', noted);
      for (const flags of [1, 2, 4])
        expect(await game.do('send_own', new NodePath('World/Space'), flags)).toBe(0);
      await game.until(() => states.length === 3, 'three states');
      server.off('rawPacketReceived', noted);
      for (const state of states) {
        const applied = mirror.apply(state, { paths: ['/root/Space'], properties: () => true });
        expect(applied).toMatchObject({ applied: true });
      }

      // What the server may not touch, and what the game does not want.
      const added = (path: string, more: { [key: string]: VariantValue } = {}): unknown =>
        server.triggerEvent(id(), 'node_added', {
          path: new NodePath(path),
          class: 'Node',
          after: '',
          ...more,
        });
      const isRefused = async (action: () => unknown, why: string): Promise<void> => {
        // What the states above have changed comes back meanwhile.
        const signals = await signalsOf(action);
        expect(signals.filter((line) => line !== 'node_changed("Space")')).toEqual([
          `packet_refused("${why}", 0)`,
        ]);
      };
      await isRefused(() => added('/elsewhere/Node'), 'there is no node at /elsewhere/Node');
      await isRefused(() => added('/root/../Node'), 'there is no node at /root/../Node');
      await isRefused(() => added('/root/Arena/..'), 'no script can give the name ..');
      await isRefused(() => added('/root/Nobody/Node'), 'there is no node at /root/Nobody/Node');
      await isRefused(() => added('relative'), 'there is no node at relative');
      await isRefused(() => added('/root/@Node@2'), 'no script can give the name @Node@2');
      for (const event of ['node_removed', 'node_moved', 'node_changed', 'node_children']) {
        await isRefused(() => server.triggerEvent(id(), event, { path: 5 }), 'there is no node at 5');
        await isRefused(() => server.triggerEvent(id(), event, {}), 'there is no node at <null>');
      }
      await isRefused(
        () => server.triggerEvent(id(), 'node_removed', { path: new NodePath('/root') }),
        'the root of the replica stays',
      );
      const moved = {
        path: new NodePath('/root/Arena'),
        parent: new NodePath('/root/Arena/Label'),
        name: 'A',
      };
      await isRefused(
        () => server.triggerEvent(id(), 'node_moved', moved),
        '/root/Arena cannot be below /root/Arena/Label',
      );
      await isRefused(
        () =>
          server.triggerEvent(id(), 'node_moved', { ...moved, parent: new NodePath('/root'), name: 'Space' }),
        'the name Space is taken',
      );
      await game.do('refuse_labels');
      await isRefused(() => added('/root/Other', { class: 'Label' }), '/root/Other is not admitted');
      await game.do('limit_nodes', 5);
      expect(await signalsOf(() => added('/root/Fifth'))).toEqual(['node_added("Fifth")']);
      await isRefused(() => added('/root/Sixth'), 'more than 5 nodes');
      // Values of other types, files from elsewhere, properties that have events of their own: nothing happens.
      expect(
        await signalsOf(() =>
          sendRaw(
            nodePacket({
              _type: 'node',
              _path: new NodePath('/root/Fifth'),
              properties: { name: 'Other', script: 5, process_mode: 'no', nothing: 1, 3: 4 },
              position: 'here',
            }),
          ),
        ),
      ).toEqual(['node_changed("Fifth")']);
      await game.do('store_script', 'user://evil.gd');
      const odd = {
        groups: [5, 'good', '_bad'],
        resources: { script: 'user://evil.gd', 1: 2 },
        owner: 3,
        variables: 4,
      };
      expect(
        await signalsOf(() =>
          server.triggerEvent(id(), 'node_changed', { path: new NodePath('/root/Fifth'), ...odd }),
        ),
      ).toEqual(['node_changed("Fifth")']);
      expect(game.heard).not.toContain('evil');
      await signalsOf(() => server.triggerEvent(id(), 'node_removed', { path: new NodePath('/root/Fifth') }));
      await isSame();
      await game.do('follow_nothing');
    });

    test('damaged packets: 300 of them harm nothing, and what is too large is not read', async () => {
      await joined();
      await game.do('follow', new NodePath('World'), new NodePath('/root'));
      const prng = new Prng(SEED);
      const event = (name: string, payload: { [key: string]: VariantValue }): Uint8Array =>
        Uint8Array.of(1, ...varToBytes({ ...payload, _event: name }));
      const path = new NodePath('/root/Arena');
      const whole = [
        event('node_added', {
          path,
          class: 'Node2D',
          after: '',
          scene: '',
          owner: path,
          groups: ['a'],
          resources: {},
          variables: {},
        }),
        event('node_moved', { path, parent: new NodePath('/root'), name: 'Arena' }),
        event('node_children', { path, names: ['a', 'b'] }),
        event('hit', { who: 'Eve', by: 1, at: new Vector2(1, 2) }),
        nodePacket({ _type: 'node', _path: path, properties: { position: new Vector2(1, 2) } }),
        ENetPacketUtils.encodeAuto('some text'),
        ENetPacketUtils.encodeJson('{"a":[1,2,{"b":null}]}'),
      ];
      const before = await game.do('count_above');
      const from = game.signals.length;
      for (let sent = 0; sent < 300; sent += 100) {
        await signalsOf(() => {
          for (let i = 0; i < 100; i++) {
            const data = damage(whole, prng);
            sendRaw(data.length > 0 ? data : Uint8Array.of(200));
          }
        });
      }
      const refused = game.signals.slice(from).filter((line) => line.startsWith('packet_refused'));
      expect(refused.length).toBeGreaterThan(100);
      expect(await game.do('count_above')).toBe(before);
      expect(await game.do('is_connected_to_server')).toBe(true);
      await game.do('configure', { max_packet_bytes: 1000 });
      expect(await signalsOf(() => server.sendPacket(id(), new Uint8Array(1000)))).toEqual([
        'packet_refused("1001 bytes are too many", 0)',
      ]);
      await game.do('configure', { max_packet_bytes: 1 << 20 });
    });
  },
);

/** What the engine's decoder says of damaged packets. Scripts say nothing. */
const DECODER = /^ERROR: (Condition|Method.function failed|Error when trying to decode|Attempted to )/;
const nodePacket = (state: { [key: string]: VariantValue }): Uint8Array =>
  Uint8Array.of(5, ...varToBytes(state));
/** Properties that are compared. */
const WATCHED = ['position', 'rotation', 'visible', 'modulate', 'text', 'polygon'];

/** What is below the root of a mirror, as `look` of the game tells it. */
function treeOf(mirror: SceneMirror): string {
  const lines: string[] = [];
  for (const node of mirror.root.walk()) {
    if (node === mirror.root) continue;
    const values = WATCHED.filter((name) => node.has(name)).map((name) => `${name} ${shown(node.get(name))}`);
    const entries = node.getMetaList().map((name) => `${name} ${shown(node.getMeta(name))}`);
    const path = String(node.getPath()).replace('/root/', '');
    const owner = String(node.owner?.getPath() ?? '').replace('/root/', '');
    lines.push([path, node.class, node.getGroups().sort(), owner, values, entries].join(' | '));
  }
  return lines.join('\n');
}

function shownLook(look: VariantValue): string {
  if (!Array.isArray(look)) return String(look);
  return look
    .map((line) => {
      const [path, type, groups, owner, values, entries] = Array.isArray(line) ? line : [];
      return [path, type, groups, owner, pairsOf(values), pairsOf(entries)].join(' | ');
    })
    .join('\n');
}

const pairsOf = (value: unknown): string[] =>
  value instanceof Dictionary ? [...value].map(([key, item]) => `${key} ${shown(item)}`) : [];
const shown = (value: unknown): string =>
  varToStr(value instanceof Float ? value.value : (value as VariantValue));
