/** enet-protocol 4: the handshake, one test per clause. */
import { describe, expect, test } from 'vitest';
import {
  type Address,
  DropReason,
  type Host,
  type HostOptions,
  Packet,
  PacketFlag,
  PeerState,
} from '../../src/enet.ts';
import { connectDatagram } from '../server/datagrams.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { be, bytes, connected, HostWorld, hex } from './harness.ts';

expectDiagnoses('clients ask for more channels than there are');

interface ConnectFields {
  remoteId?: number;
  inSession?: number;
  outSession?: number;
  mtu?: number;
  window?: number;
  channels?: number;
  inBandwidth?: number;
  outBandwidth?: number;
  interval?: number;
  acceleration?: number;
  deceleration?: number;
  connectId?: number;
  data?: number;
}

/** A CONNECT datagram with the given fields. */
function connect(fields: ConnectFields = {}): string {
  return `8fff1234 82ff0001${body(fields)}${be(fields.data ?? 0, 4)}`;
}

/** A VERIFY_CONNECT datagram for slot 0. */
function verify(fields: ConnectFields = {}): string {
  return `80001234 83ff0001${body({ remoteId: 5, inSession: 0, outSession: 0, ...fields })}`;
}

function body(fields: ConnectFields): string {
  const {
    remoteId = 0,
    inSession = 0xff,
    outSession = 0xff,
    mtu = 1392,
    window = 65_536,
    channels = 2,
  } = fields;
  const { inBandwidth = 0, outBandwidth = 0, interval = 5000, acceleration = 2, deceleration = 2 } = fields;
  return (
    be(remoteId, 2) +
    be(inSession, 1) +
    be(outSession, 1) +
    [mtu, window, channels, inBandwidth, outBandwidth, interval, acceleration, deceleration]
      .map((value) => be(value, 4))
      .join('') +
    be(fields.connectId ?? 0x44332211, 4)
  );
}

/** The fields of a CONNECT or VERIFY_CONNECT that a host sent. */
function fieldsOf(sent: string | undefined): Required<Omit<ConnectFields, 'data'>> {
  const view = new DataView(hex(sent ?? '').buffer);
  const u32 = (index: number): number => view.getUint32(12 + 4 * index);
  return {
    remoteId: view.getUint16(8),
    inSession: view.getUint8(10),
    outSession: view.getUint8(11),
    mtu: u32(0),
    window: u32(1),
    channels: u32(2),
    inBandwidth: u32(3),
    outBandwidth: u32(4),
    interval: u32(5),
    acceleration: u32(6),
    deceleration: u32(7),
    connectId: u32(8),
  };
}

const stranger = { ip: '10.9.9.9', port: 9 };

function serverThatGot(
  fields: ConnectFields,
  options: Partial<HostOptions> = {},
): { world: HostWorld; server: ReturnType<HostWorld['add']> } {
  const world = new HostWorld();
  const server = world.add(options);
  server.feed(connect(fields), stranger);
  server.service();
  return { world, server };
}

const states = (host: Host): number[] => [...host.peers()].map(({ state }) => state);

describe('4.3 connect', () => {
  test('4.3.1 the channel count is clamped to 1..255', () => {
    const channels = [0, 1, 255, 256, -5].map((count) => {
      const client = new HostWorld().add();
      client.host.connect(stranger, count, 0);
      client.service();
      return fieldsOf(client.hex[0]).channels;
    });
    expect(channels).toEqual([1, 1, 255, 255, 1]);
  });

  test('4.3.2 no free slot: no peer', () => {
    const client = new HostWorld().add({ peerCount: 1 });
    expect(client.host.connect(stranger, 1, 0)).toBeDefined();
    expect(client.host.connect(stranger, 1, 0)).toBeUndefined();
  });

  test.each([
    [0, 65_536],
    [1, 4096],
    [65_535, 4096],
    [131_072, 8192],
    [1_048_575, 61_440],
    [1_048_576, 65_536],
    [0xffffffff, 65_536],
  ])('4.3.4 outgoing bandwidth %d offers a window of %d', (outgoingBandwidth, window) => {
    const client = new HostWorld().add({ outgoingBandwidth });
    client.host.connect(stranger, 1, 0);
    client.service();
    expect(fieldsOf(client.hex[0])).toMatchObject({ window, outBandwidth: outgoingBandwidth });
  });

  test('4.3 nobody answers: 0, 500, 1500, 3500, 7500, 15500 ms, DISCONNECT with data 0 at 31,500 ms', () => {
    const world = new HostWorld();
    const client = world.add();
    client.host.connect(stranger, 1, 7);
    client.service();
    const start = world.now;
    world.run(31_499);
    expect(client.times(start)).toEqual([0, 500, 1500, 3500, 7500, 15_500]);
    expect(client.events).toEqual([]);
    world.run(1);
    expect(client.log).toEqual(['DISCONNECT 0']);
    expect(states(client.host)).toEqual([]);
    world.run(5000, 10);
    expect(client.sent.length).toBe(6);
    // Only the sentTime differs.
    expect(new Set(client.hex.map((text) => text.slice(8))).size).toBe(1);
  });
});

