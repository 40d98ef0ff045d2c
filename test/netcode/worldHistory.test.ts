/** What is recorded of the world, for how long, and how it is given back: between ticks, by kind of node, by who saw it. */
import { describe, expect, test } from 'vitest';
import { Basis, Transform2D, Transform3D, Vector2, Vector3 } from '../../codec/index.ts';
import { SceneMirror } from '../../schema/index.ts';
import {
  NetworkTime,
  SceneMultiplayer,
  WorldHistory,
  type WorldHistoryOptions,
} from '../../src/multiplayer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { Shooters } from './shooters.ts';

/** A server without a network; its one player is the local one of a peer that is there. */
function watch(options: Partial<WorldHistoryOptions> = {}): {
  arena: Shooters;
  mirror: SceneMirror;
  world: WorldHistory;
  peer: number;
  tick(): number;
} {
  const arena = new Shooters({ tickHz: 20, targets: 0, history: { durationMs: 500, ...options } });
  arena.join();
  arena.run(500);
  const { multiplayer, mirror } = arena.game.server;
  const [peer = 0] = multiplayer.getPeers();
  multiplayer.stop();
  const tick = (): number => {
    mirror.process(0.05);
    return arena.time.tick - 1;
  };
  return { arena, mirror, world: arena.world, peer, tick };
}

describe('transforms', () => {
  test('of a Node2D: at ticks as they were, between them as Godot interpolates', () => {
    const { mirror, world, peer, tick } = watch();
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D', groups: ['targets'] });
    node.set('position', new Vector2(10, 20));
    node.set('rotation', 3);
    const a = tick();
    const before = node.get('transform');
    node.set('position', new Vector2(20, 40));
    node.set('rotation', -3);
    node.set('scale', new Vector2(3, 5));
    tick();
    expect(world.rewind(peer, a).transformOf(node)).toEqual(before);
    expect(world.rewind(peer, a + 1).transformOf(node)).toEqual(node.get('transform'));
    const half = world.rewind(peer, a + 0.5);
    expect(half.tick).toBe(a + 0.5);
    expect(half.positionOf(node)).toEqual(new Vector2(15, 30));
    // The shorter way round: over pi.
    expect(Math.abs(Number(half.rotationOf(node)))).toBeCloseTo(Math.PI, 5);
    expect(half.scaleOf(node)).toSatisfy((scale: Vector2) => scale.isEqualApprox(new Vector2(2, 3)));
    expect(half.transformOf(node)).toBeInstanceOf(Transform2D);
    expect(world.rewind(peer, a + 0.25).positionOf(node)).toEqual(new Vector2(12.5, 25));
  });

  test('of a Node3D, turned on the sphere', () => {
    const { mirror, world, peer, tick } = watch();
    const node = mirror.root.addChild({ name: 'A', class: 'Node3D', groups: ['targets'] });
    node.set('position', new Vector3(1, 2, 3));
    node.set('scale', new Vector3(2, 2, 2));
    const a = tick();
    node.set('position', new Vector3(3, 2, 1));
    node.set('rotation', new Vector3(0, Math.PI / 2, 0));
    tick();
    expect(world.rewind(peer, a + 1).transformOf(node)).toEqual(node.get('transform'));
    const half = world.rewind(peer, a + 0.5);
    expect(half.positionOf(node)).toEqual(new Vector3(2, 2, 2));
    expect(half.rotationOf(node)).toSatisfy((angles: Vector3) =>
      angles.isEqualApprox(new Vector3(0, Math.PI / 4, 0)),
    );
    expect(half.scaleOf(node)).toSatisfy((scale: Vector3) => scale.isEqualApprox(new Vector3(2, 2, 2)));
    const transform = half.transformOf(node);
    if (!(transform instanceof Transform3D)) throw new Error('expected a Transform3D');
    const s = Math.SQRT2;
    expect(
      transform.basis.isEqualApprox(
        new Basis(new Vector3(s, 0, -s), new Vector3(0, 2, 0), new Vector3(s, 0, s)),
      ),
    ).toBe(true);
  });

  test('global ones follow what is above; local ones do not', () => {
    const global = watch();
    const local = watch({ space: 'local' });
    for (const { mirror, world, peer, tick } of [global, local]) {
      const tank = mirror.root.addChild({ name: 'Tank', class: 'Node2D' });
      const gun = tank.addChild({ name: 'Gun', class: 'Node2D', groups: ['targets'] });
      gun.set('position', new Vector2(1, 0));
      tank.set('position', new Vector2(100, 0));
      const at = tick();
      tank.set('position', new Vector2(0, 0));
      tick();
      expect(world.rewind(peer, at).positionOf(gun)).toEqual(
        new Vector2(world === global.world ? 101 : 1, 0),
      );
    }
  });

  test('other properties as numbers', () => {
    const { mirror, world, peer, tick } = watch({ properties: ['height', 'crouching', 'title'] });
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D', groups: ['targets'] });
    node.set('height', 2);
    node.set('crouching', false);
    node.set('title', 'no number');
    const a = tick();
    node.set('height', 1);
    node.set('crouching', true);
    tick();
    const view = world.rewind(peer, a + 0.5);
    expect(['height', 'crouching', 'title'].map((name) => view.propertyOf(node, name))).toEqual([
      1.5,
      0.5,
      Number.NaN,
    ]);
    expect(world.rewind(peer, a).propertyOf(node, 'crouching')).toBe(0);
    expect(() => view.propertyOf(node, 'width')).toThrow(
      '"name" expected one of height, crouching, title, got width',
    );
  });
});

