/** What SceneMultiplayer answers at the wrong time: before it is connected, after it was closed, and inside of its callbacks. */
import { describe, expect, test } from 'vitest';
import { OfflineMultiplayerPeer } from '../../src/godot/index.ts';
import type { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { type Answer, BYTES, handler, newRoom, nodeOf } from './misuse.ts';
import { WireRoom } from './wireRoom.ts';

const NOT_CONNECTED: Answer = [3, 'not connected'];

const setTo =
  (property: keyof SceneMultiplayer, value: unknown) =>
  ({ multiplayer }: WireRoom): void =>
    void Reflect.set(multiplayer, property, value);

describe('at the wrong time', () => {
  const WHEN: readonly (readonly [string, (room: WireRoom) => unknown])[] = [
    ['without a transport', setTo('multiplayerPeer', null)],
    ['before it is connected', ({ peer }) => Reflect.set(peer, 'status', 1)],
    ['after close()', ({ multiplayer }) => multiplayer.close()],
    ['after close() twice', ({ multiplayer }) => [multiplayer.close(), multiplayer.close()]],
  ];
  describe.each(WHEN)('%s', (name, when) => {
    const at = (): WireRoom => {
      const r = newRoom();
      when(r);
      r.lines.length = 0;
      return r;
    };
    test.each<[string, (room: WireRoom) => unknown, Answer]>([
      ['sendBytes', (r) => r.multiplayer.sendBytes(BYTES), NOT_CONNECTED],
      ['sendAuth', (r) => r.multiplayer.sendAuth(2, BYTES), NOT_CONNECTED],
      ['completeAuth', (r) => r.multiplayer.completeAuth(2), NOT_CONNECTED],
    ])('%s', (_, misuse, [error, line]) => {
      const r = at();
      expect(misuse(r)).toBe(error);
      expect(r.lines.join()).toContain(line);
    });

    test('calls, getters, poll, flush, clear, stop', () => {
      const r = at();
      const { multiplayer } = r;
      const isConnecting = name === 'before it is connected';
      expect(multiplayer.rpc(2, nodeOf(r), 'hit')).toBe(isConnecting ? 27 : 3);
      expect(multiplayer.poll()).toBe(0);
      multiplayer.disconnectPeer(2);
      expect(r.lines.at(-1)).toContain('disconnectPeer: not connected');
      multiplayer.flush();
      multiplayer.clear();
      multiplayer.stop();
      expect(multiplayer.getPeers()).toEqual([]);
      expect(multiplayer.getAuthenticatingPeers()).toEqual([]);
      expect(multiplayer.getUniqueId()).toBe(isConnecting ? 1 : 0);
      expect(multiplayer.isServer()).toBe(isConnecting);
      expect(multiplayer.getRemoteSenderId()).toBe(0);
      expect(multiplayer.gate(2, '/root/N')).toBe(33);
      expect(r.sent()).toEqual([]);
    });

    test('whenOpen rejects', async () => {
      const r = at();
      r.multiplayer.clear();
      await expect(r.multiplayer.whenOpen(2, '/root/N')).rejects.toThrow('there is no peer 2');
    });
  });

  test('offline it is a server without clients', () => {
    const r = newRoom();
    r.multiplayer.multiplayerPeer = new OfflineMultiplayerPeer();
    expect([r.multiplayer.sendBytes(BYTES), nodeOf(r).rpc('hit'), nodeOf(r).rpcId(2, 'hit')]).toEqual([
      0, 0, 0,
    ]);
    expect(r.multiplayer.sendBytes(BYTES, 2)).toBe(47);
  });

  test('a node outside of the tree, and a freed one', () => {
    for (const leave of ['remove', 'free'] as const) {
      const r = newRoom();
      const node = nodeOf(r);
      node[leave]();
      expect([node.rpc('hit'), r.multiplayer.rpc(2, node, 'hit')], leave).toEqual([3, 31]);
    }
  });

  test('start twice is one ticker, stop and close twice are nothing', () => {
    let timers = 0;
    const startTimer = (): { cancel: () => void } => {
      timers++;
      return { cancel: () => void timers-- };
    };
    const r = newRoom({ runtime: { now: () => 0, startTimer } });
    r.multiplayer.start();
    r.multiplayer.start({ tickHz: 20 });
    expect(timers).toBe(1);
    r.multiplayer.close();
    r.multiplayer.stop();
    r.multiplayer.close();
    expect(timers).toBe(0);
  });
});

describe('inside of callbacks', () => {
  /** `hit` of N, by path. */
  const HIT = 'a0060000800 04e00'.replace(' ', '');
  const DEEDS: readonly (readonly [string, (room: WireRoom) => void, peers: number[]])[] = [
    ['close()', ({ multiplayer }) => multiplayer.close(), []],
    ['multiplayerPeer = null', setTo('multiplayerPeer', null), []],
    ['clear()', ({ multiplayer }) => multiplayer.clear(), []],
    ['disconnectPeer() of the sender', ({ multiplayer }) => multiplayer.disconnectPeer(2), []],
    ['poll()', ({ multiplayer }) => void multiplayer.poll(), [2]],
    ['free() of the node', (r) => r.mirror.getNode('/root/N')?.free(), [2]],
    ['start() and stop()', ({ multiplayer }) => [multiplayer.start(), multiplayer.stop()], [2]],
    ['rootPath = ""', setTo('rootPath', ''), [2]],
    ['authCallback = null', setTo('authCallback', null), [2]],
  ];

  test.each(DEEDS)('of an RPC: %s', (_, deed, peers) => {
    const r = newRoom();
    let isFirst = true;
    const senders: number[] = [];
    handler.run = () => {
      if (isFirst) {
        isFirst = false;
        deed(r);
      }
      senders.push(r.multiplayer.getRemoteSenderId());
    };
    r.peer.inject(2, 2, 0, HIT);
    r.receive(2, HIT);
    handler.run = () => undefined;
    expect(isFirst).toBe(false);
    expect(senders.every((sender) => sender === 2)).toBe(true);
    expect(r.multiplayer.getRemoteSenderId()).toBe(0);
    expect(r.multiplayer.getPeers()).toEqual(peers);
    expect(r.multiplayer.poll()).toBe(0);
  });

  test.each(DEEDS)('of peerPacket: %s', (_, deed, peers) => {
    const r = newRoom();
    r.multiplayer.once('peerPacket', () => deed(r));
    r.peer.inject(2, 2, 0, '0301');
    r.receive(2, '0301');
    expect(r.multiplayer.getPeers()).toEqual(peers);
    expect(r.multiplayer.poll()).toBe(0);
  });

  test.each(DEEDS)('of peerConnected: %s', (_, deed, peers) => {
    const r = newRoom();
    r.multiplayer.once('peerConnected', () => deed(r));
    r.peer.join(3);
    expect(r.multiplayer.getPeers()).toEqual(
      peers.length === 0 && !_.startsWith('disconnectPeer') ? [] : [...peers, 3],
    );
    expect(r.multiplayer.poll()).toBe(0);
  });

  test.each(DEEDS)('of authCallback: %s', (_, deed) => {
    const r = newRoom();
    r.multiplayer.authCallback = () => deed(r);
    r.peer.join(9);
    r.peer.inject(9, 2, 0, '070001');
    r.receive(9, '070001');
    expect(r.multiplayer.poll()).toBe(0);
  });

  test('what they throw goes to onError, and the next packet is handled', () => {
    const errors: unknown[] = [];
    const r = newRoom({ onError: (error) => errors.push(error) });
    handler.run = () => {
      throw new Error('of the game');
    };
    r.receive(2, HIT);
    r.multiplayer.on('peerPacket', () => {
      throw new Error('of a listener');
    });
    r.receive(2, '0301');
    handler.run = () => undefined;
    expect(errors.map(String)).toEqual(['Error: of the game', 'Error: of a listener']);
    expect(r.multiplayer.getRemoteSenderId()).toBe(0);
  });
});

describe('a peer that is ended by what is asked about it', () => {
  type Options = NonNullable<ConstructorParameters<typeof WireRoom>[0]>;
  const OPTIONS: readonly (readonly [string, (kick: (peer: number) => void) => Options])[] = [
    [
      'dialect',
      (kick) => ({
        dialect: (peer) => {
          kick(peer);
          return '4.6';
        },
      }),
    ],
    [
      'initialGates',
      (kick) => ({
        initialGates: (peer) => {
          kick(peer);
          return ['/root/N'];
        },
      }),
    ],
  ];
  test.each(OPTIONS)('%s', (_, optionsWith) => {
    const room: WireRoom = new WireRoom(optionsWith((peer) => room.multiplayer.disconnectPeer(peer)));
    const heard: number[] = [];
    room.multiplayer.on('peerConnected', (peer) => heard.push(peer));
    room.peer.join(2);
    expect(room.disconnected).toEqual([2]);
    expect([heard, room.multiplayer.getPeers(), room.multiplayer.dialectOf(2)]).toEqual([[], [], undefined]);
    // Nothing of it is left: its gate neither.
    expect(room.multiplayer.open(2, '/root/N')).toBe(33);
    room.sent();
    room.wait(3000);
    expect([room.sent(), room.multiplayer.refusals()]).toEqual([[], {}]);
  });

  test('a visibility filter', () => {
    const room = new WireRoom({ dialect: '4.6' });
    const sync = room.mirror.root.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
    room.multiplayer.synchronizer(sync).addVisibilityFilter((peer) => {
      if (peer !== 0) room.multiplayer.disconnectPeer(peer);
      return true;
    });
    const heard: number[] = [];
    room.multiplayer.on('peerConnected', (peer) => heard.push(peer));
    room.peer.join(2);
    expect([heard, room.multiplayer.getPeers()]).toEqual([[], []]);
  });
});

describe('two at one tree', () => {
  test.each(['close()', 'rootPath'])(
    '%s of the first one takes nothing from the one that took its place',
    (deed) => {
      const room = newRoom();
      const later = new WireRoom({ mirror: room.mirror });
      expect(nodeOf(room).multiplayer).toBe(later.multiplayer);
      if (deed === 'rootPath') room.multiplayer.rootPath = '/root/N';
      room.multiplayer.close();
      expect(nodeOf(room).multiplayer).toBe(later.multiplayer);
      later.multiplayer.close();
      expect(nodeOf(room).multiplayer).toBeUndefined();
    },
  );
});

test('a slash at the end of the root path means the same node', () => {
  const { mirror, multiplayer } = new WireRoom({ rootPath: '/root/Game/' });
  const game = mirror.root.addChild({ name: 'Game', class: 'Node' });
  expect([game.multiplayer, multiplayer.rootPath]).toEqual([multiplayer, '/root/Game']);
  multiplayer.rootPath = '/root/';
  expect([mirror.root.multiplayer, multiplayer.rootPath]).toEqual([multiplayer, '/root']);
});