describe('4.4 CONNECT', () => {
  test.each([
    ['FF/FF', 'FF/FF', '0/0', '0/0'],
    ['0/0', 'FF/FF', '1/1', '1/1'],
    ['FF/FF', '0/0', '1/1', '1/1'],
    ['1/1', '2/2', '3/3', '3/3'],
    ['3/0', '0/1', '0/1', '1/0'],
    ['2/2', '3/3', '0/0', '0/0'],
    ['0/3', '1/0', '1/0', '0/1'],
  ])(
    '4.4.6 sessions: client %s, server %s -> client %s, server %s',
    (client, server, clientAfter, serverAfter) => {
      const [inSession = 0, outSession = 0] = client.split('/').map((text) => Number.parseInt(text, 16));
      const world = new HostWorld();
      const node = world.add({ peerCount: 1 });
      // Whatever the slot holds was left by earlier connections: find CONNECTs that leave it so.
      for (const [a, b] of sessionPath(server)) {
        node.feed(connect({ inSession: a, outSession: b, connectId: 1 }), stranger);
        node.service();
        for (const peer of node.host.peers()) peer.reset();
      }
      node.clear();
      node.feed(connect({ inSession, outSession }), stranger);
      node.service();
      const sent = fieldsOf(node.hex[0]);
      expect(`${sent.inSession}/${sent.outSession}`).toBe(clientAfter);
      const header = Number.parseInt(node.hex[0]?.slice(0, 4) ?? '', 16);
      // The server sends what the client expects, and the other way round.
      expect(`${sent.outSession}/${(header >> 12) & 3}`).toBe(serverAfter);
    },
  );

  test('4.4 with a real peer id it is an error', () => {
    const { server, client } = connected();
    server.feed(connect({ connectId: 9 }).replace('8fff', '8000'), client.address);
    server.service();
    expect(server.host.dropCount('NO_PEER_FOR_COMMAND')).toBe(1);
    expect(states(server.host)).toEqual([PeerState.CONNECTED]);
  });

  test.each([0, 256, 0xffffffff])('4.4.1 a channel count of %d is dropped', (channels) => {
    const { server } = serverThatGot({ channels });
    expect(server.sent).toEqual([]);
    expect(server.host.dropCount('BAD_CONNECT')).toBe(1);
  });

  test('4.4.2 the same port and connectID: dropped; the same port with another connectID: a second slot', () => {
    const { server } = serverThatGot({});
    server.feed(connect(), stranger);
    server.service();
    expect(server.host.dropCount('DUPLICATE_CONNECT')).toBe(1);
    expect(server.sent.length).toBe(1);
    server.feed(connect({ connectId: 2 }), stranger);
    server.service();
    expect(states(server.host)).toEqual([2, 2]);
  });

  test('4.4.2 a host can connect to itself', () => {
    const world = new HostWorld();
    const node = world.add();
    node.host.connect(node.address, 1, 3);
    world.settle();
    expect(node.log).toEqual(['CONNECT 0', 'CONNECT 3']);
  });

  test('4.4.3 no free slot: no answer', () => {
    const { server } = serverThatGot({}, { peerCount: 1 });
    server.clear();
    server.feed(connect({ connectId: 2 }), { ip: '10.9.9.8', port: 1 });
    server.service();
    expect(server.sent).toEqual([]);
    expect(server.host.dropCount('HOST_FULL')).toBe(1);
  });

  test('4.4.3 more than the limit per address: dropped, from elsewhere accepted', () => {
    const { server } = serverThatGot({}, { maxPeersPerAddress: 2, peerCount: 9 });
    for (const connectId of [2, 3]) server.feed(connect({ connectId }), { ip: stranger.ip, port: connectId });
    server.feed(connect(), { ip: '10.8.8.8', port: 9 });
    server.service();
    expect(states(server.host)).toEqual([2, 2, 2]);
    expect(server.host.dropCount('TOO_MANY_FROM_ADDRESS')).toBe(1);
  });

  test('4.4.3 the limits per address count IPv6 by /64', () => {
    const node = new HostWorld().add({ peerCount: 9, maxPeersPerAddress: 2 });
    const from = (ip: string): Address => ({ ip, port: 9 });
    const ips = ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::3', '2001:db8:0:1::1', '10.0.0.9'];
    for (const [id, ip] of ips.entries()) {
      node.feed(connectDatagram(id), from(ip));
      node.service();
    }
    expect([...node.host.peers()].map(({ address }) => address.ip)).toEqual([
      '2001:db8::1',
      '2001:db8::2',
      '2001:db8:0:1::1',
      '10.0.0.9',
    ]);
    expect(node.host.dropCount('TOO_MANY_FROM_ADDRESS')).toBe(1);
    const halfOpen = new HostWorld().add({ peerCount: 9, maxHalfOpenPerAddress: 1 });
    for (const [id, ip] of ips.entries()) {
      halfOpen.feed(connectDatagram(id), from(ip));
      halfOpen.service();
    }
    expect(halfOpen.host.dropCount('TOO_MANY_HALF_OPEN')).toBe(2);
  });

  test('4.4.4 channels: the smaller of both', () => {
    const { server } = serverThatGot({ channels: 9 }, { channelLimit: 4 });
    expect(fieldsOf(server.hex[0]).channels).toBe(4);
    expect([...server.host.peers()][0]?.channelCount).toBe(4);
  });

  test.each([
    [0, 1392, 576],
    [576, 1392, 576],
    [1000, 1392, 1000],
    [1400, 1392, 1392],
    [4096, 4096, 4096],
    [0xffffffff, 4096, 4096],
    [1400, 100, 576],
  ])('4.4.7 a client MTU of %d at a host of %d gives %d', (mtu, mtuBytes, result) => {
    const { server } = serverThatGot({ mtu }, { mtuBytes });
    expect(fieldsOf(server.hex[0]).mtu).toBe(result);
    const [peer] = server.host.peers();
    expect([peer?.mtuBytes, peer?.connectMtuBytes]).toEqual([result, mtu]);
    peer?.reset();
    expect(peer?.connectMtuBytes).toBe(0);
  });

  test.each([
    [0, 0, 65_536],
    [131_072, 0, 8192],
    [0, 131_072, 8192],
    [196_608, 131_072, 8192],
    [131_072, 196_608, 8192],
    [1, 0, 4096],
  ])('4.4.8 own outgoing %d, remote incoming %d: window %d', (outgoingBandwidth, inBandwidth, window) => {
    const { server } = serverThatGot({ inBandwidth }, { outgoingBandwidth });
    expect([...server.host.peers()][0]?.windowSizeBytes).toBe(window);
  });

  test.each([
    [0, 65_536, 65_536],
    [0, 10, 4096],
    [0, 100_000, 65_536],
    [131_072, 65_536, 8192],
    [131_072, 5000, 5000],
    [1, 65_536, 4096],
  ])('4.4.9 own incoming %d, offered window %d: granted %d', (incomingBandwidth, window, granted) => {
    const { server } = serverThatGot({ window }, { incomingBandwidth });
    expect(fieldsOf(server.hex[0]).window).toBe(granted);
  });

  test('4.4.10 throttle values and connectID are echoed as they came; W16 they are stored within bounds', () => {
    const values = { interval: 0, acceleration: 0xffffffff, deceleration: 99, connectId: 0xfedcba98 };
    const { server } = serverThatGot(values);
    expect(fieldsOf(server.hex[0])).toMatchObject(values);
    const [peer] = [...server.host.peers()];
    expect([peer?.throttleIntervalMs, peer?.throttleAcceleration, peer?.throttleDeceleration]).toEqual([
      1, 32, 32,
    ]);
  });

  test('4.4 VERIFY_CONNECT at 0, 500, 1500, 3500, 7500, 15500 ms; freed at 31,500 ms, no event', () => {
    const world = new HostWorld();
    const server = world.add();
    const start = world.now;
    for (const ms of [0, 500, 1500, 3500, 7500, 15_500]) {
      world.run(start + ms - world.now);
      // The client does not hear the answers and asks again: W8 allows an answer to each.
      server.feed(connect(), stranger);
      server.service();
    }
    expect(server.times(start)).toEqual([0, 500, 1500, 3500, 7500, 15_500]);
    world.run(31_499 - 15_500);
    expect(states(server.host)).toEqual([PeerState.ACKNOWLEDGING_CONNECT]);
    world.run(1);
    expect(states(server.host)).toEqual([]);
    expect(server.events).toEqual([]);
  });

  test('4.4 admit sees address and data of a CONNECT that all limits allow; refusing costs no slot and no answer', () => {
    const seen: unknown[] = [];
    const admit = (from: { ip: string }, data: number): boolean => {
      seen.push([from.ip, data]);
      return data === 7;
    };
    const { server } = serverThatGot(
      { data: 0xffff_ffff },
      { admit, peerCount: 1, maxHalfOpenPerAddress: 1 },
    );
    expect(server.sent).toEqual([]);
    expect(states(server.host)).toEqual([]);
    expect(server.host.dropCount('NOT_ADMITTED')).toBe(1);
    server.feed(connect({ data: 7 }), stranger);
    server.service();
    expect(states(server.host)).toEqual([PeerState.ACKNOWLEDGING_CONNECT]);
    // A repeated CONNECT, and one that a limit refuses, are none of its business.
    server.feed(connect({ data: 7 }), stranger);
    server.feed(connect({ data: 7, connectId: 9 }), stranger);
    server.service();
    expect(seen).toEqual([
      [stranger.ip, 0xffff_ffff],
      [stranger.ip, 7],
    ]);
  });

  test('4.4 admit can put its decision off: decideConnect goes on with the attempt, which is not counted again', () => {
    const waiting: { readonly connectId: number; readonly datagram: Uint8Array }[] = [];
    const { server } = serverThatGot(
      { connectId: 5 },
      {
        admit: (_from, _data, { connectId, datagram }) => {
          waiting.push({ connectId, datagram: new Uint8Array(datagram) });
          return undefined;
        },
      },
    );
    expect([waiting.map(({ connectId }) => connectId), server.sent, states(server.host)]).toEqual([
      [5],
      [],
      [],
    ]);
    expect([server.host.totalDrops, server.host.statistics.totalReceivedPackets]).toEqual([0, 1]);
    const datagram = waiting[0]?.datagram ?? new Uint8Array(0);
    server.host.decideConnect(datagram, stranger, false);
    server.service();
    expect([server.host.dropCount('NOT_ADMITTED'), states(server.host)]).toEqual([1, []]);
    server.host.decideConnect(datagram, stranger, true);
    expect(server.host.nextWakeup(2000)).toBe(0);
    server.service();
    expect(states(server.host)).toEqual([PeerState.ACKNOWLEDGING_CONNECT]);
    expect(server.host.statistics.totalReceivedPackets).toBe(1);
    // Nobody was asked again, and the next attempt is a new question.
    expect(waiting).toHaveLength(1);
    server.feed(connect({ connectId: 6 }), stranger);
    server.service();
    expect(waiting).toHaveLength(2);
  });

  test('W14 a remote id of 0xFFF or more is refused', () => {
    for (const remoteId of [0xfff, 0x1000, 0xffff]) {
      expect(serverThatGot({ remoteId }).server.sent).toEqual([]);
    }
    expect(serverThatGot({ remoteId: 0xffe }).server.hex[0]?.slice(0, 4)).toBe('8ffe');
  });

  test('W9 limits on unfinished handshakes: per address, and in all', () => {
    const { server } = serverThatGot({}, { maxHalfOpenPerAddress: 1, maxHalfOpen: 2, peerCount: 9 });
    server.feed(connect({ connectId: 2 }), stranger);
    server.feed(connect(), { ip: '10.8.8.8', port: 9 });
    server.feed(connect(), { ip: '10.8.8.7', port: 9 });
    server.service();
    expect(states(server.host)).toEqual([2, 2]);
    expect(server.host.dropCount('TOO_MANY_HALF_OPEN')).toBe(2);
  });

  test('W9 an address with more unfinished handshakes than the newcomer gives the oldest up after a quarter of the grace time', () => {
    const { world, server } = serverThatGot({}, { peerCount: 3, halfOpenGraceMs: 1000 });
    const from = (connectId: number, ip: string): string[] => {
      server.feed(connect({ connectId }), { ip, port: 9 });
      server.service();
      return [...server.host.peers()].map((peer) => peer.address.ip).sort();
    };
    from(2, stranger.ip);
    from(3, stranger.ip);
    world.run(249);
    expect(from(4, '10.8.8.8')).not.toContain('10.8.8.8');
    world.run(1);
    expect(from(5, '10.8.8.8')).toEqual(['10.8.8.8', stranger.ip, stranger.ip].sort());
    // One more than the newcomer would have is no crowd; the same address does not push itself out.
    expect(from(6, '10.8.8.8')).toHaveLength(3);
    expect(from(7, stranger.ip).filter((ip) => ip === stranger.ip)).toHaveLength(2);
    expect(server.host.dropCount('HOST_FULL')).toBe(3);
    // The grace time itself counts for everybody.
    world.run(750);
    expect(from(8, '10.8.8.7')).toContain('10.8.8.7');
  });
});

