/** What operators do: kick, ban, message, move, rooms, the door, calls by hand; and what is refused. */
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../src/inspector/sources/sourceOf.ts';
import type { Inspector } from '../../src/inspector.ts';
import { ENetClient } from '../../src/server.ts';
import { RoomGame } from '../rooms/roomGame.ts';
import * as servers from './servers.ts';
import { closing, lookAt, makeInspector, openStream, post } from './support.ts';

const TOKEN = 'a token of 24 characters';

/** @returns the status and what is said. */
async function act(
  url: string,
  action: object,
  headers: Record<string, string> = {},
): Promise<[status: number, text: string]> {
  const { status, body } = await post(new URL('action', url), action, headers);
  const { text, error } = JSON.parse(body) as { text?: string; error?: string };
  return [status, text ?? error ?? ''];
}

async function login(url: string): Promise<Record<string, string>> {
  const { headers } = await post(new URL('login', url), { token: TOKEN });
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

async function listening(
  inspector: Inspector,
  ...watched: Parameters<Inspector['watch']>[0][]
): Promise<string> {
  for (const server of watched) inspector.watch(server);
  return inspector.listen(0);
}

describe('an ENetServer', () => {
  test('a message, to one and to all, is an event', async () => {
    const inspector = makeInspector();
    const { server, client } = await servers.enetServer(inspector);
    const heard: unknown[] = [];
    client.registerEvent('operator_message', (payload) => heard.push(payload.get('text')));
    const url = await listening(inspector, server);
    expect(await act(url, { action: 'message', server: 1, peer: '1', text: 'hello' })).toEqual([
      200,
      'Told 1: hello',
    ]);
    expect((await act(url, { action: 'message', server: 1, text: 'all' }))[0]).toBe(200);
    await servers.until(() => heard.length === 2);
    expect(heard).toEqual(['hello', 'all']);
    const { events } = await lookAt(url, { section: 'overview' }, 'overview');
    expect(events.at(-1)).toMatchObject({ kind: 'action', text: 'Told everybody: all' });
  });

  test('kick, with a reason that the application hears', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const reasons: string[] = [];
    server.on('peerDisconnected', (_peer, reason) => reasons.push(reason));
    const url = await listening(inspector, server);
    expect((await act(url, { action: 'kick', server: 1, peer: '1', reason: 'rude' }))[0]).toBe(200);
    await servers.until(() => reasons.length === 1);
    expect(reasons).toEqual(['rude']);
    expect(await act(url, { action: 'kick', server: 1, peer: '1' })).toEqual([404, 'there is no peer 1']);
  });

  test('who is banned is put out, does not come back, and does when the ban is over', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const url = await listening(inspector, server);
    const [status, text] = await act(url, { action: 'ban', server: 1, peer: '1', minutes: 5 });
    expect([status, text]).toEqual([200, 'Banned 127.0.0.1; 1 connections of it were ended.']);
    await servers.until(() => server.getPeerCount() === 0);
    const ended: string[] = [];
    server.on('peerDisconnected', (_peer, reason) => ended.push(reason));
    const again = (): ENetClient => {
      const client = new ENetClient();
      closing({ close: () => client.disconnectFromServer() });
      client.connectToServer('127.0.0.1', server.getLocalPort());
      return client;
    };
    again();
    await servers.until(() => ended.length === 1);
    expect(ended).toEqual(['Banned']);
    const { banned } = await lookAt(url, { section: 'peers' }, 'peers');
    expect(banned).toEqual([{ address: '127.0.0.1', untilMs: expect.any(Number) }]);
    expect((await act(url, { action: 'unban', server: 1, address: '127.0.0.1' }))[0]).toBe(200);
    expect((await act(url, { action: 'unban', server: 1, address: '127.0.0.1' }))[0]).toBe(404);
    again();
    await servers.until(() => server.getAuthenticatedPeerCount() === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.getPeerCount()).toBe(1);
  });

  test('the door', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const url = await listening(inspector, server);
    await act(url, { action: 'door', server: 1, acceptsPeers: false });
    expect(server.ops.acceptsPeers).toBe(false);
    await act(url, { action: 'door', server: 1, acceptsPeers: true });
    expect(server.ops.acceptsPeers).toBe(true);
  });

  test.each([
    [{ action: 'move', peer: '1', room: 'x' }, 409, 'has no action "move"'],
    [{ action: 'toString' }, 409, 'has no action'],
    [{ action: 'kick' }, 400, '"peer" is a text'],
    [{ action: 'ban', address: 'example.com' }, 400, 'is no IP address'],
    [{ action: 'ban', peer: '9' }, 404, 'no address to ban'],
    [{ action: 'ban', address: '192.0.2.1', minutes: 0 }, 400, '"minutes" is an integer'],
    [{ action: 'message', text: '' }, 400, '"text" is empty'],
    [{ action: 'message', text: 'x'.repeat(2001) }, 400, 'at most 2000'],
    [{ action: 'door', acceptsPeers: 'yes' }, 400, 'true or false'],
  ])('%j is refused', async (action, status, text) => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const url = await listening(inspector, server);
    const answer = await act(url, { server: 1, ...action });
    expect([answer[0], answer[1].includes(text) ? text : answer[1]]).toEqual([status, text]);
    expect(server.getPeerCount()).toBe(1);
  });

  test('a thousand bans are enough', async () => {
    const inspector = makeInspector();
    const { server } = await servers.enetServer(inspector);
    const url = await listening(inspector, server);
    for (let i = 0; i < 1000; i++)
      await act(url, { action: 'ban', server: 1, address: `192.0.${i >> 8}.${i & 255}` });
    expect((await act(url, { action: 'ban', server: 1, address: '198.51.100.1' }))[0]).toBe(409);
  });
});