describe('which nodes', () => {
  test('those of the group at the time, a node that comes, goes and comes again', () => {
    const { mirror, world, peer, tick } = watch();
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D' });
    const other = mirror.root.addChild({ name: 'B', class: 'Node', groups: ['targets'] });
    const before = tick();
    node.addToGroup('targets');
    const there = tick();
    node.remove();
    const gone = tick();
    mirror.root.addChild(node);
    const back = tick();
    node.removeFromGroup('targets');
    const left = tick();
    expect([before, there, gone, back, left].map((at) => world.rewind(peer, at).has(node))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect([...world.rewind(peer, there).nodes()]).toEqual([node]);
    expect(world.rewind(peer, there).has(other)).toBe(false);
    // Gone at the second tick: where it was at the first.
    expect(world.rewind(peer, there + 0.5).positionOf(node)).toEqual(new Vector2(0, 0));
    expect(world.rewind(peer, gone).positionOf(node)).toBeUndefined();
    expect(world.rewind(peer, gone).transformOf(node)).toBeUndefined();
    expect(world.rewind(peer, gone).rotationOf(node)).toBeUndefined();
    expect(world.rewind(peer, gone).scaleOf(node)).toBeUndefined();
  });

  test('those that a function chooses, asked when they change', () => {
    const asked: string[] = [];
    const { mirror, world, peer, tick } = watch({
      nodes: (node) => {
        asked.push(node.name);
        return node.get('hp') !== 0;
      },
    });
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D' });
    const a = tick();
    tick();
    expect(asked).toEqual(['A']);
    node.set('hp', 0);
    const b = tick();
    expect([a, b].map((at) => world.rewind(peer, at).has(node))).toEqual([true, false]);
  });

  test('nodes that are freed are forgotten, and there are bounds', () => {
    const { mirror, world, peer, tick } = watch({ maxNodes: 3 });
    for (let round = 0; round < 20; round++) {
      const node = mirror.root.addChild({ name: `N${round}`, class: 'Node2D', groups: ['targets'] });
      tick();
      node.free();
    }
    expect(world.size).toBe(3);
    expect(world.unrecorded).toBeGreaterThan(5);
    for (let i = 0; i < 12; i++) tick();
    expect(world.size).toBe(0);
    expect([...world.rewind(peer, 0).nodes()]).toEqual([]);
  });
});

describe('ticks', () => {
  test('whatever a client claims is moved into what is remembered', () => {
    const { mirror, world, peer, tick } = watch();
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D', groups: ['targets'] });
    for (let i = 0; i < 30; i++) {
      node.set('position', new Vector2(i, 0));
      tick();
    }
    const { oldestTick, newestTick } = world;
    expect(newestTick - oldestTick).toBe(10);
    const at = (claimed: number): number => world.rewind(peer, claimed).tick;
    expect([-1, Number.NEGATIVE_INFINITY, oldestTick - 0.5].map(at)).toEqual([
      oldestTick,
      oldestTick,
      oldestTick,
    ]);
    expect([newestTick + 0.5, 1e300, Number.POSITIVE_INFINITY, Number.NaN].map(at)).toEqual(
      Array(4).fill(newestTick),
    );
    expect(world.rewind(peer, -1).positionOf(node)).toEqual(new Vector2(19, 0));
    expect(() => world.rewind(peer, Object('1'))).toThrow('"tick" expected a number');
  });

  test('a view is empty once the history has moved on', () => {
    const { mirror, world, peer, tick } = watch();
    const node = mirror.root.addChild({ name: 'A', class: 'Node2D', groups: ['targets'] });
    const view = world.rewind(peer, tick());
    expect(view.has(node)).toBe(true);
    for (let i = 0; i < 11; i++) tick();
    expect(view.has(node)).toBe(false);
  });

  test('older than the round trip says, by no more than the tolerance', () => {
    const arena = new Shooters({
      tickHz: 20,
      network: { latencyMs: 100 },
      history: { toleranceMs: 100 },
    });
    arena.join();
    arena.run(3000);
    const [peer = 0] = arena.game.server.multiplayer.getPeers();
    const { world } = arena;
    const estimate = arena.time.estimateTick(peer);
    expect(world.newestTick - estimate).toBeGreaterThanOrEqual(4);
    expect(estimate - world.oldestTick).toBeGreaterThan(2);
    expect([-1, estimate - 5, estimate - 1].map((tick) => world.rewind(peer, tick).tick)).toEqual([
      estimate - 2,
      estimate - 2,
      estimate - 1,
    ]);
    expect(world.rewind(peer).tick).toBe(estimate);
    arena.close();
  });

  test('before the first tick there is nothing', () => {
    const network = new SimNetwork();
    const runtime = network.createRuntime('10.0.0.1');
    const multiplayer = new SceneMultiplayer({ mirror: new SceneMirror(), runtime });
    const time = new NetworkTime(multiplayer, { tickHz: 20, runtime });
    const world = new WorldHistory(multiplayer, time, { nodes: 'targets' });
    expect([world.oldestTick, world.newestTick, world.rewind(2, 5).tick, time.estimateTick(2)]).toEqual([
      -1, -1, -1, -1,
    ]);
    expect([...world.rewind(2).nodes()]).toEqual([]);
    world.close();
    world.close();
    multiplayer.mirror.process(0.05);
    expect(world.newestTick).toBe(-1);
  });
});

describe('who sees what', () => {
  const scene = (mirror: SceneMirror) => {
    const node = mirror.root.addChild({
      name: 'A',
      class: 'Node2D',
      groups: ['targets'],
      children: [
        { name: 'Sync', class: 'MultiplayerSynchronizer' },
        { name: 'Head', class: 'Node2D', groups: ['targets'] },
      ],
    });
    const head = node.getNode('Head');
    if (head === undefined) throw new Error('there is no head');
    return { node, head };
  };

  test('what a synchronizer hid at the time is absent, and what lies below it', () => {
    const { arena, mirror, world, peer, tick } = watch();
    const { node, head } = scene(mirror);
    const sync = arena.game.server.multiplayer.synchronizer('/root/A/Sync');
    const open = tick();
    sync.publicVisibility = false;
    const hidden = tick();
    sync.setVisibilityFor(peer, true);
    const shown = tick();
    let isNear = false;
    sync.addVisibilityFilter(() => isNear);
    const far = tick();
    isNear = true;
    const near = tick();
    for (const one of [node, head])
      expect([open, hidden, shown, far, near].map((at) => world.rewind(peer, at).has(one))).toEqual([
        true,
        false,
        true,
        false,
        true,
      ]);
    expect([...world.rewind(peer, hidden).nodes()]).toEqual([]);
    // One that somebody else decides about hides nothing here.
    isNear = false;
    sync.node.setMultiplayerAuthority(peer);
    expect(world.rewind(peer, tick()).has(node)).toBe(true);
  });

  test('one synchronizer of two is enough', () => {
    const { arena, mirror, world, peer, tick } = watch();
    const { node } = scene(mirror);
    node.addChild({ name: 'Second', class: 'MultiplayerSynchronizer' });
    const [first, second] = ['Sync', 'Second'].map((name) =>
      arena.game.server.multiplayer.synchronizer(`/root/A/${name}`),
    );
    if (first === undefined || second === undefined) throw new Error('there are no synchronizers');
    first.publicVisibility = false;
    expect(world.rewind(peer, tick()).has(node)).toBe(true);
    second.publicVisibility = false;
    expect(world.rewind(peer, tick()).has(node)).toBe(false);
    second.node.free();
    first.node.free();
    expect(world.rewind(peer, tick()).has(node)).toBe(true);
  });

  test('what the game says, for each of 40 players', () => {
    const arena = new Shooters({
      tickHz: 20,
      targets: 2,
      history: { isVisible: (peer, node) => (peer % 2 === 0) === (node.name === 'T0') },
    });
    for (let i = 0; i < 40; i++) arena.join();
    arena.run(1000);
    const peers = arena.game.server.multiplayer.getPeers();
    expect(peers).toHaveLength(40);
    for (const peer of peers)
      expect([...arena.world.rewind(peer).nodes()].map(({ name }) => name)).toEqual([
        peer % 2 === 0 ? 'T0' : 'T1',
      ]);
    arena.close();
  });

  test('who was not there then, or is not there, saw nothing', () => {
    const { arena, mirror, world, peer, tick } = watch();
    const { node } = scene(mirror);
    const before = tick();
    arena.game.server.multiplayer.start({ tickHz: 20 });
    const late = arena.join();
    arena.run(300);
    const other = arena.game.server.multiplayer.getPeers().find((id) => id !== peer) ?? 0;
    expect(late.side.signals).toContain('connectedToServer');
    expect([peer, other, 77].map((id) => world.rewind(id, before).has(node))).toEqual([true, false, false]);
    expect(world.rewind(other, world.newestTick).has(node)).toBe(true);
    // Its place is given to the next one, who has seen nothing of what it saw.
    late.side.multiplayer.close();
    arena.run(200);
    const { newestTick } = world;
    expect(world.rewind(other, newestTick).has(node)).toBe(false);
    arena.join();
    arena.run(200);
    const next = arena.game.server.multiplayer.getPeers().find((id) => id !== peer) ?? 0;
    expect([newestTick, world.newestTick].map((at) => world.rewind(next, at).has(node))).toEqual([
      false,
      true,
    ]);
    arena.close();
  });
});

describe('options', () => {
  test.each<[options: object, message: string]>([
    [{}, '"nodes" expected the name of a group or a function, got undefined'],
    [{ nodes: '' }, '"nodes" expected the name of a group or a function'],
    [{ nodes: 'a', durationMs: 0 }, '"durationMs" expected 1..10000, got 0'],
    [{ nodes: 'a', space: 'world' }, `"space" expected 'global' or 'local'`],
    [{ nodes: 'a', properties: 'hp' }, '"properties" expected'],
    [{ nodes: 'a', properties: [''] }, '"properties" expected names of properties'],
    [{ nodes: 'a', toleranceMs: -1 }, '"toleranceMs" expected a number from 0 on, got -1'],
    [{ nodes: 'a', maxNodes: 0 }, '"maxNodes" expected an integer 1..1000000, got 0'],
    [{ nodes: 'a', isVisible: 1 }, '"isVisible" expected'],
    [{ nodes: 'a', node: 1 }, 'node'],
  ])('%j is refused', (options, message) => {
    const { arena } = watch();
    const { multiplayer } = arena.game.server;
    expect(() => new WorldHistory(multiplayer, arena.time, options as never)).toThrow(message);
    expect(() => new WorldHistory(multiplayer, Object(1), { nodes: 'a' })).toThrow(
      '"time" expected a NetworkTime',
    );
    expect(() => new WorldHistory(Object(1), arena.time, { nodes: 'a' })).toThrow('"multiplayer" expected');
  });
});
