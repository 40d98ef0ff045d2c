/** `wss://`: a port of its own with key and certificate, and an HTTPS server of the application. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { TLSOptions } from '../../src/godot/tlsOptions.ts';
import type { WebSocketMultiplayerPeerOptions } from '../../src/websocket/options.ts';
import { type Issued, issue } from '../support/certificates.ts';
import { refused, side, tcp, tidy, until } from './support.ts';

let root: Issued;
let host: Issued;
beforeAll(async () => {
  root = await issue({ name: 'root', ca: true });
  host = await issue({
    name: 'game.example',
    issuer: root,
    names: [
      { type: 'dns', value: 'game.example' },
      { type: 'ip', value: '127.0.0.1' },
    ],
  });
});

async function secureServer(options: WebSocketMultiplayerPeerOptions = {}) {
  const room = side(options);
  room.peer.handshakeTimeout = 0.5;
  expect(room.peer.createServer(0, '127.0.0.1', TLSOptions.server(host.key, host.certificate))).toBe(0);
  expect(await room.peer.whenListening()).toBe(0);
  return { ...room, url: `wss://127.0.0.1:${room.peer.localPort}` };
}

test.each([
  ['who trusts its authority', () => TLSOptions.client(root.certificate)],
  ['who asks for another of its names', () => TLSOptions.client(root.certificate, 'game.example')],
  ['who does not ask for the name', () => TLSOptions.clientUnsafe(root.certificate)],
  ['who does not ask at all', () => TLSOptions.clientUnsafe()],
])('a client joins %s', async (_, tls) => {
  const room = await secureServer();
  const player = side();
  expect(player.peer.createClient(room.url, tls())).toBe(0);
  await until([room.peer, player.peer], () => player.signals.length > 0 && room.signals.length > 0);
  player.peer.putPacket(Uint8Array.of(1, 2));
  await until([room.peer], () => room.peer.getAvailablePacketCount() > 0);
  expect([...room.peer.getPacket()]).toEqual([1, 2]);
  expect(room.peer.metrics().halfOpen).toBe(0);
});

test.each([
  ['an authority that it does not trust', () => null],
  ['another name than the one it asks for', () => TLSOptions.client(root.certificate, 'other.example')],
])('a client does not join with %s', async (_, tls) => {
  const room = await secureServer();
  const player = side();
  expect(player.peer.createClient(room.url, tls())).toBe(0);
  await until([room.peer, player.peer], () => player.peer.getConnectionStatus() === 0);
  expect([player.peer.disconnectCause, room.signals]).toEqual(['PROTOCOL', []]);
});

describe('a port with TLS', () => {
  test('has the deadline for handshakes that stand still, and refuses what is no TLS', async () => {
    const room = await secureServer();
    const still = tcp(room.peer.localPort);
    const plain = tcp(room.peer.localPort);
    plain.socket.write('GET / HTTP/1.1\r\n\r\n');
    await Promise.all([still.closed, plain.closed]);
    const counts = refused(room);
    expect((counts.HANDSHAKE_INVALID ?? 0) + (counts.HANDSHAKE_TIMEOUT ?? 0)).toBeGreaterThanOrEqual(2);
    await until([room.peer], () => room.peer.metrics().halfOpen === 0);
  });

  /** Whether the server shakes hands with a client, which is when it signs. */
  async function isSigning(port: number): Promise<boolean> {
    const socket = tidy(closable(connect({ port, host: '127.0.0.1', rejectUnauthorized: false })));
    return await new Promise((resolve) => {
      socket.on('secureConnect', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
    });
  }
  const closable = (socket: TLSSocket) => Object.assign(socket, { close: () => void socket.destroy() });
  const burst = { connectsPerSec: 0.001, connectBurst: 2 };
  const burstPerAddress = { connectsPerSecPerAddress: 0.001, connectBurstPerAddress: 2 };

  test.each<[string, WebSocketMultiplayerPeerOptions, boolean[], object]>([
    ['deny', { deny: ['127.0.0.1'] }, [false], { ADDRESS_DENIED: 1 }],
    ['allow', { allow: ['10.0.0.0/8'] }, [false], { ADDRESS_NOT_ALLOWED: 1 }],
    ['the rate', { limits: burst }, [true, true, false, false], { CONNECT_RATE: 2 }],
    ['the rate of an address', { limits: burstPerAddress }, [true, true, false], { CONNECT_RATE_ADDRESS: 1 }],
    [
      'the rate, behind a proxy',
      { clientAddress: () => '10.0.0.1', limits: burst },
      [true, true, false],
      { CONNECT_RATE: 1 },
    ],
  ])('signs nothing for whom %s keeps out', async (_, options, signed, counts) => {
    const room = await secureServer(options);
    const seen: boolean[] = [];
    for (const _one of signed) seen.push(await isSigning(room.peer.localPort));
    expect([seen, refused(room)]).toEqual([signed, counts]);
  });

  test('signs nothing when it is full', async () => {
    const room = await secureServer({ limits: { maxPeers: 1 } });
    const player = side();
    player.peer.createClient(room.url, TLSOptions.client(root.certificate));
    await until([room.peer, player.peer], () => player.signals.length > 0);
    expect([await isSigning(room.peer.localPort), refused(room)]).toEqual([false, { HOST_FULL: 1 }]);
  });

  test('with a key that is none: ERR_CANT_CREATE, and nothing is open', () => {
    const room = side();
    expect(room.peer.createServer(0, '127.0.0.1', TLSOptions.server('nonsense', 'nonsense'))).toBe(20);
    expect(room.peer.getConnectionStatus()).toBe(0);
    expect(room.lines.length).toBeGreaterThan(1);
  });

  test('options of the other side are refused', () => {
    const room = side();
    expect(room.peer.createServer(0, '*', TLSOptions.client())).toBe(31);
    expect(room.peer.createClient('wss://x', TLSOptions.server(host.key, host.certificate))).toBe(31);
  });
});

test('an HTTPS server of the application', async () => {
  const https = createServer({ key: host.key, cert: host.certificate });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  tidy({ close: () => void https.close() });
  const room = side();
  expect(room.peer.createServerOn(https)).toBe(0);
  const player = side();
  player.peer.createClient(
    `wss://127.0.0.1:${(https.address() as AddressInfo).port}/`,
    TLSOptions.client(root.certificate),
  );
  await until([room.peer, player.peer], () => player.signals.length > 0 && room.signals.length > 0);
});
