/** Why a connection has ended, beside the event of its end. Nothing of it goes over the wire. */
import { expect, test } from 'vitest';
import { DisconnectCause, Packet, PacketFlag } from '../../src/enet.ts';
import { bytes, connected, HostWorld, type Node } from './harness.ts';

const causes = (node: Node): unknown[] => node.events.map((event) => event.cause);

test('a goodbye there, this side here', () => {
  const { world, server, client, toServer } = connected();
  toServer.disconnect(42, world.now);
  world.run(2000, 10);
  expect([causes(client), causes(server)]).toEqual([[DisconnectCause.LOCAL], [DisconnectCause.GOODBYE]]);
});

test('packets before the end have no cause', () => {
  const { world, server, toServer } = connected();
  toServer.send(0, new Packet(bytes('x'), PacketFlag.RELIABLE));
  toServer.disconnectLater(0, world.now);
  world.run(2000, 10);
  expect(causes(server)).toEqual([undefined, DisconnectCause.GOODBYE]);
});

test('a remote that stopped answering; one that this side was leaving anyway', () => {
  for (const [leaves, cause] of [
    ['not', DisconnectCause.TIMEOUT],
    ['later', DisconnectCause.LOCAL],
    ['now', DisconnectCause.LOCAL],
  ] as const) {
    const { world, client, toServer } = connected();
    client.path = () => ({ copies: 0 });
    toServer.send(0, new Packet(bytes('x'), PacketFlag.RELIABLE));
    if (leaves === 'later') toServer.disconnectLater(0, world.now);
    if (leaves === 'now') toServer.disconnect(0, world.now);
    world.run(60_000, 50);
    expect(causes(client)).toEqual([cause]);
  }
});

test('both leave at once: each by itself', () => {
  const { world, server, client, toServer, toClient } = connected();
  toServer.disconnect(1, world.now);
  toClient.disconnect(2, world.now);
  world.run(2000, 10);
  expect([causes(client), causes(server)]).toEqual([[DisconnectCause.LOCAL], [DisconnectCause.LOCAL]]);
});

test('nobody answers; the next connection of the slot has its own cause', () => {
  const world = new HostWorld();
  const server = world.add();
  const client = world.add({ peerCount: 1 });
  client.path = () => ({ copies: 0 });
  client.host.connect(server.address, 1, 0);
  world.run(40_000, 50);
  expect(causes(client)).toEqual([DisconnectCause.NO_ANSWER]);
  client.clear();
  client.path = undefined;
  const peer = client.host.connect(server.address, 1, 0);
  world.run(200, 10);
  peer?.disconnect(0, world.now);
  world.run(200, 10);
  expect(causes(client)).toEqual([undefined, DisconnectCause.LOCAL]);
});

test('an answer that is none', () => {
  const world = new HostWorld();
  const server = world.add();
  const client = world.add();
  client.host.connect(server.address, 1, 0);
  client.service();
  world.deliver();
  server.service();
  const answer = server.sent[0]?.bytes;
  if (answer === undefined) throw new Error('no answer');
  // VERIFY_CONNECT without a channel: 4 bytes of datagram header, 4 of command header, 16 before the count.
  const damaged = answer.slice();
  damaged.fill(0, 20, 24);
  client.feed(damaged, server.address);
  client.service();
  expect(causes(client)).toEqual([DisconnectCause.PROTOCOL]);
});

test('the session of an encrypting transport is over; a goodbye that came before counts', () => {
  const { server, client } = connected();
  server.host.sessionEnded(client.address);
  server.service();
  expect(causes(server)).toEqual([DisconnectCause.DTLS]);
  const again = connected();
  again.toServer.disconnect(0, again.world.now);
  again.client.flush();
  again.world.deliver();
  again.server.host.sessionEnded(again.client.address);
  again.server.service();
  expect(causes(again.server)).toEqual([DisconnectCause.GOODBYE]);
});
