/** enet-protocol 5: sending, one test per clause. */
import { describe, expect, test } from 'vitest';
import { parseDatagram } from '../../src/enet/commands.ts';
import { crc32, type HostOptions, Packet, PacketFlag, PeerState } from '../../src/enet.ts';
import { be, bytes, connected, HostWorld, type Node } from './harness.ts';

const { RELIABLE, UNSEQUENCED, UNRELIABLE_FRAGMENT, NONE } = PacketFlag;
const packet = (length: number, flags: number): Packet => new Packet(new Uint8Array(length), flags);

/** Command numbers of the datagrams that a node sent, e.g. `[['6', '6'], ['1']]`; only for commands of known size. */
function commandNumbers(node: Node): number[] {
  return node.sent.map(({ bytes: datagram }) => (datagram[(datagram[0] ?? 0) & 0x80 ? 4 : 2] ?? 0) & 15);
}

/** A server peer made by hand, so that nothing but the test acts as the remote. */
function byHand(options: Partial<HostOptions> = {}): {
  world: HostWorld;
  node: Node;
  peer: ReturnType<Node['host']['peer']> & object;
  acknowledge: (channel: number, seq: number, echo?: number) => void;
} {
  const remote = { ip: '10.9.9.9', port: 9 };
  const world = new HostWorld();
  const node = world.add(options);
  const peer = node.host.connect(remote, 255, 0);
  if (peer === undefined) throw new Error('no slot');
  node.service();
  node.feed(
    `80001234 83ff0001 0005 00 00 ${be(node.host.mtuBytes, 4)} 00010000 000000ff 00000000 00000000 00001388 00000002 00000002 44332211`,
    remote,
  );
  node.service();
  const acknowledge = (channel: number, seq: number, echo = world.now): void => {
    node.feed(`0000 01${be(channel, 1)}${be(seq, 2)}${be(seq, 2)}${be(echo, 2)}`, remote);
    node.service();
  };
  acknowledge(0xff, 2);
  node.clear();
  return { world, node, peer, acknowledge };
}

describe('5.1 accepting a packet', () => {
  test('5.1 refused: not connected, no such channel, too long; length 0 is allowed', () => {
    const { client, toServer } = connected({ client: { maxPacketSizeBytes: 1000 } });
    expect(toServer.send(2, packet(1, RELIABLE))).toBe(false);
    expect(toServer.send(0, packet(1001, RELIABLE))).toBe(false);
    expect(toServer.outgoingBytes).toBe(0);
    expect(toServer.send(1, packet(1000, RELIABLE))).toBe(true);
    expect(toServer.send(1, packet(0, RELIABLE))).toBe(true);
    toServer.disconnectLater(0, client.world.now);
    expect(toServer.send(1, packet(1, RELIABLE))).toBe(false);
    toServer.reset();
    expect(toServer.send(0, packet(1, RELIABLE))).toBe(false);
  });

  test.each([
    [1392, undefined, 1364],
    [1392, crc32, 1360],
    [1400, undefined, 1372],
    [1400, crc32, 1368],
    [576, undefined, 548],
    [576, crc32, 544],
  ])('5.1 MTU %d: the border between one command and fragments', (mtuBytes, checksum, fragmentSize) => {
    const rows: [number, number, number, number][] = [
      [fragmentSize, UNSEQUENCED, 9, 1],
      [fragmentSize, UNSEQUENCED | UNRELIABLE_FRAGMENT, 9, 1],
      [fragmentSize, UNSEQUENCED | RELIABLE, 6, 1],
      [fragmentSize, RELIABLE, 6, 1],
      [fragmentSize, NONE, 7, 1],
      [fragmentSize, UNRELIABLE_FRAGMENT, 7, 1],
      [fragmentSize + 1, UNRELIABLE_FRAGMENT, 12, 2],
      [fragmentSize + 1, UNRELIABLE_FRAGMENT | UNSEQUENCED, 12, 2],
      [fragmentSize + 1, UNRELIABLE_FRAGMENT | RELIABLE, 8, 2],
      [fragmentSize + 1, NONE, 8, 2],
      [fragmentSize + 1, UNSEQUENCED, 8, 2],
      [fragmentSize + 1, RELIABLE, 8, 2],
      [2 * fragmentSize, RELIABLE, 8, 2],
      [2 * fragmentSize + 1, RELIABLE, 8, 3],
    ];
    for (const [length, flags, number, count] of rows) {
      const { client, server, toServer, world } = connected({
        client: { mtuBytes, checksum },
        server: { mtuBytes, checksum },
      });
      toServer.send(0, packet(length, flags));
      client.service();
      const offset = checksum === undefined ? 0 : 4;
      const numbers = client.sent.map(({ bytes: d }) => (d[((d[0] ?? 0) & 0x80 ? 4 : 2) + offset] ?? 0) & 15);
      expect(numbers, `${length} ${flags}`).toEqual(new Array(count).fill(number));
      if (number === 6) expect(client.sent[0]?.bytes.length).toBe(mtuBytes - 18);
      if (number === 8) expect(client.sent[0]?.bytes.length).toBe(mtuBytes);
      world.settle();
      expect(server.events[0]?.bytes.length).toBe(length);
    }
  });

  test('5.1 the 65,536th unreliable packet in a row is sent reliably, and the count begins again', () => {
    const { client, server, toServer } = connected();
    for (let i = 1; i <= 65_537; i++) {
      toServer.send(0, packet(0, NONE));
      if (i % 4096 === 0 || i > 65_530) client.service();
    }
    expect(client.hex.at(-3)).toBe('0000' + '07000000ffff0000');
    expect(client.hex.at(-2)?.slice(8)).toBe('860000010000');
    expect(client.hex.at(-1)).toBe('0000' + '0700000100010000');
    client.world.settle();
    server.service();
    expect(server.events.length).toBe(65_537);
  });

  test('5.1 after 65,535 unreliable packets unreliable fragments become reliable ones', () => {
    const { client, toServer } = connected();
    for (let i = 1; i <= 65_535; i++) {
      toServer.send(0, packet(0, NONE));
      if (i % 8192 === 0) client.service();
    }
    client.service();
    client.clear();
    toServer.send(0, packet(2000, UNRELIABLE_FRAGMENT));
    client.service();
    expect(commandNumbers(client)).toEqual([8, 8]);
  });

  test('12.2 G no more than the limit of outgoing bytes is queued', () => {
    const { client, toServer } = connected({ client: { maxOutgoingBytes: 1000 } });
    expect(toServer.send(0, packet(900, RELIABLE))).toBe(true);
    expect(toServer.send(0, packet(900, RELIABLE))).toBe(false);
    client.world.settle();
    expect(toServer.send(0, packet(900, RELIABLE))).toBe(true);
  });
});

