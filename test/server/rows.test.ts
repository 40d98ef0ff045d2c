/** enet-server-module section 8: one test for each row of the table, named by the row's number. */
import { describe, expect, test, vi } from 'vitest';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { StringName } from '../../codec/values/StringName.ts';
import { CompressionMode } from '../../src/godot/constants.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { AuthMode, AuthState, ConnectionState } from '../../src/server/constants.ts';
import { ENetServer } from '../../src/server/ENetServer.ts';
import type { ENetServerPeer } from '../../src/server/ENetServerPeer.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { createWorld, logServer, PORT, plain, SERVER_IP, settle, type World } from './world.ts';

expectDiagnoses('clients with other compressions are tested');

const LOGIN = { token: 'secret' };

/** A world whose peers log in through `decide`. */
function customWorld(decide: (peer: ENetServerPeer, login: Dictionary) => unknown, options = {}): World {
  const world = createWorld(options);
  world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
  world.server.setCustomAuthenticator(decide);
  return world;
}

/** An authenticator that does something and then gives a verdict. */
function acting(action: (peer: ENetServerPeer) => void, verdict: boolean): (peer: ENetServerPeer) => boolean {
  return (peer) => {
    action(peer);
    return verdict;
  };
}

/** The only peer. */
function onlyPeer(world: World): ENetServerPeer {
  const peer = world.server.getPeer(1);
  if (peer === null) throw new Error('there is no peer 1');
  return peer;
}

describe('polling', () => {
  test('row 1: a burst of 500 packets is delivered in one pass, not one packet per poll', () => {
    const world = createWorld();
    const { client } = world.connect();
    world.server.setPollRate(1000);
    for (let i = 0; i < 500; i++) client.sendPacket(i, 0, false);
    world.net.advance(15);
    expect(world.names().filter((name) => name === 'packetReceived')).toHaveLength(500);
  });

  test('row 1: a flood lets other work have its turn', () => {
    const world = createWorld({ net: { queueBytes: 10_000_000 } });
    const { client } = world.connect();
    const runtime = world.net.createRuntime('10.0.0.9');
    let received = 0;
    let atOtherWork = 0;
    world.server.once('packetReceived', () => {
      runtime.defer(() => {
        atOtherWork = received;
      });
    });
    world.server.on('packetReceived', () => received++);
    for (let i = 0; i < 6000; i++) client.sendPacket(1, 0, false);
    world.net.advance(50);
    expect(received).toBe(6000);
    expect(atOtherWork).toBe(4096);
  });

  test('row 2: acknowledgements leave while packets are being handled in bulk', () => {
    const world = createWorld();
    const { client } = world.connect();
    for (let i = 0; i < 200; i++) client.sendPacket(`packet ${i}`);
    const sentAt = world.net.time;
    const acknowledged: number[] = [];
    world.net.onDatagram(({ from, fate, timeMs }) => {
      if (from.ip === SERVER_IP && fate === 'sent') acknowledged.push(timeMs - sentAt);
    });
    world.net.advance(100);
    expect(Math.min(...acknowledged)).toBe(10);
    expect(client.getPing()).toBeLessThan(30);
    expect(world.names().filter((name) => name === 'packetReceived')).toHaveLength(200);
  });

  test('row 22: calls inside handlers change the server without disturbing the pass', () => {
    const world = createWorld();
    world.server.on('packetReceived', (peer, packet) => {
      if (packet === 'kick others') {
        for (const other of world.server.getPeers()) if (other !== peer) other.disconnectPeer('others');
      }
      peer.sendPacket(`echo ${String(packet)}`, 0, true);
    });
    const [first, second] = [world.connect(), world.connect()];
    second.client.sendPacket('before');
    first.client.sendPacket('kick others');
    second.client.sendPacket('after');
    world.net.advance(100);
    expect(first.log).toContainEqual(['packetReceived', 'echo kick others', 0]);
    expect(second.log.at(-1)).toEqual(['disconnectedFromServer', 'Connection lost']);
    expect(world.server.getPeers().map((peer) => peer.peerId)).toEqual([1]);
  });
});

