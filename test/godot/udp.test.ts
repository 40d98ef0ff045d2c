/** The Node entry over real sockets of the loopback interface. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { ENetConnection as RoomsConnection } from '../../src/godot/ENetConnection.ts';
import { ENetConnection, ENetPacketPeer } from '../../src/godot.ts';
import { nodeRuntime } from '../../src/node/nodeRuntime.ts';
import { bytes, text } from './support.ts';

const open: ENetConnection[] = [];

function connection(): ENetConnection {
  const made = new ENetConnection();
  open.push(made);
  return made;
}

afterEach(() => {
  for (const made of open.splice(0)) made.destroy();
});

async function echo(server: ENetConnection): Promise<void> {
  for await (const [type, peer, , channel] of server) {
    if (type !== ENetConnection.EVENT_RECEIVE) continue;
    const flags = peer.getPacketFlags();
    peer.send(channel, peer.getPacket(), flags);
  }
}

const IPV4_LOOPBACK = '127.0.0.1';
const IPV6_LOOPBACK = '0:0:0:0:0:0:0:1';
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

test.for([
  ['127.0.0.1', '127.0.0.1', [IPV4_LOOPBACK]],
  ['::1', '::1', [IPV6_LOOPBACK]],
  ['*', '127.0.0.1', [IPV4_LOOPBACK]],
  // Which of the two a name gives is up to the system.
  ['*', 'localhost', [IPV4_LOOPBACK, IPV6_LOOPBACK]],
] as const)('an echo over a host bound to %s, reached as %s', async ([bind, address, shown], { skip }) => {
  skip(bind === '::1' && !hasIpv6, 'this system has no IPv6 loopback');
  const server = connection();
  expect(server.createHostBound(bind, 0, 8)).toBe(0);
  const serving = echo(server);
  const client = connection();
  expect(client.createHost(1)).toBe(0);
  const peer = client.connectToHost(address, server.getLocalPort(), 2, 42);
  expect(peer?.getState()).toBe(ENetPacketPeer.STATE_CONNECTING);
  const large = Uint8Array.from({ length: 100_000 }, (_, index) => index * 31);
  const got: Uint8Array[] = [];
  for await (const [type, from, data] of client) {
    expect(from).toBe(peer);
    if (type === ENetConnection.EVENT_CONNECT) {
      expect(data).toBe(0);
      expect(from.send(0, bytes('small'), ENetPacketPeer.FLAG_RELIABLE)).toBe(0);
      expect(from.send(0, large, ENetPacketPeer.FLAG_RELIABLE)).toBe(0);
    } else if (type === ENetConnection.EVENT_RECEIVE) {
      got.push(from.getPacket());
      if (got.length === 2) from.peerDisconnect(7);
    } else {
      break;
    }
  }
  expect(text(got[0] ?? bytes(''))).toBe('small');
  expect(got[1]).toEqual(large);
  expect(shown).toContain(peer?.getRemoteAddress());
  server.destroy();
  await serving;
});

test('polling works too, and a taken port gives ERR_CANT_CREATE', async () => {
  const server = connection();
  server.createHostBound('127.0.0.1', 0, 2);
  expect(connection().createHostBound('127.0.0.1', server.getLocalPort())).toBe(20);
  const client = connection();
  client.createHost(1);
  client.connectToHost('127.0.0.1', server.getLocalPort());
  const types: number[] = [];
  for (let turn = 0; turn < 2000 && types.length < 2; turn++) {
    for (const host of [server, client]) {
      const [type] = host.service();
      if (type !== 0) types.push(type);
    }
    await new Promise(setImmediate);
  }
  expect(types).toEqual([1, 1]);
});

test('socketSend reaches a plain UDP socket', async () => {
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sender = connection();
  sender.createHostBound('127.0.0.1', 0);
  const arrived = once(receiver, 'message');
  sender.socketSend('127.0.0.1', receiver.address().port, bytes('raw'));
  const [message, from] = (await arrived) as [Buffer, { port: number }];
  expect(message.toString()).toBe('raw');
  expect(from.port).toBe(sender.getLocalPort());
  receiver.close();
});

test('instanceof: connections made inside the package are instances, strangers and subclasses are not', () => {
  class Special extends ENetConnection {}
  const bare = new RoomsConnection({ runtime: nodeRuntime });
  expect(bare instanceof ENetConnection).toBe(true);
  expect(connection() instanceof ENetConnection).toBe(true);
  expect(connection() instanceof RoomsConnection).toBe(true);
  expect(new Special() instanceof Special).toBe(true);
  expect(new Special() instanceof ENetConnection).toBe(true);
  expect(connection() instanceof Special).toBe(false);
  expect(bare instanceof Special).toBe(false);
  const stranger: unknown = {};
  expect(stranger instanceof ENetConnection).toBe(false);
});
