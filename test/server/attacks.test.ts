/**
 * What attackers send as connections and as peers, on a virtual network, with the host inline and in its thread: every
 * player's answer comes within 50 ms on links of 20 ms. Virtual time does not see the processor, so the bounds of work
 * are stated apart: what reaches the application, and how much the server holds. `attacksLive.test.ts` has the clock.
 */
import { describe, expect, test } from 'vitest';
import {
  type Arena,
  createArena,
  deliveredFromOthers,
  expectPlayersUnharmed,
  forgedSocket,
  overhear,
  PLAYERS,
} from './arena.ts';
import { datagramOf } from './datagrams.ts';
import { eachMode, type LoggedClient, PORT, SERVER_IP } from './world.ts';

eachMode(
  () => {
    describe('no attack: players get their answers within 50 ms', () => {
      test('without an attack the bound holds too', () => {
        const arena = createArena();
        arena.play(2000);
        expectPlayersUnharmed(arena);
      });
    });

    describe('logins', () => {
      test('flood: wrong logins as fast as they can be sent, from 50 addresses', () => {
        let calls = 0;
        const arena = createArena({ server: { maxLoginAttempts: 3 } });
        arena.server.setCustomAuthenticator((_peer, login) => {
          calls++;
          return login.get('token') === 'secret' || undefined;
        });
        const attackers = Array.from({ length: 50 }, () => arena.createClient());
        arena.play(4000, () => {
          for (const { client } of attackers) {
            if (client.getConnectionStatus() === 0) client.connectToServer(SERVER_IP, PORT);
            for (let i = 0; i < 20; i++) client.sendPacket({ token: `guess ${i}` });
          }
        });
        expectPlayersUnharmed(arena);
        expect(deliveredFromOthers(arena)).toBe(0);
        const rejected = arena.server.ops.refusals().get('REJECTED') ?? 0;
        expect(rejected).toBeGreaterThan(50);
        // One guess per connection: the first wrong one ends it.
        expect(calls).toBe(rejected);
      });

      test('slow: connections that never log in are ended by the timeout', () => {
        const arena = createArena();
        const attackers = Array.from({ length: 25 }, () => arena.createClient());
        for (const { client } of attackers) client.connectToServer(SERVER_IP, PORT);
        arena.play(5000);
        expectPlayersUnharmed(arena);
        expect(arena.server.ops.refusals().get('LOGIN_TIMEOUT')).toBe(25);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
        arena.connect().client.sendPacket({ token: 'secret' });
        arena.net.advance(100);
        expect(arena.server.getAuthenticatedPeerCount()).toBe(PLAYERS + 1);
      });

      test('dripping: a login in fragments of one byte every 20 ms is ended by the timeout, and holds no more than its bytes', () => {
        const arena = createArena();
        const listen = overhear(arena, '10.0.1.6');
        const attacker = arena.connect();
        const { address, peerId, session } = listen();
        const send = forgedSocket(arena, address);
        let sent = 0;
        arena.play(5000, (elapsed) => {
          if (elapsed % 20 !== 0) return;
          send(fragmentDatagram(peerId, session, sent % 1000, 1000));
          sent++;
        });
        expectPlayersUnharmed(arena);
        expect(arena.server.ops.refusals().get('LOGIN_TIMEOUT')).toBe(1);
        expect(attacker.client.isConnectedToServer()).toBe(false);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
        expect(deliveredFromOthers(arena)).toBe(0);
      });

      test('dripping: logins that come over a link of 1,000 bytes/s do not outlive the timeout and that of the kick', () => {
        const arena = createArena();
        const attackers = Array.from({ length: 10 }, () => arena.connect());
        for (let i = 0; i < attackers.length; i++) {
          arena.net.setLink(`10.0.1.${PLAYERS + 1 + i}`, SERVER_IP, { bandwidthBytesPerSec: 1000 });
        }
        for (const { client } of attackers) expect(client.sendPacket({ name: 'x'.repeat(15_000) })).toBe(0);
        arena.play(3000 + 5000);
        expectPlayersUnharmed(arena);
        expect(arena.server.ops.refusals().get('LOGIN_TIMEOUT')).toBe(10);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
      });

      test('dripping: a packet of one byte is no login and ends the connection', () => {
        const arena = createArena();
        const attackers = Array.from({ length: 10 }, () => arena.connect());
        arena.play(1000, () => {
          for (const { client } of attackers) client.sendRawPacket(new Uint8Array([1]));
        });
        expectPlayersUnharmed(arena);
        expect(arena.server.ops.refusals().get('LOGIN_FORMAT')).toBe(10);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
      });

      test('giant: a login of 16 MiB is never put together', () => {
        const arena = createArena();
        const attackers = Array.from({ length: 4 }, () => arena.connect());
        for (const { client } of attackers)
          expect(client.sendRawPacket(new Uint8Array(16 * 1024 * 1024))).toBe(0);
        arena.play(4000);
        expectPlayersUnharmed(arena);
        expect(deliveredFromOthers(arena)).toBe(0);
        expect(arena.server.ops.metrics().drops.get('BAD_FRAGMENT')).toBeGreaterThan(0);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
      });
    });

    describe('authenticated peers', () => {
      const attacker = (arena: Arena): LoggedClient => {
        const logged = arena.connect();
        logged.client.sendPacket({ token: 'secret' });
        arena.net.advance(100);
        return logged;
      };

      test('invalid Variants: random and truncated packets', () => {
        const arena = createArena();
        const { client } = attacker(arena);
        let seed = 1;
        const random = (): number => {
          seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
          return seed >>> 8;
        };
        arena.play(2000, () => {
          for (let i = 0; i < 10; i++) {
            const bytes = new Uint8Array(1 + (random() % 60));
            for (let at = 0; at < bytes.length; at++) bytes[at] = random();
            bytes[0] = random() % 4;
            // A declared size that is far beyond the packet.
            if (i % 3 === 0) bytes.set([1, 28, 0, 0, 0, 255, 255, 255, 127].slice(0, bytes.length));
            client.sendRawPacket(bytes, 0, i % 2 === 0);
          }
        });
        expectPlayersUnharmed(arena);
        expect(client.isConnectedToServer()).toBe(true);
      });

      test('event names: thousands of different ones leave nothing behind, __proto__ is a name like any other', () => {
        const arena = createArena();
        const { client } = attacker(arena);
        const called: string[] = [];
        arena.server.registerEvent('__proto__', () => called.push('__proto__'));
        const names = [
          '__proto__',
          'constructor',
          'prototype',
          'toString',
          'hasOwnProperty',
          '',
          'x'.repeat(1000),
        ];
        arena.play(2000, (elapsed) => {
          for (let i = 0; i < 20; i++) client.triggerEvent(`name ${elapsed} ${i}`, {});
          for (const name of names) client.triggerEvent(name, { ['__proto__']: 1 });
        });
        expectPlayersUnharmed(arena);
        expect(called).toHaveLength(200);
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        expect(arena.server.hasEvent('name 0 0')).toBe(false);
        expect(arena.server.hasEvent('constructor')).toBe(false);
      });

      test('flood: one that sends 20,000 packets per second is cut off, the others play on', () => {
        const arena = createArena({ server: { limits: { packetsPerSec: 500, packetBurst: 1000 } } });
        const [loud, quiet] = [attacker(arena), attacker(arena)];
        arena.play(1000, () => {
          for (let i = 0; i < 200; i++) loud.client.sendPacket(i, 1, true);
          for (let i = 0; i < 200; i++) quiet.client.sendPacket(i, 1, false);
        });
        expectPlayersUnharmed(arena);
        expect(loud.client.isConnectedToServer()).toBe(false);
        const refusals = arena.server.ops.refusals();
        expect(refusals.get('RATE_EXCEEDED')).toBe(1);
        expect(refusals.get('RATE_DROPPED')).toBeGreaterThan(1000);
      });
    });
  },
  { compressions: 'none' },
);

/** One byte of a login of `total` bytes: the first reliable packet on channel 0. */
function fragmentDatagram(
  peerId: number,
  session: number,
  fragmentNumber: number,
  total: number,
): Uint8Array {
  return datagramOf(peerId, session, {
    name: 'SEND_FRAGMENT',
    wantsAcknowledge: true,
    isUnsequenced: false,
    channel: 0,
    reliableSeq: 1 + fragmentNumber,
    startSeq: 1,
    fragmentCount: total,
    fragmentNumber,
    totalLength: total,
    offset: fragmentNumber,
    payload: new Uint8Array([7]),
  });
}
