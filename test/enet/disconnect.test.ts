/** enet-protocol 7 and 8: the end of a connection, events, service and flush. */
import { describe, expect, test, vi } from 'vitest';
import { HostRecord } from '../../src/enet/state/hostRecord.ts';
import { Packet, PacketFlag, type Peer, PeerState } from '../../src/enet.ts';
import { be, bytes, connected, HostWorld } from './harness.ts';

const { RELIABLE, NONE } = PacketFlag;
const word = (text: string, flags: number = RELIABLE): Packet => new Packet(bytes(text), flags);

describe('7.2 and 7.3: leaving', () => {
  test('7.2 disconnect: DISCONNECT with the data there, with 0 here, once', () => {
    const { world, server, client, toServer } = connected();
    toServer.disconnect(42, world.now);
    expect(toServer.state).toBe(PeerState.DISCONNECTING);
    world.run(2000, 10);
    expect(client.log).toEqual(['DISCONNECT 0']);
    expect(server.log).toEqual(['DISCONNECT 42']);
    expect(client.host.connectedPeerCount + server.host.connectedPeerCount).toBe(0);
  });

  test('7.2 disconnect drops what is queued', () => {
    const { world, server, toServer } = connected();
    toServer.send(0, word('x'));
    toServer.disconnect(1, world.now);
    expect(toServer.outgoingBytes).toBe(64);
    world.settle();
    expect(server.log).toEqual(['DISCONNECT 1']);
  });

  test('7.2 disconnect in ACKNOWLEDGING_CONNECT: one 44 DISCONNECT, the client reports its data', () => {
    const world = new HostWorld();
    const server = world.add();
    const client = world.add();
    client.host.connect(server.address, 1, 0);
    client.service();
    world.deliver();
    server.service();
    world.deliver();
    const [peer] = [...server.host.peers()];
    peer?.disconnect(8, world.now);
    server.drain();
    expect(server.hex.at(-1)?.slice(4)).toBe('44ff000200000008');
    client.service();
    world.settle();
    expect(client.log).toEqual(['CONNECT 0', 'DISCONNECT 8']);
    expect([...server.host.peers()]).toEqual([]);
    expect(server.events).toEqual([]);
  });

  test('7.2 disconnect does nothing in DISCONNECTED and DISCONNECTING', () => {
    const { world, client, toServer } = connected();
    toServer.disconnect(1, world.now);
    client.service();
    client.clear();
    toServer.disconnect(2, world.now);
    toServer.disconnectLater(2, world.now);
    client.flush();
    expect(client.sent).toEqual([]);
    toServer.reset();
    toServer.disconnect(3, world.now);
    toServer.disconnectNow(3, world.now);
    client.flush();
    expect(client.sent).toEqual([]);
  });

  test('7.2 disconnectNow: at once, no event here, the data there', () => {
    const { world, server, client, toServer } = connected();
    toServer.send(0, word('lost'));
    toServer.disconnectNow(6, world.now);
    client.drain();
    expect(toServer.state).toBe(PeerState.DISCONNECTED);
    world.settle();
    expect(client.events).toEqual([]);
    expect(server.log).toEqual(['DISCONNECT 6']);
  });

  test('7.2 disconnectNow in DISCONNECTING sends nothing more', () => {
    const { world, client, toServer } = connected();
    toServer.disconnect(1, world.now);
    toServer.disconnectNow(1, world.now);
    client.drain();
    world.settle();
    expect(client.sent).toEqual([]);
    expect(toServer.state).toBe(PeerState.DISCONNECTED);
  });

  test('7.2 reset: nobody is told, the other side times out', () => {
    const { world, server, client, toServer } = connected();
    toServer.reset();
    world.run(40_000, 50);
    expect(client.sent).toEqual([]);
    expect(client.events).toEqual([]);
    expect(server.log).toEqual(['DISCONNECT 0']);
  });

  test('7.3 a lost acknowledgement of DISCONNECT is not repeated; the initiator gives up later', () => {
    const { world, server, client, toServer } = connected();
    server.path = () => ({ copies: 0 });
    toServer.disconnect(3, world.now);
    world.run(100, 1);
    expect(server.log).toEqual(['DISCONNECT 3']);
    server.path = undefined;
    server.clear();
    world.run(40_000, 10);
    expect(server.sent).toEqual([]);
    expect(client.log).toEqual(['DISCONNECT 0']);
  });

  test('7.3 both sides at once: both report the data of the other', () => {
    const { world, server, client, toServer, toClient } = connected();
    toServer.disconnect(1, world.now);
    toClient.disconnect(2, world.now);
    client.flush();
    server.flush();
    world.settle();
    expect([client.log, server.log]).toEqual([['DISCONNECT 2'], ['DISCONNECT 1']]);
  });

  test('7.3 disconnectLater waits until everything is sent and acknowledged', () => {
    const { world, server, client, toServer } = connected();
    for (let i = 0; i < 100; i++) toServer.send(0, new Packet(new Uint8Array(1300), RELIABLE));
    toServer.disconnectLater(9, world.now);
    expect(toServer.state).toBe(PeerState.DISCONNECT_LATER);
    expect(toServer.send(0, word('x'))).toBe(false);
    expect(client.host.connectedPeerCount).toBe(1);
    client.path = (_sent, index) => ({ copies: index % 3 === 0 ? 0 : 1 });
    world.run(5000, 5);
    expect(server.log.length).toBe(101);
    expect(server.log.at(-1)).toBe('DISCONNECT 9');
    expect(client.log).toEqual(['DISCONNECT 0']);
  });

  test('7.3 disconnectLater with only unreliable packets queued', () => {
    const { world, server, client, toServer } = connected();
    toServer.send(0, word('u', NONE));
    toServer.disconnectLater(9, world.now);
    world.run(200, 1);
    expect(client.hex[0]).toBe('0000' + '0700000000010001' + '75');
    expect(client.hex[1]?.slice(8, 12)).toBe('84ff');
    expect(server.log).toEqual(['RECEIVE 0 0 u', 'DISCONNECT 9']);
    expect(client.log).toEqual(['DISCONNECT 0']);
  });

  test('7.2 disconnectLater with nothing queued is disconnect', () => {
    const { world, toServer } = connected();
    toServer.disconnectLater(9, world.now);
    expect(toServer.state).toBe(PeerState.DISCONNECTING);
  });

  test('7.3 in DISCONNECT_LATER packets are acknowledged, not delivered, also those already dispatched', () => {
    const { world, server, client, toServer, toClient } = connected();
    toServer.send(0, word('a'));
    toServer.send(0, word('b'));
    client.flush();
    world.deliver();
    const first = server.host.service(world.now);
    expect(first?.bytes).toEqual(bytes('a'));
    server.path = () => ({ copies: 0 });
    toClient.send(1, word('x'));
    toClient.disconnectLater(1, world.now);
    toServer.send(0, word('c'));
    client.flush();
    world.deliver();
    server.service();
    expect(server.events).toEqual([]);
    expect(server.hex.join('')).toContain('010000030003');
  });
});

