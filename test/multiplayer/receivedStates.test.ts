/** States that a client sends to a server: all of an entry or nothing, and under which numbers. */
import { describe, expect, test } from 'vitest';
import { type Dialect, type VariantInput, type VariantValue, Vector2 } from '../../codec/index.ts';
import { type MirrorNode, ResourceReference, SceneReplicationConfig } from '../../schema/index.ts';
import { NodeScript } from '../../src/multiplayer/NodeScript.ts';
import { encodeValues } from '../../src/multiplayer/wire/compressedVariant.ts';
import { StatePacker, setSyncTime, syncEntry } from '../../src/multiplayer/wire/statePacket.ts';
import { simplify, WireRoom } from './wireRoom.ts';

const PLAYER = 2;

describe('a state that does not fit', () => {
  test.each([
    ['a value of another type', [new Vector2(3, 4), 'left']],
    ['an INT for a FLOAT', [new Vector2(3, 4), 1]],
    ['a value that is missing', [new Vector2(3, 4)]],
  ])('%s: nothing of it is set', (_name, values) => {
    const { room, body } = roomWithInput();
    room.receive(PLAYER, sync(1, 0x8000_0001, values));
    expect(body.get('position')).toEqual(new Vector2(0, 0));
    expect(body.get('rotation')).toBe(0);
    expect(room.multiplayer.refusals()).toEqual({ 'damaged-state': 1 });
  });

  test('the next one that fits is set', () => {
    const { room, body } = roomWithInput();
    room.receive(PLAYER, sync(1, 0x8000_0001, [new Vector2(3, 4), 'left']));
    room.receive(PLAYER, sync(2, 0x8000_0001, [new Vector2(5, 6), 0.5]));
    expect(body.get('position')).toEqual(new Vector2(5, 6));
    expect(body.get('rotation')).toBe(0.5);
  });
});

test('a validator and a script get numbers for FLOATs, as a node gives them', () => {
  const { room, body } = roomWithInput();
  const seen: unknown[] = [];
  room.multiplayer.synchronizer('/root/Body/Sync').validate = (values) => {
    seen.push(...values.values());
    return true;
  };
  class Body extends NodeScript {
    static override readonly path = 'res://body.gd';
    override _synchronized(values: ReadonlyMap<string, VariantValue>): void {
      seen.push(...values.values());
    }
  }
  room.mirror.registerScript(Body);
  body.set('script', new ResourceReference('ExtResource', '', { path: Body.path, className: 'Script' }));
  room.receive(PLAYER, sync(1, 0x8000_0001, [new Vector2(3, 4), 0.5]));
  expect(body.get('rotation')).toBe(0.5);
  expect(seen).toEqual([new Vector2(3, 4), 0.5, new Vector2(3, 4), 0.5]);
});

describe('the authority of what the server has spawned goes to a client', () => {
  test.each<[Dialect, number]>([
    ['4.0', 7],
    ['4.1', 7],
    ['4.2', 0],
    ['4.6', 0],
  ])('%s: under the number of the SPAWN it sets %d', (dialect, x) => {
    const room: WireRoom = new WireRoom({ dialect, instantiate: () => makeBody(room) });
    const level = room.mirror.root.addChild({ name: 'Level', class: 'Node' });
    room.mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' });
    const spawner = room.multiplayer.spawner('/root/Spawner');
    spawner.spawnPath = '../Level';
    spawner.addSpawnableScene('res://body.tscn');
    room.peer.join(PLAYER);
    const body = makeBody(room);
    body.instance = 'res://body.tscn';
    level.addChild(body);
    const spawn = room.sent().find(([, hex]) => hex.startsWith('04'))?.[1] ?? '';
    const id = Buffer.from(spawn, 'hex').readUInt32LE(18);
    body.getNode('Sync')?.setMultiplayerAuthority(PLAYER);
    const once = [new Vector2(7, 7), 0.5];
    const values = dialect === '4.0' ? [once[0], once[0], once[1], once[1]] : once;
    room.receive(PLAYER, sync(1, id, values as VariantInput[]));
    expect(body.get('position')).toEqual(new Vector2(x, x));
    // Somebody else has no right to that number.
    room.peer.join(3);
    room.receive(3, sync(1, id, values as VariantInput[]));
    expect(body.get('position')).toEqual(new Vector2(x, x));
  });
});

