/** What the operator's side tells of traffic: by peer, by method, call by call; and how little a flood leaves behind. */
import { describe, expect, test } from 'vitest';
import type { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import type { ObservedCall } from '../../src/multiplayer/traffic.ts';
import { Game, type Side } from './game.ts';

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = { hit: rpc('any_peer').args('int'), die: rpc() };
  hit(): void {}
  die(): void {}
}

function addMain(mirror: SceneMirror): void {
  mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
}

function gameOf(players: number): Game {
  const game = new Game([Main], addMain, { dialect: '4.6' });
  for (let i = 0; i < players; i++) game.join({ dialect: '4.6' });
  game.run(30);
  return game;
}

function call({ mirror }: Side, peer: number, method: string, ...args: unknown[]): void {
  mirror.getNode('/root/Main')?.rpcId(peer, method, ...args);
}

describe('by peer', () => {
  test('calls and bytes of each, on both sides; nothing is left of who has gone', () => {
    const game = gameOf(2);
    const { ops } = game.server.multiplayer;
    const [ada, bob] = game.clients as [Side, Side];
    call(ada, 1, 'hit', 3);
    call(ada, 1, 'hit', 4);
    call(game.server, ada.multiplayer.getUniqueId(), 'die');
    game.run(10);
    const of = (side: Side): object | undefined =>
      ops.peers().find(({ id }) => id === side.multiplayer.getUniqueId());
    const [there] = ada.multiplayer.ops.peers();
    expect(of(ada)).toMatchObject({
      isAdmitted: true,
      dialect: '4.6',
      connection: { transport: 'ENet' },
      callsReceived: 2,
      callsSent: 1,
      bytesReceived: there?.bytesSent,
      bytesSent: there?.bytesReceived,
    });
    expect(there).toMatchObject({ id: 1, callsReceived: 1, callsSent: 2, seconds: expect.any(Number) });
    expect(of(bob)).toMatchObject({ callsReceived: 0, callsSent: 0 });
    bob.multiplayer.close();
    game.server.multiplayer.disconnectPeer(ada.multiplayer.getUniqueId());
    game.run(20);
    expect(ops.peers()).toEqual([]);
    expect(ops.metrics().bytesReceived).toBeGreaterThan(0);
  });

  test('a client behind the relay has no connection here', () => {
    const game = gameOf(2);
    const [ada] = game.clients as [Side];
    const peers = ada.multiplayer.ops.peers();
    expect(peers.map(({ id, connection }) => [id === 1, connection?.transport])).toEqual(
      expect.arrayContaining([
        [true, 'ENet'],
        [false, undefined],
      ]),
    );
  });

  test('who did not authenticate leaves nothing, and the operator hears why', () => {
    const game = new Game([Main], addMain, { dialect: '4.6' });
    const heard: string[] = [];
    game.server.multiplayer.ops.observe({
      connected: () => heard.push('connected'),
      authenticated: () => heard.push('authenticated'),
      disconnected: (_peer, reason) => heard.push(`disconnected: ${reason}`),
    });
    game.server.multiplayer.authCallback = () => undefined;
    game.join({ dialect: '4.6' }).multiplayer.authCallback = () => undefined;
    game.run(50);
    expect(game.server.multiplayer.ops.peers()).toMatchObject([{ isAdmitted: false }]);
    game.run(400);
    expect(game.server.multiplayer.ops.peers()).toEqual([]);
    expect(heard).toEqual(['connected', 'disconnected: Not authenticated']);
  });
});

test('another transport is another server: the operator hears of both, and of who was there', () => {
  const game = gameOf(1);
  const heard: string[] = [];
  const { multiplayer, peer } = game.server;
  multiplayer.ops.observe({
    started: (port) => heard.push(`started ${port}`),
    stopped: () => heard.push('stopped'),
    disconnected: () => heard.push('disconnected'),
  });
  const other = new ENetMultiplayerPeer({ runtime: game.network.createRuntime('10.0.0.2') });
  other.createServer(8888);
  multiplayer.multiplayerPeer = other;
  multiplayer.multiplayerPeer = null;
  expect(heard).toEqual(['disconnected', 'stopped', 'started 8888', 'stopped']);
  other.close();
  peer.close();
});

describe('by method', () => {
  test('what was refused counts nowhere', () => {
    const game = gameOf(1);
    const [ada] = game.clients as [Side];
    call(ada, 1, 'hit', 3);
    call(ada, 1, 'die');
    call(game.server, 0, 'die');
    game.run(10);
    expect(game.server.multiplayer.ops.methods()).toEqual([
      { method: 'die', received: 0, sent: 1 },
      { method: 'hit', received: 1, sent: 0 },
    ]);
  });

  test('of very many methods the later ones count together', () => {
    const game = gameOf(1);
    const node = game.server.mirror.getNode('/root/Main');
    for (let i = 0; i < 300; i++) node?.rpcConfig(`m${i}`, { rpcMode: 'authority' });
    const [ada] = game.clients as [Side];
    for (let i = 0; i < 300; i++) call(game.server, ada.multiplayer.getUniqueId(), `m${i}`);
    const methods = game.server.multiplayer.ops.methods();
    expect(methods).toHaveLength(257);
    expect(methods.at(-1)).toEqual({ method: '...', received: 0, sent: 44 });
  });
});

test('call by call, until it is ended; a watcher that throws harms nobody', () => {
  const game = gameOf(1);
  const [ada] = game.clients as [Side];
  const calls: ObservedCall[] = [];
  const { ops } = game.server.multiplayer;
  const ends = [
    ops.watchCalls(() => {
      throw new Error('no screen');
    }),
    ops.watchCalls((one) => calls.push(one)),
  ];
  call(ada, 1, 'hit', 3);
  game.run(5);
  call(game.server, 0, 'die');
  expect(calls.map(({ direction, method, args, node }) => [direction, method, args, node.name])).toEqual([
    ['in', 'hit', [3], 'Main'],
    ['out', 'die', [], 'Main'],
  ]);
  expect(game.server.errors.map(String)).toEqual(['Error: no screen', 'Error: no screen']);
  for (const end of ends) end();
  call(game.server, 0, 'die');
  expect(calls).toHaveLength(2);
});