describe('4.5 VERIFY_CONNECT', () => {
  function clientThatGot(
    fields: ConnectFields,
    options: Partial<HostOptions> = {},
  ): { world: HostWorld; client: ReturnType<HostWorld['add']> } {
    const world = new HostWorld();
    const client = world.add(options);
    client.host.connect(stranger, 2, 0);
    client.service();
    client.clear();
    client.feed(verify(fields), stranger);
    client.service();
    return { world, client };
  }

  test('4.5.1 in another state it is ignored, but acknowledged', () => {
    const { client } = clientThatGot({});
    expect(client.log).toEqual(['CONNECT 0']);
    client.clear();
    client.feed(verify(), stranger);
    client.service();
    expect(client.events).toEqual([]);
    expect(client.hex).toEqual(['000501ff000100011234']);
  });

  test.each([
    ['channel count 0', { channels: 0 }],
    ['channel count 256', { channels: 256 }],
    ['another throttle interval', { interval: 5001 }],
    ['another acceleration', { acceleration: 3 }],
    ['another deceleration', { deceleration: 0 }],
  ])('4.5.2 %s: DISCONNECT event with data 0, no acknowledgement', (_what, fields) => {
    const { client } = clientThatGot(fields);
    expect(client.log).toEqual(['DISCONNECT 0']);
    expect(client.sent).toEqual([]);
    expect(states(client.host)).toEqual([]);
  });

  test('4.5.2 a VERIFY_CONNECT with another connectID is not for this attempt, which goes on', () => {
    const { client } = clientThatGot({ connectId: 1 });
    expect(client.events).toEqual([]);
    expect(client.host.dropCount(DropReason.BAD_CONNECT)).toBe(1);
    client.feed(verify(), stranger);
    client.service();
    expect(client.log).toEqual(['CONNECT 0']);
  });

  test('1.4 a client that reconnects at once is not ended by the old connection', () => {
    const { world, server, client, toClient } = connected();
    toClient.disconnect(9, world.now);
    server.service();
    const old = server.sent.at(-1);
    world.run(100);
    expect(client.log.at(-1)).toBe('DISCONNECT 9');
    client.clear();
    client.host.connect(server.address, 2, 0);
    client.service();
    if (old !== undefined) client.feed(old.bytes, server.address);
    client.service();
    expect(client.host.dropCount(DropReason.WRONG_SESSION)).toBe(1);
    world.run(100);
    expect(client.log).toEqual(['CONNECT 0']);
  });

  test('4.5.3 the CONNECT is not sent again, also when it waited for that', () => {
    const world = new HostWorld();
    const client = world.add();
    client.host.connect(stranger, 2, 0);
    client.service();
    world.skip(500);
    client.service();
    client.clear();
    client.feed(verify(), stranger);
    client.service();
    world.run(3000, 10);
    expect(client.hex.filter((text) => text.includes('82ff0001'))).toEqual([]);
  });

  test('4.5.4 channels can be lowered, not raised', () => {
    expect(clientThatGot({ channels: 1 }).client.events[0]?.peer.channelCount).toBe(1);
    expect(clientThatGot({ channels: 200 }).client.events[0]?.peer.channelCount).toBe(2);
  });

  test('4.5.5 remote id and sessions go into the header', () => {
    const { client } = clientThatGot({ remoteId: 0x123, inSession: 3, outSession: 2 });
    expect(client.hex[0]?.slice(0, 4)).toBe('a123');
    client.feed('3000 01ff000200021234', stranger);
    client.feed('0000 01ff000200021234', stranger);
    client.service();
    expect(client.host.dropCount('WRONG_SESSION')).toBe(1);
  });

  test.each([[{ remoteId: 0xfff }], [{ remoteId: 0xffff }], [{ inSession: 4 }], [{ outSession: 255 }]])(
    '4.5.5 W14 %j is refused, and the handshake goes on',
    (fields) => {
      const { client } = clientThatGot(fields);
      expect(client.events).toEqual([]);
      expect(states(client.host)).toEqual([PeerState.CONNECTING]);
      client.feed(verify(), stranger);
      client.service();
      expect(client.log).toEqual(['CONNECT 0']);
    },
  );

  test.each([
    [576, 4096, 576, 4096],
    [0, 0, 576, 4096],
    [9000, 99_999, 1392, 65_536],
    [1000, 8192, 1000, 8192],
  ])('4.5.6 MTU %d and window %d become %d and %d', (mtu, window, mtuResult, windowResult) => {
    const peer = clientThatGot({ mtu, window }).client.events[0]?.peer;
    expect(peer?.connectMtuBytes).toBe(0);
    expect([peer?.mtuBytes, peer?.windowSizeBytes]).toEqual([mtuResult, windowResult]);
  });

  test('4.5.6 the window is not raised above the own one; the bandwidths are stored', () => {
    const { client } = clientThatGot({ inBandwidth: 5, outBandwidth: 6 }, { outgoingBandwidth: 131_072 });
    const peer = client.events[0]?.peer;
    expect(peer?.windowSizeBytes).toBe(8192);
    expect([peer?.remoteIncomingBandwidth, peer?.remoteOutgoingBandwidth]).toEqual([5, 6]);
  });

  test('4.5 the round-trip time stays 500 ms until the first acknowledgement', () => {
    const { world, client } = clientThatGot({});
    const peer = client.events[0]?.peer;
    expect(peer?.rttMs).toBe(500);
    world.skip(30);
    client.feed(`0000 01ff0002 0002${be(world.now - 30, 2)}`, stranger);
    client.service();
    expect([peer?.rttMs, peer?.rttVarianceMs]).toEqual([30, 15]);
  });
});

