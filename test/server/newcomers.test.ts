/**
 * How long a newcomer takes to join while somebody floods a small server with CONNECT, with the host inline and in its
 * thread. Links of 20 ms: a connection takes 40 ms, the first repetition of an attempt comes 500 ms later.
 */
import { describe, expect, test } from 'vitest';
import { createArena, expectPlayersUnharmed, forgedSocket, PLAYERS } from './arena.ts';
import { connectDatagram } from './datagrams.ts';
import { eachMode, PORT, SERVER_IP } from './world.ts';

const NEWCOMERS = 10;

/** Ten newcomers, each from an address of its own, come one after the other during a flood. */
function join(perSec: number, addresses: number, slots: number): { readonly times: number[] } {
  const arena = createArena({ create: [PORT, slots] });
  let count = 0;
  let due = 0;
  const flood = (): void => {
    for (due += perSec / 100; due >= 1; due--) {
      count++;
      const from = count % addresses;
      const ip = `10.${10 + (from >> 16)}.${(from >> 8) & 255}.${from & 255}`;
      forgedSocket(arena, { ip, port: 1000 + (count % 50_000) })(connectDatagram(count));
    }
  };
  const times: number[] = [];
  arena.play(2000, flood);
  let next = 0;
  for (let elapsed = 0; elapsed < 5000; elapsed += 10) {
    flood();
    if (next < NEWCOMERS && elapsed >= next * 137) {
      next++;
      const began = arena.net.time;
      const { client } = arena.createClient();
      client.on('connectedToServer', () => {
        times.push(arena.net.time - began);
        client.sendPacket({ token: 'secret' });
      });
      client.connectToServer(SERVER_IP, PORT);
    }
    arena.net.advance(10);
  }
  expectPlayersUnharmed(arena);
  expect(arena.server.getAuthenticatedPeerCount()).toBe(PLAYERS + times.length);
  return { times };
}

eachMode(
  () => {
    describe('newcomers during a flood of CONNECT', () => {
      test.each([
        [50, 1],
        [1000, 1],
        [5000, 1],
        [1000, 4],
        [5000, 4],
      ])('%i per second from %i addresses, 32 slots: all are in within 600 ms', (perSec, addresses) => {
        const { times } = join(perSec, addresses, 32);
        expect(times).toHaveLength(NEWCOMERS);
        expect(Math.max(...times)).toBeLessThanOrEqual(600);
      });

      test.each([
        [500, 1000],
        [1000, 2000],
      ])(
        '%i per second, each from another forged address, %i slots: all are in within 600 ms',
        (perSec, slots) => {
          const { times } = join(perSec, 100_000, slots);
          expect(times).toHaveLength(NEWCOMERS);
          expect(Math.max(...times)).toBeLessThanOrEqual(600);
        },
      );

      test('without a flood, a group of 27 under one address fills the last slots of 32 at once', () => {
        const arena = createArena({ create: [PORT, 32] });
        const clients = Array.from({ length: 27 }, () => {
          const { client } = arena.createClient({ runtime: arena.net.createRuntime('10.0.200.1') });
          client.connectToServer(SERVER_IP, PORT);
          return client;
        });
        arena.net.advance(60);
        expect(clients.filter((client) => client.isConnectedToServer())).toHaveLength(27);
      });
    });
  },
  { compressions: 'none' },
);