describe('login', () => {
  test('row 3: a peer that does not authenticate within the timeout is disconnected', () => {
    const world = createWorld();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    world.server.setAuthenticationTimeout(2.5);
    const { log } = world.connect();
    world.net.advance(2400);
    expect(world.names()).toEqual(['peerConnecting']);
    world.net.advance(200);
    expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication timeout']);
    expect(log.at(-1)).toEqual(['disconnectedFromServer', 'Connection lost']);
  });

  test.each([0, -1])('row 3: a timeout of %d seconds is off', (timeout) => {
    const world = createWorld();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    world.server.setAuthenticationTimeout(timeout);
    world.connect();
    world.net.advance(60_000);
    expect(world.names()).toEqual(['peerConnecting']);
  });

  test('row 3: an authenticated peer has no timeout', () => {
    const world = customWorld(() => true);
    const { client } = world.connect();
    client.sendPacket(LOGIN);
    world.net.advance(60_000);
    expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
    expect(world.traces).toEqual([]);
  });

  test('row 4: peerPrelogin comes with each login packet, after STATE_PRELOGIN was entered', () => {
    const world = createWorld();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    const { client } = world.connect();
    expect(onlyPeer(world).connectionState).toBe(ConnectionState.STATE_PRELOGIN);
    client.sendPacket({ attempt: 1 });
    client.sendPacket({ attempt: 2 });
    world.net.advance(50);
    expect(world.log.slice(1)).toEqual([
      ['peerConnecting', 1, 0],
      ['peerPrelogin', 1, { attempt: 1 }],
      ['peerPrelogin', 1, { attempt: 2 }],
    ]);
  });

  test('row 5: peerAuthenticated comes exactly once after a truthy authenticator', () => {
    const world = customWorld(() => true);
    world.connect().client.sendPacket(LOGIN);
    world.net.advance(100);
    expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
  });

  // 7.3 with row 6: a call wins over the result; without one the result decides.
  test.each<[string, (peer: ENetServerPeer) => unknown, string | undefined]>([
    ['true', () => true, undefined],
    ['a number other than 0', () => 5, undefined],
    ['a Dictionary with a pair', () => new Dictionary([['ok', 1]]), undefined],
    ['an object', (peer) => peer, undefined],
    ['false', () => false, 'Authentication failed'],
    ['nothing', () => undefined, 'Authentication failed'],
    ['0', () => 0, 'Authentication failed'],
    ['an empty text', () => '', 'Authentication failed'],
    ['an empty Dictionary', () => new Dictionary(), 'Authentication failed'],
    ['an empty plain object', () => ({}), 'Authentication failed'],
    ['an empty array', () => [], 'Authentication failed'],
    ['authenticate() and nothing', (peer) => peer.authenticate(), undefined],
    ['authenticate() and false', acting((peer) => peer.authenticate(), false), undefined],
    ['authenticate() and true', acting((peer) => peer.authenticate(), true), undefined],
    ['reject() and nothing', (peer) => peer.reject('no'), 'no'],
    ['reject() and true', acting((peer) => peer.reject('no'), true), 'no'],
  ])('row 6: an authenticator that gives %s', (_name, decide, reason) => {
    const world = customWorld(decide);
    world.connect().client.sendPacket(LOGIN);
    world.net.advance(200);
    expect(world.log.slice(2)).toEqual(
      reason === undefined ? [['peerAuthenticated', 1]] : [['peerDisconnected', 1, reason]],
    );
    expect(world.errors).toEqual([]);
  });

  test('row 6: an authenticator that throws rejects, and its error is reported', () => {
    const world = customWorld(() => {
      throw new Error('database');
    });
    world.connect().client.sendPacket(LOGIN);
    world.net.advance(200);
    expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication failed']);
    expect(world.errors).toEqual([{ error: new Error('database'), where: 'authenticator' }]);
  });

  test.each([
    ['true', async () => true, [['peerAuthenticated', 1]]],
    ['nothing', async () => undefined, [['peerDisconnected', 1, 'Authentication failed']]],
    [
      'an error',
      async () => {
        throw new Error('database');
      },
      [['peerDisconnected', 1, 'Authentication failed']],
    ],
  ])('row 7: a promise for %s decides when it is settled, not before', async (_name, answer, expected) => {
    let decide: () => void = () => undefined;
    const question = new Promise<void>((resolve) => {
      decide = resolve;
    });
    const world = customWorld(async () => {
      await question;
      return answer();
    });
    world.connect().client.sendPacket(LOGIN);
    world.net.advance(500);
    expect(onlyPeer(world).connectionState).toBe(ConnectionState.STATE_PRELOGIN);
    expect(world.names()).toEqual(['peerConnecting']);
    decide();
    await settle();
    world.net.advance(100);
    expect(world.log.slice(2)).toEqual(expected);
  });

  test('row 7: what arrives while a promise is pending is held, and delivered after the approval in its order', async () => {
    const world = customWorld(() => Promise.resolve(true));
    const { client } = world.connect();
    client.sendPacket(LOGIN);
    client.sendPacket('early');
    client.sendPacket({ login: 'again' });
    world.net.advance(50);
    expect(world.names()).toEqual(['peerConnecting']);
    await settle();
    client.sendPacket('late');
    world.net.advance(50);
    expect(world.log.filter(([name]) => name !== 'rawPacketReceived').slice(2)).toEqual([
      ['peerAuthenticated', 1],
      ['packetReceived', 1, 'early', 0],
      ['packetReceived', 1, { login: 'again' }, 0],
      ['packetReceived', 1, 'late', 0],
    ]);
  });

  test('row 7: what was held is dropped when the promise rejects the peer', async () => {
    const world = customWorld(() => Promise.resolve(false));
    const { client } = world.connect();
    client.sendPacket(LOGIN);
    client.sendPacket('early');
    world.net.advance(50);
    await settle();
    world.net.advance(100);
    expect(world.log.slice(2)).toEqual([['peerDisconnected', 1, 'Authentication failed']]);
  });

  test('row 7: a verdict that comes after the end of the connection changes nothing', async () => {
    let decide: (verdict: boolean) => void = () => undefined;
    const world = customWorld(() => new Promise<boolean>((resolve) => (decide = resolve)));
    const { client } = world.connect();
    client.sendPacket(LOGIN);
    world.net.advance(50);
    const peer = onlyPeer(world);
    client.disconnectFromServer();
    world.net.advance(50);
    decide(true);
    await settle();
    world.net.advance(50);
    expect(world.log.slice(2)).toEqual([['peerDisconnected', 1, 'Connection lost']]);
    expect(peer.authState).toBe(AuthState.AUTH_PENDING);
  });

  test('row 7: a held event does not reach its callback when a packet before it led to a kick', async () => {
    const world = customWorld(() => Promise.resolve(true));
    const jump = vi.fn();
    world.server.registerEvent('jump', jump);
    world.server.on('packetReceived', (peer) => peer.disconnectPeer());
    const { client } = world.connect();
    client.sendPacket(LOGIN);
    client.sendPacket('early');
    client.triggerEvent('jump', {});
    world.net.advance(50);
    await settle();
    world.net.advance(100);
    expect(world.names()).toEqual([
      'peerConnecting',
      'peerAuthenticated',
      'packetReceived',
      'peerDisconnected',
    ]);
    expect(jump).not.toHaveBeenCalled();
  });

  test('row 8: authenticate() and then disconnectPeer() in one handler emit no peerAuthenticated', () => {
    const world = createWorld();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    world.server.on('peerPrelogin', (peer) => {
      peer.authenticate();
      peer.disconnectPeer('full');
    });
    world.connect().client.sendPacket(LOGIN);
    world.net.advance(200);
    expect(world.names()).toEqual(['peerConnecting', 'peerPrelogin', 'peerDisconnected']);
  });

  test('row 8: peerAuthenticated is never emitted for a rejected peer', () => {
    const world = createWorld();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    world.server.on('peerPrelogin', (peer) => {
      peer.reject('no');
      peer.authenticate();
    });
    world.connect().client.sendPacket(LOGIN);
    world.net.advance(200);
    expect(world.names()).toEqual(['peerConnecting', 'peerPrelogin', 'peerDisconnected']);
  });

  test('row 9: nothing is delivered from a peer that was rejected or kicked', () => {
    const world = createWorld();
    world.server.once('packetReceived', (peer) => peer.disconnectPeer('enough'));
    const { client } = world.connect();
    for (let i = 0; i < 5; i++) client.sendPacket(i);
    world.net.advance(200);
    expect(world.log.slice(2)).toEqual([
      ['peerAuthenticated', 1],
      ['packetReceived', 1, 0, 0],
      ['peerDisconnected', 1, 'enough'],
    ]);
  });

  test('row 9: a kick in unknownEventReceived keeps packetReceived back', () => {
    const world = createWorld();
    world.server.on('unknownEventReceived', (peer) => peer.disconnectPeer('cheater'));
    world.connect().client.triggerEvent('ghost', {});
    world.net.advance(200);
    expect(world.names().slice(2)).toEqual(['unknownEventReceived', 'peerDisconnected']);
  });

  test('row 10: peerAuthenticated comes before the first packet', () => {
    const world = createWorld();
    const { client } = world.createClient();
    client.on('connectedToServer', () => void client.sendPacket('at once'));
    client.connectToServer(SERVER_IP, PORT);
    world.net.advance(200);
    expect(world.names()).toEqual([
      'peerConnecting',
      'peerAuthenticated',
      'packetReceived',
      'rawPacketReceived',
    ]);
  });

  test('row 11: disconnectPeer in peerConnecting is not followed by a promotion', () => {
    const world = createWorld();
    world.server.on('peerConnecting', (peer) => peer.disconnectPeer('closed'));
    world.connect();
    world.net.advance(200);
    expect(world.log.slice(1)).toEqual([
      ['peerConnecting', 1, 0],
      ['peerDisconnected', 1, 'closed'],
    ]);
  });
});

