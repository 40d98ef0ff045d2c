/** docs/guide/which-class.md: pairs that do not understand each other, over UDP on this machine, and what becomes of them. */
import { afterEach, expect, test } from 'vitest';
import { ENetMultiplayerPeer, GodotThreeMultiplayerPeer, type MultiplayerPeer } from '../../src/godot.ts';
import { ENetClient, ENetServer } from '../../src/server.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';

expectDiagnoses('pairs that do not fit are what is tested');

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

type Peer = ENetMultiplayerPeer | GodotThreeMultiplayerPeer;

/** A peer that runs by itself, and what it says. */
function running<P extends Peer>(make: (options: { onWake: () => void }) => P): { peer: P; told: string[] } {
  const told: string[] = [];
  const take = (): void => {
    peer.poll();
    while (peer.getAvailablePacketCount() > 0)
      told.push(`packet ${Buffer.from(peer.getPacket()).toString('hex')}`);
  };
  const peer = make({ onWake: take });
  const signals: MultiplayerPeer = peer;
  signals.on('peerConnected', (id) => told.push(`+${id}`));
  signals.on('peerDisconnected', (id) => told.push(`-${id}`));
  ends.push(() => peer.close());
  return { peer, told };
}
const CONNECTED = 2;
const DISCONNECTED = 0;

test.each([
  [ENetServer.AUTH_NONE, [1, 2, 3], []],
  [ENetServer.AUTH_PRELOGIN_ONLY, [1, 2, 3], ['Invalid authentication packet format']],
  [ENetServer.AUTH_PRELOGIN_ONLY, undefined, ['Authentication timeout']],
] as const)(
  'ENetMultiplayerPeer at an ENetServer in mode %i, which sends %j',
  async (mode, bytes, reasons) => {
    const server = new ENetServer({ bindAddress: '127.0.0.1' });
    ends.push(() => server.stopServer());
    server.setAuthenticationMode(mode);
    server.setAuthenticationTimeout(0.5);
    const left: string[] = [];
    let isIn = false;
    server.on('peerConnecting', () => {
      isIn = true;
    });
    server.on('peerDisconnected', (_peer, reason) => left.push(reason));
    expect(server.createServer(0)).toBe(0);
    const { peer } = running((options) => new ENetMultiplayerPeer(options));
    expect(peer.createClient('127.0.0.1', server.getLocalPort())).toBe(0);
    await expect.poll(() => peer.getConnectionStatus()).toBe(CONNECTED);
    await expect.poll(() => isIn).toBe(true);
    if (bytes !== undefined) peer.putPacket(Uint8Array.from(bytes));
    await expect.poll(() => left, { timeout: 3000 }).toEqual(reasons);
    if (reasons.length === 0) expect(peer.getConnectionStatus()).toBe(CONNECTED);
    else await expect.poll(() => peer.getConnectionStatus()).toBe(DISCONNECTED);
  },
);

test('ENetClient at an ENetMultiplayerPeer is refused, and nobody is announced', async () => {
  const { peer: server, told } = running((options) => new ENetMultiplayerPeer(options));
  server.setBindIp('127.0.0.1');
  expect(server.createServer(0)).toBe(0);
  const client = new ENetClient();
  ends.push(() => client.disconnectFromServer('', 0));
  const ended = new Promise((resolve) => {
    client.on('disconnectedFromServer', resolve);
    client.on('connectionFailed', resolve);
  });
  expect(client.connectToServer('127.0.0.1', server.host?.getLocalPort() ?? 0)).toBe(0);
  await ended;
  expect(told).toEqual([]);
});

test.each([
  ['a client of Godot 3 at a server of Godot 4', GodotThreeMultiplayerPeer, ENetMultiplayerPeer],
  ['a client of Godot 4 at a server of Godot 3', ENetMultiplayerPeer, GodotThreeMultiplayerPeer],
] as const)('%s is connected, and no packet arrives as it was', async (_name, Client, Server) => {
  const { peer: server, told: atServer } = running((options): Peer => new Server(options));
  server.setBindIp('127.0.0.1');
  expect(server.createServer(0)).toBe(0);
  const { peer: client, told: atClient } = running((options): Peer => new Client(options));
  expect(client.createClient('127.0.0.1', server.host?.getLocalPort() ?? 0)).toBe(0);
  await expect.poll(() => [atServer.length, atClient]).toEqual([1, ['+1']]);
  expect(atServer[0]).toMatch(/^\+\d+$/);
  client.putPacket(Uint8Array.of(1, 2, 3));
  server.putPacket(Uint8Array.of(4, 5, 6));
  // What Godot 3 sends has eight bytes in front; what Godot 4 sends is too short for them.
  const [atFour, atThree] = Client === ENetMultiplayerPeer ? [atClient, atServer] : [atServer, atClient];
  await expect.poll(() => atFour).toHaveLength(2);
  expect(atFour[1]).toMatch(/^packet [0-9a-f]{16}(010203|040506)$/);
  expect(atThree).toHaveLength(1);
});
