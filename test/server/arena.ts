/**
 * Players on a virtual network who notice an attack, and the tools of attackers who can forge addresses. The measure is
 * the time from a player's event to the answer of the server: links of 20 ms each way, and what the poll adds.
 */
import { afterEach, expect } from 'vitest';
import type { Address } from '../../src/enet/address.ts';
import { AuthMode } from '../../src/server/constants.ts';
import { SimSocket } from '../../src/testing/SimSocket.ts';
import {
  createWorld,
  type LoggedClient,
  PORT,
  SERVER_IP,
  type ServerWorld,
  type ServerWorldOptions,
} from './world.ts';

const LATENCY_MS = 20;
/** What every attack must leave: a round trip plus one poll. */
export const BOUND_MS = 2 * LATENCY_MS + 10;

/** How many play. */
export const PLAYERS = 5;

/** A server with players. */
export interface Arena extends ServerWorld {
  readonly players: readonly LoggedClient[];
  /** The slowest answer so far, in ms; infinity while one is missing for longer than a second. */
  worst(): number;
  /** Lets time pass in steps; every player asks every 50 ms. */
  play(ms: number, each?: (elapsedMs: number) => void): void;
}

const arenas: Arena[] = [];

/** Makes a server whose players are logged in. It is stopped after the test. */
export function createArena(options: ServerWorldOptions = {}): Arena {
  const world = createWorld({
    ...options,
    net: { latencyMs: LATENCY_MS, queueBytes: 50_000_000, ...options.net },
  });
  world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
  world.server.setAuthenticationTimeout(3);
  world.server.setCustomAuthenticator((_peer, login) => login.get('token') === 'secret');
  world.server.registerEvent('ask', (peer, payload) => {
    world.server.triggerEvent(peer.peerId, 'answer', payload);
  });
  const asked = new Map<string, number>();
  let worst = 0;
  const players = Array.from({ length: PLAYERS }, (_, index) => {
    const player = world.createClient();
    player.client.on('connectedToServer', () => player.client.sendPacket({ token: 'secret' }));
    player.client.registerEvent('answer', (payload) => {
      const key = String(payload.get('key'));
      worst = Math.max(worst, world.net.time - (asked.get(key) ?? Number.NEGATIVE_INFINITY));
      asked.delete(key);
    });
    player.client.connectToServer(SERVER_IP, PORT);
    return { ...player, index };
  });
  world.net.advance(500);
  expect(world.server.getAuthenticatedPeerCount()).toBe(players.length);
  let count = 0;
  const arena: Arena = {
    ...world,
    players,
    worst: () => {
      for (const time of asked.values()) if (world.net.time - time > 1000) return Number.POSITIVE_INFINITY;
      return worst;
    },
    play: (ms, each) => {
      for (let elapsed = 0; elapsed < ms; elapsed += 10) {
        if (elapsed % 50 === 0) {
          for (const { client } of players) {
            const key = String(count++);
            asked.set(key, world.net.time);
            client.triggerEvent('ask', { key });
          }
        }
        each?.(elapsed);
        world.net.advance(10);
      }
      world.net.advance(1100);
    },
  };
  arenas.push(arena);
  return arena;
}

/** What must hold after every attack. */
export function expectPlayersUnharmed(arena: Arena): void {
  expect(arena.worst()).toBeLessThanOrEqual(BOUND_MS);
  expect(arena.players.every(({ client }) => client.isConnectedToServer())).toBe(true);
  expect(arena.errors).toEqual([]);
  expect(arena.thread === undefined || !arena.server.getThreadCounters()?.isHolding).toBe(true);
}

afterEach(() => {
  for (const arena of arenas.splice(0)) arena.server.stopServer();
});

/** Packet signals about anybody but the players. */
export function deliveredFromOthers(arena: Arena): number {
  return arena.log.filter(
    ([name, id]) => String(name).endsWith('Received') && typeof id === 'number' && id > PLAYERS,
  ).length;
}

/** A socket of a stranger that sends raw bytes to the server. */
export function strangerSocket(arena: Arena, ip: string): (bytes: Uint8Array) => void {
  const socket = arena.net.bind(ip, {}, () => undefined);
  if ('code' in socket) throw new Error(socket.message);
  return (bytes) => arena.net.carry(socket, bytes, SERVER);
}

/** Sends raw bytes to the server under the address and port of somebody else, who sees the answers. */
export function forgedSocket(arena: Arena, outside: Address): (bytes: Uint8Array) => void {
  const socket = new SimSocket(arena.net, { ip: '10.0.251.1', port: 1 }, outside, () => undefined);
  return (bytes) => arena.net.carry(socket, bytes, SERVER);
}

/** What a listener on the path knows of one player. */
export interface Overheard {
  /** Where the player sends from. */
  readonly address: Address;
  /** Its slot at the server. */
  readonly peerId: number;
  /** The session number its datagrams carry. */
  readonly session: number;
  /** Its datagrams so far, CONNECT first. */
  readonly datagrams: readonly Uint8Array[];
}

/** Listens to the datagrams that come from an IP address, from now on. */
export function overhear(arena: ServerWorld, ip: string): () => Overheard {
  const datagrams: Uint8Array[] = [];
  let address: Address | undefined;
  arena.net.onDatagram(({ from, fate, bytes }) => {
    if (from.ip !== ip || fate !== 'sent') return;
    address = from;
    datagrams.push(bytes.slice());
  });
  return () => {
    const last = datagrams.at(-1);
    if (address === undefined || last === undefined) throw new Error(`nothing came from ${ip}`);
    const word = ((last[0] ?? 0) << 8) | (last[1] ?? 0);
    return { address, peerId: word & 0x0fff, session: (word >> 12) & 3, datagrams: [...datagrams] };
  };
}

const SERVER: Address = { ip: SERVER_IP, port: PORT };