describe('5.2 sequence numbers', () => {
  test('5.2 reliable numbers wrap at 65,536', () => {
    const { world, client, server, toServer } = connected();
    for (let i = 0; i < 70; i++) {
      for (let k = 0; k < 1000; k++) toServer.send(0, new Packet(bytes(`${i * 1000 + k}`), RELIABLE));
      world.run(40, 5);
    }
    world.run(2000, 10);
    expect(server.texts).toEqual(Array.from({ length: 70_000 }, (_, i) => `${i}`));
    client.clear();
    toServer.send(0, packet(0, RELIABLE));
    client.service();
    expect(client.hex[0]?.slice(8)).toBe(`8600${be(70_001, 2)}0000`);
  });

  test('5.2 unsequenced groups are of the peer, begin with 1 and wrap', () => {
    const { world, client, server, toServer } = connected();
    for (let i = 0; i < 70_000; i++) {
      toServer.send(i & 1, packet(0, UNSEQUENCED));
      if (i % 512 === 511) world.step();
    }
    world.settle();
    expect(client.hex[0]?.slice(0, 36)).toBe('0000' + '4900000000010000' + '4901000000020000');
    expect(server.events.length).toBe(70_000);
    client.clear();
    toServer.send(0, packet(0, UNSEQUENCED));
    client.service();
    expect(client.hex[0]).toBe(`000049000000${be(70_001, 2)}0000`);
  });

  test('5.2 control numbers wrap, and 0 is not skipped', () => {
    const { world, client, toServer } = connected();
    for (let i = 0; i < 65_600; i++) {
      toServer.ping();
      if (i % 1000 === 999) world.settle();
    }
    world.settle();
    expect(client.hex.join('')).toContain('85ffffff85ff0000');
    expect(toServer.outgoingBytes).toBe(0);
  });

  test('5.2 a reliable command sets the unreliable number back; all fragments share one', () => {
    const { client, toServer } = connected();
    toServer.send(0, packet(1, NONE));
    toServer.send(0, packet(1, NONE));
    toServer.send(0, packet(1, RELIABLE));
    toServer.send(0, packet(2000, UNRELIABLE_FRAGMENT));
    toServer.send(0, packet(1, NONE));
    client.service();
    expect(client.hex[0]?.slice(8)).toBe(
      `07000000 0001 0001 00 07000000 0002 0001 00 86000001 0001 00`.replaceAll(' ', ''),
    );
    expect(client.hex.slice(1).map((text) => text.slice(4, 16))).toEqual(['0c0000010001', '0c0000010001']);
    expect(client.hex.at(-1)?.slice(-18)).toBe('070000010002000100');
  });
});

