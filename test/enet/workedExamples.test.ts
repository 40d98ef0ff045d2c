/** enet-protocol 13: every worked example, built byte for byte by a host and understood by one. */
import { describe, expect, test } from 'vitest';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import { crc32, type HostOptions, Packet, PacketFlag, type Peer, PeerState } from '../../src/enet.ts';
import { bytes, HostWorld, hex, type Node } from './harness.ts';

const strip = (text: string): string => text.replaceAll(/\s/g, '');

const CONNECT =
  '82ff0001 0000ffff 00000578 00010000 00000002 00000000 00000000 00001388 00000002 00000002 44332211 00000007';
const VERIFY =
  '83ff0001 00000000 00000578 00010000 00000002 00000000 00000000 00001388 00000002 00000002 44332211';

/** A client and a server at the time of 13.1, with MTU 1400. */
function start(options: Partial<HostOptions> = {}): {
  world: HostWorld;
  server: Node;
  client: Node;
  peer: Peer;
} {
  const world = new HostWorld(1_000_005);
  const server = world.add({ mtuBytes: 1400, ...options });
  const client = world.add({ mtuBytes: 1400, peerCount: 1, ...options });
  const peer = client.host.connect(server.address, 2, 7);
  if (peer === undefined) throw new Error('no slot');
  return { world, server, client, peer };
}

function at(world: HostWorld, now: number, ...nodes: Node[]): void {
  world.skip(now - world.now);
  for (const node of nodes) {
    world.deliver();
    node.service();
  }
}

/** The handshake of 13.1 to 13.3; afterwards the records are empty. */
function shakeHands(options: Partial<HostOptions> = {}): ReturnType<typeof start> & { remote: Peer } {
  const all = start(options);
  const { world, server, client } = all;
  at(world, 1_000_005, client);
  at(world, 1_000_010, server);
  at(world, 1_000_025, client);
  at(world, 1_000_030, server);
  at(world, 1_000_030, client);
  const remote = server.events[0]?.peer;
  if (remote === undefined) throw new Error('not connected');
  client.clear();
  server.clear();
  return { ...all, remote };
}

describe('13.1 to 13.3: the handshake', () => {
  test('13.1 CONNECT', () => {
    const { client } = start();
    client.service();
    expect(client.hex).toEqual([strip(`8fff4245 ${CONNECT}`)]);
  });

  test('13.2 VERIFY_CONNECT', () => {
    const world = new HostWorld(1_000_010);
    const server = world.add({ mtuBytes: 1400 });
    server.feed(`8fff4245 ${CONNECT}`, { ip: '10.9.9.9', port: 9 });
    server.service();
    expect(server.hex).toEqual([strip(`8000424a ${VERIFY}`)]);
    expect(server.events).toEqual([]);
  });

  test('13.3 ACKNOWLEDGE and PING, and the answer to the PING', () => {
    const { world, server, client } = start();
    at(world, 1_000_005, client);
    at(world, 1_000_010, server);
    at(world, 1_000_025, client);
    expect(client.log).toEqual(['CONNECT 0']);
    expect(client.hex[1]).toBe('8000425901ff00010001424a85ff0002');
    at(world, 1_000_030, server);
    expect(server.log).toEqual(['CONNECT 7']);
    expect(server.hex[1]).toBe(strip('0000 01ff0002 00024259'));
  });
});

