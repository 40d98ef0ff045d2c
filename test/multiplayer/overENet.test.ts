/** SceneMultiplayer in both roles over ENetMultiplayerPeer, on the virtual network. */
import { describe, expect, test } from 'vitest';
import type { SceneMirror } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Game, type Side } from './game.ts';

/** What was called where, with the sender; emptied by each test. */
let calls: [unique: number, sender: number, method: string, ...args: unknown[]][] = [];

class Main extends NodeScript {
  static override readonly path = 'res://main.gd';
  static override readonly rpcs = {
    say: rpc('any_peer', 'call_local').args('String'),
    score: rpc('authority', 'unreliable_ordered', 2).args('int', 'float'),
  };

  say(...args: unknown[]): void {
    this.#note('say', args);
  }

  score(...args: unknown[]): void {
    this.#note('score', args);
  }

  #note(method: string, args: unknown[]): void {
    const { multiplayer } = this;
    calls.push([multiplayer.getUniqueId(), multiplayer.getRemoteSenderId(), method, ...args]);
  }
}

const grow = (mirror: SceneMirror): void => {
  mirror.root.addChild({ name: 'Main', class: 'Node2D', script: 'res://main.gd' });
};
const main = (side: Side) => side.mirror.getNode('/root/Main')!; // grown above
const idOf = (side: Side): number => side.multiplayer.getUniqueId();

function twoPlayers(): { game: Game; a: Side; b: Side } {
  calls = [];
  const game = new Game([Main], grow);
  const a = game.join();
  const b = game.join();
  game.run(30);
  return { game, a, b };
}

describe('RPCs over ENet', () => {
  test('a call to everybody arrives at everybody, and here with call_local', () => {
    const { game, a, b } = twoPlayers();
    expect(main(game.server).rpc('say', 'all')).toBe(0);
    game.run(10);
    expect(calls).toEqual(
      expect.arrayContaining([
        [1, 1, 'say', 'all'],
        [idOf(a), 1, 'say', 'all'],
        [idOf(b), 1, 'say', 'all'],
      ]),
    );
    expect(calls).toHaveLength(3);
  });

  test('a call of a client reaches the server, and the other client through the relay', () => {
    const { game, a, b } = twoPlayers();
    main(a).rpc('say', 'hi');
    game.run(20);
    const from = idOf(a);
    expect(calls.map(([unique, sender]) => [unique, sender])).toEqual(
      expect.arrayContaining([
        [from, from],
        [1, from],
        [idOf(b), from],
      ]),
    );
  });

  test('the second call uses the confirmed number of the node, and arguments keep their types', () => {
    const { game, a } = twoPlayers();
    for (let i = 0; i < 3; i++) {
      main(game.server).rpcId(idOf(a), 'score', i, 0.5);
      game.run(10);
    }
    expect(calls).toEqual([0, 1, 2].map((i) => [idOf(a), 1, 'score', i, 0.5]));
  });

  test('a client may not call what is the authority’s, until it is the authority', () => {
    const { game, a } = twoPlayers();
    main(a).rpcId(1, 'score', 7, 1);
    game.run(10);
    expect(calls).toEqual([]);
    expect(game.server.multiplayer.refusals()).toEqual({ 'not-allowed': 1 });
    expect(game.server.lines.join('\n')).toContain('only the authority, 1, may');
    main(game.server).setMultiplayerAuthority(idOf(a));
    main(a).rpcId(1, 'score', 7, 1);
    game.run(10);
    expect(calls).toEqual([[1, idOf(a), 'score', 7, 1]]);
  });

  test('arguments of another type or number do not reach the script', () => {
    const { game, a } = twoPlayers();
    main(a).rpcId(1, 'say', 5);
    main(a).rpcId(1, 'say');
    main(a).rpcId(1, 'say', 'a', 'b');
    game.run(10);
    expect(calls).toEqual([]);
    expect(game.server.multiplayer.refusals()).toEqual({ 'wrong-arguments': 3 });
  });
});