describe('a SceneMultiplayer', () => {
  test('calls by hand: at one, at all, and not without a token', async () => {
    const open = makeInspector();
    const { server, client } = await servers.sceneServer(open);
    const bare = await listening(open, server);
    const id = client.multiplayer.getUniqueId();
    const call = {
      action: 'call',
      server: 1,
      node: '/root/Main',
      method: 'told',
      peerId: id,
      args: '"by hand"',
    };
    expect(await act(bare, call)).toEqual([403, 'calls by hand need a token, and a login with it']);

    const url = await listening(makeInspector({ token: TOKEN }), server);
    expect((await act(url, call))[0]).toBe(401);
    const headers = await login(url);
    expect((await act(url, call, headers))[0]).toBe(200);
    expect((await act(url, { ...call, peerId: 0, args: '"to all"' }, headers))[0]).toBe(200);
    await servers.until(() => client.main.heard.length === 2);
    expect(client.main.heard).toEqual(['by hand', 'to all']);
    for (const [change, status] of [
      [{ node: '/root/Nobody' }, 404],
      [{ method: 'nothing' }, 409],
      [{ args: '"open' }, 400],
      [{ args: '1], [2' }, 400],
      [{ room: 'none' }, 404],
      [{ peerId: 1.5 }, 400],
    ] as const)
      expect([change, (await act(url, { ...call, ...change }, headers))[0]]).toEqual([change, status]);
    expect(client.main.heard).toHaveLength(2);
  });

  test('messages are told as the game tells them, and kicks end connections', async () => {
    const inspector = makeInspector();
    const { server, client } = await servers.sceneServer(inspector);
    const told: unknown[] = [];
    inspector.watch(server, { message: (text, to) => told.push([text, to]) });
    const url = await inspector.listen(0);
    const id = client.multiplayer.getUniqueId();
    await act(url, { action: 'message', server: 1, peer: String(id), text: 'one' });
    await act(url, { action: 'message', server: 1, text: 'all' });
    expect(told).toEqual([
      ['one', { peerId: id }],
      ['all', {}],
    ]);
    for (const action of ['kick', 'message'])
      expect((await act(url, { action, server: 1, peer: '3', text: 'nobody' }))[0]).toBe(404);
    expect(told).toHaveLength(2);
    await act(url, { action: 'kick', server: 1, peer: String(id) });
    await servers.until(() => server.getPeers().length === 0);
  });
});

