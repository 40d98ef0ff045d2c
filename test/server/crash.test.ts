/** Application code that fails in every way: the server goes on, nothing leaks, others do not notice. */
import { describe, expect, test } from 'vitest';
import { AuthMode } from '../../src/server/constants.ts';
import { createWorld, eachMode, PORT, SERVER_IP, settle } from './world.ts';

eachMode(() => {
  describe('a handler that throws', () => {
    test('in every signal, event callback and hook: reported, and everybody is still served', async () => {
      const world = createWorld();
      const fail = (): never => {
        throw new Error('broken');
      };
      world.server.on('serverStarted', fail).on('serverStopped', fail);
      world.server.on('peerConnecting', fail).on('peerAuthenticated', fail).on('peerDisconnected', fail);
      world.server.on('packetReceived', fail).on('rawPacketReceived', fail);
      world.server.on('customEventReceived', fail).on('unknownEventReceived', fail);
      world.server.on('peerPrelogin', fail);
      world.server.registerEvent('known', fail);
      const [first, second] = [world.connect(), world.connect()];
      for (const { client } of [first, second]) {
        client.sendPacket('a');
        client.triggerEvent('known', {});
        client.triggerEvent('unknown', {});
      }
      world.net.advance(100);
      world.server.kickPeer(1);
      world.net.advance(100);
      expect(second.client.isConnectedToServer()).toBe(true);
      world.server.stopServer();
      await settle();
      const wheres = new Set(world.errors.map(({ where }) => where));
      expect([...wheres].sort()).toEqual(
        [
          'event known',
          'signal customEventReceived',
          'signal packetReceived',
          'signal peerAuthenticated',
          'signal peerConnecting',
          'signal peerDisconnected',
          'signal rawPacketReceived',
          'signal serverStarted',
          'signal serverStopped',
          'signal unknownEventReceived',
        ].sort(),
      );
      expect(world.server.ops.metrics().handlerErrors).toBe(world.errors.length);
      // All signals came all the same.
      expect(world.names().filter((name) => name === 'packetReceived')).toHaveLength(4);
      expect(world.server.createServer(PORT)).toBe(0);
    });
  });
  describe('an authenticator', () => {
    test('that rejects: refused and reported; the next login is decided anew', async () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      world.server.setCustomAuthenticator(async (_peer, login) => {
        if (login.get('name') === 'bad') throw new Error('database is down');
        return true;
      });
      const [bad, good] = [world.connect(), world.connect()];
      bad.client.sendPacket({ name: 'bad' });
      good.client.sendPacket({ name: 'good' });
      world.net.advance(50);
      await settle();
      world.net.advance(100);
      expect(world.errors.map(({ where }) => where)).toEqual(['authenticator']);
      expect(world.log).toContainEqual(['peerDisconnected', 1, 'Authentication failed']);
      expect(world.log).toContainEqual(['peerAuthenticated', 2]);
    });

    test('that never settles: the timeout ends the peer, and what it sent meanwhile is bounded and forgotten', async () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      world.server.setAuthenticationTimeout(1);
      world.server.setCustomAuthenticator(() => new Promise(() => undefined));
      for (let round = 0; round < 20; round++) {
        const { client } = world.connect();
        client.sendPacket({ login: true });
        for (let i = 0; i < 40; i++) client.sendPacket({ early: i });
        world.net.advance(1500);
        await settle();
        expect(world.server.getPeerCount()).toBe(0);
      }
      expect(world.names().filter((name) => name.includes('Received'))).toEqual([]);
      expect(world.server.ops.refusals().get('LOGIN_TIMEOUT')).toBe(20);
      expect(world.server.getPeers()).toEqual([]);
    });

    test('that settles after its server was stopped or restarted changes nothing', async () => {
      const world = createWorld({ server: { keepSettingsOnStop: true } });
      const decide: ((verdict: boolean) => void)[] = [];
      world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      world.server.setCustomAuthenticator(() => new Promise((resolve) => decide.push(resolve)));
      world.connect().client.sendPacket({});
      world.net.advance(50);
      world.server.stopServer();
      await settle();
      world.server.createServer(PORT);
      decide[0]?.(true);
      await settle();
      world.net.advance(100);
      expect(world.names()).not.toContain('peerAuthenticated');
      expect(world.server.getAuthenticatedPeerCount()).toBe(0);
    });
  });
  describe('stopServer inside a handler', () => {
    const places = [
      'peerConnecting',
      'peerPrelogin',
      'peerAuthenticated',
      'packetReceived',
      'rawPacketReceived',
      'customEventReceived',
      'unknownEventReceived',
      'peerDisconnected',
    ] as const;
    test.each(places)('%s: one end for each peer, serverStopped last, restart possible', async (place) => {
      const world = createWorld();
      if (place === 'peerPrelogin') world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.registerEvent('known', () => undefined);
      const [first, second] = [world.connect(), world.connect()];
      const stop = (): void => world.server.stopServer();
      if (place === 'peerConnecting') {
        world.server.once(place, stop);
        world.createClient().client.connectToServer(SERVER_IP, PORT);
      } else {
        world.server.once(place, stop);
        if (place === 'peerAuthenticated') world.createClient().client.connectToServer(SERVER_IP, PORT);
        first.client.sendPacket({ login: 'x' });
        first.client.triggerEvent('known', {});
        first.client.triggerEvent('unknown', {});
        if (place === 'peerDisconnected') second.client.disconnectFromServer();
      }
      world.net.advance(200);
      await settle();
      expect(world.server.isServerActive()).toBe(false);
      expect(world.names().at(-1)).toBe('serverStopped');
      const count = (wanted: string): number => world.names().filter((name) => name === wanted).length;
      expect(count('serverStopped')).toBe(1);
      expect(count('peerDisconnected')).toBe(count('peerConnecting'));
      expect(world.errors).toEqual([]);
      expect(world.server.createServer(PORT)).toBe(0);
      world.net.advance(50);
      expect(world.server.getPeerCount()).toBe(0);
    });

    test('in an authenticator, an event callback and admit', async () => {
      for (const place of ['authenticator', 'event', 'admit'] as const) {
        let stop = (): void => undefined;
        const world = createWorld({
          server: {
            admit: () => {
              if (place === 'admit') stop();
              return true;
            },
          },
        });
        stop = () => world.server.stopServer();
        if (place === 'authenticator') {
          world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
          world.server.setCustomAuthenticator(() => {
            stop();
            return true;
          });
        }
        world.server.registerEvent('known', stop);
        const { client } = world.createClient();
        client.on('connectedToServer', () => client.triggerEvent('known', {}));
        client.connectToServer(SERVER_IP, PORT);
        world.net.advance(300);
        await settle();
        expect(world.server.isServerActive(), place).toBe(false);
        expect(world.names().at(-1), place).toBe('serverStopped');
        expect(world.names(), place).not.toContain('customEventReceived');
        expect(world.errors, place).toEqual([]);
      }
    });
  });
});
