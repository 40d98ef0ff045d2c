/**
 * Handoffs with real engines: two pages with the official Godot 4.6 are in play in a room that goes from one node to another and back, with the
 * add-on's `handoff.gd`. Each time they have the tree of the room, value for value, know each other alone, and every marked call was done once,
 * in order. Nothing that an engine prints is expected.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterNode, Handoff, MemoryHub } from '../../../src/cluster.ts';
import { peer } from '../../support/peers.ts';
import { Godot4 } from './engine.ts';
import { HandoffHall } from './handoff/HandoffHall.ts';
import { ROOMS_FILES } from './rooms/game.ts';
import { EngineGuest } from './rooms/guests.ts';
import { RoomsGame } from './rooms/RoomsGame.ts';

const engine = peer('godot4');
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

const FILES = {
  'addons/godot_enet/handoff.gd': read('../../../examples/addons/godot_enet/handoff.gd'),
  'handoff_rooms.gd': read('handoff/handoff_rooms.gd'),
  'main.tscn': (ROOMS_FILES['main.tscn'] ?? '').replace('res://rooms.gd', 'res://handoff_rooms.gd'),
  'project.godot': `config_version=5
[application]
run/main_scene="res://main.tscn"
[autoload]
Harness="*res://harness.gd"
GodotEnetHandoff="*res://addons/godot_enet/handoff.gd"
`,
};

describe.skipIf(engine.isMissing)(`handoffs with Godot 4.6${engine.note}`, { timeout: 90_000 }, () => {
  const hub = new MemoryHub();
  let godot: Godot4;
  let nodes: { readonly game: RoomsGame; readonly node: ClusterNode; readonly handoff: Handoff }[];
  let guests: EngineGuest[];

  beforeAll(async () => {
    godot = await Godot4.open();
    nodes = await Promise.all(
      ['a', 'b'].map(async (id) => {
        const game = await RoomsGame.open(HandoffHall);
        const addresses = { websocket: `ws://127.0.0.1:${game.ports.tcp}` };
        const node = new ClusterNode({ bus: hub.connect(), rooms: game.rooms, id, addresses });
        await node.start();
        const keys = [{ id: '1', algorithm: 'HS256', secret: 'a secret of 32 bytes for this test' }] as const;
        return { game, node, handoff: new Handoff({ node, keys }) };
      }),
    );
    guests = await Promise.all(['ada', 'bob'].map((name) => EngineGuest.open(name, godot, FILES)));
  }, 90_000);
  afterAll(async () => {
    for (const { game, node, handoff } of nodes ?? []) {
      handoff.close();
      await node.close();
      await game.close();
    }
    await godot?.close();
  });

  /** The node with the room, and the room. */
  function here(): { readonly game: RoomsGame; readonly hall: HandoffHall; readonly handoff: Handoff } {
    for (const { game, handoff } of nodes) {
      const [hall] = game.rooms.rooms;
      if (hall instanceof HandoffHall) return { game, hall, handoff };
    }
    throw new Error('no node has the room');
  }

  /** A guest says that it is at a node. */
  async function arrives(guest: EngineGuest, from: number, to: string): Promise<void> {
    const end = Date.now() + 15_000;
    const news = (): string[] => guest.log.slice(from);
    while (!news().some((line) => line.startsWith('arrived '))) {
      // What it said comes with its next answer.
      await guest.said();
      if (Date.now() < end) continue;
      const lines = nodes.flatMap(({ game }) => game.lines).concat(guest.complaints());
      throw new Error(`${guest.name} does not arrive at ${to}: ${news()}\n${lines.slice(0, 20).join('\n')}`);
    }
  }

  test('two engines in play go to another node and back, again and again', async () => {
    const [a] = nodes;
    if (a === undefined) throw new Error('there is no node');
    const first = await a.game.room('lobby', { tag: 1 });
    for (const guest of guests) await guest.join(a.game.ports, guest.name);
    await a.game.agree(first, guests);
    for (const guest of guests) await guest.mark(true);
    const ids: number[][] = guests.map(({ id }) => [id]);
    for (const to of ['b', 'a', 'b', 'a']) {
      const froms = guests.map(({ log }) => log.length);
      await here().handoff.moveRoom(first.id, to);
      for (const [i, guest] of guests.entries()) {
        await arrives(guest, froms[i] ?? 0, to);
        ids[i]?.push(guest.id);
      }
      const { game, hall } = here();
      for (const guest of guests) await guest.mark(false);
      await game.agree(hall, guests);
      for (const guest of guests) await guest.mark(true);
      expect([...hall.players.values()].map(({ id, isAway }) => [id, isAway])).toEqual([
        ['ada', false],
        ['bob', false],
      ]);
    }
    const { hall } = here();
    for (const [i, guest] of guests.entries()) {
      await guest.mark(false);
      let marks = await guest.marks();
      while (marks.unanswered > 0) marks = await guest.marks();
      const rings = hall.notes.filter(({ what, sender }) => what === 'ring' && ids[i]?.includes(sender));
      expect(marks.made).toBeGreaterThan(20);
      expect(rings.map(({ number }) => number)).toEqual(
        Array.from({ length: marks.made }, (_, at) => at + 1),
      );
      expect(guest.log.filter((line) => /^(failed|lost)/.test(line))).toEqual([]);
    }
    expect(hall.hooks.filter((hook) => hook.startsWith('join'))).toEqual(['join ada', 'join bob']);
    expect(hall.hooks.filter((hook) => hook.startsWith('return'))).toHaveLength(8);
    expect(hall.hooks.filter((hook) => /^(drop|leave)/.test(hook))).toEqual([]);
    const traced = nodes.flatMap(({ game }) => game.lines);
    expect([...traced, ...guests.flatMap((guest) => guest.complaints())]).toEqual([]);
  });
});
