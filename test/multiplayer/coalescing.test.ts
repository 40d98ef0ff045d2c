/** What is sent in one tick shares datagrams. */
import { describe, expect, test } from 'vitest';
import { playBusyGame } from '../../bench/busyGame.ts';
import { playRecordedGame, recordedGame } from '../../bench/recordedGame.ts';
import { playWorldGame } from '../../bench/worldGame.ts';
import type { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { JoinedMultiplayerPeer } from '../../src/websocket/JoinedMultiplayerPeer.ts';
import { Game } from './game.ts';
import { GoldenPeer } from './golden/transport.ts';
import { WireRoom } from './wireRoom.ts';

const NOTHING_GROWS = (mirror: SceneMirror): void => void mirror;

test('a busy game takes a datagram per tick and client, and at most 0.6 of the bytes', () => {
  const options = { ticks: 40 };
  const engine = playBusyGame('engine', options);
  const safe = playBusyGame('safe', options);
  expect(engine.datagrams).toBeGreaterThanOrEqual(engine.calls);
  // Acknowledgements of what clients send may take one of their own.
  expect(safe.datagrams).toBeLessThan(1.25 * 8 * options.ticks);
  expect(safe.bytes).toBeLessThanOrEqual(0.6 * engine.bytes);
});

test('states and changes take at most what they take with an engine, less where less moves', () => {
  const ratio = (game: Parameters<typeof playBusyGame>[1]): number =>
    playBusyGame('safe', { ticks: 40, ...game }).bytes / playBusyGame('engine', { ticks: 40, ...game }).bytes;
  expect(ratio({ callsPerClient: 0, nodes: 100, moving: 1 })).toBeLessThanOrEqual(1);
  expect(ratio({ callsPerClient: 0, nodes: 100, moving: 0.2 })).toBeLessThanOrEqual(0.3);
  expect(ratio({ callsPerClient: 6, watched: 4 })).toBeLessThanOrEqual(0.6);
});

test('the packets of a recorded game take at most 0.9 of the bytes that the engine sent', () => {
  const recorded = recordedGame();
  const model = playRecordedGame('engine');
  // With a datagram for each packet our transport sends what the engine's did.
  expect(model.datagrams).toBe(recorded.datagrams);
  expect(Math.abs(model.bytes / recorded.bytes - 1)).toBeLessThan(0.01);
  expect(playRecordedGame('safe').bytes).toBeLessThanOrEqual(0.9 * recorded.bytes);
});

test('so does the recorded game when SceneMultiplayer plays it', () => {
  expect(playWorldGame('safe').bytes).toBeLessThanOrEqual(0.9 * recordedGame().bytes);
});

describe('over ENet', () => {
  function connected(): { game: Game; count: () => number } {
    const game = new Game([], NOTHING_GROWS, { dialect: '4.6', compatibility: 'safe' });
    let datagrams = 0;
    game.network.onDatagram(({ from, fate }) => {
      if (from.ip === '10.0.0.1' && fate === 'sent') datagrams++;
    });
    game.join();
    game.run(30);
    return {
      game,
      count: () => {
        const sent = datagrams;
        datagrams = 0;
        return sent;
      },
    };
  }

  test('packets wait for the end of the tick, or for flush()', () => {
    const { game, count } = connected();
    const { multiplayer } = game.server;
    count();
    for (let i = 0; i < 5; i++) multiplayer.sendBytes(Uint8Array.of(i));
    expect(count()).toBe(0);
    multiplayer.poll();
    expect(count()).toBe(1);
    multiplayer.sendBytes(Uint8Array.of(9));
    multiplayer.flush();
    expect(count()).toBe(1);
    multiplayer.flush();
    expect(count()).toBe(0);
  });

  test('what does not fit into one datagram takes as many as it needs', () => {
    const { game, count } = connected();
    count();
    for (let i = 0; i < 5; i++) game.server.multiplayer.sendBytes(new Uint8Array(600));
    game.server.multiplayer.flush();
    expect(count()).toBe(3);
  });

  test('what was sent before a kick or close() leaves before it, as ever', () => {
    for (const end of [
      ({ server, clients }: Game) =>
        server.multiplayer.disconnectPeer(clients[0]?.multiplayer.getUniqueId() ?? 0),
      ({ server }: Game) => server.multiplayer.close(),
    ]) {
      const { game, count } = connected();
      count();
      game.server.multiplayer.sendBytes(Uint8Array.of(7));
      end(game);
      expect(count()).toBe(2);
    }
  });

  test('a peer alone sends at once, as Godot', () => {
    const network = new SimNetwork({ seed: 1 });
    const peer = new ENetMultiplayerPeer({ runtime: network.createRuntime('10.0.0.1') });
    expect(peer.sendsAtOnce).toBe(true);
    const { game, count } = connected();
    game.server.multiplayer.multiplayerPeer = null;
    count();
    game.server.peer.setTargetPeer(0);
    game.server.peer.putPacket(Uint8Array.of(1));
    expect(count()).toBe(1);
  });
});

test('an engine sends at once', () => {
  expect(new WireRoom({ compatibility: 'engine' }).peer.sendsAtOnce).toBe(true);
  expect(new WireRoom().peer.sendsAtOnce).toBe(false);
});

test('transports that were joined wait, too', () => {
  const flushed: number[] = [];
  const parts = [1, 2].map((part) => {
    const peer = new GoldenPeer(1, 2, () => undefined);
    peer.flush = () => void flushed.push(part);
    return peer;
  });
  const joined = new JoinedMultiplayerPeer(parts);
  joined.sendsAtOnce = false;
  joined.putPacket(Uint8Array.of(1));
  expect(parts.map(({ sendsAtOnce }) => sendsAtOnce)).toEqual([false, false]);
  joined.flush();
  expect(flushed).toEqual([1, 2]);
});
