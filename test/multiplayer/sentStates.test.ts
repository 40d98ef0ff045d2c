/** Whole states that a server sends, and what makes one another than before. */
import { expect, test } from 'vitest';
import { type VariantInput, Vector2, varToBytes } from '../../codec/index.ts';
import { type MirrorNode, SceneReplicationConfig } from '../../schema/index.ts';
import { confirmId, idOf, WireRoom } from './wireRoom.ts';

const PLAYER = 2;

test('another configuration of as many properties is another state', () => {
  const { room, body } = roomWithState('.:position');
  body.set('rotation', 0.5);
  room.wait(100);
  room.sent();
  room.multiplayer.synchronizer('/root/Body/Sync').replicationConfig = configOf('.:rotation');
  room.wait(100);
  expect(states(room)).toEqual([hex(0.5)]);
});

test('so is another node at the same path', () => {
  const { room, body } = roomWithState('Child:position');
  room.sent();
  const child = body.getNode('Child');
  child?.set('position', new Vector2(1, 1));
  room.wait(100);
  expect(states(room)).toEqual([hex(new Vector2(1, 1))]);
  child?.free();
  const other = body.addChild({ name: 'Child', class: 'Node2D' });
  other.set('position', new Vector2(2, 2));
  room.wait(100);
  expect(states(room)).toEqual([hex(new Vector2(2, 2))]);
});

function roomWithState(path: string): { room: WireRoom; body: MirrorNode } {
  const room = new WireRoom({ dialect: '4.6' });
  const body = room.mirror.createNode({ name: 'Body', class: 'Node2D' });
  body.addChild({ name: 'Child', class: 'Node2D' });
  const sync = body.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
  room.multiplayer.synchronizer(sync).replicationConfig = configOf(path);
  room.mirror.root.addChild(body);
  room.peer.join(PLAYER);
  room.multiplayer.poll();
  const [[, announced] = [0, '']] = room.sent();
  room.receive(PLAYER, confirmId(idOf(announced)));
  return { room, body };
}

function configOf(path: string): SceneReplicationConfig {
  const config = new SceneReplicationConfig();
  config.addProperty(path);
  return config;
}

/** The states in the SYNC packets of one synchronizer; each once. */
function states(room: WireRoom): string[] {
  return [
    ...new Set(room.sent().flatMap(([, packet]) => (packet.startsWith('06') ? [packet.slice(22)] : []))),
  ];
}

function hex(value: VariantInput): string {
  return Buffer.from(varToBytes(value)).toString('hex');
}