describe('5.3 and 5.4: the datagram', () => {
  test('5.3 acknowledgements first, then commands in queue order, then PING', () => {
    const world = new HostWorld();
    const server = world.add();
    const client = world.add();
    client.host.connect(server.address, 2, 0);
    client.service();
    world.deliver();
    server.service();
    world.deliver();
    client.clear();
    // The CONNECT event ends the receive phase, so the acknowledgement waits for the flush (8.1).
    const peer = client.host.service(world.now)?.peer;
    peer?.send(1, packet(0, UNSEQUENCED));
    peer?.send(1, packet(0, NONE));
    client.flush();
    const names = parseDatagram(client.sent[0]?.bytes ?? new Uint8Array(0))?.commands.map(({ name }) => name);
    expect(names).toEqual(['ACKNOWLEDGE', 'SEND_UNSEQUENCED', 'SEND_UNRELIABLE', 'PING']);
    expect(client.sent.length).toBe(1);
  });

  test('5.4 32 commands per datagram, acknowledgements included; the rest follows at once', () => {
    const { client, server, toServer, toClient } = connected();
    for (let i = 0; i < 40; i++) toServer.send(0, packet(0, RELIABLE));
    client.service();
    expect(client.sent.map(({ bytes: d }) => d.length)).toEqual([4 + 32 * 6, 4 + 8 * 6]);
    for (let i = 0; i < 40; i++) toClient.send(0, packet(0, NONE));
    server.clear();
    client.world.deliver();
    server.service();
    // The first send phase comes before the receive phase.
    const lengths = [2 + 32 * 8, 2 + 8 * 8, 2 + 32 * 8, 2 + 8 * 8];
    expect(server.sent.map(({ bytes: d }) => d.length)).toEqual(lengths);
  });

  test('1.3 a datagram has a sentTime only with a command that wants an acknowledgement', () => {
    const { client, toServer } = connected();
    toServer.send(0, packet(0, NONE));
    toServer.send(0, packet(0, UNSEQUENCED));
    client.flush();
    toServer.send(0, packet(0, NONE));
    toServer.send(0, packet(0, RELIABLE));
    client.flush();
    expect(client.hex.map((text) => text.slice(0, 1))).toEqual(['0', '8']);
  });

  test('1.5 datagrams are packed up to the MTU, with the checksum up to 4 bytes more', () => {
    for (const [checksum, longest] of [
      [undefined, 1392],
      [crc32, 1396],
    ] as const) {
      const { client, toServer } = connected({ client: { checksum }, server: { checksum } });
      for (let i = 0; i < 200; i++) toServer.send(0, packet(100, RELIABLE));
      for (const length of [692, 684, 676, 688, 680, 1360]) {
        toServer.send(0, packet(length, RELIABLE));
        toServer.send(0, packet(1376 - length, RELIABLE));
      }
      toServer.send(0, packet(5000, RELIABLE));
      client.service();
      expect(Math.max(...client.sent.map(({ bytes: d }) => d.length))).toBe(longest);
    }
  });
});

