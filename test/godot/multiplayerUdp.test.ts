/** ENetMultiplayerPeer of the Node entry over real sockets of the loopback interface. */
import { afterEach, expect, test } from 'vitest';
import { ENetMultiplayerPeer as RoomsMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import {
  ENetConnection,
  ENetMultiplayerPeer,
  type ENetMultiplayerPeerOptions,
  GodotThreeMultiplayerPeer,
  MultiplayerPeer,
  TLSOptions,
} from '../../src/godot.ts';
import { createSelfSignedCertificate } from '../../src/ops/selfSignedCertificate.ts';
import { bytes, text } from './support.ts';

const open: ENetMultiplayerPeer[] = [];

/** A peer that is polled whenever there is something to do, and closed at the end of the test. */
function player(
  onPoll: (peer: ENetMultiplayerPeer) => void,
  options: ENetMultiplayerPeerOptions = {},
): ENetMultiplayerPeer {
  const peer: ENetMultiplayerPeer = new ENetMultiplayerPeer({
    ...options,
    onWake: () => {
      peer.poll();
      onPoll(peer);
    },
  });
  open.push(peer);
  return peer;
}

/** Waits for the next emission of a signal. */
function next(peer: ENetMultiplayerPeer, signal: 'peerConnected' | 'peerDisconnected'): Promise<number> {
  return new Promise((resolve) => peer.once(signal, (id) => resolve(id)));
}

afterEach(() => {
  for (const peer of open.splice(0)) peer.close();
});

test('the option tls: both ends encrypt; what cannot be used opens nothing', async () => {
  const own = await createSelfSignedCertificate({ names: ['127.0.0.1'] });
  const idle = (): void => undefined;
  const server = player(idle, { tls: TLSOptions.server(own.key, own.certificate) });
  server.setBindIp('127.0.0.1');
  expect(server.createServer(0, 4)).toBe(0);
  const client = player(idle, { tls: TLSOptions.client(own.certificate) });
  expect(client.createClient('127.0.0.1', server.host?.getLocalPort() ?? 0)).toBe(0);
  const id = client.getUniqueId();
  expect(await Promise.all([next(server, 'peerConnected'), next(client, 'peerConnected')])).toEqual([id, 1]);
  expect(server.host?.getDtlsCounters()).toMatchObject({ sessions: 1, completed: 1 });
  const wrong = player(idle, { tls: TLSOptions.client(own.certificate) });
  expect(wrong.createServer(0)).toBe(20);
  expect(wrong.host).toBeNull();
  const three = new GodotThreeMultiplayerPeer({ tls: TLSOptions.client('no certificate') });
  expect(three.createClient('127.0.0.1', 7777)).toBe(20);
  expect(three.createServer(0)).toBe(20);
  const wrongClient = player(idle, { tls: TLSOptions.client('no certificate') });
  expect(wrongClient.createClient('127.0.0.1', 7777)).toBe(20);
});

test.for([
  ['no compression', ENetConnection.COMPRESS_NONE],
  ['range coder', ENetConnection.COMPRESS_RANGE_CODER],
  ['zlib', ENetConnection.COMPRESS_ZLIB],
] as const)('a server and a client, %s: every mode, a large packet, the end', async ([, compression]) => {
  const large = Uint8Array.from({ length: 100_000 }, (_, index) => index * 31);
  const server = player((peer) => {
    while (peer.getAvailablePacketCount() > 0) {
      peer.setTargetPeer(peer.getPacketPeer());
      peer.transferMode = peer.getPacketMode();
      peer.transferChannel = peer.getPacketChannel();
      expect(peer.putPacket(peer.getPacket())).toBe(0);
    }
  });
  server.setBindIp('127.0.0.1');
  expect(server.createServer(0, 4)).toBe(0);
  server.host?.compress(compression);
  const got: (readonly [string, number, number, number])[] = [];
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const client = player((peer) => {
    while (peer.getAvailablePacketCount() > 0) {
      const about = [peer.getPacketPeer(), peer.getPacketChannel(), peer.getPacketMode()] as const;
      const packet = peer.getPacket();
      got.push([packet.length === large.length ? 'large' : text(packet), ...about]);
      if (packet.length === large.length) expect(packet).toEqual(large);
    }
    if (got.length === 4) done();
  });
  expect(client.createClient('127.0.0.1', server.host?.getLocalPort() ?? 0)).toBe(0);
  client.host?.compress(compression);
  const id = client.getUniqueId();
  expect(await Promise.all([next(server, 'peerConnected'), next(client, 'peerConnected')])).toEqual([id, 1]);
  for (const [mode, channel] of [
    [0, 0],
    [1, 3],
    [2, 1],
  ] as const) {
    client.transferMode = mode;
    client.transferChannel = channel;
    expect(client.putPacket(bytes(`mode ${mode}`))).toBe(0);
  }
  expect(client.putPacket(large)).toBe(0);
  await finished;
  expect(got.toSorted(([first], [second]) => first.localeCompare(second))).toEqual([
    ['large', 1, 1, 2],
    ['mode 0', 1, 0, 0],
    ['mode 1', 1, 3, 1],
    ['mode 2', 1, 1, 2],
  ]);
  const gone = next(client, 'peerDisconnected');
  server.close();
  expect(await gone).toBe(1);
  expect([client.getConnectionStatus(), client.getUniqueId()]).toEqual([0, 0]);
});

test('a client by name, and the client that closes', async () => {
  const server = player(() => undefined);
  expect(server.createServer(0, 4)).toBe(0);
  const client = player(() => undefined);
  const joined = next(server, 'peerConnected');
  expect(client.createClient('localhost', server.host?.getLocalPort() ?? 0)).toBe(0);
  await next(client, 'peerConnected');
  const id = client.getUniqueId();
  expect(await joined).toBe(id);
  const gone = next(server, 'peerDisconnected');
  client.close();
  expect(await gone).toBe(id);
});

test('two peers of a mesh', async () => {
  const [one, two] = [new ENetConnection(), new ENetConnection()];
  one.createHostBound('127.0.0.1', 0, 1);
  two.createHost(1);
  two.connectToHost('127.0.0.1', one.getLocalPort());
  // An iteration takes events ahead: what it has not given when it ends must not get lost.
  const first = new ENetMultiplayerPeer();
  const second = new ENetMultiplayerPeer();
  open.push(first, second);
  first.createMesh(10);
  second.createMesh(20);
  const joined = (async () => {
    for await (const [type] of one) if (type === ENetConnection.EVENT_CONNECT) break;
    expect(first.addMeshPeer(20, one)).toBe(0);
    first.putPacket(bytes('hello'));
  })();
  for await (const [type] of two) if (type === ENetConnection.EVENT_CONNECT) break;
  await joined;
  expect(second.addMeshPeer(10, two)).toBe(0);
  while (second.getAvailablePacketCount() === 0) {
    first.poll();
    second.poll();
    await new Promise(setImmediate);
  }
  expect([second.getPacketPeer(), text(second.getPacket())]).toEqual([10, 'hello']);
});

test('instanceof: the classes of the entry are those of the package', () => {
  expect(ENetMultiplayerPeer).toBe(RoomsMultiplayerPeer);
  const peer = player(() => undefined);
  expect(peer).toBeInstanceOf(ENetMultiplayerPeer);
  expect(peer).toBeInstanceOf(MultiplayerPeer);
  peer.createServer(0);
  expect(peer.host).toBeInstanceOf(ENetConnection);
  peer.close();
});