function roomWithInput(options: ConstructorParameters<typeof WireRoom>[0] = {}): {
  room: WireRoom;
  body: MirrorNode;
} {
  const room = new WireRoom({ dialect: '4.6', ...options });
  const body = room.mirror.root.addChild(makeBody(room));
  body.getNode('Sync')?.setMultiplayerAuthority(PLAYER);
  room.peer.join(PLAYER);
  room.receive(PLAYER, simplify(1, 'Body/Sync'));
  return { room, body };
}

function makeBody({ mirror, multiplayer }: WireRoom): MirrorNode {
  const body = mirror.createNode({ name: 'Body', class: 'Node2D' });
  const node = body.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
  const config = new SceneReplicationConfig();
  config.addProperty('.:position');
  config.addProperty('.:rotation');
  multiplayer.synchronizer(node).replicationConfig = config;
  return body;
}

function sync(time: number, id: number, values: readonly VariantInput[]): string {
  const [packet] = new StatePacker(false).packStates([syncEntry(id, encodeValues(values))], 1350);
  return Buffer.from(setSyncTime(packet ?? new Uint8Array(), time)).toString('hex');
}

describe('a validator', () => {
  test('that answers a promise refuses, and what it is rejected with goes to onError', async () => {
    const errors: unknown[] = [];
    const { room, body } = roomWithInput({ onError: (error) => errors.push(error) });
    const validate = (): boolean => Promise.reject(new Error('of the game')) as unknown as boolean;
    room.multiplayer.synchronizer('/root/Body/Sync').validate = validate;
    room.receive(PLAYER, sync(1, 0x8000_0001, [new Vector2(3, 4), 0.5]));
    await Promise.resolve();
    expect(body.get('position')).toEqual(new Vector2(0, 0));
    expect(room.multiplayer.refusals()).toEqual({ 'state-refused': 1 });
    expect(errors.map(String)).toEqual(['Error: of the game']);
  });
});

describe('a spawn function', () => {
  test.each<[string, (room: WireRoom) => void]>([
    ['ends the peer', ({ multiplayer }) => multiplayer.disconnectPeer(PLAYER)],
    ['closes the multiplayer', ({ multiplayer }) => multiplayer.close()],
    ['frees the spawner', ({ mirror }) => mirror.getNode('/root/Spawner')?.free()],
    ['frees the place', ({ mirror }) => mirror.getNode('/root/Level')?.free()],
  ])('that %s: its node is not kept', (_, deed) => {
    const room = new WireRoom({ dialect: '4.6' });
    room.mirror.root.addChild({ name: 'Level', class: 'Node' });
    room.mirror.root
      .addChild({ name: 'Spawner', class: 'MultiplayerSpawner' })
      .setMultiplayerAuthority(PLAYER);
    const spawner = room.multiplayer.spawner('/root/Spawner');
    spawner.spawnPath = '../Level';
    const made: MirrorNode[] = [];
    spawner.spawnFunction = () => {
      deed(room);
      const body = room.mirror.createNode({ name: 'Body', class: 'Node' });
      made.push(body);
      return body;
    };
    room.peer.join(PLAYER);
    room.receive(PLAYER, simplify(1, 'Spawner'));
    const head = '04ff' + '01000000' + '05000000' + '00000000' + '02000000';
    room.receive(PLAYER, `${head}4d000400000000000000`);
    expect(made.map((node) => node.isFreed)).toEqual([true]);
    expect(room.multiplayer.refusals()).toEqual({ 'spawn-refused': 1 });
  });
});