describe('5.5 limits in flight', () => {
  test('5.5 A1 8191 commands in flight; other channels are held back, unreliable ones are not', () => {
    const { node, peer } = byHand();
    for (let i = 0; i < 9000; i++) peer.send(0, packet(0, RELIABLE));
    peer.send(1, packet(0, RELIABLE));
    peer.send(1, packet(3, NONE));
    node.flush();
    const joined = node.hex.map((text) => text.slice(text.startsWith('8') ? 8 : 4)).join('');
    expect(joined.match(/8600....0000/g)?.length).toBe(8191);
    expect(joined).not.toContain('860100010000');
    expect(joined).toContain('07010001' + '00010003000000');
  });

  test('5.5 A1 one acknowledgement of the previous window opens the next', () => {
    const { node, peer, acknowledge } = byHand();
    for (let i = 0; i < 9000; i++) peer.send(0, packet(0, RELIABLE));
    node.flush();
    node.clear();
    acknowledge(0, 1);
    expect(node.sent).toEqual([]);
    acknowledge(0, 4096);
    const joined = node.hex.map((text) => text.slice(8)).join('');
    expect(joined.startsWith('860020000000')).toBe(true);
    expect(joined.match(/8600....0000/g)?.length).toBe(9000 - 8191);
  });

  test('5.5 A1 with number 1 unacknowledged the seventh window does not start; acknowledged, it does', () => {
    const { node, peer, acknowledge, world } = byHand();
    peer.setPingInterval(1_000_000);
    let sent = 0;
    const acknowledgeAll = (from: number, to: number): void => {
      for (let first = from; first <= to; first += 30) {
        let text = '0000';
        for (let seq = first; seq < first + 30 && seq <= to; seq++) {
          text += `0100${be(seq, 2)}${be(seq, 2)}${be(world.now, 2)}`;
        }
        node.feed(text, peer.address);
      }
      node.service();
    };
    for (let window = 0; window < 7; window++) {
      const next = Math.min(sent + 4096, 28_671);
      while (sent < next) {
        peer.send(0, packet(0, RELIABLE));
        sent++;
      }
      node.flush();
      acknowledgeAll(window === 0 ? 2 : window * 4096 + 1, next);
    }
    expect(sent).toBe(28_671);
    expect(peer.outgoingBytes).toBe(64);
    node.clear();
    peer.send(0, packet(0, RELIABLE));
    node.flush();
    expect(node.sent).toEqual([]);
    acknowledge(0, 1);
    expect(node.hex.map((text) => text.slice(8))).toEqual(['860070000000']);
  });

  test('5.5 A2 50 packets of 1300 bytes with a window of 65,536', () => {
    const { node, peer, acknowledge } = byHand();
    for (let i = 0; i < 60; i++) peer.send(0, packet(1300, RELIABLE));
    peer.send(0, packet(0, NONE));
    node.flush();
    expect(node.sent.length).toBe(50);
    expect(peer.reliableBytesInTransit).toBe(65_000);
    acknowledge(0, 7);
    expect(peer.reliableBytesInTransit).toBe(65_000);
    expect(node.sent.length).toBe(51);
  });

  test('5.5 B a command that does not fit begins the next datagram', () => {
    const { node, peer } = byHand();
    peer.send(0, packet(1300, RELIABLE));
    peer.send(0, packet(1300, RELIABLE));
    peer.send(0, packet(60, RELIABLE));
    node.flush();
    expect(node.sent.map(({ bytes: d }) => d.length)).toEqual([1310, 1310 + 66]);
  });
});

describe('5.6 the throttle', () => {
  /** Brings the throttle of a peer to a value through the limit of 6.12. */
  function throttled(value: number): ReturnType<typeof byHand> {
    const made = byHand();
    const { peer, world, node } = made;
    peer.setPingInterval(1_000_000);
    peer.setTimeout(0x7fffffff, 1_000_000, 1_000_000);
    world.skip(1000);
    node.service();
    // 32,000 bytes queued, of which the host may send `value` parts of 32.
    for (let i = 0; i < 23; i++) peer.send(1, packet(1364, UNSEQUENCED));
    peer.send(1, packet(436, UNSEQUENCED));
    node.host.setBandwidthLimit(0, value * 1000 + 500);
    world.skip(1000);
    node.service();
    node.clear();
    return made;
  }

  test.each([
    [0, 10],
    [1, 20],
    [8, 90],
    [16, 170],
    [31, 320],
    [32, 320],
  ])('5.6 throttle %d lets %d of 320 pass', (value, passed) => {
    const { node, peer } = throttled(value);
    expect(peer.throttle).toBe(value);
    const outgoing = peer.outgoingBytes;
    for (let i = 0; i < 320; i++) {
      peer.send(0, packet(1, i % 2 === 0 ? NONE : UNSEQUENCED));
    }
    node.flush();
    expect(node.sent.flatMap(({ bytes: d }) => parseDatagram(d)?.commands ?? []).length).toBe(passed);
    expect(peer.outgoingBytes).toBe(outgoing);
  });

  test('5.6 a discarded fragmented packet goes as a whole, its neighbours stay', () => {
    const { node, peer } = throttled(16);
    for (let i = 0; i < 64; i++) peer.send(0, packet(3000, UNRELIABLE_FRAGMENT));
    node.flush();
    const fragments = node.hex.filter((text) => text.slice(4, 6) === '0c');
    const bySequence = new Map<string, number>();
    for (const text of fragments) {
      const start = text.slice(12, 16);
      bySequence.set(start, (bySequence.get(start) ?? 0) + 1);
    }
    expect([...bySequence.values()].every((count) => count === 3)).toBe(true);
    expect(bySequence.size).toBe(34);
  });
});