describe('13.4 to 13.9: packets and settings', () => {
  test('13.4 SEND_RELIABLE and its acknowledgement', () => {
    const { world, server, client, peer } = shakeHands();
    peer.send(0, new Packet(bytes('hello'), PacketFlag.RELIABLE));
    at(world, 1_000_035, client, server);
    expect(client.hex).toEqual([strip('80004263 86000001 0005 68656c6c6f')]);
    expect(server.log).toEqual(['RECEIVE 0 1 hello']);
    expect(server.hex).toEqual([strip('0000 01000001 00014263')]);
    at(world, 1_000_036, client);
    expect(peer.reliableBytesInTransit).toBe(0);
  });

  test('13.5 SEND_UNRELIABLE and SEND_UNSEQUENCED', () => {
    const { world, server, client, peer } = shakeHands();
    peer.send(1, new Packet(bytes('unrel'), PacketFlag.NONE));
    at(world, 1_000_035, client, server);
    peer.send(1, new Packet(bytes('unseq'), PacketFlag.UNSEQUENCED));
    at(world, 1_000_036, client, server);
    expect(client.hex).toEqual([
      strip('0000 07010000 0001 0005 756e72656c'),
      strip('0000 49010000 0001 0005 756e736571'),
    ]);
    expect(server.log).toEqual(['RECEIVE 1 0 unrel', 'RECEIVE 1 2 unseq']);
    expect(server.hex).toEqual([]);
  });

  /** 13.4 and 13.5 as the capture had them, so that the later numbers agree. */
  function afterThree(): ReturnType<typeof shakeHands> {
    const all = shakeHands();
    const { world, server, client, peer } = all;
    peer.send(0, new Packet(bytes('hello'), PacketFlag.RELIABLE));
    peer.send(1, new Packet(bytes('unrel'), PacketFlag.NONE));
    peer.send(1, new Packet(bytes('unseq'), PacketFlag.UNSEQUENCED));
    at(world, 1_000_060, client, server, client);
    server.clear();
    client.clear();
    return all;
  }

  test('13.6 three commands in one datagram', () => {
    const { world, server, client, peer } = afterThree();
    peer.send(0, new Packet(bytes('r2'), PacketFlag.RELIABLE));
    peer.send(1, new Packet(bytes('u2'), PacketFlag.NONE));
    peer.send(1, new Packet(bytes('q2'), PacketFlag.UNSEQUENCED));
    at(world, 1_000_070, client, server);
    expect(client.hex).toEqual([
      strip('80004286 86000002 0002 7232 07010000 0002 0002 7532 49010000 0002 0002 7132'),
    ]);
    expect(server.log).toEqual(['RECEIVE 0 1 r2', 'RECEIVE 1 0 u2', 'RECEIVE 1 2 q2']);
    expect(server.hex).toEqual([strip('0000 01000002 00024286')]);
  });

  test('13.7 SEND_FRAGMENT', () => {
    const { world, server, client, peer } = afterThree();
    peer.send(0, new Packet(bytes('r2'), PacketFlag.RELIABLE));
    at(world, 1_000_070, client, server, client);
    client.clear();
    server.clear();
    const payload = Uint8Array.from({ length: 3000 }, (_, i) => (7 * i) & 0xff);
    peer.send(0, new Packet(payload, PacketFlag.RELIABLE));
    at(world, 1_000_085, client, server);
    expect(client.sent.map((sent) => sent.bytes.length)).toEqual([1400, 1400, 284]);
    const heads = client.hex.map((text) => text.slice(0, 56));
    expect(heads).toEqual([
      strip('80004295 88000003 0003 055c 00000003 00000000 00000bb8 00000000'),
      strip('80004295 88000004 0003 055c 00000003 00000001 00000bb8 0000055c'),
      strip('80004295 88000005 0003 0100 00000003 00000002 00000bb8 00000ab8'),
    ]);
    expect(client.hex[0]?.slice(56, 64)).toBe('00070e15');
    expect(client.hex[1]?.slice(56, 62)).toBe('848b92');
    expect(client.hex[2]?.slice(56, 62)).toBe('080f16');
    expect(server.events[0]?.bytes).toEqual(payload);
    expect(server.events[0]?.flags).toBe(PacketFlag.RELIABLE);
    expect(server.hex).toEqual([strip('0000 01000003 00034295 01000004 00044295 01000005 00054295')]);
  });

  test('13.8 SEND_UNRELIABLE_FRAGMENT', () => {
    const { world, server, client, peer } = afterThree();
    peer.send(1, new Packet(bytes('u2'), PacketFlag.NONE));
    at(world, 1_000_070, client, server);
    client.clear();
    server.clear();
    const payload = Uint8Array.from({ length: 2000 }, (_, i) => (7 * i) & 0xff);
    peer.send(1, new Packet(payload, PacketFlag.UNRELIABLE_FRAGMENT));
    at(world, 1_000_090, client, server);
    expect(client.sent.map((sent) => sent.bytes.length)).toEqual([1398, 654]);
    expect(client.hex[1]?.slice(0, 52)).toBe(
      strip('0000 0c010000 0003 0274 00000002 00000001 000007d0 0000055c'),
    );
    expect(server.events[0]?.bytes).toEqual(payload);
    expect(server.events[0]?.flags).toBe(PacketFlag.UNRELIABLE_FRAGMENT);
    expect(server.hex).toEqual([]);
  });

  test('13.9 THROTTLE_CONFIGURE', () => {
    const { world, server, client, peer, remote } = shakeHands();
    peer.throttleConfigure(4000, 3, 1);
    at(world, 1_000_135, client, server);
    expect(client.hex).toEqual([strip('800042c7 8bff0003 00000fa0 00000003 00000001')]);
    expect([remote.throttleIntervalMs, remote.throttleAcceleration, remote.throttleDeceleration]).toEqual([
      4000, 3, 1,
    ]);
  });

  test('13.9 BANDWIDTH_LIMIT', () => {
    const { world, server, client, remote } = shakeHands();
    remote.ping();
    at(world, 1_000_600, server, client, server);
    server.clear();
    at(world, 1_001_260, server);
    expect(server.hex).toEqual([strip('8000472c 8aff0003 00000000 00000000')]);
    client.clear();
    at(world, 1_001_261, client);
    // 8.1: the first send phase comes before the receive phase, so the acknowledgement is in the second datagram.
    expect(client.hex[1]).toBe('000001ff00030003472c');
  });
});

