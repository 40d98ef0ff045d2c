/** Players on the loopback interface who notice an attack, and bare sockets of attackers. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { expect } from 'vitest';
import type { ENetClient, ENetServer } from '../../src/server.ts';
import { heapBytes } from '../support/heap.ts';
import type { Live } from './live.ts';

/** What the median round trip must stay below: far above what it is, for machines with other work. */
const BOUND_MS = 250;
const GROWTH_BYTES = 48 * 1024 * 1024;
/** Round trips that each player makes, at least, while an attack lasts. */
export const ROUND_TRIPS = 40;

/** Lets a server answer what {@link roundTrips} asks. */
export function answerQuestions(server: ENetServer): void {
  server.registerEvent('ask', (peer, payload) => {
    server.triggerEvent(peer.peerId, 'answer', payload);
  });
}

/** Lets the players play while `attack` is called every 5 ms, and checks what must hold. */
export async function playOn(
  live: Live,
  players: readonly ENetClient[],
  attack: () => void,
  count: number = ROUND_TRIPS,
): Promise<void> {
  const heapBefore = heapBytes();
  const rounds = players.map((player) => roundTrips(player, count));
  let isOver = false;
  const attacking = (async () => {
    while (!isOver) {
      attack();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const times = (await Promise.all(rounds)).flat().sort((a, b) => a - b);
  isOver = true;
  await attacking;
  expect(times.length).toBe(players.length * count);
  expect(times[times.length >> 1]).toBeLessThan(BOUND_MS);
  expect(players.every((player) => player.isConnectedToServer())).toBe(true);
  expect(live.errors).toEqual([]);
  expect(heapBytes() - heapBefore).toBeLessThan(GROWTH_BYTES);
}

/** Asks again and again, and notes how long each answer took in ms. */
export async function roundTrips(client: ENetClient, count: number = ROUND_TRIPS): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const answered = new Promise<void>((resolve) => client.registerEvent('answer', () => resolve()));
    client.triggerEvent('ask', { i });
    await answered;
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return times;
}

/** A bare socket. */
export async function stranger(ip: string = '127.0.0.1'): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, ip, resolve));
  return socket;
}
