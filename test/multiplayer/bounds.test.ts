/** What somebody can make a SceneMultiplayer hold, do or print: before a login, as a server, and in trace lines. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { MultiplayerDoctor } from '../../src/multiplayer/MultiplayerDoctor.ts';
import { RefusalCounter } from '../../src/multiplayer/refusalCounter.ts';
import { Outbound } from '../../src/multiplayer/replication/outbound.ts';
import { simplify, WireRoom } from './wireRoom.ts';

const LARGE = `0700${'61'.repeat(65_534)}`;

/** A SYS packet about a peer: 1 ADD_PEER, 2 DEL_PEER. */
function about(command: 1 | 2, peer: number): string {
  const id = Buffer.alloc(4);
  id.writeInt32LE(peer);
  return `070${command}${id.toString('hex')}`;
}

describe('a peer that authenticates', () => {
  function authRoom(options: ConstructorParameters<typeof WireRoom>[0] = {}) {
    const room = new WireRoom(options);
    const got = { calls: 0, bytes: 0, failed: [] as number[] };
    room.multiplayer.authCallback = (_id, data) => {
      got.calls++;
      got.bytes += data.length;
    };
    room.multiplayer.on('peerAuthenticationFailed', (id) => got.failed.push(id));
    room.peer.join(2);
    room.peer.join(3);
    return { room, got };
  }

  test('reaches the callback with maxAuthBytes at most, and is then disconnected', () => {
    const { room, got } = authRoom();
    for (let i = 0; i < 1000; i++) room.receive(2, LARGE);
    expect(got).toEqual({ calls: 1, bytes: 65_534, failed: [2] });
    expect(room.disconnected).toEqual([2]);
    expect(room.multiplayer.getAuthenticatingPeers()).toEqual([3]);
    expect(room.multiplayer.refusals()).toEqual({ 'auth-bytes': 1, 'unknown-peer': 998 });
    room.receive(3, '070061');
    expect(got.calls).toBe(2);
  });

  test('cannot go on after it is done, nor with other packets', () => {
    const { room, got } = authRoom({ maxAuthBytes: 10 });
    for (const hex of ['0700', '07006162', '0700616263', '0700']) room.receive(2, hex);
    expect(got).toEqual({ calls: 1, bytes: 2, failed: [2] });
    room.receive(3, `00${'61'.repeat(10)}`);
    expect(got.failed).toEqual([2, 3]);
  });

  test('may use all of it, and sends what it likes once it is admitted', () => {
    const { room, got } = authRoom({ maxAuthBytes: 7 });
    room.receive(2, '0700616263');
    room.receive(2, '0700');
    room.multiplayer.completeAuth(2);
    expect(room.multiplayer.getPeers()).toEqual([2]);
    const packets: number[] = [];
    room.multiplayer.on('peerPacket', (_id, { length }) => packets.push(length));
    room.receive(2, `03${'61'.repeat(100)}`);
    expect([packets, got.failed]).toEqual([[100], []]);
  });

  test('has no bound in an engine; the option is checked', () => {
    const { room, got } = authRoom({ compatibility: 'engine', maxAuthBytes: 1 });
    room.receive(2, LARGE);
    room.receive(2, LARGE);
    expect(got).toEqual({ calls: 2, bytes: 131_068, failed: [] });
    expect(() => new WireRoom({ maxAuthBytes: 0 })).toThrow('"maxAuthBytes" expected an integer from 1 on');
  });
});

describe('a server that tells a client of peers', () => {
  function clientRoom(options: ConstructorParameters<typeof WireRoom>[0] = {}) {
    const room = new WireRoom({ serverRelay: true, ...options }, 77);
    const signals: string[] = [];
    room.multiplayer.on('peerConnected', (id) => signals.push(`+${id}`));
    room.multiplayer.on('peerDisconnected', (id) => signals.push(`-${id}`));
    room.multiplayer.on('connectedToServer', () => signals.push('server'));
    room.peer.join(1);
    room.sent();
    signals.length = 0;
    return { room, signals };
  }

  test('is heard once for each; neither of the server nor of the client itself', () => {
    const { room, signals } = clientRoom();
    for (const peer of [5, 5, 1, 77, 0, -5, 5]) room.receive(1, about(1, peer));
    expect(signals).toEqual(['+5']);
    expect(room.sent()).toHaveLength(1);
    expect(room.multiplayer.getPeers()).toEqual([1, 5]);
    expect(room.multiplayer.refusals()).toEqual({ 'relay-refused': 6 });
    room.receive(1, about(2, 5));
    room.receive(1, about(1, 5));
    expect(signals).toEqual(['+5', '-5', '+5']);
  });

  test('cannot tell of more than 4095 at once', () => {
    const { room, signals } = clientRoom();
    for (let peer = 1000; peer < 6000; peer++) room.receive(1, about(1, peer));
    expect(room.multiplayer.getPeers()).toHaveLength(4095);
    expect(signals).toHaveLength(4094);
    expect(room.sent()).toHaveLength(4094);
    expect(room.multiplayer.refusals()).toEqual({ 'relay-refused': 906 });
    room.receive(1, about(2, 1000));
    room.receive(1, about(1, 9000));
    expect(room.multiplayer.getPeers()).toContain(9000);
  });

  test('is believed all of it by an engine', () => {
    const { room, signals } = clientRoom({ compatibility: 'engine' });
    for (const peer of [5, 5, 1, 77]) room.receive(1, about(1, peer));
    expect(signals).toEqual(['+5', '+5', 'server', '+1', '+77']);
  });
});