describe('13.10 and 13.11: the end, and the second connection', () => {
  test('13.10 DISCONNECT and its acknowledgement', () => {
    const { world, server, client, peer } = shakeHands();
    for (let i = 0; i < 3; i++) peer.ping();
    at(world, 1_000_040, client, server, client);
    client.clear();
    server.clear();
    peer.disconnect(99, world.now);
    // The bandwidth limit that is due by now must not disturb the picture.
    world.skip(1_001_280 - world.now);
    client.flush();
    expect(client.hex).toEqual([strip('80004740 84ff0006 00000063')]);
    world.deliver();
    server.service();
    // The first datagram is the bandwidth limit that was due.
    expect(server.hex[1]).toBe(strip('0000 01ff0006 00064740'));
    expect(server.log).toEqual(['DISCONNECT 99']);
    world.deliver();
    client.service();
    expect(client.log).toEqual(['DISCONNECT 0']);
  });

  test('13.11 the second connection in the same slots, and 13.10 disconnectNow on it', () => {
    const { world, server, client, peer } = shakeHands();
    peer.disconnect(1, world.now);
    at(world, 1_001_290, client, server, client);
    expect(client.log).toEqual(['DISCONNECT 0']);
    expect(server.log).toEqual(['DISCONNECT 1']);
    client.clear();
    server.clear();
    world.skip(1_001_300 - world.now);
    const second = client.host.connect(server.address, 2, 7);
    expect(second).toBe(peer);
    client.flush();
    at(world, 1_001_305, server);
    at(world, 1_001_320, client);
    expect(client.hex[0]?.slice(0, 32)).toBe(strip('8fff4754 82ff0001 0000 00 00 00000578'));
    expect(server.hex[0]?.slice(0, 24)).toBe(strip('90004759 83ff0001 0000 01 01'));
    expect(client.hex[1]).toBe(strip('90004768 01ff0001 00014759 85ff0002'));
    at(world, 1_001_330, server);
    expect(server.log).toEqual(['CONNECT 7']);
    client.clear();
    server.clear();
    world.skip(1_001_335 - world.now);
    peer.disconnectNow(5, world.now);
    client.drain();
    // The PING in flight is dropped, none was acknowledged yet, so the flush adds another one (5.8).
    expect(client.hex).toEqual([strip('90004777 44ff0003 00000005 85ff0004')]);
    expect(peer.state).toBe(PeerState.DISCONNECTED);
    world.deliver();
    server.service();
    expect(server.log).toEqual(['DISCONNECT 5']);
  });

  test('13.10 disconnectNow without a PING', () => {
    const { world, server, client, peer } = shakeHands();
    for (const data of [1, 2]) {
      peer.disconnectNow(data, world.now);
      client.drain();
      world.settle();
      client.host.connect(server.address, 2, 7);
      world.settle();
    }
    client.clear();
    peer.disconnectNow(5, world.now);
    client.drain();
    expect(client.hex).toEqual([strip('2000 44ff0003 00000005')]);
  });
});

