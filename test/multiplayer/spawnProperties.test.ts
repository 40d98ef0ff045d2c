/** Properties that travel on spawn alone: what a SPAWN says of them, and when that is decided. docs/protocol/scene-multiplayer 7.5. */
import { describe, expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import { type MirrorNode, SceneReplicationConfig } from '../../schema/index.ts';
import { NodeScript } from '../../src/multiplayer/NodeScript.ts';
import { WireRoom } from './wireRoom.ts';

/** A room with a level below which mobs are spawned; their position is a property of spawns alone. */
function game(): { room: WireRoom; level: MirrorNode; mob: (script?: string) => MirrorNode } {
  const room = new WireRoom({ dialect: '4.6' });
  room.mirror.registerScript(AtOnce).registerScript(WhenReady);
  const level = room.mirror.root.addChild({ name: 'Level', class: 'Node' });
  const spawner = room.multiplayer.spawner(
    room.mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' }),
  );
  spawner.addSpawnableScene('res://mob.tscn');
  spawner.spawnPath = '../Level';
  const config = new SceneReplicationConfig();
  config.addProperty('.:position');
  config.propertySetReplicationMode('.:position', 0);
  const sync = { name: 'Sync', class: 'MultiplayerSynchronizer', properties: { replication_config: config } };
  const mob = (script?: string): MirrorNode =>
    room.mirror.createNode({
      name: 'Mob',
      class: 'Node2D',
      instance: 'res://mob.tscn',
      children: [sync],
      ...(script !== undefined && { script }),
    });
  return { room, level, mob };
}

class AtOnce extends NodeScript {
  static override readonly path: string = 'res://at_once.gd';
  override _enterTree(): void {
    this.node.set('position', FIVE);
  }
}
class WhenReady extends NodeScript {
  static override readonly path: string = 'res://when_ready.gd';
  override _ready(): void {
    this.node.set('position', FIVE);
  }
}

const FIVE = new Vector2(5, 0);
/** The end of a SPAWN: the two numbers of a Vector2. */
const AT_FIVE = '0000a04000000000';
const AT_ZERO = '0000000000000000';
/** What each peer was told of the position, in spawns and states. */
const told = (room: WireRoom): [peer: number, end: string][] =>
  room
    .sent()
    .filter(([, hex]) => /^0[46]/.test(hex))
    .map(([peer, hex]) => [peer, hex.slice(-16)]);

describe('a property that travels on spawn alone', () => {
  test('is said as it is when the node has been added', () => {
    const { room, level, mob } = game();
    room.peer.join(2);
    const node = mob();
    node.set('position', FIVE);
    level.addChild(node);
    expect(told(room)).toEqual([[2, AT_FIVE]]);
  });

  test.each(['res://at_once.gd', 'res://when_ready.gd'])(
    'may be set by the script of the node: %s',
    (script) => {
      const { room, level, mob } = game();
      room.peer.join(2);
      level.addChild(mob(script));
      expect(told(room)).toEqual([[2, AT_FIVE]]);
    },
  );

  test('that is set later is said to those who come later, and to nobody else', () => {
    const { room, level, mob } = game();
    room.peer.join(2);
    const node = level.addChild(mob());
    node.set('position', FIVE);
    room.wait(2000);
    expect(told(room)).toEqual([[2, AT_ZERO]]);
    room.peer.join(3);
    room.wait(2000);
    expect(told(room)).toEqual([[3, AT_FIVE]]);
  });
});