describe('5.8 PING', () => {
  test('5.8 an idle connection has one PING per direction every 500 ms after the last acknowledgement', () => {
    const { world, client, server } = connected();
    world.run(5000);
    expect(client.hex.filter((text) => text.includes('85ff')).length).toBe(10);
    expect(server.hex.filter((text) => text.includes('85ff')).length).toBe(10);
  });

  test('5.8 unreliable traffic of the remote does not postpone it, an acknowledgement does', () => {
    const { world, client, toServer, toClient } = connected();
    const countPings = (): number => client.hex.filter((text) => text.includes('85ff')).length;
    for (let i = 0; i < 50; i++) {
      toClient.send(0, packet(1, NONE));
      world.run(100);
    }
    expect(countPings()).toBe(10);
    client.clear();
    for (let i = 0; i < 50; i++) {
      toServer.send(0, packet(1, RELIABLE));
      world.run(100);
    }
    expect(countPings()).toBeLessThanOrEqual(1);
  });

  test('5.8 the interval can be set', () => {
    const { world, client, toServer } = connected();
    toServer.setPingInterval(100);
    world.run(2000);
    expect(client.hex.filter((text) => text.includes('85ff')).length).toBe(20);
  });
});

describe('5.9 timeouts', () => {
  test('5.9 RTT 17, variance 9: sent at 0, 53, 159, 371, 795, 1643, 3339 ms, given up at 6731 ms', () => {
    const fresh = new HostWorld();
    const client = fresh.add();
    const remote = { ip: '10.9.9.9', port: 9 };
    const other = client.host.connect(remote, 1, 0);
    client.service();
    client.feed(
      '80001234 83ff0001 0005 00 00 00000570 00010000 000000ff 00000000 00000000 00001388 00000002 00000002 44332211',
      remote,
    );
    client.service();
    const echo = fresh.now;
    fresh.skip(17);
    client.feed(`0000 01ff0002 0002${be(echo, 2)}`, remote);
    client.service();
    expect([other?.rttMs, other?.rttVarianceMs]).toEqual([17, 9]);
    client.clear();
    other?.setPingInterval(100_000);
    other?.send(0, new Packet(bytes('x'), RELIABLE));
    client.service();
    const start = fresh.now;
    fresh.run(6730);
    const resent = client.sent
      .filter(({ hex: text }) => text.includes('86000001000178'))
      .map(({ at }) => at - start);
    expect(resent).toEqual([0, 53, 159, 371, 795, 1643, 3339]);
    expect(client.log).toEqual([]);
    fresh.run(1);
    expect(client.log).toEqual(['DISCONNECT 0']);
  });

  test('5.9 step 2: the maximum ends it also when the limit is never met', () => {
    const { world, client, toServer } = connected();
    client.path = () => ({ copies: 0 });
    toServer.setTimeout(0x7fffffff, 5000, 8000);
    toServer.send(0, packet(1, RELIABLE));
    const start = world.now;
    while (client.events.length === 0 && world.now - start < 60_000) world.run(1);
    expect(world.now - start).toBeGreaterThanOrEqual(8000);
    expect(world.now - start).toBeLessThan(17_000);
  });

  test('5.9 every acknowledgement begins the silence anew', () => {
    const { world, node, peer, acknowledge } = byHand();
    peer.setPingInterval(1_000_000);
    peer.setTimeout(1, 5000, 5000);
    expect(peer.rttMs + 4 * peer.rttVarianceMs).toBe(5);
    peer.send(0, packet(1, RELIABLE));
    node.flush();
    // Sent at 0, 5, 15 ... 2555 ms; the next timeouts are at 5115 and 10,235 ms.
    world.run(4000);
    peer.send(1, packet(1, RELIABLE));
    node.flush();
    acknowledge(1, 1);
    world.run(6234);
    expect(node.events).toEqual([]);
    world.run(1);
    expect(node.log).toEqual(['DISCONNECT 0']);
  });

  test('5.9 step 3: several commands go back in order, ahead of what is queued', () => {
    const { world, client, server, toServer } = connected();
    client.path = () => ({ copies: 0 });
    for (const text of ['a', 'b', 'c']) toServer.send(0, new Packet(bytes(text), RELIABLE));
    client.flush();
    world.skip(600);
    toServer.send(0, new Packet(bytes('d'), RELIABLE));
    client.path = undefined;
    client.clear();
    client.service();
    const joined = client.hex.join('');
    expect(joined.indexOf('61')).toBeLessThan(joined.indexOf('64'));
    world.settle();
    expect(server.texts).toEqual(['a', 'b', 'c', 'd']);
  });

  test('5.9 a retransmission is the same byte for byte, but the sentTime is new and is the one echoed', () => {
    const { world, client, server, toServer } = connected();
    client.path = () => ({ copies: 0 });
    toServer.send(0, packet(2000, RELIABLE));
    client.service();
    const first = client.hex;
    client.path = undefined;
    world.skip(600);
    client.clear();
    client.service();
    const again = client.hex.filter((text) => text.slice(8, 10) === '88');
    expect(again.map((text) => text.slice(8, 200))).toEqual(first.map((text) => text.slice(8, 200)));
    expect(again[0]?.slice(4, 8)).toBe(be(world.now, 2));
    world.deliver();
    server.service();
    expect(server.hex.join('')).toContain(`010000010001${be(world.now, 2)}`);
  });
});

