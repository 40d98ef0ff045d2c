/**
 * What one peer gets is worked out for all who see the same. With a budget each peer's states are worked out for it alone; one that is
 * never used up changes nothing else: it is the slow twin.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import { type MirrorNode, SceneReplicationConfig } from '../../schema/index.ts';
import { fcParameters } from '../support/fc.ts';
import { WireRoom } from './wireRoom.ts';

const NODES = 6;
const PEERS = 5;

const anyNode = fc.nat(NODES - 1);
const anyPeer = fc.integer({ min: 2, max: PEERS + 1 });
const acts = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('move' as const), node: anyNode, x: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ act: fc.constant('show' as const), node: anyNode, peer: anyPeer, isShown: fc.boolean() }),
    fc.record({ act: fc.constant('join' as const), peer: anyPeer }),
    fc.record({ act: fc.constant('leave' as const), peer: anyPeer }),
    fc.record({ act: fc.constant('replace' as const), node: anyNode }),
    fc.record({ act: fc.constant('wait' as const), ticks: fc.integer({ min: 1, max: 25 }) }),
  ),
  { maxLength: 60 },
);

test('peers who see the same get what each would get alone', () => {
  fc.assert(fc.property(acts, expectSame), fcParameters(60));
});

test('first states of one peer are not for another who has seen the same for long', () => {
  // Peers 2 and 5 see the same, and 2 is the first to be worked out.
  expectSame([
    { act: 'show', node: 0, peer: 5, isShown: true },
    { act: 'wait', ticks: 25 },
    { act: 'show', node: 0, peer: 2, isShown: true },
  ]);
});

function expectSame(list: readonly Act[]): void {
  const shared = new Game({});
  const alone = new Game({ bytesPerTick: Number.MAX_SAFE_INTEGER });
  for (const one of [...list, { act: 'wait' as const, ticks: 25 }]) {
    for (const game of [shared, alone]) game.play(one);
    expect(shared.room.sentModes()).toEqual(alone.room.sentModes());
  }
  expect(shared.room.lines).toEqual(alone.room.lines);
  expect(shared.room.multiplayer.ops.metrics()).toEqual(alone.room.multiplayer.ops.metrics());
}

type Act = Parameters<Parameters<typeof acts.map>[0]>[0][number];

/** Spawned nodes with a position each. */
class Game {
  readonly room: WireRoom;
  readonly #world: MirrorNode;
  readonly #nodes: MirrorNode[] = [];
  readonly #here = new Set<number>();

  constructor(replication: { bytesPerTick?: number }) {
    this.room = new WireRoom({ dialect: '4.6', replication });
    const { mirror, multiplayer } = this.room;
    this.#world = mirror.root.addChild({ name: 'World', class: 'Node' });
    const spawner = multiplayer.spawner(
      mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' }),
    );
    spawner.addSpawnableScene('res://mover.tscn');
    spawner.spawnPath = '../World';
    for (let i = 0; i < NODES; i++) this.#make(i);
    // Two of them see the same, the others as many nodes but not the same ones.
    for (let peer = 2; peer < 2 + PEERS - 1; peer++) {
      this.play({ act: 'show', node: peer % (NODES / 2), peer, isShown: true });
      this.play({ act: 'join', peer });
    }
    this.play({ act: 'wait', ticks: 25 });
  }

  play(act: Act): void {
    if (act.act === 'wait') this.room.wait(act.ticks * 100);
    else if (act.act === 'move') this.#nodes[act.node]?.set('position', new Vector2(act.x, 1));
    else if (act.act === 'replace') this.#make(act.node);
    else if (act.act === 'show')
      this.room.multiplayer
        .synchronizer(this.#nodes[act.node]?.getNode('S') as MirrorNode)
        .setVisibilityFor(act.peer, act.isShown);
    else if (act.act === 'join' && !this.#here.has(act.peer)) {
      this.#here.add(act.peer);
      this.room.peer.join(act.peer);
    } else if (act.act === 'leave' && this.#here.delete(act.peer)) this.room.peer.leave(act.peer);
  }

  #make(i: number): void {
    this.#nodes[i]?.free();
    const config = new SceneReplicationConfig();
    config.addProperty('.:position');
    const node = this.room.mirror.createNode({
      name: `n${i}`,
      class: 'Node2D',
      properties: { position: new Vector2(i, i) },
      instance: 'res://mover.tscn',
      children: [
        {
          name: 'S',
          class: 'MultiplayerSynchronizer',
          // The first half is seen by whom it is shown to alone.
          properties: { replication_config: config, public_visibility: i >= NODES / 2 },
        },
      ],
    });
    this.#nodes[i] = this.#world.addChild(node);
  }
}
