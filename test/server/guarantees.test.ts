/** enet-server-module section 8: the six guarantees, one test each, and a random run that holds all of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuthMode } from '../../src/server/constants.ts';
import type { ENetServerPeer } from '../../src/server/ENetServerPeer.ts';
import { fcParameters } from '../support/fc.ts';
import { brokenRules } from './order.ts';
import { createWorld, eachMode, settle } from './world.ts';

eachMode(() => {
  describe('guarantees', () => {
    test('guarantee 1: serverStarted is the first signal and serverStopped the last', async () => {
      const world = createWorld({ create: false });
      world.server.createServer(7777);
      world.connect().client.sendPacket('x');
      world.net.advance(50);
      world.server.stopServer();
      await settle();
      world.net.advance(1000);
      expect(world.log[0]).toEqual(['serverStarted', 7777]);
      expect(world.log.at(-1)).toEqual(['serverStopped']);
      expect(world.log.filter(([name]) => name === 'serverStopped')).toHaveLength(1);
    });

    test('guarantee 1: a listener added after createServer still gets serverStarted', async () => {
      const world = createWorld();
      const ports: number[] = [];
      world.server.on('serverStarted', (port) => ports.push(port));
      await settle();
      expect(ports).toEqual([7777]);
    });

    test('guarantee 2: the signals of a peer come in their order, with one peerDisconnected', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.on('peerPrelogin', (peer, login) => {
        if (login.get('attempt') === 2) peer.authenticate();
      });
      world.server.registerEvent('jump', () => undefined);
      const { client } = world.connect();
      client.sendPacket({ attempt: 1 });
      client.sendPacket({ attempt: 2 });
      client.triggerEvent('jump', {});
      client.sendPacket('hello');
      world.net.advance(50);
      client.disconnectFromServer();
      world.net.advance(50);
      expect(world.names()).toEqual([
        'peerConnecting',
        'peerPrelogin',
        'peerPrelogin',
        'peerAuthenticated',
        'customEventReceived',
        'packetReceived',
        'rawPacketReceived',
        'peerDisconnected',
      ]);
    });

    test('guarantee 3: no packet signal outside STATE_AUTHENTICATED', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.registerEvent('jump', (peer) => peer.disconnectPeer());
      const [silent, jumper] = [world.connect().client, world.connect().client];
      silent.sendPacket('no login');
      world.server.on('peerPrelogin', (peer) => peer.authenticate());
      jumper.sendPacket({ login: true });
      jumper.triggerEvent('jump', {});
      jumper.sendPacket('after the kick');
      world.net.advance(200);
      expect(world.log.filter(([name]) => String(name).includes('Received'))).toEqual([]);
      expect(world.log.filter(([name]) => name === 'peerDisconnected')).toEqual([
        ['peerDisconnected', 1, 'Invalid authentication packet format'],
        ['peerDisconnected', 2, ''],
      ]);
    });

    test('guarantee 4: packets keep their order per channel, over loss, reordering and duplication', () => {
      const world = createWorld({ net: { seed: 4 } });
      const { client } = world.connect();
      world.net.setLink('*', '*', { latencyMs: 20, jitterMs: 30, loss: 0.2, duplicate: 0.1, reorder: 0.2 });
      for (let i = 0; i < 100; i++) client.sendPacket(i, i % 2);
      world.net.advance(20_000);
      const of = (channel: number): unknown[] =>
        world.log
          .filter(([name, , , on]) => name === 'packetReceived' && on === channel)
          .map(([, , packet]) => packet);
      expect(of(0)).toEqual(Array.from({ length: 50 }, (_, i) => i * 2));
      expect(of(1)).toEqual(Array.from({ length: 50 }, (_, i) => i * 2 + 1));
    });

    test('guarantee 4: a signal caused by a handler comes after that handler, not inside it', () => {
      const world = createWorld();
      const steps: string[] = [];
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.on('peerPrelogin', (peer) => {
        peer.authenticate();
        steps.push('peerPrelogin ends');
      });
      world.server.on('peerAuthenticated', (peer) => {
        world.server.stopServer();
        steps.push(`peerAuthenticated ends in state ${peer.connectionState}`);
      });
      world.server.on('peerDisconnected', () => steps.push('peerDisconnected'));
      world.connect().client.sendPacket({});
      world.net.advance(50);
      expect(steps).toEqual(['peerPrelogin ends', 'peerAuthenticated ends in state 3', 'peerDisconnected']);
    });

    test('guarantee 5: an exception in a handler affects only that emission', async () => {
      const world = createWorld();
      const signals = [
        'peerConnecting',
        'peerAuthenticated',
        'packetReceived',
        'unknownEventReceived',
      ] as const;
      for (const signal of signals) {
        world.server.on(signal, () => {
          throw new Error(signal);
        });
      }
      world.server.registerEvent('jump', async () => {
        throw new Error('jump');
      });
      const { client } = world.connect();
      client.sendPacket('x');
      client.triggerEvent('jump', {});
      client.triggerEvent('ghost', {});
      world.net.advance(50);
      await settle();
      expect(world.names()).toEqual([
        'peerConnecting',
        'peerAuthenticated',
        'packetReceived',
        'rawPacketReceived',
        'customEventReceived',
        'unknownEventReceived',
        'packetReceived',
        'rawPacketReceived',
      ]);
      expect(world.errors.map(({ where }) => where).sort()).toEqual([
        'event jump',
        'signal packetReceived',
        'signal packetReceived',
        'signal peerAuthenticated',
        'signal peerConnecting',
        'signal unknownEventReceived',
      ]);
    });

    test.each<[string, (peer: ENetServerPeer) => void]>([
      ['reject in peerPrelogin', (peer) => peer.reject()],
      ['disconnectPeer in peerPrelogin', (peer) => peer.disconnectPeer()],
    ])('guarantee 6: %s takes effect for the next packet', (_name, decide) => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.once('peerPrelogin', decide);
      const { client } = world.connect();
      client.sendPacket({ first: true });
      client.sendPacket({ second: true });
      client.sendPacket('third');
      world.net.advance(100);
      expect(world.names()).toEqual(['peerConnecting', 'peerPrelogin', 'peerDisconnected']);
    });

    test('guarantee 6: authenticate takes effect for the next packet', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.once('peerPrelogin', (peer) => peer.authenticate());
      const { client } = world.connect();
      client.sendPacket({ first: true });
      client.sendPacket({ second: true });
      world.net.advance(100);
      expect(world.log.slice(2, 5)).toEqual([
        ['peerPrelogin', 1, { first: true }],
        ['peerAuthenticated', 1],
        ['packetReceived', 1, { second: true }, 0],
      ]);
    });
  });

  test('guarantees 1 to 3 and 6 hold for random handlers on a bad network', async () => {
    const action = fc.constantFrom(
      'authenticate',
      'reject',
      'kick',
      'send',
      'throw',
      'stop',
      'nothing',
      'nothing',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(AuthMode.AUTH_NONE, AuthMode.AUTH_PRELOGIN_ONLY, AuthMode.AUTH_CUSTOM),
        fc.array(action, { minLength: 20, maxLength: 20 }),
        fc.boolean(),
        async (seed, mode, actions, isAsync) => {
          const world = createWorld({ net: { seed, latencyMs: 15, jitterMs: 20, loss: 0.1 } });
          let step = 0;
          const act = (peer: ENetServerPeer): unknown => {
            const next = actions[step++ % actions.length];
            if (next === 'authenticate') peer.authenticate();
            else if (next === 'reject') peer.reject('r');
            else if (next === 'kick') peer.disconnectPeer('k');
            else if (next === 'send') peer.sendPacket('x', 0, true);
            else if (next === 'stop' && step > 10) world.server.stopServer();
            else if (next === 'throw') throw new Error('handler');
            return step % 2 === 0;
          };
          world.server.setAuthenticationMode(mode);
          world.server.setCustomAuthenticator(isAsync ? async (peer) => act(peer) : act);
          world.server
            .on('peerConnecting', act)
            .on('peerPrelogin', act)
            .on('peerAuthenticated', act)
            .on('packetReceived', act);
          const clients = Array.from({ length: 3 }, () => world.createClient().client);
          for (const client of clients) {
            client.on('connectedToServer', () => {
              for (const packet of [{ login: 1 }, { login: 2 }, 'hello', { _event: 'jump' }])
                client.sendPacket(packet);
            });
            client.connectToServer('10.0.0.1', 7777);
            world.net.advance(100);
            await settle();
          }
          world.net.advance(3000);
          clients[0]?.disconnectFromServer();
          world.net.advance(200);
          world.server.stopServer();
          await settle();
          world.net.advance(100);
          expect(world.log[0]?.[0]).toBe('serverStarted');
          expect(world.log.at(-1)?.[0]).toBe('serverStopped');
          expect(brokenRules(world.log)).toEqual([]);
        },
      ),
      fcParameters(60),
    );
  });
});
