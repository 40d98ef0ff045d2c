/** Whoever has a loop of his own is woken by `onWake`, and only when something is due. In virtual time, which counts it. */
import { describe, expect, test } from 'vitest';
import { ConnectionEventType } from '../../src/godot/constants.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { SimNetwork, type SimRuntime } from '../../src/testing.ts';

const IP = '10.0.0.1';
const PORT = 4242;

/** Starts a server that does what is due at each wake. @returns how often it was woken. */
type Start = (runtime: SimRuntime) => () => number;

const startConnection: Start = (runtime) => {
  let wakes = 0;
  const connection: ENetConnection = new ENetConnection({
    runtime,
    onWake: () => {
      wakes++;
      while (connection.service()[0] > ConnectionEventType.EVENT_NONE);
    },
  });
  expect(connection.createHostBound('*', PORT, 4, 2)).toBe(0);
  return () => wakes;
};

const startMultiplayer: Start = (runtime) => {
  let wakes = 0;
  const peer: ENetMultiplayerPeer = new ENetMultiplayerPeer({
    runtime,
    onWake: () => {
      wakes++;
      peer.poll();
    },
  });
  expect(peer.createServer(PORT, 4)).toBe(0);
  return () => wakes;
};

describe.each([
  ['ENetConnection', startConnection],
  ['ENetMultiplayerPeer', startMultiplayer],
])('%s', (_, start) => {
  test('without a peer: one wake at the start, and none in an hour', () => {
    const net = new SimNetwork({ latencyMs: 10 });
    const wakes = start(net.createRuntime(IP));
    net.advance(3_600_000);
    expect(wakes()).toBe(1);
  });

  test('with an idle peer: no wake but for datagrams, and once a second to share the bandwidth', () => {
    const net = new SimNetwork({ latencyMs: 10 });
    const wakes = start(net.createRuntime(IP));
    const client = new ENetMultiplayerPeer({
      runtime: net.createRuntime('10.0.0.2'),
      onWake: () => client.poll(),
    });
    expect(client.createClient(IP, PORT)).toBe(0);
    net.advance(2000);
    const before = wakes();
    let causes = 0;
    net.onDatagram(({ from, fate }) => {
      if (fate === (from.ip === IP ? 'sent' : 'delivered')) causes++;
    });
    net.advance(60_000);
    expect(causes).toBeGreaterThan(100);
    expect(wakes() - before).toBeGreaterThan(50);
    // enet-protocol 6.12: the bandwidth is shared out once a second while somebody is connected.
    expect(wakes() - before).toBeLessThanOrEqual(causes + 60);

    client.close();
    net.advance(10_000);
    const after = wakes();
    net.advance(3_600_000);
    expect(wakes()).toBe(after);
  });
});
