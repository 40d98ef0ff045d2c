/**
 * Attacks on a server with DTLS, on the virtual network, with the host inline and in a thread: somebody who comes under
 * the address of a player. What they cost and hold is in test/dtls/floods.test.ts.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../src/enet/address.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
} from '../../src/ops/selfSignedCertificate.ts';
import type { ENetServerOptions } from '../../src/server/options.ts';
import { TLSOptions } from '../../src/server.ts';
import { startClient } from '../dtls/network.ts';
import { connectDatagram } from './datagrams.ts';
import { commandsOf, packetsAsAnybody, shakeHands, takeOver } from './takeover.ts';
import { createWorld, eachMode, type LoggedClient, PORT, SERVER_IP, type ServerWorld } from './world.ts';

const SERVER: Address = { ip: SERVER_IP, port: PORT };
const VICTIM_IP = '10.0.1.1';

let own: SelfSignedCertificate;
beforeAll(async () => {
  own = await createSelfSignedCertificate({ names: ['game.example'] });
});

interface Scene extends ServerWorld {
  readonly victim: LoggedClient;
  readonly address: Address;
}

/** A server with DTLS and one player. */
function play(): Scene {
  const world = createWorld({ server: { tls: TLSOptions.server(own.key, own.certificate) } });
  let address: Address | undefined;
  world.net.onDatagram(({ from }) => {
    if (from.ip === VICTIM_IP) address ??= from;
  });
  const victim = world.connect({ tls: TLSOptions.clientUnsafe() });
  expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
  if (address === undefined) throw new Error('the victim sent nothing');
  return { ...world, victim, address };
}

const packets = ({ log }: ServerWorld): unknown[] =>
  log.filter(([name]) => name === 'packetReceived').map(([, , packet]) => packet);