describe('7.4 to 7.6', () => {
  test('7.4 packets that were complete before the DISCONNECT are handed out before its event (C loses them)', () => {
    const { world, server, client, toServer } = connected();
    for (const letter of ['a', 'b', 'c']) toServer.send(0, word(letter));
    client.flush();
    toServer.disconnect(1, world.now);
    client.flush();
    world.deliver();
    server.service();
    expect(server.texts).toEqual(['a', 'b', 'c']);
    expect(server.log.at(-1)).toBe('DISCONNECT 1');
    expect(server.log).toHaveLength(4);
    expect([...server.host.peers()]).toEqual([]);
    world.run(1000);
    expect(client.log).toEqual(['DISCONNECT 0']);
  });

  test('7.4 a packet that still misses something is dropped with the connection', () => {
    const { world, server, client, toServer } = connected();
    client.path = (_sent, index) => ({ copies: index === 0 ? 0 : 1 });
    toServer.send(0, word('a'));
    client.flush();
    toServer.send(0, word('b'));
    client.flush();
    toServer.disconnect(1, world.now);
    client.flush();
    world.deliver();
    server.service();
    expect(server.log).toEqual(['DISCONNECT 1']);
  });

  test('7.4 no datagram is processed while events wait', () => {
    const { world, server, client, toServer } = connected();
    toServer.send(0, word('a'));
    toServer.send(0, word('b'));
    client.flush();
    world.deliver();
    expect(server.host.service(world.now)?.bytes).toEqual(bytes('a'));
    toServer.disconnect(1, world.now);
    client.flush();
    world.deliver();
    expect(server.host.service(world.now)?.bytes).toEqual(bytes('b'));
    server.service();
    expect(server.log).toEqual(['DISCONNECT 1']);
  });

  test('7.4 W2 a DISCONNECT that wants an acknowledgement without sentTime does not keep the slot', () => {
    const { server, client } = connected();
    server.feed('0000 84ff0009 00000007', client.address);
    server.service();
    expect(server.log).toEqual(['DISCONNECT 7']);
    expect([...server.host.peers()]).toEqual([]);
  });

  test('7.4 a repeated DISCONNECT in one datagram is acknowledged twice and reported once', () => {
    const { server, client } = connected();
    server.feed('80001111 84ff0009 00000007 84ff0009 00000008', client.address);
    server.service();
    expect(server.log).toEqual(['DISCONNECT 7']);
    expect(server.hex).toEqual([`0000${'01ff000900091111'.repeat(2)}`]);
  });

  test('7.5 a ZOMBIE takes and sends nothing until its event is fetched', () => {
    const { world, server, client, toServer, toClient } = connected();
    toServer.disconnectNow(5, world.now);
    client.drain();
    world.deliver();
    const other = world.add({ random32: () => 9 });
    other.host.connect(server.address, 1, 0);
    other.service();
    world.deliver();
    // flush does not dispatch, so the state can be seen between the phases.
    server.host.service(world.now);
    expect(toClient.state).toBe(PeerState.DISCONNECTED);
  });

  test('7.6 reset restores the defaults, keeps the sessions, and a slot is used again', () => {
    const { world, server, client, toServer } = connected();
    toServer.setPingInterval(77);
    toServer.setTimeout(1, 2, 3);
    toServer.throttleConfigure(9, 9, 9);
    world.settle();
    const generation = toServer.generation;
    toServer.reset();
    server.host.peer(0)?.reset();
    const again = client.host.connect(server.address, 2, 0);
    expect(again).toBe(toServer);
    expect(again?.generation).toBe(generation + 1);
    expect([again?.rttMs, again?.throttleIntervalMs, again?.throttle, again?.outgoingBytes]).toEqual([
      500, 5000, 32, 64,
    ]);
    client.clear();
    world.settle();
    expect(client.hex[0]?.slice(20, 24)).toBe('0000');
    world.settle();
    expect(client.log.at(-1)).toBe('CONNECT 0');
  });

  test('7.6 reset restores every value of 0.3', () => {
    const snapshot = (peer: Peer): Record<string, unknown> => ({
      state: peer.state,
      channelCount: peer.channelCount,
      mtuBytes: peer.mtuBytes,
      rttMs: peer.rttMs,
      rttVarianceMs: peer.rttVarianceMs,
      lastRttMs: peer.lastRttMs,
      lastRttVarianceMs: peer.lastRttVarianceMs,
      packetLoss: peer.packetLoss,
      packetLossVariance: peer.packetLossVariance,
      packetLossEpoch: peer.packetLossEpoch,
      throttle: peer.throttle,
      throttleLimit: peer.throttleLimit,
      throttleCounter: peer.throttleCounter,
      throttleEpoch: peer.throttleEpoch,
      throttleAcceleration: peer.throttleAcceleration,
      throttleDeceleration: peer.throttleDeceleration,
      throttleIntervalMs: peer.throttleIntervalMs,
      reliableBytesInTransit: peer.reliableBytesInTransit,
      windowSizeBytes: peer.windowSizeBytes,
      outgoingBytes: peer.outgoingBytes,
      waitingBytes: peer.waitingBytes,
      remoteIncomingBandwidth: peer.remoteIncomingBandwidth,
      remoteOutgoingBandwidth: peer.remoteOutgoingBandwidth,
    });
    const { world, server, client, toServer } = connected({
      client: { outgoingBandwidth: 200_000 },
      server: { mtuBytes: 600, incomingBandwidth: 100_000, outgoingBandwidth: 70_000 },
    });
    toServer.throttleConfigure(9, 9, 9);
    client.path = (_sent, index) => ({ copies: index % 2 });
    for (let i = 0; i < 200; i++) {
      toServer.send(0, word('x'.repeat(500)));
      toServer.send(1, word('y', NONE));
      world.run(70, 5);
    }
    server.feed('00000c000001000100010000000200000000000000020000000061', client.address);
    server.service();
    const [used, toClient] = [snapshot(toServer), server.host.peer(0)];
    toServer.reset();
    const fresh = new HostWorld().add({ outgoingBandwidth: 200_000 }).host;
    const unused = fresh.connect(server.address, 1, 0);
    unused?.reset();
    if (unused === undefined || toClient === undefined) throw new Error('no peer');
    expect(snapshot(toServer)).toEqual(snapshot(unused));
    const same = Object.keys(used).filter((key) => used[key] === snapshot(unused)[key]);
    // The traffic has changed nearly all of them, so that the comparison means something.
    expect(same.length).toBeLessThan(8);
    toClient.reset();
    expect({ ...snapshot(toClient), mtuBytes: 0 }).toEqual({ ...snapshot(unused), mtuBytes: 0 });
  });

  test('7.6 a slot that was reset with packets waiting gives the next connection nothing of them', () => {
    const { world, server, client, toServer, toClient } = connected();
    for (const text of ['a', 'b', 'c']) toServer.send(0, word(text));
    client.flush();
    world.deliver();
    expect(server.host.service(world.now)?.bytes).toEqual(bytes('a'));
    toClient.reset();
    toServer.reset();
    expect(toClient.waitingBytes).toBe(0);
    client.host.connect(server.address, 2, 1);
    world.settle();
    expect(server.log).toEqual(['CONNECT 1']);
    toServer.send(0, word('new'));
    world.settle();
    expect(server.log).toEqual(['CONNECT 1', 'RECEIVE 0 1 new']);
  });

  test('12.2 J exactly one DISCONNECT per CONNECT, whatever happens', () => {
    const { world, server, client, toServer } = connected();
    toServer.disconnect(1, world.now);
    client.flush();
    client.flush();
    world.run(100, 1);
    server.feed(`2000 44ff0009 00000001`, client.address);
    world.run(40_000, 100);
    expect(server.log).toEqual(['DISCONNECT 1']);
    expect(client.log).toEqual(['DISCONNECT 0']);
  });
});

