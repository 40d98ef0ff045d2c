/**
 * Attacks with datagrams: connections, and what is forged or repeated, by strangers and under the address of a player. On
 * a virtual network, with the host inline and in its thread: every player's answer comes within 50 ms on links of 20 ms.
 */
import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/enet/address.ts';
import {
  createArena,
  expectPlayersUnharmed,
  forgedSocket,
  overhear,
  PLAYERS,
  strangerSocket,
} from './arena.ts';
import { blindAcknowledge, connectDatagram, disconnectDatagram } from './datagrams.ts';
import { eachMode, PORT, SERVER_IP } from './world.ts';

eachMode(
  () => {
    describe('connections and datagrams', () => {
      test('reconnect storm: hundreds of connections a second from one address, and from everywhere', () => {
        const arena = createArena({
          server: { limits: { connectsPerSecPerAddress: 10, connectBurstPerAddress: 20 } },
        });
        const runtimes = Array.from({ length: 3 }, () => arena.net.createRuntime('10.0.200.1'));
        const clients = runtimes.map((runtime) => arena.createClient({ runtime }).client);
        arena.play(4000, () => {
          for (const client of clients) {
            if (client.isConnectedToServer()) client.disconnectFromServer();
            if (client.getConnectionStatus() === 0) client.connectToServer(SERVER_IP, PORT);
            // Gives up at once, and tries anew: every attempt is a new CONNECT.
            client.disconnectFromServer();
            client.connectToServer(SERVER_IP, PORT);
          }
        });
        expectPlayersUnharmed(arena);
        const { connections, refusals } = arena.server.ops.metrics();
        expect(refusals.get('CONNECT_RATE_ADDRESS')).toBeGreaterThan(200);
        expect(connections).toBeLessThan(5 + 20 + 60);
      });

      test('spoofed disconnects: DISCONNECT for every slot and session from strangers', () => {
        const arena = createArena();
        const socket = strangerSocket(arena, '10.0.250.1');
        arena.play(2000, () => {
          for (let peerId = 0; peerId < 6; peerId++) {
            for (let session = 0; session < 4; session++) socket(disconnectDatagram(peerId, session));
          }
        });
        expectPlayersUnharmed(arena);
        const { drops } = arena.server.ops.metrics();
        expect(drops.get('WRONG_ADDRESS')).toBeGreaterThan(1000);
      });

      test('replayed datagrams: everything that a player sent is sent again by a stranger', () => {
        const arena = createArena();
        const listen = overhear(arena, '10.0.1.1');
        arena.play(2000);
        const recorded = listen().datagrams;
        expect(recorded.length).toBeGreaterThan(30);
        const events = (): number => arena.server.ops.metrics().eventsReceived;
        const before = events();
        const stranger = strangerSocket(arena, '10.0.250.2');
        let next = 0;
        arena.play(2000, () => {
          for (let i = 0; i < 20; i++) stranger(recorded[next++ % recorded.length] ?? new Uint8Array(4));
        });
        expectPlayersUnharmed(arena);
        // Five players, 40 questions each, and not one more.
        expect(events() - before).toBe(200);
      });

      test('replayed under the own address and port: each event of a player counts once', () => {
        const arena = createArena();
        const listen = overhear(arena, '10.0.1.1');
        arena.play(2000);
        const { address, datagrams } = listen();
        expect(datagrams.length).toBeGreaterThan(30);
        const send = forgedSocket(arena, address);
        const before = arena.server.ops.metrics().eventsReceived;
        let next = 0;
        arena.play(2000, () => {
          for (let i = 0; i < 20; i++) send(datagrams[next++ % datagrams.length] ?? new Uint8Array(4));
        });
        expectPlayersUnharmed(arena);
        expect(arena.server.ops.metrics().eventsReceived - before).toBe(200);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
        const { repeats, lateAcknowledgements } = arena.server.ops.metrics();
        expect(repeats).toBeGreaterThan(1000);
        // An acknowledgement that answers nothing does not steer the round-trip time.
        expect(lateAcknowledgements).toBeGreaterThan(1000);
      });

      test('replayed from the first datagram on: a CONNECT that is repeated during and after its connection takes no seat, and the application hears nothing of it', () => {
        const arena = createArena();
        const listen = overhear(arena, '10.0.1.6');
        const { client } = arena.connect();
        const { address, datagrams } = listen();
        const connect = datagrams[0] ?? new Uint8Array(0);
        const send = forgedSocket(arena, address);
        // While the connection lives, the repeated CONNECT is known.
        arena.play(1000, () => send(connect));
        expectPlayersUnharmed(arena);
        expect(client.isConnectedToServer()).toBe(true);
        expect(arena.server.getPeerCount()).toBe(PLAYERS + 1);
        // After its end it opens a handshake that nobody completes.
        client.disconnectFromServer();
        arena.net.advance(100);
        const { connections } = arena.server.ops.metrics();
        arena.play(1000, () => send(connect));
        expectPlayersUnharmed(arena);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
        expect(arena.server.ops.metrics().connections).toBe(connections);
      });

      test('forged disconnects under the own address and port: the wrong sessions do nothing, the right one ends that player alone, who can come back', () => {
        const arena = createArena();
        const listen = overhear(arena, '10.0.1.6');
        const victim = arena.connect();
        victim.client.sendPacket({ token: 'secret' });
        arena.net.advance(100);
        const { address, peerId, session } = listen();
        const send = forgedSocket(arena, address);
        arena.play(1000, () => {
          for (let guess = 0; guess < 4; guess++)
            if (guess !== session) send(disconnectDatagram(peerId, guess));
          for (let slot = 0; slot < 6; slot++) if (slot !== peerId) send(disconnectDatagram(slot, session));
        });
        expectPlayersUnharmed(arena);
        expect(victim.client.isConnectedToServer()).toBe(true);
        const { drops } = arena.server.ops.metrics();
        expect(drops.get('WRONG_SESSION')).toBe(300);
        expect(drops.get('WRONG_ADDRESS')).toBe(500);
        // ENet has no secret that could tell this one from the player's own (enet-protocol W19): all that is lost is the seat.
        arena.play(1000, () => send(disconnectDatagram(peerId, session)));
        expectPlayersUnharmed(arena);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
        const again = arena.connect();
        again.client.sendPacket({ token: 'secret' });
        arena.net.advance(100);
        expect(arena.server.getAuthenticatedPeerCount()).toBe(PLAYERS + 1);
      });

      test('blind handshakes: an address that never reads echoes the clock of the server, and is never connected nor sent more than three times its bytes', () => {
        const arena = createArena();
        const victim: Address = { ip: '10.0.77.7', port: 7 };
        const send = forgedSocket(arena, victim);
        let [connectId, received, sent] = [0, 0, 0];
        arena.net.onDatagram(({ to, fate, bytes }) => {
          if (to.ip === victim.ip && fate !== 'sent') received += bytes.length;
        });
        const attack = (bytes: Uint8Array): void => {
          sent += bytes.length;
          send(bytes);
        };
        arena.play(3000, (elapsed) => {
          attack(connectDatagram(++connectId));
          for (let back = 0; back < 18; back++) {
            const slot = PLAYERS + (back % 3);
            attack(blindAcknowledge(slot, (elapsed / 10 + back) & 3, arena.net.time + 1000 - (back % 6)));
          }
        });
        expectPlayersUnharmed(arena);
        expect(arena.server.getPeerCount()).toBe(PLAYERS);
        expect(received).toBeLessThanOrEqual(3 * sent);
      });

      test('forged connects, 5,000 with guessed connect ids under the address of a player: at most maxHalfOpenPerAddress at once', () => {
        const arena = createArena({ create: [PORT, 64], server: { limits: { maxHalfOpenPerAddress: 8 } } });
        const listen = overhear(arena, '10.0.1.1');
        arena.play(200);
        const send = forgedSocket(arena, listen().address);
        let connectId = 0;
        const sentBefore = arena.server.ops.metrics().datagramBytesSent;
        arena.play(1000, () => {
          for (let i = 0; i < 50; i++) send(connectDatagram(++connectId));
        });
        expectPlayersUnharmed(arena);
        const { connections, refusals, datagramBytesSent } = arena.server.ops.metrics();
        expect(connections).toBe(PLAYERS);
        expect(
          (refusals.get('TOO_MANY_HALF_OPEN') ?? 0) + (refusals.get('CONNECT_RATE_ADDRESS') ?? 0),
        ).toBeGreaterThan(4900);
        // What a forged address is sent stays below what came under it.
        expect(datagramBytesSent - sentBefore).toBeLessThan(5000 * connectDatagram(1).length);
        expect(arena.server.ops.trackedAddresses).toBeLessThanOrEqual(PLAYERS);
      });
    });
  },
  { compressions: 'none' },
);