describe('authentication over ENet', () => {
  test('both sides say that they are done, and then they are connected', () => {
    const game = new Game([Main], grow);
    const asked: string[] = [];
    game.server.multiplayer.authCallback = (id, data) => {
      asked.push(new TextDecoder().decode(data));
      game.server.multiplayer.completeAuth(id);
    };
    const client = game.join();
    client.multiplayer.authCallback = () => undefined;
    client.multiplayer.on('peerAuthenticating', (id) => {
      client.multiplayer.sendAuth(id, new TextEncoder().encode('token'));
      client.multiplayer.completeAuth(id);
    });
    game.run(30);
    expect(asked).toEqual(['token']);
    expect(client.signals).toEqual(['peerAuthenticating 1', 'connectedToServer', 'peerConnected 1']);
    expect(game.server.signals).toEqual(['peerAuthenticating client', 'peerConnected client']);
  });

  test('who does not authenticate in time is disconnected', () => {
    const game = new Game([Main], grow, { authTimeout: 1 });
    game.server.multiplayer.authCallback = () => undefined;
    const client = game.join();
    game.run(150);
    expect(game.server.signals).toEqual(['peerAuthenticating client', 'peerAuthenticationFailed client']);
    expect(client.signals.at(-1)).toBe('serverDisconnected');
  });
});

describe('leaving', () => {
  test('a kick is silent here and tells the other client', () => {
    const { game, a, b } = twoPlayers();
    game.server.multiplayer.disconnectPeer(idOf(a));
    game.run(30);
    expect(game.server.signals.filter((line) => line.startsWith('peerDisconnected'))).toEqual([]);
    expect(game.server.multiplayer.getPeers()).toEqual([idOf(b)]);
    expect(b.signals.at(-1)).toBe('peerDisconnected client');
    expect(a.signals.at(-1)).toBe('serverDisconnected');
  });

  test('raw bytes go to whom they are meant for', () => {
    const { game, a, b } = twoPlayers();
    const got: unknown[] = [];
    for (const side of [game.server, a, b])
      side.multiplayer.on('peerPacket', (id, bytes) => got.push([idOf(side), id, [...bytes]]));
    expect(a.multiplayer.sendBytes(Uint8Array.of(1, 2), -1)).toBe(0);
    game.run(20);
    expect(got).toEqual([[idOf(b), idOf(a), [1, 2]]]);
  });
});

describe('bad input', () => {
  test.each([
    ['no RPC of this name', (side: Side) => main(side).rpc('nothing'), 31],
    ['a call to oneself without call_local', (side: Side) => main(side).rpcId(1, 'score', 1, 1), 31],
    ['more than 255 arguments', (side: Side) => main(side).rpc('say', ...Array(256).fill('a')), 31],
    ['a value that is no Variant', (side: Side) => main(side).rpc('say', Symbol('x')), 31],
    ['a peer that is no integer', (side: Side) => main(side).rpcId(Number.NaN, 'say', 'a'), 31],
    ['nothing to send', (side: Side) => side.multiplayer.sendBytes(new Uint8Array(0)), 30],
    ['bytes for a stranger', (side: Side) => side.multiplayer.sendBytes(Uint8Array.of(1), 99), 47],
    ['authentication of a stranger', (side: Side) => side.multiplayer.sendAuth(99, Uint8Array.of(1)), 31],
    ['done with a stranger', (side: Side) => side.multiplayer.completeAuth(99), 31],
  ])('%s: an error number', (_, misuse, error) => {
    const { game } = twoPlayers();
    expect(misuse(game.server)).toBe(error);
    expect(game.server.lines.length).toBeGreaterThan(0);
  });

  test('a node outside of the tree, and a mirror without a multiplayer', () => {
    const { game } = twoPlayers();
    const node = main(game.server);
    node.remove();
    expect(node.rpc('say', 'a')).toBe(3);
    expect(game.server.multiplayer.rpc(0, node, 'say', ['a'])).toBe(31);
    game.server.mirror.root.attach(node);
    game.server.multiplayer.close();
    expect(node.rpc('say', 'a')).toBe(3);
  });
});
