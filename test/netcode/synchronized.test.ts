/**
 * State by MultiplayerSynchronizers: the tick that a client says is the one that it shows, whatever is lost. Either a synchronized
 * property brings the tick with the state, in one packet: always. Or what the server tells, where the state of a tick fits into one
 * datagram: but for what ENet's throttle drops alone.
 */
import { expect, test } from 'vitest';
import { NodePath, Vector2 } from '../../codec/index.ts';
import { type MirrorNode, type SceneMirror, SceneReplicationConfig } from '../../schema/index.ts';
import { NetworkTime, WorldHistory } from '../../src/multiplayer.ts';
import { Game } from '../multiplayer/game.ts';
import { HelperClient, HelperScript } from './HelperClient.ts';
import { BAD_NETWORK, placeOf } from './shooters.ts';

const SEED = Number(process.env['FC_SEED'] ?? 1);
const TARGETS = 8;

function grow(mirror: SceneMirror): void {
  mirror.root.addChild({ name: 'NetworkTime', class: 'Node', script: HelperScript.path });
  for (let i = 0; i < TARGETS; i++) {
    const node = mirror.root.addChild({ name: `T${i}`, class: 'Node2D', groups: ['targets'] });
    node.set('server_tick', -1);
    const sync = node.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
    const config = new SceneReplicationConfig();
    for (const path of ['.:position', '.:server_tick']) {
      config.addProperty(path);
      config.propertySetReplicationMode(path, 1);
    }
    sync.set('replication_config', config);
    sync.set('root_path', new NodePath('..'));
  }
}

test.each([
  ['a synchronized property', false],
  ['what the server tells', true],
])(`the tick by %s, seed ${SEED}`, { timeout: 120_000 }, (_, followsTicks) => {
  const game = new Game([HelperScript], grow, {}, { ...BAD_NETWORK, seed: SEED });
  const { multiplayer, mirror, ip } = game.server;
  const targets = mirror.getNodesInGroup('targets');
  mirror.watchTree({
    processed: () => {
      for (const [i, node] of targets.entries()) {
        node.set('position', placeOf(i, time.tick));
        node.set('server_tick', time.tick);
      }
    },
  });
  const runtime = game.network.createRuntime(ip);
  const time = new NetworkTime(multiplayer, {
    tickHz: 20,
    runtime,
    readInput: (value) => (value instanceof Vector2 ? value : undefined),
  });
  const world = new WorldHistory(multiplayer, time, { nodes: 'targets' });
  multiplayer.start({ tickHz: 20 });
  for (let i = 0; i < 8; i++) {
    const side = game.join();
    const nodes = side.mirror.getNodesInGroup('targets');
    const at = side.mirror.getNode('/root/NetworkTime');
    if (at === undefined) throw new Error('there is no clock');
    const own = game.network.createRuntime(side.ip);
    const helper = new HelperClient(at, () => own.now());
    helper.followsTicks = followsTicks;
    side.mirror.watchTree({
      processed: () => {
        // The setter of `server_tick`, as a script in GDScript has it.
        if (!followsTicks) for (const node of nodes) helper.applied(tickOf(node));
        const target = helper.sequence % TARGETS;
        const shown = nodes[target]?.get('position');
        if (shown instanceof Vector2 && at.multiplayer?.getUniqueId() !== 0) helper.sendInput(shown);
      },
    });
    side.multiplayer.start({ tickHz: 60 });
  }
  game.network.advance(3000);
  let right = 0;
  let wrong = 0;
  time.on('input', ({ peer, tick, sequence, value }) => {
    // Who has just come waits for the numbers of the nodes, and shows nothing of a state until then.
    if (tick < 0 || value.equals(Vector2.ZERO)) return;
    const target = targets[(sequence - 1) % TARGETS];
    const place = target && world.rewind(peer, tick).positionOf(target);
    if (place instanceof Vector2 && place.equals(value)) right++;
    else wrong++;
  });
  game.network.advance(10_000);
  expect(wrong / right).toBeLessThan(followsTicks ? 0.01 : Number.MIN_VALUE);
  expect(right).toBeGreaterThan(8 * 60 * 8);
  for (const side of [game.server, ...game.clients]) {
    expect(side.errors).toEqual([]);
    side.multiplayer.close();
  }
});

function tickOf(node: MirrorNode): number {
  const tick = node.get('server_tick');
  return typeof tick === 'number' ? tick : -1;
}
