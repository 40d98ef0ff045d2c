/** What bots of either protocol send, and wait for, on the virtual network. */
import { expect, test } from 'vitest';
import { botMaker } from '../../src/load/bot.ts';
import type { AnyPlayer } from '../../src/load/players/link.ts';
import type { ScenePlayer } from '../../src/load/players/ScenePlayer.ts';
import type { ServerPlayer } from '../../src/load/players/ServerPlayer.ts';
import { LoadWorld } from './world.ts';

const PLAN = { stages: [1], rampMs: 0, holdMs: 2000 };

const sceneBot = (play: (player: ScenePlayer) => Promise<void>) => ({
  name: 'bot.js',
  make: botMaker({
    onJoin: (player: AnyPlayer) => (player.protocol === 'scene' ? play(player) : undefined),
  }),
});
const serverBot = (play: (player: ServerPlayer) => Promise<void>) => ({
  name: 'bot.js',
  make: botMaker({
    onJoin: (player: AnyPlayer) => (player.protocol === 'enet-server' ? play(player) : undefined),
  }),
});

test('RPCs of nodes that the script makes: an answer is awaited, one that never comes is an error', async () => {
  const config = { rpcMode: 'any_peer' } as const;
  const world = new LoadWorld('scene', { latencyMs: 10 }, (mirror) => {
    const main = mirror.root.addChild({ name: 'Main', class: 'Node' });
    main.rpcConfig('ask', config);
    main.rpcConfig('answer', config);
    main.onRpc('ask', (sender: number, question: string) => {
      main.rpcId(sender, 'answer', `${question}!`);
    });
  });
  const report = await world.run({
    ...PLAN,
    script: sceneBot(async (player) => {
      const main = player.mirror.root.addChild({ name: 'Main', class: 'Node' });
      main.rpcConfig('ask', config);
      main.rpcConfig('answer', config);
      const answer = player.measure('ask', player.nextRpc('/root/Main', 'answer'));
      player.rpc('/root/Main', 'ask', 'who');
      player.count((await answer).join());
      await player.measure('nothing', player.nextRpc('/root/Main', 'answer', 100)).catch((error: unknown) => {
        player.count(String(error));
      });
      await expect(async () => player.rpc('/root/Other', 'ask')).rejects.toThrow(
        'there is no node /root/Other',
      );
      player.rpc('/root/Main', 'unknown');
    }),
  });
  expect(report.counts).toEqual({ 'who!': 1, 'Error: no call of /root/Main answer in 100 ms': 1 });
  expect(report.measures).toMatchObject([
    { name: 'ask', times: { count: 1 }, failed: 0 },
    { name: 'nothing', times: null, failed: 1 },
  ]);
  expect(report.measures[0]?.times?.min).toBeGreaterThanOrEqual(20);
  expect(report.scriptErrors).toMatchObject([{ where: 'onJoin', count: 1 }]);
  expect(report.scriptErrors[0]?.message).toMatch(/^Error: rpc \/root\/Main unknown: ERR_/);
});

test('events and packets of an ENetServer', async () => {
  const world = new LoadWorld('enet-server', { latencyMs: 10 });
  world.server?.registerEvent('ask', (peer, payload) => {
    world.server?.triggerEvent(peer.peerId, 'answer', { to: payload.get('what') ?? null });
    world.server?.sendPacket(peer.peerId, 'first');
    world.server?.sendPacket(peer.peerId, 'second');
  });
  const report = await world.run({
    ...PLAN,
    script: serverBot(async (player) => {
      const event = player.measure('event', player.nextEvent('answer'));
      const packet = player.nextPacket((value) => value === 'second');
      player.trigger('ask', { what: 'who' });
      player.count(String((await event).get('to')));
      player.count(String(await packet));
      await player.measure('nothing', player.nextEvent('answer', 50)).catch(() => undefined);
      player.send('text', 77);
    }),
  });
  expect(report.counts).toEqual({ who: 1, second: 1 });
  expect(report.measures).toMatchObject([
    { name: 'event', times: { count: 1 } },
    { name: 'nothing', failed: 1 },
  ]);
  expect(report.scriptErrors).toMatchObject([{ message: 'Error: send: ERR_INVALID_PARAMETER' }]);
});

test('what waits for an answer ends with the player, and is no error', async () => {
  const world = new LoadWorld('enet-server', {});
  const report = await world.run({
    ...PLAN,
    script: serverBot(async (player) => {
      await player.measure('never', player.nextEvent('answer', 60_000));
    }),
  });
  expect(report).toMatchObject({ outcome: 'done', scriptErrors: [], warnings: [] });
  expect(report.measures).toMatchObject([{ name: 'never', failed: 0, unanswered: 1 }]);
});

test.each([
  [undefined, 'its default export expected a function, a class or an object with hooks, got none'],
  [null, 'its default export expected a function, a class or an object with hooks, got object'],
  [7, 'its default export expected a function, a class or an object with hooks, got number'],
  [{}, 'it has none of the hooks onSetup, onJoin, onTick, onLeave'],
  [{ onTick: 3 }, 'onTick expected a function, got number'],
])('%j is no bot', (exported, message) => {
  expect(() => botMaker(exported)).toThrow(message);
});