describe('5.10 loss statistics', () => {
  test('5.10 after 10 s: loss = lost / sent of reliable commands, smoothed by 8', () => {
    const { world, client, toServer } = connected();
    client.path = (_sent, index) => ({ copies: index % 5 === 0 ? 0 : 1 });
    for (let i = 0; i < 300; i++) {
      toServer.send(0, packet(1, RELIABLE));
      world.run(100, 5);
    }
    expect(toServer.packetLoss).toBeGreaterThan(65_536 / 40);
    expect(toServer.packetLoss).toBeLessThan(65_536 / 4);
    expect(toServer.packetLossVariance).toBeGreaterThan(0);
    expect(world.now - toServer.packetLossEpoch).toBeLessThanOrEqual(11_000);
  });

  test('5.10 exact: 1 of 2 lost in the first period gives (0 * 7 + 32,768) / 8', () => {
    const { world, node, peer, acknowledge } = byHand();
    peer.setPingInterval(1_000_000);
    const epoch = peer.packetLossEpoch;
    expect(epoch).toBeGreaterThan(0);
    // The handshake has sent CONNECT, PING: 2 commands. Two more, one of which is sent twice, make 5 with 1 lost.
    peer.send(0, packet(1, RELIABLE));
    node.flush();
    acknowledge(0, 1);
    peer.send(0, packet(1, RELIABLE));
    node.flush();
    world.skip(peer.rttMs + 4 * peer.rttVarianceMs);
    node.service();
    acknowledge(0, 2);
    world.skip(10_000);
    peer.send(0, packet(1, NONE));
    node.flush();
    const loss = Math.floor(65_536 / 6);
    expect(peer.packetLoss).toBe(Math.floor(loss / 8));
    expect(peer.packetLossVariance).toBe(Math.floor(loss / 4));
    expect(peer.packetLossEpoch).toBe(world.now);
  });
});

describe('5.11 very large packets', () => {
  test('5.11 more than 24,576 reliable fragments are refused', () => {
    const { toServer } = connected({ client: { mtuBytes: 576 }, server: { mtuBytes: 576 } });
    expect(toServer.send(0, packet(24_576 * 548 + 1, RELIABLE))).toBe(false);
    expect(toServer.outgoingBytes).toBe(0);
    expect(toServer.send(0, packet(24_576 * 548, RELIABLE))).toBe(true);
  });

  test('5.11 a packet of 24,576 fragments arrives, wherever it starts in a window', () => {
    const { world, server, toServer } = connected({ client: { mtuBytes: 576 }, server: { mtuBytes: 576 } });
    for (let i = 0; i < 4000; i++) toServer.send(0, packet(0, RELIABLE));
    const big = new Uint8Array(24_576 * 548).fill(7);
    big[big.length - 1] = 9;
    toServer.send(0, new Packet(big, RELIABLE));
    for (let i = 0; i < 20_000 && server.events.length < 4001; i++) world.run(2, 2);
    const last = server.events.at(-1)?.bytes;
    expect(last?.length).toBe(big.length);
    expect([last?.[0], last?.at(-1)]).toEqual([7, 9]);
    expect(toServer.state).toBe(PeerState.CONNECTED);
  });
});