describe('13.12 to 13.15: checksum, range coder, versions', () => {
  test('13.12 with checksum', () => {
    const { world, server, client } = start({ checksum: crc32 });
    at(world, 1_000_005, client);
    at(world, 1_000_010, server);
    at(world, 1_000_025, client);
    at(world, 1_000_030, server);
    expect(client.hex[0]).toBe(strip(`8fff4245 ace3d086 ${CONNECT}`));
    expect(server.hex[0]).toBe(strip(`8000424a 4674a4ce ${VERIFY}`));
    expect(server.hex[1]).toBe(strip('0000 546554fd 01ff0002 00024259'));
    expect(server.log).toEqual(['CONNECT 7']);
    at(world, 1_000_031, client);
    expect(client.host.dropCounts().size).toBe(0);
  });

  test('13.13 with the range coder', () => {
    const { world, server, client, peer } = start({ compressor: createRangeCoder() });
    at(world, 1_000_005, client);
    at(world, 1_000_010, server);
    at(world, 1_000_025, client);
    expect(client.hex).toEqual([
      strip('cfff4245 837b88b1fdf1df576b999b36fcbb243e8a642656d33a62784b45eeaeaa27'),
      '8000425901ff00010001424a85ff0002',
    ]);
    expect(server.hex).toEqual([strip('c000424a 847a89b0fdf41c0b82b9f8e21ba291effe79e6b59d0f679b45')]);
    at(world, 1_000_030, server, client);
    expect(server.log).toEqual(['CONNECT 7']);
    for (let i = 0; i < 2; i++) peer.send(0, new Packet(new Uint8Array(1), PacketFlag.RELIABLE));
    at(world, 1_000_085, client, server, client);
    server.clear();
    peer.send(
      0,
      new Packet(
        Uint8Array.from({ length: 3000 }, (_, i) => (7 * i) & 0xff),
        PacketFlag.RELIABLE,
      ),
    );
    at(world, 1_000_085, client, server);
    expect(server.hex).toEqual([strip('4000 01fefe2896dfc35a19efc756629ddfb522be35')]);
    expect(server.events.at(-1)?.bytes.length).toBe(3000);
  });

  test('13.14 checksum and range coder together', () => {
    const { world, server, client } = start({ checksum: crc32, compressor: createRangeCoder() });
    at(world, 1_000_005, client);
    expect(client.hex).toEqual([
      strip('cfff4245 a4633c42 837b88b1fdf1df576b999b36fcbb243e8a642656d33a62784b45eeaeaa27'),
    ]);
    at(world, 1_000_010, server, client, server);
    expect(server.log).toEqual(['CONNECT 7']);
  });

  test('13.15 CONNECT of 1.3.18', () => {
    const world = new HostWorld(1_000_005);
    const client = world.add({ random32: () => 0x8ca20a53, peerCount: 1 });
    client.host.connect({ ip: '10.9.9.9', port: 9 }, 2, 7);
    client.service();
    expect(client.hex).toEqual([
      strip(
        '8fff4245 82ff0001 0000ffff 00000570 00010000 00000002 00000000 00000000 00001388 00000002 00000002 8ca20a53 00000007',
      ),
    ]);
  });

  test('13.15 CONNECT of a Godot client', () => {
    const world = new HostWorld(0x1234);
    const client = world.add({ random32: () => 0xcccccccc, peerCount: 1 });
    client.host.connect({ ip: '10.9.9.9', port: 9 }, 255, 0x2a3b4c5d);
    client.service();
    expect(client.hex).toEqual([
      strip(
        '8fff 1234 82ff0001 0000ffff 00000570 00010000 000000ff 00000000 00000000 00001388 00000002 00000002 cccccccc 2a3b4c5d',
      ),
    ]);
    const server = world.add();
    server.feed(hex(client.hex[0] ?? ''), client.address);
    server.service();
    expect([...server.host.peers()].map((peer) => [peer.channelCount, peer.mtuBytes])).toEqual([[255, 1392]]);
  });
});