describe('8 service', () => {
  test('8.1 one event per call; the acknowledgements of a CONNECT go out with the next call', () => {
    const world = new HostWorld();
    const server = world.add();
    const client = world.add();
    client.host.connect(server.address, 1, 0);
    client.service();
    world.deliver();
    server.service();
    world.deliver();
    client.clear();
    expect(client.host.service(world.now)?.type).toBe(1);
    client.drain();
    expect(client.sent).toEqual([]);
    expect(client.host.service(world.now)).toBeUndefined();
    client.drain();
    expect(client.sent.length).toBe(1);
  });

  test('8.2 more datagrams than a receive phase reads are read by the same service', () => {
    const { server, client } = connected();
    for (let i = 1; i <= 1000; i++) server.feed(`0000 49000000${be(i, 2)}0000`, client.address);
    expect(server.service().length).toBe(1000);
    expect(server.host.nextWakeup(server.world.now)).toBeGreaterThan(0);
  });

  test('8.4 peers are served in turn, one packet each', () => {
    const world = new HostWorld();
    const server = world.add();
    const clients = [world.add({ random32: () => 1 }), world.add({ random32: () => 2 })];
    for (const client of clients) client.host.connect(server.address, 1, 0);
    world.settle();
    server.clear();
    for (const [i, client] of clients.entries()) {
      for (const text of ['1', '2', '3']) [...client.host.peers()][0]?.send(0, word(`${i}${text}`));
      client.flush();
    }
    world.deliver();
    server.service();
    expect(server.texts).toEqual(['01', '11', '02', '12', '03', '13']);
  });

  test('8.4 checkEvents hands out what waits, without the network', () => {
    const { world, server, client, toServer } = connected();
    toServer.send(0, word('a'));
    toServer.send(0, word('b'));
    client.flush();
    world.deliver();
    expect(server.host.checkEvents(world.now)).toBeUndefined();
    server.host.service(world.now);
    toServer.send(0, word('c'));
    client.flush();
    world.deliver();
    expect(server.host.checkEvents(world.now)?.bytes).toEqual(bytes('b'));
    expect(server.host.checkEvents(world.now)).toBeUndefined();
  });

  test('8.5 flush evaluates no timeout; counters count what is on the wire', () => {
    const { world, client, toServer } = connected();
    client.host.popStatistic('totalSentData');
    client.host.popStatistic('totalSentPackets');
    client.path = () => ({ copies: 0 });
    toServer.send(0, word('x'));
    client.flush();
    world.skip(60_000);
    client.flush();
    expect(client.sent.length).toBe(1);
    expect(client.host.statistics).toMatchObject({ totalSentPackets: 1, totalSentData: 11 });
    expect(client.host.popStatistic('totalSentData')).toBe(11);
    expect(client.host.statistics.totalSentData).toBe(0);
  });

  test('8.6 broadcast reaches every connected peer and nobody else', () => {
    const world = new HostWorld();
    const server = world.add();
    const clients = [1, 2, 3].map((n) => world.add({ random32: () => n }));
    for (const client of clients) client.host.connect(server.address, 1, 0);
    world.settle();
    for (const client of clients) client.clear();
    server.events[1]?.peer.disconnectLater(0, world.now);
    server.host.broadcast(0, word('all'));
    world.settle();
    expect(clients.map((client) => client.texts)).toEqual([['all'], [], ['all']]);
  });

  test('8.7 ping queues a PING only when CONNECTED; 0 means the default', () => {
    const { world, client, toServer } = connected();
    toServer.setPingInterval(0);
    toServer.setTimeout(0, 0, 0);
    toServer.ping();
    client.flush();
    expect(client.hex[0]).toContain('85ff');
    toServer.disconnect(0, world.now);
    client.flush();
    client.clear();
    toServer.ping();
    client.flush();
    expect(client.sent).toEqual([]);
  });

  test('8.7 a host has 1 to 4095 slots', () => {
    for (const peerCount of [0, 4096, 1.5, Number.NaN, -1]) {
      expect(() => new HostWorld().add({ peerCount })).toThrow(RangeError);
    }
    expect(new HostWorld().add({ peerCount: 4095 }).host.peerCount).toBe(4095);
  });
});

describe('the cost of a tick', () => {
  test('follows the active peers, not the table and not the connected ones', () => {
    const world = new HostWorld();
    const server = world.add({ peerCount: 4095 });
    const clients = Array.from({ length: 150 }, (_, i) => world.add({ peerCount: 1, random32: () => i }));
    for (const client of clients) client.host.connect(server.address, 1, 0);
    for (let i = 0; i < 5; i++) world.step();
    world.run(1100, 100);
    for (let i = 0; i < 5; i++) world.step();
    expect(server.host.connectedPeerCount).toBe(150);
    // Every visit of a peer goes through this method.
    const visits = vi.spyOn(HostRecord.prototype, 'record');
    try {
      world.skip(1);
      server.host.service(world.now);
      expect(visits.mock.calls.length).toBe(0);
      for (const client of clients.slice(0, 3)) {
        [...client.host.peers()][0]?.send(0, word('x'));
        client.flush();
      }
      visits.mockClear();
      world.deliver();
      server.service();
      // Each of the three: once for its acknowledgement.
      expect(visits.mock.calls.length).toBe(3);
    } finally {
      visits.mockRestore();
    }
  });
});
