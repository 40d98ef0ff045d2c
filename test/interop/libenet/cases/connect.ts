/** Cases of connecting: user data, channels, slots, MTU, many clients. enet-protocol section 4. */
import { expect } from 'vitest';
import { numberOf } from '../numberOf.ts';
import { type Case, expectDisconnect, expectQuiet, type Pair } from '../pairing.ts';
import { patternHash } from '../pattern.ts';

const USER_DATA = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff];

/** Wanted by the client, limit of the server, granted. */
const CHANNELS: readonly (readonly [number, number, number])[] = [
  [1, 255, 1],
  [2, 0, 2],
  [255, 4, 4],
  [3, 200, 3],
  [255, 0, 255],
  [0, 0, 1],
  [300, 0, 255],
];

/** MTU of the client, of the server, agreed on; and what libenet 1.3.17 makes of it as the server (11.1). */
const MTUS: readonly (readonly [number, number, number, number])[] = [
  [1392, 1392, 1392, 1392],
  [576, 1392, 576, 576],
  [100, 1392, 576, 576],
  [1392, 600, 600, 1392],
  [4096, 1392, 1392, 4096],
];

const CLIENTS = 200;

/** The table. */
export const connectCases: readonly Case[] = [
  ...USER_DATA.map((data) => ({
    title: `4.6 the server's CONNECT carries the client's data ${data}, the client's carries 0`,
    run: async ({ server, client }: Pair) => {
      const { port } = await bind({ server, client });
      await client.run('connect', { port, data });
      const [atServer, atClient] = await Promise.all([
        server.inbox.wait('connect'),
        client.inbox.wait('connect'),
      ]);
      expect(atServer).toMatchObject({ peer: 0, data });
      expect(atClient).toMatchObject({ peer: 0, data: 0 });
    },
  })),
  ...CHANNELS.map(([wanted, limit, granted]) => ({
    title: `4.4 ${wanted} channels wanted, limit ${limit}: ${granted} granted, and only those can be used`,
    run: async (pair: Pair) => {
      const { server, client } = pair;
      const { port } = await bind(pair, { channels: limit });
      await client.run('connect', { port, channels: wanted });
      const [atServer, atClient] = await Promise.all([
        server.inbox.wait('connect'),
        client.inbox.wait('connect'),
      ]);
      expect([atServer.channels, atClient.channels]).toEqual([granted, granted]);
      expect(await client.run('send', { channel: granted, flags: 1, size: 5 })).toEqual({ rejected: 1 });
      expect(await server.run('send', { channel: granted - 1, flags: 1, size: 5 })).toEqual({ rejected: 0 });
      await client.inbox.wait('receive', { channel: granted - 1, length: 5 });
      await expectQuiet(pair, 30);
    },
  })),
  ...MTUS.map(([clientMtu, serverMtu, agreed, agreed1317]) => ({
    title: `4.4.7 MTU ${clientMtu} at the client and ${serverMtu} at the server`,
    run: async (pair: Pair) => {
      const { server, client } = pair;
      const expected = server.isLibenet1317 ? agreed1317 : agreed;
      const { port } = await bind(pair, { mtu: serverMtu }, { mtu: clientMtu });
      await client.run('connect', { port });
      const atServer = await server.inbox.wait('connect');
      const atClient = await client.inbox.wait('connect');
      // The client keeps the smaller of its own and the announced value; libenet lets its own be below the minimum.
      const ownMtu = client.isLibenet1317 ? clientMtu : Math.max(clientMtu, 576);
      expect([atServer.mtu, atClient.mtu]).toEqual([expected, Math.min(expected, ownMtu)]);
    },
  })),
  {
    title: '4.4.3 a full server says nothing; the slot can be had again after a disconnect',
    run: async (pair) => {
      const { server, client } = pair;
      const bound = await server.run('host', { bind: 1, peers: 1 });
      const port = numberOf(bound, 'port');
      await client.run('host', { count: 2 });
      await client.run('connect', { host: 0, port, data: 1 });
      await server.inbox.wait('connect', { data: 1 });
      await client.inbox.wait('connect', { host: 0 });

      await client.run('connect', { host: 1, port, data: 2, limit: 1, min: 100, max: 400 });
      expect(await client.inbox.wait('disconnect', { host: 1 })).toMatchObject({ peer: 0, data: 0 });
      expect(server.inbox.rest()).toEqual([]);

      await client.run('disconnect', { host: 0, data: 3 });
      await client.inbox.wait('disconnect', { host: 0 });
      await server.inbox.wait('disconnect', { data: 3 });
      await client.run('connect', { host: 1, port, data: 4 });
      await client.inbox.wait('connect', { host: 1 });
      await server.inbox.wait('connect', { data: 4 });
      await expectQuiet(pair, 50);
    },
  },
  {
    title: '4.4.6 the same two slots are used six times: the session numbers move on',
    run: async (pair) => {
      const { server, client } = pair;
      const { port } = await bind(pair, { peers: 1 });
      for (let round = 0; round < 6; round++) {
        await client.run('connect', { port, data: round });
        await Promise.all([server.inbox.wait('connect', { data: round }), client.inbox.wait('connect')]);
        await client.run('send', { flags: 1, size: 100, seed: round });
        await server.inbox.wait('receive', { hash: patternHash(100, round) });
        await server.run('send', { flags: 0, size: 90, seed: round });
        await client.inbox.wait('receive', { hash: patternHash(90, round) });
        const isServersTurn = round % 2 === 0;
        await (isServersTurn ? server : client).run('disconnect', { data: 77 + round });
        const data = [isServersTurn ? 0 : 77 + round, isServersTurn ? 77 + round : 0] as const;
        await expectDisconnect({ actor: server, peer: 0 }, data[0]);
        await expectDisconnect({ actor: client, peer: 0 }, data[1]);
        // A DISCONNECT that was sent twice may be under way, and would end the next attempt (1.4: no session check).
        await expectQuiet(pair, 60);
      }
    },
  },
  {
    title: '4.4.2 more connections from one address than allowed get no answer',
    run: async (pair) => {
      const { server, client } = pair;
      const { port } = await bind(pair, { dup: 2 }, { count: 3 });
      for (const host of [0, 1]) {
        await client.run('connect', { host, port });
        await Promise.all([server.inbox.wait('connect'), client.inbox.wait('connect', { host })]);
      }
      await client.run('connect', { host: 2, port, limit: 1, min: 100, max: 400 });
      await client.inbox.wait('disconnect', { host: 2, data: 0 });
      await expectQuiet(pair, 30);
    },
  },
  {
    title: '4.7 a new channel limit holds for connections that come later only',
    run: async (pair) => {
      const { server, client } = pair;
      const { port } = await bind(pair, { channels: 8 }, { count: 2 });
      await client.run('connect', { host: 0, port, channels: 6 });
      expect(await client.inbox.wait('connect', { host: 0 })).toMatchObject({ channels: 6 });
      const first = await server.inbox.wait('connect', { channels: 6 });
      await server.run('channelLimit', { limit: 3 });
      await client.run('connect', { host: 1, port, channels: 6 });
      expect(await client.inbox.wait('connect', { host: 1 })).toMatchObject({ channels: 3 });
      expect(await server.inbox.wait('connect')).toMatchObject({ channels: 3 });
      await server.run('send', { peer: first.peer, channel: 5, flags: 1, size: 33 });
      await client.inbox.wait('receive', { host: 0, channel: 5, length: 33 });
    },
  },
  {
    title: '4.7 one socket may connect several times: each takes a slot of its own',
    run: async (pair) => {
      const { server, client } = pair;
      const { port } = await bind(pair, {}, { peers: 3 });
      for (let slot = 0; slot < 3; slot++) {
        expect(await client.run('connect', { port, data: slot + 10 })).toEqual({ peer: slot });
        expect(await server.inbox.wait('connect')).toMatchObject({ peer: slot, data: slot + 10 });
        await client.inbox.wait('connect', { peer: slot });
      }
      for (let slot = 0; slot < 3; slot++) {
        await client.run('send', { peer: slot, flags: 1, size: 40, seed: slot });
        await server.inbox.wait('receive', { peer: slot, hash: patternHash(40, slot) });
        await server.run('send', { peer: slot, flags: 1, size: 41, seed: slot });
        await client.inbox.wait('receive', { peer: slot, hash: patternHash(41, slot) });
      }
      await expectQuiet(pair, 30);
    },
  },
  {
    title: `4.4 ${CLIENTS} clients connect, are sent to, answer, and leave`,
    run: async (pair) => {
      const { server, client } = pair;
      const { port } = await bind(pair, { peers: CLIENTS }, { count: CLIENTS });
      await client.run('connect', { host: 0, port, count: CLIENTS });
      const slots = new Set<number>();
      for (let i = 0; i < CLIENTS; i++) {
        await client.inbox.wait('connect', { host: i });
        slots.add((await server.inbox.wait('connect')).peer);
      }
      expect(slots.size).toBe(CLIENTS);
      expect((await server.run('stats'))['connectedPeers']).toBe(CLIENTS);

      await server.run('broadcast', { channel: 1, flags: 1, size: 2000, seed: 9 });
      const hash = patternHash(2000, 9);
      for (let host = 0; host < CLIENTS; host++) {
        await client.inbox.wait('receive', { host, channel: 1, flags: 1, hash });
      }
      for (let host = 0; host < CLIENTS; host++)
        await client.run('send', { host, flags: 1, size: 60, seed: host });
      const wanted = Array.from({ length: CLIENTS }, (_, host) => patternHash(60, host)).sort();
      const got: number[] = [];
      for (let i = 0; i < CLIENTS; i++) got.push((await server.inbox.wait('receive', { length: 60 })).hash);
      expect(got.sort()).toEqual(wanted);

      for (let host = 0; host < CLIENTS; host++) await client.run('disconnect', { host, data: 5 });
      for (let host = 0; host < CLIENTS; host++) {
        await server.inbox.wait('disconnect', { peer: host, data: 5 });
        await client.inbox.wait('disconnect', { host });
      }
      expect((await server.run('stats'))['connectedPeers']).toBe(0);
    },
  },
];

async function bind(
  { server, client }: Pair,
  serverHost: Record<string, number> = {},
  clientHost: Record<string, number> = {},
): Promise<{ port: number }> {
  const bound = await server.run('host', { bind: 1, peers: 4, ...serverHost });
  await client.run('host', clientHost);
  return { port: numberOf(bound, 'port') };
}
