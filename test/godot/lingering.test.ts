/** What was sent before `close()` still arrives, when the option `lingerMs` says so. */
import { describe, expect, test } from 'vitest';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import { createCompressor } from '../../src/io/compression.ts';
import { ENetClient } from '../../src/server/ENetClient.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { createWorld } from '../server/world.ts';
import { CLIENT_IP, SERVER_IP } from './support.ts';

const PORT = 7000;
const WORDS = 200;

describe.each([
  ['ENetMultiplayerPeer', ENetMultiplayerPeer],
  ['GodotThreeMultiplayerPeer', GodotThreeMultiplayerPeer],
] as const)('%s', (_name, Class) => {
  /** A pair, one side of which sends more than one round trip can carry and closes. */
  function closing(who: 'server' | 'client', lingerMs: number | undefined) {
    const network = new SimNetwork({ latencyMs: 50 });
    const make = (ip: string): ENetMultiplayerPeer =>
      // What both have in common is all that is used here.
      new (Class as typeof ENetMultiplayerPeer)({
        runtime: network.createRuntime(ip),
        createCompressor,
        ...(lingerMs === undefined ? {} : { lingerMs }),
      });
    const peers = { server: make(SERVER_IP), client: make(CLIENT_IP) };
    const got = { count: 0 };
    const run = (ms: number): void => {
      for (let passed = 0; passed < ms; passed += 10) {
        network.advance(10);
        for (const peer of Object.values(peers)) {
          if (peer.getConnectionStatus() !== 0) peer.poll();
          while (peer.getAvailablePacketCount() > 0) {
            peer.getPacket();
            got.count++;
          }
        }
      }
    };
    peers.server.createServer(PORT);
    peers.client.createClient(SERVER_IP, PORT);
    run(500);
    expect(peers.client.getConnectionStatus()).toBe(2);
    const leaver = peers[who];
    // Lost on the way, so that it has to be sent again.
    network.lossNext(3);
    for (let index = 0; index < WORDS; index++) expect(leaver.putPacket(new Uint8Array(1000))).toBe(0);
    const other = peers[who === 'server' ? 'client' : 'server'];
    let ended = 0;
    other.on('peerDisconnected', () => ended++);
    leaver.close();
    expect(leaver.getConnectionStatus()).toBe(0);
    return { network, run, got, leaver, other, ended: () => ended };
  }

  test.each(['server', 'client'] as const)('the %s closes: everything arrives, then the end', (who) => {
    const { run, got, ended, leaver } = closing(who, 10_000);
    run(6000);
    expect(got.count).toBe(WORDS);
    if (Class === ENetMultiplayerPeer || who === 'client') expect(ended()).toBe(1);
    // The port is free again.
    if (who === 'server') expect(leaver.createServer(PORT)).toBe(0);
    leaver.close();
  });

  test.each(['server', 'client'] as const)(
    'without the option, the %s ends at once, as Godot does',
    (who) => {
      const { run, got } = closing(who, undefined);
      run(6000);
      expect(got.count).toBeLessThan(WORDS);
    },
  );

  test('it is bounded: the other side is gone', () => {
    const { network, run, leaver } = closing('server', 2000);
    network.partition([SERVER_IP], [CLIENT_IP]);
    run(1900);
    expect(leaver.createServer(PORT)).toBe(20);
    run(200);
    expect(leaver.createServer(PORT)).toBe(0);
    leaver.close();
  });

  test.each([-1, 1.5, 2 ** 31])('lingerMs %s is refused', (lingerMs) => {
    const runtime = new SimNetwork().createRuntime(CLIENT_IP);
    expect(() => new Class({ runtime, lingerMs })).toThrow(RangeError);
    expect(() => new ENetClient({ runtime, lingerMs })).toThrow(RangeError);
  });
});

test('ENetClient: asyncDispose waits for what was sent', async () => {
  const world = createWorld();
  const { client } = world.connect();
  world.net.lossNext(1);
  client.sendPacket('last words');
  let isDisposed = false;
  const disposed = client[Symbol.asyncDispose]().then(() => {
    isDisposed = true;
  });
  await new Promise(setImmediate);
  expect(isDisposed).toBe(false);
  world.net.advance(3000);
  await disposed;
  expect(world.log.some(([name, , packet]) => name === 'packetReceived' && packet === 'last words')).toBe(
    true,
  );
  world.server.stopServer();
});