describe('the end', () => {
  test('row 12: stopServer emits peerDisconnected for every peer, then serverStopped, and nothing leaks', async () => {
    const world = createWorld();
    const [, second] = [world.connect(), world.connect(), world.connect()];
    onlyPeer(world).disconnectPeer('kicked');
    second.client.sendPacket('on its way');
    world.server.stopServer();
    expect(world.server.createServer(PORT)).toBe(0);
    await settle();
    world.net.advance(200);
    expect(world.log.slice(7)).toEqual([
      ['peerDisconnected', 1, 'kicked'],
      ['peerDisconnected', 2, 'Server stopped'],
      ['peerDisconnected', 3, 'Server stopped'],
      ['serverStopped'],
      ['serverStarted', PORT],
    ]);
    expect(second.log.at(-1)).toEqual(['disconnectedFromServer', 'Connection lost']);
  });

  test('row 13: address, port and ping stay readable in and after peerDisconnected', () => {
    const world = createWorld();
    const { client } = world.connect();
    world.net.setLink('*', '*', { latencyMs: 40 });
    world.net.advance(60_000);
    const peer = onlyPeer(world);
    const before = [peer.remoteAddress, peer.remotePort, peer.getPing()];
    const inside: unknown[] = [];
    world.server.on('peerDisconnected', (gone) => {
      inside.push(gone.remoteAddress, gone.remotePort, gone.getPing());
    });
    client.disconnectFromServer();
    world.net.advance(100);
    expect(before).toEqual(['10.0.1.1', expect.any(Number), expect.closeTo(77, -1)]);
    expect(inside).toEqual(before);
    expect([peer.remoteAddress, peer.remotePort, peer.getPing()]).toEqual(before);
  });

  test('row 14: a kicked peer is removed when the client has confirmed, with one peerDisconnected', () => {
    const world = createWorld();
    world.connect();
    world.server.kickPeer(1, 'bye');
    world.net.advance(5);
    expect(world.server.getPeerCount()).toBe(1);
    expect(onlyPeer(world).connectionState).toBe(ConnectionState.STATE_DISCONNECTING);
    world.net.advance(30);
    expect(world.server.getPeerCount()).toBe(0);
    world.net.advance(60_000);
    expect(world.names().filter((name) => name === 'peerDisconnected')).toHaveLength(1);
  });

  test('row 14: a kicked peer that does not confirm is removed after kickTimeoutMs, with the last reason', () => {
    const world = createWorld({ server: { kickTimeoutMs: 700 } });
    world.connect();
    world.net.partition([SERVER_IP], ['10.0.1.1']);
    world.server.kickPeer(1, 'first reason');
    world.net.advance(500);
    world.server.kickPeer(1, 'bye');
    world.net.advance(190);
    expect(world.server.getPeerCount()).toBe(1);
    world.net.advance(20);
    expect(world.server.getPeerCount()).toBe(0);
    expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'bye']);
  });

  test('row 28: what was sent just before a kick arrives before the disconnect', () => {
    const world = createWorld();
    const { log } = world.connect();
    world.net.lossNext(1, SERVER_IP, '10.0.1.1');
    world.server.sendPacket(1, 'you are banned');
    world.server.kickPeer(1, 'banned');
    world.net.advance(2000);
    expect(log.filter(([name]) => name !== 'rawPacketReceived').slice(1)).toEqual([
      ['packetReceived', 'you are banned', 0],
      ['disconnectedFromServer', 'Connection lost'],
    ]);
    expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'banned']);
  });

  test('row 38: after stopServer in a handler nothing more is dispatched', () => {
    const world = createWorld();
    world.server.once('packetReceived', () => world.server.stopServer());
    const { client } = world.connect();
    for (let i = 0; i < 5; i++) client.sendPacket(i);
    world.net.advance(100);
    expect(world.log.slice(3)).toEqual([
      ['packetReceived', 1, 0, 0],
      ['peerDisconnected', 1, 'Server stopped'],
      ['serverStopped'],
    ]);
  });

  test('row 39: signals are bound to the peer: one that leaves at once still gets all of its own', () => {
    const world = createWorld();
    const { client } = world.createClient();
    client.on('connectedToServer', () => {
      client.sendPacket('hello', 0, false);
      // The packet leaves with this turn, the disconnect with the next.
    });
    client.connectToServer(SERVER_IP, PORT);
    world.net.runUntil(() => client.isConnectedToServer(), 1000);
    world.net.advance(1);
    client.disconnectFromServer();
    world.net.advance(100);
    expect(world.names()).toEqual([
      'peerConnecting',
      'peerAuthenticated',
      'packetReceived',
      'rawPacketReceived',
      'peerDisconnected',
    ]);
  });
});