eachMode(
  () => {
    describe('a handshake from the address of a player', () => {
      test('takes nothing over: the player has left before anything of the new session is seen', () => {
        const scene = play();
        const { net, server, log, address } = scene;
        const [peer] = server.getPeers();
        const thief = takeOver(net, address);
        // The player cannot acknowledge this any more: ENet repeats it.
        for (let i = 0; i < 5; i++) peer?.sendPacket(`secret ${i}`, 0, true);
        net.advance(300);
        shakeHands(net, thief, SERVER);
        for (const bytes of packetsAsAnybody('as the victim')) thief.endpoint.send(bytes, SERVER);
        thief.endpoint.send(connectDatagram(7), SERVER);
        peer?.sendPacket('to the victim', 0, true);
        net.runUntil(() => log.some(([name]) => name === 'peerDisconnected'), 1000, 'the end of the player');
        net.advance(10_000);
        // The only datagram that it gets is the answer to its CONNECT, again and again.
        expect(new Set(thief.contents.map(commandsOf))).toEqual(new Set(['VERIFY_CONNECT']));
        expect(packets(scene)).toEqual([]);
        expect(log.map(([name]) => name).slice(0, 4)).toEqual([
          'serverStarted',
          'peerConnecting',
          'peerAuthenticated',
          'peerDisconnected',
        ]);
        expect(scene.errors).toEqual([]);
      });

      test('that is not completed changes nothing', () => {
        const { net, victim, address, log, server } = play();
        net.rebind(address, { port: 9 });
        const thief = startClient(net, { ip: '10.0.9.9', port: address.port });
        net.rebind(thief.address, address);
        thief.send('', SERVER);
        net.advance(25);
        net.rebind(address, { port: 10 });
        net.rebind({ ...address, port: 9 }, address);
        thief.vanish();
        victim.client.sendPacket('still me');
        net.advance(40_000);
        expect(log.map(([name]) => name)).toEqual([
          'serverStarted',
          'peerConnecting',
          'peerAuthenticated',
          'packetReceived',
          'rawPacketReceived',
        ]);
        expect(server.getPeerCount()).toBe(1);
      });

      test("after the player's goodbye inherits nothing, and the player has left at once", () => {
        const { net, server, log, victim, address, ...scene } = play();
        server.getPeers()[0]?.sendPacket('last words', 0, true);
        // Only DTLS says goodbye: what ENet says first does not arrive.
        net.lossNext(1, VICTIM_IP, SERVER_IP);
        victim.client.disconnectFromServer();
        net.advance(30);
        expect(log.at(-1)?.[0]).toBe('peerDisconnected');
        expect(server.getPeerCount()).toBe(0);
        const thief = takeOver(net, address);
        shakeHands(net, thief, SERVER);
        for (const bytes of packetsAsAnybody('as the victim')) thief.endpoint.send(bytes, SERVER);
        net.advance(10_000);
        expect(thief.contents).toEqual([]);
        expect(packets({ log, net, server, ...scene })).toEqual([]);
        expect(log.at(-1)?.[0]).toBe('peerDisconnected');
      });
    });

    test('a player that begins anew from the same port is let in at once', () => {
      const { net, log, address, server } = play();
      net.rebind(address);
      const again: ENetConnection = new ENetConnection({
        runtime: net.createRuntime('10.0.9.9'),
        onWake: () => {
          while (again.service()[0] > ENetConnection.EVENT_NONE);
        },
      });
      expect(again.createHostBound('*', address.port, 1)).toBe(0);
      net.rebind({ ip: '10.0.9.9', port: address.port }, address);
      again.dtlsClientSetup('', TLSOptions.clientUnsafe());
      again.connectToHost(SERVER_IP, PORT, 2);
      net.runUntil(
        () => log.filter(([name]) => name === 'peerAuthenticated').length === 2,
        2000,
        'the return',
      );
      expect(log.map(([name]) => name).slice(3)).toEqual([
        'peerDisconnected',
        'peerConnecting',
        'peerAuthenticated',
      ]);
      expect(server.getPeerCount()).toBe(1);
    });

    test('sessions and handshakes of a few addresses that nobody plays on keep no player out', () => {
      const world = createWorld({
        server: {
          tls: TLSOptions.server(own.key, own.certificate),
          dtls: { maxSessions: 24, maxHandshakesPerIp: 24, handshakeBurstPerIp: 100 },
        },
        create: [PORT, 4],
      });
      for (let n = 0; n < 24; n++) {
        const crowd = startClient(world.net, { ip: `10.0.8.${n % 3}`, port: 100 + n });
        crowd.send('', SERVER);
        world.net.advance(35);
        // Half of them never finish their handshake.
        if (n % 2 === 0) world.net.runUntil(() => crowd.endpoint.state === 'open', 200);
        crowd.vanish();
      }
      expect(world.server.ops.metrics().peers).toBe(0);
      world.net.advance(1500);
      for (let n = 0; n < 4; n++) world.connect({ tls: TLSOptions.clientUnsafe() });
      expect(world.server.getPeerCount()).toBe(4);
      world.net.advance(300);
      expect(world.server.ops.metrics().dtls?.drops.get('evicted')).toBeGreaterThan(0);
    });

    test('deny, allow, draining and a full house are asked before a handshake costs anything', () => {
      const tls = TLSOptions.server(own.key, own.certificate);
      const knock = (options: ENetServerOptions, before?: (world: ServerWorld) => void): ServerWorld => {
        const world = createWorld({ server: { tls, ...options }, create: [PORT, 1] });
        before?.(world);
        const stranger = startClient(world.net, { ip: '10.0.7.1', port: 5 });
        stranger.send('', SERVER);
        world.net.advance(5000);
        expect(stranger.contents).toEqual([]);
        expect(stranger.endpoint.state).toBe('handshaking');
        return world;
      };
      const counted = ({ server }: ServerWorld): unknown => {
        const { cookiesSent, completed, drops } = server.ops.metrics().dtls ?? {};
        return [cookiesSent, completed, drops?.get('notAdmitted'), drops?.get('hostFull')];
      };
      const denied = knock({ deny: ['10.0.7.0/24'] });
      expect(counted(denied)).toEqual([0, 0, 3, 0]);
      expect(denied.server.ops.refusals().get('ADDRESS_DENIED')).toBe(3);
      expect(counted(knock({ allow: ['10.0.1.0/24'] }))).toEqual([0, 0, 3, 0]);
      const drained = knock({}, ({ server }) => {
        server.ops.acceptsPeers = false;
      });
      expect(counted(drained)).toEqual([0, 0, 3, 0]);
      const full = knock({}, (world) => world.connect({ tls: TLSOptions.clientUnsafe() }));
      expect(counted(full)).toEqual([1, 1, 0, 3]);
    });
  },
  { compressions: 'none' },
);