describe('a RoomServer', () => {
  test('moves, locks, closes, and kicks', async () => {
    const inspector = makeInspector();
    const { rooms } = await servers.roomServer(inspector);
    const url = await listening(inspector, rooms);
    const [player] = rooms.players;
    const peer = player?.seat ?? '';
    expect(await act(url, { action: 'move', server: 1, peer, room: 'two' })).toEqual([
      200,
      `Moved ${peer} to two.`,
    ]);
    expect(player?.room?.id).toBe('two');
    expect((await act(url, { action: 'move', server: 1, peer, room: 'three' }))[0]).toBe(404);
    await act(url, { action: 'lockRoom', server: 1, room: 'one', isLocked: true });
    const [status, text] = await act(url, { action: 'move', server: 1, peer, room: 'one' });
    expect([status, text]).toEqual([409, expect.stringContaining('locked')]);
    await act(url, { action: 'lockRoom', server: 1, room: 'one', isLocked: false });
    await act(url, { action: 'closeRoom', server: 1, room: 'two' });
    await servers.until(() => player?.room?.id === 'one');
    expect((await act(url, { action: 'message', server: 1, text: 'hi' }))[0]).toBe(409);
    await act(url, { action: 'kick', server: 1, peer });
    await servers.until(() => rooms.players.length === 0);
    const stream = await openStream(url, { section: 'overview' });
    const { events } = await stream.next('overview');
    expect(events.map(({ text: said }) => said)).toContain('Room two (arena) has ended.');
  });

  test('who is banned does not stay, whichever room it comes to', async () => {
    const inspector = makeInspector();
    const { rooms } = await servers.roomServer(inspector);
    const url = await listening(inspector, rooms);
    const port = (await lookAt(url, { section: 'overview' }, 'status')).servers[0]?.port ?? 0;
    await act(url, { action: 'ban', server: 1, peer: rooms.players[0]?.seat });
    await servers.until(() => rooms.players.length === 0);
    let joined = 0;
    rooms.on('playerJoined', () => joined++);
    servers.sceneClient(port);
    await servers.until(() => joined === 1 && rooms.players.length === 0);
  });
});

test('who is banned while away does not come back to its seat', async () => {
  const game = new RoomGame({
    auth: ({ text, reply }) => {
      reply('in');
      return { player: text };
    },
  });
  await game.rooms.create('lobby', { tag: 1 });
  const source = sourceOf(game.rooms, { mirror: undefined, messageEvent: 'told', message: undefined });
  closing(source);
  const client = game.join('ada');
  await game.run(50);
  client.vanish();
  await game.run(3500);
  expect(source.peers().map(({ state }) => state)).toEqual(['away']);
  let returns = 0;
  game.rooms.on('playerReturned', () => returns++);
  source.setBanned(new Set([game.join('ada').ip]));
  await game.run(100);
  expect(returns).toBe(1);
  // It is put out after the signal that tells of it, whatever the game's clock is.
  await new Promise(setImmediate);
  expect(game.rooms.players).toHaveLength(0);
});

describe('a node of a cluster, and a transport by itself', () => {
  test('kick', async () => {
    const inspector = makeInspector();
    const node = await servers.clusterNode(inspector);
    const web = await servers.webSocketPeer();
    const url = await listening(inspector, node, web);
    await act(url, { action: 'kick', server: 1, peer: node.rooms.players[0]?.seat });
    await servers.until(() => node.rooms.players.length === 0);
    await act(url, { action: 'kick', server: 2, peer: String(web.connectedPeers()[0]) });
    await servers.until(() => web.connectedPeers().length === 0);
  });
});