describe('sending', () => {
  test('row 15: a refused send returns FAILED (1)', () => {
    const world = createWorld();
    world.connect();
    world.server.kickPeer(1);
    expect(world.server.sendPacket(1, 'late')).toBe(1);
  });

  test.each([-1, 2, 256, 256 + 1, 1e9, Number.NaN])(
    'row 16: channel %d of 2 is refused with 31',
    (channel) => {
      const world = createWorld();
      const { client, log } = world.connect();
      expect(world.server.sendPacket(1, 'x', channel)).toBe(31);
      expect(client.sendPacket('x', channel)).toBe(31);
      world.net.advance(100);
      expect(log).toEqual([['connectedToServer']]);
    },
  );

  test('row 17: getLocalPort is the real port, also in serverStarted, and 0 after stop', () => {
    const world = createWorld({ create: [0] });
    const port = world.server.getLocalPort();
    expect(port).toBeGreaterThan(1023);
    world.net.advance(1);
    expect(world.log).toEqual([['serverStarted', port]]);
    world.server.stopServer();
    expect(world.server.getLocalPort()).toBe(0);
  });

  test('row 18: getAuthenticatedPeerCount counts STATE_AUTHENTICATED only', () => {
    const world = createWorld();
    world.connect();
    world.connect();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    world.connect();
    expect([world.server.getPeerCount(), world.server.getAuthenticatedPeerCount()]).toEqual([3, 2]);
    world.server.kickPeer(1);
    expect([world.server.getPeerCount(), world.server.getAuthenticatedPeerCount()]).toEqual([3, 1]);
  });

  test.each([
    [false, 8],
    [true, 12],
  ])('row 19: with unreliableFragments %s a large unreliable packet uses command %d', (option, command) => {
    const world = createWorld({ server: { unreliableFragments: option } });
    const { log } = world.connect();
    const commands: number[] = [];
    world.net.onDatagram(({ from, fate, bytes }) => {
      if (from.ip === SERVER_IP && fate === 'sent')
        commands.push((bytes[bytes[0] === 0x80 ? 4 : 2] ?? 0) & 0x0f);
    });
    world.server.sendPacket(1, new Uint8Array(3000), 0, false);
    world.net.advance(5);
    expect(commands).toEqual([command, command, command]);
    world.net.advance(50);
    expect(log).toContainEqual(['packetReceived', new Uint8Array(3000), 0]);
  });

  test('row 20: a packet for many peers is encoded once', () => {
    const world = createWorld();
    const clients = [world.connect(), world.connect(), world.connect()];
    const encode = vi.fn(() => new Uint8Array([0, 1, 2, 3]));
    world.server.sendPacketToAll({ _toPacket: encode }, 0, true, [2]);
    world.net.advance(50);
    expect(encode).toHaveBeenCalledTimes(1);
    const received = clients.map(({ log }) => log.some(([name]) => name === 'packetReceived'));
    expect(received).toEqual([true, false, true]);
  });

  test('row 20: and its bytes are shared, not copied for each of them', () => {
    const world = createWorld();
    const peers = 20;
    for (let i = 0; i < peers; i++) world.connect();
    const bytes = new Uint8Array(1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    world.server.broadcastPacket(bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * bytes.length);
    expect(world.traces).toEqual([]);
  });

  test('row 21: packets find their peer among many', () => {
    const world = createWorld();
    const clients = Array.from({ length: 20 }, () => world.connect());
    for (const [index, { client }] of clients.entries()) client.sendPacket(`from ${index + 1}`);
    world.net.advance(50);
    const packets = world.log.filter(([name]) => name === 'packetReceived');
    expect(packets).toEqual(clients.map((_, index) => ['packetReceived', index + 1, `from ${index + 1}`, 0]));
  });

  test.each([
    [false, [false, true]],
    [true, [true, true]],
  ])('row 29: with broadcastToAll %s, peers before and after the login get %s', (option, expected) => {
    const world = createWorld({ server: { broadcastToAll: option } });
    const authenticated = world.connect();
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    const waiting = world.connect();
    world.server.broadcastPacket('news');
    world.server.triggerEventToAll('news', {});
    world.net.advance(50);
    const got = [waiting, authenticated].map(({ log }) =>
      ['packetReceived', 'unknownEventReceived'].every((name) => log.some(([signal]) => signal === name)),
    );
    expect(got).toEqual(expected);
  });
});

describe('receiving', () => {
  test.each([
    [false, ['packetReceived', 'rawPacketReceived']],
    [true, ['rawPacketReceived', 'packetReceived']],
  ])('row 23: with emitRawFirst %s the order is %s', (option, expected) => {
    const world = createWorld({ server: { emitRawFirst: option } });
    const { client } = world.connect({ emitRawFirst: option });
    const clientLog = world.createClient({ emitRawFirst: option });
    clientLog.client.connectToServer(SERVER_IP, PORT);
    client.sendPacket('x');
    world.net.advance(100);
    expect(world.names().filter((name) => name.endsWith('acketReceived'))).toEqual(expected);
    world.server.sendPacket(2, 'y');
    world.net.advance(100);
    expect(clientLog.log.map(([name]) => name).slice(1)).toEqual(expected);
  });

  test('row 24: an unknown event is followed by the packet signals', () => {
    const world = createWorld();
    const { client } = world.connect();
    client.triggerEvent('ghost', { a: 1 });
    world.net.advance(50);
    expect(world.log.slice(3, 5)).toEqual([
      ['unknownEventReceived', 1, 'ghost', { a: 1 }, 0],
      ['packetReceived', 1, { a: 1, _event: 'ghost' }, 0],
    ]);
    expect(world.names().at(-1)).toBe('rawPacketReceived');
  });

  test('row 25: type byte 2 is read as a Variant, and type 1 is written', () => {
    const world = createWorld();
    const { client, log } = world.connect();
    client.sendPacket({ a: 1 });
    world.net.advance(50);
    const raw = world.log.at(-1)?.[2];
    if (!(raw instanceof Uint8Array)) throw new Error('no raw packet');
    expect(raw[0]).toBe(1);
    const typeTwo = new Uint8Array(raw);
    typeTwo[0] = 2;
    client.sendRawPacket(typeTwo);
    world.server.getPeer(1)?.sendRawPacket(typeTwo, 0, true);
    world.net.advance(50);
    expect(world.log.filter(([name]) => name === 'packetReceived').at(-1)).toEqual([
      'packetReceived',
      1,
      { a: 1 },
      0,
    ]);
    expect(log).toContainEqual(['packetReceived', { a: 1 }, 0]);
  });

  test('row 30: the data of peerConnecting is unsigned', async () => {
    const world = createWorld();
    const { ENetConnection } = await import('../../src/godot/ENetConnection.ts');
    const connection = new ENetConnection({ runtime: world.net.createRuntime('10.0.2.1') });
    connection.createHost(1, 2);
    connection.connectToHost(SERVER_IP, PORT, 2, 4294967295);
    for (let i = 0; i < 10; i++) {
      connection.service();
      world.net.advance(10);
    }
    connection.destroy();
    expect(world.log).toContainEqual(['peerConnecting', 1, 4294967295]);
  });

  test('row 31: a peer that sends too much before it is authenticated is rejected', () => {
    const decideLater = (): Promise<boolean> => new Promise(() => undefined);
    const tooMany = customWorld(decideLater, { server: { maxPreLoginPackets: 3 } });
    const first = tooMany.connect().client;
    for (let i = 0; i < 3; i++) first.sendPacket(LOGIN);
    tooMany.net.advance(50);
    expect(tooMany.names()).toEqual(['peerConnecting']);
    first.sendPacket(LOGIN);
    tooMany.net.advance(100);
    expect(tooMany.log.at(-1)).toEqual(['peerDisconnected', 1, 'Too much data before authentication']);

    const tooLarge = customWorld(decideLater, { server: { maxPreLoginBytes: 100 } });
    tooLarge.connect().client.sendPacket({ token: 'x'.repeat(100) });
    tooLarge.net.advance(100);
    expect(tooLarge.log.slice(2)).toEqual([['peerDisconnected', 1, 'Too much data before authentication']]);
  });

  test('row 31: unfinished packets count as well, at the next look', () => {
    const world = customWorld(() => true, { server: { maxPreLoginBytes: 1000, maxPreLoginPackets: 4 } });
    const { client } = world.connect();
    // The first fragment never arrives, so nobody can read the packet.
    world.net.lossNext(1, '10.0.1.1', SERVER_IP);
    client.sendPacket(new Uint8Array(15_000));
    world.net.advance(15);
    world.net.block('10.0.1.1', SERVER_IP);
    world.net.advance(1000);
    expect(world.server.getPeer(1)?.authState).toBe(AuthState.AUTH_REJECTED);
    expect(world.server.getPeer(1)?.connectionState).toBe(ConnectionState.STATE_DISCONNECTING);
  });

  test('row 32: only maxLoginAttempts login packets are looked at', () => {
    const world = createWorld({ server: { maxLoginAttempts: 2 } });
    world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
    const { client } = world.connect();
    for (let attempt = 1; attempt <= 5; attempt++) client.sendPacket({ attempt });
    world.net.advance(50);
    expect(world.log.slice(2)).toEqual([
      ['peerPrelogin', 1, { attempt: 1 }],
      ['peerPrelogin', 1, { attempt: 2 }],
    ]);
    expect(world.server.getPeer(1)?.connectionState).toBe(ConnectionState.STATE_PRELOGIN);
  });
});

describe('settings', () => {
  test('row 26: the compression mode is remembered before createServer and after stopServer', () => {
    const world = createWorld({ create: false, server: { createCompressor } });
    // A compressed datagram is only understood by a server of the same mode.
    const understands = (mode: CompressionMode): boolean => {
      const { client } = world.createClient({ createCompressor });
      client.setCompressionMode(mode);
      client.connectToServer(SERVER_IP, PORT);
      world.net.advance(100);
      world.log.length = 0;
      client.sendPacket('z'.repeat(500), 0, false);
      world.net.advance(100);
      return world.names().includes('packetReceived');
    };
    world.server.setCompressionMode(CompressionMode.COMPRESS_ZLIB);
    world.server.createServer(PORT);
    expect([1, 2, 3].map((mode) => understands(mode as CompressionMode))).toEqual([false, false, true]);
    world.server.setCompressionMode(CompressionMode.COMPRESS_FASTLZ);
    expect(understands(CompressionMode.COMPRESS_FASTLZ)).toBe(true);
    world.server.stopServer();
    world.server.createServer(PORT);
    expect(understands(CompressionMode.COMPRESS_FASTLZ)).toBe(true);
    world.server.stopServer();
  });

  test('a compression mode that is missing changes nothing, and is no exception later either', async () => {
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    try {
      const traces: string[] = [];
      const world = createWorld();
      const options = {
        onTrace: (line: string) => void traces.push(line),
        createCompressor: (mode: number) => {
          if (mode === CompressionMode.COMPRESS_ZSTD) throw new Error('install zstd');
          return createCompressor(mode);
        },
      };
      // No onError: that is where errors become uncaught exceptions.
      const server = new ENetServer({ runtime: world.net.createRuntime('10.0.0.9'), ...options });
      server.setCompressionMode(CompressionMode.COMPRESS_FASTLZ);
      server.setCompressionMode(CompressionMode.COMPRESS_ZSTD);
      server.createServer(PORT);
      server.setCompressionMode(CompressionMode.COMPRESS_ZSTD);
      const { client, log } = world.createClient(options);
      client.setCompressionMode(CompressionMode.COMPRESS_FASTLZ);
      client.setCompressionMode(CompressionMode.COMPRESS_ZSTD);
      client.connectToServer('10.0.0.9', PORT);
      world.net.advance(100);
      server.broadcastPacket('z'.repeat(500), 0, false);
      world.net.advance(100);
      expect(log.map(([name]) => name)).toContain('packetReceived');
      expect(traces).toEqual(Array(3).fill(expect.stringContaining('(install zstd); ignored')));
      await new Promise((resolve) => setImmediate(resolve));
      expect(uncaught).not.toHaveBeenCalled();
      server.stopServer();
    } finally {
      process.off('uncaughtException', uncaught);
    }
  });

  test('row 26: the same for a client', () => {
    const world = createWorld({ server: { createCompressor } });
    world.server.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
    const { client } = world.createClient({ createCompressor });
    client.setCompressionMode(CompressionMode.COMPRESS_RANGE_CODER);
    client.connectToServer(SERVER_IP, PORT);
    world.net.advance(100);
    client.sendPacket('z'.repeat(500), 0, false);
    world.net.advance(100);
    expect(world.names()).toContain('packetReceived');
  });

  test.each([
    [false, [0, false]],
    [true, [2, true]],
  ])('row 27: with keepSettingsOnStop %s, stopServer leaves mode and events as %s', (option, expected) => {
    const world = createWorld({ server: { keepSettingsOnStop: option } });
    world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
    world.server.setCustomAuthenticator(() => true);
    world.server.registerEvent('jump', () => undefined);
    world.server.setAuthenticationTimeout(3);
    world.server.setPollRate(5);
    world.server.stopServer();
    expect([world.server.getAuthenticationMode(), world.server.hasEvent('jump')]).toEqual(expected);
    expect([world.server.getAuthenticationTimeout(), world.server.getPollRate()]).toEqual([3, 5]);
  });
});

describe('the client', () => {
  test('row 33: disconnectedFromServer is emitted once for a remote disconnect and for a timeout', () => {
    const world = createWorld();
    const [kicked, cutOff] = [world.connect(), world.connect()];
    world.server.kickPeer(1);
    world.net.partition([SERVER_IP], ['10.0.1.2']);
    world.net.advance(60_000);
    for (const { client, log } of [kicked, cutOff]) {
      expect(log).toEqual([['connectedToServer'], ['disconnectedFromServer', 'Connection lost']]);
      expect(client.getConnectionStatus()).toBe(0);
    }
    expect(world.log.filter(([name]) => name === 'peerDisconnected')).toEqual([
      ['peerDisconnected', 1, ''],
      ['peerDisconnected', 2, 'Connection lost'],
    ]);
  });

  test('row 34: connectionFailed is emitted when nobody answers', () => {
    const { client, log } = createWorld({ create: false }).createClient();
    const world = createWorld({ create: false });
    const lonely = world.createClient();
    expect(lonely.client.connectToServer(SERVER_IP, PORT)).toBe(0);
    world.net.advance(40_000);
    expect(lonely.log).toEqual([['connectionFailed', 'Connection failed']]);
    expect(lonely.client.getConnectionStatus()).toBe(0);
    expect([client.getConnectionStatus(), log]).toEqual([0, []]);
  });

  test('row 35: a client can connect again after it was disconnected, without cleaning up', () => {
    const world = createWorld();
    const { client, log } = world.connect();
    world.server.kickPeer(1);
    world.net.advance(200);
    expect(client.connectToServer(SERVER_IP, PORT)).toBe(0);
    world.net.advance(200);
    expect(log.map(([name]) => name)).toEqual([
      'connectedToServer',
      'disconnectedFromServer',
      'connectedToServer',
    ]);
    expect(world.server.getPeers().map((peer) => peer.peerId)).toEqual([2]);
  });

  test('row 36: packets that came before the disconnect are delivered before disconnectedFromServer', () => {
    const world = createWorld();
    const { log } = world.connect();
    for (let i = 0; i < 3; i++) world.server.sendPacket(1, i);
    world.server.kickPeer(1);
    world.net.advance(200);
    expect(log.filter(([name]) => name !== 'rawPacketReceived')).toEqual([
      ['connectedToServer'],
      ['packetReceived', 0, 0],
      ['packetReceived', 1, 0],
      ['packetReceived', 2, 0],
      ['disconnectedFromServer', 'Connection lost'],
    ]);
  });

  test.each([5, null, new StringName('name')])(
    'row 37: an _event of %s is an ordinary packet, on both sides',
    (value) => {
      const world = createWorld();
      const { client, log } = world.connect();
      client.sendPacket({ _event: value });
      world.server.sendPacket(1, { _event: value });
      world.net.advance(50);
      expect(
        world.log.slice(3).map(([name, , packet]) => [name, name === 'packetReceived' ? packet : 0]),
      ).toEqual([
        ['packetReceived', { _event: value }],
        ['rawPacketReceived', 0],
      ]);
      expect(log.slice(1).map(([name]) => name)).toEqual(['packetReceived', 'rawPacketReceived']);
    },
  );
});

test('several servers in one process share nothing', () => {
  const world = createWorld();
  const other = new ENetServer({ runtime: world.net.createRuntime('10.0.0.2') });
  const otherLog = logServer(other);
  other.createServer(PORT);
  other.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
  other.registerEvent('only here', () => undefined);
  world.connect();
  const { client } = world.createClient();
  client.connectToServer('10.0.0.2', PORT);
  world.net.advance(100);
  expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
  expect(otherLog.map(([name]) => name)).toEqual(['serverStarted', 'peerConnecting']);
  expect([world.server.hasEvent('only here'), other.getPeers().map(plain)]).toEqual([false, [1]]);
});
