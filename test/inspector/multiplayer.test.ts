/** What the page gets of a SceneMultiplayer, over every transport. */
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { JoinedMultiplayerPeer } from '../../src/websocket/JoinedMultiplayerPeer.ts';
import { Game, type Side } from '../multiplayer/game.ts';
import { side, until } from '../websocket/support.ts';
import { addMain, call, MAIN, play, playedGame } from './scene.ts';
import { type MultiplayerSnapshot, makeInspector, nextSnapshot, type Snapshot } from './support.ts';

async function watched(multiplayer: SceneMultiplayer): Promise<{
  next(
    isWanted: (scene: MultiplayerSnapshot) => boolean,
  ): Promise<Snapshot & { multiplayer: MultiplayerSnapshot }>;
}> {
  const inspector = makeInspector();
  inspector.watch(multiplayer);
  const url = await inspector.listen(0);
  return {
    async next(isWanted) {
      const snapshot = await nextSnapshot(
        url,
        ({ multiplayer: scene }) => scene !== undefined && isWanted(scene),
      );
      return snapshot as Snapshot & { multiplayer: MultiplayerSnapshot };
    },
  };
}

describe('a SceneMultiplayer on the page', () => {
  test('over ENet: players, methods, refusals, mismatches, calls as they come', async () => {
    const game = playedGame(2);
    const { next } = await watched(game.server.multiplayer);
    for (let tick = 0; tick < 40; tick++) play(game, tick);
    const before = await next(() => true);
    expect(before.multiplayer.calls).toEqual([]);
    const wanted = ['/root/Main.move(Vector2(40, 7), 0.5)', '/root/Main.say("hello <img src=x'];
    const soon = next(({ calls }) =>
      wanted.every((start) => calls.some(({ text }) => text.startsWith(start))),
    );
    const timer = setInterval(() => play(game, 40), 20);
    const snapshot = await soon.finally(() => clearInterval(timer));
    const { multiplayer } = snapshot;
    expect([snapshot.peerCount, snapshot.port]).toEqual([2, 7777]);
    expect(multiplayer.peers).toHaveLength(2);
    expect(multiplayer.peers[0]).toMatchObject({
      isAdmitted: true,
      dialect: '4.6',
      transport: 'ENet',
      address: expect.stringMatching(/^10\.0\.1\.\d:\d+$/),
      roundTripMs: expect.any(Number),
    });
    expect(multiplayer.methods[0]?.method).toBe('move');
    const reasons = multiplayer.refusals.map(({ reason }) => reason);
    expect(reasons).toEqual(['unknown-node', 'not-allowed']);
    expect(multiplayer.diagnoses.map(({ code }) => code).sort()).toEqual(['not-allowed', 'unknown-node']);
  });

  test('those who authenticate are there', async () => {
    const game = new Game([MAIN], addMain, { dialect: '4.6' });
    game.server.multiplayer.authCallback = () => undefined;
    game.join({ dialect: '4.6' }).multiplayer.authCallback = () => undefined;
    game.run(30);
    const { next } = await watched(game.server.multiplayer);
    const { multiplayer } = await next(() => true);
    expect(multiplayer.peers).toMatchObject([{ isAdmitted: false, transport: 'ENet' }]);
  });

  test('over both transports at once', async () => {
    const game = new Game([MAIN], addMain, { dialect: '4.6' });
    const { peer: web } = side();
    expect(web.createServer(0, '127.0.0.1')).toBe(0);
    expect(await web.whenListening()).toBe(0);
    const { multiplayer } = game.server;
    multiplayer.multiplayerPeer = new JoinedMultiplayerPeer([game.server.peer, web]);
    game.join({ dialect: '4.6' });
    game.run(30);
    const { peer: browser } = side();
    const mirror = new SceneMirror();
    const player = new SceneMultiplayer({ mirror, dialect: '4.6' });
    browser.createClient(`ws://127.0.0.1:${web.localPort}/`);
    player.multiplayerPeer = browser;
    await until(
      [{ poll: () => void multiplayer.poll() }, { poll: () => void player.poll() }],
      () => multiplayer.getPeers().length === 2,
    );
    const { next } = await watched(multiplayer);
    const { multiplayer: scene, port } = await next(() => true);
    expect(port).toBe(0);
    expect(scene.peers.map(({ transport }) => transport)).toEqual(['ENet', 'WebSocket']);
    expect(scene.peers[1]).not.toHaveProperty('roundTripMs');
    player.close();
    multiplayer.close();
  });

  test('what nobody looks at costs no texts, and what is too much is counted', async () => {
    const game = playedGame(1);
    const [client] = game.clients as [Side];
    const { next } = await watched(game.server.multiplayer);
    const soon = next(({ skipped }) => skipped > 0);
    const timer = setInterval(() => {
      for (let i = 0; i < 300; i++) call(client, 1, 'say', 'again');
      game.run(2);
    }, 20);
    const { multiplayer } = await soon.finally(() => clearInterval(timer));
    expect(multiplayer.calls).toHaveLength(200);
  });
});
