/** The whole game in one process and in virtual time: a server and two players, over ENet on a network with loss. */
import { Vector2 } from 'godot-enet/codec';
import { ENetMultiplayerPeer } from 'godot-enet/godot';
import { SimNetwork } from 'godot-enet/testing';
import { expect, test } from 'vitest';
import { createGame, type Game, serve } from '../src/game.js';

/** What player.gd does: says to the server where it goes. */
function walk({ multiplayer, main }: Game, direction: Vector2): void {
  main.getNode(`Players/${multiplayer.getUniqueId()}`)?.set('direction', direction);
}

test('players see each other walk and wave, and leave', () => {
  const network = new SimNetwork({ seed: 1, latencyMs: 30, loss: 0.05 });
  const games = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip, i) => {
    const runtime = network.createRuntime(ip);
    const game = createGame({ runtime });
    const peer = new ENetMultiplayerPeer({ runtime });
    if (i === 0) {
      serve(game);
      peer.createServer(7777);
    } else peer.createClient('10.0.0.1', 7777);
    game.multiplayer.multiplayerPeer = peer;
    return game;
  });
  const run = (ms: number): void => {
    for (let at = 0; at < ms; at += 20) {
      network.advance(20);
      for (const { multiplayer } of games) {
        multiplayer.poll();
        multiplayer.mirror.process(0.02);
      }
    }
  };
  // What is lost is sent again, which takes what it takes: wait for what has to happen.
  const until = (isTrue: () => boolean): void => {
    for (let ms = 0; ms < 20_000; ms += 20) {
      if (isTrue()) return;
      run(20);
    }
    throw new Error(`not within 20 s: ${isTrue}`);
  };
  const [server, one, two] = games as [Game, Game, Game];
  const playersOf = ({ main }: Game): number => main.getNode('Players').getChildCount();
  until(() => games.every((game) => playersOf(game) === 2));
  const id = one.multiplayer.getUniqueId();
  const xOf = ({ main }: Game): number => {
    const position = main.getNode(`Players/${id}`)?.get('position');
    return position instanceof Vector2 ? position.x : Number.NaN;
  };
  const start = xOf(server);
  expect(xOf(two)).toBe(start);

  walk(one, new Vector2(1, 0));
  until(() => xOf(server) > start + 100);
  walk(one, new Vector2(0, 0));
  one.main.rpcId(1, 'wave');
  until(() => two.main.getNode(`Players/${id}`)?.get('score') === 1);
  // Rest: what was lost of the last states comes again.
  run(2000);
  expect(xOf(two)).toBeCloseTo(xOf(server), 3);

  one.multiplayer.close();
  until(() => playersOf(two) === 1);
});

test('a player who says that he is faster is not heard', () => {
  const network = new SimNetwork({ seed: 2 });
  const serverRuntime = network.createRuntime('10.0.0.1');
  const server = createGame({ runtime: serverRuntime });
  serve(server);
  const serverPeer = new ENetMultiplayerPeer({ runtime: serverRuntime });
  serverPeer.createServer(7777);
  server.multiplayer.multiplayerPeer = serverPeer;
  const runtime = network.createRuntime('10.0.0.2');
  const cheat = createGame({ runtime });
  const peer = new ENetMultiplayerPeer({ runtime });
  peer.createClient('10.0.0.1', 7777);
  cheat.multiplayer.multiplayerPeer = peer;
  const run = (): void => {
    for (let i = 0; i < 100; i++) {
      network.advance(20);
      for (const { multiplayer } of [server, cheat]) {
        multiplayer.poll();
        multiplayer.mirror.process(0.02);
      }
    }
  };
  run();
  walk(cheat, new Vector2(50, 0));
  run();
  expect(String(server.main.getNode(`Players/${peer.getUniqueId()}`)?.get('direction'))).toBe('(0.0, 0.0)');
  expect(server.multiplayer.refusals()).toMatchObject({ 'state-refused': expect.any(Number) });
});