describe('4.6 and 4.7', () => {
  test('4.6 the server reports CONNECT with the user data after the acknowledgement of VERIFY_CONNECT', () => {
    const { world, server } = serverThatGot({ data: 0xfffffffe });
    expect(server.events).toEqual([]);
    server.feed(`0000 01ff0001 0001${be(world.now, 2)}`, stranger);
    server.service();
    expect(server.log).toEqual(['CONNECT 4294967294']);
  });

  test('4.6 later commands of the same datagram are processed in state CONNECTED', () => {
    const { world, server } = serverThatGot({});
    server.feed(`8000ffff 01ff0001 0001${be(world.now, 2)} 86000001 0001 41`, stranger);
    server.service();
    expect(server.log).toEqual(['CONNECT 0', 'RECEIVE 0 1 A']);
  });

  test('4.6 any other acknowledgement in that state stops the datagram', () => {
    const { world, server } = serverThatGot({});
    server.feed(`0000 01ff0002 0002${be(world.now, 2)} 01ff0001 0001${be(world.now, 2)}`, stranger);
    server.service();
    expect(server.events).toEqual([]);
  });

  test('W7 an acknowledgement that echoes a time at which nothing was sent proves nothing', () => {
    const { world, server } = serverThatGot({});
    server.feed(`0000 01ff0001 0001${be(world.now - 1, 2)}`, stranger);
    server.service();
    expect(server.events).toEqual([]);
    expect(states(server.host)).toEqual([PeerState.ACKNOWLEDGING_CONNECT]);
  });

  test('4.7 disconnecting while CONNECTING sends one 44 DISCONNECT to peer FFF and is silent', () => {
    const world = new HostWorld();
    const client = world.add();
    const peer = client.host.connect(stranger, 1, 0);
    client.service();
    client.clear();
    peer?.disconnect(3, world.now);
    client.drain();
    expect(client.hex).toEqual(['0fff44ff000200000003']);
    world.run(40_000, 100);
    expect(client.events).toEqual([]);
    expect(client.sent.length).toBe(1);
  });

  test('4.7 the channel limit affects later connections only', () => {
    const { world, server, toClient } = connected({ channels: 9 });
    server.host.setChannelLimit(3);
    expect(toClient.channelCount).toBe(9);
    const late = world.add({ random32: () => 5 });
    const peer = late.host.connect(server.address, 9, 0);
    world.settle();
    expect(peer?.channelCount).toBe(3);
    for (const limit of [0, 256, -1]) {
      server.host.setChannelLimit(limit);
      expect(server.host.channelLimit).toBe(255);
    }
  });
});