describe('a node outside of the tree', () => {
  test.each(['safe', 'engine'] as const)(
    'is not called under its number until it is back: %s',
    (compatibility) => {
      const room = new WireRoom({ dialect: '4.6', compatibility });
      room.peer.join(2);
      const node = room.mirror.root.addChild({ name: 'Unit', class: 'Node' });
      const calls: unknown[] = [];
      node.rpcConfig('hit', { rpcMode: 'any_peer' });
      node.onRpc('hit', (_sender, ...args) => calls.push(args));
      room.receive(2, simplify(1, 'Unit', createHash('md5').update('hit').digest('hex')));
      const hit = (argument: string): void => room.receive(2, `400100800102${argument}`);
      hit('01');
      node.remove();
      hit('02');
      room.mirror.root.attach(node);
      hit('03');
      expect(calls).toEqual(compatibility === 'safe' ? [[1], [3]] : [[1], [2], [3]]);
      expect(room.multiplayer.refusals()).toEqual(compatibility === 'safe' ? { 'unknown-node': 1 } : {});
    },
  );
});

describe('trace lines', () => {
  const forged = 'a\nSceneMultiplayer: \u2028peer 9: it was admitted';

  test.each([
    ['a path that leads out', simplify(1, `../${forged}`)],
    ['a path that leads nowhere', simplify(1, forged)],
    ['a call of a path', `200600008000${Buffer.from(forged).toString('hex')}00`],
    ['a call whose path begins in its head', `2005000080${Buffer.from(forged).toString('hex')}00`],
  ])('%s is one line, whatever it says', (_, hex) => {
    const room = new WireRoom({ dialect: '4.6' });
    room.peer.join(2);
    room.receive(2, hex);
    expect(room.lines).toHaveLength(1);
    expect(room.lines.join()).toContain('was admitted');
    expect(room.lines.join()).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(room.lines.join()).toMatch(/^SceneMultiplayer: peer 2: /);
  });

  test('of somebody behind the relay whom nobody knows', () => {
    const room = new WireRoom({ dialect: '4.6', serverRelay: true }, 77);
    room.peer.join(1);
    room.receive(1, `070309000000${simplify(1, forged)}`);
    expect(room.multiplayer.refusals()).toEqual({ 'unknown-peer': 1 });
    expect(room.lines.join()).not.toContain('\n');
  });

  test('with the name of a node that has a line break', () => {
    const room = new WireRoom({ dialect: '4.6', maxPathsPerPeer: 1 });
    room.mirror.root.addChild({ name: forged.replaceAll(':', ''), class: 'Node' });
    room.peer.join(2);
    room.receive(2, simplify(1, forged.replaceAll(':', ''), 'f'.repeat(32)));
    expect(room.multiplayer.refusals()).toEqual({ checksum: 1 });
    expect(room.lines.join()).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    room.receive(2, simplify(2, forged.replaceAll(':', '')));
    expect(room.multiplayer.refusals()).toEqual({ checksum: 1, 'too-many-paths': 1 });
    expect(room.lines.join()).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });

  test('are made only when somebody listens', () => {
    const detail = (): string => {
      throw new Error('nobody asked');
    };
    const doctor = new MultiplayerDoctor(() => 0, undefined);
    const refusals = new RefusalCounter(doctor, undefined);
    refusals.refuse('malformed', 2, detail);
    expect(refusals.snapshot()).toEqual({ malformed: 1 });
    const lines: string[] = [];
    new RefusalCounter(doctor, (line) => lines.push(line)).refuse('malformed', 2, () => 'a packet');
    expect(lines).toEqual(['peer 2: a packet (malformed)']);
  });
});

describe('a server that makes up senders', () => {
  test('of states and spawns: all of them are on its own account', () => {
    const room = new WireRoom({ dialect: '4.6', serverRelay: true, maxStatesPerSec: 10 }, 77);
    room.peer.join(1);
    const state = '060100010000000100000000';
    const spawn = '0400010000000100000000000000010000004d00';
    for (let i = 0; i < 100; i++) {
      const id = Buffer.alloc(4);
      id.writeInt32LE(1000 + i);
      room.receive(1, `0703${id.toString('hex')}${i % 2 === 0 ? state : spawn}`);
    }
    expect(room.multiplayer.refusals()['state-budget']).toBe(80);
  });
});

describe('the name of a node that a peer spawns', () => {
  test.each([
    [1024, 'safe', undefined],
    [1025, 'safe', 1],
    [1025, 'engine', undefined],
  ] as const)('%d characters, %s', (length, compatibility, refused) => {
    const room = new WireRoom({ dialect: '4.6', compatibility });
    const spawner = room.mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' });
    spawner.setMultiplayerAuthority(2);
    room.multiplayer.spawner(spawner).spawnPath = '..';
    room.multiplayer.spawner(spawner).spawnFunction = () =>
      room.mirror.createNode({ name: 'x', class: 'Node' });
    room.peer.join(2);
    room.receive(2, simplify(1, 'Spawner'));
    const head = Buffer.alloc(18);
    head[0] = 4;
    head[1] = 255;
    head.writeUInt32LE(1, 2);
    head.writeUInt32LE(5, 6);
    head.writeUInt32LE(length + 1, 14);
    room.receive(2, `${head.toString('hex')}${'61'.repeat(length)}000400000000000000`);
    expect(room.multiplayer.refusals()['spawn-refused']).toBe(refused);
    expect(room.mirror.root.getChildren().length).toBe(refused === undefined ? 2 : 1);
  });
});

test('states of a synchronizer are not kept for every number that a peer ever knew it by', () => {
  const outbound = new Outbound(false);
  outbound.encode(new SceneMirror().root, [], '4.6');
  const first = outbound.entry(1, '4.6');
  expect(outbound.entry(1, '4.6')).toBe(first);
  for (let id = 2; id < 1000; id++) outbound.entry(id, '4.6');
  expect(outbound.entry(1, '4.6')).not.toBe(first);
});
