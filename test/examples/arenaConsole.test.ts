/** The console of the examples: what an operator says is heard, arenas are looked at, and methods are called by hand. */
import { afterEach, expect, test } from 'vitest';
import { ArenaServer } from '../../examples/arena/ArenaServer.ts';
import { Bot, seededRandom } from '../../examples/arena/Bot.ts';
import { Lobby } from '../../examples/lobby/lobby.ts';
import { LobbyClient } from '../../examples/lobby/lobbyClient.ts';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { Inspector } from '../../src/inspector.ts';
import { until } from '../inspector/servers.ts';
import { openStream, post } from '../inspector/support.ts';

const TOKEN = 'a token of 24 characters';
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An arena with two players, who say nothing. */
async function open(
  token?: string,
): Promise<{ url: string; heard: string[][]; log: string[]; arena: ArenaServer }> {
  const log: string[] = [];
  const arena = await ArenaServer.open({
    port: 0,
    address: '127.0.0.1',
    pagePort: 0,
    hasPlay: false,
    token,
    log: (line) => log.push(line),
  });
  ends.push(() => arena.close());
  const heard = ['Ada', 'Bob'].map((name, index) => {
    const lines: string[] = [];
    const peer = new ENetMultiplayerPeer();
    peer.createClient('127.0.0.1', arena.port);
    const onChat = (who: string, text: string): number => lines.push(`${who}: ${text}`);
    const bot = new Bot({ name, peer, random: seededRandom(index), onChat });
    ends.push(() => bot.close());
    return lines;
  });
  await until(() => arena.arena.fighters.size === 2);
  return { url: arena.url ?? '', heard, log, arena };
}

test('the arena: a message is a line of chat, to one and to all of an arena, and is no other line for newcomers', async () => {
  const { url, heard, log, arena } = await open();
  const [ada] = arena.arena.fighters.keys();
  const act = async (fields: object): Promise<number> =>
    (await post(new URL('action', url), { action: 'message', server: 1, ...fields })).status;
  expect(await act({ peer: ada?.seat, text: 'hello\u202e\nyou' })).toBe(200);
  expect(await act({ room: arena.arena.id, text: 'a pause at noon' })).toBe(200);
  const isHeard = (lines: string[] | undefined): boolean => lines?.includes(': a pause at noon') === true;
  await until(() => heard.every(isHeard));
  const personal = heard.map((lines) => lines.includes(': hello you'));
  expect(personal.filter(Boolean)).toHaveLength(1);
  expect(arena.arena.chat.history.flat().join()).not.toContain('a pause at noon');
  expect(log).toContain(`arena 1: the operator tells ${ada?.peerId}: hello you`);
});

test('the arena: its tree, and with a token a call by hand', async () => {
  const { url, heard, arena } = await open(TOKEN);
  expect((await post(new URL('action', url), { action: 'message', server: 1, text: 'x' })).status).toBe(401);
  const { headers } = await post(new URL('login', url), { token: TOKEN });
  const cookie = { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
  const node = arena.arena.main.getPath().toString();
  const room = arena.arena.id;
  const stream = await openStream(url, { section: 'scene', server: 1, room, selected: node }, cookie);
  const { selected, rooms } = await stream.next('scene', (message) => message.selected !== undefined);
  expect(rooms).toEqual([{ id: room, kind: 'arena' }]);
  expect(selected?.methods.map(({ name }) => name)).toEqual(expect.arrayContaining(['chat', 'say', 'shot']));
  const call = { action: 'call', server: 1, room, node, method: 'chat', peerId: 0, args: '"", "by hand"' };
  expect((await post(new URL('action', url), call, cookie)).status).toBe(200);
  await until(() => heard.every((lines) => lines.includes(': by hand')));
});

test('the lobby: a message is shown', async () => {
  const inspector = new Inspector();
  const lobby = new Lobby(() => undefined, { bindAddress: '127.0.0.1', host: { trace: inspector.trace } });
  ends.push(() => inspector.close());
  expect(lobby.start(0)).toBe(0);
  ends.push(() => lobby.stop());
  const zoe = new LobbyClient('Zoe', () => undefined);
  ends.push(() => zoe.leave());
  zoe.join('127.0.0.1', lobby.server.getLocalPort());
  await zoe.sees('welcome');
  inspector.watch(lobby.server);
  const url = await inspector.listen(0);
  expect((await post(new URL('action', url), { action: 'message', server: 1, text: 'soon' })).status).toBe(
    200,
  );
  await zoe.sees('<operator> soon');
});