describe('4.8 state and incoming command', () => {
  const commands: Record<string, string> = {
    ack: '01ff7777 7777 0000',
    verify: `83ff0001${body({ remoteId: 5, inSession: 0, outSession: 0 })}`,
    disconnect: '84ff0009 00000021',
    ping: '85ff0009',
    bandwidth: '8aff0009 00000000 00000000',
    throttle: '8bff0009 00001388 00000002 00000002',
    reliable: '86000001 0001 41',
    unreliable: '07000000 0001 0001 42',
    unsequenced: '49000000 0001 0001 43',
    fragment: '88000001 0001 0001 00000002 00000000 00000002 00000000 44',
    unreliableFragment: '0c000000 0001 0001 00000002 00000000 00000002 00000000 45',
  };
  const DATA = ['reliable', 'unreliable', 'unsequenced', 'fragment', 'unreliableFragment'];
  const CONTROL = ['ping', 'bandwidth', 'throttle'];

  /** Brings the peer of slot 0 into a state. The remote is a stranger with slot 0 and session 0. */
  function inState(state: number): { world: HostWorld; node: ReturnType<HostWorld['add']> } {
    const world = new HostWorld();
    const node = world.add();
    const isClient = state === PeerState.CONNECTING;
    if (isClient) node.host.connect(stranger, 2, 0);
    else node.feed(connect(), stranger);
    node.service();
    if (state >= PeerState.CONNECTED) {
      node.feed(`0000 01ff0001 0001${be(world.now, 2)}`, stranger);
      node.service();
    }
    const peer = node.host.peer(0);
    if (state === PeerState.DISCONNECT_LATER) {
      peer?.send(0, new Packet(bytes('x'), PacketFlag.RELIABLE));
      peer?.disconnectLater(4, world.now);
    } else if (state === PeerState.DISCONNECTING) {
      peer?.disconnect(4, world.now);
    } else if (state === PeerState.ACKNOWLEDGING_DISCONNECT) {
      // The acknowledgement is queued by the same datagram that the command under test follows.
    }
    node.service();
    node.clear();
    return { world, node };
  }

  /** Feeds a command and, behind it, a PING; tells what came of it. */
  function outcome(state: number, name: string): string {
    const { node } = inState(state);
    const before = node.host.peer(0)?.state;
    expect(before).toBe(state === PeerState.ACKNOWLEDGING_DISCONNECT ? PeerState.CONNECTED : state);
    const prefix = state === PeerState.ACKNOWLEDGING_DISCONNECT ? commands['disconnect'] : '';
    const aborts = node.host.dropCount('WRONG_STATE') + node.host.dropCount('BAD_ACKNOWLEDGE');
    node.feed(`80005555${prefix}${commands[name]}`, stranger);
    node.service();
    const acks = node.hex.map((text) => (text.match(/01(ff|00)....(....)5555/g) ?? []).length);
    const count = acks.reduce((sum, value) => sum + value, 0);
    const isDropped = node.host.dropCount('WRONG_STATE') + node.host.dropCount('BAD_ACKNOWLEDGE') > aborts;
    return `${node.log.join('+') || '-'} acks=${count}${isDropped ? ' refused' : ''}`;
  }

  const table: [number, string, string][] = [
    [PeerState.CONNECTING, 'ack', '- acks=0 refused'],
    [PeerState.CONNECTING, 'verify', 'CONNECT 0 acks=1'],
    [PeerState.CONNECTING, 'disconnect', 'DISCONNECT 33 acks=0'],
    [PeerState.ACKNOWLEDGING_CONNECT, 'ack', '- acks=0 refused'],
    [PeerState.ACKNOWLEDGING_CONNECT, 'verify', '- acks=0'],
    [PeerState.ACKNOWLEDGING_CONNECT, 'disconnect', '- acks=0'],
    [PeerState.CONNECTED, 'ack', '- acks=0 refused'],
    [PeerState.CONNECTED, 'verify', '- acks=1'],
    [PeerState.CONNECTED, 'disconnect', 'DISCONNECT 33 acks=1'],
    [PeerState.CONNECTED, 'reliable', 'RECEIVE 0 1 A acks=1'],
    [PeerState.CONNECTED, 'unreliable', 'RECEIVE 0 0 B acks=0'],
    [PeerState.CONNECTED, 'unsequenced', 'RECEIVE 0 2 C acks=0'],
    [PeerState.CONNECTED, 'fragment', '- acks=1'],
    [PeerState.CONNECTED, 'unreliableFragment', '- acks=0'],
    ...CONTROL.map((name): [number, string, string] => [PeerState.CONNECTED, name, '- acks=1']),
    [PeerState.DISCONNECT_LATER, 'ack', '- acks=0 refused'],
    [PeerState.DISCONNECT_LATER, 'verify', '- acks=1'],
    [PeerState.DISCONNECT_LATER, 'disconnect', 'DISCONNECT 33 acks=1'],
    [PeerState.DISCONNECT_LATER, 'reliable', '- acks=1'],
    [PeerState.DISCONNECT_LATER, 'unreliable', '- acks=0'],
    [PeerState.DISCONNECT_LATER, 'unsequenced', '- acks=0'],
    [PeerState.DISCONNECT_LATER, 'fragment', '- acks=0'],
    [PeerState.DISCONNECT_LATER, 'unreliableFragment', '- acks=0'],
    ...CONTROL.map((name): [number, string, string] => [PeerState.DISCONNECT_LATER, name, '- acks=1']),
    [PeerState.DISCONNECTING, 'ack', '- acks=0 refused'],
    [PeerState.DISCONNECTING, 'verify', '- acks=0'],
    [PeerState.DISCONNECTING, 'disconnect', 'DISCONNECT 33 acks=0'],
    [PeerState.ACKNOWLEDGING_DISCONNECT, 'ack', 'DISCONNECT 33 acks=1 refused'],
    [PeerState.ACKNOWLEDGING_DISCONNECT, 'verify', 'DISCONNECT 33 acks=1'],
    [PeerState.ACKNOWLEDGING_DISCONNECT, 'disconnect', 'DISCONNECT 33 acks=2'],
    ...[...CONTROL, ...DATA].flatMap((name): [number, string, string][] => [
      [PeerState.CONNECTING, name, '- acks=0 refused'],
      [PeerState.ACKNOWLEDGING_CONNECT, name, '- acks=0 refused'],
      [PeerState.DISCONNECTING, name, '- acks=0 refused'],
      [PeerState.ACKNOWLEDGING_DISCONNECT, name, 'DISCONNECT 33 acks=1 refused'],
    ]),
  ];
  test.each(table)('4.8 state %d, %s: %s', (state, name, expected) => {
    expect(outcome(state, name)).toBe(expected);
  });

  test('4.8 DISCONNECTED: the datagram is dropped', () => {
    const node = new HostWorld().add();
    for (const text of Object.values(commands)) node.feed(`80005555${text}`, stranger);
    node.service();
    expect(node.host.dropCount('UNKNOWN_PEER')).toBe(Object.keys(commands).length);
    expect(node.sent).toEqual([]);
  });

  test('4.8 DISCONNECT_LATER: a fragment that extends an existing assembly is stored and acknowledged', () => {
    const { server, client, toClient, world } = connected();
    const piece = (number: number): string =>
      `8000777788${be(0, 1)}${be(1 + number, 2)}0001 0001 00000003${be(number, 4)}00000003${be(number, 4)}44`;
    server.feed(piece(0), client.address);
    toClient.send(1, new Packet(bytes('x'), PacketFlag.RELIABLE));
    server.service();
    toClient.disconnectLater(1, world.now);
    server.clear();
    server.feed(piece(1), client.address);
    server.service();
    expect(server.hex.join()).toContain('010000020002' + '7777');
  });
});

/** CONNECTs (announced in/out) that leave a fresh slot with the given numbers. */
function sessionPath(wanted: string): [number, number][] {
  if (wanted === 'FF/FF') return [];
  const [wantedIn = 0, wantedOut = 0] = wanted.split('/').map(Number);
  // A fresh slot takes what was announced, plus one.
  return [[(wantedOut + 3) & 3, (wantedIn + 3) & 3]];
}
