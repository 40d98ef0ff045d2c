/** enet-server-module section 8, logging in: one test for each row of the table, named by the row's number. */
import { describe, expect, test, vi } from 'vitest';
import { Dictionary } from '../../codec/values/Dictionary.ts';
import { AuthMode, AuthState, ConnectionState } from '../../src/server/constants.ts';
import type { ENetServerPeer } from '../../src/server/ENetServerPeer.ts';
import { acting, customWorld, LOGIN, onlyPeer } from './logins.ts';
import { createWorld, eachMode, PORT, SERVER_IP, settle } from './world.ts';

eachMode(() => {
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
});
